/** A suite: named scenarios that are evaluated together. Its hash changes with any of them, so that figures of different suites are not mixed up. */
import type { CompiledScenario } from '@kinovox/env';
import { hashText, UsageError } from '@kinovox/world';

export interface Suite {
  id: string;
  /** Of the ids and content of the scenarios, 16 hexadecimal digits; their order does not matter. */
  hash: string;
  scenarios: readonly CompiledScenario[];
}

/** @throws UsageError for no scenario, or one that is given twice. */
export function createSuite(id: string, scenarios: readonly CompiledScenario[]): Suite {
  const ids = scenarios.map(({ scenario }) => scenario.id);
  if (ids.length === 0) throw new UsageError('empty-suite', `A suite must hold a scenario; got none in "${id}". Name some.`);
  const twice = ids.find((name, i) => ids.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError('suite-twice', `A suite must hold each scenario once; got "${twice}" twice in "${id}". Leave one out.`);
  const lines = scenarios.map(({ scenario, program }) => `${scenario.id} ${program.scenarioHash}`).sort();
  return { id, hash: hashText(lines.join('\n')), scenarios };
}

/** Teams that have a task of their own, in the order of the tasks; empty where all agents share one. */
export function teamsWithTasks(compiled: CompiledScenario): string[] {
  const { task } = compiled.scenario;
  return 'perTeam' in task ? Object.keys(task.perTeam as object) : [];
}
