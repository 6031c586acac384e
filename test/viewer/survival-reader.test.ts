// What a host tells watchers of a world with survival: vitals, inventory, time of day, items on the ground, mobs, achievements, shades of a team.
import { createBatchEnvSync } from '@kinovox/env';
import {
  AGENT_FLAG,
  DAY_TIME_PARTS,
  decodeFrame,
  encodeFrame,
  FRAME_MOB,
  FRAME_MOB_WORDS,
  FRAME_PILE,
  FRAME_SLOT,
  FRAME_SLOT_WORDS,
  FRAME_VITAL,
  FRAME_VITALS,
  INVENTORY_SLOTS,
  itemByName,
  MOB_MOOD,
  NO_DAY,
  PILE_WORD,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { agentColors } from '../../packages/server/src/live/colors.js';
import { readFrame } from '../../packages/server/src/live/frame-reader.js';
import { describeScenario } from '../../packages/server/src/live/scenario-info.js';

const achievement = (name: string, item: string) => ({ name, goal: `Ada makes ${name}`, crafted: { agents: 'ada', item } });
const scenarioWith = (survival: object, rest: object = {}) => ({
  version: 1,
  id: 'shown-v1',
  title: 'Shown',
  world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 3, top: 'grass_block', body: 'dirt' } },
  agents: [
    { id: 'ada', team: 'a', body: 'walker', spawn: { at: [4, 3, 4] }, inventory: { oak_log: 3, wooden_pickaxe: 1 } },
    { id: 'bob', team: 'a', body: 'walker', spawn: { at: [8, 3, 8] } },
  ],
  survival,
  task: {
    all: [
      achievement('planks', 'oak_planks'),
      achievement('sticks', 'stick'),
      achievement('table', 'crafting_table'),
      achievement('pickaxe', 'wooden_pickaxe'),
      { name: 'unhurt', never: { healthBelow: { agents: 'ada', health: 3 } } },
    ],
  },
  rewards: [{ name: 'success', on: 'success', value: 1 }],
  episode: { maxTicks: 400 },
  ...rest,
});
const position = { stream: 1, world: 0, episode: 0, tick: 0 };
const totals = { returns: new Float64Array(2), terms: new Float64Array(1), reached: Uint8Array.of(0, 1, 0, 0) };
const open = (survival: object) => {
  const env = createBatchEnvSync({ scenario: scenarioWith(survival), numWorlds: 2, seed: 3 });
  env.reset();
  const info = describeScenario(env.compiled);
  // Row 1, so that a row mixed up with another shows.
  return { env, info, read: () => decodeFrame(encodeFrame(readFrame(env.engine, 1, position, totals, info.nodes))).survival! };
};

describe('a frame of a world with survival', () => {
  it('carries how agents fare and what they hold', () => {
    const { env, read } = open({});
    const { state } = env.engine;
    state.food[3] = 7;
    state.breath[3] = 150;
    state.sleeping[3] = 12;
    state.respawnTimer[3] = 40;
    state.craftRecipe[3] = 17;
    state.craftProgress[3] = 50;
    const slot = [...state.inventoryItem.slice(2 * INVENTORY_SLOTS, 3 * INVENTORY_SLOTS)].indexOf(itemByName('wooden_pickaxe').id);
    state.inventoryWear[2 * INVENTORY_SLOTS + slot] = 30;
    state.heldSlot[2] = slot;
    const { vitals, inventory } = read();
    expect([...vitals.subarray(FRAME_VITALS)]).toEqual([7, 128, 1, 17, 64, 0, 40]);
    expect(vitals[FRAME_VITAL.food]).toBe(20);
    expect(vitals[FRAME_VITAL.heldSlot]).toBe(slot);
    const at = slot * FRAME_SLOT_WORDS;
    expect(inventory[at + FRAME_SLOT.item]).toBe(itemByName('wooden_pickaxe').id);
    expect(inventory[at + FRAME_SLOT.wear]).toBe(Math.floor((30 * 256) / 59));
    expect([...inventory.subarray(INVENTORY_SLOTS * FRAME_SLOT_WORDS)].every((word) => word === 0)).toBe(true);
  });

  it('tells the time of day, skipped nights included, and that there are no days', () => {
    const { env, read } = open({ day: { lengthTicks: 1000, startTick: 250 } });
    expect(read().dayTime).toBe(Math.floor(DAY_TIME_PARTS / 4));
    env.engine.state.tick[1] = 100;
    env.engine.state.skippedTicks[1] = 400;
    expect(read().dayTime).toBe(Math.floor(DAY_TIME_PARTS * 0.75));
    expect(open({ day: { lengthTicks: 0 } }).read().dayTime).toBe(NO_DAY);
  });

  it('lists the piles that lie and leaves out the rows that are free', () => {
    const { env, read } = open({});
    const perWorld = env.engine.state.pile.length / 2;
    env.engine.state.pile.set([99, itemByName('coal').id, 5], perWorld + 6 * 3 + PILE_WORD.cell);
    expect([...read().piles]).toEqual([98, itemByName('coal').id, 5]);
    expect(FRAME_PILE.cell).toBe(0);
  });

  it('lists the living mobs by slot', () => {
    const { env, info, read } = open({
      mobs: [
        { kind: 'zombie', name: 'ghoul', count: 2 },
        { kind: 'sheep', count: 1 },
      ],
    });
    expect(info.survival!.mobKinds.map(({ name, kind }) => [name, kind])).toEqual([
      ['ghoul', 'zombie'],
      ['sheep', 'sheep'],
    ]);
    expect(info.survival!.mobKindBySlot).toEqual([0, 0, 1]);
    const { state } = env.engine;
    state.mobFlags.fill(0);
    state.mobFlags[3 + 1] = AGENT_FLAG.alive | AGENT_FLAG.onGround;
    state.mobPosX[3 + 1] = 5 << 16;
    state.mobHealth[3 + 1] = 11;
    state.mobMood[3 + 1] = MOB_MOOD.chase;
    const { mobs } = read();
    expect(mobs.length).toBe(FRAME_MOB_WORDS);
    expect([mobs[FRAME_MOB.slot], mobs[FRAME_MOB.posX], mobs[FRAME_MOB.health], mobs[FRAME_MOB.mood]]).toEqual([
      1,
      5 << 16,
      11,
      MOB_MOOD.chase,
    ]);
  });
});

describe('what watchers are told of a scenario', () => {
  it('marks the named parts of a task as achievements, promises excepted', () => {
    const { nodes } = open({}).info;
    expect(nodes.filter(({ goal }) => goal !== undefined).map(({ name, goal }) => [name, goal])).toEqual([
      ['planks', 'Ada makes planks'],
      ['sticks', 'Ada makes sticks'],
      ['table', 'Ada makes table'],
      ['pickaxe', 'Ada makes pickaxe'],
    ]);
    expect(nodes.some(({ name, goal }) => name === 'unhurt' && goal === undefined)).toBe(true);
  });

  it('keeps an achievement that was reached, though its condition does not hold now', () => {
    const { env, info } = open({});
    const { nodes } = readFrame(env.engine, 1, position, totals, info.nodes);
    const states = info.nodes.flatMap(({ name, goal }, n) => (goal === undefined ? [] : [[name, nodes[2 * n], nodes[2 * n + 1]]]));
    expect(states).toEqual([
      ['planks', 0, 0],
      ['sticks', 1, 16384],
      ['table', 0, 0],
      ['pickaxe', 0, 0],
    ]);
  });

  it('gives members of a team shades of its colour, and an agent with a colour its own', () => {
    const colors = agentColors([{ team: 'a' }, { team: 'a' }, { team: 'b' }, { team: 'a', color: '#123456' }, { team: 'a' }]);
    expect(new Set(colors).size).toBe(5);
    expect(colors[3]).toBe(0x123456);
    expect(agentColors([{ team: 'a' }, { team: 'b' }])).toEqual([0x0072b2, 0xe69f00]);
  });
});
