/**
 * The value of a quadcopter's state: metres that keep it from every solid cell while it brakes to a hover. Data flow: one tick by the copter's own drive ->
 * lag of its attitude taken out -> how far it goes on along each axis, from grids (`braking-ways.ts`) -> the cells around.
 *
 * Stick to lean is a linear filter G(s) = 1 / (1 + T1 s + T2 s^2 + T3 s^3) in good approximation. For such a filter there are coordinates along each axis,
 * z = the speed that is left when the copter levels, y = T1 z + the intercept of the way it then goes, in which y' = z and z' = the acceleration asked for,
 * without any lag: a double integrator, whose value before a wall a grid of two axes holds. A solid cell is a box, and keeping clear of it along one
 * axis is enough, so V = min over cells of max over axes and sides of (gap - way on): all axes brake at once, so it holds for all cells together.
 * Sideways, brakes have what is left of the lean when the climb is braked too, and no more along one axis than along both.
 * Harm: any contact with blocks, the world's sides, floor, or top. Other bodies are not foreseen.
 * @source (predictors for input lag) Artstein, IEEE TAC 27 (1982); (axes apart) Chen et al., "Decomposition of reachable sets", IEEE TAC 63 (2018).
 */
import {
  type BatchState,
  CLIMB_GAIN,
  createCopterMotion,
  isSolidCell,
  PROP_GRAVITY,
  RATE_GAIN,
  type ScenarioProgram,
  signedDistanceAt,
  solidViewOf,
  TILT_GAIN,
} from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, type QuadcopterBody, UsageError } from '@kinovox/world';
import { GRID_SLACK, solveStraightWay } from './braking-ways.js';
import { createChangingCells } from './changing-cells.js';
import type { StateValue } from './state-value.js';

/** Values end here. */
const CLEAR = 1;
/** Most of gravity that the brake of the climb adds to or takes from the lift, and so from what a lean gives sideways. */
const CLIMB_SHARE = 0.3;
/** Speed left is braked at this rate, 1/s, as far as the lean reaches. */
const BRAKE_GAIN = 8;
/** m/s^2 of either axis that the model leaves out, beside what `CLIMB_SHARE` covers. */
const DISTURBANCE = 0.25;
/** Ticks of the brake that are rolled out by the copter's own drive: rotors at their limits while a lean turns round are no linear filter. */
const LEAD_TICKS = 8;
/** m/s up to which ways are known; faster states are unsafe. */
const MAX_SPEED = 10;
/** Metres: what the filter's oscillation and the last, gentle part of the brake add. Measured by `test/bench/safety/model-error.js`. */
const WAY_SLACK = 0.05 + GRID_SLACK;
/** Of a full stick in one tick, rad: 15 degrees. */
const FULL_TURN = Math.PI / 12;
/** Slowest lag of rotors, s, with which the attitude loop is damped well enough for the model. */
const MOST_LAG = 0.08;
/** Beyond these, rotors that are told to descend or to turn a lean round leave its attitude to itself for too long. Measured. */
const MOST_TILT_DEG = 30;
const MOST_CLIMB = 2.5;
/** Turning this fast, degrees per second, held sticks harmed none in closed loop; at 720 they did. */
const MOST_YAW_RATE_DEG = 360;

export function createCopterValue(program: ScenarioProgram, copter: QuadcopterBody, slot: number): StateValue {
  assertModel(program, copter, slot);
  const { motorLag, maxTiltDeg, maxClimb } = copter;
  const motion = createCopterMotion(program, slot);
  const changing = createChangingCells(program);
  const slope = Math.tan((maxTiltDeg * Math.PI) / 180);
  const t1 = 1 / TILT_GAIN;
  const t2 = 1 / (TILT_GAIN * RATE_GAIN);
  const t3 = motorLag * t2;
  /** Lean of a brake along one axis: both together are a full stick, however the copter is turned. */
  const axisLean = slope / Math.SQRT2;
  const sideways = solveStraightWay((1 - CLIMB_SHARE) * PROP_GRAVITY * axisLean, DISTURBANCE, MAX_SPEED);
  const upright = solveStraightWay(CLIMB_SHARE * PROP_GRAVITY, DISTURBANCE, MAX_SPEED);
  const [width, height, length] = copter.size;
  const lean = Math.atan(Math.SQRT2 * slope);
  const diagonal = Math.hypot(width, length) / 2;
  /** Half extents of a box that holds the chassis however it is turned, and as far as the stick leans it. */
  const halfLevel = Math.hypot(diagonal, height / 2);
  const halfUp = height / 2 + diagonal * Math.sin(lean);

  /** Per axis, the speed left when the copter levels, m/s. */
  const speed = new Float64Array(3);
  /** Per axis, ways on to its low and its high side, metres. */
  const ways = new Float64Array(6);
  /** Per axis, where the braking copter gets to, its own extent with it, metres. */
  const low = new Float64Array(3);
  const high = new Float64Array(3);
  const row = new Float32Array(ACTION_FIELDS);
  const harm: StateValue['harm'] = { kind: 'none', ticks: 0 };
  let world: { state: BatchState; w: number; slot: number; shiftX: number; shiftZ: number } | undefined;

  function take(): void {
    const { state, w, slot: a, shiftX, shiftZ } = world!;
    motion.take(state, w, a, shiftX / 65536, shiftZ / 65536);
  }

  /** Speeds left and ways on of the state that `motion` is in. @returns false when it is faster than the grids know. */
  function measureWays(): boolean {
    const { velocity, rise } = motion;
    const upSpeed = velocity[1] + motorLag * rise;
    speed[1] = upSpeed;
    const climbBrake = climbAcceleration(upSpeed);
    let isKnown = Math.abs(upSpeed) < MAX_SPEED;
    for (let k = 0; k < 2; k++) {
      const axis = 2 * k;
      const theta = motion.lean[k];
      const rate = motion.leanRate[k];
      // Integrals of the lean, and of time times the lean, until it is level.
      const left = t1 * theta + t2 * rate + t3 * motion.leanRateChange[k];
      const moment = t1 * left - t2 * theta - t3 * rate;
      // The lift that is not gravity's: what rotors still give, and what the brake of the climb will.
      const extra = theta * motorLag * (rise - climbBrake) + climbBrake * left;
      const z = velocity[axis] + PROP_GRAVITY * left;
      // What the lag still holds back of the way: it comes on top where it is on the other side.
      const held = PROP_GRAVITY * moment;
      speed[axis] = z + extra;
      for (const side of [-1, 1]) {
        // A brake of the climb that makes a lean count more is taken as lasting; one that makes it count less is not counted on.
        const towards = side * z + Math.max(0, side * extra);
        isKnown &&= towards < MAX_SPEED;
        ways[2 * axis + (side + 1) / 2] = sideways.at(towards) + t1 * Math.max(0, towards) + Math.max(0, -side * held) + WAY_SLACK;
      }
    }
    const lag = motorLag * motorLag * Math.abs(rise);
    ways[2] = upright.at(-upSpeed) + motorLag * Math.max(0, -upSpeed) + lag + WAY_SLACK;
    ways[3] = upright.at(upSpeed) + motorLag * Math.max(0, upSpeed) + lag + WAY_SLACK;
    return isKnown;
  }

  /** The lean along an axis that the brake asks for at this speed left. */
  function brakeLean(speedLeft: number): number {
    return Math.max(-axisLean, Math.min(axisLean, (-BRAKE_GAIN * speedLeft) / PROP_GRAVITY));
  }

  /** The vertical acceleration that the brake asks for at this speed left, m/s^2. */
  function climbAcceleration(upSpeed: number): number {
    return Math.max(-CLIMB_SHARE * PROP_GRAVITY, Math.min(CLIMB_SHARE * PROP_GRAVITY, -BRAKE_GAIN * upSpeed));
  }

  /** Half the height that the chassis takes as it leans now: a copter whose rotors are at their limits leans further than the stick asks. */
  function halfUpNow(): number {
    const square = motion.lean[0] * motion.lean[0] + motion.lean[1] * motion.lean[1];
    return (height / 2 + diagonal * Math.sqrt(square)) / Math.sqrt(1 + square);
  }

  /** The value where `motion` is, which then is some ticks of the brake further on. */
  function measure(): number {
    for (let axis = 0; axis < 3; axis++) low[axis] = high[axis] = motion.position[axis];
    let tallest = Math.max(halfUp, halfUpNow());
    for (let k = 0; k < LEAD_TICKS; k++) {
      writeBrake(row);
      motion.step(row);
      tallest = Math.max(tallest, halfUpNow());
      for (let axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], motion.position[axis]);
        high[axis] = Math.max(high[axis], motion.position[axis]);
      }
    }
    const isKnown = measureWays();
    for (let axis = 0; axis < 3; axis++) {
      const half = axis === 1 ? tallest : halfLevel;
      low[axis] = Math.min(low[axis], motion.position[axis] - ways[2 * axis]) - half;
      high[axis] = Math.max(high[axis], motion.position[axis] + ways[2 * axis + 1]) + half;
    }
    harm.kind = isKnown ? 'none' : 'speed';
    harm.ticks =
      1 + LEAD_TICKS + Math.ceil((20 * Math.max(Math.abs(speed[0]), Math.abs(speed[2]))) / ((1 - CLIMB_SHARE) * PROP_GRAVITY * axisLean));
    if (!isKnown) return -CLEAR;
    const { state, w } = world!;
    const [, sizeY] = program.size;
    const changes = changing(state, w);
    const view = solidViewOf({ program, state }, w, changes);
    const middle = (axis: number) => (low[axis] + high[axis]) / 2;
    const reach = (axis: number) => (high[axis] - low[axis]) / 2 + CLEAR;
    const far = Math.hypot(reach(0), reach(1), reach(2));
    // Nothing solid within the ball around the box of all ways.
    if (middle(1) + far < sizeY && far <= 64 && signedDistanceAt(view, middle(0), middle(1), middle(2), far) >= far) return CLEAR;
    let least = CLEAR;
    const from = (axis: number) => Math.floor(low[axis] - CLEAR);
    const to = (axis: number) => Math.floor(high[axis] + CLEAR);
    for (let cy = from(1); cy <= to(1); cy++) {
      const apartY = apart(1, cy);
      if (apartY >= least) continue;
      for (let cz = from(2); cz <= to(2); cz++) {
        const apartYZ = Math.max(apartY, apart(2, cz));
        if (apartYZ >= least) continue;
        for (let cx = from(0); cx <= to(0); cx++) {
          if (cy < sizeY && !isSolidCell(view, cx, cy, cz)) continue;
          const value = Math.max(apartYZ, apart(0, cx));
          if (value >= least) continue;
          least = value;
          harm.kind = changes !== undefined && isChanging(changes, cx, cy, cz) ? 'appears' : 'contact';
        }
      }
    }
    return Math.max(-CLEAR, least);
  }

  /** What is left along an axis between the cells [c, c + 1] and all places at which the braking copter may be, metres. */
  function apart(axis: number, c: number): number {
    return Math.max(c - high[axis], low[axis] - (c + 1));
  }

  function isChanging(bits: Uint32Array, x: number, y: number, z: number): boolean {
    const [sizeX, sizeY, sizeZ] = program.size;
    if (x < 0 || y < 0 || z < 0 || x >= sizeX || y >= sizeY || z >= sizeZ) return false;
    return (bits[(y * sizeZ + z) * program.rowWords + (x >> 5)] & (1 << (x & 31))) !== 0;
  }

  /** Stick for a lean along x and z, and an acceleration upwards, m/s^2. */
  function write(out: Float32Array, leanX: number, leanZ: number, up: number): void {
    const { sin, cos } = motion.heading;
    out[ACTION_WORD.forward] = clampUnit((-sin * leanX - cos * leanZ) / slope);
    out[ACTION_WORD.strafe] = clampUnit((cos * leanX - sin * leanZ) / slope);
    out[ACTION_WORD.look] = clampUnit((motion.velocity[1] + up / CLIMB_GAIN) / maxClimb) * FULL_TURN;
    out[ACTION_WORD.turn] = 0;
    out[ACTION_WORD.jump] = 0;
    out[ACTION_WORD.sneak] = 0;
    out[ACTION_WORD.sprint] = 0;
  }

  function writeBrake(out: Float32Array): void {
    measureWays();
    write(out, brakeLean(speed[0]), brakeLean(speed[2]), climbAcceleration(speed[1]));
  }

  return {
    harm,
    box: { half: Math.max(width, length) / 2, below: height / 2, above: height / 2 },
    take(state, w, a, shiftX = 0, shiftZ = 0) {
      world = { state, w, slot: a, shiftX, shiftZ };
    },
    valueAfter(action) {
      if (world === undefined) return Number.NaN;
      take();
      if (action !== undefined) motion.step(action);
      return measure();
    },
    brakeInto(out) {
      if (world === undefined) return;
      take();
      writeBrake(out);
    },
    tryInto(out, k) {
      if (world === undefined || k >= 27) return false;
      take();
      const pick = (by: number) => (Math.floor(k / by) % 3) - 1;
      write(out, pick(1) * axisLean, pick(9) * axisLean, pick(3) * CLIMB_SHARE * PROP_GRAVITY);
      return true;
    },
  };
}

function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}

/** @throws UsageError for a copter that the model does not describe. */
function assertModel({ id }: ScenarioProgram, copter: QuadcopterBody, slot: number): void {
  const { assist, motorLag, massKg, maxThrust, maxTiltDeg, maxClimb, maxYawRateDeg, size, armLength } = copter;
  const refuse = (what: string) => {
    throw new UsageError(
      'safety-bodies',
      `A safety filter must have quadcopters that ${what} (agent ${slot} of ${id}). Use the mode "off" for it.`,
    );
  };
  if (assist !== 'level') refuse(`hold themselves level; got assist "${assist}"`);
  if (motorLag > MOST_LAG) refuse(`have a motorLag of at most ${MOST_LAG} s; got ${motorLag}`);
  if (maxTiltDeg > MOST_TILT_DEG) refuse(`have a maxTiltDeg of at most ${MOST_TILT_DEG}; got ${maxTiltDeg}`);
  if (maxClimb > MOST_CLIMB) refuse(`have a maxClimb of at most ${MOST_CLIMB} m/s; got ${maxClimb}`);
  if (maxYawRateDeg > MOST_YAW_RATE_DEG) refuse(`have a maxYawRateDeg of at most ${MOST_YAW_RATE_DEG}; got ${maxYawRateDeg}`);
  const tilt = (maxTiltDeg * Math.PI) / 180;
  const needed = ((1 + CLIMB_SHARE) * massKg * PROP_GRAVITY) / Math.cos(Math.atan(Math.SQRT2 * Math.tan(tilt)));
  if (needed > 0.9 * 4 * maxThrust)
    refuse(`can brake while they lean, with four times maxThrust of ${(needed / 0.9).toFixed(1)} N or more; got ${4 * maxThrust} N`);
  // From lean to lean, each rotor gives or takes this much: more than its share of the weight, and the lean turns round slower than the model's.
  const inertia = (massKg * (Math.max(size[0], size[2]) ** 2 + size[1] ** 2)) / 12;
  const turned = (RATE_GAIN * TILT_GAIN * Math.sin(2 * tilt) * inertia) / (4 * armLength);
  const share = (massKg * PROP_GRAVITY) / 4;
  if (turned > share)
    refuse(
      `lean and level fast enough: ${turned.toFixed(2)} N of each rotor would be needed and ${share.toFixed(2)} N are there; lower maxTiltDeg or size, or raise armLength`,
    );
}
