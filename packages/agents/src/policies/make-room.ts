import type { Cell } from './squad-grid.js';

/** Who goes where: cells by member, and members by the index of their cell. */
export interface Seats {
  readonly cells: Map<number, Cell>;
  readonly owners: Map<number, number>;
}

/**
 * A cell for one more member, where others can give theirs up for another that suits them: the shortest chain of such moves (augmenting paths), so whoever
 * goes without has none in any assignment.
 * @param cellsOf all cells that suit a member, nearest first. @returns whether there was one; `seats` are changed only then.
 */
export function makeRoom(
  member: number,
  cellsOf: (member: number) => readonly Cell[],
  indexOf: (cell: Cell) => number,
  seats: Seats,
): boolean {
  const takers = new Map<number, number>();
  const queue = [member];
  for (const one of queue)
    for (const cell of cellsOf(one)) {
      if (takers.has(indexOf(cell))) continue;
      takers.set(indexOf(cell), one);
      const owner = seats.owners.get(indexOf(cell));
      if (owner !== undefined) queue.push(owner);
      else {
        let free: Cell | undefined = cell;
        while (free !== undefined) {
          const taker: number = takers.get(indexOf(free))!;
          const left: Cell | undefined = seats.cells.get(taker);
          seats.cells.set(taker, free);
          seats.owners.set(indexOf(free), taker);
          free = left;
        }
        return true;
      }
    }
  return false;
}
