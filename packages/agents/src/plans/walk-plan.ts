/**
 * A plan for the one walker of a level, over moves that the engine has certified (planner `voxel`), as a trajectory: controls are columns of ACTION_SPEC,
 * states those of the dynamics `walker`. It ends where the world says that the task is done. Where the task asks for places one after the other, each leg is
 * planned from the state in which the one before is foreseen to end.
 */
import {
  type Budget,
  createDynamics,
  createLibrary,
  type Dynamics,
  type Library,
  type PlanResult,
  readWalkerState,
  type StateTrajectory,
  type VoxelPlan,
  VoxelPlanner,
  WALKER_STATE_NAMES,
  WALKER_WORD,
  WALKER_WORDS,
  WalkerEngine,
} from '@kinovox/planning';
import { ACTION_FIELDS, UsageError } from '@kinovox/world';
import { readWalkerWords, walkerLevel, walkerQuery } from '../policies/walker-query.js';
import { Beliefs } from '../task/beliefs.js';
import type { Orders } from '../task/job.js';
import { TaskReader } from '../task/task-reader.js';
import type { ScenarioLevel } from './scenario-level.js';

export const WALK_PLANNER = {
  name: 'voxel',
  description: 'The walker of a scenario with one agent: A* over moves that the engine has certified; plans are controls per tick.',
} as const;

/** The level's walker as dynamics. @throws UsageError where the planner cannot take the level. */
export function walkerOf({ agents, env, name }: ScenarioLevel): Dynamics {
  if (agents.length > 1)
    throw new UsageError(
      'unfit-planner',
      `The planner voxel must be given a scenario with one agent; got ${agents.length} in ${name}. Teams are planned for by --planner lacam.`,
    );
  const [{ view }] = agents;
  const level = walkerLevel(view);
  const reason = VoxelPlanner.refuses(env.compiled.program, 0, level);
  if (reason !== undefined)
    throw new UsageError('unfit-planner', `The planner voxel must be able to take the level; got ${name}: ${reason}`);
  return createDynamics('walker', { program: env.compiled.program, slot: 0, level: { ...level, voxels: level.voxels.slice() } });
}

/**
 * Plans from tick 0. The level's world is played and stands at some other tick afterwards.
 * @param budget `expansions` are nodes of the search, without the cells whose distance to the goal it asks for (`stats.more.goalCells`), of all legs
 *   together; in `ms`, making the library counts, but is not cut short.
 * @param given library of the walker's moves, where it is there already; default: made here, in about a second.
 */
export async function planWalk(level: ScenarioLevel, { ms, expansions }: Budget, given?: Library): Promise<PlanResult> {
  const { env, agents, choice, name } = level;
  const began = performance.now();
  const dynamics = walkerOf(level);
  env.reset({ seed: choice.seed });
  const [{ view, job }] = agents;
  const { program } = env.compiled;
  const spent = { expansions: 0, goalCells: 0 };
  const stats = () => ({
    expansions: spent.expansions,
    ms: performance.now() - began,
    makespan: null,
    sumOfCosts: null,
    more: { goalCells: spent.goalCells },
  });
  const without = (status: 'infeasible' | 'timeout', reason: string): PlanResult => ({ status, trajectories: [], stats: stats(), reason });
  if (job === undefined) return without('infeasible', `The task of ${name} sends the walker nowhere.`);
  const library = given ?? createLibrary(program, 0);
  if (library === undefined) return without('infeasible', 'No move of this body begins and ends in the middle of a cell.');
  const planner = new VoxelPlanner(program, 0, walkerLevel(view), library);
  const walk = new Walk(level);
  let status: PlanResult['status'] = 'solved';
  let reason: string | undefined;
  for (let leg = 1, orders = walk.orders; orders?.job?.kind === 'go'; leg++) {
    const left = ms === undefined ? undefined : ms - (performance.now() - began);
    const nodes = expansions === undefined ? undefined : expansions - spent.expansions;
    if ((left ?? 1) <= 0 || (leg > 1 && (nodes ?? 1) <= 0)) {
      const asked = (left ?? 1) <= 0 ? `${ms} ms` : `${expansions} expansions`;
      const on = given === undefined && (left ?? 1) <= 0 ? 'on certifying the moves of the body' : 'before the search began';
      if (leg === 1) return without('timeout', `The budget of ${asked} was spent ${on}.`);
      [status, reason] = ['partial', `Place ${leg} of the sequence: the budget of ${asked} was spent on the way to the places before it.`];
      break;
    }
    const query = walkerQuery(view, orders.job, orders, walk.words);
    planner.update(view.voxels);
    const plan = planner.plan({ ...query, expansions: nodes, ms: left });
    spent.expansions += plan.expansions;
    spent.goalCells += plan.goalExpansions;
    // The planner knows what was left for this leg, not what was asked for.
    const within = plan.status === 'timeout' && ms !== undefined ? ` The budget for all is ${ms} ms.` : '';
    const because = plan.reason === undefined ? undefined : `${plan.reason}${within}`;
    const why = leg === 1 ? because : `Place ${leg} of the sequence: ${because ?? 'the budget ended on the way there.'}`;
    if (plan.status === 'infeasible' || plan.status === 'timeout') {
      if (leg === 1) return without(plan.status, why ?? 'No plan was found.');
      [status, reason] = ['partial', why];
      break;
    }
    await walk.play(plan);
    if (plan.status === 'partial') [status, reason] = ['partial', why];
    // One place is all there is, or the next one is the same: whether standing there does it, the judge says.
    if (walk.hasEnded || plan.status === 'partial' || level.sequence === undefined) break;
    // Who is there already has passed no tick in which the task could notice.
    if (plan.actions.length === 0) await walk.stand();
    if (walk.hasEnded || walk.isSentTo(orders)) break;
    orders = walk.orders;
  }
  return { status, trajectories: [walk.trajectory(dynamics)], stats: stats(), ...(reason === undefined ? {} : { reason }) };
}

/** A walker on its way, leg after leg: what is foreseen of it, while its world is played along to see where its task sends it next. */
class Walk {
  readonly #level: ScenarioLevel;
  readonly #beliefs: Beliefs;
  readonly #reader: TaskReader;
  readonly #rows: Float32Array[] = [];
  /** `[WALKER_WORDS]` each, foreseen: one more than rows. */
  readonly #states: Int32Array[];
  hasEnded = false;
  /** Where it is sent now. */
  orders: Orders | undefined;

  constructor(level: ScenarioLevel) {
    const [{ view }] = level.agents;
    this.#level = level;
    this.#beliefs = new Beliefs(view);
    this.#reader = new TaskReader(view, undefined);
    const words = new Int32Array(WALKER_WORDS);
    readWalkerWords(words, view);
    this.#states = [words];
    this.#beliefs.reset();
    this.#read();
  }

  /** Where the next leg begins. */
  get words(): Int32Array {
    return this.#states[this.#states.length - 1];
  }

  async play({ actions, states }: Pick<VoxelPlan, 'actions' | 'states'>): Promise<void> {
    for (let k = 0; k < actions.length / ACTION_FIELDS && !this.hasEnded; k++) {
      const row = actions.slice(k * ACTION_FIELDS, (k + 1) * ACTION_FIELDS);
      this.#rows.push(row);
      this.#states.push(states.slice((k + 1) * WALKER_WORDS, (k + 2) * WALKER_WORDS));
      this.hasEnded = (await this.#level.env.step(row)).ended[0] === 1;
      if (!this.hasEnded) this.#read();
    }
  }

  /** A tick of doing nothing. */
  async stand(): Promise<void> {
    const { env, agents } = this.#level;
    const [{ view }] = agents;
    const engine = new WalkerEngine(env.compiled.program, 0, walkerLevel(view));
    const actions = new Float32Array(ACTION_FIELDS);
    const states = new Int32Array(2 * WALKER_WORDS);
    engine.begin(this.words);
    engine.step(actions);
    engine.readInto(states.subarray(WALKER_WORDS));
    await this.play({ actions, states });
  }

  /** Whether it is still sent where it was. */
  isSentTo(before: Orders): boolean {
    return JSON.stringify(this.orders) === JSON.stringify(before);
  }

  trajectory(dynamics: Dynamics): StateTrajectory {
    const width = WALKER_STATE_NAMES.length;
    const states = new Float64Array(this.#states.length * width);
    this.#states.forEach((words, k) => {
      readWalkerState(states.subarray(k * width, (k + 1) * width), (word) => words[WALKER_WORD[word]]);
    });
    return {
      kind: 'states',
      robot: this.#level.agents[0].view.roster[0].id,
      type: dynamics.name,
      start: 0,
      dt: dynamics.dt,
      states,
      controls: Float64Array.from(this.#rows.flatMap((row) => [...row])),
      tail: 'hold',
    };
  }

  #read(): void {
    this.#beliefs.listen();
    const { formula } = this.#beliefs;
    this.orders = formula === undefined ? undefined : this.#reader.read(formula);
  }
}
