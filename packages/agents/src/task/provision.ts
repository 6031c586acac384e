/**
 * How to come by items under the rules of survival: what to dig, make or set up first, so that an agent ends with what is asked for.
 * A depth-first search backwards through recipes and drops, asked anew each tick, of which the first open step is the job.
 * Ways in order: dig what is there and can be dug with what is at hand, craft, get the tool that digging asks for. Drawn drops are not counted on.
 */
import { DROP_COLUMN, DROP_COLUMNS, RECIPE_COLUMN, RECIPE_COLUMNS, STATION, type SurvivalTables } from '@kinovox/env';
import { INVENTORY_SLOTS, itemByName } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { type Cell, nearestBlock } from '../skills/hands.js';
import { countItems } from '../skills/inventory.js';
import type { Job } from './job.js';

const ALWAYS_Q16 = 65536;
/** How far around the feet a place for a station is looked for, blocks. */
const SITE_RADIUS = 3;
const IMPOSSIBLE = 'impossible';
type Step = Job | typeof IMPOSSIBLE | undefined;

export class Provision {
  readonly #view: AgentView;
  readonly #rules: SurvivalTables;
  /** Where the next station is to stand. */
  #site: Cell | undefined;

  constructor(view: AgentView, rules: SurvivalTables) {
    this.#view = view;
    this.#rules = rules;
  }

  reset(): void {
    this.#site = undefined;
  }

  /** The next thing to do to carry `count` of the item; undefined when that is so already, or there is no way. */
  jobFor(item: number, count: number): Job | undefined {
    const step = this.#step(item, count, []);
    return step === IMPOSSIBLE ? undefined : step;
  }

  /** The next thing to do to make the item once more, whatever is carried of it. */
  jobToMake(item: number): Job | undefined {
    const step = this.#make(item, []);
    return step === IMPOSSIBLE ? undefined : step;
  }

  /** `wanted` are the items that this one is for, so that no way leads in a circle. */
  #step(item: number, count: number, wanted: readonly number[]): Step {
    if (countItems(this.#view, item) >= count) return undefined;
    if (wanted.includes(item)) return IMPOSSIBLE;
    const sources = this.#sources(item);
    const free = sources.filter((block) => this.#toolFor(block) >= 0);
    if (free.length > 0) return { kind: 'dig', blocks: free };
    const made = this.#make(item, wanted);
    if (made !== IMPOSSIBLE) return made;
    for (const block of sources) {
      const tool = this.#cheapestTool(block, [...wanted, item]);
      if (tool !== IMPOSSIBLE) return tool;
    }
    return IMPOSSIBLE;
  }

  #make(item: number, wanted: readonly number[]): Step {
    const { recipes, numRecipes } = this.#rules;
    for (let recipe = 0; recipe < numRecipes; recipe++) {
      if (recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.output] !== item) continue;
      const step = this.#prepare(recipe, [...wanted, item]);
      if (step !== IMPOSSIBLE) return step ?? { kind: 'craft', recipe };
    }
    return IMPOSSIBLE;
  }

  /** The first thing that a recipe still lacks: its station, its inputs, its fuel, nearness. */
  #prepare(recipe: number, wanted: readonly number[]): Step {
    const { recipes, fuelTicks } = this.#rules;
    const row = recipe * RECIPE_COLUMNS;
    const station = recipes[row + RECIPE_COLUMN.station];
    const stand = station === STATION.none ? undefined : this.#station(station, wanted);
    if (stand === IMPOSSIBLE || (stand !== undefined && stand.kind !== 'go')) return stand;
    for (let k = 0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++) {
      const at = row + RECIPE_COLUMN.input0 + 2 * k;
      const step = this.#step(recipes[at], recipes[at + 1], wanted);
      if (step !== undefined) return step;
    }
    if (recipes[row + RECIPE_COLUMN.fuel] === 1 && !this.#carriesFuel(recipe)) {
      for (const name of ['coal', 'oak_log', 'oak_planks', 'stick'] as const) {
        const { id } = itemByName(name);
        const step = this.#step(id, countItems(this.#view, id) + Math.ceil(recipes[row + RECIPE_COLUMN.ticks] / fuelTicks[id]), wanted);
        if (step !== IMPOSSIBLE && step !== undefined) return step;
      }
      return IMPOSSIBLE;
    }
    return stand;
  }

  /** Fuel beside what the recipe takes. */
  #carriesFuel(recipe: number): boolean {
    const { recipes, fuelTicks } = this.#rules;
    const row = recipe * RECIPE_COLUMNS;
    let ticks = 0;
    for (let k = 0; k < INVENTORY_SLOTS; k++) ticks += fuelTicks[this.#view.itemAt(k)] * this.#view.countAt(k);
    for (let k = 0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++) {
      const at = row + RECIPE_COLUMN.input0 + 2 * k;
      ticks -= fuelTicks[recipes[at]] * recipes[at + 1];
    }
    return ticks >= recipes[row + RECIPE_COLUMN.ticks];
  }

  /** Undefined when a station is near; a walk to one that stands; else what it takes to put one up. */
  #station(station: number, wanted: readonly number[]): Step {
    const view = this.#view;
    const reach = this.#rules.stationReach;
    const blocks = [...this.#rules.stationOf.keys()].filter((block) => this.#rules.stationOf[block] === station);
    const stands = this.#nearest(blocks);
    if (stands !== undefined) {
      this.#site = undefined;
      const [x, y, z] = stands;
      const [px, py, pz] = view.cellOf();
      if (Math.max(Math.abs(x - px), Math.abs(y - py), Math.abs(z - pz)) <= reach) return undefined;
      // One block less than the rule, so that standing at the edge is near too.
      const r = Math.max(1, reach - 1);
      return { kind: 'go', box: [x - r, y - r, z - r, x + r, y + r, z + r] };
    }
    for (const block of blocks) {
      const { id } = itemByName(view.palette.names[block]);
      if (countItems(view, id) > 0) return this.#putUp(block);
      const step = this.#step(id, 1, wanted);
      if (step !== IMPOSSIBLE) return step;
    }
    return IMPOSSIBLE;
  }

  #putUp(block: number): Step {
    if (this.#site === undefined || !this.#isSite(...this.#site)) this.#site = this.#findSite();
    if (this.#site === undefined) return IMPOSSIBLE;
    const [x, y, z] = this.#site;
    return { kind: 'build', cells: [{ x, y, z, block }] };
  }

  /** The free cell on solid ground nearest to the feet, but not under them. */
  #findSite(): Cell | undefined {
    const [px, py, pz] = this.#view.cellOf();
    for (let r = 2; r <= SITE_RADIUS; r++) {
      for (let dy = 0; dy >= -1; dy--) {
        for (let dz = -r; dz <= r; dz++) {
          for (let dx = -r; dx <= r; dx++) {
            if (Math.max(Math.abs(dx), Math.abs(dz)) === r && this.#isSite(px + dx, py + dy, pz + dz)) return [px + dx, py + dy, pz + dz];
          }
        }
      }
    }
    return undefined;
  }

  #isSite(x: number, y: number, z: number): boolean {
    const view = this.#view;
    const here = view.blockAt(x, y, z);
    return here === 0 && view.blockAt(x, y + 1, z) === 0 && view.solidAt(x, y - 1, z) && view.mayPlaceAt(x, y, z);
  }

  #nearest(blocks: readonly number[]): Cell | undefined {
    const view = this.#view;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < view.voxels.length; cell++) {
      if (!blocks.includes(view.voxels[cell])) continue;
      const x = cell % view.sizeX;
      const z = ((cell - x) / view.sizeX) % view.sizeZ;
      const y = Math.floor(cell / (view.sizeX * view.sizeZ));
      const distance = Math.abs(x - view.x()) + Math.abs(y - view.y()) + Math.abs(z - view.z());
      if (distance < least) [least, best] = [distance, [x, y, z]];
    }
    return best;
  }

  /** Blocks that stand in the world and surely drop the item. */
  #sources(item: number): number[] {
    const { firstDrop, drops } = this.#rules;
    const view = this.#view;
    return [...view.palette.names.keys()].filter((block) => {
      for (let row = firstDrop[block]; row < firstDrop[block + 1]; row++) {
        const at = row * DROP_COLUMNS;
        if (drops[at + DROP_COLUMN.item] === item && drops[at + DROP_COLUMN.chanceQ16] === ALWAYS_Q16)
          return nearestBlock(view, [block]) !== undefined;
      }
      return false;
    });
  }

  /** Tool row at hand that gives the block's drops soonest; -1 for none. */
  #toolFor(block: number): number {
    const slot = bestToolSlot(this.#view, this.#rules, block);
    const row = this.#rules.toolRow[this.#view.itemAt(slot)];
    return this.#rules.dropsWith[block * this.#rules.numToolRows + row] === 1 ? row : -1;
  }

  /** A way to the tool of the lowest tier that gives the block's drops. */
  #cheapestTool(block: number, wanted: readonly number[]): Step {
    const { toolRow, dropsWith, numToolRows } = this.#rules;
    const items = [...toolRow.keys()].filter((item) => toolRow[item] > 0 && dropsWith[block * numToolRows + toolRow[item]] === 1);
    for (const item of items.sort((a, b) => toolRow[a] - toolRow[b])) {
      const step = this.#step(item, 1, wanted);
      if (step !== IMPOSSIBLE) return step;
    }
    return IMPOSSIBLE;
  }
}

/** Inventory slot to dig the block with: one that gives its drops before one that does not, then the quicker, then the one held, then the first. */
export function bestToolSlot(view: AgentView, rules: SurvivalTables, block: number): number {
  const cost = (slot: number) => {
    const at = block * rules.numToolRows + rules.toolRow[view.itemAt(slot)];
    return rules.digTicks[at] + (rules.dropsWith[at] === 1 ? 0 : 1 << 20);
  };
  let best = view.heldSlot;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (cost(k) < cost(best)) best = k;
  return best;
}
