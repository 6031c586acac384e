/** Actions from outside: scaled, clamped, and neutral where they are no numbers. */

import { BODY_WORD, hashWorld } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, quantise, ShapeError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { maskAbilities } from '../../packages/physics/src/stages/decode.js';
import { createGround, randomWords, standAt } from './fixture.js';

const ground = () =>
  createGround({ size: [8, 8, 8], boxes: [['stone', [0, 0, 0], [7, 0, 7]]], starts: [standAt(4, 1, 4), standAt(2, 1, 2)] });

/** Words of agent 0 for one f32 action given by field name. */
function wordsOf(action: Partial<Record<keyof typeof ACTION_WORD, number>>): { words: number[]; invalid: number } {
  const { engine } = ground();
  const actions = new Float32Array(2 * ACTION_FIELDS);
  for (const [name, value] of Object.entries(action)) actions[ACTION_WORD[name as keyof typeof ACTION_WORD]] = value;
  engine.decode(actions);
  return { words: Array.from(engine.buffers.actionWords.subarray(0, ACTION_WORDS)), invalid: engine.invalidActions };
}

describe('a decoded action', () => {
  it('has every field at its scale', () => {
    const { words, invalid } = wordsOf({
      forward: 1,
      strafe: -0.5,
      jump: 1,
      sprint: 0.5,
      sneak: 0.49,
      turn: 1,
      look: -1,
      interact: 2,
      slot: 9,
      message: 64,
    });
    expect(words).toEqual([4096, -2048, 1, 1, 0, 65536, -65536, 2, 9, 64, 0, 0, 0]);
    expect(invalid).toBe(0);
  });

  it('is clamped to the range of each field', () => {
    for (const [k, { name, min, max, bits }] of ACTION_SPEC.entries()) {
      for (const [value, bound] of [
        [1e30, max],
        [-1e30, min],
        [max + 1, max],
        [min - 1, min],
      ]) {
        expect(wordsOf({ [name]: value }).words[k], `${name} ${value}`).toBe(
          Math.floor(Math.fround(Math.fround(Math.fround(bound) * 2 ** bits) + 0.5)),
        );
      }
    }
  });

  it('is neutral where it is NaN or infinite, and each such value is counted', () => {
    for (const [k, { name, neutral }] of ACTION_SPEC.entries()) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const { words, invalid } = wordsOf({ [name]: bad, ...(name === 'turn' ? { look: bad } : {}) });
        expect(words[k], `${name} ${bad}`).toBe(neutral);
        expect(invalid).toBe(name === 'turn' ? 2 : 1);
      }
    }
  });

  it('equals quantise for random values of every field', () => {
    const next = randomWords(31);
    const { engine } = ground();
    const actions = new Float32Array(2 * ACTION_FIELDS);
    for (let n = 0; n < 2000; n++) {
      for (const [k, { min, max }] of ACTION_SPEC.entries()) actions[k] = (next() / 4294967296 - 0.5) * 3 * Math.max(-min, max);
      engine.decode(actions);
      const wanted = ACTION_SPEC.map(({ bits, min, max }, k) => quantise(actions[k], bits, min, max));
      expect(Array.from(engine.buffers.actionWords.subarray(0, ACTION_FIELDS))).toEqual(wanted);
    }
  });

  it('of wrong length is refused, and of only bad numbers moves nothing', () => {
    const { engine } = ground();
    expect(() => engine.decode(new Float32Array(ACTION_FIELDS))).toThrow(ShapeError);
    const idle = ground().engine;
    engine.decode(new Float32Array(2 * ACTION_FIELDS).fill(Number.NaN));
    idle.decode(new Float32Array(2 * ACTION_FIELDS));
    for (let tick = 0; tick < 5; tick++) {
      engine.step();
      idle.step();
    }
    expect(hashWorld(engine.state, 0)).toBe(hashWorld(idle.state, 0));
    expect([engine.invalidActions, idle.invalidActions]).toEqual([2 * ACTION_FIELDS, 0]);
  });

  it('loses what the body may not do, and only that', () => {
    const { program } = ground();
    const may = (canDig: number, canPlace: number, canUse: number) => {
      program.bodies.set([canDig, canPlace, canUse], BODY_WORD.canDig);
      return [1, 2, 3].map((interact) => {
        const words = new Int32Array(2 * ACTION_WORDS);
        words[ACTION_WORD.interact] = interact;
        words[ACTION_WORDS + ACTION_WORD.interact] = interact;
        maskAbilities(program, words, 0, 1);
        expect(words[ACTION_WORDS + ACTION_WORD.interact]).toBe(interact);
        return words[ACTION_WORD.interact];
      });
    };
    expect(may(1, 1, 1)).toEqual([1, 2, 3]);
    expect(may(0, 1, 1)).toEqual([0, 2, 3]);
    expect(may(1, 0, 1)).toEqual([1, 0, 3]);
    expect(may(1, 1, 0)).toEqual([1, 2, 0]);
  });
});
