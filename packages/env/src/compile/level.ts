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
    spawnCells: spawns.map((spawn) => spawn.cells ?? NO_CELLS),
    spawnExact: spawns.map(({ positionQ16 }) =>
      positionQ16 === null ? undefined : ([positionQ16[0], positionQ16[1], positionQ16[2]] as const),
    ),
    spawnYaw: Int32Array.from(spawns, (spawn) => spawn.yaw),
    protectedCells: bitmap(protect, PROTECT_DIG),
    unbuildableCells: bitmap(protect, PROTECT_PLACE),
    propSpawns: compilePropSpawns(level),
  };
}

const NO_CELLS = new Int32Array(0);

/** One bit per cell whose `bit` is set; undefined when none is. */
function bitmap(protect: Uint8Array | null, bit: number): Uint32Array | undefined {
  if (protect === null || !protect.some((bits) => (bits & bit) !== 0)) return undefined;
  const words = new Uint32Array((protect.length + 31) >> 5);
  for (let cell = 0; cell < protect.length; cell++) if ((protect[cell] & bit) !== 0) words[cell >> 5] |= 1 << (cell & 31);
  return words;
}
