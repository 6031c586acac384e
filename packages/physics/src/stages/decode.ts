/** First stage: f32 actions become i32 words. What is out of range is clamped; NaN and infinities become neutral and are counted. */
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, quantise } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';

/** One column as the decoder reads it: scale bits, bounds, neutral value, and whether it is a button. */
const COLUMNS = ACTION_SPEC.map((field) => ({ ...field, scale: 2 ** field.bits, button: field.kind === 'button' }));

/**
 * Decodes agents [i0, i1) of `[B, A, F]` f32 actions into `[B, A, ACTION_WORDS]`.
 * @returns how many values were NaN or infinite.
 */
export function decodeActions(actions: Float32Array, words: Int32Array, i0: number, i1: number): number {
  let invalid = 0;
  for (let i = i0; i < i1; i++) {
    const from = i * ACTION_FIELDS;
    const to = i * ACTION_WORDS;
    for (let k = 0; k < ACTION_FIELDS; k++) {
      const value = actions[from + k];
      if (value === 0) {
        words[to + k] = 0;
        continue;
      }
      if (value - value !== 0) invalid++;
      const column = COLUMNS[k];
      words[to + k] = column.button ? (value >= 0.5 && value - value === 0 ? 1 : 0) : quantise(value, column.bits, column.min, column.max, column.neutral);
    }
    words[to + ACTION_WORD.textLength] = 0;
    words[to + ACTION_WORD.textHash] = 0;
  }
  return invalid;
}

/** Clears what a body may not do, so that later stages need not ask: messages, dig, place and use by ability. */
export function maskAbilities(program: ScenarioProgram, words: Int32Array, i0: number, i1: number): void {
  const { bodies, numAgents } = program;
  for (let i = i0; i < i1; i++) {
    const at = i * ACTION_WORDS + ACTION_WORD.interact;
    const interact = words[at];
    if (interact === 0) continue;
    if (bodies[(i % numAgents) * BODY_WORDS + BODY_WORD.canDig + interact - 1] === 0) words[at] = 0;
  }
}
