/**
 * What bodies can do by closed form: brake to rest, and from rest to rest in a straight line. For unicycles and integrators of first and second order; a unicycle
 * turns on the spot, drives, and turns again. Every motion is written as controls that the dynamics step, so that it is what happens.
 */
import { angleDifference } from '../dynamics/angles.js';
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import type { Robot } from '../problem/problem.js';

export interface BodyMotions {
  /** Controls, one row per step, that bring the state to rest; none for a body that stops at once. */
  brake(state: Float64Array): Float64Array[];
  /** Controls from a state at rest to rest at the position, and heading, of `goal`. */
  goTo(state: Float64Array, goal: Float64Array): Float64Array[];
  /** `[numStates]` whether the component is a speed, which is 0 at rest. */
  readonly isSpeed: readonly boolean[];
  /** Controls to hold for `steps` steps: per control up to five levels, of what is commanded or of the speed that it leads to. */
  choices(state: Float64Array, steps: number): Float64Array[];
}

/** Position components that need no driving, metres; goals count within 0.01. */
const NEAR = 0.006;

/** @returns undefined for bodies that it does not know: cars with trailers, quadrotors, and those that cannot stand still. */
export function createBodyMotions(dynamics: Dynamics): BodyMotions | undefined {
  const { space, dt, controlLow, controlHigh, stateHigh, stateLow } = dynamics;
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const names = dynamics.stateNames.join();
  const turns = names === 'x,y,yaw' || names === 'x,y,yaw,speed,turnRate';
  const slides = names === 'x,y' || names === 'x,y,z' || names === 'x,y,vx,vy' || names === 'x,y,z,vx,vy,vz';
  if ((!turns && !slides) || !dynamics.canRest || dynamics.parts.length !== 1) return undefined;
  // Speeds that are states follow the configuration; bodies of first order have none.
  const first = turns ? 3 : space;
  const second = first < nx;
  const speedOf = (u: number): number => first + u;
  const top = (u: number): number => (second ? stateHigh[speedOf(u)] : Math.min(controlHigh[u], -controlLow[u]));
  /** Controls over a way of `lengths` per control, all at once. */
  const travel = (lengths: readonly number[]): Float64Array[] => {
    if (lengths.every((length) => length === 0)) return [];
    if (!second) {
      const steps = Math.max(...lengths.map((length, u) => Math.ceil(Math.abs(length) / (top(u) * dt) - 1e-9)), 1);
      const control = Float64Array.from(lengths, (length) => length / (steps * dt));
      return Array.from({ length: steps }, () => control);
    }
    // n steps up, m on the level, n down cover a * dt^2 * n * (n + m).
    for (let steps = 2; ; steps++)
      for (let ramp = Math.floor(steps / 2); ramp >= 1; ramp--) {
        const share = 1 / (dt * dt * ramp * (steps - ramp));
        const fits = lengths.every(
          (length, u) => Math.abs(length) * share <= controlHigh[u] && Math.abs(length) * share * ramp * dt <= top(u),
        );
        if (!fits) continue;
        return Array.from({ length: steps }, (_, k) =>
          Float64Array.from(lengths, (length) => (k < ramp ? 1 : k >= steps - ramp ? -1 : 0) * length * share),
        );
      }
  };
  return {
    isSpeed: Array.from({ length: nx }, (_, i) => second && i >= first),
    brake(state) {
      if (!second) return [];
      const left = Array.from({ length: nu }, (_, u) => state[speedOf(u)]);
      const controls: Float64Array[] = [];
      while (left.some((speed) => Math.abs(speed) > 1e-12)) {
        const control = Float64Array.from(left, (speed, u) => Math.max(controlLow[u], Math.min(controlHigh[u], -speed / dt)));
        for (let u = 0; u < nu; u++) left[u] += control[u] * dt;
        controls.push(control);
      }
      return controls;
    },
    goTo(state, goal) {
      const way = Array.from({ length: space }, (_, axis) => goal[axis] - state[axis]);
      const far = Math.hypot(...way) > NEAR;
      if (slides) return travel(far ? way : way.map(() => 0));
      const toGoal = (yaw: number): number => angleDifference(goal[2], yaw);
      if (!far) return travel([0, toGoal(state[2])]);
      const heading = Math.atan2(way[1], way[0]);
      const options = [heading, heading + Math.PI].map((yaw, back) => {
        const turn = angleDifference(yaw, state[2]);
        return { turn, length: (back === 1 ? -1 : 1) * Math.hypot(...way), then: toGoal(state[2] + turn) };
      });
      const turning = ({ turn, then }: { turn: number; then: number }): number => Math.abs(turn) + Math.abs(then);
      const best = turning(options[1]) < turning(options[0]) ? options[1] : options[0];
      return [...travel([0, best.turn]), ...travel([best.length, 0]), ...travel([0, best.then])];
    },
    choices(state, steps) {
      const levels = Array.from({ length: nu }, (_, u) => {
        if (!second) return [0, controlLow[u], controlHigh[u], controlLow[u] / 2, controlHigh[u] / 2];
        const i = speedOf(u);
        const push = Math.min(controlHigh[u] * steps * dt, stateHigh[i]);
        const speeds = [0, 1, -1, 0.5, -0.5].map((share) => Math.max(stateLow[i], Math.min(stateHigh[i], state[i] + share * push)));
        return [...new Set(speeds)].map((speed) => (speed - state[i]) / (steps * dt));
      });
      return levels
        .reduce<number[][]>((rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]])
        .map((row) => Float64Array.from(row));
    },
  };
}

/** States of a robot at rest are goals that it can stay at. */
export function isAtRest(state: Float64Array, { isSpeed }: BodyMotions): boolean {
  return isSpeed.every((speed, i) => !speed || Math.abs(state[i]) < 1e-9);
}

/** Within the tolerance of goals, with a little left for rounding. */
export function isAtGoal(state: Float64Array, { dynamics, goal }: Robot): boolean {
  return state.every((value, i) => Math.abs(dynamics.angles.includes(i) ? angleDifference(value, goal[i]) : value - goal[i]) < 0.009);
}
