/**
 * Compiles the task and rewards of a resolved scenario to the monitor program, the reward terms and the goals.
 * Called for every level variant: tables come out equal and only the constants differ, or the scenario is refused.
 */
import type { GoalEntry, MonitorProgram, RewardTerm } from '@kinovox/physics';
import { type Palette, type ResolvedFormula, type ResolvedScenario, type Reward, selectAgents } from '@kinovox/world';
import type { ConstantPool } from '../constant-pool.js';
import { achievementsOf } from './achievements.js';
import { FormulaCompiler } from './formula-compiler.js';
import { compileGoals } from './goals.js';
import { PredicateCompiler } from './predicate-compiler.js';
import { taskError } from './task-error.js';

export interface CompiledTask {
  monitor: MonitorProgram;
  rewards: RewardTerm[];
  /** Per agent, most urgent first. */
  goals: GoalEntry[][];
  /** One name per task root: the teams, or the name of the one task. */
  taskNames: string[];
  /** Names of the monitor's achievements. */
  achievementNames: string[];
  /** `[A]` task root of each agent. */
  taskOfAgent: Uint8Array;
}

/** A task before it is compiled. */
interface Task {
  name: string;
  formula: ResolvedFormula;
  /** Agents that are judged and paid by it. */
  slots: number[];
  path: string;
}

/** Largest reward in Q16 words; float sums of many such terms are still exact. */
const MAX_REWARD = 256;

/**
 * @param constants receives this variant's numbers; the mechanisms' may follow in the same pool.
 * @throws ScenarioError for what is not simulated, for names that do not exist, and for rewards beyond 256.
 */
export function compileTask(scenario: ResolvedScenario, palette: Palette, constants: ConstantPool): CompiledTask {
  const tasks = tasksOf(scenario);
  const formulas = new FormulaCompiler(scenario, palette, constants);
  const roots = tasks.map((task) => formulas.compile(task.formula, task.path, true));
  const rewards = scenario.rewards.flatMap((reward, i) =>
    compileReward(reward as Reward, `rewards[${i}]`, scenario, tasks, formulas, roots),
  );
  const goals = compileGoals(scenario, new PredicateCompiler(scenario, palette, constants), constants, tasks, formulas.nodeOf);
  const taskOfAgent = Uint8Array.from(scenario.agents, (_, slot) =>
    Math.max(
      0,
      tasks.findIndex((task) => task.slots.includes(slot)),
    ),
  );
  const achievements = achievementsOf(scenario.task);
  return {
    monitor: formulas.finish(
      roots,
      tasks.length,
      achievements.map(({ formula }) => formula),
    ),
    rewards,
    goals,
    taskNames: tasks.map((task) => task.name),
    achievementNames: achievements.map(({ name }) => name),
    taskOfAgent,
  };
}

/** The names of all formula nodes with this variant's numbers in them, for explanations; `monitor.names` has those of the base variant. */
export function describeNodes(scenario: ResolvedScenario, palette: Palette, constants: ConstantPool): string[] {
  return compileTask(scenario, palette, constants).monitor.names;
}

/** One task for everybody, or one per team; agents of a team without a task end with the first task, but it does not pay them. */
function tasksOf(scenario: ResolvedScenario): Task[] {
  const { task, agents } = scenario;
  if (!('perTeam' in task)) {
    const formula = task as ResolvedFormula;
    return [{ name: formula.name ?? 'task', formula, slots: agents.map((_, slot) => slot), path: 'task' }];
  }
  const teams = Object.entries(task.perTeam as Record<string, ResolvedFormula>);
  if (teams.length === 0)
    throw taskError(
      'no-task',
      'task.perTeam',
      'A task must have a formula for at least one team; got none at task.perTeam. Add {"team": formula}.',
    );
  return teams.map(([team, formula]) => {
    const slots = agents.flatMap((agent, slot) => (agent.team === team ? [slot] : []));
    const path = `task.perTeam.${team}`;
    if (slots.length === 0)
      throw taskError(
        'unknown-team',
        path,
        `A task must belong to a team that has agents; got "${team}" at ${path}. Use one of ${[...new Set(agents.map((agent) => agent.team))].join(', ')}.`,
      );
    return { name: team, formula, slots, path };
  });
}

/** One term per task for what the task decides; one for a formula of its own, whose root is added to `roots`. */
function compileReward(
  reward: Reward,
  path: string,
  scenario: ResolvedScenario,
  tasks: readonly Task[],
  formulas: FormulaCompiler,
  roots: number[],
): RewardTerm[] {
  const { name, on, value } = reward;
  if (!(Math.abs(value) <= MAX_REWARD)) {
    throw taskError(
      'reward-value',
      `${path}.value`,
      `A reward must be from -${MAX_REWARD} to ${MAX_REWARD}; got ${value} at ${path}.value. Scale all rewards down.`,
    );
  }
  const paid = selectAgents(scenario.agents, reward.agents as string | string[]);
  const term = (root: number, kind: RewardTerm['on'], slots: readonly number[]): RewardTerm => ({
    name,
    on: kind,
    root,
    valueQ16: Math.round(value * 65536),
    agents: Uint8Array.from(scenario.agents, (_, slot) => (slots.includes(slot) ? 1 : 0)),
  });
  if (typeof on !== 'string') {
    roots.push(formulas.compile(on as ResolvedFormula, `${path}.on`, false));
    return [term(roots.length - 1, 'event', paid)];
  }
  return tasks
    .map((task, root) =>
      term(
        root,
        on,
        paid.filter((slot) => task.slots.includes(slot)),
      ),
    )
    .filter((one) => one.agents.includes(1));
}
