/**
 * Car with one trailer, first order: speed v and steering angle p are commanded, x' = v cos yaw, y' = v sin yaw, yaw' = v tan(p) / L, and the trailer's
 * heading turns by v sin(yaw - trailerYaw) / H; one step of explicit Euler. The trailer's middle is H behind the car's.
 * The angle between car and trailer has no bound: upstream asks its solver for pi / 4, but its own solutions go to 0.816 rad.
 * @source dynobench (Ortiz-Haro, Hoenig), model `car_with_trailers`.
 */
import { angleDifference } from './angles.js';
import type { Dynamics } from './dynamics.js';
import { placePlanarInto } from './planar-place.js';

export interface CarTrailerParameters {
  readonly dt: number;
  /** m/s */
  readonly speed: readonly [low: number, high: number];
  /** rad, both ways. */
  readonly steering: number;
  /** Between the axles, metres. */
  readonly wheelbase: number;
  /** From the car's middle to the trailer's, metres. */
  readonly hitch: number;
  /** Full length and width, metres. */
  readonly size: readonly [number, number];
  readonly trailerSize: readonly [number, number];
  /** Of position, heading and the trailer's heading. */
  readonly weights: readonly [number, number, number];
}

export function createCarTrailer(name: string, parameters: CarTrailerParameters): Dynamics {
  const { dt, speed, steering, wheelbase, hitch, size, trailerSize, weights } = parameters;
  return {
    name,
    dt,
    space: 2,
    stateNames: ['x', 'y', 'yaw', 'trailerYaw'],
    controlNames: ['speed', 'steering'],
    angles: [2, 3],
    quaternion: undefined,
    stateLow: new Float64Array(4).fill(-Infinity),
    stateHigh: new Float64Array(4).fill(Infinity),
    controlLow: new Float64Array([speed[0], -steering]),
    controlHigh: new Float64Array([speed[1], steering]),
    neutral: new Float64Array(2),
    canRest: true,
    maxSpeed: Math.max(Math.abs(speed[0]), Math.abs(speed[1])),
    parts: [
      { shape: 'box', half: [size[0] / 2, size[1] / 2, 0] },
      { shape: 'box', half: [trailerSize[0] / 2, trailerSize[1] / 2, 0] },
    ],
    stepInto(out, state, control) {
      const yaw = state[2];
      const trailer = state[3];
      const v = control[0];
      out[0] = state[0] + v * Math.cos(yaw) * dt;
      out[1] = state[1] + v * Math.sin(yaw) * dt;
      out[2] = yaw + (v / wheelbase) * Math.tan(control[1]) * dt;
      out[3] = trailer + (v / hitch) * Math.sin(yaw - trailer) * dt;
    },
    distance(a, b) {
      return (
        weights[0] * Math.hypot(a[0] - b[0], a[1] - b[1]) +
        weights[1] * Math.abs(angleDifference(a[2], b[2])) +
        weights[2] * Math.abs(angleDifference(a[3], b[3]))
      );
    },
    placeInto(out, state) {
      const trailer = state[3];
      placePlanarInto(out, 0, state[0], state[1], state[2]);
      placePlanarInto(out, 1, state[0] - hitch * Math.cos(trailer), state[1] - hitch * Math.sin(trailer), trailer);
    },
  };
}
