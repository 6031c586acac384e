/**
 * Achievements: the parts with a name that an `all`, `any` or `count` at the top of a task collects, where there are several.
 * One counts as reached in an episode once it was satisfied at any tick. What must not happen (`never`, `not`) is none.
 */
import { formulaKind, type ResolvedFormula, type ResolvedScenario } from '@kinovox/world';

/** With fewer, the parts are steps of a task rather than a list to tick off. */
const FEWEST = 4;

export interface Achievement {
  /** Its name, after that of its team where every team has a task; unique in the scenario. */
  name: string;
  formula: ResolvedFormula;
}

/** All achievements of a scenario, in the order of the file. */
export function achievementsOf(task: ResolvedScenario['task']): Achievement[] {
  const isPerTeam = 'perTeam' in task;
  const tasks: [string, ResolvedFormula][] = isPerTeam
    ? Object.entries(task.perTeam as Record<string, ResolvedFormula>)
    : [['', task as ResolvedFormula]];
  const used = new Set<string>();
  return tasks.flatMap(([team, formula]) => {
    const found: ResolvedFormula[] = [];
    collect(formula, found);
    if (found.length < FEWEST) return [];
    return found.map((part) => ({ name: unused(isPerTeam ? `${team}: ${part.name}` : part.name!, used), formula: part }));
  });
}

/** Crafter's score in percent: the geometric mean of the success rates, exp(mean(ln(1 + 100 rate))) - 1 (Hafner, "Benchmarking the Spectrum of Agent Capabilities", 2021). */
export function achievementScore(rates: readonly number[]): number {
  if (rates.length === 0) return 0;
  return Math.exp(rates.reduce((sum, rate) => sum + Math.log(1 + 100 * rate), 0) / rates.length) - 1;
}

function collect(formula: ResolvedFormula, found: ResolvedFormula[]): void {
  const kind = formulaKind(formula);
  const body = (formula as Record<string, unknown>)[kind];
  const parts = kind === 'count' ? (body as { of: unknown[] }).of : kind === 'all' || kind === 'any' ? (body as unknown[]) : [];
  for (const part of parts as ResolvedFormula[]) {
    if (part.name !== undefined && !('never' in part || 'not' in part)) found.push(part);
    else collect(part, found);
  }
}

function unused(name: string, used: Set<string>): string {
  let own = name;
  for (let k = 2; used.has(own); k++) own = `${name} (${k})`;
  used.add(own);
  return own;
}
