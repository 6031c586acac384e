/**
 * A walker of a scenario in a level that does not change, as `Dynamics`: the step is the engine's own, so a plan that was made by stepping is repeated by
 * the world with residual exactly 0. States are SI; the engine's whole numbers are found again from them without loss.
 * Limits: alone (nobody pushes, no props, mobs or doors), and hands at rest: what digs or places changes the level, which is no part of the state.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, fromAngle } from '@kinovox/world';
import { WALKER_WORD, WALKER_WORDS, WalkerEngine, type WalkerLevel } from '../voxel/walker-engine.js';
import { angleDifference } from './angles.js';
import type { Dynamics } from './dynamics.js';

const Q16 = 65536;
const TICKS_PER_SECOND = 20;
const TURN = 4294967296;
/** Steps after which the engine below begins anew: its episode must not end. */
const MOST_STEPS = 50_000;
/** Highest speed, m/s: words of velocity are at most 4 blocks per tick. */
const MAX_SPEED = 4 * TICKS_PER_SECOND * Math.sqrt(3);
const HALF = [0.3, 0.9, 0.3] as const;

type Word = keyof typeof WALKER_WORD;
type Unit = 'metres' | 'metresPerSecond' | 'radians' | 'whole';

/** Components of a walker's state: feet in metres, velocity in m/s, view in radians, AGENT_FLAG bits, half hearts, metres fallen, ticks until the next jump. */
const COMPONENTS: readonly (readonly [name: string, word: Word, unit: Unit])[] = [
  ['x', 'posX', 'metres'],
  ['y', 'posY', 'metres'],
  ['z', 'posZ', 'metres'],
  ['vx', 'velX', 'metresPerSecond'],
  ['vy', 'velY', 'metresPerSecond'],
  ['vz', 'velZ', 'metresPerSecond'],
  ['yaw', 'yaw', 'radians'],
  ['pitch', 'pitch', 'radians'],
  ['flags', 'flags', 'whole'],
  ['health', 'health', 'whole'],
  ['fallen', 'fallDistance', 'metres'],
  ['jumpCooldown', 'jumpCooldown', 'whole'],
];
export const WALKER_STATE_NAMES: readonly string[] = COMPONENTS.map(([name]) => name);
export const WALKER_DYNAMICS_NAME = 'walker';

/** Writes a walker's state. @param word of the state of an engine. */
export function readWalkerState(out: Float64Array, word: (name: Word) => number): void {
  COMPONENTS.forEach(([, name, unit], k) => {
    out[k] = toSi(word(name), unit);
  });
}

/** @param slot of the walker whose body it is; its hands are empty. */
export function createWalkerDynamics(program: ScenarioProgram, slot: number, level: WalkerLevel): Dynamics {
  const engine = new WalkerEngine(program, slot, level);
  const own = new Int32Array(WALKER_WORDS);
  const row = new Float32Array(ACTION_FIELDS);
  let steps = MOST_STEPS;
  const unbounded = (value: number) => new Float64Array(COMPONENTS.length).fill(value);
  // Hands and messages change more than the walker.
  const isMotion = ACTION_SPEC.map(({ kind }) => kind !== 'choice');
  return {
    name: WALKER_DYNAMICS_NAME,
    dt: 1 / TICKS_PER_SECOND,
    space: 3,
    stateNames: WALKER_STATE_NAMES,
    controlNames: ACTION_SPEC.map(({ name }) => name),
    angles: COMPONENTS.flatMap(([, , unit], k) => (unit === 'radians' ? [k] : [])),
    quaternion: undefined,
    stateLow: unbounded(Number.NEGATIVE_INFINITY),
    stateHigh: unbounded(Number.POSITIVE_INFINITY),
    controlLow: Float64Array.from(ACTION_SPEC, ({ min }, k) => (isMotion[k] ? min : 0)),
    controlHigh: Float64Array.from(ACTION_SPEC, ({ max }, k) => (isMotion[k] ? max : 0)),
    neutral: Float64Array.from(ACTION_SPEC, ({ neutral }) => neutral),
    canRest: true,
    maxSpeed: MAX_SPEED,
    parts: [{ shape: 'box', half: HALF }],
    stepInto(out, state, control) {
      COMPONENTS.forEach(([, name, unit], k) => {
        own[WALKER_WORD[name]] = fromSi(state[k], unit);
      });
      if (steps++ >= MOST_STEPS) {
        engine.begin(own);
        steps = 0;
      } else engine.put(own);
      for (let k = 0; k < ACTION_FIELDS; k++) row[k] = isMotion[k] ? control[k] : 0;
      engine.step(row);
      readWalkerState(out, (name) => engine.word(name));
    },
    distance(a, b) {
      let sum = 0;
      for (let k = 0; k < 6; k++) sum += ((k < 3 ? 1 : 0.25) * (a[k] - b[k])) ** 2;
      return Math.sqrt(sum) + 0.5 * Math.abs(angleDifference(a[6], b[6]));
    },
    placeInto(out, state) {
      out.set([state[0], state[1] + HALF[1], state[2], 0, 0, 0, 1]);
    },
  };
}

function toSi(word: number, unit: Unit): number {
  switch (unit) {
    case 'metres':
      return word / Q16;
    case 'metresPerSecond':
      return (word * TICKS_PER_SECOND) / Q16;
    case 'radians':
      return fromAngle(word);
    default:
      return word;
  }
}

function fromSi(value: number, unit: Unit): number {
  switch (unit) {
    case 'metres':
      return Math.round(value * Q16);
    case 'metresPerSecond':
      return Math.round((value * Q16) / TICKS_PER_SECOND);
    case 'radians':
      return Math.round((value / (2 * Math.PI)) * TURN) | 0;
    default:
      return value;
  }
}
