/**
 * Which solid cells the terrain collider holds: those within two cells of a free one. What lies deeper can never be touched, and leaving it out keeps
 * colliders of big worlds small. A pure function of the solidity bitboard, so a collider that was edited equals one built from the same cells.
 * Outside the world counts as solid at the sides and below, as free above.
 */

/** Cells of solid kept under a free one: the second layer pushes out what broke through the first. */
const DEPTH = 2;

export interface SolidRows {
  /** `[Y, Z, rowWords]` solidity bits. */
  rows: Uint32Array;
  /** First word of the world in `rows`. */
  base: number;
  sizeX: number;
  sizeY: number;
  sizeZ: number;
  rowWords: number;
}

/** Bits of the shell in word `word` of row (y, z). */
export function shellWord(solid: SolidRows, y: number, z: number, word: number): number {
  const own = solid.rows[solid.base + (y * solid.sizeZ + z) * solid.rowWords + word] & insideBits(solid, word);
  if (own === 0) return 0;
  let deep = -1;
  for (let ny = y - DEPTH; ny <= y + DEPTH; ny++) {
    for (let nz = z - DEPTH; nz <= z + DEPTH; nz++) {
      deep &= flankedBits(solid, ny, nz, word);
      if (deep === 0) return own >>> 0;
    }
  }
  return (own & ~deep) >>> 0;
}

/** All shell words of the world, `[Y, Z, rowWords]`. */
export function shellInto(out: Uint32Array, solid: SolidRows): void {
  for (let y = 0, at = 0; y < solid.sizeY; y++) {
    for (let z = 0; z < solid.sizeZ; z++) for (let word = 0; word < solid.rowWords; word++, at++) out[at] = shellWord(solid, y, z, word);
  }
}

/** x y z triples of the cells whose bits are set. */
export function cellsOfBits(bits: Uint32Array, solid: SolidRows): Int32Array {
  let count = 0;
  for (const word of bits) count += countBits(word);
  const cells = new Int32Array(3 * count);
  for (let i = 0, at = 0; i < bits.length; i++) {
    const line = Math.trunc(i / solid.rowWords);
    for (let rest = bits[i]; rest !== 0; rest &= rest - 1) {
      cells[at++] = ((i - line * solid.rowWords) << 5) + 31 - Math.clz32(rest & -rest);
      cells[at++] = Math.trunc(line / solid.sizeZ);
      cells[at++] = line % solid.sizeZ;
    }
  }
  return cells;
}

/** Bits of a row whose DEPTH neighbours to either side are solid too. */
function flankedBits(solid: SolidRows, y: number, z: number, word: number): number {
  if (y >= solid.sizeY) return 0;
  if (y < 0 || z < 0 || z >= solid.sizeZ) return -1;
  const bits = paddedWord(solid, y, z, word);
  const before = paddedWord(solid, y, z, word - 1);
  const after = paddedWord(solid, y, z, word + 1);
  let flanked = bits;
  for (let d = 1; d <= DEPTH; d++) flanked &= ((bits << d) | (before >>> (32 - d))) & ((bits >>> d) | (after << (32 - d)));
  return flanked;
}

/** A word of a row, with the cells beyond the world's sides solid. */
function paddedWord(solid: SolidRows, y: number, z: number, word: number): number {
  if (word < 0 || word >= solid.rowWords) return -1;
  return solid.rows[solid.base + (y * solid.sizeZ + z) * solid.rowWords + word] | ~insideBits(solid, word);
}

function insideBits(solid: SolidRows, word: number): number {
  const cells = solid.sizeX - (word << 5);
  return cells >= 32 ? -1 : (1 << cells) - 1;
}

function countBits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
