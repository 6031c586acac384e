/**
 * The quadcopter: four thrusts along the body's upright, each within 0 and its motor's largest, following its command with a first-order lag.
 * Data flow of a Rapier step: stick -> upright and rate of climb wanted (`level`) or body rates and thrust (`rate`) -> rates wanted -> torques ->
 * thrusts, cut to the motors -> lag -> one force and one torque on the chassis. Yaw gives way first where motors are at their limits.
 * Source (mixing, cascade of attitude and rates): Mahony, Kumar and Corke, Multirotor Aerial Vehicles, IEEE RAM 19(3), 2012.
 */
import { cosQ14, type QuadcopterBody, sinQ14, toAngle, VEHICLE_WORD, WHEEL_WORD, WHEEL_WORDS } from '@kinovox/world';
import { PROP_GRAVITY } from '../constants.js';
import { boxInertia, toBody, toWorld, type Vector } from './attitude.js';
import { clamp, type Drive, type DriveHost, type Stick, toWord } from './drive.js';

const RADIAN = Math.PI / 180;
const ROTORS = 4;
/** Places of the rotors along x and z in arm lengths, and the sign of their yaw torque: front left, front right, rear left, rear right. */
export const ROTOR_X = [-1, 1, -1, 1];
export const ROTOR_Z = [-1, -1, 1, 1];
const ROTOR_YAW = [1, -1, -1, 1];
/** Rate at which a tilt is corrected, and rate at which a body rate is, 1/s. */
export const TILT_GAIN = 6;
export const RATE_GAIN = 18;
/** Rate at which a rate of climb is corrected, 1/s. */
export const CLIMB_GAIN = 3;
/** Body rates of `rate` at full command, in largest tilts per second. */
const TILTS_PER_SECOND = 4;
/** Most of a motor's thrust that yaw may take or give. */
const YAW_SHARE = 0.25;
/** Least upright share of thrust that a tilted copter makes up for. */
const LEAST_UPRIGHT = 0.5;
/** Turns of a rotor per second at its largest thrust: for pictures. */
const ROTOR_SPEED = 7;
const UP = { x: 0, y: 1, z: 0 };
const AHEAD = { x: 0, y: 0, z: -1 };

/** Share of its largest thrust that each motor has where the copter hovers. */
export function hoverShare({ massKg, maxThrust }: QuadcopterBody): number {
  return (massKg * PROP_GRAVITY) / (ROTORS * maxThrust);
}

export class QuadcopterDrive implements Drive {
  readonly #copter: QuadcopterBody;
  readonly #host: DriveHost;
  /** Thrust of each motor, N. */
  readonly #thrust = new Float64Array(ROTORS);
  /** Moments of inertia of the chassis about its axes, kg m^2. */
  readonly #inertia: Vector;
  readonly #slope: number;
  #stick: Stick | undefined;

  constructor(host: DriveHost, copter: QuadcopterBody) {
    this.#host = host;
    this.#copter = copter;
    this.#inertia = boxInertia(copter);
    const angle = toAngle(copter.maxTiltDeg * RADIAN);
    this.#slope = sinQ14(angle) / cosQ14(angle);
  }

  begin(stick: Stick, words: Int32Array, at: number): void {
    this.#stick = stick;
    for (let k = 0; k < ROTORS; k++) {
      const level = words[at + VEHICLE_WORD.wheels + k * WHEEL_WORDS + WHEEL_WORD.level];
      this.#thrust[k] = (level / 65536) * this.#copter.maxThrust;
    }
  }

  push(seconds: number): void {
    const { armLength, maxThrust, torquePerThrust, motorLag } = this.#copter;
    const { chassis } = this.#host;
    const rotation = chassis.rotation();
    const up = toWorld(rotation, UP);
    const { lift, rates } = this.#stick!.off ? IDLE : this.#wanted(up);
    const spin = toBody(rotation, chassis.angvel());
    const torque = {
      x: this.#inertia.x * RATE_GAIN * (rates.x - spin.x),
      y: this.#inertia.y * RATE_GAIN * (rates.y - spin.y),
      z: this.#inertia.z * RATE_GAIN * (rates.z - spin.z),
    };
    const yaw = clamp(torque.y / (ROTORS * torquePerThrust), YAW_SHARE * maxThrust);
    const follow = seconds / (motorLag + seconds);
    let sum = 0;
    let about = { x: 0, y: 0, z: 0 };
    for (let k = 0; k < ROTORS; k++) {
      const tilt = (ROTOR_X[k] * torque.z - ROTOR_Z[k] * torque.x) / (ROTORS * armLength);
      const command = lift === 0 ? 0 : Math.max(0, Math.min(maxThrust, lift / ROTORS + tilt + ROTOR_YAW[k] * yaw));
      this.#thrust[k] += (command - this.#thrust[k]) * follow;
      const f = this.#thrust[k];
      sum += f;
      about = {
        x: about.x - ROTOR_Z[k] * armLength * f,
        y: about.y + ROTOR_YAW[k] * torquePerThrust * f,
        z: about.z + ROTOR_X[k] * armLength * f,
      };
    }
    // Forces act all through a step, as gravity does: impulses at its start would lift the copter a little in every step.
    chassis.resetForces(false);
    chassis.resetTorques(false);
    chassis.addForce({ x: up.x * sum, y: up.y * sum, z: up.z * sum }, true);
    chassis.addTorque(toWorld(rotation, about), true);
  }

  end(words: Int32Array, at: number, seconds: number): void {
    let touches = false;
    const { world, chassis } = this.#host;
    world.contactPairsWith(chassis.collider(0), (other) => {
      world.contactPair(chassis.collider(0), other, (manifold) => {
        if (manifold.numContacts() > 0) touches = true;
      });
    });
    words[at + VEHICLE_WORD.contacts] = touches ? 1 : 0;
    for (let k = 0; k < ROTORS; k++) {
      const rotor = at + VEHICLE_WORD.wheels + k * WHEEL_WORDS;
      const level = Math.max(0, Math.min(65536, toWord((this.#thrust[k] / this.#copter.maxThrust) * 65536)));
      words[rotor + WHEEL_WORD.level] = level;
      // Thrust grows with the square of the speed.
      const turns = ROTOR_SPEED * seconds * Math.sqrt(level / 65536) * ROTOR_YAW[k];
      words[rotor + WHEEL_WORD.turn] = (words[rotor + WHEEL_WORD.turn] + Math.floor(turns * 4294967296)) | 0;
    }
  }

  /** Thrust of all motors together, N, and body rates, rad/s, that the stick asks for. */
  #wanted(up: Vector): { lift: number; rates: Vector } {
    const { massKg, maxThrust, maxTiltDeg, maxClimb, maxYawRateDeg, assist } = this.#copter;
    const { forward, strafe, turn, climb } = this.#stick!;
    const weight = massKg * PROP_GRAVITY;
    const yawRate = turn * maxYawRateDeg * RADIAN;
    if (assist === 'rate') {
      const most = TILTS_PER_SECOND * maxTiltDeg * RADIAN;
      const lift = climb < 0 ? weight * (1 + climb) : weight + climb * Math.max(0, ROTORS * maxThrust - weight);
      return { lift, rates: { x: -forward * most, y: yawRate, z: -strafe * most } };
    }
    const { chassis } = this.#host;
    const rotation = chassis.rotation();
    const nose = toWorld(rotation, AHEAD);
    const level = Math.sqrt(nose.x * nose.x + nose.z * nose.z);
    const ax = level < 1e-6 ? 0 : nose.x / level;
    const az = level < 1e-6 ? -1 : nose.z / level;
    const ahead = forward * this.#slope;
    const aside = strafe * this.#slope;
    const goal = unit({ x: ahead * ax - aside * az, y: 1, z: ahead * az + aside * ax });
    const along = up.x * goal.x + up.y * goal.y + up.z * goal.z;
    let axis = cross(up, goal);
    // Upside down the way back is as long as it gets: full rate, over the nose where there is no nearer way.
    if (along < 0) axis = axis.x * axis.x + axis.y * axis.y + axis.z * axis.z < 1e-6 ? nose : unit(axis);
    const turnBack = toBody(rotation, { x: TILT_GAIN * axis.x, y: TILT_GAIN * axis.y, z: TILT_GAIN * axis.z });
    const rise = CLIMB_GAIN * (climb * maxClimb - chassis.linvel().y);
    const lift = (massKg * Math.max(0, PROP_GRAVITY + rise)) / Math.max(LEAST_UPRIGHT, up.y);
    return { lift: Math.max(0.05 * weight, lift), rates: { x: turnBack.x, y: turnBack.y + yawRate, z: turnBack.z } };
  }
}

/** Motors off. */
const IDLE = { lift: 0, rates: { x: 0, y: 0, z: 0 } };

function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

function unit(v: Vector): Vector {
  const length = Math.sqrt(v.x * v.x + v.y * v.y + v.z * v.z);
  return { x: v.x / length, y: v.y / length, z: v.z / length };
}
