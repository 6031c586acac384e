/**
 * The policy `planner:voxel`: reads the task as the scripted policy does, and goes where it sends by plans over certified moves (@kinovox/planning, planner
 * `voxel`). It plays the controls of a plan as they are while the walker's words are those that the plan foresaw, and plans again where they are not, where
 * blocks ahead have changed, or where it is sent elsewhere. Work other than going, what a team builds, doors,
 * props, survival, water and ladders are the scripted policy's.
 * Planning is bounded by expansions, never by the clock, so runs repeat exactly.
 */
import { createLibrary, type Library, REST, type VoxelPlan, VoxelPlanner, WALKER_WORD, WALKER_WORDS } from '@kinovox/planning';
import { ACTION_FIELDS, type AgentPlan, PLAN_LIMITS } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { Ground } from '../navigation/ground.js';
import { rounded, thinned } from '../plans/way.js';
import type { Policy, PolicyFactory } from '../policy.js';
import { Beliefs } from '../task/beliefs.js';
import type { Orders } from '../task/job.js';
import { TaskReader } from '../task/task-reader.js';
import { createScriptedFactory } from './scripted.js';
import { barsPlans, type GoJob, readWalkerWords, walkerLevel, walkerQuery } from './walker-query.js';

/** What happened to the plans of a factory's agents, for reports. */
export interface VoxelTally {
  plans: number;
  /** Plans that were given up because the walker was not where it was foreseen to be. */
  parted: number;
  plannedTicks: number;
  scriptedTicks: number;
  expansions: number;
}

export type VoxelFactory = PolicyFactory & { readonly tally: VoxelTally };

/** Expansions of one plan. */
const EXPANSIONS = 40_000;
/** Ticks before a search that failed is tried again. */
const RETRY_TICKS = 40;
/** A plan that parts before so many ticks was made in bad company. */
const SOON_TICKS = 10;

/** Libraries by program and slot: bodies of one kind are certified once. */
type Libraries = WeakMap<object, Map<number, Library | undefined>>;

export function createVoxelFactory(): VoxelFactory {
  const scripted = createScriptedFactory();
  const libraries: Libraries = new WeakMap();
  const tally: VoxelTally = { plans: 0, parted: 0, plannedTicks: 0, scriptedTicks: 0, expansions: 0 };
  return { name: 'planner:voxel', tally, create: () => new VoxelPolicy((scripted as { create(): Policy }).create(), libraries, tally) };
}

class VoxelPolicy implements Policy {
  readonly #scripted: Policy;
  readonly #libraries: Libraries;
  readonly #tally: VoxelTally;
  #view: AgentView | undefined;
  #beliefs!: Beliefs;
  #reader!: TaskReader;
  #ground!: Ground;
  #planner: VoxelPlanner | undefined;
  #plan: VoxelPlan | undefined;
  #tick = 0;
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

  constructor(scripted: Policy, libraries: Libraries, tally: VoxelTally) {
    this.#scripted = scripted;
    this.#libraries = libraries;
    this.#tally = tally;
  }

  reset(view: AgentView): void {
    if (this.#view !== view) {
      this.#view = view;
      this.#beliefs = new Beliefs(view);
      this.#reader = new TaskReader(view, undefined);
      this.#ground = new Ground(view);
    }
    this.#scripted.reset(view);
    this.#beliefs.reset();
    this.#reader.reset();
    this.#planner = undefined;
    this.#plan = undefined;
    this.#because = 'there was none';
    this.#refusal = '';
    this.#retryAt = 0;
    const library = barsPlans(view) === undefined ? this.#libraryOf(view) : undefined;
    if (library === undefined) return;
    const { program } = view;
    const level = walkerLevel(view);
    if (VoxelPlanner.refuses(program, view.slot, level) === undefined) this.#planner = new VoxelPlanner(program, view.slot, level, library);
    this.#map = view.mapVersion;
  }

  act(view: AgentView, out: Float32Array): void {
    if (this.#view !== view) this.reset(view);
    const orders = this.#planner === undefined ? undefined : this.#orders();
    if (orders?.job?.kind === 'go' && this.#follow(view, orders.job, orders, out)) {
      this.#tally.plannedTicks++;
      return;
    }
    if (this.#plan !== undefined) this.#drop('the scripted policy had something else to do');
    this.#tally.scriptedTicks++;
    this.#scripted.act(view, out);
  }

  /** The ticks that are left of its plan: exactly where the walker will be, if nobody touches it. */
  plan(view: AgentView): AgentPlan {
    const head = { slot: view.slot, planner: 'voxel', rollouts: [], cells: [] };
    if (this.#plan === undefined) {
      const status =
        this.#planner === undefined ? 'This world is left to the scripted policy.' : `The scripted policy acts. ${this.#refusal}`;
      return { ...head, status: status.trim().slice(0, 300), path: [], exact: true };
    }
    const { states, status, actions } = this.#plan;
    const numTicks = actions.length / ACTION_FIELDS;
    const path: AgentPlan['path'] = [];
    for (let k = this.#tick; k <= numTicks; k++) {
      const at = k * WALKER_WORDS;
      const metres = (word: number) => rounded(states[at + word] / 65536);
      path.push([metres(WALKER_WORD.posX), metres(WALKER_WORD.posY), metres(WALKER_WORD.posZ), this.#actedAt + 1 + k - this.#tick]);
    }
    return {
      ...head,
      status: `Tick ${this.#tick} of ${numTicks} of a plan ${status === 'solved' ? 'to the goal' : 'towards the goal'}, made because ${this.#cause}.`,
      path: thinned(path, PLAN_LIMITS.wayPoints),
      exact: true,
    };
  }

  #orders(): Orders | undefined {
    this.#beliefs.listen();
    const { formula } = this.#beliefs;
    return formula === undefined ? undefined : this.#reader.read(formula);
  }

  /** Writes the plan's row of this tick; false where there is no plan. */
  #follow(view: AgentView, job: GoJob, orders: Orders, out: Float32Array): boolean {
    const key = JSON.stringify([job.box, job.near, orders.keepOut]);
    readWalkerWords(this.#words, view);
    if (this.#plan !== undefined) this.#check(view, key);
    if (this.#plan === undefined && (view.tick < this.#retryAt || !this.#makePlan(view, job, orders, key))) return false;
    const { actions } = this.#plan!;
    out.set(actions.subarray(this.#tick * ACTION_FIELDS, (this.#tick + 1) * ACTION_FIELDS));
    this.#tick++;
    this.#actedAt = view.tick;
    return true;
  }

  /** Drops the plan where it no longer holds. */
  #check(view: AgentView, key: string): void {
    const { actions, states, moves } = this.#plan!;
    const expected = states.subarray(this.#tick * WALKER_WORDS, (this.#tick + 1) * WALKER_WORDS);
    if (!this.#words.every((word, k) => word === expected[k])) {
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
      if (!this.#planner!.holds(this.#plan!, this.#tick, view.voxels)) {
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

  #makePlan(view: AgentView, job: GoJob, orders: Orders, key: string): boolean {
    const planner = this.#planner!;
    planner.update(view.voxels);
    const query = walkerQuery(view, planner, this.#ground, job, orders, this.#words);
    const plan = planner.plan({ ...query, expansions: EXPANSIONS }, key);
    this.#tally.expansions += plan.expansions + plan.goalExpansions;
    if (plan.actions.length === 0) {
      this.#refusal = plan.reason ?? 'There is no plan.';
      this.#retryAt = view.tick + RETRY_TICKS;
      return false;
    }
    this.#tally.plans++;
    this.#cause = this.#because;
    this.#plan = plan;
    this.#tick = 0;
    this.#key = key;
    this.#map = view.mapVersion;
    this.#stale = false;
    return true;
  }

  #libraryOf({ program, slot }: AgentView): Library | undefined {
    let bySlot = this.#libraries.get(program);
    if (bySlot === undefined) {
      bySlot = new Map();
      this.#libraries.set(program, bySlot);
    }
    if (!bySlot.has(slot)) bySlot.set(slot, createLibrary(program, slot));
    return bySlot.get(slot);
  }
}
