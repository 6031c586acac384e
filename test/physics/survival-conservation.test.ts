/**
 * No item appears or vanishes outside a rule: over 10^5 random agent-steps the change of all items in the world is what its events say.
 * And survival keeps what holds of every rule: rows do not see each other, a snapshot continues exactly, words stay in their ranges.
 */
import { type Engine, hashWorld } from '@kinovox/physics';
import { BLOCK_BY_ID, INTERACT, STATE_SPEC } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { eventsOf, itemId, randomWords, setAction, standAt } from './fixture.js';
import { EDGE, stock, survivalGround } from './survival-world.js';

const AGENTS = 4;
const SPOTS = [
  [4, 4],
  [7, 4],
  [4, 7],
  [7, 7],
] as const;

/** Four agents of two teams among all that survival knows, with materials in hand, hungry and at each other's throats. */
function village(seed: number, numWorlds = 1) {
  const carried = ['oak_log', 'cobblestone', 'raw_iron', 'coal', 'bread', 'iron_pickaxe', 'wheat_seeds', 'sand'];
  return survivalGround({
    seed,
    numWorlds,
    starts: SPOTS.map(([x, z]) => standAt(x, 3, z)),
    yaws: [0, 1 << 30, -(1 << 30), 1 << 29],
    teams: [0, 1, 0, 1],
    boxes: [
      ['dirt', [0, 1, 0], [EDGE - 1, 1, EDGE - 1]],
      ['grass_block', [0, 2, 0], [EDGE - 1, 2, EDGE - 1]],
      ['stone', [10, 2, 3], [12, 5, 8]],
      ['iron_ore', [9, 3, 5], [9, 4, 6]],
      ['sand', [2, 3, 9], [6, 5, 9]],
      ['oak_log', [3, 3, 10], [3, 6, 10]],
      ['crafting_table', [5, 3, 5], [5, 3, 5]],
      ['furnace', [6, 3, 5], [6, 3, 5]],
      ['white_bed', [5, 3, 6], [5, 3, 6]],
      ['oak_sapling', [8, 3, 11], [8, 3, 11]],
      ['wheat_crop', [6, 3, 11], [6, 3, 11]],
      ['water', [12, 2, 12], [13, 2, 13]],
    ],
    items: SPOTS.flatMap((_, agent) =>
      carried.map((name, k) => ({ agent, item: itemId(name), count: name === 'iron_pickaxe' ? 1 : 20 + k })),
    ),
    survival: {
      hunger: { everyTicks: 15, starveEveryTicks: 10 },
      day: { lengthTicks: 400, startTick: 100, sleepTicks: 3 },
      growth: { cropTicks: 30, saplingTicks: 60 },
      breath: { ticks: 20 },
      recipes: { add: [{ name: 'pebbles', inputs: { cobblestone: 1 }, output: 'gravel', count: 40 }] },
      respawn: 'spawn',
      respawnTicks: 15,
    },
    observe: true,
  });
}

/** Random keys, held for a while so that digging, eating and smelting come to an end. */
type Keys = Parameters<typeof setAction>[2];

/** `held` has the keys of each slot. */
function actAtRandom(engine: Engine, w: number, a: number, tick: number, next: () => number, held: Keys[]): void {
  if ((tick + 9 * a) % 40 === 0 || held[a] === undefined) {
    const kind = next() % 10;
    const recipes = engine.program.survival!.numRecipes;
    held[a] = {
      forward: (next() % 3) * 2048,
      strafe: ((next() % 3) - 1) * 2048,
      jump: next() % 4 === 0 ? 1 : 0,
      interact: next() % 5 === 0 ? INTERACT.dig : kind,
      argument: 1 + (next() % recipes),
    };
  }
  setAction(engine, w * AGENTS + a, {
    ...held[a],
    turn: (next() % 20001) - 10000,
    look: (next() % 16001) - 8000,
    slot: tick % 25 === a ? next() % 10 : 0,
  });
}

/** What the events of a tick say of each item: more or less of it in the world. */
function ledger(engine: Engine, events: ReturnType<typeof eventsOf>, kindById: Map<number, string>): Map<number, number> {
  const change = new Map<number, number>();
  const add = (item: number, count: number) => change.set(item, (change.get(item) ?? 0) + count);
  const isNew = (cause: number) => ['dug', 'crafted', 'smelted'].includes(kindById.get(cause) ?? '');
  for (const { kind, data0, data1, cause } of events) {
    if ((kind === 'gained' || kind === 'dropped') && isNew(cause)) add(data0, data1);
    else if (kind === 'consumed') add(data0, -data1);
    else if (kind === 'ate' || kind === 'broke') add(data0, -1);
    else if (kind === 'lost' && !isNew(cause)) add(data0, -data1);
    else if (kind === 'placed') add(itemOfBlock(engine, data1), -1);
  }
  return change;
}

function itemOfBlock(engine: Engine, blockId: number): number {
  const { placedByItem, blocks } = engine.program;
  const item = placedByItem.findIndex((placed) => placed > 0 && blocks.registryId[placed] === blockId);
  expect(item, `an item places ${BLOCK_BY_ID.get(blockId)?.name}`).toBeGreaterThan(0);
  return item;
}

describe('items', () => {
  it('of a world change as the events say, over 10^5 random agent-steps in which every rule takes part', () => {
    const seen = new Map<string, number>();
    let steps = 0;
    for (let run = 0; run < 5; run++) {
      const { engine } = village(run + 1);
      const next = randomWords(run + 77);
      const held: Keys[] = [];
      const kindById = new Map<number, string>();
      let before = stock(engine);
      for (let tick = 0; tick < 5000; tick++) {
        for (let a = 0; a < AGENTS; a++) actAtRandom(engine, 0, a, tick, next, held);
        engine.step();
        steps += AGENTS;
        const events = eventsOf(engine);
        expect(engine.buffers.eventCount[0], 'all events of a tick must be readable').toBe(events.length);
        const firstId = engine.state.numEvents[0] - events.length + 1;
        events.forEach(({ kind }, k) => {
          kindById.set(firstId + k, kind);
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        });
        const after = stock(engine);
        const said = ledger(engine, events, kindById);
        for (const item of new Set([...before.keys(), ...after.keys(), ...said.keys()])) {
          const change = (after.get(item) ?? 0) - (before.get(item) ?? 0);
          if (change !== (said.get(item) ?? 0))
            expect.fail(
              `run ${run} tick ${tick}: item ${item} changed by ${change}, events say ${said.get(item) ?? 0}: ${JSON.stringify(events)}`,
            );
        }
        before = after;
      }
    }
    expect(steps).toBe(100_000);
    for (const kind of [
      'dug',
      'gained',
      'placed',
      'crafted',
      'consumed',
      'ate',
      'dropped',
      'gave',
      'attacked',
      'died',
      'respawned',
      'grew',
      'fell',
    ])
      expect(seen.get(kind) ?? 0, `${kind} must happen for this test`).toBeGreaterThan(0);
  }, 60_000);

  it('that appear without an event are noticed', () => {
    const { engine } = village(1);
    const before = stock(engine);
    engine.step();
    engine.state.inventoryCount[0]++;
    const said = ledger(engine, eventsOf(engine), new Map());
    const item = engine.state.inventoryItem[0];
    expect((stock(engine).get(item) ?? 0) - (before.get(item) ?? 0)).not.toBe(said.get(item) ?? 0);
  });
});

describe('worlds with survival', () => {
  it('keep every word within the range that the state spec gives', () => {
    const { engine } = village(9);
    const next = randomWords(9);
    const held: Keys[] = [];
    for (let tick = 0; tick < 1500; tick++) {
      for (let a = 0; a < AGENTS; a++) actAtRandom(engine, 0, a, tick, next, held);
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
    const runTicks = (engine: Engine, w: number, from: number, to: number, next: () => number, held: Keys[]) => {
      for (let tick = from; tick < to; tick++) {
        for (let a = 0; a < AGENTS; a++) actAtRandom(engine, w, a, tick, next, held);
        engine.step();
      }
    };
    const alone = village(5);
    const second = village(4, 2);
    const streams = [randomWords(5), randomWords(5)];
    const holds: Keys[][] = [[], []];
    runTicks(alone.engine, 0, 0, 400, streams[0], holds[0]);
    runTicks(second.engine, 1, 0, 400, streams[1], holds[1]);
    expect(hashWorld(second.engine.state, 1)).toBe(hashWorld(alone.engine.state, 0));
    const copy = village(99);
    copy.engine.restore(0, alone.engine.snapshot(0));
    const rest = [randomWords(6), randomWords(6)];
    const later: Keys[][] = [[], []];
    runTicks(alone.engine, 0, 400, 600, rest[0], later[0]);
    runTicks(copy.engine, 0, 400, 600, rest[1], later[1]);
    expect(hashWorld(copy.engine.state, 0)).toBe(hashWorld(alone.engine.state, 0));
  });
});
