/**
 * Unicycle of second order: x' = v cos yaw, y' = v sin yaw, yaw' = w, v' = a, w' = b, one step of explicit Euler.
 * @source dynobench (Ortiz-Haro, Hoenig), model `unicycle2`.
 */
import { angleDifference } from './angles.js';
import type { Dynamics, Part } from './dynamics.js';
import { placePlanarInto } from './planar-place.js';

export interface Unicycle2Parameters {
  readonly dt: number;
  /** m/s, both ways. */
  readonly speed: number;
  /** rad/s, both ways. */
  readonly turnRate: number;
  /** m/s2 */
  readonly acceleration: number;
  /** rad/s2 */
  readonly turnAcceleration: number;
  readonly part: Part;
  /** Of position, heading, speed and turn rate. */
  readonly weights: readonly [number, number, number, number];
}

export function createUnicycle2(name: string, parameters: Unicycle2Parameters): Dynamics {
  const { dt, speed, turnRate, acceleration, turnAcceleration, part, weights } = parameters;
  return {
    name,
    dt,
    space: 2,
    stateNames: ['x', 'y', 'yaw', 'speed', 'turnRate'],
    controlNames: ['acceleration', 'turnAcceleration'],
    angles: [2],
    quaternion: undefined,
    stateLow: new Float64Array([-Infinity, -Infinity, -Infinity, -speed, -turnRate]),
    stateHigh: new Float64Array([Infinity, Infinity, Infinity, speed, turnRate]),
    controlLow: new Float64Array([-acceleration, -turnAcceleration]),
    controlHigh: new Float64Array([acceleration, turnAcceleration]),
    neutral: new Float64Array(2),
    canRest: true,
    maxSpeed: speed,
    parts: [part],
    stepInto(out, state, control) {
      const yaw = state[2];
      const v = state[3];
      const w = state[4];
      out[0] = state[0] + v * Math.cos(yaw) * dt;
      out[1] = state[1] + v * Math.sin(yaw) * dt;
      out[2] = yaw + w * dt;
      out[3] = v + control[0] * dt;
      out[4] = w + control[1] * dt;
    },
    distance(a, b) {
      return (
        weights[0] * Math.hypot(a[0] - b[0], a[1] - b[1]) +
        weights[1] * Math.abs(angleDifference(a[2], b[2])) +
        weights[2] * Math.abs(a[3] - b[3]) +
        weights[3] * Math.abs(a[4] - b[4])
      );
    },
    placeInto(out, state) {
      placePlanarInto(out, 0, state[0], state[1], state[2]);
    },
  };
}
