/**
 * Four wheels under a chassis, by Rapier's ray-cast vehicle: each is a ray with a spring, a damper and a tyre; `toWheels` aims it.
 * The controller's own memory is how far wheels have turned, which is not read here: all else it works out anew in each step from the chassis,
 * so a controller made after a restore goes on exactly. What wheels have turned is kept in state words.
 * Source: Rapier 0.21, control/ray_cast_vehicle_controller.rs, after Bullet's btRaycastVehicle. It bounds the side force of a tyre by grip x load,
 * and brakes and engine by nothing, so drives cut theirs to grip x weight. A wheel on a prop pushes the vehicle but not the prop.
 */
import type { DynamicRayCastVehicleController, RigidBody } from '@dimforge/rapier3d';
import { VEHICLE_WHEELS, VEHICLE_WORD, WHEEL_WORD, WHEEL_WORDS } from '@kinovox/world';
import { PROP_GRAVITY } from '../constants.js';
import { boxInertia, toBody, toWorld, type Vector } from './attitude.js';
import { type DriveHost, toWord } from './drive.js';

export interface WheelSetup {
  massKg: number;
  /** Of the chassis, a box. */
  size: readonly [number, number, number];
  wheelRadius: number;
  suspensionLength: number;
  stiffness: number;
  damping: number;
  grip: number;
  /** Where each wheel hangs from the chassis: x to the right, z back, metres. */
  places: readonly { x: number; z: number }[];
  /** Which wheels hold against sliding sideways. */
  holdsSideways: readonly boolean[];
}

const DOWN = { x: 0, y: -1, z: 0 };
const AXLE = { x: 1, y: 0, z: 0 };
/** Rays of wheels meet terrain and props, not walkers. */
const WHEEL_GROUPS = (2 << 16) | 3;
/** No suspension of any body reaches this, N per kg. */
const NO_LIMIT = 1e6;
/** Rolling resistance as a share of weight: car tyres on asphalt have 0.010..0.015 (Gillespie 1992, ch. 4). */
const ROLLING = 0.015;
/** i32 angle per radian. */
const ANGLE = 4294967296 / (2 * Math.PI);

/** How high the centre of a chassis stands over flat ground at rest, metres. */
export function standingHeight({
  wheelRadius,
  suspensionLength,
  stiffness,
}: Pick<WheelSetup, 'wheelRadius' | 'suspensionLength' | 'stiffness'>): number {
  return wheelRadius + Math.max(0, suspensionLength - PROP_GRAVITY / (VEHICLE_WHEELS * stiffness));
}

export class Wheels {
  readonly #setup: WheelSetup;
  readonly #chassis: RigidBody;
  readonly #controller: DynamicRayCastVehicleController;
  readonly #inertia: Vector;

  constructor({ world, chassis }: DriveHost, setup: WheelSetup) {
    this.#setup = setup;
    this.#chassis = chassis;
    this.#inertia = boxInertia(setup);
    const controller = world.createVehicleController(chassis);
    controller.indexUpAxis = 1;
    controller.setIndexForwardAxis = 2;
    setup.places.forEach(({ x, z }, k) => {
      controller.addWheel({ x, y: 0, z }, DOWN, AXLE, setup.suspensionLength, setup.wheelRadius);
      controller.setWheelSuspensionStiffness(k, setup.stiffness);
      controller.setWheelSuspensionCompression(k, setup.damping);
      controller.setWheelSuspensionRelaxation(k, setup.damping);
      controller.setWheelMaxSuspensionTravel(k, setup.suspensionLength);
      controller.setWheelMaxSuspensionForce(k, NO_LIMIT * setup.massKg);
      controller.setWheelFrictionSlip(k, setup.grip);
      controller.setWheelSideFrictionStiffness(k, setup.holdsSideways[k] ? 1 : 0);
    });
    this.#controller = controller;
  }

  /** Weight on all wheels of a vehicle that stands, N. */
  get weight(): number {
    return this.#setup.massKg * PROP_GRAVITY;
  }

  /** Speed of the ground under wheel k backwards, seen from it: what its rim turns by, m/s. @param steer radians as sine and cosine. */
  speedAt(k: number, sin = 0, cos = 1): number {
    const { x, z } = this.#setup.places[k];
    const rotation = this.#chassis.rotation();
    const v = toBody(rotation, this.#chassis.linvel());
    const spin = toBody(rotation, this.#chassis.angvel());
    // Velocity of the wheel's place, at the height of the chassis: pitch and roll are left out.
    return -(v.z - spin.y * x) * cos - (v.x + spin.y * z) * sin;
  }

  /** Steering angle of wheel k, radians, positive to the left. */
  steer(k: number, angle: number): void {
    this.#controller.setWheelSteering(k, angle);
  }

  /** Force ahead of wheel k, N, cut to its share of what the tyres hold; none leaves it rolling, or braked by `brake` N. */
  drive(k: number, force: number, brake: number, share: number, seconds: number): void {
    const most = this.#setup.grip * this.weight * share;
    this.#controller.setWheelEngineForce(k, Math.max(-most, Math.min(most, force)));
    this.#controller.setWheelBrake(k, Math.min(most, Math.max(brake, ROLLING * this.weight * share)) * seconds);
  }

  /**
   * What the controller gives the chassis at once is spread over the step as a force and a torque, as gravity is: given at its start, springs that
   * carry a vehicle would move it up in the first half of every step and let it fall in the second.
   */
  push(seconds: number): void {
    const chassis = this.#chassis;
    const v = chassis.linvel();
    const spin = chassis.angvel();
    this.#controller.updateVehicle(seconds, undefined, WHEEL_GROUPS);
    const force = scaled(difference(chassis.linvel(), v), this.#setup.massKg / seconds);
    const rotation = chassis.rotation();
    const turn = toBody(rotation, difference(chassis.angvel(), spin));
    const { x, y, z } = this.#inertia;
    const torque = toWorld(rotation, scaled({ x: x * turn.x, y: y * turn.y, z: z * turn.z }, 1 / seconds));
    chassis.setLinvel(v, true);
    chassis.setAngvel(spin, true);
    chassis.resetForces(true);
    chassis.resetTorques(true);
    chassis.addForce(force, true);
    chassis.addTorque(torque, true);
  }

  /** Whether wheel k is on the ground. */
  touches(k: number): boolean {
    return this.#controller.wheelIsInContact(k);
  }

  /** Writes contacts, and per wheel how far it turned in `seconds` at its rim speed, that speed, and its suspension. */
  end(words: Int32Array, at: number, speeds: readonly number[], seconds: number): void {
    let contacts = 0;
    for (let k = 0; k < VEHICLE_WHEELS; k++) {
      const wheel = at + VEHICLE_WORD.wheels + k * WHEEL_WORDS;
      if (this.touches(k)) contacts |= 1 << k;
      words[wheel + WHEEL_WORD.turn] = (words[wheel + WHEEL_WORD.turn] + angleWord((speeds[k] * seconds) / this.#setup.wheelRadius)) | 0;
      words[wheel + WHEEL_WORD.level] = toWord(speeds[k] * 65536);
      words[wheel + WHEEL_WORD.length] = toWord((this.#controller.wheelSuspensionLength(k) ?? this.#setup.suspensionLength) * 65536);
    }
    words[at + VEHICLE_WORD.contacts] = contacts;
  }
}

/** Radians, of any size, as an i32 angle. */
function angleWord(radians: number): number {
  const turns = radians / (2 * Math.PI);
  return Math.floor((turns - Math.floor(turns)) * 2 * Math.PI * ANGLE + 0.5) | 0;
}

function difference(a: Vector, b: Vector): Vector {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

function scaled({ x, y, z }: Vector, k: number): Vector {
  return { x: x * k, y: y * k, z: z * k };
}
