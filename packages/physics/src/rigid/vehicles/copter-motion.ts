/**
 * One quadcopter moved by its own drive apart from its world: what a filter asks when it wants to know where a copter would be one tick later. Thrusts,
 * their lag, attitude and drag are those of the tick; contacts are not in it. The body is integrated as Rapier does it, in f64 and from quantised poses, so it
 * comes within about a millimetre of the engine in a tick (`test/bench/safety/model-error.js`), and never to the last bit.
 */
import { ACTION_WORDS, PROP_WORDS, type QuadcopterBody, VEHICLE_WORD, VEHICLE_WORDS, WHEEL_WORD, WHEEL_WORDS } from '@kinovox/world';
import type { BatchState } from '../../batch-state.js';
import type { ScenarioProgram } from '../../program.js';
import { decodeActions } from '../../stages/decode.js';
import { PROP_GRAVITY, SUBSTEPS } from '../constants.js';
import { POSE } from '../prop-bounds.js';
import { boxInertia, toBody, toWorld, type Vector } from './attitude.js';
import { type DriveHost, stickOf } from './drive.js';
import { QuadcopterDrive, ROTOR_X, ROTOR_Z } from './quadcopter.js';

/** SI, world axes x y z. */
export interface CopterMotion {
  /** Goes on from agent `slot` of world `w`, as it flies, or moved sideways by so many metres. */
  take(state: BatchState, w: number, slot: number, shiftX?: number, shiftZ?: number): void;
  /** One tick. @param row `[ACTION_FIELDS]` a native action. */
  step(row: Float32Array): void;
  /** Middle of the chassis, and its velocity. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** Upright of the body over its share that points up: lean along x and z, and how fast that grows, 1/s, and the rate of that, 1/s^2. [x, z] each. */
  readonly lean: Float64Array;
  readonly leanRate: Float64Array;
  readonly leanRateChange: Float64Array;
  /** Thrust along the upright's vertical share over mass, less gravity, m/s^2. */
  readonly rise: number;
  /** Sine and cosine of the heading: ahead is (-sin, -cos). */
  readonly heading: { sin: number; cos: number };
}

const UP = { x: 0, y: 1, z: 0 };
const AHEAD = { x: 0, y: 0, z: -1 };
const STEP = 1 / 20 / SUBSTEPS;

/** @param slot whose parameters it has; a quadcopter of the program. */
export function createCopterMotion(program: ScenarioProgram, slot: number): CopterMotion {
  const { vehicles, numProps } = program;
  const copter = vehicles?.bodies[vehicles.ofAgent[slot]];
  if (vehicles === undefined || copter?.vehicle !== 'quadcopter') throw new Error(`Agent ${slot} of ${program.id} must be a quadcopter.`);
  const inertia = boxInertia(copter);
  const words = new Int32Array(VEHICLE_WORDS);
  const action = new Int32Array(ACTION_WORDS);
  const chassis = new FreeChassis();
  const drive = new QuadcopterDrive(
    // What the drive asks of a body; nothing touches one that has no world.
    { chassis, world: { contactPairsWith() {} } } as unknown as DriveHost,
    copter,
  );
  const position = new Float64Array(3);
  const velocity = new Float64Array(3);
  const lean = new Float64Array(2);
  const leanRate = new Float64Array(2);
  const leanRateChange = new Float64Array(2);
  const heading = { sin: 0, cos: 1 };
  let rise = 0;

  function read(): void {
    const { place, turn, speed, spin } = chassis;
    position[0] = place.x;
    position[1] = place.y;
    position[2] = place.z;
    velocity[0] = speed.x;
    velocity[1] = speed.y;
    velocity[2] = speed.z;
    const up = toWorld(turn, UP);
    const { thrust, torque } = thrusts(copter as QuadcopterBody, words);
    const change = toWorld(turn, { x: torque.x / inertia.x, y: 0, z: torque.z / inertia.z });
    const upRate = cross(spin, up);
    const upChange = cross(change, up);
    const level = Math.max(0.1, up.y);
    lean[0] = up.x / level;
    lean[1] = up.z / level;
    leanRate[0] = (upRate.x - lean[0] * upRate.y) / level;
    leanRate[1] = (upRate.z - lean[1] * upRate.y) / level;
    leanRateChange[0] = (upChange.x - lean[0] * upChange.y) / level;
    leanRateChange[1] = (upChange.z - lean[1] * upChange.y) / level;
    rise = (thrust * up.y) / (copter as QuadcopterBody).massKg - PROP_GRAVITY;
    const nose = toWorld(turn, AHEAD);
    const ahead = Math.sqrt(nose.x * nose.x + nose.z * nose.z);
    heading.sin = ahead < 1e-6 ? 0 : -nose.x / ahead;
    heading.cos = ahead < 1e-6 ? 1 : -nose.z / ahead;
  }

  return {
    position,
    velocity,
    lean,
    leanRate,
    leanRateChange,
    heading,
    get rise() {
      return rise;
    },
    take(state, w, a, shiftX = 0, shiftZ = 0) {
      const v = vehicles.ofAgent[a];
      const at = (w * numProps + vehicles.firstProp + v) * PROP_WORDS;
      const from = (w * vehicles.bodies.length + v) * VEHICLE_WORDS;
      for (let k = 0; k < VEHICLE_WORDS; k++) words[k] = state.vehicle[from + k];
      chassis.take(state.prop, at, shiftX, shiftZ);
      read();
    },
    step(row) {
      decodeActions(row, action, 0, 1);
      drive.begin(stickOf(action, 0), words, 0);
      for (let k = 0; k < SUBSTEPS; k++) {
        drive.push(STEP);
        chassis.advance(STEP, copter, inertia);
      }
      drive.end(words, 0, 1 / 20);
      read();
    },
  };
}

/** Thrust of all rotors, N, and their torque about the body's x and z, N m, from the words of the vehicle. */
function thrusts({ armLength, maxThrust }: QuadcopterBody, words: Int32Array): { thrust: number; torque: Vector } {
  let thrust = 0;
  const torque = { x: 0, y: 0, z: 0 };
  for (let k = 0; k < 4; k++) {
    const f = (words[VEHICLE_WORD.wheels + k * WHEEL_WORDS + WHEEL_WORD.level] / 65536) * maxThrust;
    thrust += f;
    torque.x -= ROTOR_Z[k] * armLength * f;
    torque.z += ROTOR_X[k] * armLength * f;
  }
  return { thrust, torque };
}

/** The part of a Rapier body that drives of copters use, without a world: forces and torques act through a step, and velocity before place. */
class FreeChassis {
  readonly place = { x: 0, y: 0, z: 0 };
  readonly turn = { x: 0, y: 0, z: 0, w: 1 };
  speed = { x: 0, y: 0, z: 0 };
  spin = { x: 0, y: 0, z: 0 };
  #force = { x: 0, y: 0, z: 0 };
  #torque = { x: 0, y: 0, z: 0 };

  take(pose: Int32Array, at: number, shiftX: number, shiftZ: number): void {
    const metre = 1 / 65536;
    this.place.x = pose[at + POSE.x] * metre + shiftX;
    this.place.y = pose[at + POSE.y] * metre;
    this.place.z = pose[at + POSE.z] * metre + shiftZ;
    this.turn.x = pose[at + POSE.qx] / 16384;
    this.turn.y = pose[at + POSE.qy] / 16384;
    this.turn.z = pose[at + POSE.qz] / 16384;
    this.turn.w = pose[at + POSE.qw] / 16384;
    this.#unit();
    this.speed = { x: pose[at + POSE.vx] * metre * 20, y: pose[at + POSE.vy] * metre * 20, z: pose[at + POSE.vz] * metre * 20 };
    this.spin = { x: pose[at + POSE.wx] * metre * 20, y: pose[at + POSE.wy] * metre * 20, z: pose[at + POSE.wz] * metre * 20 };
  }

  rotation() {
    return this.turn;
  }

  linvel() {
    return this.speed;
  }

  angvel() {
    return this.spin;
  }

  collider() {}

  resetForces() {}

  resetTorques() {}

  addForce(force: Vector) {
    this.#force = force;
  }

  addTorque(torque: Vector) {
    this.#torque = torque;
  }

  advance(dt: number, { massKg, drag }: QuadcopterBody, inertia: Vector): void {
    const keep = 1 / (1 + dt * drag);
    const { speed, spin, place, turn } = this;
    speed.x = (speed.x + (dt * this.#force.x) / massKg) * keep;
    speed.y = (speed.y + dt * (this.#force.y / massKg - PROP_GRAVITY)) * keep;
    speed.z = (speed.z + (dt * this.#force.z) / massKg) * keep;
    const torque = toBody(turn, this.#torque);
    const change = toWorld(turn, { x: torque.x / inertia.x, y: torque.y / inertia.y, z: torque.z / inertia.z });
    spin.x += dt * change.x;
    spin.y += dt * change.y;
    spin.z += dt * change.z;
    place.x += dt * speed.x;
    place.y += dt * speed.y;
    place.z += dt * speed.z;
    // q + dt/2 (spin q), made a unit again.
    const { x, y, z, w } = turn;
    const half = dt / 2;
    turn.x += half * (spin.x * w + spin.y * z - spin.z * y);
    turn.y += half * (spin.y * w + spin.z * x - spin.x * z);
    turn.z += half * (spin.z * w + spin.x * y - spin.y * x);
    turn.w -= half * (spin.x * x + spin.y * y + spin.z * z);
    this.#unit();
  }

  #unit(): void {
    const { x, y, z, w } = this.turn;
    const length = Math.sqrt(x * x + y * y + z * z + w * w);
    this.turn.x = x / length;
    this.turn.y = y / length;
    this.turn.z = z / length;
    this.turn.w = w / length;
  }
}

function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}
