// Every kind of event has a sentence that names who and what.
import { DAMAGE, EVENT, EVENT_SPEC, type ScenarioInfo } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { eventSentence } from '../../packages/viewer/src/event-sentences.js';

const info = {
  agents: [
    { id: 'ada', team: 'a', color: 0 },
    { id: 'bob', team: 'a', color: 0 },
  ],
  taskNames: ['reds', 'blues'],
  nodeNames: ['root', 'ada stood on the pad'],
  mechanismNames: ['gate'],
  symbols: ['help', 'open the door'],
  survival: {
    recipes: [],
    mobKinds: [
      { name: 'zombie', kind: 'zombie', health: 20 },
      { name: 'iron_guard', kind: 'golem', health: 100 },
    ],
    mobKindBySlot: [0, 0, 1],
  },
} as unknown as ScenarioInfo;
const say = (kind: number, slot: number, data0: number, data1: number) =>
  eventSentence({ id: 1, tick: 2, kind, slot, data0, data1, parent: -1 }, info);

describe('a sentence', () => {
  it.each([
    ['dug', 0, 100, 2, 'ada dug stone.', 'plain'],
    ['placed', 1, 100, 32, 'bob placed a torch.', 'plain'],
    ['gained', 0, 10, 3, 'ada got 3 oak planks.', 'quiet'],
    ['contested', 0, 100, 1, 'ada and bob wanted the same block; bob had it.', 'plain'],
    ['said', 0, 1, 0, 'ada said “open the door”.', 'plain'],
    ['hurt', 1, 5, DAMAGE.fall, 'bob lost 2.5 hearts to a fall.', 'bad'],
    ['progressed', -1, 1, 8192, '50 %: ada stood on the pad.', 'plain'],
    ['progressed', -1, 1, 16384, 'Done: ada stood on the pad.', 'good'],
    ['violated', -1, 1, 0, 'Broken: ada stood on the pad.', 'bad'],
    ['succeeded', -1, 1, 0, 'The task of blues succeeded.', 'good'],
    ['switched', -1, 0, 1, 'Mechanism gate switched on.', 'plain'],
    ['slain', 0, 1, DAMAGE.attack, 'ada killed a zombie.', 'good'],
    ['slain', -1, 0, DAMAGE.burning, 'A zombie died of daylight.', 'plain'],
    ['slain', -1, 0, DAMAGE.despawned, 'A zombie went away.', 'quiet'],
    ['struck', 1, 2, 5, 'bob hit an iron guard for 2.5 hearts.', 'plain'],
    ['mobAttacked', 0, 0, 2, 'A zombie hit ada for 1 heart.', 'bad'],
    ['mobSpawned', -1, 2, 100, 'An iron guard appeared.', 'quiet'],
    ['mobSpawned', -1, 7, 100, 'Mob 8 appeared.', 'quiet'],
    ['reset', -1, 7, 0, 'Episode 1 begins on level 7.', 'quiet'],
  ] as const)('for %s by slot %i', (name, slot, data0, data1, text, tone) => {
    expect(say(EVENT[name], slot, data0, data1)).toEqual({ text, tone });
  });

  it('exists for every kind, without a hole where a name should be', () => {
    for (const { id } of EVENT_SPEC)
      for (const slot of [-1, 0, 9]) expect(say(id, slot, 3, 500).text).toMatch(/^(?!.*(undefined|NaN)).*\.$/);
  });

  it('names a kind of a later version by its number', () => {
    expect(say(9999, 0, 0, 0).text).toBe('Event of kind 9999.');
  });
});
