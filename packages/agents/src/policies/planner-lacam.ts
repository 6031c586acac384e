/**
 * `planner:lacam`: walks a whole team by one plan. The task says where each is to go, LaCAM* finds ways on which nobody meets, and the march keeps the
 * order in which they come through each cell, however fast they really are.
 * Data flow per world: tasks -> boxes -> a cell for each -> plan -> order of visits -> waypoints -> keys. Planned anew when goals or blocks change, or
 * when somebody is stuck.
 * Planning is paid for in ticks: by its expansions, so that a run is the same on every machine.
 * Limits: walkers on one level; doors count as they are now; who is not sent anywhere stands where it is.
 */
import { findRing, type GridProblem, orderOfVisits, planWalkers, TeamMarch, type Waypoint } from '@kinovox/planning';
import { ACTION_FIELDS, UsageError } from '@kinovox/world';
import { AgentView, LevelCache } from '../agent-view.js';
import { type Box, Ground } from '../navigation/ground.js';
import { towards, WALK_SPEED } from '../navigation/motion.js';
import type { PolicyFactory, PolicyHost } from '../policy.js';
import { Controls } from '../skills/controls.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';

export interface TeamPlannerOptions {
  /** Most expansions of one plan. */
  expansions?: number;
  /** Expansions that a tick of waiting pays for; the plan begins when all are paid. */
  expansionsPerTick?: number;
}

export const TEAM_PLANNER_DEFAULTS = Object.freeze({ expansions: 20_000, expansionsPerTick: 2_000 });

/** Ticks after a plan that could not be made, before the next try. */
const RETRY_TICKS = 20;

export function createTeamPlanner(options: TeamPlannerOptions = {}): PolicyFactory {
  const minds = new WeakMap<object, Row[]>();
  const settings = { ...TEAM_PLANNER_DEFAULTS, ...options };
  return {
    name: 'planner:lacam',
    batch: {
      check: refuseOthers,
      fill(host: PolicyHost, slots: readonly number[], out: Float32Array) {
        let rows = minds.get(host.engine);
        if (rows === undefined) {
          const levels = new LevelCache(host);
          rows = Array.from({ length: host.engine.numWorlds }, (_, row) => new Row(host, levels, row, slots, settings));
          minds.set(host.engine, rows);
        }
        for (const row of rows) row.act(out);
      },
    },
  };
}

function refuseOthers({ compiled }: PolicyHost): void {
  const other = compiled.base.agents.find(({ body }) => body.type !== 'walker');
  if (other !== undefined)
    throw new UsageError(
      'planner-body',
      `planner:lacam must be given walkers; got a ${'vehicle' in other.body ? other.body.vehicle : other.body.type} at agents "${other.id}" of ${compiled.base.id}. planner:mppi drives rovers and quadcopters.`,
    );
}

interface Member {
  view: AgentView;
  beliefs: Beliefs;
  reader: TaskReader;
  /** Where the task sends it now, as text; empty: nowhere. */
  sent: string;
  box: Box | undefined;
}

/** One world: its members, and the plan that they walk. */
class Row {
  readonly #host: PolicyHost;
  readonly #row: number;
  readonly #settings: Required<TeamPlannerOptions>;
  readonly #members: Member[];
  readonly #ground: Ground;
  readonly #positions: Float64Array;
  readonly #waypoint: Waypoint = { x: 0, z: 0, holds: true };
  #march: TeamMarch | undefined;
  /** Members of the march: those that lived when it was planned. */
  #marching: number[] = [];
  /** Goals and blocks for which it was planned. */
  #planned = '';
  /** Tick from which the plan is walked, or is made anew where there is none. */
  #readyAt = 0;
  #plans = 0;
  #episode = -1;
  #nextTick = -1;

  constructor(host: PolicyHost, levels: LevelCache, row: number, slots: readonly number[], settings: Required<TeamPlannerOptions>) {
    this.#host = host;
    this.#row = row;
    this.#settings = settings;
    this.#members = slots.map((slot) => {
      const view = new AgentView(host, levels, row, slot);
      return { view, beliefs: new Beliefs(view), reader: new TaskReader(view, undefined), sent: '', box: undefined };
    });
    this.#ground = new Ground(this.#members[0].view);
    this.#positions = new Float64Array(2 * slots.length);
  }

  act(out: Float32Array): void {
    const { state } = this.#host.engine;
    const tick = state.tick[this.#row];
    if (tick === 0 || tick !== this.#nextTick || state.episode[this.#row] !== this.#episode) this.#reset();
    this.#nextTick = tick + 1;
    this.#episode = state.episode[this.#row];
    const key = this.#readTasks();
    if ((key !== this.#planned || this.#isStuck()) && tick >= this.#readyAt) this.#plan(key, tick);
    if (this.#march === undefined || tick < this.#readyAt) return;
    this.#walk(out);
  }

  #reset(): void {
    for (const member of this.#members) {
      member.beliefs.reset();
      member.reader.reset();
      member.sent = '';
      member.box = undefined;
    }
    this.#march = undefined;
    this.#planned = '';
    this.#readyAt = 0;
    this.#plans = 0;
  }

  /** Where everybody is sent; a text that changes when a plan must. */
  #readTasks(): string {
    const [first] = this.#members;
    let key = `${first.view.mapVersion}`;
    for (const member of this.#members) {
      const { view, beliefs, reader } = member;
      if (!view.isAlive()) {
        key += '|-';
        continue;
      }
      beliefs.listen();
      const { formula } = beliefs;
      const job = formula === undefined ? undefined : reader.read(formula).job;
      // One that has arrived is to stay, and not to be planned for anew.
      if (job?.kind === 'go') {
        member.box = job.box;
        member.sent = job.box.join();
      }
      key += `|${member.sent}`;
    }
    return key;
  }

  #isStuck(): boolean {
    const march = this.#march;
    return march !== undefined && this.#marching.some((_, i) => march.isStuck(i));
  }

  #plan(key: string, tick: number): void {
    this.#planned = key;
    this.#march = undefined;
    const members = this.#members.flatMap(({ view }, k) => (view.isAlive() ? [k] : []));
    const problem = this.#problem(members);
    if (problem === undefined) {
      // Somebody is in the air or between two cells: look again when they have landed.
      this.#planned = '';
      this.#readyAt = tick + 1;
      return;
    }
    const result = planWalkers(problem, { expansions: this.#settings.expansions }, { seed: this.#plans++ });
    this.#readyAt = tick + Math.ceil(result.stats.expansions / this.#settings.expansionsPerTick);
    if (result.status !== 'solved') {
      this.#planned = '';
      this.#readyAt = tick + RETRY_TICKS;
      return;
    }
    const order = orderOfVisits(result.trajectories.filter((one) => one.kind === 'cells'));
    if (findRing(order) !== undefined) throw new Error('A plan for walkers must have no ring.');
    this.#march = new TeamMarch(order);
    this.#marching = members;
  }

  /** The level that they stand on, as a grid, and a cell for each; undefined while two stand in one cell, or one does not stand. */
  #problem(members: readonly number[]): GridProblem | undefined {
    const { sizeX, sizeZ } = this.#members[0].view;
    const level = this.#members[members[0]].view.cellOf()[1];
    const blocked = new Uint8Array(sizeX * sizeZ);
    for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++) blocked[z * sizeX + x] = this.#ground.isFooting(x, level, z) ? 0 : 1;
    const starts = new Set<number>();
    for (const k of members) {
      const [x, y, z] = this.#members[k].view.cellOf();
      const cell = z * sizeX + x;
      if (y !== level || starts.has(cell)) return undefined;
      starts.add(cell);
      // Where one stands, one can stand.
      blocked[cell] = 0;
    }
    const goals = this.#assign(members, level, blocked);
    return {
      kind: 'grid',
      name: this.#host.compiled.base.id,
      grid: { size: [sizeX, 1, sizeZ], blocked },
      moves: 4,
      timing: 'steps',
      radius: 0,
      agents: members.map((k, i) => {
        const { view } = this.#members[k];
        const [x, , z] = view.cellOf();
        return { name: view.roster[view.slot].id, start: [x, 0, z], goal: goals[i] };
      }),
    };
  }

  /**
   * A cell of its box for each, all different; whoever has the smallest box chooses first, and takes the cell with the shortest straight way. Who is sent
   * nowhere, or finds its box full, stays, unless somebody else is sent there: then it takes the nearest cell that is left.
   */
  #assign(members: readonly number[], level: number, blocked: Uint8Array): [number, number, number][] {
    const { sizeX, sizeZ } = this.#members[0].view;
    const taken = new Set<number>();
    const goals: [number, number, number][] = members.map(() => [0, 0, 0]);
    const room = (box: Box) => (box[3] - box[0] + 1) * (box[5] - box[2] + 1);
    const everywhere: Box = [0, 0, 0, sizeX - 1, level, sizeZ - 1];
    const boxOf = (k: number) => this.#members[k].box ?? everywhere;
    const turn = members.map((_, i) => i).sort((a, b) => room(boxOf(members[a])) - room(boxOf(members[b])) || a - b);
    for (const i of turn) {
      const { view } = this.#members[members[i]];
      const [fromX, , fromZ] = view.cellOf();
      const nearest = (box: Box) => {
        let best = -1;
        let least = Number.POSITIVE_INFINITY;
        for (let z = Math.max(0, box[2]); z <= Math.min(sizeZ - 1, box[5]); z++)
          for (let x = Math.max(0, box[0]); x <= Math.min(sizeX - 1, box[3]); x++) {
            const cell = z * sizeX + x;
            const way = Math.abs(x - fromX) + Math.abs(z - fromZ);
            if (way >= least || blocked[cell] === 1 || taken.has(cell)) continue;
            least = way;
            best = cell;
          }
        return best;
      };
      const box = boxOf(members[i]);
      let cell = level >= box[1] && level <= box[4] ? nearest(box) : -1;
      if (cell < 0) cell = nearest(everywhere);
      taken.add(cell);
      goals[i] = [cell % sizeX, 0, Math.floor(cell / sizeX)];
    }
    return goals;
  }

  #walk(out: Float32Array): void {
    const march = this.#march!;
    this.#marching.forEach((k, i) => {
      const { view } = this.#members[k];
      this.#positions[2 * i] = view.x();
      this.#positions[2 * i + 1] = view.z();
    });
    march.update(this.#positions.subarray(0, 2 * this.#marching.length));
    this.#marching.forEach((k, i) => {
      const { view } = this.#members[k];
      if (!view.isAlive()) return;
      const at = (this.#row * view.numAgents + view.slot) * ACTION_FIELDS;
      const controls = new Controls(view, out.subarray(at, at + ACTION_FIELDS));
      march.waypoint(i, this.#waypoint);
      towards(controls, this.#waypoint.x, this.#waypoint.z, WALK_SPEED, !this.#waypoint.holds);
    });
  }
}
