/** First stage: f32 actions become i32 words. What is out of range is clamped; NaN and infinities become neutral and are counted. */
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, INTERACT, quantise } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';

/** Columns as flat tables: what a value is multiplied by, and the words of its bounds. All neutral values are 0. */
const SCALE = Float64Array.from(ACTION_SPEC, (field) => 1 << field.bits);
const LOW = Float64Array.from(ACTION_SPEC, (field) => quantise(field.min, field.bits, field.min, field.max));
const HIGH = Float64Array.from(ACTION_SPEC, (field) => quantise(field.max, field.bits, field.min, field.max));

/**
 * Decodes agents [i0, i1) of `[B, A, F]` f32 actions into `[B, A, ACTION_WORDS]`; a button at 0.5 rounds up to pressed.
 * Same result as `quantise`: an f32 times a power of two is exact, so only the sum with 0.5 rounds to f32; and rounding never
 * changes the order of values, so words may be clamped in place of values. No branch depends on what a player does.
 * @returns how many values were NaN or infinite.
 */
export function decodeActions(actions: Float32Array, words: Int32Array, i0: number, i1: number): number {
  let invalid = 0;
  for (let i = i0, from = i0 * ACTION_FIELDS, to = i0 * ACTION_WORDS; i < i1; i++, from += ACTION_FIELDS, to += ACTION_WORDS) {
    // value - value is 0 exactly for finite values, else NaN.
    let rest = 0;
    for (let k = 0; k < ACTION_FIELDS; k++) {
      const value = actions[from + k];
      rest += value - value;
      const word = Math.floor(Math.fround(value * SCALE[k] + 0.5));
      words[to + k] = word < LOW[k] ? LOW[k] : word > HIGH[k] ? HIGH[k] : word;
    }
    words[to + ACTION_WORD.textLength] = 0;
    words[to + ACTION_WORD.textHash] = 0;
    if (rest !== 0) invalid += neutralise(actions, words, from, to);
  }
  return invalid;
}

/** Makes the words of what is NaN or infinite neutral. @returns how many there are. */
function neutralise(actions: Float32Array, words: Int32Array, from: number, to: number): number {
  let invalid = 0;
  for (let k = 0; k < ACTION_FIELDS; k++) {
    const value = actions[from + k];
    if (value - value === 0) continue;
    words[to + k] = 0;
    invalid++;
  }
  return invalid;
}

/**
 * Clears what bodies of worlds [w0, w1) may not do, so that later stages need not ask: dig, place and use by ability, the rest without survival, but for
 * `attack` where props can be carried.
 */
export function maskAbilities(program: ScenarioProgram, words: Int32Array, w0: number, w1: number): void {
  const { bodies, numAgents } = program;
  if (program.survival === undefined) {
    const last = program.carrying === undefined ? INTERACT.use : INTERACT.attack;
    const end = w1 * numAgents * ACTION_WORDS;
    for (let at = w0 * numAgents * ACTION_WORDS + ACTION_WORD.interact; at < end; at += ACTION_WORDS)
      if (words[at] > last) words[at] = INTERACT.none;
  }
  for (let a = 0; a < numAgents; a++) {
    const body = a * BODY_WORDS + BODY_WORD.canDig;
    if (bodies[body] !== 0 && bodies[body + 1] !== 0 && bodies[body + 2] !== 0) continue;
    for (let w = w0; w < w1; w++) {
      const at = (w * numAgents + a) * ACTION_WORDS + ACTION_WORD.interact;
      if (words[at] !== 0 && words[at] <= INTERACT.use && bodies[body + words[at] - 1] === 0) words[at] = 0;
    }
  }
}
