/**
 * Lower bounds of the ticks from cells to a goal: Dijkstra from the goal backwards over the moves without their classes of speed, extended only as far as
 * somebody asks (Silver, "Cooperative Pathfinding", 2005: reverse resumable search; here without a heuristic of its own, as a goal is asked from many sides).
 */
import { OpenList } from '../grid/open-list.js';
import { IMPOSSIBLE, type LevelMap } from './level-map.js';
import { type Box, forbids, isIn, type KeepOut } from './zones.js';

/** Where a walker is sent, and what it may do on its way: plain data. */
export interface GoalOptions {
  /** Feet cells of the goal: those of the box where a body can stand, */
  readonly box: Box;
  /** and whose floor centre is at most so far from a point, metres. Default: all of the box. */
  readonly near?: { readonly x: number; readonly y: number; readonly z: number; readonly metres: number } | undefined;
  /** Feet cells that no tick of a move may end in. */
  readonly keepOut: KeepOut;
  readonly mayDig: boolean;
  readonly mayPlace: boolean;
}

/** Whether the cell is one of the goal's. */
export function isGoalCell(map: LevelMap, { box, near }: Pick<GoalOptions, 'box' | 'near'>, x: number, y: number, z: number): boolean {
  return (
    isIn(box, x, y, z) &&
    map.isFooting(x, y, z) &&
    (near === undefined || (x + 0.5 - near.x) ** 2 + (y - near.y) ** 2 + (z + 0.5 - near.z) ** 2 <= near.metres * near.metres)
  );
}

/** Whether the feet of a move from the cell pass one that they must not. @param feet x, y, z of the cells from there. */
export function passesForbidden(keepOut: KeepOut, feet: Int8Array, x: number, y: number, z: number): boolean {
  if (keepOut.length === 0) return false;
  for (let k = 0; k < feet.length; k += 3) if (forbids(keepOut, x + feet[k], y + feet[k + 1], z + feet[k + 2])) return true;
  return false;
}

/** Cells settled between two looks at the clock. */
const LOOK = 64;

export class GoalDistance {
  /** Cells settled so far. */
  expansions = 0;
  private readonly open: OpenList;
  private readonly least: Int32Array;
  private readonly closed: Uint8Array;

  constructor(
    private readonly map: LevelMap,
    private readonly goal: GoalOptions,
  ) {
    this.open = new OpenList(map.numCells);
    this.least = new Int32Array(map.numCells).fill(-1);
    this.closed = new Uint8Array(map.numCells);
    const [x0, y0, z0, x1, y1, z1] = goal.box;
    for (let y = Math.max(0, y0); y <= Math.min(map.sizeY - 1, y1); y++)
      for (let z = Math.max(0, z0); z <= Math.min(map.sizeZ - 1, z1); z++)
        for (let x = Math.max(0, x0); x <= Math.min(map.sizeX - 1, x1); x++) if (isGoalCell(map, goal, x, y, z)) this.reach(x, y, z, 0);
  }

  /**
   * Ticks from the cell to the goal at least; infinite where no way leads.
   * @param until of `performance.now()`, default never: then it is infinite for what is not known yet, and the next call goes on.
   */
  from(x: number, y: number, z: number, until = Number.POSITIVE_INFINITY): number {
    const cell = this.map.cellOf(x, y, z);
    for (let settled = 0; this.closed[cell] === 0; settled++) {
      if (until !== Number.POSITIVE_INFINITY && settled % LOOK === 0 && performance.now() >= until) return Number.POSITIVE_INFINITY;
      if (!this.settleNext()) return Number.POSITIVE_INFINITY;
    }
    return this.least[cell];
  }

  private settleNext(): boolean {
    const { open, map, goal } = this;
    if (!open.pop()) return false;
    const cell = open.id;
    const ticks = open.f;
    this.closed[cell] = 1;
    this.expansions++;
    const x = cell % map.sizeX;
    const z = Math.floor(cell / map.sizeX) % map.sizeZ;
    const y = Math.floor(cell / (map.sizeX * map.sizeZ));
    for (const shape of map.shapes) {
      const [px, py, pz] = [x - shape.dx, y - shape.dy, z - shape.dz];
      if (px < 0 || py < 0 || pz < 0 || px >= map.sizeX || py >= map.sizeY || pz >= map.sizeZ) continue;
      if (this.closed[map.cellOf(px, py, pz)] === 1 || (shape.places && !goal.mayPlace)) continue;
      if (forbids(goal.keepOut, px, py, pz) || passesForbidden(goal.keepOut, shape.feet, px, py, pz)) continue;
      // Nobody stands on air who cannot have built there.
      if (!goal.mayPlace && !map.isGround(px, py - 1, pz)) continue;
      const dig = map.cost(px, py, pz, shape);
      if (dig === IMPOSSIBLE || (dig > 0 && !goal.mayDig)) continue;
      this.reach(px, py, pz, ticks + shape.least + dig);
    }
    return true;
  }

  private reach(x: number, y: number, z: number, ticks: number): void {
    const cell = this.map.cellOf(x, y, z);
    const known = this.least[cell];
    if (known >= 0 && known <= ticks) return;
    this.least[cell] = ticks;
    if (known < 0) this.open.push(cell, ticks, ticks);
    else this.open.decrease(cell, ticks);
  }
}
