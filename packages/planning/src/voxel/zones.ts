/** Places of a level as plain data, so that they can be sent to a thread: boxes of cells, and what must be kept out of. */

/** Inclusive block corners x0 y0 z0 x1 y1 z1. */
export type Box = readonly [number, number, number, number, number, number];

/** A test of a feet cell: in or outside an inclusive box, or below a height. */
export type CellTest = { readonly box: Box; readonly inside: boolean } | { readonly below: number };

/** Feet cells that must not be entered: those for which every test of one of the clauses holds. */
export type KeepOut = readonly (readonly CellTest[])[];

export function isIn(box: Box, x: number, y: number, z: number): boolean {
  return x >= box[0] && y >= box[1] && z >= box[2] && x <= box[3] && y <= box[4] && z <= box[5];
}

/** Whether every test of one of the clauses holds for the cell. */
export function forbids(keepOut: KeepOut, x: number, y: number, z: number): boolean {
  for (const clause of keepOut) {
    let holds = true;
    for (const test of clause) {
      holds = 'below' in test ? y < test.below : isIn(test.box, x, y, z) === test.inside;
      if (!holds) break;
    }
    if (holds) return true;
  }
  return false;
}
