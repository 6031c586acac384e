/**
 * What survival looks up in its index is what a search of every cell finds: light, stations, recipes and growth over random play,
 * with few lamps and stations and with more than are listed; and an index kept edit by edit is the one that a restore makes from the cells.
 */
import { type Engine, hashWorld, RECIPE_COLUMN, RECIPE_COLUMNS, type SurvivalTables, timeOfDay } from '@kinovox/physics';
import { AGENT_FLAG, EVENT, EVENT_WORDS, INTERACT, INVENTORY_SLOTS, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type Box, randomWords } from '../physics/fixture.js';
import { AGENTS, VILLAGE_MOBS, Villagers, village } from '../physics/survival-village.js';
import { EDGE } from '../physics/survival-world.js';

const HEIGHT = 12;
const EYE_Q16 = Math.round(1.62 * 65536);
const EYE_SNEAKING_Q16 = Math.round(1.27 * 65536);
/** More of both than lists hold: a field of torches under a roof, and a store of furnaces. */
const CROWDED: Box[] = [
  ['torch', [0, 8, 0], [15, 8, 9]],
  ['stone', [0, 9, 0], [12, 9, 12]],
  ['furnace', [0, 10, 0], [15, 10, 15]],
];

interface Cell {
  x: number;
  y: number;
  z: number;
  block: number;
}

function cellsOf({ state }: Engine): Cell[] {
  return Array.from(state.voxels.subarray(0, state.cellsPerWorld), (block, cell) => ({
    x: cell % EDGE,
    z: Math.floor(cell / EDGE) % EDGE,
    y: Math.floor(cell / EDGE / EDGE),
    block,
  }));
}

function plainLight(engine: Engine, s: SurvivalTables, cells: readonly Cell[], i: number): number {
  const { state } = engine;
  const x = state.posX[i] >> 16;
  const z = state.posZ[i] >> 16;
  const y = (state.posY[i] + ((state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16)) >> 16;
  const sky = s.daylight[Math.floor((timeOfDay(engine, s, 0) * s.daylight.length) / s.dayTicks)];
  const roofed = cells.some((cell) => cell.x === x && cell.z === z && cell.y >= y && s.opaque[cell.block] === 1);
  // Above the world and beside it the sky is all there is.
  if (y >= HEIGHT) return sky;
  const lamps = cells.map((cell) => s.light[cell.block] - Math.abs(cell.x - x) - Math.abs(cell.y - y) - Math.abs(cell.z - z));
  const lit = cells.map((cell, k) => (s.light[cell.block] === 0 ? 0 : lamps[k]));
  return Math.max(roofed ? 0 : sky, ...lit);
}

/** Numbers of the recipes that agent i can make, by counting what it holds and looking at every cell in reach. */
function plainCraftable({ state }: Engine, s: SurvivalTables, cells: readonly Cell[], i: number): number[] {
  const held = new Map<number, number>();
  let fuel = state.burnTicks[i];
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS; at++) {
    const item = state.inventoryItem[at];
    held.set(item, (held.get(item) ?? 0) + state.inventoryCount[at]);
    fuel += s.fuelTicks[item] * state.inventoryCount[at];
  }
  const [x, y, z] = [state.posX[i] >> 16, state.posY[i] >> 16, state.posZ[i] >> 16];
  const reach = s.stationReach;
  const near = new Set(
    cells.flatMap((cell) =>
      Math.abs(cell.x - x) <= reach && Math.abs(cell.y - y) <= reach && Math.abs(cell.z - z) <= reach ? [s.stationOf[cell.block]] : [],
    ),
  );
  return Array.from({ length: s.numRecipes }, (_, recipe) => recipe).filter((recipe) => {
    const row = s.recipes.subarray(recipe * RECIPE_COLUMNS, (recipe + 1) * RECIPE_COLUMNS);
    let left = fuel;
    for (let k = 0; k < row[RECIPE_COLUMN.numInputs]; k++) {
      const [item, count] = row.subarray(RECIPE_COLUMN.input0 + 2 * k);
      if ((held.get(item) ?? 0) < count) return false;
      left -= s.fuelTicks[item] * count;
    }
    if (row[RECIPE_COLUMN.fuel] === 1 && left < row[RECIPE_COLUMN.ticks]) return false;
    return row[RECIPE_COLUMN.station] === 0 || near.has(row[RECIPE_COLUMN.station]);
  });
}

/** Offset of a group in an agent's vector. */
function offsetOf(engine: Engine, name: string): number {
  return engine.observations.groups.find((group) => group.name === name)!.offset;
}

describe('the index of a world', () => {
  for (const [what, boxes] of [
    ['with few lamps and stations', []],
    ['with more than it lists', CROWDED],
  ] as const) {
    it(`${what} gives the light, the stations and the recipes that a search of all cells gives`, () => {
      const base = village(3);
      const { engine, program } =
        boxes.length === 0
          ? base
          : village(
              3,
              1,
              {},
              {
                shape(grid) {
                  for (const [name, from, to] of boxes)
                    grid.fill([from[0], from[1], from[2]], [to[0], to[1], to[2]], grid.palette.indexOfName(name));
                },
              },
            );
      const s = program.survival!;
      const { observations, state } = engine;
      const villagers = new Villagers(engine, randomWords(3));
      const [vitals, craftable] = [offsetOf(engine, 'vitals'), offsetOf(engine, 'craftable')];
      const lights = new Set<number>();
      let numCraftable = 0;
      for (let tick = 0; tick < 1200; tick++) {
        villagers.act(tick);
        engine.step();
        if (tick % 3 !== 0) continue;
        const cells = cellsOf(engine);
        for (let i = 0; i < AGENTS; i++) {
          if ((state.flags[i] & AGENT_FLAG.alive) === 0) continue;
          const at = i * observations.size;
          const light = plainLight(engine, s, cells, i);
          lights.add(light);
          expect(Math.round(observations.vector[at + vitals + 2] * 15), `light of agent ${i} at tick ${tick}`).toBe(light);
          const shown = Array.from({ length: s.numRecipes }, (_, recipe) => recipe).filter(
            (recipe) => observations.vector[at + craftable + recipe] === 1,
          );
          expect(shown, `recipes of agent ${i} at tick ${tick}`).toEqual(plainCraftable(engine, s, cells, i));
          const mask = engine.actionMask(0, i);
          expect(shown.every((recipe) => mask[INTERACT.sleep + 2 + recipe] === 1)).toBe(true);
          numCraftable += shown.length;
        }
      }
      expect(lights.size, 'different lights must be seen').toBeGreaterThan(5);
      expect(numCraftable, 'recipes must be craftable').toBeGreaterThan(1000);
    });
  }

  it('lets grow what the draws of each tick say, cell by cell', () => {
    const { engine, program } = village(8, 1, {}, { starts: [[8 << 16, 1 << 24, 8 << 16]], teams: [0], items: [] });
    const s = program.survival!;
    const { state } = engine;
    const predicted: number[][] = [];
    const seen: number[][] = [];
    for (let tick = 1; tick <= 600; tick++) {
      const before = state.voxels.slice(0, state.cellsPerWorld);
      engine.step();
      const draw = (k: number) => randomU32(state.seedLow[0], state.seedHigh[0], tick, 0, PURPOSE.growth, k);
      for (let k = 0; k < s.growthDraws; k++) {
        const word = draw(2 * (k - (k % 2)));
        const column = randomBelow(k % 2 === 0 ? word : (word << 16) >>> 0, EDGE * EDGE);
        const rest = draw(2 * k + 1);
        const cell = randomBelow(rest, HEIGHT) * EDGE * EDGE + column;
        const block = before[cell];
        if (s.growsInto[block] === block || s.growsTree[block] === 1 || (rest & 0xffff) >= s.growChanceQ16[block]) continue;
        before[cell] = s.growsInto[block];
        predicted.push([tick, cell]);
      }
      for (let k = 0; k < engine.buffers.eventCount[0]; k++) {
        const [kind, , cell, id] = engine.buffers.events.subarray(k * EVENT_WORDS);
        if (kind === EVENT.grew && id !== program.blocks.registryId[s.tree[3]]) seen.push([tick, cell]);
      }
    }
    expect(seen).toEqual(predicted);
    expect(seen.length, 'wheat must grow').toBe(3);
  });

  it('kept edit by edit is the one made from the cells: a world restored in every tick plays on alike', () => {
    for (const survival of [{}, { mobs: VILLAGE_MOBS }]) {
      const { engine } = village(21, 1, survival);
      const { engine: copy } = village(22, 1, survival);
      const villagers = new Villagers(engine, randomWords(21));
      let edits = 0;
      for (let tick = 0; tick < 1500; tick++) {
        copy.restore(0, engine.snapshot(0));
        villagers.act(tick);
        copy.buffers.actionWords.set(engine.buffers.actionWords);
        engine.step();
        copy.step();
        edits += engine.buffers.editCount[0];
        if (hashWorld(copy.state, 0) !== hashWorld(engine.state, 0)) expect.fail(`states part at tick ${tick}`);
        const different = engine.observations.vector.findIndex((value, k) => value !== copy.observations.vector[k]);
        expect(different, `component of the observations at tick ${tick}`).toBe(-1);
      }
      expect(edits, 'cells must change').toBeGreaterThan(50);
    }
  });
});
