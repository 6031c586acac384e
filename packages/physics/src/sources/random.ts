/**
 * The random source: keys and axes drawn from the episode's seed, so a row of any batch plays like a single world with its seed.
 * Axes are uniform and held for 8 ticks (keys that change every tick go nowhere), buttons and hands are drawn per tick.
 * Two random words an agent and tick, no allocation: it is the load of benchmarks.
 */
import {
  ACTION_FIELDS,
  ACTION_SPEC,
  AGENT_FLAG,
  DISCRETE_ACTIONS,
  INTERACT,
  INVENTORY_SLOTS,
  PURPOSE,
  randomBelow,
  randomU32,
} from '@kinovox/world';
import type { ScenarioProgram } from '../program.js';
import type { ActionSource, SourceHost } from './action-source.js';

/** Ticks for which axes are held: 2^3. */
const HOLD_SHIFT = 3;
/** Ticks for which a discrete choice is held: 2^1. */
const CHOICE_HOLD_SHIFT = 1;
/** Draws of an agent and tick. */
const AXES = 0;
const BUTTONS = 1;
const CHOICE = 2;
/** Widest turn and look, rad/tick: a quarter turn in a second. */
const TURN_SCALE = Math.PI / 40 / 128;
/** Turn of each byte. */
const TURNS = Float32Array.from({ length: 256 }, (_, byte) => (byte - 128) * TURN_SCALE);

/** @param profile whether agents draw among the discrete choices or among keys and axes. */
export function createRandomSource(profile: 'native' | 'discrete' = 'native'): ActionSource {
  return {
    name: 'random',
    check() {},
    fill: profile === 'native' ? fillNative : fillDiscrete,
    device: profile === 'native' ? nativeDevice : discreteDevice,
  };
}

/** Draws of one agent and tick into ACTION_SPEC's columns, in its order, from `at` on. Byte b of a word as b - 128 is uniform in [-128, 127]. */
export function writeRandomRow(
  out: Float32Array,
  at: number,
  low: number,
  high: number,
  tick: number,
  slot: number,
  numSymbols: number,
): void {
  const axes = randomU32(low, high, tick >> HOLD_SHIFT, slot, PURPOSE.policy, AXES);
  const buttons = randomU32(low, high, tick, slot, PURPOSE.policy, BUTTONS);
  out[at] = ((axes & 255) - 128) / 128;
  out[at + 1] = (((axes >>> 8) & 255) - 128) / 128;
  out[at + 2] = (buttons & 7) === 0 ? 1 : 0;
  out[at + 3] = (axes & 3) === 0 ? 1 : 0;
  out[at + 4] = (axes & 60) === 0 ? 1 : 0;
  out[at + 5] = TURNS[(axes >>> 16) & 255];
  out[at + 6] = TURNS[axes >>> 24];
  // Hands are held with the axes, since digging takes time: 3/16 dig, 2/16 place, 1/16 use, otherwise nothing.
  const hands = (axes >>> 12) & 15;
  out[at + 7] = hands < 3 ? INTERACT.dig : hands < 5 ? INTERACT.place : hands === 5 ? INTERACT.use : INTERACT.none;
  out[at + 8] = ((buttons >>> 3) & 63) === 0 ? 1 + ((((buttons >>> 9) & 255) * INVENTORY_SLOTS) >> 8) : 0;
  if (numSymbols > 0) out[at + 9] = ((buttons >>> 17) & 31) === 0 ? 1 + (((buttons >>> 22) * numSymbols) >> 10) : 0;
}

/** Symbols that the random source says; 0 where messages are off. */
export function randomSymbols({ messages }: ScenarioProgram): number {
  return messages.enabled ? messages.numSymbols : 0;
}

/** The discrete choice of one agent and tick. */
export function randomChoice(low: number, high: number, tick: number, slot: number): number {
  return randomBelow(randomU32(low, high, tick >> CHOICE_HOLD_SHIFT, slot, PURPOSE.policy, CHOICE), DISCRETE_ACTIONS.length);
}

/** `[discrete action, F]` rows of the discrete choices. */
export function discreteRows(): Float32Array {
  const rows = new Float32Array(DISCRETE_ACTIONS.length * ACTION_FIELDS);
  DISCRETE_ACTIONS.forEach(({ columns }, choice) => {
    ACTION_SPEC.forEach(({ name }, column) => {
      rows[choice * ACTION_FIELDS + column] = (columns as Partial<Record<string, number>>)[name] ?? 0;
    });
  });
  return rows;
}

function fillNative({ program, numWorlds, state }: SourceHost, out: Float32Array): void {
  const { numAgents } = program;
  const numSymbols = randomSymbols(program);
  out.fill(0);
  for (let w = 0, i = 0; w < numWorlds; w++)
    for (let slot = 0; slot < numAgents; slot++, i++)
      if ((state.flags[i] & AGENT_FLAG.alive) !== 0)
        writeRandomRow(out, i * ACTION_FIELDS, state.seedLow[w], state.seedHigh[w], state.tick[w], slot, numSymbols);
}

const ROWS = discreteRows();

function fillDiscrete({ program, numWorlds, state }: SourceHost, out: Float32Array): void {
  const { numAgents } = program;
  out.fill(0);
  for (let w = 0, i = 0; w < numWorlds; w++)
    for (let slot = 0; slot < numAgents; slot++, i++) {
      if ((state.flags[i] & AGENT_FLAG.alive) === 0) continue;
      const choice = randomChoice(state.seedLow[w], state.seedHigh[w], state.tick[w], slot);
      out.set(ROWS.subarray(choice * ACTION_FIELDS, (choice + 1) * ACTION_FIELDS), i * ACTION_FIELDS);
    }
}

function nativeDevice(program: ScenarioProgram) {
  return {
    table: new Int32Array(TURNS.slice().buffer),
    code: /* wgsl */ `
fn decide(w: i32, a: i32, i: i32) {
  let tick = data[STATE_tick + w];
  let axes = random_u32(data[STATE_seedLow + w], data[STATE_seedHigh + w], tick >> ${HOLD_SHIFT}u, a, ${PURPOSE.policy}, ${AXES});
  let buttons = random_u32(data[STATE_seedLow + w], data[STATE_seedHigh + w], tick, a, ${PURPOSE.policy}, ${BUTTONS});
  put(i, 0, f32(i32(axes & 255u) - 128) * 0.0078125);
  put(i, 1, f32(i32((axes >> 8u) & 255u) - 128) * 0.0078125);
  put(i, 2, select(0.0, 1.0, (buttons & 7u) == 0u));
  put(i, 3, select(0.0, 1.0, (axes & 3u) == 0u));
  put(i, 4, select(0.0, 1.0, (axes & 60u) == 0u));
  put_bits(i, 5, table[(axes >> 16u) & 255u]);
  put_bits(i, 6, table[axes >> 24u]);
  let hands = (axes >> 12u) & 15u;
  put(i, 7, select(select(select(0.0, ${INTERACT.use}.0, hands == 5u), ${INTERACT.place}.0, hands < 5u), ${INTERACT.dig}.0, hands < 3u));
  put(i, 8, select(0.0, f32(1u + ((((buttons >> 9u) & 255u) * ${INVENTORY_SLOTS}u) >> 8u)), ((buttons >> 3u) & 63u) == 0u));
  if (${randomSymbols(program)}u > 0u) {
    put(i, 9, select(0.0, f32(1u + (((buttons >> 22u) * ${randomSymbols(program)}u) >> 10u)), ((buttons >> 17u) & 31u) == 0u));
  }
}
`,
  };
}

function discreteDevice() {
  return {
    table: new Int32Array(ROWS.slice().buffer),
    code: /* wgsl */ `
fn decide(w: i32, a: i32, i: i32) {
  let word = random_u32(data[STATE_seedLow + w], data[STATE_seedHigh + w], data[STATE_tick + w] >> ${CHOICE_HOLD_SHIFT}u, a, ${PURPOSE.policy}, ${CHOICE});
  let choice = i32(((word >> 16u) * ${DISCRETE_ACTIONS.length}u) >> 16u);
  for (var column = 0; column < ${ACTION_FIELDS}; column++) { put_bits(i, column, table[choice * ${ACTION_FIELDS} + column]); }
}
`,
  };
}
