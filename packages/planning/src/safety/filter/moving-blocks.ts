/**
 * Solid cells that mechanisms may take away or put there, and the world in its two extremes around a body: all of them gone, and all of them there.
 * A value that holds in both, and now, holds however they switch while the body brakes (tested, not proven, for switches in between).
 */
import { type BatchState, MECHANISM_EFFECT_COLUMNS, type ScenarioProgram, type WalkerWords } from '@kinovox/physics';

/** Cells around a body that its next ticks may meet: a jump and a fall. */
const REACH_CELLS = 8;

export interface MovingBlocks {
  /**
   * Sets `gone` and `there` for a body in world `w`; cells further off than 8 are not looked at.
   * @returns whether mechanisms move any cell as near as that; otherwise both are left as they were.
   */
  around(state: BatchState, w: number, body: WalkerWords): boolean;
  /** `[Y, Z, rowWords]` bits. Where a body is, nothing appears: mechanisms wait for it. */
  readonly gone: Uint32Array;
  readonly there: Uint32Array;
}

export function createMovingBlocks(program: ScenarioProgram): MovingBlocks {
  const { mechanisms, blocks, size, rowWords } = program;
  const [sizeX, sizeY, sizeZ] = size;
  const moving: number[] = [];
  for (let e = 0; e < mechanisms.effects.length / MECHANISM_EFFECT_COLUMNS; e++) {
    const [index, on, off] = mechanisms.effects.subarray(e * MECHANISM_EFFECT_COLUMNS, (e + 1) * MECHANISM_EFFECT_COLUMNS);
    if (blocks.solid[on] !== blocks.solid[off]) moving.push(index);
  }
  const any = moving.length > 0;
  const gone = new Uint32Array(any ? sizeY * sizeZ * rowWords : 0);
  const there = new Uint32Array(gone.length);
  /** Cells of the body, inclusive: x, y, z low, then high. */
  const own = new Int32Array(6);
  return {
    gone,
    there,
    around(state, w, body) {
      const cellX = body.posX >> 16;
      const cellY = body.posY >> 16;
      const cellZ = body.posZ >> 16;
      const { constants } = state.variants[w];
      if (!moving.some((index) => isNear(constants, index, cellX, cellY, cellZ))) return false;
      const base = w * state.rowsPerWorld;
      const z0 = Math.max(0, cellZ - REACH_CELLS);
      const z1 = Math.min(sizeZ - 1, cellZ + REACH_CELLS);
      for (let y = Math.max(0, cellY - REACH_CELLS); y <= Math.min(sizeY - 1, cellY + REACH_CELLS); y++) {
        const from = (y * sizeZ + z0) * rowWords;
        const to = (y * sizeZ + z1 + 1) * rowWords;
        for (let k = from; k < to; k++) gone[k] = there[k] = state.rows[base + k];
      }
      bodyCells(own, body);
      for (const index of moving)
        for (let y = Math.max(cellY - REACH_CELLS, constants[index + 1]); y <= Math.min(cellY + REACH_CELLS, constants[index + 4]); y++)
          for (let z = Math.max(z0, constants[index + 2]); z <= Math.min(z1, constants[index + 5]); z++)
            for (let x = Math.max(0, constants[index]); x <= Math.min(sizeX - 1, constants[index + 3]); x++) {
              const word = (y * sizeZ + z) * rowWords + (x >> 5);
              gone[word] &= ~(1 << (x & 31));
              const inside = x >= own[0] && x <= own[3] && y >= own[1] && y <= own[4] && z >= own[2] && z <= own[5];
              if (!inside) there[word] |= 1 << (x & 31);
            }
      return true;
    },
  };
}

/** Whether the region at constant `index` has a cell within reach of a body's. */
function isNear(k: Int32Array, index: number, x: number, y: number, z: number): boolean {
  return (
    k[index] <= x + REACH_CELLS &&
    k[index + 1] <= y + REACH_CELLS &&
    k[index + 2] <= z + REACH_CELLS &&
    k[index + 3] >= x - REACH_CELLS &&
    k[index + 4] >= y - REACH_CELLS &&
    k[index + 5] >= z - REACH_CELLS
  );
}

/** Half a walker's width and its height, Q16: `bodies/walker.ts` of the physics package. */
const HALF_WIDTH_Q16 = 19661;
const HEIGHT_Q16 = 117965;

/** Inclusive cells that a walker's box meets, x y z low and high. */
export function bodyCells(out: Int32Array, { posX, posY, posZ }: WalkerWords): void {
  out[0] = (posX - HALF_WIDTH_Q16) >> 16;
  out[1] = posY >> 16;
  out[2] = (posZ - HALF_WIDTH_Q16) >> 16;
  out[3] = (posX + HALF_WIDTH_Q16 - 1) >> 16;
  out[4] = (posY + HEIGHT_Q16 - 1) >> 16;
  out[5] = (posZ + HALF_WIDTH_Q16 - 1) >> 16;
}
