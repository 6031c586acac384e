/**
 * The policy `planner:voxel`: reads the task as the scripted policy does, and goes where it sends by plans over certified moves (@kinovox/planning, planner
 * `voxel`). It plays the controls of a plan as they are while the walker's words are those that the plan foresaw, and plans again where they are not, where
 * blocks ahead have changed, where somebody stands in the way, or where it is sent elsewhere. Work other than going, what a team builds, doors,
 * props, survival, water and ladders are the scripted policy's.
 * Planning is bounded by expansions, never by the clock, so runs repeat exactly. It costs no ticks, or, where `expansionsPerTick` says so, the walker stands
 * while it is paid for: its plan begins where it will have come to rest.
 */
import {
  createLibrary,
  hasMoves,
  type Library,
  planHolds,
  REST,
  type VoxelPlan,
  VoxelPlanner,
  type VoxelQuery,
  WALKER_WORD,
  WALKER_WORDS,
  WalkerEngine,
} from '@kinovox/planning';
import { ACTION_FIELDS, type AgentPlan, PLAN_LIMITS, UsageError } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { rounded, thinned } from '../plans/way.js';
import type { Policy, PolicyFactory } from '../policy.js';
import { Beliefs } from '../task/beliefs.js';
import type { Orders } from '../task/job.js';
import { TaskReader } from '../task/task-reader.js';
import { Bystanders } from './bystanders.js';
import { createScriptedFactory } from './scripted.js';
import { comesToRest, type WalkPlanner, type WalkPlanning } from './walk-planning.js';
import { barsPlans, readWalkerWords, walkerLevel, walkerQuery } from './walker-query.js';

/** What happened to the plans of a factory's agents, for reports. */
export interface VoxelTally {
  plans: number;
  /** Plans that were given up because the walker was not where it was foreseen to be. */
  parted: number;
  plannedTicks: number;
  scriptedTicks: number;
  expansions: number;
}

export interface VoxelOptions {
  /** Expansions that a tick of standing pays for, those of the distances to the goal included. Default: planning costs no ticks. */
  expansionsPerTick?: number;
  /** Plans elsewhere, in a thread, say, while the world waits: then await `PolicyRun.think` before `act`. The same plans come out. */
  plan?: WalkPlanning;
}

export type VoxelFactory = PolicyFactory & { readonly tally: VoxelTally };

/** Expansions of one plan. */
const EXPANSIONS = 40_000;
/** Ticks before a search that failed is tried again. */
const RETRY_TICKS = 40;
/** A plan that parts before so many ticks was made in bad company. */
const SOON_TICKS = 10;

/** Libraries by program and slot: bodies of one kind are certified once. */
type Libraries = WeakMap<object, Map<number, Library>>;

/** @throws UsageError for a rate that is no positive number. */
export function createVoxelFactory(options: VoxelOptions = {}): VoxelFactory {
  const { expansionsPerTick = 1 } = options;
  if (!(expansionsPerTick > 0))
    throw new UsageError('planner-rate', `expansionsPerTick must be above 0; got ${expansionsPerTick}. Leave it out to plan for no ticks.`);
  const scripted = createScriptedFactory();
  const libraries: Libraries = new WeakMap();
  const tally: VoxelTally = { plans: 0, parted: 0, plannedTicks: 0, scriptedTicks: 0, expansions: 0 };
  const create = () => new VoxelPolicy((scripted as { create(): Policy }).create(), libraries, tally, options);
  return { name: 'planner:voxel', tally, create };
}

/** A plan that is needed now. */
interface Asked {
  readonly query: VoxelQuery;
  /** Names the goal. */
  readonly key: string;
  /** Ticks until the walker is where the plan begins. */
  readonly restsIn: number;
}

class VoxelPolicy implements Policy {
  readonly #scripted: Policy;
  readonly #libraries: Libraries;
  readonly #tally: VoxelTally;
  readonly #options: VoxelOptions;
  /** Where it plans elsewhere. */
  readonly think?: (view: AgentView) => Promise<void>;
  #view: AgentView | undefined;
  #beliefs!: Beliefs;
  #reader!: TaskReader;
  #bystanders!: Bystanders;
  /** One of both where ways are planned. */
  #planner: VoxelPlanner | undefined;
  #elsewhere: WalkPlanner | undefined;
  /** Foresees what the walker does. */
  #engine: WalkerEngine | undefined;
  #plan: VoxelPlan | undefined;
  #tick = 0;
  /** Tick of the episode from which the plan is followed. */
  #beginsAt = 0;
  /** Whether the task sends it somewhere now, and the tick in which that was last looked at by `think`. */
  #isGoing = false;
  #thoughtAt = -1;
  /** Why the next plan is made, and the last one was. */
  #because = 'there was none';
  #cause = '';
  /** Why there is none. */
  #refusal = '';
  #key = '';
  #map = 0;
  #stale = false;
  /** Tick in which the plan was followed last. */
  #actedAt = 0;
  #retryAt = 0;
  readonly #words = new Int32Array(WALKER_WORDS);

  constructor(scripted: Policy, libraries: Libraries, tally: VoxelTally, options: VoxelOptions) {
    this.#scripted = scripted;
    this.#libraries = libraries;
    this.#tally = tally;
    this.#options = options;
    if (options.plan !== undefined) this.think = (view) => this.#think(view);
  }

  reset(view: AgentView): void {
    if (this.#view !== view) {
      this.#view = view;
      this.#beliefs = new Beliefs(view);
      this.#reader = new TaskReader(view, undefined);
      this.#bystanders = new Bystanders(view);
    }
    this.#scripted.reset(view);
    this.#beliefs.reset();
    this.#reader.reset();
    this.#bystanders.reset();
    this.#elsewhere?.close();
    this.#elsewhere = undefined;
    this.#planner = undefined;
    this.#engine = undefined;
    this.#plan = undefined;
    this.#because = 'there was none';
    this.#refusal = '';
    this.#retryAt = 0;
    this.#isGoing = false;
    this.#thoughtAt = -1;
    this.#map = view.mapVersion;
    const { program, slot } = view;
    const level = walkerLevel(view);
    if (barsPlans(view) !== undefined || VoxelPlanner.refuses(program, slot, level) !== undefined || !hasMoves(program, slot)) return;
    this.#engine = new WalkerEngine(program, slot, level);
    if (this.#options.plan === undefined) this.#planner = new VoxelPlanner(program, slot, level, this.#libraryOf(view));
    else this.#elsewhere = this.#options.plan(program, slot, level);
  }

  act(view: AgentView, out: Float32Array): void {
    if (this.#view !== view) this.reset(view);
    if (this.#planner !== undefined) {
      const asked = this.#ask(view);
      if (asked !== undefined) {
        this.#planner.update(view.voxels);
        this.#take(view, asked, this.#planner.plan(asked.query));
      }
    } else if (this.#elsewhere !== undefined && this.#thoughtAt !== view.tick)
      throw new UsageError(
        'policy-thinks',
        'planner:voxel in a thread must be awaited; got act without think. Await PolicyRun.think() in every tick, or let it plan in act.',
      );
    if (this.#isGoing && this.#plan !== undefined) {
      this.#follow(view, this.#plan, out);
      this.#tally.plannedTicks++;
      return;
    }
    if (this.#plan !== undefined) this.#drop('the scripted policy had something else to do');
    this.#tally.scriptedTicks++;
    this.#scripted.act(view, out);
  }

  /** Plans elsewhere if a plan is needed now; the world waits, so the tick is that of the plan made in `act`. */
  async #think(view: AgentView): Promise<void> {
    if (this.#view !== view) this.reset(view);
    const asked = this.#ask(view);
    if (asked !== undefined) this.#take(view, asked, await this.#elsewhere!.plan(view.voxels, asked.query));
    this.#thoughtAt = view.tick;
  }

  /** The ticks that are left of its plan: exactly where the walker will be, if nobody touches it. */
  plan(view: AgentView): AgentPlan {
    const head = { slot: view.slot, planner: 'voxel', rollouts: [], cells: [] };
    if (this.#plan === undefined) {
      const status =
        this.#engine === undefined ? 'This world is left to the scripted policy.' : `The scripted policy acts. ${this.#refusal}`;
      return { ...head, status: status.trim().slice(0, 300), path: [], exact: true };
    }
    const { states, status, actions } = this.#plan;
    const numTicks = actions.length / ACTION_FIELDS;
    const path: AgentPlan['path'] = [];
    const first = Math.max(this.#actedAt + 1, this.#beginsAt);
    const waits = this.#beginsAt > view.tick ? ` It stands until tick ${this.#beginsAt}, while planning is paid for.` : '';
    for (let k = this.#tick; k <= numTicks; k++) {
      const at = k * WALKER_WORDS;
      const metres = (word: number) => rounded(states[at + word] / 65536);
      path.push([metres(WALKER_WORD.posX), metres(WALKER_WORD.posY), metres(WALKER_WORD.posZ), first + k - this.#tick]);
    }
    return {
      ...head,
      status: `Tick ${this.#tick} of ${numTicks} of a plan ${status === 'solved' ? 'to the goal' : 'towards the goal'}, made because ${this.#cause}.${waits}`,
      path: thinned(path, PLAN_LIMITS.wayPoints),
      exact: true,
    };
  }

  #orders(): Orders | undefined {
    this.#beliefs.listen();
    const { formula } = this.#beliefs;
    return formula === undefined ? undefined : this.#reader.read(formula);
  }

  /** What must be planned now, if anything. */
  #ask(view: AgentView): Asked | undefined {
    this.#isGoing = false;
    if (this.#engine === undefined) return undefined;
    const hasChanged = this.#bystanders.look();
    const orders = this.#orders();
    if (orders?.job?.kind !== 'go') return undefined;
    this.#isGoing = true;
    const { job, keepOut } = orders;
    const key = JSON.stringify([job.box, job.near, keepOut]);
    readWalkerWords(this.#words, view);
    if (this.#plan !== undefined) this.#check(view, key, this.#engine);
    if (this.#plan !== undefined && hasChanged && this.#bystanders.areMet(placesOf(this.#plan, this.#tick)))
      this.#drop('somebody stands in its way');
    if (this.#plan !== undefined || view.tick < this.#retryAt) return undefined;
    const query = { ...walkerQuery(view, job, orders, this.#words), bodies: this.#bystanders.zones, expansions: EXPANSIONS };
    if (this.#options.expansionsPerTick === undefined) return { query, key, restsIn: 0 };
    const rest = comesToRest(this.#engine, this.#words, view.voxels);
    if (rest !== undefined) return { query: { ...query, words: rest.words }, key, restsIn: rest.ticks };
    this.#refuse(view, 'The walker does not come to rest.');
    return undefined;
  }

  /** Writes the plan's row of this tick; nothing, so that it stands, before the plan begins. */
  #follow({ tick }: AgentView, { actions }: VoxelPlan, out: Float32Array): void {
    this.#actedAt = tick;
    if (tick < this.#beginsAt) return;
    out.set(actions.subarray(this.#tick * ACTION_FIELDS, (this.#tick + 1) * ACTION_FIELDS));
    this.#tick++;
  }

  /** Drops the plan where it no longer holds. */
  #check(view: AgentView, key: string, engine: WalkerEngine): void {
    const { actions, states, moves } = this.#plan!;
    const expected = states.subarray(this.#tick * WALKER_WORDS, (this.#tick + 1) * WALKER_WORDS);
    if (view.tick >= this.#beginsAt && !this.#words.every((word, k) => word === expected[k])) {
      this.#tally.parted++;
      this.#drop('the walker was not where it was foreseen to be');
      // What pushes a body off its way at once will do so again: the scripted policy gets it out first.
      if (this.#tick < SOON_TICKS) this.#retryAt = view.tick + RETRY_TICKS;
      return;
    }
    if (this.#tick * ACTION_FIELDS >= actions.length) {
      this.#drop('the one before had ended');
      return;
    }
    const edits = moves.some(({ digTick, tick, primitive }) => {
      const ends = primitive.placeTick >= 0 ? tick + primitive.ticks : tick;
      return digTick !== ends && this.#tick > digTick && this.#tick <= ends;
    });
    if (view.mapVersion !== this.#map) {
      this.#map = view.mapVersion;
      if (!edits) this.#stale = true;
      // What no longer bears it is not walked on, however fast the body is: the next plan begins by braking.
      if (!planHolds(engine, this.#plan!, this.#tick, view.voxels)) {
        this.#drop('blocks ahead changed');
        return;
      }
    }
    if (key !== this.#key) this.#stale = true;
    // A plan that holds, but that something has overtaken, is left where the body stands still.
    if (this.#stale && moves.some(({ primitive, digTick }) => primitive.from === REST && digTick === this.#tick))
      this.#drop(key === this.#key ? 'blocks changed' : 'it was sent elsewhere');
  }

  #drop(because: string): void {
    this.#plan = undefined;
    this.#because = because;
  }

  #take(view: AgentView, { key, restsIn }: Asked, plan: VoxelPlan): void {
    const spent = plan.expansions + plan.goalExpansions;
    const { expansionsPerTick } = this.#options;
    const paid = expansionsPerTick === undefined ? 0 : Math.ceil(spent / expansionsPerTick);
    this.#tally.expansions += spent;
    if (plan.actions.length === 0) {
      this.#refuse(view, plan.reason ?? 'There is no plan.', paid);
      return;
    }
    this.#tally.plans++;
    this.#cause = this.#because;
    this.#plan = plan;
    this.#tick = 0;
    this.#beginsAt = view.tick + Math.max(restsIn, paid);
    this.#key = key;
    this.#map = view.mapVersion;
    this.#stale = false;
  }

  /** There is no plan; the scripted policy acts until the next try. */
  #refuse(view: AgentView, refusal: string, paid = 0): void {
    this.#refusal = refusal;
    this.#retryAt = view.tick + Math.max(RETRY_TICKS, paid);
  }

  #libraryOf({ program, slot }: AgentView): Library {
    let bySlot = this.#libraries.get(program);
    if (bySlot === undefined) {
      bySlot = new Map();
      this.#libraries.set(program, bySlot);
    }
    let library = bySlot.get(slot);
    if (library === undefined) bySlot.set(slot, (library = createLibrary(program, slot)!));
    return library;
  }
}

/** Feet of a plan's walker from a tick on, Q16. */
function* placesOf({ states }: VoxelPlan, fromTick: number): Generator<readonly [number, number, number]> {
  for (let at = fromTick * WALKER_WORDS; at < states.length; at += WALKER_WORDS)
    yield [states[at + WALKER_WORD.posX], states[at + WALKER_WORD.posY], states[at + WALKER_WORD.posZ]];
}
