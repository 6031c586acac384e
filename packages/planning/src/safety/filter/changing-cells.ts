/**
 * Cells that mechanisms fill and empty, as bits beside the solid cells of a world: what a vehicle's value counts as solid where it is in the way, and as
 * no ground where it would carry. A value that takes each cell at its worst, for good, holds however they switch.
 */
import { type BatchState, MECHANISM_EFFECT_COLUMNS, type ScenarioProgram } from '@kinovox/physics';

/** @returns `[Y, Z, rowWords]` bits of the cells of world w that are solid at some times only, made once per level; undefined where there are none. */
export function createChangingCells(program: ScenarioProgram): (state: BatchState, w: number) => Uint32Array | undefined {
  const { mechanisms, blocks } = program;
  const changing: number[] = [];
  for (let e = 0; e < mechanisms.effects.length / MECHANISM_EFFECT_COLUMNS; e++) {
    const [index, on, off] = mechanisms.effects.subarray(e * MECHANISM_EFFECT_COLUMNS, (e + 1) * MECHANISM_EFFECT_COLUMNS);
    if (blocks.solid[on] !== blocks.solid[off]) changing.push(index);
  }
  const byLevel = new WeakMap<Int32Array, Uint32Array>();
  return (state, w) => {
    if (changing.length === 0) return undefined;
    const { constants } = state.variants[w];
    let bits = byLevel.get(constants);
    if (bits === undefined) {
      bits = regionBits(program, constants, changing);
      byLevel.set(constants, bits);
    }
    return bits;
  };
}

function regionBits({ size, rowWords }: ScenarioProgram, k: Int32Array, indices: readonly number[]): Uint32Array {
  const [sizeX, sizeY, sizeZ] = size;
  const bits = new Uint32Array(sizeY * sizeZ * rowWords);
  for (const at of indices)
    for (let y = Math.max(0, k[at + 1]); y <= Math.min(sizeY - 1, k[at + 4]); y++)
      for (let z = Math.max(0, k[at + 2]); z <= Math.min(sizeZ - 1, k[at + 5]); z++)
        for (let x = Math.max(0, k[at]); x <= Math.min(sizeX - 1, k[at + 3]); x++)
          bits[(y * sizeZ + z) * rowWords + (x >> 5)] |= 1 << (x & 31);
  return bits;
}
