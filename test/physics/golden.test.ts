/**
 * Pinned state hashes: a change of the rules that alters any result moves at least one of them.
 * To accept a change: raise RULES_VERSION, add the line to CHANGELOG.md, and run this file once with KINOVOX_UPDATE_GOLDEN=1.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Engine, hashWorld, RULES_VERSION } from '@kinovox/physics';
import { generateTerrain, INTERACT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { actionStreams, busyActions, createBusyWorld } from './busy-world.js';
import { createGround, itemId, randomWords, setAction, setRandomAction, standAt } from './fixture.js';
import { actInWilds, createWilds } from './mob-world.js';

const TICKS = [1, 10, 100, 1000];
const UPDATE = process.env.KINOVOX_UPDATE_GOLDEN === '1';

interface Golden {
  rulesVersion: number;
  hashes: Record<string, string>;
}

interface Case {
  engine(): Engine;
  /** Sets the actions of the tick to come, counted from 0. */
  act(engine: Engine, tick: number): void;
}

const CASES: Record<string, () => Case> = {
  'flat-walk': () => ({
    engine: () => createGround({ size: [64, 8, 64], boxes: [['stone', [0, 0, 0], [63, 0, 63]]], starts: [standAt(32, 1, 32)] }).engine,
    act: (engine, tick) => setAction(engine, 0, { forward: 4096, sprint: (tick >> 6) & 1, jump: (tick >> 5) & 1, turn: 1500 }),
  }),
  'hills-random': () => {
    const next = randomWords(2024);
    return {
      engine: () =>
        createGround({
          size: [32, 24, 32],
          boxes: [],
          extraBlocks: ['grass_block', 'dirt', 'oak_log', 'oak_leaves'],
          starts: [standAt(10, 20, 10), standAt(11, 20, 10), standAt(10, 20, 11)],
          shape: (grid) =>
            generateTerrain(
              grid,
              { generator: 'hills', base: 8, amplitude: 4, wavelength: 16, top: 'grass_block', body: 'dirt', trees: 4 },
              5,
              6,
            ),
        }).engine,
      act: (engine) => {
        for (let a = 0; a < 3; a++) setRandomAction(engine, a, next, false);
        // A fall from the sky must not end the walk.
        engine.state.health.fill(20);
      },
    };
  },
  digging: () => ({
    engine: () =>
      createGround({
        size: [24, 16, 24],
        boxes: [
          ['dirt', [0, 0, 0], [23, 11, 23]],
          ['stone', [0, 0, 0], [23, 3, 23]],
        ],
        extraBlocks: ['cobblestone'],
        starts: [standAt(12, 12, 12), standAt(4, 12, 4)],
        items: [{ agent: 1, item: itemId('cobblestone'), count: 64 }],
      }).engine,
    act: (engine, tick) => {
      setAction(engine, 0, { interact: INTERACT.dig, look: tick === 0 ? -102944 : 0, forward: tick % 40 === 39 ? 4096 : 0 });
      setAction(engine, 1, {
        interact: tick % 30 < 20 ? INTERACT.place : INTERACT.dig,
        look: tick === 0 ? -60000 : 0,
        turn: tick % 30 === 29 ? 20000 : 0,
      });
    },
  }),
  messages: () => ({
    engine: () =>
      createGround({
        size: [32, 8, 32],
        boxes: [['stone', [0, 0, 0], [31, 0, 31]]],
        starts: [standAt(4, 1, 4), standAt(16, 1, 4), standAt(28, 1, 28)],
        messages: { loss256: 77, rangeQ6: (20 * 64) ** 2, everyTicks: 3, delayTicks: 5 },
      }).engine,
    act: (engine, tick) => {
      for (let a = 0; a < 3; a++)
        setAction(engine, a, { message: (tick + a) % 5 === 0 ? 1 + ((tick + a) % 8) : 0, forward: 2048, turn: 900 * (a + 1) });
    },
  }),
  mechanisms: () => ({
    engine: () =>
      createGround({
        size: [24, 8, 24],
        boxes: [
          ['stone', [0, 0, 0], [23, 0, 23]],
          ['stone_pressure_plate', [12, 1, 8], [12, 1, 16]],
          ['iron_block', [6, 1, 12], [6, 3, 12]],
        ],
        extraBlocks: ['stone_pressure_plate_pressed', 'glass'],
        starts: [standAt(9, 1, 12), standAt(15, 1, 12)],
        mechanisms: [
          {
            mode: 'toggle',
            inputs: [
              {
                plates: [
                  [12, 1, 8],
                  [12, 1, 16],
                ],
              },
            ],
            effects: [{ from: [6, 1, 12], to: [6, 3, 12], on: 'air', off: 'iron_block' }],
          },
          {
            mode: 'hold',
            delayTicks: 4,
            inputs: [{ mechanism: 0 }],
            effects: [{ from: [18, 1, 10], to: [18, 2, 14], on: 'glass', off: 'air' }],
          },
        ],
      }).engine,
    act: (engine, tick) => {
      for (let a = 0; a < 2; a++)
        setAction(engine, a, { strafe: ((tick >> 5) + a) % 2 === 0 ? 4096 : -4096, forward: (tick >> 6) % 2 === 0 ? 300 : -300 });
    },
  }),
  'everything-with-resets': () => {
    const streams = actionStreams(1, () => 321);
    return { engine: () => createBusyWorld({ seed: 321 }).engine, act: (engine) => busyActions(engine, 0, streams[0]) };
  },
  'survival-with-mobs': () => {
    const next = randomWords(77);
    return { engine: () => createWilds({ seed: 11 }).engine, act: (engine) => actInWilds(engine, 0, next) };
  },
};

function hashesOf({ engine: create, act }: Case, change?: (engine: Engine, tick: number) => void): Record<string, string> {
  const engine = create();
  const hashes: Record<string, string> = {};
  for (let tick = 0; tick < 1000; tick++) {
    act(engine, tick);
    change?.(engine, tick);
    engine.step();
    if (TICKS.includes(tick + 1)) hashes[tick + 1] = hashWorld(engine.state, 0);
  }
  return hashes;
}

const fileOf = (name: string) => new URL(`./golden/${name}.json`, import.meta.url);

describe('the pinned hashes', () => {
  for (const [name, createCase] of Object.entries(CASES)) {
    it(`of ${name} stand at ticks ${TICKS.join(', ')}`, () => {
      const hashes = hashesOf(createCase());
      if (UPDATE) writeFileSync(fileOf(name), `${JSON.stringify({ rulesVersion: RULES_VERSION, hashes }, null, 2)}\n`);
      expect(existsSync(fileOf(name)), `test/physics/golden/${name}.json must exist; write it with KINOVOX_UPDATE_GOLDEN=1.`).toBe(true);
      const golden: Golden = JSON.parse(readFileSync(fileOf(name), 'utf8'));
      const advice = `Results changed: CHANGELOG.md needs a line under "Changed results" and RULES_VERSION (${RULES_VERSION}) must be raised; then pin the new hashes with KINOVOX_UPDATE_GOLDEN=1.`;
      expect(hashes, advice).toEqual(golden.hashes);
      expect(
        golden.rulesVersion,
        `test/physics/golden/${name}.json must be of the rules in force; pin it anew with KINOVOX_UPDATE_GOLDEN=1.`,
      ).toBe(RULES_VERSION);
      expect(new Set(Object.values(hashes)).size).toBe(TICKS.length);
    });

    it(`of ${name} move when one word of one action differs`, () => {
      const changed = hashesOf(createCase(), (engine, tick) => {
        if (tick === 5) engine.buffers.actionWords[5] += 1000;
      });
      const golden: Golden = JSON.parse(readFileSync(fileOf(name), 'utf8'));
      expect(changed['1']).toBe(golden.hashes['1']);
      expect(changed['10']).not.toBe(golden.hashes['10']);
    });
  }
});
