/**
 * No item appears or vanishes outside a rule: over 10^5 random agent-steps the change of all items in the world is what its events say.
 * And survival keeps what holds of every rule: rows do not see each other, a snapshot continues exactly, words stay in their ranges.
 */
import { type Engine, hashWorld } from '@kinovox/physics';
import { EVENT, type EventName, STATE_SPEC } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from './fixture.js';
import { AGENTS, auditVillage, Ledger, VILLAGE_MOBS, Villagers, village } from './survival-village.js';

const EVENTS_OF_ALL: EventName[] = [
  'dug',
  'gained',
  'placed',
  'crafted',
  'smelted',
  'consumed',
  'ate',
  'dropped',
  'gave',
  'attacked',
  'died',
  'respawned',
  'grew',
  'fell',
];
const EVENTS_OF_MOBS: EventName[] = ['struck', 'slain', 'mobDropped', 'mobSpawned', 'mobAttacked', 'traded'];

describe('items', () => {
  for (const [what, survival, events] of [
    ['without mobs', {}, [...EVENTS_OF_ALL, 'lost']],
    ['with mobs', { mobs: VILLAGE_MOBS }, [...EVENTS_OF_ALL, ...EVENTS_OF_MOBS]],
  ] as [string, Parameters<typeof auditVillage>[2], EventName[]][]) {
    it(`of a world ${what} change as the events say, over 50,000 random agent-steps in which every rule takes part`, () => {
      const runs = [1, 2, 3, 4, 5].map((seed) => auditVillage(seed, 2500, survival));
      expect(runs.reduce((sum, { steps }) => sum + steps, 0)).toBe(50_000);
      for (const kind of events) {
        const count = runs.reduce((sum, { seen }) => sum + seen[EVENT[kind]], 0);
        expect(count, `${kind} must happen for this test`).toBeGreaterThan(0);
      }
    });
  }

  it('that appear without an event are noticed, held or lying', () => {
    const { engine } = village(1);
    const ledger = new Ledger(engine);
    engine.step();
    expect(ledger.audit()).toBeUndefined();
    engine.state.inventoryCount[0]++;
    expect(ledger.audit()).toMatch(/item \d+: 1 that no event tells of/);
    engine.state.inventoryCount[0]--;
    expect(ledger.audit()).toBeUndefined();
    engine.state.pile.set([1, engine.state.inventoryItem[0], 2, 0, 0, 0]);
    expect(ledger.audit()).toMatch(/item \d+: 2 that no event tells of/);
  });
});

describe('worlds with survival', () => {
  it('keep every word within the range that the state spec gives', () => {
    const { engine } = village(9, 1, { mobs: VILLAGE_MOBS });
    const villagers = new Villagers(engine, randomWords(9));
    for (let tick = 0; tick < 1500; tick++) {
      villagers.act(tick);
      engine.step();
      for (const field of STATE_SPEC) {
        const words = engine.state[field.name];
        for (let k = 0; k < words.length; k++)
          if (words[k] < field.min || words[k] > field.max) expect.fail(`${field.name}[${k}] is ${words[k]} at tick ${tick}`);
      }
      const vector = engine.observations.vector;
      for (const group of engine.observations.groups) {
        if (group.name !== 'vitals' && group.name !== 'craftable') continue;
        for (let a = 0; a < AGENTS; a++)
          group.fields.forEach(({ name, low, high }, k) => {
            const value = vector[a * engine.observations.size + group.offset + k];
            if (!(value >= low && value <= high)) expect.fail(`${group.name}.${name} is ${value} at tick ${tick}`);
          });
      }
    }
  });

  it('do not see each other, and continue exactly from a snapshot', () => {
    const play = (engine: Engine, w: number, seed: number, ticks: number) => {
      const villagers = new Villagers(engine, randomWords(seed), w);
      for (let tick = 0; tick < ticks; tick++) {
        villagers.act(tick);
        engine.step();
      }
    };
    const alone = village(5).engine;
    const second = village(4, 2).engine;
    play(alone, 0, 5, 400);
    play(second, 1, 5, 400);
    expect(hashWorld(second.state, 1)).toBe(hashWorld(alone.state, 0));
    const copy = village(99).engine;
    copy.restore(0, alone.snapshot(0));
    play(alone, 0, 6, 200);
    play(copy, 0, 6, 200);
    expect(hashWorld(copy.state, 0)).toBe(hashWorld(alone.state, 0));
  });
});
