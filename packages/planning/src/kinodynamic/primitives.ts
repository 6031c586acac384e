/**
 * Libraries of motion primitives: short motions of a robot type that begin at position 0, made by rolling out the dynamics under drawn controls, or read from
 * dynobench's files. A library is its starts and controls; the states are rolled out again.
 * @source Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022 (what a library is); differs: controls are drawn, not optimised between drawn states.
 */
import { drawU32, PURPOSE, randomStream } from '@kinovox/world';
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import type { Motion } from './repair.js';

export interface PrimitiveLibrary {
  /** In the order they were made: any first part of a library is one too. */
  readonly motions: readonly Motion[];
}

/**
 * The first `count` motions of a robot type's library; fewer where it has no more, or when the time is up.
 * @param timeIsUp asked per draw, default never.
 */
export type PrimitiveSource = (dynamics: Dynamics, count: number, timeIsUp?: () => boolean) => PrimitiveLibrary;

/** Libraries of up to `most` motions, made as far as they are asked for, and those that are given, by the dynamics' names. */
export function createPrimitiveSource(most: number, given: Readonly<Record<string, PrimitiveLibrary>> = {}): PrimitiveSource {
  const made = new Map<string, PrimitiveDraws>();
  return (dynamics, count, timeIsUp) => {
    const known = Object.hasOwn(given, dynamics.name) ? given[dynamics.name] : undefined;
    if (known !== undefined) return { motions: known.motions.slice(0, count) };
    let draws = made.get(dynamics.name);
    if (draws === undefined) made.set(dynamics.name, (draws = createDraws(dynamics, most, SEED)));
    return draws(count, timeIsUp);
  };
}

/** Goes on drawing where the last call ended. */
type PrimitiveDraws = (count: number, timeIsUp?: () => boolean) => PrimitiveLibrary;

const SEED = 1;
/** Steps of the shortest and the longest primitive. */
const SHORTEST = 5;
const LONGEST = 20;
/** Share of draws in which a speed is 0, and in which a control is at a bound or at rest. */
const PLAIN = 0.5;
/** Draws per primitive asked for: many leave the bounds of their speeds. */
const DRAWS = 200;

/**
 * @param seed u32; the same seed makes the same library on every machine.
 * @returns at most `count` motions of 5 to 20 steps within the bounds of states and controls; positions begin at 0 and are not bounded.
 */
export function generatePrimitives(dynamics: Dynamics, count: number, seed: number): PrimitiveLibrary {
  return createDraws(dynamics, count, seed)(count);
}

function createDraws(dynamics: Dynamics, most: number, seed: number): PrimitiveDraws {
  const stream = randomStream(seed, 0, 0, 0, PURPOSE.policy);
  let drawn = 0;
  const draw = (): number => drawU32(stream, drawn++) / 2 ** 32;
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const motions: Motion[] = [];
  let trials = 0;
  const drawOne = (): void => {
    const steps = SHORTEST + Math.floor(draw() * (LONGEST - SHORTEST + 1));
    const start = new Float64Array(nx);
    for (let i = dynamics.space; i < nx; i++) {
      const [low, high] = dynamics.angles.includes(i) ? [-Math.PI, Math.PI] : [dynamics.stateLow[i], dynamics.stateHigh[i]];
      const value = low + draw() * (high - low);
      start[i] = dynamics.angles.includes(i) || draw() >= PLAIN ? value : 0;
    }
    // A trailer's heading is drawn anew near that of its car: folded ones lie outside the bounds.
    for (const angle of dynamics.angles.slice(1)) start[angle] = start[dynamics.angles[0]] + (draw() - 0.5) * Math.PI;
    const controls = new Float64Array(steps * nu);
    const turn = 1 + Math.floor(draw() * steps);
    for (const [from, to] of [
      [0, turn],
      [turn, steps],
    ])
      for (let u = 0; u < nu; u++) {
        const [low, high] = [dynamics.controlLow[u], dynamics.controlHigh[u]];
        const plain = [low, high, dynamics.neutral[u]][Math.floor(draw() * 3)];
        const value = draw() < PLAIN ? plain : low + draw() * (high - low);
        for (let k = from; k < to; k++) controls[k * nu + u] = value;
      }
    const states = rolledOut(dynamics, start, controls);
    const kept = stepsWithin(dynamics, states);
    const motion = { states: states.slice(0, (kept + 1) * nx), controls: controls.slice(0, kept * nu) };
    if (kept >= SHORTEST && moves(dynamics, motion.states)) motions.push(motion);
  };
  return (count, timeIsUp) => {
    const wanted = Math.min(count, most);
    for (; trials < DRAWS * most && motions.length < wanted && timeIsUp?.() !== true; trials++) drawOne();
    return { motions: motions.slice(0, wanted) };
  };
}

export function rolledOut(dynamics: Dynamics, start: Float64Array, controls: Float64Array): Float64Array {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const steps = controls.length / nu;
  const states = new Float64Array((steps + 1) * nx);
  states.set(start);
  for (let k = 0; k < steps; k++)
    dynamics.stepInto(
      states.subarray((k + 1) * nx, (k + 2) * nx),
      states.subarray(k * nx, (k + 1) * nx),
      controls.subarray(k * nu, (k + 1) * nu),
    );
  return states;
}

/** Rounding of the sums of steps. */
const ROUNDING = 1e-9;

/** Steps before the first one out of bounds. */
function stepsWithin(dynamics: Dynamics, states: Float64Array): number {
  const nx = numStates(dynamics);
  const out = states.findIndex((value, at) => {
    const i = at % nx;
    return i >= dynamics.space && (value < dynamics.stateLow[i] - ROUNDING || value > dynamics.stateHigh[i] + ROUNDING);
  });
  return (out < 0 ? states.length / nx : Math.floor(out / nx)) - 1;
}

/** Waiting is a motion, but many that hardly move are not worth their place. */
function moves(dynamics: Dynamics, states: Float64Array): boolean {
  const nx = numStates(dynamics);
  return dynamics.distance(states.subarray(0, nx), states.subarray(states.length - nx)) > 0.05;
}
