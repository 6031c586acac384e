// A walled meadow with mobs: where they stand, what they are about, and how to put one somewhere.
import type { Engine, MobTables, ScenarioProgram } from '@kinovox/physics';
import { AGENT_FLAG, MOB_MOOD, type ScenarioInput } from '@kinovox/world';
import { createGround, type Ground, standAt } from './fixture.js';

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
