/**
 * Rovers and quadcopters as teams plan for them, and the controllers by which the bodies follow: a rover as a second-order unicycle on the plane of x and z, a
 * quadcopter as a double integrator in space. Models ask for less than bodies can give; what is left is the controllers'.
 * Source (rover): Kanayama, Kimura, Miyazaki, Noguchi: A stable tracking control method for an autonomous mobile robot, ICRA 1990.
 */
import type { QuadcopterBody, RoverBody } from '@kinovox/world';
import { angleDifference } from '../dynamics/angles.js';
import type { Dynamics, Part } from '../dynamics/dynamics.js';
import { createIntegrator2 } from '../dynamics/integrator2.js';
import { createUnicycle2 } from '../dynamics/unicycle2.js';
import type { PlannedVehicle } from '../mppi/vehicle-model.js';
import type { VehicleState, VehicleStick } from '../mppi/vehicle-pilot.js';

/** How far bodies are off their references, metres; 99.9 % of all ticks are below: `node test/bench/tracking.js`. Of rovers with what their heading adds at a corner. */
export const TRACKING_ERROR: Readonly<Record<PlannedVehicle['vehicle'], number>> = Object.freeze({ rover: 0.1, quadcopter: 0.12 });

const TICK = 1 / 20;
const GRAVITY = 9.81;
/** Shares of what a rover can: its speed straight on, and of its turn rate; both at once take no more than nine tenths of what wheels have left. */
const ROVER_SPEED_SHARE = 0.8;
const ROVER_TURN_SHARE = 0.6;
/** m/s^2 and rad/s^2 of a rover's model, as far as its motors give twice as much. */
const ROVER_ACCELERATION = 2;
const ROVER_TURN_ACCELERATION = 4;
/** m/s and m/s^2 per axis of a quadcopter's model, as far as climb and tilt give more. */
const COPTER_SPEED = 1.5;
const COPTER_ACCELERATION = 1.2;
const COPTER_CLIMB_SHARE = 0.75;
const COPTER_TILT_SHARE = 0.4;
/** Kanayama's gains: along (1/s), across (1/m^2, times speed), heading (1/s). */
const ALONG = 2;
const ACROSS = 5;
const HEADING = 4;
/** Of a quadcopter: 1/s^2 by place, 1/s by velocity, on the level; 1/s by height, and the rate at which its drive corrects a rate of climb, 1/s. */
const PLACE = 2.2;
const VELOCITY = 2.4;
const HEIGHT = 2;
const CLIMB_GAIN = 3;
/** Metres beyond a reservation. */
const SPARE = 0.05;
/** Ticks that a tilt takes to come about, by which a quadcopter is told before. */
const TILT_LEAD = 4;

/**
 * The model of a vehicle, with a step of one tick.
 * @param room metres by which the body is made larger on all sides: how far it may be off.
 */
export function createVehicleModel(name: string, body: PlannedVehicle, room: number): Dynamics {
  const [width, height, length] = body.size;
  if (body.vehicle === 'quadcopter') {
    // It leans, so it is a ball.
    const part: Part = { shape: 'ball', radius: Math.hypot(width, height, length) / 2 + room };
    const tilt = GRAVITY * Math.tan((body.maxTiltDeg * Math.PI) / 180);
    return createIntegrator2(name, {
      space: 3,
      dt: TICK,
      speed: Math.min(COPTER_SPEED, COPTER_CLIMB_SHARE * body.maxClimb),
      acceleration: Math.min(COPTER_ACCELERATION, COPTER_TILT_SHARE * tilt),
      part,
      weights: [1, 0.5],
    });
  }
  const force = (2 * body.motorForce) / body.massKg;
  return createUnicycle2(name, {
    dt: TICK,
    speed: ROVER_SPEED_SHARE * body.maxSpeed,
    turnRate: Math.min(
      (ROVER_TURN_SHARE * body.maxTurnRateDeg * Math.PI) / 180,
      (1.8 * (1 - ROVER_SPEED_SHARE) * body.maxSpeed) / body.track,
    ),
    acceleration: Math.min(ROVER_ACCELERATION, force / 2),
    turnAcceleration: ROVER_TURN_ACCELERATION,
    part: { shape: 'box', half: [length / 2 + room, width / 2 + room, 0] },
    weights: [1, 0.5, 0.25, 0.25],
  });
}

/** From the middle of a vehicle to the end of what it reserves around it, metres, with a little to spare. */
export function roomAround({ vehicle, size }: PlannedVehicle): number {
  return Math.hypot(...size) / 2 + TRACKING_ERROR[vehicle] + SPARE;
}

/** A vehicle as its model has it: x, z, heading from x to z, speed, turn rate of a rover; place and velocity of a quadcopter. Speeds are cut to the model's. */
export function modelStateInto(
  out: Float64Array,
  { stateLow, stateHigh }: Dynamics,
  kind: PlannedVehicle['vehicle'],
  state: VehicleState,
): void {
  const [x, y, z] = state.position;
  const [vx, vy, vz] = state.velocity;
  if (kind === 'quadcopter') out.set([x, y, z, vx, vy, vz]);
  else {
    const heading = headingOf(state.yaw);
    out.set([x, z, heading, vx * Math.cos(heading) + vz * Math.sin(heading), -state.yawRate]);
  }
  for (let k = 0; k < out.length; k++) out[k] = Math.max(stateLow[k], Math.min(stateHigh[k], out[k]));
}

/** How far a body is off a state of its model, metres: no point of it is further. */
export function trackingError(body: PlannedVehicle, reference: Float64Array, { position, yaw }: VehicleState): number {
  const [x, y, z] = position;
  if (body.vehicle === 'quadcopter') return Math.hypot(x - reference[0], y - reference[1], z - reference[2]);
  const corner = Math.hypot(body.size[0], body.size[2]) / 2;
  return Math.hypot(x - reference[0], z - reference[1]) + corner * Math.abs(angleDifference(headingOf(yaw), reference[2]));
}

/** The stick that keeps a body on its reference. @param at state of the model so many ticks from now. */
export function trackingStick(body: PlannedVehicle, at: (ticks: number) => Float64Array, state: VehicleState): VehicleStick {
  return body.vehicle === 'rover' ? roll(body, at, state) : fly(body, at, state);
}

function roll(body: RoverBody, at: (ticks: number) => Float64Array, { position, yaw }: VehicleState): VehicleStick {
  const [x, z, heading] = at(0);
  const [, , , speed, turnRate] = at(1);
  const own = headingOf(yaw);
  const [dx, dz] = [x - position[0], z - position[2]];
  const [cos, sin] = [Math.cos(own), Math.sin(own)];
  const along = dx * cos + dz * sin;
  const across = dz * cos - dx * sin;
  const turn = angleDifference(heading, own);
  const forward = speed * Math.cos(turn) + ALONG * along;
  const rate = turnRate + ACROSS * speed * across + HEADING * Math.sin(turn);
  return {
    forward: clampUnit(forward / body.maxSpeed),
    strafe: 0,
    turn: clampUnit(-rate / ((body.maxTurnRateDeg * Math.PI) / 180)),
    climb: 0,
    brake: false,
  };
}

function fly(body: QuadcopterBody, at: (ticks: number) => Float64Array, { position, velocity, yaw }: VehicleState): VehicleStick {
  const now = at(0);
  const [soon, then] = [at(TILT_LEAD), at(TILT_LEAD + 1)];
  const level = (axis: number): number =>
    (then[3 + axis] - soon[3 + axis]) / TICK +
    PLACE * (now[axis] - position[axis]) +
    VELOCITY * (now[3 + axis] - velocity[axis]) +
    body.drag * velocity[axis];
  const [ax, az] = [level(0), level(2)];
  const climb = now[4] + (at(1)[4] - now[4]) / TICK / CLIMB_GAIN + HEIGHT * (now[1] - position[1]);
  const slope = GRAVITY * Math.tan((body.maxTiltDeg * Math.PI) / 180);
  const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
  return {
    forward: clampUnit((-sin * ax - cos * az) / slope),
    strafe: clampUnit((cos * ax - sin * az) / slope),
    turn: 0,
    climb: clampUnit(climb / body.maxClimb),
    brake: false,
  };
}

/** From x towards z, of a yaw that looks along -z and turns the other way. */
function headingOf(yaw: number): number {
  return -Math.PI / 2 - yaw;
}

function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
