/**
 * The value of a rover's state: metres that keep it from every cell that harms it while it brakes to rest. Data flow: one tick of its wheels -> speed of the
 * faster wheel -> how far its middle goes on in each direction, from a grid of heading and speed (`braking-ways.ts`) -> the cells around.
 * Wherever a cell is cut off by a line that the rover does not reach, it is clear of it; the brake is the same for all cells, so V = min over cells of max
 * over lines of (gap - way on - radius). While it brakes the heading may turn as fast as the wheels ever turn it, either way.
 * Harm: contact of the chassis with blocks or the world's sides, and wheels without ground: a hole, a step down, water. Other bodies are not foreseen.
 * It stays upright: bodies whose castors would leave the ground are refused, and one that leans further than `LEAST_UPRIGHT` has the lowest value.
 */
import {
  type BatchState,
  decodeActions,
  isSolidCell,
  POSE,
  PROP_GRAVITY,
  ROVER_CASTORS,
  ROVER_GAIN,
  type ScenarioProgram,
  SUBSTEPS,
  solidViewOf,
  standingHeight,
  stickOf,
} from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, PROP_WORDS, type RoverBody, UsageError } from '@kinovox/world';
import { GRID_SLACK, solveTurningWay } from './braking-ways.js';
import { createChangingCells } from './changing-cells.js';
import type { StateValue } from './state-value.js';

/** Values end here. */
const CLEAR = 1;
/** Share of what motors and tyres hold that the brake counts on. */
const BRAKE_SHARE = 0.75;
/** Speed errors are taken back at this rate at least, 1/s, as far as the force reaches; at most by this share in a tick. */
const CREEP_RATE = 12;
const SHARE_PER_TICK = 1 - (1 - ROVER_GAIN) ** SUBSTEPS;
/** Turn rates reach this much over what the wheels are told. */
const TURN_SLACK = 1.1;
/** Metres that the model of a tick and sliding tyres are off by. Measured by `test/bench/safety/model-error.js`. */
const WAY_SLACK = 0.03 + GRID_SLACK;
/** Seconds for which a sideways speed lasts. */
const SLIDE_SECONDS = 0.15;
/** Ground beyond a wheel's place that it needs, metres. */
const WHEEL_ROOM = 0.05;
/** Upright share of the chassis' own upright, the cosine of 25 degrees: motors and brakes pitch bodies that are not refused by less. */
const LEAST_UPRIGHT = 0.906;
/** Directions tried around that of the nearest point of a cell, rad. */
const FAN = [0, 0.35, -0.35, 0.8, -0.8];
const TICK = 1 / 20;
/** m/s^2 below which a brake is none. */
const LEAST_BRAKE = 0.3;
const FULL_TURN = Math.PI / 12;

export function createRoverValue(program: ScenarioProgram, rover: RoverBody): StateValue {
  const { size, track, massKg, motorForce, grip, maxSpeed } = rover;
  const [width, height, length] = size;
  const maxTurn = (rover.maxTurnRateDeg * Math.PI) / 180;
  const halfTrack = track / 2;
  const force = Math.min(motorForce, (grip * massKg * PROP_GRAVITY) / 4);
  const inertia = (massKg * (width * width + length * length)) / 12;
  /** m/s^2 of a wheel when both motors push alike, and when its own does alone. */
  const both = (2 * force) / massKg;
  const alone = force / massKg + (force * halfTrack * halfTrack) / inertia;
  const deceleration = BRAKE_SHARE * Math.min(both, alone);
  if (deceleration < LEAST_BRAKE)
    throw new UsageError(
      'safety-bodies',
      `A safety filter must have rovers that brake with at least ${LEAST_BRAKE} m/s^2; got ${deceleration.toFixed(2)} in ${program.id}. Raise motorForce or grip, or use the mode "off".`,
    );
  const standing = standingHeight(rover);
  const castorArm = (ROVER_CASTORS * length) / 2;
  // Pushed at the ground, the chassis pitches. Equal springs give half their load to wheels in the middle, which hold nothing against it.
  const pitching = both * standing;
  const held = (PROP_GRAVITY * castorArm) / 2;
  if (pitching > held)
    throw new UsageError(
      'safety-bodies',
      `A safety filter must have rovers that do not tip over, with acceleration times height of the middle of at most ${held.toFixed(2)} m^2/s^2 for the places of their castors; got ${both.toFixed(2)} m/s^2 x ${standing.toFixed(2)} m in ${program.id}. Lower motorForce, grip, wheelRadius or suspensionLength, raise the length, or use the mode "off".`,
    );
  const mostChange = Math.max(both, alone, both + alone) * TICK;
  const leastChange = deceleration * TICK;
  const topSpeed = 1.2 * (maxSpeed + 0.2);
  const ways = solveTurningWay(deceleration, deceleration / CREEP_RATE, TURN_SLACK * maxTurn, topSpeed);
  /** Circles around the middle that hold the chassis, and the places of the wheels. */
  const bodyRadius = Math.hypot(width, length) / 2;
  const wheelRadius = Math.max(halfTrack, castorArm) + WHEEL_ROOM;
  const changing = createChangingCells(program);
  const [sizeX, sizeY, sizeZ] = program.size;
  const harm: StateValue['harm'] = { kind: 'none', ticks: 0 };
  let world: { state: BatchState; w: number; slot: number } | undefined;

  /** SI: place of the middle, direction of motion as an angle from +x towards +z, heading (yaw), speed along it, turn rate, speed sideways, upright share of the chassis' upright. */
  const at = { x: 0, y: 0, z: 0, yaw: 0, ahead: 0, turn: 0, slide: 0, upright: 1 };
  const words = new Int32Array(ACTION_WORDS);
  let shift = [0, 0];

  function read(): void {
    const { state, w, slot } = world!;
    const i = w * program.numAgents + slot;
    const vehicles = program.vehicles!;
    const pose = (w * program.numProps + vehicles.firstProp + vehicles.ofAgent[slot]) * PROP_WORDS;
    at.x = state.posX[i] / 65536 + shift[0];
    at.y = state.posY[i] / 65536;
    at.z = state.posZ[i] / 65536 + shift[1];
    at.yaw = (state.yaw[i] / 4294967296) * 2 * Math.PI;
    const [vx, vz] = [(state.velX[i] / 65536) * 20, (state.velZ[i] / 65536) * 20];
    at.ahead = -Math.sin(at.yaw) * vx - Math.cos(at.yaw) * vz;
    at.slide = Math.abs(Math.cos(at.yaw) * vx - Math.sin(at.yaw) * vz);
    const [qx, qz] = [state.prop[pose + POSE.qx] / 16384, state.prop[pose + POSE.qz] / 16384];
    at.upright = 1 - 2 * (qx * qx + qz * qz);
    at.turn = (state.prop[pose + POSE.wy] / 65536) * 20;
  }

  /** One tick: wheels follow the stick; a brake is counted on less than a drive. */
  function roll(row: Float32Array): void {
    // As the engine reads it: what is not finite is a stick at rest.
    decodeActions(row, words, 0, 1);
    const { forward, strafe, turn: stick, brake } = stickOf(words, 0);
    const wantedAhead = brake > 0 ? 0 : forward * maxSpeed;
    const wantedAside = brake > 0 ? 0 : clampUnit(stick - strafe) * maxTurn * halfTrack;
    const fastest = Math.abs(wantedAhead) + Math.abs(wantedAside);
    const cut = fastest > maxSpeed ? maxSpeed / fastest : 1;
    const left = wheelAfter(at.ahead - at.turn * halfTrack, (wantedAhead - wantedAside) * cut);
    const right = wheelAfter(at.ahead + at.turn * halfTrack, (wantedAhead + wantedAside) * cut);
    const ahead = (left + right) / 2;
    const turn = (right - left) / track;
    const middle = at.yaw + ((at.turn + turn) / 4) * TICK;
    const way = ((at.ahead + ahead) / 2) * TICK;
    at.x -= Math.sin(middle) * way;
    at.z -= Math.cos(middle) * way;
    at.yaw += ((at.turn + turn) / 2) * TICK;
    at.ahead = ahead;
    at.turn = turn;
  }

  /** Speed of a wheel after a tick, not less in size than what it may be. */
  function wheelAfter(speed: number, wanted: number): number {
    const error = SHARE_PER_TICK * (wanted - speed);
    const grows = Math.abs(wanted) > Math.abs(speed) && wanted * speed >= 0;
    const most = grows ? mostChange : leastChange;
    return speed + Math.max(-most, Math.min(most, error));
  }

  function measure(): number {
    harm.kind = 'none';
    const speed = Math.max(Math.abs(at.ahead - at.turn * halfTrack), Math.abs(at.ahead + at.turn * halfTrack));
    harm.ticks = 1 + Math.ceil((20 * speed) / deceleration);
    if (at.upright < LEAST_UPRIGHT) {
      harm.kind = 'tipped';
      return -CLEAR;
    }
    if (!(speed <= topSpeed && Number.isFinite(at.x + at.y + at.z + at.yaw + at.slide))) {
      harm.kind = 'speed';
      return -CLEAR;
    }
    const { state, w } = world!;
    const changes = changing(state, w);
    const view = solidViewOf({ program, state }, w, changes);
    const floor = Math.floor(at.y - standing + 0.3) - 1;
    const top = Math.floor(at.y + height / 2);
    /** Direction of motion as an angle from +x towards +z. */
    const course = Math.atan2(-Math.cos(at.yaw), -Math.sin(at.yaw)) + (at.ahead < 0 ? Math.PI : 0);
    const slack = WAY_SLACK + at.slide * SLIDE_SECONDS;
    const wayTo = (angle: number) => ways.at(angle - course, speed) + slack;
    const longest = wayTo(course);
    const reach = bodyRadius + longest + CLEAR;
    let least = CLEAR;

    /** The value before one cell, as far as it is below `least`; `radius` of what must keep clear of it. */
    function before(cx: number, cz: number, radius: number): number {
      const dx = Math.max(cx - at.x, 0, at.x - cx - 1);
      const dz = Math.max(cz - at.z, 0, at.z - cz - 1);
      if (Math.hypot(dx, dz) - longest - radius >= least) return least;
      const nearest =
        dx === 0 && dz === 0
          ? Math.atan2(cz + 0.5 - at.z, cx + 0.5 - at.x)
          : Math.atan2(Math.max(cz, Math.min(cz + 1, at.z)) - at.z, Math.max(cx, Math.min(cx + 1, at.x)) - at.x);
      let best = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < FAN.length + 4; k++) {
        const angle = k < FAN.length ? nearest + FAN[k] : ((k - FAN.length) * Math.PI) / 2;
        const [nx, nz] = [Math.cos(angle), Math.sin(angle)];
        const gap = (nx > 0 ? cx - at.x : cx + 1 - at.x) * nx + (nz > 0 ? cz - at.z : cz + 1 - at.z) * nz;
        if (gap - radius <= best) continue;
        best = Math.max(best, gap - radius - wayTo(angle));
      }
      return best;
    }

    for (let cz = Math.floor(at.z - reach); cz <= Math.floor(at.z + reach); cz++)
      for (let cx = Math.floor(at.x - reach); cx <= Math.floor(at.x + reach); cx++) {
        let blocked = false;
        for (let cy = floor + 1; cy <= top && !blocked; cy++) blocked = isSolidCell(view, cx, cy, cz);
        const isChanging = changes !== undefined && bitOf(changes, cx, floor, cz);
        const bare = !isSolidCell(view, cx, floor, cz) || isChanging;
        if (blocked) {
          const value = before(cx, cz, bodyRadius);
          if (value < least) {
            least = value;
            harm.kind = 'contact';
            for (let cy = floor + 1; cy <= top; cy++) if (changes !== undefined && bitOf(changes, cx, cy, cz)) harm.kind = 'appears';
          }
        }
        if (bare) {
          const value = before(cx, cz, wheelRadius);
          if (value < least) {
            least = value;
            harm.kind = isChanging ? 'blocks' : 'fall';
          }
        }
      }
    return Math.max(-CLEAR, least);
  }

  function bitOf(bits: Uint32Array, x: number, y: number, z: number): boolean {
    if (x < 0 || y < 0 || z < 0 || x >= sizeX || y >= sizeY || z >= sizeZ) return false;
    return (bits[(y * sizeZ + z) * program.rowWords + (x >> 5)] & (1 << (x & 31))) !== 0;
  }

  return {
    harm,
    box: { half: Math.min(width, length) / 2, below: Math.min(standing, height / 2), above: height / 2 },
    take(state, w, slot, shiftX = 0, shiftZ = 0) {
      world = { state, w, slot };
      shift = [shiftX / 65536, shiftZ / 65536];
    },
    valueAfter(action) {
      if (world === undefined) return Number.NaN;
      read();
      if (action !== undefined) roll(action);
      return measure();
    },
    brakeInto(out) {
      out[ACTION_WORD.forward] = 0;
      out[ACTION_WORD.strafe] = 0;
      out[ACTION_WORD.turn] = 0;
      out[ACTION_WORD.sneak] = 1;
    },
    tryInto(out, k) {
      if (k >= 9) return false;
      out[ACTION_WORD.forward] = (k % 3) - 1;
      out[ACTION_WORD.strafe] = 0;
      out[ACTION_WORD.turn] = (Math.floor(k / 3) - 1) * FULL_TURN;
      out[ACTION_WORD.sneak] = 0;
      return true;
    },
  };
}

function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
