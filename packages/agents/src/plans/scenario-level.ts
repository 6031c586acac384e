/**
 * A level of a scenario as a planning problem: who is where at tick 0, and where the task sends everybody. Scenario, seed and split name it, as they name
 * an episode. Limits: tasks that are about reaching places, all of them at once, or for one walker one after the other; what else must be done on the way
 * (items, doors) is for policies.
 */
import { type BatchEnv, type CompiledScenario, createBatchEnv, loadScenario, type ScenarioSource } from '@kinovox/env';
import { describeFormula, formulaKind, type ResolvedFormula, type Split, UsageError } from '@kinovox/world';
import { AgentView, LevelCache } from '../agent-view.js';
import type { GridMember } from '../policies/squad-grid.js';
import { barsPlans, type GoJob } from '../policies/walker-query.js';
import { solverOf } from '../scenario-bench.js';
import { Beliefs } from '../task/beliefs.js';
import type { Orders } from '../task/job.js';
import { TaskReader } from '../task/task-reader.js';

export interface LevelChoice {
  /** Of the episode: it names the level and what is drawn. */
  readonly seed: number;
  readonly split: Split;
}

/** An agent, where it is sent, and its orders; `job` is undefined where it is sent nowhere. */
export interface SentAgent extends GridMember {
  readonly job: GoJob | undefined;
  readonly orders: Orders;
}

export interface ScenarioLevel {
  /** Scenario, split and seed. */
  readonly name: string;
  readonly choice: LevelChoice;
  /** One world at tick 0; whoever steps it resets it to the seed. Close it. */
  readonly env: BatchEnv;
  /** In slot order. */
  readonly agents: readonly SentAgent[];
  /** A part of the task that asks for places one after the other, which one walker alone can be sent to: it is sent to the first one that is open. */
  readonly sequence: ResolvedFormula | undefined;
}

/**
 * @throws UsageError `unplanned-goal` for a task that is not about reaching places, and for a world of doors, props or survival;
 *   ScenarioError for a scenario that is not valid.
 */
export async function openLevel(source: ScenarioSource, choice: LevelChoice): Promise<ScenarioLevel> {
  const compiled = loadScenario(source);
  const sequence = assertPlaces(compiled);
  const env = await createBatchEnv({
    scenario: compiled,
    ...choice,
    autoreset: 'disabled',
    observe: false,
    actionProfile: 'native',
  });
  try {
    env.reset({ seed: choice.seed });
    const levels = new LevelCache(env);
    const agents = env.agentIds.map((_, slot) => sent(compiled, new AgentView(env, levels, 0, slot)));
    return { name: `${compiled.base.id} (${choice.split}, seed ${choice.seed})`, choice, env, agents, sequence };
  } catch (error) {
    env.close();
    throw error;
  }
}

function sent(compiled: CompiledScenario, view: AgentView): SentAgent {
  const bar = barsPlans(view);
  if (bar !== undefined) refuseGoal(compiled, `a world with ${bar}, which plans do not reckon with`);
  const beliefs = new Beliefs(view);
  beliefs.reset();
  beliefs.listen();
  const { formula } = beliefs;
  const { id } = view.roster[view.slot];
  if (formula === undefined) {
    if (hasTask(compiled, view)) refuseGoal(compiled, `the agent "${id}", to whom the goal, or a part of it, is hidden`);
    return { view, box: undefined, near: undefined, keepOut: [], job: undefined, orders: { job: undefined, goals: [], keepOut: [] } };
  }
  const orders = new TaskReader(view, undefined).read(formula);
  const job = orders.job?.kind === 'go' ? orders.job : undefined;
  return { view, box: job?.box, near: job?.near, keepOut: orders.keepOut, job, orders };
}

function hasTask({ scenario: { task } }: CompiledScenario, { roster, slot }: AgentView): boolean {
  return !('perTeam' in task) || task.perTeam[roster[slot].team] !== undefined;
}

/** What is asked must be places that are reached; what must never happen is no goal. @returns a sequence in it, which only a lone walker may have. */
function assertPlaces(compiled: CompiledScenario): ResolvedFormula | undefined {
  const { task, agents } = compiled.base;
  const formulas = 'perTeam' in task ? Object.values(task.perTeam) : [task];
  const found: ResolvedFormula[] = [];
  for (const formula of formulas) {
    const other = otherThanPlaces(formula as ResolvedFormula, found);
    if (other !== undefined) refuseGoal(compiled, `the goal "${describeFormula(other)}" (${formulaKind(other)})`);
  }
  const [sequence] = found;
  if (sequence !== undefined && (agents.length > 1 || agents[0].body.type !== 'walker'))
    refuseGoal(compiled, `the goal "${describeFormula(sequence)}" (sequence), which is planned for one walker alone`);
  return sequence;
}

/** @param sequences collects those that are met. */
function otherThanPlaces(formula: ResolvedFormula, sequences: ResolvedFormula[]): ResolvedFormula | undefined {
  const parts = 'all' in formula ? formula.all : 'sequence' in formula ? formula.sequence : undefined;
  if (parts !== undefined) {
    if ('sequence' in formula) sequences.push(formula);
    for (const part of parts) {
      const other = otherThanPlaces(part, sequences);
      if (other !== undefined) return other;
    }
    return undefined;
  }
  if ('near' in formula) return typeof formula.near.of === 'string' || typeof formula.near.of[0] === 'string' ? formula : undefined;
  return 'reach' in formula || 'never' in formula || 'alive' in formula ? undefined : formula;
}

function refuseGoal(compiled: CompiledScenario, got: string): never {
  const { id } = compiled.base;
  throw new UsageError(
    'unplanned-goal',
    `A scenario that is planned for must ask agents to reach places, all at one time (a lone walker also in sequence) and by their own power; got ${got} in ${id}. Play it by a policy: kinovox run --scenario ${id} --policy ${solverOf(compiled)}.`,
  );
}
