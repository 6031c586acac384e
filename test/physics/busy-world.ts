/** A world in which every rule has work: hills, a pool, ice, slime, ladders, four agents with items and messages, plates, a lever, a door, short episodes. */

import type { Engine } from '@kinovox/physics';
import { generateTerrain } from '@kinovox/world';
import { createGround, type Ground, itemId, randomWords, setRandomAction } from './fixture.js';

export const BUSY_EDGE = 24;
export const BUSY_AGENTS = 4;
/** Episodes end by time within a test, so that resets and variants take part. */
export const BUSY_MAX_TICKS = 90;

const STARTS: readonly (readonly [number, number])[] = [
  [6, 6],
  [9, 6],
  [6, 9],
  [9, 9],
];
const TOP = 10;

export function createBusyWorld(more: Partial<Ground> = {}) {
  return createGround({
    size: [BUSY_EDGE, 20, BUSY_EDGE],
    boxes: [],
    extraBlocks: [
      'grass_block',
      'dirt',
      'stone',
      'ice',
      'slime_block',
      'water',
      'lava',
      'ladder',
      'oak_planks',
      'cobblestone',
      'stone_pressure_plate',
      'stone_pressure_plate_pressed',
      'lever',
      'lever_on',
    ],
    starts: STARTS.map(([x, z]) => [(x << 16) + 32768, TOP << 16, (z << 16) + 32768]),
    yaws: [0, 1 << 30, -(1 << 30), 12345678],
    teams: [0, 0, 1, 1],
    items: STARTS.map((_, agent) => ({ agent, item: itemId(agent % 2 === 0 ? 'oak_planks' : 'cobblestone'), count: 40 })),
    messages: { loss256: 40, rangeQ6: (10 * 64) ** 2, everyTicks: 2, delayTicks: 3 },
    mechanisms: [
      {
        mode: 'toggle',
        inputs: [
          {
            plates: [
              [4, 0, 4],
              [12, 19, 12],
            ],
          },
        ],
        effects: [{ from: [14, 9, 3], to: [14, 11, 3], on: 'air', off: 'iron_block' }],
      },
      {
        mode: 'hold',
        delayTicks: 3,
        anyInput: true,
        inputs: [{ lever: [7, TOP, 8] }, { mechanism: 0 }],
        effects: [{ from: [3, 9, 14], to: [5, 11, 14], on: 'stone', off: 'air' }],
      },
    ],
    maxTicks: BUSY_MAX_TICKS,
    otherGround: 'ice',
    shape(grid) {
      generateTerrain(
        grid,
        { generator: 'hills', base: 8, amplitude: 2, wavelength: 12, top: 'grass_block', body: 'dirt', trees: 0 },
        11,
        22,
      );
      const put = (name: string, from: [number, number, number], to: [number, number, number]) =>
        grid.fill(from, to, grid.palette.indexOfName(name));
      put('air', [5, TOP, 5], [10, TOP + 4, 10]);
      put('stone', [5, TOP - 1, 5], [10, TOP - 1, 10]);
      put('stone_pressure_plate', [8, TOP, 6], [8, TOP, 7]);
      put('lever', [7, TOP, 8], [7, TOP, 8]);
      put('water', [14, 6, 8], [18, 10, 12]);
      put('lava', [20, 9, 18], [21, 9, 19]);
      put('slime_block', [11, TOP - 1, 5], [12, TOP - 1, 10]);
      put('ladder', [12, TOP, 12], [12, TOP + 5, 12]);
    },
    ...more,
  });
}

/** Random actions of row w, a function of its own seed and tick count only. */
export function busyActions(engine: Engine, w: number, next: () => number): void {
  for (let a = 0; a < BUSY_AGENTS; a++) setRandomAction(engine, w * BUSY_AGENTS + a, next);
}

/** One stream of random words per row. */
export function actionStreams(numWorlds: number, seedOf: (w: number) => number): (() => number)[] {
  return Array.from({ length: numWorlds }, (_, w) => randomWords(Math.imul(seedOf(w) + 1, 0x9e3779b1)));
}
