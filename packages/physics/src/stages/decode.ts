/** First stage: f32 actions become i32 words. What is out of range is clamped; NaN and infinities become neutral and are counted. */
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, INTERACT } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';

/** Columns as flat tables: what a value is multiplied by, its bounds and its neutral value. All neutral values are 0. */
const SCALE = Float64Array.from(ACTION_SPEC, (field) => 1 << field.bits);
const LOW = Float64Array.from(ACTION_SPEC, (field) => field.min);
const HIGH = Float64Array.from(ACTION_SPEC, (field) => field.max);

/**
 * Decodes agents [i0, i1) of `[B, A, F]` f32 actions into `[B, A, ACTION_WORDS]`; a button at 0.5 rounds up to pressed.
 * Same result as `quantise`: an f32 times a power of two is exact, so only the sum with 0.5 rounds to f32.
 * @returns how many values were NaN or infinite.
 */
export function decodeActions(actions: Float32Array, words: Int32Array, i0: number, i1: number): number {
  let invalid = 0;
  for (let i = i0, from = i0 * ACTION_FIELDS, to = i0 * ACTION_WORDS; i < i1; i++, from += ACTION_FIELDS, to += ACTION_WORDS) {
    for (let k = 0; k < ACTION_FIELDS; k++) {
      const value = actions[from + k];
      let word = 0;
      // Most columns are 0; value - value is 0 exactly for finite values.
      if (value !== 0) {
        if (value - value === 0) word = Math.floor(Math.fround(Math.min(Math.max(value, LOW[k]), HIGH[k]) * SCALE[k] + 0.5)) | 0;
        else invalid++;
      }
      words[to + k] = word;
    }
    words[to + ACTION_WORD.textLength] = 0;
    words[to + ACTION_WORD.textHash] = 0;
  }
  return invalid;
}

/** Clears what a body may not do, so that later stages need not ask: dig, place and use by ability, the rest without survival. */
export function maskAbilities(program: ScenarioProgram, words: Int32Array, numWorlds: number): void {
  const { bodies, numAgents } = program;
  if (program.survival === undefined) {
    for (let at: number = ACTION_WORD.interact; at < words.length; at += ACTION_WORDS)
      if (words[at] > INTERACT.use) words[at] = INTERACT.none;
  }
  for (let a = 0; a < numAgents; a++) {
    const body = a * BODY_WORDS + BODY_WORD.canDig;
    if (bodies[body] !== 0 && bodies[body + 1] !== 0 && bodies[body + 2] !== 0) continue;
    for (let w = 0; w < numWorlds; w++) {
      const at = (w * numAgents + a) * ACTION_WORDS + ACTION_WORD.interact;
      if (words[at] !== 0 && words[at] <= INTERACT.use && bodies[body + words[at] - 1] === 0) words[at] = 0;
    }
  }
}
