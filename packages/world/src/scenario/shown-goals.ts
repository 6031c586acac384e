/**
 * What an agent is shown of its task: all of it, nothing, or parts by name. Who is shown a part knows the parameters that stand in it, and no others.
 * Data flow: an agent's `goals` and the published task -> the parameters of a level that it knows from the beginning.
 */
import { type AnyFormula, partsOf, visitFormula } from './formula-walk.js';
import { type ParameterValue, type ParameterValues, visitParameterRefs } from './parameters.js';
import type { ResolvedScenario, Scenario } from './schema.js';

type Shown = Pick<ResolvedScenario['agents'][number], 'goals' | 'team'>;

/** Whether an agent is shown a part of its task. @param names of the part and of all parts that it stands in. */
export function isShown({ goals }: Pick<Shown, 'goals'>, names: readonly string[]): boolean {
  return goals === 'visible' || (goals !== 'hidden' && names.some((name) => goals.includes(name)));
}

/** Names of the parts of a formula, each once. */
export function partNames(formula: object): string[] {
  const names = new Set<string>();
  visitFormula(formula as AnyFormula, [], ({ name }) => {
    if (typeof name === 'string') names.add(name);
  });
  return [...names];
}

/** The formula of a team, as the scenario is published; undefined where it has none. */
export function teamTask({ task }: Pick<Scenario, 'task'>, team: string): object | undefined {
  return 'perTeam' in task ? (task.perTeam as Record<string, object | undefined>)[team] : task;
}

/**
 * Of the parameters that a level drew, those that an agent knows from the beginning.
 * @param scenario as published. @param drawn values of the level's parameters, by name.
 */
export function knownParameters(scenario: Pick<Scenario, 'task'>, agent: Shown, drawn: ParameterValues): Record<string, ParameterValue> {
  if (agent.goals === 'visible') return { ...drawn };
  const known: Record<string, ParameterValue> = {};
  const visit = (formula: AnyFormula, around: readonly string[]): void => {
    const names = typeof formula.name === 'string' ? [...around, formula.name] : around;
    if (!isShown(agent, names)) for (const { part } of partsOf(formula)) visit(part, names);
    else
      visitParameterRefs(formula, [], ({ param }) => {
        known[param] = drawn[param];
      });
  };
  const task = teamTask(scenario, agent.team);
  if (task !== undefined) visit(task as AnyFormula, []);
  return known;
}
