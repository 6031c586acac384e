/** Policies by name. */
import { createIdleSource, createRandomSource } from '@kinovox/env';
import { didYouMean, UsageError } from '@kinovox/world';
import { createGreedyPolicy } from './policies/greedy.js';
import { idleDecider } from './policies/idle.js';
import { createTeamPlanner } from './policies/planner-lacam.js';
import { createMppiFactory } from './policies/planner-mppi.js';
import { createPibtFactory } from './policies/planner-pibt.js';
import { createVoxelFactory } from './policies/planner-voxel.js';
import { randomDecider } from './policies/random.js';
import { createSafePolicy, parseSafeName, SAFE_PREFIX } from './policies/safe.js';
import { createScriptedFactory } from './policies/scripted.js';
import { createChasePolicy } from './policies/source-policy.js';
import type { SquadPlanning } from './policies/squad.js';
import type { WalkPlanning } from './policies/walk-planning.js';
import type { PolicyFactory } from './policy.js';

export const POLICY_NAMES = ['scripted', 'greedy', 'chase', 'random', 'idle'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** One sentence per policy, for help texts. */
export const POLICY_DESCRIPTIONS: Readonly<Record<PolicyName, string>> = {
  scripted: 'Plans with the map: A* over walking, jumping, climbing, digging and bridging; works the task step by step, with others.',
  greedy: 'Walks straight to the nearest goal and jumps when blocked; knows no map.',
  chase: 'Runs to the nearest agent of another team, or to the nearest open goal; integers only, so that a GPU plays it too.',
  random: 'Draws keys from the seed of the episode.',
  idle: 'Does nothing.',
};

const FACTORIES: Readonly<Record<PolicyName, () => PolicyFactory>> = {
  scripted: createScriptedFactory,
  greedy: () => ({ name: 'greedy', create: createGreedyPolicy }),
  chase: createChasePolicy,
  random: () => ({ name: 'random', batch: randomDecider, source: createRandomSource }),
  idle: () => ({ name: 'idle', batch: idleDecider, source: createIdleSource }),
};

/** Before the name of a planner. */
export const PLANNER_PREFIX = 'planner:';
/** Policies that plan, by the name of the planner: `planner:mppi`, `planner:voxel`. */
export const PLANNER_POLICIES = ['lacam', 'mppi', 'pibt', 'voxel'] as const;
export type PlannerPolicyName = (typeof PLANNER_POLICIES)[number];

export const PLANNER_DESCRIPTIONS: Readonly<Record<PlannerPolicyName, string>> = {
  lacam: 'Moves a team of walkers, rovers or quadcopters by one plan (LaCAM*) in which nobody meets.',
  mppi: 'Drives rovers and flies quadcopters by MPPI: 4,096 rollouts of two seconds every other tick, around walls, props and others.',
  pibt: 'Moves a team of rovers or quadcopters at speed: PIBT over moves of their models, on reservations that end at rest.',
  voxel: 'Walks by plans over moves that the engine has certified, and plays them tick by tick as foreseen; leaves the rest to scripted.',
};

/** What policies use of their host. */
export interface PolicyOptions {
  /** Plans for `planner:lacam` elsewhere; then `PolicyRun.think` must be awaited. */
  readonly plan?: SquadPlanning | undefined;
  /** The same for `planner:voxel`. */
  readonly walk?: WalkPlanning | undefined;
}

const PLANNERS: Readonly<Record<PlannerPolicyName, (options: PolicyOptions) => PolicyFactory>> = {
  lacam: ({ plan }) => createTeamPlanner(plan === undefined ? {} : { plan }),
  mppi: () => createMppiFactory(),
  pibt: () => createPibtFactory(),
  voxel: ({ walk }) => createVoxelFactory(walk === undefined ? {} : { plan: walk }),
};

/** A policy by name, such as `scripted`, `planner:mppi` or `safe:enforce:random`. @throws UsageError for another name. */
export function createPolicy(name: string, options: PolicyOptions = {}): PolicyFactory {
  if (name.startsWith(SAFE_PREFIX)) {
    const { mode, inner } = parseSafeName(name);
    return createSafePolicy(createPolicy(inner, options), mode);
  }
  if (name.startsWith(PLANNER_PREFIX)) {
    const planner = name.slice(PLANNER_PREFIX.length);
    if (Object.hasOwn(PLANNERS, planner)) return PLANNERS[planner as PlannerPolicyName](options);
    throw new UsageError(
      'unknown-planner',
      `A planner that drives agents must be one of ${PLANNER_POLICIES.join(', ')}; got "${planner}" in "${name}".${didYouMean(planner, PLANNER_POLICIES)}`,
    );
  }
  if (Object.hasOwn(FACTORIES, name)) return FACTORIES[name as PolicyName]();
  const names = [...POLICY_NAMES, ...PLANNER_POLICIES.map((planner) => PLANNER_PREFIX + planner)];
  const near = Object.hasOwn(PLANNERS, name) ? ` Did you mean "${PLANNER_PREFIX}${name}"?` : didYouMean(name, names);
  throw new UsageError('unknown-policy', `A policy must be one of ${names.join(', ')}; got "${name}".${near}`);
}
