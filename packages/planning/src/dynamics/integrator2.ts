/**
 * Double integrator in the plane or in space: the acceleration is commanded; the body does not turn. One step of explicit Euler: the position moves by
 * the velocity before the step.
 * @source dynobench (Ortiz-Haro, Hoenig), models `integrator2_2d` and `integrator2_3d`.
 */
import type { Dynamics, Part } from './dynamics.js';

export interface Integrator2Parameters {
  readonly space: 2 | 3;
  readonly dt: number;
  /** m/s per axis, both ways. */
  readonly speed: number;
  /** m/s2 per axis, both ways. */
  readonly acceleration: number;
  readonly part: Part;
  /** Of position and velocity. */
  readonly weights: readonly [number, number];
}

export function createIntegrator2(name: string, parameters: Integrator2Parameters): Dynamics {
  const { space, dt, speed, acceleration, part, weights } = parameters;
  const axes = ['x', 'y', 'z'].slice(0, space);
  const stateHigh = new Float64Array(2 * space).fill(Infinity, 0, space).fill(speed, space);
  return {
    name,
    dt,
    space,
    stateNames: [...axes, ...axes.map((axis) => `v${axis}`)],
    controlNames: axes.map((axis) => `a${axis}`),
    angles: [],
    quaternion: undefined,
    stateLow: stateHigh.map((bound) => -bound),
    stateHigh,
    controlLow: new Float64Array(space).fill(-acceleration),
    controlHigh: new Float64Array(space).fill(acceleration),
    neutral: new Float64Array(space),
    canRest: true,
    maxSpeed: speed * Math.sqrt(space),
    parts: [part],
    stepInto(out, state, control) {
      for (let axis = 0; axis < space; axis++) {
        const v = state[space + axis];
        out[axis] = state[axis] + v * dt;
        out[space + axis] = v + control[axis] * dt;
      }
    },
    distance(a, b) {
      let position = 0;
      let velocity = 0;
      for (let axis = 0; axis < space; axis++) {
        position += (a[axis] - b[axis]) ** 2;
        velocity += (a[space + axis] - b[space + axis]) ** 2;
      }
      return weights[0] * Math.sqrt(position) + weights[1] * Math.sqrt(velocity);
    },
    placeInto(out, state) {
      out[0] = state[0];
      out[1] = state[1];
      out[2] = space === 3 ? state[2] : 0;
      out[3] = 0;
      out[4] = 0;
      out[5] = 0;
      out[6] = 1;
    },
  };
}
