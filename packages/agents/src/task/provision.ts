/**
 * How to come by items under the rules of survival: what to dig, make, hunt, trade or grow first, so that an agent ends with what is asked for.
 * A depth-first search backwards through recipes and drops, asked anew each tick, of which the first open step is the job.
 * Ways in order: pick up what lies about, dig what can be dug with what is at hand, craft, get the tool that digging asks for, hunt, trade,
 * dig what drops it now and then, grow. Unless said otherwise, `undefined` means that nothing is left to do, and `IMPOSSIBLE` that there is no way.
 */
import {
  MOB_COLUMN,
  MOB_COLUMNS,
  RECIPE_COLUMN,
  RECIPE_COLUMNS,
  STATION,
  type SurvivalTables,
  TOOL_CLASS,
  TRADE_COLUMN,
  TRADE_COLUMNS,
} from '@kinovox/env';
import { INVENTORY_SLOTS, itemByName } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { BlockIndex } from '../skills/block-index.js';
import { isEnemy } from '../skills/combat.js';
import type { Cell } from '../skills/hands.js';
import { countItems, findSlot, itemThatPlaces } from '../skills/inventory.js';
import { bestToolSlot } from '../skills/tools.js';
import { Farming } from './farming.js';
import type { Job } from './job.js';
import { isSite, nearestSite, RejectedSites } from './sites.js';
import { Sources } from './sources.js';

/** A station farther than this is left for a new one, when that can be made at once, blocks. */
const FAR_STATION = 20;
/** What is burnt, best first. */
const FUELS = ['coal', 'charcoal', 'oak_planks', 'oak_log', 'birch_planks', 'birch_log', 'spruce_planks', 'spruce_log', 'stick'] as const;
const IMPOSSIBLE = 'impossible';
type Step = Job | typeof IMPOSSIBLE | undefined;
type Wanted = readonly number[];

export class Provision {
  readonly #view: AgentView;
  readonly #rules: SurvivalTables;
  readonly #index: BlockIndex;
  readonly #farming: Farming;
  readonly #rejected = new RejectedSites();
  /** Tools by tier. */
  readonly #tools: readonly number[];
  /** Palette entries that are a station, by STATION. */
  readonly #stations: readonly (readonly number[])[];
  readonly #sources: Sources;
  /** Where the next station is to stand. */
  #site: Cell | undefined;

  constructor(view: AgentView, rules: SurvivalTables, index: BlockIndex) {
    this.#view = view;
    this.#rules = rules;
    this.#index = index;
    const { toolRow, stationOf } = rules;
    this.#tools = [...toolRow.keys()].filter((item) => toolRow[item] > 0).sort((a, b) => toolRow[a] - toolRow[b]);
    this.#stations = Object.values(STATION).map((station) => [...stationOf.keys()].filter((block) => stationOf[block] === station));
    this.#farming = new Farming(view, rules, index, this.#rejected);
    this.#sources = new Sources(view, rules, index, (block) => this.#farming.isGrowing(block));
  }

  reset(): void {
    this.#site = undefined;
    this.#farming.reset();
    this.#rejected.clear();
  }

  /** Notes that there is no way to do a job: where it was to be done, nothing is put from now on. */
  reject(job: Job): void {
    if (job.kind === 'till') this.#rejected.add(job.cell[0], job.cell[1] + 1, job.cell[2]);
    if (job.kind === 'build') for (const { x, y, z } of job.cells) this.#rejected.add(x, y, z);
  }

  /** The next thing to do to carry `count` of the item; undefined when that is so already, or there is no way. */
  jobFor(item: number, count: number): Job | undefined {
    return jobOf(this.#step(item, count, []));
  }

  /** The next thing to do to make the item once more, whatever is carried of it. */
  jobToMake(item: number): Job | undefined {
    return jobOf(this.#make(item, 1, []));
  }

  /** The next thing to do to dig such a block and have what it drops. */
  jobToDig(block: number): Job | undefined {
    if (this.#index.count(block) > 0) {
      if (this.#toolFor(block) >= 0) return { kind: 'dig', blocks: [block] };
      const tool = this.#cheapestTool(block, []);
      if (tool !== IMPOSSIBLE && tool !== undefined) return tool;
      return { kind: 'dig', blocks: [block] };
    }
    const planted = this.#farming.ancestorOf([block]);
    return planted === 0 ? undefined : jobOf(this.#grow(planted, 1, []));
  }

  /** The next thing to do to place such a block. */
  jobToPlace(block: number): Job | undefined {
    const item = itemThatPlaces(this.#view, block);
    if (item === 0) return undefined;
    if (this.#farming.isGrowing(block)) return jobOf(this.#plant(block, []));
    return this.jobFor(item, 1) ?? jobOf(this.#putUp(block));
  }

  /** The next thing to do to sleep in a bed. */
  jobToSleep(): Job | undefined {
    const { palette, isNight } = this.#view;
    const beds = [...palette.names.keys()].filter((block) => this.#rules.bed[block] === 1);
    const stands = this.#sources.nearest(beds);
    if (stands !== undefined) return isNight ? { kind: 'sleep', cell: stands } : { kind: 'wait' };
    for (const bed of beds) {
      const job = this.jobToPlace(bed);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  /** The next thing to do to eat an item; without one, the first job towards a food that `accept` agrees to. */
  jobToEat(item?: number, accept: (job: Job) => boolean = () => true): Job | undefined {
    const { food } = this.#rules;
    const wanted = (held: number) => (item === undefined ? food[held] > 0 : held === item);
    const slot = findSlot(this.#view, wanted);
    if (slot >= 0) return this.#view.food < this.#rules.maxFood ? { kind: 'eat', item: this.#view.itemAt(slot) } : { kind: 'wait' };
    if (item !== undefined) return this.jobFor(item, 1);
    let fallback: Job | undefined;
    for (let one = 0; one < food.length; one++) {
      if (food[one] === 0) continue;
      const job = this.jobFor(one, 1);
      if (job === undefined || !accept(job)) continue;
      // Meat is soonest had; what grows takes its time.
      if (job.kind === 'hunt' || job.kind === 'collect') return job;
      fallback ??= job;
    }
    return fallback;
  }

  /** The next thing to do to kill a mob of one of these kinds: first a weapon, if wood for one is at hand. */
  jobToKill(kinds: readonly number[]): Job | undefined {
    if (findSlot(this.#view, (held) => this.#rules.damage[held] > 3) < 0) {
      for (const name of ['stone_sword', 'wooden_sword'] as const) {
        const sword = this.#make(itemByName(name).id, 1, []);
        if (sword !== IMPOSSIBLE && sword !== undefined && (sword.kind === 'craft' || sword.kind === 'build')) return sword;
      }
    }
    return this.#sources.canHunt(kinds) ? { kind: 'hunt', kinds } : { kind: 'wait' };
  }

  /** Rows of `survival.mobs` with that name. */
  mobKinds(name: string): number[] {
    return (this.#rules.mobs?.kindNames ?? []).flatMap((kind, row) => (kind === name ? [row] : []));
  }

  /** The next thing to do to be given the item by a trader; any of its items when absent. */
  jobToTrade(item?: number): Job | undefined {
    return jobOf(this.#trade(item, []));
  }

  /** `wanted` are the items that this one is for, so that no way leads in a circle. */
  #step(item: number, count: number, wanted: Wanted): Step {
    const view = this.#view;
    if (countItems(view, item) >= count) return undefined;
    if (wanted.includes(item)) return IMPOSSIBLE;
    const pile = this.#sources.pileOf(item);
    if (pile !== undefined) return pile;
    const { sure, drawn } = this.#sources.droppersOf(item);
    const free = sure.filter((block) => this.#sources.stands(block) && this.#toolFor(block) >= 0);
    if (free.length > 0) return { kind: 'dig', blocks: free };
    const kinds = this.#sources.kindsThatDrop(item);
    const tame = kinds.filter((kind) => !isEnemy(view, kind));
    if (tame.length > 0 && this.#sources.canHunt(tame)) return this.jobToKill(tame);
    const made = this.#make(item, count - countItems(view, item), wanted);
    if (made !== IMPOSSIBLE) return made;
    const further = [...wanted, item];
    for (const block of sure) {
      if (!this.#sources.stands(block)) continue;
      const tool = this.#cheapestTool(block, further);
      if (tool !== IMPOSSIBLE) return tool;
    }
    const traded = this.#trade(item, wanted);
    if (traded !== IMPOSSIBLE) return traded;
    if (kinds.length > 0 && this.#sources.canHunt(kinds)) return this.jobToKill(kinds);
    const lucky = drawn.filter((block) => this.#sources.stands(block));
    if (lucky.length > 0) return { kind: 'dig', blocks: lucky };
    const planted = this.#farming.ancestorOf(sure);
    if (planted > 0) return this.#grow(planted, count - countItems(view, item), further);
    return kinds.length > 0 ? { kind: 'wait' } : IMPOSSIBLE;
  }

  /** Makes `count` of an item, or as many more as a recipe gives at once. */
  #make(item: number, count: number, wanted: Wanted): Step {
    const { recipes, numRecipes } = this.#rules;
    for (let recipe = 0; recipe < numRecipes; recipe++) {
      if (recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.output] !== item) continue;
      const times = Math.ceil(count / recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.outputCount]);
      const step = this.#prepare(recipe, times, [...wanted, item]);
      if (step !== IMPOSSIBLE) return step ?? { kind: 'craft', recipe };
    }
    return IMPOSSIBLE;
  }

  /** The first thing that a recipe still lacks: its inputs and fuel for so many times, its station, nearness. */
  #prepare(recipe: number, times: number, wanted: Wanted): Step {
    const { recipes } = this.#rules;
    const row = recipe * RECIPE_COLUMNS;
    const station = recipes[row + RECIPE_COLUMN.station];
    const stand = station === STATION.none ? undefined : this.#station(station, wanted);
    if (stand === IMPOSSIBLE || (stand !== undefined && stand.kind !== 'go' && stand.kind !== 'build')) return stand;
    for (let k = 0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++) {
      const at = row + RECIPE_COLUMN.input0 + 2 * k;
      const step = this.#step(recipes[at], recipes[at + 1] * times, wanted);
      if (step !== undefined) return step;
    }
    if (recipes[row + RECIPE_COLUMN.fuel] === 1 && !this.#carriesFuel(recipe, times))
      return this.#fuel(recipes[row + RECIPE_COLUMN.ticks] * times, wanted);
    return stand;
  }

  #fuel(ticks: number, wanted: Wanted): Step {
    const { fuelTicks } = this.#rules;
    for (const name of FUELS) {
      const { id } = itemByName(name);
      const step = this.#step(id, countItems(this.#view, id) + Math.ceil(ticks / fuelTicks[id]), wanted);
      if (step !== IMPOSSIBLE && step !== undefined) return step;
    }
    return IMPOSSIBLE;
  }

  /** Fuel beside what the recipe takes. */
  #carriesFuel(recipe: number, times: number): boolean {
    const { recipes, fuelTicks } = this.#rules;
    const row = recipe * RECIPE_COLUMNS;
    let ticks = this.#view.burnTicks;
    for (let k = 0; k < INVENTORY_SLOTS; k++) ticks += fuelTicks[this.#view.itemAt(k)] * this.#view.countAt(k);
    for (let k = 0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++) {
      const at = row + RECIPE_COLUMN.input0 + 2 * k;
      ticks -= fuelTicks[recipes[at]] * recipes[at + 1] * times;
    }
    return ticks >= recipes[row + RECIPE_COLUMN.ticks] * times;
  }

  /** Undefined when a station is near; a walk to one that stands; else what it takes to put one up. */
  #station(station: number, wanted: Wanted): Step {
    const view = this.#view;
    const reach = this.#rules.stationReach;
    const blocks = this.#stations[station];
    const stands = this.#sources.nearest(blocks);
    if (stands !== undefined) {
      const [x, y, z] = stands;
      const [px, py, pz] = view.cellOf();
      const away = Math.max(Math.abs(x - px), Math.abs(y - py), Math.abs(z - pz));
      if (away <= reach) {
        this.#site = undefined;
        return undefined;
      }
      const nearer = away > FAR_STATION ? this.#newStation(blocks, wanted) : undefined;
      if (nearer !== undefined) return nearer;
      // One block less than the rule, so that standing at the edge is near too.
      const r = Math.max(1, reach - 1);
      return { kind: 'go', box: [x - r, y - r, z - r, x + r, y + r, z + r] };
    }
    for (const block of blocks) {
      const item = itemThatPlaces(view, block);
      const step = this.#step(item, 1, wanted);
      if (step === undefined) return this.#putUp(block);
      if (step !== IMPOSSIBLE) return step;
    }
    return IMPOSSIBLE;
  }

  /** A station that is carried, or can be made where one stands; undefined otherwise. */
  #newStation(blocks: readonly number[], wanted: Wanted): Step {
    for (const block of blocks) {
      const item = itemThatPlaces(this.#view, block);
      if (countItems(this.#view, item) > 0) return this.#putUp(block);
      if (wanted.includes(item)) continue;
      const step = this.#make(item, 1, wanted);
      if (step !== IMPOSSIBLE && step?.kind === 'craft') return step;
    }
    return undefined;
  }

  #putUp(block: number): Step {
    const isGood = (x: number, y: number, z: number) => isSite(this.#view, x, y, z) && !this.#rejected.has(x, y, z);
    if (this.#site === undefined || !isGood(...this.#site)) this.#site = nearestSite(this.#view, isGood);
    if (this.#site === undefined) return IMPOSSIBLE;
    const [x, y, z] = this.#site;
    return { kind: 'build', cells: [{ x, y, z, block }] };
  }

  #grow(planted: number, count: number, wanted: Wanted): Step {
    return this.#resolve(this.#farming.stepTo(planted, count), wanted);
  }

  #plant(planted: number, wanted: Wanted): Step {
    return this.#resolve(this.#farming.stepToPlant(planted), wanted);
  }

  #resolve(step: ReturnType<Farming['stepTo']>, wanted: Wanted): Step {
    if (step === undefined) return IMPOSSIBLE;
    if ('kind' in step) return step;
    if (step.lacks === 'item') return this.#step(step.item, 1, wanted);
    return this.#cheapestOf((item) => this.#rules.toolClass[item] === TOOL_CLASS.hoe, wanted);
  }

  /** Offers of living traders: those whose price is paid already first, then those for which it can be had. */
  #trade(item: number | undefined, wanted: Wanted): Step {
    const view = this.#view;
    const { mobs } = this.#rules;
    if (mobs === undefined) return IMPOSSIBLE;
    for (let mob = 0; mob < mobs.numMobs; mob++) {
      if (!view.isMobAlive(mob)) continue;
      const row = mobs.kindOf[mob] * MOB_COLUMNS;
      for (let offer = 0; offer < mobs.kinds[row + MOB_COLUMN.numTrades]; offer++) {
        const at = (mobs.kinds[row + MOB_COLUMN.firstTrade] + offer) * TRADE_COLUMNS;
        const gives = mobs.trades[at + TRADE_COLUMN.givesItem];
        const stock = mobs.trades[at + TRADE_COLUMN.stock];
        if ((item !== undefined && gives !== item) || (stock > 0 && view.tradesUsed(mob, offer) >= stock)) continue;
        const price = mobs.trades[at + TRADE_COLUMN.wantsItem];
        const step = this.#step(price, mobs.trades[at + TRADE_COLUMN.wantsCount], item === undefined ? wanted : [...wanted, item]);
        if (step === undefined) return { kind: 'trade', mobKind: mobs.kindOf[mob], offer, item: price };
        if (step !== IMPOSSIBLE) return step;
      }
    }
    return IMPOSSIBLE;
  }

  /** Tool row at hand that gives the block's drops soonest; -1 for none. */
  #toolFor(block: number): number {
    const slot = bestToolSlot(this.#view, this.#rules, block);
    const row = this.#rules.toolRow[this.#view.itemAt(slot)];
    return this.#rules.dropsWith[block * this.#rules.numToolRows + row] === 1 ? row : -1;
  }

  /** A way to the tool of the lowest tier that gives the block's drops. */
  #cheapestTool(block: number, wanted: Wanted): Step {
    const { toolRow, dropsWith, numToolRows } = this.#rules;
    return this.#cheapestOf((item) => dropsWith[block * numToolRows + toolRow[item]] === 1, wanted);
  }

  #cheapestOf(accept: (item: number) => boolean, wanted: Wanted): Step {
    for (const item of this.#tools) {
      if (!accept(item)) continue;
      const step = this.#step(item, 1, wanted);
      if (step !== IMPOSSIBLE) return step;
    }
    return IMPOSSIBLE;
  }
}

function jobOf(step: Step): Job | undefined {
  return step === IMPOSSIBLE ? undefined : step;
}
