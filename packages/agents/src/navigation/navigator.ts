/**
 * Gets a body to a place: plans with A*, follows, and plans again when the target moves, the world changes or the body is lost.
 * Planning is rare: a search that failed is not repeated for some ticks, and a path is kept as long as it holds.
 */
import type { AgentView } from '../agent-view.js';
import type { Controls } from '../skills/controls.js';
import { countBlocks } from '../skills/inventory.js';
import { GROUND_DRAG, jumpDistance } from './flight.js';
import type { Box, Ground } from './ground.js';
import { land, SPRINT_SPEED } from './motion.js';
import { PathFollower } from './path-follower.js';
import { findPath, type PathStep } from './path-search.js';
import type { SearchSpace } from './search-space.js';

export type TravelStatus = 'moving' | 'arrived' | 'blocked';

export interface Destination {
  box: Box;
  /** Further condition on the cell of arrival. */
  accept?: (x: number, y: number, z: number) => boolean;
  /** Blocks that may be placed on the way beyond those carried, when others will help; default none. */
  extraBlocks?: number;
  /** Whether blocks may be dug or placed on the way; default true. */
  mayEdit?: boolean;
}

/** Ticks before a failed search is tried again: sooner when the map has changed since. */
const RETRY_TICKS = 60;
const RETRY_CHANGED_TICKS = 15;
/** Ticks for which a path to a moved target is kept. */
const MOVED_TICKS = 6;
/** Extra cost of a cell that another agent stands in: five steps. */
const OCCUPIED = 50;
/** Where on its block a body leaps at the latest, metres from the middle, and how much farther than the gap a flight must carry. */
const LEAP_FROM = 0.6;
const LEAP_MARGIN = 0.4;

export class Navigator {
  readonly ground: Ground;
  readonly #space: SearchSpace;
  readonly #follower: PathFollower;
  #key = '';
  #hasPath = false;
  #plannedAt = 0;
  #travelledAt = -1;
  /** The last search that found no way, by destination. */
  readonly #failures = new Map<string, { tick: number; map: number }>();

  constructor(ground: Ground, space: SearchSpace) {
    this.ground = ground;
    this.#space = space;
    this.#follower = new PathFollower(ground);
  }

  /** Steps that are still ahead. */
  get ahead(): readonly PathStep[] {
    return this.#hasPath ? this.#follower.ahead : [];
  }

  /** Tick in which it was last used; what is ahead is gone no further once that is over. */
  get travelledAt(): number {
    return this.#travelledAt;
  }

  /** Drops the path: the next `travel` plans. */
  forget(): void {
    this.#hasPath = false;
    this.#failures.clear();
  }

  /** An episode begins. */
  reset(): void {
    this.forget();
    this.#travelledAt = -1;
  }

  /** One tick on the way to a destination. */
  travel(c: Controls, to: Destination): TravelStatus {
    const { view } = c;
    const key = keyOf(to);
    this.#travelledAt = view.tick;
    if (this.#hasPath && key !== this.#key && view.tick - this.#plannedAt >= MOVED_TICKS && isSteady(view)) this.#hasPath = false;
    if (!this.#hasPath) {
      if (!isSteady(view)) {
        land(c, this.ground);
        return 'moving';
      }
      const path = this.plan(view, to);
      if (path === undefined) {
        c.displace(0, 0, false);
        return 'blocked';
      }
      this.#hasPath = true;
      this.#key = key;
      this.#plannedAt = view.tick;
      this.#follower.follow(footing(this.ground, view), path);
    }
    const status = this.#follower.step(c);
    if (status === 'lost') {
      this.#hasPath = false;
      return 'moving';
    }
    return status;
  }

  /** The path from where the body stands, or undefined: when there is none, or a search failed a short time ago. */
  plan(view: AgentView, to: Destination): PathStep[] | undefined {
    const key = keyOf(to);
    const failure = this.#failures.get(key);
    if (failure !== undefined && view.tick - failure.tick < (failure.map === view.mapVersion ? RETRY_TICKS : RETRY_CHANGED_TICKS))
      return undefined;
    const path = this.#search(view, to);
    if (path === undefined) this.#failures.set(key, { tick: view.tick, map: view.mapVersion });
    else this.#failures.delete(key);
    return path;
  }

  /** Cheapest means first: on foot; then with digging and bridging; then, for goals that lie high, with pillars. */
  #search(view: AgentView, to: Destination): PathStep[] | undefined {
    const { can, body } = view.roster[view.slot];
    const others = otherCells(view);
    const from = footing(this.ground, view);
    const base = {
      from,
      to: to.box,
      accept: to.accept,
      canJump: body.type !== 'walker' || body.jump,
      longestGap: longestGap(body),
      penalty: others.size === 0 ? undefined : (x: number, y: number, z: number) => (others.has(this.ground.cell(x, y, z)) ? OCCUPIED : 0),
    };
    const onFoot = findPath(this.ground, this.#space, { ...base, canDig: false, maxBlocks: 0, canPillar: false });
    if (onFoot !== undefined || to.mayEdit === false) return onFoot;
    const maxBlocks = can.place ? countBlocks(view) + (to.extraBlocks ?? 0) : 0;
    const canDig = can.dig && view.rules.world.diggable !== 'none';
    if (!canDig && maxBlocks === 0) return undefined;
    const edited = findPath(this.ground, this.#space, { ...base, canDig, maxBlocks, canPillar: false });
    if (edited !== undefined || maxBlocks === 0 || to.box[1] <= from[1]) return edited;
    return findPath(this.ground, this.#space, { ...base, canDig, maxBlocks, canPillar: true });
  }
}

/** Widest gap that a body can leap, in cells: at a run, from the edge of its block, with a margin. */
export function longestGap(body: AgentView['roster'][number]['body']): number {
  if (body.type !== 'walker') return 0;
  if (!body.jump) return 0;
  const reach = LEAP_FROM + jumpDistance(SPRINT_SPEED * GROUND_DRAG * body.speedScale, true, 0, body.speedScale);
  return Math.max(0, Math.min(3, Math.floor(reach - LEAP_MARGIN)));
}

/** Whether a search can start from here: on the ground, on a ladder or in water. */
function isSteady(view: AgentView): boolean {
  return view.onGround || view.onLadder || view.inWater || view.tick === 0;
}

/** The cell that a body stands on: its feet cell, or the neighbour whose edge holds it. */
export function footing(ground: Ground, view: AgentView): [number, number, number] {
  const [x, y, z] = view.cellOf();
  if (ground.isPlace(x, y, z)) return [x, y, z];
  let best: [number, number, number] = [x, y, z];
  let least = Number.POSITIVE_INFINITY;
  for (let dz = -1; dz <= 1; dz++) {
    for (let dx = -1; dx <= 1; dx++) {
      if (!ground.isPlace(x + dx, y, z + dz)) continue;
      const ex = x + dx + 0.5 - view.x();
      const ez = z + dz + 0.5 - view.z();
      const distance = ex * ex + ez * ez;
      if (distance < least) {
        least = distance;
        best = [x + dx, y, z + dz];
      }
    }
  }
  return best;
}

function otherCells(view: AgentView): Set<number> {
  const cells = new Set<number>();
  for (let slot = 0; slot < view.numAgents; slot++) {
    if (slot === view.slot || !view.isAlive(slot)) continue;
    const [x, y, z] = view.cellOf(slot);
    cells.add((y * view.sizeZ + z) * view.sizeX + x);
  }
  return cells;
}

function keyOf({ box, extraBlocks, mayEdit }: Destination): string {
  return `${box.join()}/${extraBlocks ?? 0}/${mayEdit ?? true}`;
}
