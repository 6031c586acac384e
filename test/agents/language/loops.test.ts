import { LanguageTally, type ResultEntry } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';
import { LoopDetector } from '../../../packages/agents/src/language/loop/loop-detector.js';
import { call, LAWN, modelOf, ofAgent, playModel } from './playing.js';

const scenario = { ...LAWN, task: { elapsed: { ticks: 290 } } } as typeof LAWN;

/** Rounds that a detector finds in calls named by letters, each a tick long. */
function roundsIn(calls: string, factsOf: (n: number) => string = () => ''): string[] {
  const detector = new LoopDetector();
  return [...calls].flatMap((name, n) => {
    const loop = detector.note({
      call: name,
      result: 'done',
      told: 'done',
      facts: factsOf(n),
      waits: name === 'w',
      fromTick: n,
      toTick: n + 1,
    });
    return loop === undefined ? [] : [`${n}:${loop.period}x${loop.rounds}:${loop.ticks}`];
  });
}

describe('a loop', () => {
  it.each([
    ['aaaa', ['2:1x3:3', '3:1x4:1']],
    ['xababab', ['6:2x3:6']],
    ['abcabcabcabc', ['8:3x3:9', '11:3x4:3']],
    ['abcdefabcdefabcdef', ['17:6x3:18']],
    ['abcdefgabcdefgabcdefg', []],
    ['ababac', []],
    ['abab', []],
    ['wwwwww', []],
    ['wawawa', ['5:2x3:6']],
    ['aaabaaab', ['2:1x3:3', '6:1x3:3']],
  ])('of calls %s is found at %j', (calls, found) => {
    expect(roundsIn(calls)).toEqual(found);
  });

  it('is none where the facts change', () => {
    expect(roundsIn('aaaaaa', (n) => String(n))).toEqual([]);
    expect(roundsIn('aaaaaa', (n) => String(n >> 1))).toEqual([]);
  });

  it('is told to the model in the next turn, with its numbers, and counted once', async () => {
    const told: string[] = [];
    const played = await playModel(
      modelOf((request) => {
        if (!request.key.includes('/ada/')) return call('wait', { ticks: 1200 });
        const n = Number(request.key.split('/')[2]);
        told.push(request.messages.map(({ text }) => text).join('\n'));
        if (n >= 9) return call('wait', { ticks: 1200 });
        return n % 2 === 0 ? call('placeBlock', { item: 'stone', x: 3, y: 1, z: 3 }) : call('wait', { ticks: 5 });
      }),
      { scenario, ticks: 100 },
    );
    const sentence = 'You go round in circles: 3 times in a row placeBlock {';
    expect(told[5]).not.toContain('round in circles');
    expect(told[6]).toContain(sentence);
    expect(told[8]).toContain('4 times in a row');
    const loops = ofAgent(played, 'ada').filter((entry) => entry.kind === 'result' && entry.status === 'stuck') as ResultEntry[];
    expect(loops.map(({ loop }) => [loop!.period, loop!.rounds])).toEqual([
      [2, 3],
      [2, 4],
    ]);
    const tally = new LanguageTally();
    for (const entry of played.entries) tally.add(entry);
    expect(tally.report()).toMatchObject({ stuck: 1, useless: 0 });
    expect(tally.report().stuckTicks).toBe(loops[0].loop!.ticks + loops[1].loop!.ticks);
    expect(tally.report().stuckTicks).toBeGreaterThan(15);
  });
});
