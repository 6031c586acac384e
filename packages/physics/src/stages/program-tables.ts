/** What a program holds as lists of objects, as flat tables for the kernels. Shape letters: A agents, G shown goals, W reward terms. */
import type { ScenarioProgram } from '../program.js';

/** Columns of `goals`; see `GoalEntry`. */
export const GOAL_COLUMN = { id: 0, kind: 1, index: 2, node: 3, priority: 4, deadline: 5 } as const;
export const GOAL_COLUMNS = 6;
export const GOAL_KIND = { place: 0, agent: 1, prop: 2 } as const;

/** Columns of `rewards`; see `RewardTerm`. */
export const REWARD_COLUMN = { on: 0, root: 1, valueQ16: 2 } as const;
export const REWARD_COLUMNS = 3;
export const REWARD_ON = { success: 0, failure: 1, progress: 2, event: 3 } as const;

export interface ProgramTables {
  /** `[A, G, GOAL_COLUMNS]`, most urgent first. */
  goals: Int32Array;
  /** `[A]` how many rows of an agent are used. */
  numGoals: Int32Array;
  /** `[W, REWARD_COLUMNS]` */
  rewards: Int32Array;
  /** `[W, A]` 1 = the agent is paid. */
  rewardAgents: Uint8Array;
  numRewards: number;
}

export function createProgramTables(program: ScenarioProgram): ProgramTables {
  const { numAgents, rewards } = program;
  const rows = program.observation.goals;
  const goals = new Int32Array(numAgents * rows * GOAL_COLUMNS);
  const numGoals = Int32Array.from({ length: numAgents }, (_, a) => Math.min(rows, program.goals[a]?.length ?? 0));
  numGoals.forEach((count, a) => {
    for (let k = 0; k < count; k++) {
      const { id, kind, index, node, priority, deadline } = program.goals[a][k];
      goals.set([id, GOAL_KIND[kind], index, node, priority, deadline], (a * rows + k) * GOAL_COLUMNS);
    }
  });
  const terms = new Int32Array(rewards.length * REWARD_COLUMNS);
  const rewardAgents = new Uint8Array(rewards.length * numAgents);
  rewards.forEach((term, t) => {
    terms.set([REWARD_ON[term.on], term.root, term.valueQ16], t * REWARD_COLUMNS);
    rewardAgents.set(term.agents.subarray(0, numAgents), t * numAgents);
  });
  return { goals, numGoals, rewards: terms, rewardAgents, numRewards: rewards.length };
}
