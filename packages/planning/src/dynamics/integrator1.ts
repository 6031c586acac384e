/**
 * Single integrator in the plane: the velocity is commanded; it does not turn. One step of explicit Euler.
 * @source dynobench (Ortiz-Haro, Hoenig), model `integrator1_2d`.
 */
import type { Dynamics, Part } from './dynamics.js';
import { placePlanarInto } from './planar-place.js';

export interface Integrator1Parameters {
  readonly dt: number;
  /** m/s per axis, both ways. */
  readonly speed: number;
  readonly part: Part;
}

export function createIntegrator1(name: string, { dt, speed, part }: Integrator1Parameters): Dynamics {
  return {
    name,
    dt,
    space: 2,
    stateNames: ['x', 'y'],
    controlNames: ['vx', 'vy'],
    angles: [],
    quaternion: undefined,
    stateLow: new Float64Array(2).fill(-Infinity),
    stateHigh: new Float64Array(2).fill(Infinity),
    controlLow: new Float64Array(2).fill(-speed),
    controlHigh: new Float64Array(2).fill(speed),
    neutral: new Float64Array(2),
    canRest: true,
    maxSpeed: speed * Math.SQRT2,
    parts: [part],
    stepInto(out, state, control) {
      out[0] = state[0] + control[0] * dt;
      out[1] = state[1] + control[1] * dt;
    },
    distance(a, b) {
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    },
    placeInto(out, state) {
      placePlanarInto(out, 0, state[0], state[1], 0);
    },
  };
}
