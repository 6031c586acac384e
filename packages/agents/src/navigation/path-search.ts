/**
 * A* over the moves of a walker: walk, step up, drop, leap, climb, swim, dig (level, or a stair down or up), bridge, pillar.
 * Source: Hart, Nilsson, Raphael 1968; ties go to the least cell, so the same world gives the same path on every machine.
 * Differs: blocks to place are a budget carried along the best known way to a cell, not a dimension of the search.
 */
import type { Box, Ground } from './ground.js';
import type { SearchSpace } from './search-space.js';

export const MOVE = {
  start: 0,
  walk: 1,
  step: 2,
  drop: 3,
  leap: 4,
  climb: 5,
  swim: 6,
  dig: 7,
  bridge: 8,
  pillar: 9,
  digDown: 10,
  digUp: 11,
} as const;

/** A cell of a path and how it is entered from the one before. */
export interface PathStep {
  x: number;
  y: number;
  z: number;
  move: number;
}

export interface PathQuery {
  from: readonly [number, number, number];
  /** Feet cells to arrive in. */
  to: Box;
  /** Further condition on the cell of arrival. */
  accept?: ((x: number, y: number, z: number) => boolean) | undefined;
  /** Whether blocks may be dug. */
  canDig: boolean;
  /** Blocks that may be placed on the way. */
  maxBlocks: number;
  /** Whether blocks may be placed under the own feet to rise. It opens the whole sky to the search: only for goals that lie high. */
  canPillar: boolean;
  /** Whether the body can jump up a block. */
  canJump: boolean;
  /** Widest gap that it leaps over, in cells, 0..3; default 3, and none for a body that cannot jump. */
  longestGap?: number;
  /** Extra cost of entering a cell, for those that others stand in. */
  penalty?: ((x: number, y: number, z: number) => number) | undefined;
}

/** Costs in tenths of a walking step. */
const WALK = 10;
const DIAGONAL = 14;
const STEP_UP = 16;
const DROP = 4;
const LEAP = 14;
const CLIMB = 18;
const SWIM = 24;
const BRIDGE = 80;
const PILLAR = 60;
/** Digging: a walking step takes about five ticks. */
const DIG_PER_TICK = 2;
/** Weight of the estimate: a way may cost this many times the best one's, and is found among far fewer cells (weighted A*, Pohl 1970). */
const GREED = 2;
const DEEPEST_DROP = 3;
const LONGEST_GAP = 3;
/** Directions: the four sides, then the four corners. */
const DX = [1, -1, 0, 0, 1, 1, -1, -1];
const DZ = [0, 0, 1, -1, 1, -1, 1, -1];

/** @returns the steps after the start, or undefined when there is no way; an empty path when the start is an arrival. */
export function findPath(ground: Ground, space: SearchSpace, query: PathQuery): PathStep[] | undefined {
  const { sizeX, sizeY, sizeZ } = ground.view;
  space.begin(sizeX * sizeY * sizeZ);
  ground.beginSearch(space.known, space.search);
  const path = new Search(ground, space, query).run();
  ground.endSearch();
  return path;
}

class Search {
  readonly #ground: Ground;
  readonly #space: SearchSpace;
  readonly #query: PathQuery;
  readonly #sizeX: number;
  readonly #sizeZ: number;
  #cell = 0;
  #cost = 0;
  #placed = 0;

  constructor(ground: Ground, space: SearchSpace, query: PathQuery) {
    this.#ground = ground;
    this.#space = space;
    this.#query = query;
    this.#sizeX = ground.view.sizeX;
    this.#sizeZ = ground.view.sizeZ;
  }

  run(): PathStep[] | undefined {
    const [x0, y0, z0] = this.#query.from;
    if (!this.#ground.isInside(x0, y0, z0)) return undefined;
    const start = this.#ground.cell(x0, y0, z0);
    this.#space.enter(start, 0, 0, -1, MOVE.start, 0);
    for (let cell = this.#space.take(); cell >= 0; cell = this.#space.take()) {
      const x = cell % this.#sizeX;
      const row = (cell - x) / this.#sizeX;
      const z = row % this.#sizeZ;
      const y = (row - z) / this.#sizeZ;
      if (this.#isArrival(x, y, z)) return this.#trace(cell);
      this.#cell = cell;
      this.#cost = this.#space.cost[cell];
      this.#placed = this.#space.placed[cell];
      this.#expand(x, y, z);
    }
    return undefined;
  }

  #isArrival(x: number, y: number, z: number): boolean {
    const { to, accept } = this.#query;
    return x >= to[0] && y >= to[1] && z >= to[2] && x <= to[3] && y <= to[4] && z <= to[5] && (accept === undefined || accept(x, y, z));
  }

  #expand(x: number, y: number, z: number): void {
    const ground = this.#ground;
    const { canJump } = this.#query;
    const swimming = ground.isWater(x, y, z);
    const climbing = ground.isClimbable(x, y, z);
    const grounded =
      ground.isSolid(x, y - 1, z) || this.#space.move[this.#cell] === MOVE.bridge || this.#space.move[this.#cell] === MOVE.pillar;
    const headroom = ground.isFree(x, y + 2, z);
    for (let d = 0; d < 4; d++) {
      const nx = x + DX[d];
      const nz = z + DZ[d];
      if (ground.isPlace(nx, y, nz))
        this.#enter(nx, y, nz, swimming || ground.isWater(nx, y, nz) ? MOVE.swim : MOVE.walk, ground.isWater(nx, y, nz) ? SWIM : WALK, 0);
      else if (ground.isRoom(nx, y, nz)) {
        this.#drop(nx, y, nz);
        if (grounded) this.#bridge(nx, y, nz);
      } else {
        if (
          headroom &&
          (grounded || swimming || climbing) &&
          (canJump || climbing || swimming) &&
          ground.isSolid(nx, y, nz) &&
          ground.isFooting(nx, y + 1, nz)
        )
          this.#enter(nx, y + 1, nz, MOVE.step, STEP_UP, 0);
        if (grounded) this.#dig(nx, y, nz);
      }
      if (grounded && !swimming && this.#query.canDig) this.#stairs(x, y, z, nx, nz);
      if (grounded && !swimming && headroom && canJump) this.#leap(x, y, z, DX[d], DZ[d]);
    }
    if (grounded && !swimming) {
      for (let d = 4; d < 8; d++) {
        const nx = x + DX[d];
        const nz = z + DZ[d];
        // No cutting of corners: both sides must be walkable too.
        if (ground.isFooting(nx, y, nz) && ground.isFooting(nx, y, z) && ground.isFooting(x, y, nz))
          this.#enter(nx, y, nz, MOVE.walk, DIAGONAL, 0);
      }
    }
    if (
      (climbing || swimming) &&
      headroom &&
      (ground.isClimbable(x, y + 1, z) || ground.isWater(x, y + 1, z)) &&
      ground.isPlace(x, y + 1, z)
    )
      this.#enter(x, y + 1, z, climbing ? MOVE.climb : MOVE.swim, climbing ? CLIMB : SWIM, 0);
    if (ground.isPlace(x, y - 1, z)) this.#enter(x, y - 1, z, ground.isWater(x, y - 1, z) ? MOVE.swim : MOVE.climb, CLIMB, 0);
    if (
      grounded &&
      headroom &&
      canJump &&
      this.#query.canPillar &&
      !swimming &&
      this.#placed < this.#query.maxBlocks &&
      ground.isPlaceable(x, y, z) &&
      ground.isInside(x, y + 1, z)
    )
      this.#enter(x, y + 1, z, MOVE.pillar, PILLAR, 1);
  }

  #drop(x: number, y: number, z: number): void {
    const ground = this.#ground;
    for (let depth = 1; y - depth >= 0; depth++) {
      if (!ground.isFree(x, y - depth, z) || ground.isKeptOut(x, y - depth, z)) return;
      if (!ground.isPlace(x, y - depth, z)) continue;
      if (depth <= DEEPEST_DROP || ground.isWater(x, y - depth, z)) this.#enter(x, y - depth, z, MOVE.drop, WALK + DROP * depth, 0);
      return;
    }
  }

  #bridge(x: number, y: number, z: number): void {
    if (this.#placed >= this.#query.maxBlocks || !this.#ground.isPlaceable(x, y - 1, z) || this.#ground.isKeptOut(x, y, z)) return;
    this.#enter(x, y, z, MOVE.bridge, BRIDGE, 1);
  }

  #dig(x: number, y: number, z: number): void {
    const ground = this.#ground;
    if (!this.#query.canDig || !ground.isInside(x, y, z) || !ground.isSolid(x, y - 1, z) || ground.isKeptOut(x, y, z)) return;
    const feet = ground.digTicks(x, y, z);
    const head = ground.digTicks(x, y + 1, z);
    if (feet < 0 || head < 0) return;
    this.#enter(x, y, z, MOVE.dig, WALK + DIG_PER_TICK * (feet + head), 0);
  }

  /** Digs a stair of one block down or up; where nothing is to be dug, walking does. */
  #stairs(x: number, y: number, z: number, nx: number, nz: number): void {
    const ground = this.#ground;
    if (y > 1 && ground.isSolid(nx, y - 1, nz) && ground.isSolid(nx, y - 2, nz) && !ground.isKeptOut(nx, y - 1, nz)) {
      const ticks = this.#digTicks(nx, y + 1, nz, nx, y, nz, nx, y - 1, nz);
      if (ticks > 0) this.#enter(nx, y - 1, nz, MOVE.digDown, WALK + DROP + DIG_PER_TICK * ticks, 0);
    }
    if (this.#query.canJump && ground.isSolid(nx, y, nz) && !ground.isKeptOut(nx, y + 1, nz)) {
      const ticks = this.#digTicks(x, y + 2, z, nx, y + 1, nz, nx, y + 2, nz);
      if (ticks > 0) this.#enter(nx, y + 1, nz, MOVE.digUp, STEP_UP + DIG_PER_TICK * ticks, 0);
    }
  }

  /** Ticks to dig three cells free; -1 when one of them cannot be. */
  #digTicks(ax: number, ay: number, az: number, bx: number, by: number, bz: number, cx: number, cy: number, cz: number): number {
    const a = this.#ground.digTicks(ax, ay, az);
    const b = this.#ground.digTicks(bx, by, bz);
    const c = this.#ground.digTicks(cx, cy, cz);
    return a < 0 || b < 0 || c < 0 ? -1 : a + b + c;
  }

  /** Over gaps of 1 to 3 cells, to the same height, one up (gap of 1 or 2) or up to two down. */
  #leap(x: number, y: number, z: number, dx: number, dz: number): void {
    const ground = this.#ground;
    const longest = this.#query.longestGap ?? LONGEST_GAP;
    for (let gap = 1; gap <= longest; gap++) {
      const gx = x + dx * gap;
      const gz = z + dz * gap;
      if (!ground.isRoom(gx, y, gz) || !ground.isFree(gx, y + 2, gz) || ground.isKeptOut(gx, y, gz)) return;
      // Not over ground: walking does that.
      if (gap === 1 && ground.isPlace(gx, y, gz)) return;
      const tx = gx + dx;
      const tz = gz + dz;
      const cost = WALK * (gap + 1) + LEAP * gap;
      if (gap < longest && ground.isFooting(tx, y + 1, tz) && ground.isFree(tx, y + 2, tz))
        this.#enter(tx, y + 1, tz, MOVE.leap, cost + LEAP, 0);
      if (!ground.isFree(tx, y + 2, tz)) continue;
      for (let down = 0; down <= 2; down++) {
        if (!ground.isRoom(tx, y - down, tz)) break;
        if (!ground.isFooting(tx, y - down, tz)) continue;
        this.#enter(tx, y - down, tz, MOVE.leap, cost + DROP * down, 0);
        break;
      }
    }
  }

  #enter(x: number, y: number, z: number, move: number, cost: number, blocks: number): void {
    if (!this.#ground.isInside(x, y, z)) return;
    const cell = this.#ground.cell(x, y, z);
    const total = this.#cost + cost + (this.#query.penalty?.(x, y, z) ?? 0);
    const space = this.#space;
    if (space.isReached(cell) && space.cost[cell] <= total) return;
    space.enter(cell, total, total + GREED * this.#estimate(x, y, z), this.#cell, move, this.#placed + blocks);
  }

  /** Cost of an unhindered way to the box. */
  #estimate(x: number, y: number, z: number): number {
    const { to } = this.#query;
    const dx = x < to[0] ? to[0] - x : x > to[3] ? x - to[3] : 0;
    const dy = y < to[1] ? to[1] - y : 0;
    const dz = z < to[2] ? to[2] - z : z > to[5] ? z - to[5] : 0;
    const level = dx > dz ? WALK * dx + (DIAGONAL - WALK) * dz : WALK * dz + (DIAGONAL - WALK) * dx;
    return level + (STEP_UP - WALK) * dy;
  }

  #trace(arrival: number): PathStep[] {
    const steps: PathStep[] = [];
    for (let cell = arrival; this.#space.parent[cell] >= 0; cell = this.#space.parent[cell]) {
      const x = cell % this.#sizeX;
      const row = (cell - x) / this.#sizeX;
      const z = row % this.#sizeZ;
      steps.push({ x, y: (row - z) / this.#sizeZ, z, move: this.#space.move[cell] });
    }
    return steps.reverse();
  }
}
