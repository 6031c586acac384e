/** A level as the engines take it: voxel planes, constants, spawns and permission bits of one variant. */
import type { VariantData } from '@kinovox/physics';
import { type Level, PROTECT_DIG, PROTECT_PLACE } from '@kinovox/world';
import { compilePropSpawns } from './props.js';

export function compileLevel(level: Level, variant: number, constants: Int32Array): VariantData {
  const { grid, spawns, protect } = level;
  return {
    variant,
    voxels: grid.voxels,
    rows: grid.rows,
    hash0: grid.lane0,
    hash1: grid.lane1,
    constants,
    ...compileSpawns(spawns),
    spawnYaw: Int32Array.from(spawns, (spawn) => spawn.yaw),
    protectedCells: bitmap(protect, PROTECT_DIG),
    unbuildableCells: bitmap(protect, PROTECT_PLACE),
    propSpawns: compilePropSpawns(level),
  };
}

/** Where each agent may start: the point it is given, or the floor centres of its cells. */
function compileSpawns(spawns: Level['spawns']): Pick<VariantData, 'spawnFirst' | 'spawnPoints'> {
  const points = spawns.map(({ cells, positionQ16 }) =>
    positionQ16 !== null ? Int32Array.from(positionQ16) : Int32Array.from(cells ?? [], (at, k) => (at << 16) + (k % 3 === 1 ? 0 : 32768)),
  );
  const spawnFirst = new Int32Array(spawns.length + 1);
  points.forEach((own, a) => {
    spawnFirst[a + 1] = spawnFirst[a] + own.length / 3;
  });
  const spawnPoints = new Int32Array(3 * spawnFirst[spawns.length]);
  points.forEach((own, a) => {
    spawnPoints.set(own, 3 * spawnFirst[a]);
  });
  return { spawnFirst, spawnPoints };
}

/** One bit per cell whose `bit` is set; undefined when none is. */
function bitmap(protect: Uint8Array | null, bit: number): Uint32Array | undefined {
  if (protect === null || !protect.some((bits) => (bits & bit) !== 0)) return undefined;
  const words = new Uint32Array((protect.length + 31) >> 5);
  for (let cell = 0; cell < protect.length; cell++) if ((protect[cell] & bit) !== 0) words[cell >> 5] |= 1 << (cell & 31);
  return words;
}
