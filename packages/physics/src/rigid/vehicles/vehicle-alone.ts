/**
 * One vehicle alone in a level that does not change, moved by a tick of the rigid tier: what is foreseen here is what the tier does, bit by bit.
 * Data flow: state -> body, drive words -> (decode, drive, Rapier) -> state. A state holds all that the next tick depends on but what Rapier remembers of
 * contacts, which cannot be set: of that it holds a checksum, and the world's bytes are kept beside it. Limits: see `step`.
 */
import type { RigidBody } from '@dimforge/rapier3d';
import {
  ACTION_WORDS,
  AGENT_FLAG,
  ShapeError,
  VEHICLE_WORD,
  VEHICLE_WORDS,
  type VehicleKind,
  WHEEL_WORD,
  WHEEL_WORDS,
} from '@kinovox/world';
import type { Engine } from '../../engine.js';
import type { PropTables, ScenarioProgram } from '../../program.js';
import { decodeActions } from '../../stages/decode.js';
import type { Rapier } from '../rapier.js';
import { RigidWorld } from '../rigid-world.js';
import type { SolidRows } from '../terrain-shell.js';
import type { FleetContext } from './fleet.js';

const POSE_NAMES = ['x', 'y', 'z', 'qx', 'qy', 'qz', 'qw', 'vx', 'vy', 'vz', 'wx', 'wy', 'wz'] as const;
/** Words of a drive on which its next tick depends, in 1/65536: radians of steering, shares of a rotor's largest thrust. What wheels are told anew in each step is not among them. */
const DRIVE_WORDS: Readonly<Record<VehicleKind, readonly (readonly [name: string, word: number])[]>> = {
  rover: [],
  car: [['steer', VEHICLE_WORD.steer]],
  quadcopter: [0, 1, 2, 3].map((k) => [`thrust${k + 1}`, VEHICLE_WORD.wheels + k * WHEEL_WORDS + WHEEL_WORD.level]),
};
const TURN = 3;
const VELOCITY = 7;
const FIRST_DRIVE = POSE_NAMES.length;
const WORD = 1 / 65536;
/** Value of `contact` where nothing has been stepped yet: the rays of wheels meet nothing before the first Rapier step of an episode. */
const BUILT = -1;
/** Worlds that are kept for states in contact. */
const MOST_KEPT = 64;
/** Lengths of a quaternion that are tried: Rapier brings it to length 1 when it is set, which changes last bits. Of 4,000 rotations that came out of steps 3 lengths do in the mean. */
const LENGTHS = 1024;
/** A rotation that no vehicle has by chance. */
const MARK = { x: 0.123, y: -0.234, z: 0.345, w: 0.9 };
/** Metres above a level, where a vehicle touches nothing. */
const ABOVE = 16;

/**
 * Names of the components of a vehicle's state: middle of the chassis in metres, its rotation, velocity in m/s, angular velocity in rad/s, all by the axes of the
 * world; what its drive remembers; and `contact`: 0 where the chassis touches nothing, else a checksum of what Rapier remembers of it, or -1 before the first tick.
 */
export function vehicleStateNames(kind: VehicleKind): readonly string[] {
  return [...POSE_NAMES, ...DRIVE_WORDS[kind].map(([name]) => name), 'contact'];
}

/**
 * The state of an agent's vehicle in row w of an engine with vehicles, exactly as Rapier has it: pose words are rounded, this is not.
 * @param slot of the agent. @throws ShapeError where it is no vehicle.
 */
export function readVehicleState(
  rapier: Rapier,
  engine: Pick<Engine, 'program' | 'state' | 'snapshot'>,
  w: number,
  slot: number,
): Float64Array {
  const { program, state } = engine;
  const v = vehicleOf(program, slot);
  const vehicles = program.vehicles!;
  const [sizeX, sizeY, sizeZ] = program.size;
  const solid = { rows: state.rows, base: w * state.rowsPerWorld, sizeX, sizeY, sizeZ, rowWords: program.rowWords };
  const { rigid } = engine.snapshot(w);
  const world = RigidWorld.restore(rapier, program, solid, rigid!);
  const { vehicle } = vehicles.bodies[v];
  const out = new Float64Array(vehicleStateNames(vehicle).length);
  readPose(out, world.props[vehicles.firstProp + v]);
  const words = state.vehicle.subarray((w * vehicles.bodies.length + v) * VEHICLE_WORDS);
  readDrive(out, vehicle, words);
  out[out.length - 1] = state.tick[w] === 0 ? BUILT : world.contactChecksum(vehicles.firstProp + v);
  world.free();
  return out;
}

export class VehicleAlone {
  readonly kind: VehicleKind;
  /** Half sizes of the chassis: x, y, z, metres. */
  readonly half: readonly [number, number, number];
  readonly #rapier: Rapier;
  readonly #program: ScenarioProgram;
  readonly #solid: SolidRows;
  readonly #context: FleetContext;
  readonly #nowhere = new Int32Array(1);
  /** Bytes of a world of which nothing was stepped, and of one in which nothing touches. */
  readonly #built: Uint8Array;
  readonly #clean: Uint8Array;
  /** Bytes by state, of states in contact, the oldest first. */
  readonly #kept = new Map<string, Uint8Array>();
  readonly #last: Float64Array;
  #world: RigidWorld;
  #isClean = true;
  #isClosed = false;

  /** @param slot of the agent whose vehicle it is. @throws ShapeError where it is none. */
  constructor(rapier: Rapier, program: ScenarioProgram, slot: number, solid: SolidRows) {
    this.#rapier = rapier;
    this.#solid = solid;
    this.#program = alone(program, vehicleOf(program, slot));
    const [body] = this.#program.vehicles!.bodies;
    this.kind = body.vehicle;
    this.half = [body.size[0] / 2, body.size[1] / 2, body.size[2] / 2];
    this.#context = {
      numAgents: 1,
      state: { flags: Int32Array.of(AGENT_FLAG.alive), vehicle: new Int32Array(VEHICLE_WORDS) },
      buffers: { actionWords: new Int32Array(ACTION_WORDS) },
    };
    const middle = Int32Array.of((solid.sizeX << 16) >> 1, (solid.sizeY + ABOVE) << 16, (solid.sizeZ << 16) >> 1);
    this.#world = RigidWorld.build(rapier, this.#program, solid, middle, [{ yaw: 0 }]);
    this.#built = this.#world.save();
    this.#last = new Float64Array(vehicleStateNames(this.kind).length).fill(Number.NaN);
    this.#tick();
    this.#clean = this.#world.save();
  }

  /**
   * One tick. Nobody pushes it and the level stays; else it is exactly the tier's for states that were stepped here, and for those of an episode's start.
   * Of states in contact the last 64 that were left for others are known: older ones, and those read in the midst of an episode, go on as if they had just come into contact.
   * @param out the state after it; may be `state`. @param action `[ACTION_FIELDS]` f32.
   * @throws ShapeError for a state that is not finite, and after `close`.
   */
  step(out: Float64Array, state: Float64Array, action: Float32Array): void {
    if (this.#isClosed)
      throw new ShapeError(
        'vehicle-closed',
        `A ${this.kind} alone must be stepped before it is closed; got a step after. Make another one.`,
      );
    const wrong = state.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new ShapeError(
        'vehicle-state',
        `A ${this.kind}'s state must be finite; got ${state[wrong]} at component ${wrong} (${vehicleStateNames(this.kind)[wrong]}). Give a state that was read or stepped.`,
      );
    this.#put(state);
    decodeActions(action, this.#context.buffers.actionWords, 0, 1);
    this.#tick();
    const last = this.#last;
    readPose(last, this.#body);
    readDrive(last, this.kind, this.#context.state.vehicle);
    last[last.length - 1] = this.#world.contactChecksum(0);
    this.#isClean = last[last.length - 1] === 0;
    out.set(last);
  }

  /** Frees Rapier's world, which no garbage collector does. May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#world.free();
    this.#kept.clear();
  }

  get #body(): RigidBody {
    return this.#world.props[0];
  }

  #tick(): void {
    const fleet = this.#world.fleet!;
    fleet.begin(this.#context, 0);
    this.#world.step(this.#nowhere, this.#nowhere, this.#nowhere, () => false, 0);
    fleet.end(this.#context, 0);
  }

  #put(state: Float64Array): void {
    const last = this.#last;
    if (state.every((value, k) => Object.is(value, last[k]))) return;
    const contact = state[state.length - 1];
    if (last[last.length - 1] > 0) this.#keep(last);
    const kept = contact > 0 ? this.#kept.get(keyOf(state)) : undefined;
    if (kept !== undefined) this.#renew(kept);
    else {
      const isBuilt = contact === BUILT;
      if (isBuilt || !this.#isClean) this.#renew(isBuilt ? this.#built : this.#clean);
      if (!turnExactly(this.#body, state)) this.#renew(this.#turned(isBuilt ? this.#built : this.#clean, state));
      const [x, y, z] = state;
      const [vx, vy, vz, wx, wy, wz] = state.subarray(VELOCITY);
      // After the rotation: what depends on both is worked out anew.
      this.#body.setTranslation({ x, y, z }, true);
      this.#body.setLinvel({ x: vx, y: vy, z: vz }, true);
      this.#body.setAngvel({ x: wx, y: wy, z: wz }, true);
    }
    DRIVE_WORDS[this.kind].forEach(([, word], k) => {
      this.#context.state.vehicle[word] = Math.round(state[FIRST_DRIVE + k] / WORD);
    });
  }

  /** Bytes of a world whose vehicle has a rotation to the last bit: its marked rotation is written over. */
  #turned(bytes: Uint8Array, state: Float64Array): Uint8Array {
    this.#renew(bytes);
    this.#body.setRotation(MARK, true);
    const { x, y, z, w } = this.#body.rotation();
    const turned = this.#world.save();
    const mark = new Uint8Array(Float32Array.of(x, y, z, w).buffer);
    const wanted = new Uint8Array(Float32Array.from(state.subarray(TURN, TURN + 4)).buffer);
    for (let at = 0; at + mark.length <= turned.length; at++) if (mark.every((byte, k) => turned[at + k] === byte)) turned.set(wanted, at);
    return turned;
  }

  #keep(state: Float64Array): void {
    const key = keyOf(state);
    if (this.#kept.has(key)) return;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, this.#world.save());
  }

  #renew(bytes: Uint8Array): void {
    const world = RigidWorld.restore(this.#rapier, this.#program, this.#solid, bytes);
    this.#world.free();
    this.#world = world;
  }
}

function keyOf(state: Float64Array): string {
  return state.join();
}

function readPose(out: Float64Array, body: RigidBody): void {
  const { x, y, z } = body.translation();
  const turn = body.rotation();
  const v = body.linvel();
  const spin = body.angvel();
  out.set([x, y, z, turn.x, turn.y, turn.z, turn.w, v.x, v.y, v.z, spin.x, spin.y, spin.z]);
}

function readDrive(out: Float64Array, kind: VehicleKind, words: Int32Array): void {
  DRIVE_WORDS[kind].forEach(([, word], k) => {
    out[FIRST_DRIVE + k] = words[word] * WORD;
  });
}

/** @returns whether some length of the quaternion gives back all its bits. */
function turnExactly(body: RigidBody, state: Float64Array): boolean {
  const [x, y, z, w] = state.subarray(TURN);
  for (let k = 0; k < LENGTHS; k++) {
    const length = 1 + k / LENGTHS;
    body.setRotation({ x: x * length, y: y * length, z: z * length, w: w * length }, true);
    const turn = body.rotation();
    if (turn.x === x && turn.y === y && turn.z === z && turn.w === w) return true;
  }
  return false;
}

function vehicleOf(program: ScenarioProgram, slot: number): number {
  const v = program.vehicles?.ofAgent[slot] ?? -1;
  if (v < 0)
    throw new ShapeError(
      'no-vehicle',
      `Slot ${slot} of ${program.id} must be that of a vehicle; got ${slot < program.numAgents ? 'a walker' : `one of ${program.numAgents} agents`}. Take the slot of a rover, car or quadcopter.`,
    );
  return v;
}

/** A program of vehicle v alone: no more of it is set than what a `RigidWorld` reads. */
function alone(program: ScenarioProgram, v: number): ScenarioProgram {
  const vehicles = program.vehicles!;
  return {
    ...program,
    numAgents: 1,
    numProps: 1,
    props: onlyProp(program.props, vehicles.firstProp + v),
    vehicles: { agents: Int32Array.of(0), ofAgent: Int32Array.of(0), firstProp: 0, bodies: [vehicles.bodies[v]] },
  };
}

function onlyProp(props: PropTables, p: number): PropTables {
  return {
    ids: [props.ids[p]],
    shape: props.shape.slice(p, p + 1),
    halfExtentsQ16: props.halfExtentsQ16.slice(3 * p, 3 * p + 3),
    massKg: props.massKg.slice(p, p + 1),
    friction: props.friction.slice(p, p + 1),
    restitution: props.restitution.slice(p, p + 1),
    wallQ16: props.wallQ16.slice(p, p + 1),
    joints: [],
    team: props.team.slice(p, p + 1),
    color: props.color.slice(p, p + 1),
  };
}
