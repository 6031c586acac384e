/** Growing things: soil is tilled, seeds are sown and saplings planted, and what is ripe is left to whoever digs it. */
import { type SurvivalTables, TOOL_CLASS } from '@kinovox/env';
import type { AgentView } from '../agent-view.js';
import type { BlockIndex } from '../skills/block-index.js';
import type { Cell } from '../skills/hands.js';
import { countItems, findSlot, itemThatPlaces } from '../skills/inventory.js';
import type { Job } from './job.js';
import { hasRoomToGrow, isSite, nearestSite, type RejectedSites } from './sites.js';

/** What planting lacks: an item to plant, or a hoe. */
export type PlantingStep = Job | { lacks: 'hoe' } | { lacks: 'item'; item: number } | undefined;

/** Plants that are grown at a time for one that is wanted. */
const MOST_PLANTS = 12;
const SOIL = ['farmland', 'grass_block', 'dirt'] as const;

export class Farming {
  readonly #view: AgentView;
  readonly #rules: SurvivalTables;
  readonly #index: BlockIndex;
  #bed: Cell | undefined;

  readonly #rejected: RejectedSites;

  constructor(view: AgentView, rules: SurvivalTables, index: BlockIndex, rejected: RejectedSites) {
    this.#view = view;
    this.#rules = rules;
    this.#index = index;
    this.#rejected = rejected;
  }

  reset(): void {
    this.#bed = undefined;
  }

  /** Whether the block is a plant on its way to something else. */
  isGrowing(block: number): boolean {
    return this.#rules.growsTree[block] === 1 || this.#rules.growsInto[block] !== block;
  }

  /** The block that must be planted for one of these to grow; 0 where none does. */
  ancestorOf(blocks: readonly number[]): number {
    const { growsInto, growsTree, tree } = this.#rules;
    const grown = (block: number): readonly number[] => {
      if (growsTree[block] === 1) return [tree[3], tree[tree.length - 1]];
      const stages: number[] = [];
      for (let next = block; growsInto[next] !== next; next = growsInto[next]) stages.push(growsInto[next]);
      return stages;
    };
    const planted = this.#view.palette.names.findIndex(
      (_, block) => this.isGrowing(block) && itemThatPlaces(this.#view, block) > 0 && grown(block).some((one) => blocks.includes(one)),
    );
    return Math.max(0, planted);
  }

  /** The next thing to do until `count` of them grow; then to wait. */
  stepTo(planted: number, count: number): PlantingStep {
    let growing = 0;
    for (let block = planted, last = -1; block !== last; last = block, block = this.#rules.growsInto[block]) {
      if (this.isGrowing(block)) growing += this.#index.count(block);
      if (this.#rules.growsTree[block] === 1) break;
    }
    if (growing >= Math.min(count, MOST_PLANTS)) return { kind: 'wait' };
    const planting = this.stepToPlant(planted);
    return growing > 0 && planting !== undefined && 'lacks' in planting ? { kind: 'wait' } : planting;
  }

  /** The next thing to do to plant one. */
  stepToPlant(planted: number): PlantingStep {
    const view = this.#view;
    const item = itemThatPlaces(this.#view, planted);
    if (countItems(view, item) === 0) return { lacks: 'item', item };
    const below = this.#rules.placedOn[item] - 1;
    if (this.#bed === undefined || !this.#isBed(planted, below, ...this.#bed)) this.#bed = this.#findBed(planted, below);
    if (this.#bed === undefined) return undefined;
    const [x, y, z] = this.#bed;
    if (below < 0 || view.blockAt(x, y - 1, z) === below) return { kind: 'build', cells: [{ x, y, z, block: planted }] };
    if (findSlot(view, (held) => this.#rules.toolClass[held] === TOOL_CLASS.hoe) < 0) return { lacks: 'hoe' };
    return { kind: 'till', cell: [x, y - 1, z] };
  }

  /** A cell to plant in: on soil that is tilled already if there is one near, on soil at all otherwise. */
  #findBed(planted: number, below: number): Cell | undefined {
    const view = this.#view;
    const ready =
      below < 0 ? undefined : nearestSite(view, (x, y, z) => view.blockAt(x, y - 1, z) === below && this.#isBed(planted, below, x, y, z));
    const near = ready ?? nearestSite(view, (x, y, z) => this.#isBed(planted, below, x, y, z));
    return near ?? this.#farBed(planted, below);
  }

  #farBed(planted: number, below: number): Cell | undefined {
    const view = this.#view;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const name of SOIL) {
      const soil = view.palette.names.indexOf(name);
      if (soil < 0) continue;
      for (const cell of this.#index.cells(soil)) {
        const [x, y, z] = view.cellAt(cell);
        const distance = Math.abs(x - view.x()) + Math.abs(z - view.z()) + 2 * Math.abs(y - view.y());
        if (distance >= least || !this.#isBed(planted, below, x, y + 1, z)) continue;
        least = distance;
        best = [x, y + 1, z];
      }
    }
    return best;
  }

  #isBed(planted: number, below: number, x: number, y: number, z: number): boolean {
    const view = this.#view;
    const soil = view.blockAt(x, y - 1, z);
    if (!isSite(view, x, y, z) || this.#rejected.has(x, y, z)) return false;
    if (this.#rules.growsTree[planted] === 1) return hasRoomToGrow(view, this.#rules.tree, x, y, z);
    if (below < 0) return true;
    return soil === below || (this.#rules.tilled[soil] === below && view.mayDigAt(x, y - 1, z));
  }
}
