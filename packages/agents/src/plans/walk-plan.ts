/**
 * A plan for the one walker of a level, over moves that the engine has certified (planner `voxel`), as a trajectory: controls are columns of ACTION_SPEC,
 * states those of the dynamics `walker`. It ends where the world says that the task is done.
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
  VoxelPlanner,
  WALKER_STATE_NAMES,
  WALKER_WORD,
  WALKER_WORDS,
} from '@kinovox/planning';
import { ACTION_FIELDS, UsageError } from '@kinovox/world';
import { Ground } from '../navigation/ground.js';
import { readWalkerWords, walkerLevel, walkerQuery } from '../policies/walker-query.js';
import { playWalk } from './judge-walk.js';
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
 * @param budget `expansions` are nodes of the search, without the cells whose distance to the goal it asks for (`stats.more.goalCells`); in `ms`, making
 *   the library counts, but is not cut short.
 * @param given library of the walker's moves, where it is there already; default: made here, in about a second.
 */
export async function planWalk(level: ScenarioLevel, { ms, expansions }: Budget, given?: Library): Promise<PlanResult> {
  const { env, agents, choice, name } = level;
  const began = performance.now();
  const dynamics = walkerOf(level);
  env.reset({ seed: choice.seed });
  const [{ view, job, orders }] = agents;
  const { program } = env.compiled;
  const stats = (spent: number, goalCells = 0) => ({
    expansions: spent,
    ms: performance.now() - began,
    makespan: null,
    sumOfCosts: null,
    more: { goalCells },
  });
  if (job === undefined)
    return { status: 'infeasible', trajectories: [], stats: stats(0), reason: `The task of ${name} sends the walker nowhere.` };
  const library = given ?? createLibrary(program, 0);
  if (library === undefined)
    return {
      status: 'infeasible',
      trajectories: [],
      stats: stats(0),
      reason: 'No move of this body begins and ends in the middle of a cell.',
    };
  const planner = new VoxelPlanner(program, 0, walkerLevel(view), library);
  const words = new Int32Array(WALKER_WORDS);
  readWalkerWords(words, view);
  const query = walkerQuery(view, planner, new Ground(view), job, orders, words);
  const left = ms === undefined ? undefined : ms - (performance.now() - began);
  const plan = planner.plan({ ...query, expansions, ms: left }, 'goal');
  const spent = () => stats(plan.expansions, plan.goalExpansions);
  if (plan.status === 'infeasible' || plan.status === 'timeout')
    return { status: plan.status, trajectories: [], stats: spent(), reason: plan.reason ?? 'No plan was found.' };
  const controls = Float64Array.from(plan.actions);
  const { ticks } = await playWalk(level, controls);
  const width = WALKER_STATE_NAMES.length;
  const states = new Float64Array((ticks + 1) * width);
  for (let k = 0; k <= ticks; k++)
    readWalkerState(states.subarray(k * width, (k + 1) * width), (word) => plan.states[k * WALKER_WORDS + WALKER_WORD[word]]);
  const trajectory: StateTrajectory = {
    kind: 'states',
    robot: view.roster[0].id,
    type: dynamics.name,
    start: 0,
    dt: dynamics.dt,
    states,
    controls: controls.slice(0, ticks * ACTION_FIELDS),
    tail: 'hold',
  };
  const reason = plan.reason === undefined ? {} : { reason: plan.reason };
  return { status: plan.status, trajectories: [trajectory], stats: spent(), ...reason };
}
