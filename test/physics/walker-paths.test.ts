/** The walker against paths recorded from prismarine-physics 1.11.1 (MIT) with Minecraft 1.20.1 data. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromQ16, toQ16 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type Box, createGround, setAction } from './fixture.js';

const DATA = process.env.KINOVOX_BENCH_DATA ?? '../shared/bench-data';
const file = join(DATA, 'minecraft-physics', 'paths.json');
const ready = existsSync(file);
if (!ready) console.warn(`SKIPPED: no recorded paths at ${file}; set KINOVOX_BENCH_DATA to the folder of the public benchmark data.`);

interface Case {
  id: string;
  ticks: number;
  start: [number, number, number];
  blocks: [string, number[], number[]][];
  script: { from: number; to: number; set: Record<string, boolean | number> }[];
  path: number[][];
}

/** The recordings' origin in our grid, whose cells count from zero. */
const OFFSET = [32, 0, 32] as const;
const SIZE = [64, 32, 64] as const;
const COMPARED_TICKS = 40;
const TOLERANCE_BLOCKS = 0.02;

/** Largest position error over the first `ticks` ticks, and where it is. */
function largestError(testCase: Case, ticks: number): { error: number; tick: number } {
  const boxes = testCase.blocks.map(([name, from, to]): Box => [name, from.map((v, k) => v + OFFSET[k]), to.map((v, k) => v + OFFSET[k])]);
  const { engine } = createGround({
    size: SIZE,
    boxes,
    starts: [[toQ16(testCase.start[0] + OFFSET[0]), toQ16(testCase.start[1] + OFFSET[1]), toQ16(testCase.start[2] + OFFSET[2])]],
  });
  const { state } = engine;
  const worst = { error: 0, tick: -1 };
  for (let tick = 0; tick < Math.min(ticks, testCase.ticks); tick++) {
    const keys: Record<string, boolean | number> = {};
    for (const entry of testCase.script) if (tick >= entry.from && tick < entry.to) Object.assign(keys, entry.set);
    state.yaw[0] = ((keys.yaw4096 as number | undefined) ?? 0) << 20;
    setAction(engine, 0, {
      forward: 4096 * (Number(keys.forward ?? 0) - Number(keys.back ?? 0)),
      strafe: 4096 * (Number(keys.right ?? 0) - Number(keys.left ?? 0)),
      jump: Number(keys.jump ?? 0),
      sprint: Number(keys.sprint ?? 0),
      sneak: Number(keys.sneak ?? 0),
    });
    engine.step();
    const [x, y, z] = testCase.path[tick];
    const error = Math.max(
      Math.abs(fromQ16(state.posX[0]) - OFFSET[0] - x),
      Math.abs(fromQ16(state.posY[0]) - y),
      Math.abs(fromQ16(state.posZ[0]) - OFFSET[2] - z),
    );
    if (error > worst.error) Object.assign(worst, { error, tick });
  }
  return worst;
}

describe.skipIf(!ready)('the walker', () => {
  const cases: Case[] = ready ? JSON.parse(readFileSync(file, 'utf8')).cases : [];
  it('has all fourteen recordings to be held against', () => expect(cases.length).toBe(14));
  for (const testCase of cases) {
    it(`stays within ${TOLERANCE_BLOCKS} block of ${testCase.id} for ${COMPARED_TICKS} ticks`, () => {
      const { error, tick } = largestError(testCase, COMPARED_TICKS);
      expect(error, `largest error at tick ${tick}`).toBeLessThanOrEqual(TOLERANCE_BLOCKS);
    });
  }
  it('leaves the recordings where a key is released too early', () => {
    const walk = cases.find((testCase) => testCase.id === 'walk-flat')!;
    const broken = { ...walk, script: walk.script.map((entry) => ({ ...entry, to: 20 })) };
    expect(largestError(broken, COMPARED_TICKS).error).toBeGreaterThan(TOLERANCE_BLOCKS);
  });
});
