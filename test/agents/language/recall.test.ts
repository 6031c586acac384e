/** Calls of earlier episodes: told in the same level and after the same refusal, with their causes, within a bound, and to nobody who may not read them. */
import { createLanguageFactory, type MemoryFiles, type MemoryRecord, playEpisodes } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import type { Split } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { recallAfterRefusal, recallLevel } from '../../../packages/agents/src/language/memory/recall.js';
import { call, modelOf, profileOf } from './playing.js';

type Call = Extract<MemoryRecord, { kind: 'call' }>;
const TASK = '0'.repeat(16);
const reader = { scenario: 'a-v1', split: 'train' as Split, seed: 'f'.repeat(16), agent: 'ada', hasSecrets: false };

function record(
  number: number,
  status: Call['status'],
  rest: Partial<Call> & { seed?: string; level?: number; skill?: string } = {},
): Call {
  const { seed = '1'.repeat(16), level = 4, skill = 'dig', ...others } = rest;
  return {
    version: 1,
    kind: 'call',
    from: { scenario: 'a-v1', split: 'train', seed, level, agent: 'ada', fromTick: 10 * number, toTick: 10 * number + 9 },
    situation: { task: TASK, place: [1, 2, 3], skill, ...(status === 'refused' ? { code: 'too-far' } : {}) },
    number,
    call: `${skill} {"n":${number}}`,
    status,
    sentence: `Sentence ${number}.`,
    facts: {},
    events: [],
    cause: null,
    ...others,
  };
}
const level = (records: MemoryRecord[], most = 300, who = reader, number = 4) =>
  recallLevel(records, who, { task: TASK, level: number }, most);
const numbers = (text: string | undefined) => [...(text ?? '').matchAll(/^- #(\d+)/gm)].map(([, n]) => Number(n));

describe('what was done in a level', () => {
  const episode = [
    record(0, 'refused'),
    record(1, 'done', { skill: 'wait', cause: 0 }),
    record(2, 'refused'),
    record(3, 'done', { cause: 2 }),
    record(4, 'done'),
  ];

  it('is told with the refusals that it follows from, in order, without waits and refusals that led to nothing', () => {
    expect(numbers(level(episode))).toEqual([2, 3, 4]);
    expect(level(episode)).toContain(
      '- #3 dig {"n":3}: done, after #2. Sentence 3. (a-v1, train, seed 1111111111111111, ada, ticks 30..39)',
    );
  });

  it('is of one play of a seed that was played twice: the one in which more was done', () => {
    const second = [
      record(0, 'done', { call: 'dig {"second":0}' }),
      record(1, 'refused'),
      record(5, 'done', { cause: 1 }),
      record(6, 'done'),
    ];
    expect(numbers(level([...episode, ...second]))).toEqual([0, 1, 5, 6]);
    expect(level([...second, ...episode])).toContain('dig {"second":0}');
    expect(numbers(level([...episode, ...episode]))).toEqual([2, 3, 4]);
  });

  it('is cut to a bound of tokens, the latest first, and a call never stands without its cause', () => {
    expect(numbers(level(episode, 70))).toEqual([4]);
    expect(numbers(level(episode, 35))).toEqual([4]);
    expect(level(episode, 5)).toBeUndefined();
  });

  it('is of the level alone, of the split, the task and the agent', () => {
    expect(level(episode, 300, reader, 5)).toBeUndefined();
    expect(level(episode, 300, { ...reader, split: 'test' })).toBeUndefined();
    expect(level(episode, 300, { ...reader, agent: 'bob' })).toBeUndefined();
    expect(level(episode.map((one) => ({ ...one, situation: { ...one.situation, task: '1'.repeat(16) } })))).toBeUndefined();
  });

  it('is of the episode in which most was done, whichever was written first', () => {
    const other = [record(0, 'done', { seed: '0'.repeat(16) })];
    for (const records of [
      [...other, ...episode],
      [...episode, ...other],
    ])
      expect(numbers(level(records))).toEqual([2, 3, 4]);
  });
});

describe('what was done after a refusal', () => {
  const asked = { task: TASK, place: [1, 2, 3] as [number, number, number], skill: 'dig', code: 'too-far' };

  it('is told of the same verb and code, and of consequences alone', () => {
    const records = [record(0, 'refused'), record(1, 'done', { cause: 0, skill: 'moveTo' }), record(2, 'done')];
    expect(numbers(recallAfterRefusal(records, reader, asked, 300))).toEqual([0, 1]);
    expect(recallAfterRefusal(records, reader, { ...asked, code: 'other' }, 300)).toBeUndefined();
    expect(recallAfterRefusal([record(0, 'refused'), record(2, 'done')], reader, asked, 300)).toBeUndefined();
  });
});

describe('across episodes of one level', () => {
  const lamp = loadScenario('scenarios/distant-lamp-v1.scenario.json');
  const files = (): MemoryFiles => {
    const texts = { train: '', validation: '', test: '' };
    return { read: (split) => texts[split], append: (split, line) => (texts[split] += `${line}\n`), warn: () => {} };
  };
  /** Two seeds of one level. */
  const [first, second] = (() => {
    const byLevel = new Map<number, number>();
    for (let seed = 0; ; seed++) {
      const env = createBatchEnvSync({ scenario: lamp, seed, split: 'train', observe: false });
      env.reset();
      const number = env.engine.state.variant[0];
      if (byLevel.has(number)) return [byLevel.get(number)!, seed];
      byLevel.set(number, seed);
    }
  })();

  it('a code that was seen once makes later episodes succeed, for an agent that may make two calls', async () => {
    // Who knows the lamp goes before its pad and onto it; who does not goes to see it, and has spent its calls.
    const provider = modelOf(({ key, messages }) => {
      const seen = /glowstone \(nearest 48 5 (\d+)\)/.exec(messages.map(({ text }) => text).join('\n'));
      const isFirst = key.endsWith('/0');
      if (seen !== null) {
        const z = 4.5 + 3 * (Number(seen[1]) - 8);
        return call('moveTo', isFirst ? { x: 8.5, y: 4, z } : { x: 5.5, y: 3, z });
      }
      return isFirst ? call('moveTo', { x: 46.5, y: 4, z: 11.5 }) : call('scan', { radius: 4 });
    });
    const play = async (seed: number, memory: MemoryFiles, recallTokens = 300) => {
      const profile = profileOf({ memory: { folder: 'm', tips: 0, recallTokens }, budget: { callsPerEpisode: 2 } });
      const factory = createLanguageFactory(profile, { environment: {}, provider, memory });
      const [{ succeeded }] = await playEpisodes(lamp, factory, { seeds: 1, firstSeed: seed, split: 'train' });
      return succeeded[0];
    };
    const memory = files();
    expect(await play(first, memory)).toBe(false);
    expect(await play(second, memory, 0)).toBe(false);
    expect(await play(second, memory)).toBe(true);
  });
});
