/**
 * Agents of one kind in one world that move by one plan: walkers on cells of a metre, rovers and quadcopters on cells of two.
 * Data flow: where each is sent -> a cell for each -> plan -> order of visits -> march -> waypoint -> keys or stick.
 * Planned anew when goals or blocks change, or when somebody is stuck. Planning is paid for in ticks, by its expansions.
 */
import {
  type CellPath,
  findRing,
  type GridProblem,
  orderOfVisits,
  type PlanResult,
  planSquad,
  TeamMarch,
  type Waypoint,
} from '@kinovox/planning';
import { ACTION_FIELDS, invariant, UsageError, type Vehicle } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { towards, WALK_SPEED } from '../navigation/motion.js';
import { Controls } from '../skills/controls.js';
import { Pilot } from '../skills/pilot.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';
import { type GridMember, SquadGrid, type SquadKind } from './squad-grid.js';

/** Plans elsewhere, in a thread, say: must give what `planSquad` gives with the same budget and seed. The problem is nobody else's. */
export type SquadPlanning = (problem: GridProblem, expansions: number, seed: number) => Promise<PlanResult>;

export interface SquadSettings {
  expansions: number;
  expansionsPerTick: number;
  /** Undefined: planned in `act`. Otherwise `think` must be awaited before. */
  plan?: SquadPlanning | undefined;
}

/** A plan that is needed now. */
interface Asked {
  problem: GridProblem;
  members: readonly Member[];
  seed: number;
}

/** Ticks after a plan that could not be made, before the next try. */
const RETRY_TICKS = 20;

interface Member extends GridMember {
  beliefs: Beliefs;
  reader: TaskReader;
  pilot: Pilot | undefined;
}

export class Squad {
  readonly #kind: SquadKind;
  readonly #settings: SquadSettings;
  readonly #members: Member[];
  readonly #grid: SquadGrid;
  readonly #positions: Float64Array;
  readonly #waypoint: Waypoint = { x: 0, y: 0, z: 0, holds: true };
  #march: TeamMarch | undefined;
  /** Members of the march: those that lived when it was planned. */
  #marching: readonly Member[] = [];
  /** Goals and blocks for which it was planned. */
  #planned = '';
  /** Tick from which the plan is followed, or is made anew where there is none. */
  #readyAt = 0;
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
    }
    this.#grid.leaveLayer(levelOfOthers);
    this.#march = undefined;
    this.#planned = '';
    this.#readyAt = 0;
    this.#plans = 0;
    this.#thoughtAt = -1;
  }

  /** Writes the rows of its members. @param out `[B, A, F]`, given as zeros. */
  act(tick: number, out: Float32Array): void {
    if (this.#settings.plan === undefined) {
      const asked = this.#ask(tick);
      if (asked !== undefined)
        this.#take(asked, planSquad(asked.problem, { expansions: this.#settings.expansions }, { seed: asked.seed }), tick);
    } else if (this.#thoughtAt !== tick)
      throw new UsageError(
        'policy-thinks',
        'planner:lacam in a thread must be awaited; got act without think. Await PolicyRun.think() in every tick, or let it plan in act.',
      );
    if (this.#march !== undefined && tick >= this.#readyAt) this.#follow(this.#march, out);
    else for (const member of this.#members) member.pilot?.stay(rowOf(out, member.view));
  }

  /** Plans elsewhere if a plan is needed now; the world waits, so the tick is that of the plan made in `act`. */
  async think(tick: number): Promise<void> {
    const asked = this.#ask(tick);
    if (asked !== undefined) this.#take(asked, await this.#settings.plan!(asked.problem, this.#settings.expansions, asked.seed), tick);
    this.#thoughtAt = tick;
  }

  /** Where everybody is sent: a text that changes when a plan must. */
  #readTasks(): string {
    let key = `${this.#members[0].view.mapVersion}`;
    for (const member of this.#members) {
      const { view, beliefs, reader } = member;
      if (!view.isAlive()) {
        key += '|-';
        continue;
      }
      beliefs.listen();
      const { formula } = beliefs;
      const orders = formula === undefined ? undefined : reader.read(formula);
      // One that has arrived is to stay, and not to be planned for anew.
      if (orders?.job?.kind === 'go') {
        member.box = orders.job.box;
        member.near = orders.job.near;
      }
      member.keepOut = orders?.keepOut ?? [];
      key += `|${member.box?.join() ?? ''}`;
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
    if ((key === this.#planned && !this.#isStuck()) || tick < this.#readyAt) return undefined;
    this.#planned = key;
    this.#march = undefined;
    const there = this.#members.filter(({ view }) => view.isAlive());
    // Of walkers on two levels, those on the level of the first go, and the others stand.
    const members = this.#kind === 'walker' ? there.filter(({ view }) => view.cellOf()[1] === there[0].view.cellOf()[1]) : there;
    const problem = members.length === 0 ? undefined : this.#grid.problem(members);
    if (problem === undefined) {
      this.#planned = '';
      this.#readyAt = tick + 1;
      return undefined;
    }
    return { problem, members, seed: this.#plans++ };
  }

  #take({ members }: Asked, result: PlanResult, tick: number): void {
    const paid = Math.ceil(result.stats.expansions / this.#settings.expansionsPerTick);
    this.#readyAt = tick + paid;
    if (result.status !== 'solved') {
      this.#planned = '';
      this.#readyAt = tick + Math.max(paid, RETRY_TICKS);
      return;
    }
    const order = orderOfVisits(result.trajectories as readonly CellPath[]);
    invariant(findRing(order) === undefined, 'A plan for a squad must have no ring.');
    this.#march = new TeamMarch(order, this.#grid.lattice);
    this.#marching = members;
  }

  #follow(march: TeamMarch, out: Float32Array): void {
    this.#marching.forEach(({ view }, i) => {
      this.#positions.set([view.x(), view.y(), view.z()], 3 * i);
    });
    march.update(this.#positions.subarray(0, 3 * this.#marching.length));
    const waypoint = this.#waypoint;
    this.#marching.forEach(({ view, pilot }, i) => {
      if (!view.isAlive()) return;
      const row = rowOf(out, view);
      march.waypoint(i, waypoint);
      const { x, y, z, holds } = waypoint;
      if (pilot === undefined) towards(new Controls(view, row), x, z, WALK_SPEED, !holds);
      else pilot.steer(row, { x, y: this.#grid.flies ? y : view.y(), z, last: true });
    });
  }
}

function rowOf(out: Float32Array, view: AgentView): Float32Array {
  const at = (view.row * view.numAgents + view.slot) * ACTION_FIELDS;
  return out.subarray(at, at + ACTION_FIELDS);
}
