/** Ways in which skills end, written in one place, and numbers as their sentences give them. */
import type { Answer, Facts, Refusal, SkillStep } from './skill.js';

export const RUNNING: SkillStep = { status: 'running' };

/** For `begin`. */
export function refuse(code: string, sentence: string, facts: Facts = {}): { readonly refusal: Refusal } {
  return { refusal: { code, sentence, facts } };
}

/** For `begin`. */
export function answer(sentence: string, facts: Facts = {}): { readonly answer: Answer } {
  return { answer: { sentence, facts } };
}

/** For `step`. */
export function done(sentence: string, facts: Facts = {}): SkillStep {
  return { status: 'done', answer: { sentence, facts } };
}

/** For `step`. */
export function refused({ refusal }: { readonly refusal: Refusal }): SkillStep {
  return { status: 'refused', refusal };
}

/** Metres to a tenth, or blocks as they are; never "-0". */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}

/** `3 planks`, `1 plank` is left to the reader: names of items and blocks stay as they are. */
export function listed(counts: Iterable<readonly [string, number]>): string {
  const words = [...counts].map(([name, count]) => `${count} ${name}`);
  return words.length === 0 ? 'nothing' : words.join(', ');
}

/** The plural where it is asked for. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function cellText([x, y, z]: readonly number[]): string {
  return `${x} ${y} ${z}`;
}

/** What comes of a call in whose middle the agent died. @param tick of its return. */
export function diedRefusal(tick: number): Refusal {
  return { code: 'died', sentence: 'You died before it was done, and are back where agents begin.', facts: { tick } };
}
