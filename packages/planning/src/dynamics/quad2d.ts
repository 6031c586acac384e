/**
 * Planar multirotor: two rotors push along the body's y by f1 and f2, in units of the force at which each carries half of the weight.
 * x'' = -(F1 + F2) sin(yaw) / m, y'' = (F1 + F2) cos(yaw) / m - g, yaw'' = l (F1 - F2) / I, one step of explicit Euler.
 * @source dynobench (Ortiz-Haro, Hoenig), model `quad2d`, without drag.
 */
import { angleDifference } from './angles.js';
import type { Dynamics } from './dynamics.js';
import { placePlanarInto } from './planar-place.js';

export interface Quad2dParameters {
  readonly dt: number;
  /** m/s per axis, both ways. */
  readonly speed: number;
  /** rad/s, both ways. */
  readonly turnRate: number;
  /** Of half the weight, per rotor. */
  readonly maxForce: number;
  /** kg */
  readonly mass: number;
  /** kg m2 */
  readonly inertia: number;
  /** From the middle to a rotor, metres. */
  readonly arm: number;
  /** Full width and height, metres. */
  readonly size: readonly [number, number];
  /** Of position, heading, velocity and turn rate. */
  readonly weights: readonly [number, number, number, number];
}

/** m/s2 */
const GRAVITY = 9.81;

export function createQuad2d(name: string, parameters: Quad2dParameters): Dynamics {
  const { dt, speed, turnRate, maxForce, mass, inertia, arm, size, weights } = parameters;
  const unit = (mass * GRAVITY) / 2;
  return {
    name,
    dt,
    space: 2,
    stateNames: ['x', 'y', 'yaw', 'vx', 'vy', 'turnRate'],
    controlNames: ['force1', 'force2'],
    angles: [2],
    quaternion: undefined,
    stateLow: new Float64Array([-Infinity, -Infinity, -Infinity, -speed, -speed, -turnRate]),
    stateHigh: new Float64Array([Infinity, Infinity, Infinity, speed, speed, turnRate]),
    controlLow: new Float64Array(2),
    controlHigh: new Float64Array(2).fill(maxForce),
    neutral: new Float64Array([1, 1]),
    canRest: true,
    maxSpeed: speed * Math.SQRT2,
    parts: [{ shape: 'box', half: [size[0] / 2, size[1] / 2, 0] }],
    stepInto(out, state, control) {
      const yaw = state[2];
      const vx = state[3];
      const vy = state[4];
      const w = state[5];
      const lift = ((control[0] + control[1]) * unit) / mass;
      out[0] = state[0] + vx * dt;
      out[1] = state[1] + vy * dt;
      out[2] = yaw + w * dt;
      out[3] = vx - lift * Math.sin(yaw) * dt;
      out[4] = vy + (lift * Math.cos(yaw) - GRAVITY) * dt;
      out[5] = w + ((arm * unit * (control[0] - control[1])) / inertia) * dt;
    },
    distance(a, b) {
      return (
        weights[0] * Math.hypot(a[0] - b[0], a[1] - b[1]) +
        weights[1] * Math.abs(angleDifference(a[2], b[2])) +
        weights[2] * Math.hypot(a[3] - b[3], a[4] - b[4]) +
        weights[3] * Math.abs(a[5] - b[5])
      );
    },
    placeInto(out, state) {
      placePlanarInto(out, 0, state[0], state[1], state[2]);
    },
  };
}
