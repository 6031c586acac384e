// A walled meadow with mobs: where they stand, what they are about, and how to put one somewhere.
import type { Engine, MobTables, ScenarioProgram } from '@kinovox/physics';
import { AGENT_FLAG, INTERACT, MOB_MOOD, type ScenarioInput } from '@kinovox/world';
import { createGround, type Ground, setAction, standAt } from './fixture.js';

export const EDGE = 32;
export type Mobs = NonNullable<NonNullable<ScenarioInput['survival']>['mobs']>;
type Cell = [number, number, number];

/** Settings under which it is always night, or always noon. */
export const NIGHT = { lengthTicks: 24000, startTick: 15000 };
export const NOON = { lengthTicks: 0 };

/** Agents at (16, 1, 16), or as told, on grass that nobody can dig through. */
export function meadow(mobs: Mobs, more: Partial<Ground> = {}) {
  return createGround({
    size: [EDGE, 12, EDGE],
    starts: [standAt(16, 1, 16)],
    ...more,
    survival: { day: NIGHT, hunger: { everyTicks: 0 }, ...more.survival, mobs },
    boxes: [['grass_block', [0, 0, 0], [EDGE - 1, 0, EDGE - 1]], ...(more.boxes ?? [])],
    extraBlocks: ['dirt', 'stone', 'water', 'lava', 'glass', ...(more.extraBlocks ?? [])],
  });
}

/** A spawn region of one cell. */
export function only(x: number, y: number, z: number): { region: [Cell, Cell] } {
  return {
    region: [
      [x, y, z],
      [x, y, z],
    ],
  };
}

export function tablesOf(program: ScenarioProgram): MobTables {
  return program.survival!.mobs!;
}

export function isAlive(engine: Engine, slot: number, w = 0): boolean {
  return (engine.state.mobFlags[w * tablesOf(engine.program).numMobs + slot] & AGENT_FLAG.alive) !== 0;
}

/** Living mobs of a world, by slot. */
export function living(engine: Engine, w = 0): number[] {
  return Array.from({ length: tablesOf(engine.program).numMobs }, (_, slot) => slot).filter((slot) => isAlive(engine, slot, w));
}

export function moodOf(engine: Engine, slot: number): string {
  return Object.entries(MOB_MOOD).find(([, value]) => value === engine.state.mobMood[slot])![0];
}

/** Feet of a mob, in blocks. */
export function placeOf(engine: Engine, slot: number): [number, number, number] {
  const { mobPosX, mobPosY, mobPosZ } = engine.state;
  return [mobPosX[slot] / 65536, mobPosY[slot] / 65536, mobPosZ[slot] / 65536];
}

/** Level distance in blocks of a mob from an agent, or from the middle of a cell. */
export function distanceTo(engine: Engine, slot: number, to: number | readonly [number, number]): number {
  const [x, , z] = placeOf(engine, slot);
  const { posX, posZ } = engine.state;
  const [toX, toZ] = typeof to === 'number' ? [posX[to] / 65536, posZ[to] / 65536] : [to[0] + 0.5, to[1] + 0.5];
  return Math.hypot(x - toX, z - toZ);
}

/** Words of a mob slot that differ from their default. */
export function wordsOf(engine: Engine, slot: number): string[] {
  const { layout } = engine.state;
  const { numMobs } = tablesOf(engine.program);
  return layout.fields.flatMap(({ name, width, defaultValue }) => {
    if (!name.startsWith('mob')) return [];
    const words = engine.state[name].subarray((slot * width) / numMobs, ((slot + 1) * width) / numMobs);
    return words.some((word) => word !== defaultValue) ? [name] : [];
  });
}

/** Every kind at once, in a broken ground, by night and day, with agents that fight and return. */
export function createWilds(more: Partial<Ground> = {}) {
  const near = { everyTicks: 20, awayMetres: 3 };
  return meadow(
    [
      { kind: 'cow', count: 3, max: 6, spawn: { ...near, light: [0, 15] } },
      { kind: 'zombie', count: 2, max: 6, spawn: near, despawnMetres: 14 },
      { kind: 'spider', count: 1, max: 3, spawn: near },
      { kind: 'golem', spawn: only(10, 1, 10) },
      { kind: 'villager', count: 2 },
    ],
    {
      starts: [standAt(16, 1, 16), standAt(12, 1, 18), standAt(20, 1, 12)],
      teams: [0, 1, 0],
      observe: true,
      nearestMobs: 4,
      ...more,
      survival: {
        day: { lengthTicks: 600, startTick: 350 },
        growth: { cropTicks: 0, saplingTicks: 0 },
        respawn: 'spawn',
        respawnTicks: 10,
      },
      boxes: [
        ['stone', [4, 1, 4], [6, 1, 20]],
        ['stone', [24, 1, 8], [24, 3, 24]],
        ['water', [8, 0, 24], [14, 0, 28]],
        ['lava', [27, 0, 27], [29, 0, 29]],
        ['stone', [18, 1, 20], [20, 2, 22]],
      ],
    },
  );
}

export const WILD_AGENTS = 3;

/** Random keys for the agents of world w. */
export function actInWilds(engine: Engine, w: number, next: () => number): void {
  for (let a = 0; a < WILD_AGENTS; a++)
    setAction(engine, w * WILD_AGENTS + a, {
      forward: (next() % 3) * 2048,
      jump: next() % 6 === 0 ? 1 : 0,
      interact: [INTERACT.attack, INTERACT.attack, INTERACT.give, INTERACT.dig][next() % 4],
      turn: (next() % 30001) - 15000,
    });
}
