/**
 * Unicycle of first order: speed and turn rate are commanded, x' = v cos yaw, y' = v sin yaw, yaw' = w, one step of explicit Euler.
 * @source dynobench (Ortiz-Haro, Hoenig), model `unicycle1`.
 */
import { angleDifference } from './angles.js';
import type { Dynamics, Part } from './dynamics.js';
import { placePlanarInto } from './planar-place.js';

export interface Unicycle1Parameters {
  readonly dt: number;
  /** m/s */
  readonly speed: readonly [low: number, high: number];
  /** rad/s */
  readonly turnRate: readonly [low: number, high: number];
  readonly part: Part;
  /** Of position and heading. */
  readonly weights: readonly [number, number];
}

export function createUnicycle1(name: string, { dt, speed, turnRate, part, weights }: Unicycle1Parameters): Dynamics {
  const rest = speed[0] <= 0 && speed[1] >= 0 && turnRate[0] <= 0 && turnRate[1] >= 0;
  return {
    name,
    dt,
    space: 2,
    stateNames: ['x', 'y', 'yaw'],
    controlNames: ['speed', 'turnRate'],
    angles: [2],
    quaternion: undefined,
    stateLow: new Float64Array([-Infinity, -Infinity, -Infinity]),
    stateHigh: new Float64Array([Infinity, Infinity, Infinity]),
    controlLow: new Float64Array([speed[0], turnRate[0]]),
    controlHigh: new Float64Array([speed[1], turnRate[1]]),
    neutral: new Float64Array([Math.max(0, speed[0]), 0]),
    canRest: rest,
    maxSpeed: Math.max(Math.abs(speed[0]), Math.abs(speed[1])),
    parts: [part],
    stepInto(out, state, control) {
      const yaw = state[2];
      const v = control[0];
      out[0] = state[0] + v * Math.cos(yaw) * dt;
      out[1] = state[1] + v * Math.sin(yaw) * dt;
      out[2] = yaw + control[1] * dt;
    },
    distance(a, b) {
      return weights[0] * Math.hypot(a[0] - b[0], a[1] - b[1]) + weights[1] * Math.abs(angleDifference(a[2], b[2]));
    },
    placeInto(out, state) {
      placePlanarInto(out, 0, state[0], state[1], state[2]);
    },
  };
}
