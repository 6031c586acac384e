/**
 * Agents of one kind in one world that move by one plan: walkers on cells of a metre, rovers and quadcopters on cells of two.
 * Data flow: where each is sent -> a cell for each -> plan -> order of visits -> march -> waypoint -> keys or stick; boxes are taken up and put down where
 * the way ends. Planned anew when goals or the ground change, or when somebody is stuck: from where everybody is committed to go, so that nobody stops for
 * it. Planning is paid for in ticks, by its expansions; meanwhile nobody is permitted more.
 */
import {
  type CellPath,
  type Commitment,
  findRing,
  type GridProblem,
  orderOfVisits,
  type PlanResult,
  planSquad,
  TeamMarch,
  type VisitOrder,
  type Waypoint,
} from '@kinovox/planning';
import { ACTION_FIELDS, type AgentPlan, invariant, UsageError, type Vehicle } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { towards, WALK_SPEED } from '../navigation/motion.js';
import { squadPlans } from '../plans/squad-plan.js';
import { Controls } from '../skills/controls.js';
import { Pilot } from '../skills/pilot.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';
import { Claims, workOnClaim } from './claims.js';
import { Errands } from './errands.js';
import { type GridMember, SquadGrid } from './squad-grid.js';
import type { SquadKind } from './squad-kind.js';
import type { TeamSquad } from './team-policy.js';

/** Plans elsewhere, in a thread, say: must give what `planSquad` gives with the same budget, seed and share. The problem is nobody else's. */
export type SquadPlanning = (problem: GridProblem, expansions: number, seed: number, improveShare: number) => Promise<PlanResult>;

export interface SquadSettings {
  expansions: number;
  expansionsPerTick: number;
  /** Undefined: planned in `act`. Otherwise `think` must be awaited before. */
  plan?: SquadPlanning | undefined;
}

/** A plan that is needed now. */
interface Asked {
  /** Why, for people. */
  cause: string;
  problem: GridProblem;
  members: readonly Member[];
  committed: Commitment[] | undefined;
  isOnErrands: boolean;
  expansions: number;
  improveShare: number;
  seed: number;
}

/** Ticks after a plan that could not be made, before the next try. */
const RETRY_TICKS = 20;
/** Least ticks between plans of a squad that goes on errands: somebody is always done. */
const ERRAND_TICKS = 12;
/** Most expansions of a plan for errands: one that is found at all is found in a few dozen, and the next try draws otherwise. */
const ERRAND_EXPANSIONS = 1000;
/** What of the budget goes into a better plan once there is one. */
const IMPROVE_SHARE = 0.2;
/** How far from the middle of its cell a walker may be that uses its hands, metres: it leaves others as much room as ways do. */
const STANDS_WELL = 0.12;

interface Member extends GridMember {
  beliefs: Beliefs;
  reader: TaskReader;
  pilot: Pilot | undefined;
  errands: Errands;
}

export class Squad implements TeamSquad {
  readonly #kind: SquadKind;
  readonly #settings: SquadSettings;
  readonly #members: Member[];
  readonly #grid: SquadGrid;
  readonly #positions: Float64Array;
  readonly #waypoint: Waypoint = { x: 0, y: 0, z: 0, holds: true };
  #march: TeamMarch | undefined;
  #order: VisitOrder | undefined;
  /** Why the present plan was made, and why there is none. */
  #cause = '';
  #refusal = '';
  /** Members of the march: those that lived when it was planned. */
  #marching: readonly Member[] = [];
  /** Whether the plan began where the march before it had everybody committed; then they go on while it is paid for. */
  #isUnderWay = false;
  /** How often the ground, or the site of somebody's errand, changed. */
  #numChanges = 0;
  readonly #claims = new Claims();
  /** Goals and blocks for which it was planned. */
  #planned = '';
  /** Tick from which the plan is followed, and the one from which another may be made. */
  #readyAt = 0;
  #nextPlan = 0;
  #plans = 0;
  #thoughtAt = -1;

  /** @param others slots of agents whom others move: they are obstacles where they are. */
  constructor(kind: SquadKind, views: readonly AgentView[], settings: SquadSettings, others: readonly number[]) {
    this.#kind = kind;
    this.#settings = settings;
    this.#members = views.map((view) => {
      const { body } = view.roster[view.slot];
      const pilot = kind === 'walker' ? undefined : new Pilot(view, body as Vehicle);
      return {
        view,
        beliefs: new Beliefs(view),
        reader: new TaskReader(view, undefined),
        pilot,
        box: undefined,
        near: undefined,
        keepOut: [],
        errands: new Errands(view),
        errand: undefined,
        claim: undefined,
      };
    });
    this.#grid = new SquadGrid(kind, views[0], others);
    this.#positions = new Float64Array(3 * views.length);
  }

  /**
   * An episode begins, or time has jumped.
   * @param levelOfOthers of quadcopters: height in blocks at which rovers drive, or undefined.
   */
  reset(levelOfOthers: number | undefined): void {
    for (const member of this.#members) {
      member.beliefs.reset();
      member.reader.reset();
      member.pilot?.reset();
      member.box = undefined;
      member.near = undefined;
      member.keepOut = [];
      member.errand = undefined;
      member.claim = undefined;
    }
    this.#isUnderWay = false;
    this.#numChanges = 0;
    this.#claims.reset();
    this.#grid.reset(levelOfOthers);
    this.#march = undefined;
    this.#planned = '';
    this.#readyAt = 0;
    this.#nextPlan = 0;
    this.#plans = 0;
    this.#thoughtAt = -1;
    this.#cause = '';
    this.#refusal = '';
  }

  /** Writes the rows of its members. @param out `[B, A, F]`, given as zeros. */
  act(tick: number, out: Float32Array): void {
    if (this.#settings.plan === undefined) {
      const asked = this.#ask(tick);
      if (asked !== undefined)
        this.#take(
          asked,
          planSquad(asked.problem, { expansions: asked.expansions }, { seed: asked.seed, improveShare: asked.improveShare }),
          tick,
        );
    } else if (this.#thoughtAt !== tick)
      throw new UsageError(
        'policy-thinks',
        'planner:lacam in a thread must be awaited; got act without think. Await PolicyRun.think() in every tick, or let it plan in act.',
      );
    const isPaid = tick >= this.#readyAt;
    if (this.#march !== undefined && (isPaid || this.#isUnderWay)) this.#follow(this.#march, isPaid && this.#planned !== '', out);
    else for (const member of this.#members) member.pilot?.stay(rowOf(out, member.view));
  }

  /** Plans elsewhere if a plan is needed now; the world waits, so the tick is that of the plan made in `act`. */
  async think(tick: number): Promise<void> {
    const asked = this.#ask(tick);
    if (asked !== undefined)
      this.#take(asked, await this.#settings.plan!(asked.problem, asked.expansions, asked.seed, asked.improveShare), tick);
    this.#thoughtAt = tick;
  }

  /** Its members' plans as people are shown them. @param number of this squad. */
  plans(tick: number, number: number): AgentPlan[] {
    return squadPlans({
      number,
      tick,
      members: this.#members,
      marching: this.#marching,
      march: this.#march,
      order: this.#order,
      lattice: this.#grid.lattice,
      kind: this.#kind,
      plans: this.#plans,
      cause: this.#cause,
      refusal: this.#refusal,
      holds: this.#planned !== '',
      isUnderWay: this.#isUnderWay,
      readyAt: this.#readyAt,
      nextPlan: this.#nextPlan,
    });
  }

  /** Where everybody is sent: a text that changes when a plan must. */
  #readTasks(): string {
    if (this.#grid.hasChanged()) this.#numChanges++;
    this.#numChanges += this.#claims.drop(this.#members, this.#members[0].view.tick);
    let key = `${this.#numChanges}`;
    for (const member of this.#members) {
      const { view, beliefs, reader } = member;
      if (!view.isAlive()) {
        key += '|-';
        continue;
      }
      beliefs.listen();
      const { formula } = beliefs;
      member.errand = formula === undefined || this.#kind !== 'walker' ? undefined : member.errands.read(formula);
      if (member.errand !== undefined) {
        // One without a claim gets one with the next plan that somebody needs.
        key += `|${member.errand.kind}${member.errand.left}`;
        // What is forbidden is read when a plan is to be made.
        if (this.#planned !== '') continue;
      }
      const orders = formula === undefined ? undefined : reader.read(formula);
      // One that has arrived is to stay, and not to be planned for anew.
      if (orders?.job?.kind === 'go') {
        member.box = orders.job.box;
        member.near = orders.job.near;
      }
      member.keepOut = orders?.keepOut ?? [];
      if (member.errand === undefined) key += `|${member.box?.join() ?? ''}`;
    }
    return `${key}|${this.#grid.standing().join()}`;
  }

  #isStuck(): boolean {
    const march = this.#march;
    return march !== undefined && this.#marching.some((_, i) => march.isStuck(i));
  }

  /** What must be planned in this tick, if anything. */
  #ask(tick: number): Asked | undefined {
    const key = this.#readTasks();
    const isStuck = this.#isStuck();
    if ((key === this.#planned && !isStuck) || tick < this.#nextPlan) return undefined;
    const cause =
      this.#march === undefined
        ? 'there was none'
        : isStuck
          ? 'somebody was stuck'
          : this.#planned === ''
            ? 'the try before found none'
            : 'goals, blocks or others have changed';
    this.#planned = key;
    const there = this.#members.filter(({ view }) => view.isAlive());
    // Of walkers on two levels, those on the level of the first go, and the others stand.
    const members = this.#kind === 'walker' ? there.filter(({ view }) => view.cellOf()[1] === there[0].view.cellOf()[1]) : there;
    const goesOn = this.#march !== undefined && !isStuck && isSame(members, this.#marching);
    if (!goesOn) this.#march = undefined;
    this.#isUnderWay = goesOn;
    const found = members.length === 0 ? undefined : this.#grid.problemFrom(members, this.#march, this.#claims);
    if (found === undefined) {
      this.#fail(tick + 1, 'There is no room to plan in.');
      return undefined;
    }
    const isOnErrands = members.some(({ errand }) => errand !== undefined);
    const expansions = Math.min(this.#settings.expansions, isOnErrands ? ERRAND_EXPANSIONS : Number.POSITIVE_INFINITY);
    // A plan that is to be made anew so soon is not worth improving.
    return { ...found, cause, members, isOnErrands, expansions, improveShare: isOnErrands ? 0 : IMPROVE_SHARE, seed: this.#plans++ };
  }

  #take({ cause, members, committed, isOnErrands }: Asked, result: PlanResult, tick: number): void {
    const paid = Math.ceil(result.stats.expansions / this.#settings.expansionsPerTick);
    if (result.status !== 'solved') {
      this.#fail(tick + Math.max(paid, isOnErrands ? 1 : RETRY_TICKS), `No plan: ${result.reason ?? result.status}`);
      return;
    }
    this.#readyAt = tick + paid;
    this.#nextPlan = tick + Math.max(paid, isOnErrands ? ERRAND_TICKS : 0);
    const order = orderOfVisits(result.trajectories as readonly CellPath[], committed);
    invariant(findRing(order) === undefined, 'A plan for a squad must have no ring.');
    this.#march = new TeamMarch(order, this.#grid.lattice, committed);
    this.#order = order;
    this.#cause = cause;
    this.#refusal = '';
    this.#marching = members;
  }

  /** No plan: those under way go as far as they are committed, and all is tried again at a tick. */
  #fail(again: number, refusal: string): void {
    this.#planned = '';
    this.#refusal = refusal;
    this.#readyAt = again;
    this.#nextPlan = again;
  }

  /** @param grants whether the plan is paid for; until then everybody goes as far as it is committed. */
  #follow(march: TeamMarch, grants: boolean, out: Float32Array): void {
    this.#marching.forEach(({ view }, i) => {
      this.#positions.set([view.x(), view.y(), view.z()], 3 * i);
    });
    march.update(this.#positions.subarray(0, 3 * this.#marching.length), grants);
    const waypoint = this.#waypoint;
    this.#marching.forEach((member, i) => {
      const { view, pilot, claim } = member;
      if (!view.isAlive()) return;
      const row = rowOf(out, view);
      march.waypoint(i, waypoint);
      const isThere = claim !== undefined && waypoint.holds && waypoint.x === claim.stand[0] + 0.5 && waypoint.z === claim.stand[2] + 0.5;
      if (isThere && isNear(view, waypoint) && workOnClaim(member, row)) return;
      const { x, y, z, holds } = waypoint;
      if (pilot === undefined) towards(new Controls(view, row), x, z, WALK_SPEED, !holds);
      else pilot.steer(row, { x, y: this.#grid.flies ? y : view.y(), z, last: true });
    });
  }
}

/** Whether a walker stands where it is to stand, so well that it can use its hands. */
function isNear(view: AgentView, { x, z }: Waypoint): boolean {
  return Math.abs(view.x() - x) < STANDS_WELL && Math.abs(view.z() - z) < STANDS_WELL;
}

function isSame(a: readonly Member[], b: readonly Member[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}

function rowOf(out: Float32Array, view: AgentView): Float32Array {
  const at = (view.row * view.numAgents + view.slot) * ACTION_FIELDS;
  return out.subarray(at, at + ACTION_FIELDS);
}
