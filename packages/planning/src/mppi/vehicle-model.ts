/**
 * Vehicles of the rigid tier as rollouts see them: a rover as a second-order unicycle, a quadcopter as a double integrator. The model is coarser than
 * the body (wheels slip, rotors lag), so a plan is made anew every few ticks from what the body really did.
 */
import type { Move, MoveSet, RolloutBody } from '@kinovox/physics';
import type { QuadcopterBody, RoverBody, Vehicle } from '@kinovox/world';

export type PlannedVehicle = RoverBody | QuadcopterBody;

/** Share of its motors' force that a rover's model accelerates by: the rest is left for turning and for what the tyres lose. */
const ROVER_FORCE_SHARE = 0.7;
/** rad/s^2 by which a rover's turning changes at most. */
const ROVER_TURN_ACCELERATION = 8;
/** m/s along each axis at which a quadcopter's model flies at most; its climb is bounded by the vehicle itself. */
const COPTER_SPEED = 2.5;
/** Share of the acceleration of its largest tilt that a quadcopter's model has: the rest is left for the lag of its rotors. */
const COPTER_TILT_SHARE = 0.7;
const GRAVITY = 9.81;
/** Around a chassis that leans, metres. */
const LEAN_ROOM = 0.1;

export function isPlannedVehicle(body: Vehicle): body is PlannedVehicle {
  return body.vehicle === 'rover' || body.vehicle === 'quadcopter';
}

export function rolloutBodyOf(vehicle: PlannedVehicle): RolloutBody {
  const [width, height, length] = vehicle.size;
  if (vehicle.vehicle === 'rover')
    return {
      kind: 'rover',
      // The model is a box that does not turn with the rover: as wide as its longer side.
      width: Math.max(width, length),
      height,
      maxSpeed: vehicle.maxSpeed,
      maxReverse: vehicle.maxSpeed / 2,
      maxAcceleration: (ROVER_FORCE_SHARE * 2 * vehicle.motorForce) / vehicle.massKg,
      maxTurnRate: (vehicle.maxTurnRateDeg * Math.PI) / 180,
      maxTurnAcceleration: ROVER_TURN_ACCELERATION,
    };
  return {
    kind: 'flyer',
    width: Math.max(width, length) + LEAN_ROOM,
    height: height + LEAN_ROOM,
    maxSpeed: Math.min(COPTER_SPEED, vehicle.maxClimb),
    maxReverse: 0,
    maxAcceleration: COPTER_TILT_SHARE * GRAVITY * Math.tan((vehicle.maxTiltDeg * Math.PI) / 180),
    maxTurnRate: 1,
    maxTurnAcceleration: 1,
  };
}

/** How vehicles go from cell to cell, for the way left: on the level over ground, or through the air; corners stay free. */
export const ROLL_MOVES: MoveSet = { name: 'roll', body: [[0, 0, 0]], standing: true, moves: levelMoves() };
export const GLIDE_MOVES: MoveSet = { name: 'glide', body: [[0, 0, 0]], standing: false, moves: spaceMoves() };

function levelMoves(): Move[] {
  return neighbours().filter(({ offset }) => offset[1] === 0);
}

/** Six straight ways and twelve across edges; across corners would be more moves than a set may hold. */
function spaceMoves(): Move[] {
  return neighbours().filter(({ offset }) => offset.filter((by) => by !== 0).length < 3);
}

function neighbours(): Move[] {
  const moves: Move[] = [];
  for (let y = -1; y <= 1; y++)
    for (let z = -1; z <= 1; z++)
      for (let x = -1; x <= 1; x++) {
        const along = [x, y, z].filter((by) => by !== 0).length;
        if (along === 0) continue;
        const free: [number, number, number][] = [];
        if (along > 1)
          for (const [a, b, c] of [
            [x, 0, 0],
            [0, y, 0],
            [0, 0, z],
          ] as const)
            if (a !== 0 || b !== 0 || c !== 0) free.push([a, b, c]);
        moves.push({ offset: [x, y, z], cost: Math.round(10 * Math.sqrt(along)), free });
      }
  return moves;
}
