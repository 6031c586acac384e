/** Which parts of a task are achievements: the parts with a name that an `all`, `any` or `count` at its top collects, where there are several. */
import type { MonitorProgram } from '@kinovox/physics';
import { describeFormula, formulaKind, type ResolvedFormula, type ResolvedScenario } from '@kinovox/world';
import { partsOf } from './monitor-parts.js';

/** With fewer, bars of progress say more than a list to tick off. */
const FEWEST = 4;

/** What must be done for each achievement, by node. */
export function achievementGoals(task: ResolvedScenario['task'], monitor: MonitorProgram): Map<number, string> {
  const formulas = 'perTeam' in task ? Object.values(task.perTeam as Record<string, ResolvedFormula>) : [task as ResolvedFormula];
  const goals = new Map<number, string>();
  formulas.forEach((formula, root) => {
    const found = new Map<number, string>();
    collect(formula, monitor, monitor.roots[root], found);
    if (found.size >= FEWEST) for (const [node, goal] of found) goals.set(node, goal);
  });
  return goals;
}

function collect(formula: ResolvedFormula, monitor: MonitorProgram, node: number, found: Map<number, string>): void {
  const kind = formulaKind(formula);
  const body = (formula as Record<string, unknown>)[kind];
  const parts =
    kind === 'count' ? (body as { of: ResolvedFormula[] }).of : kind === 'all' || kind === 'any' ? (body as ResolvedFormula[]) : [];
  // The compiler keeps the parts of these three in the order of the file.
  const nodes = partsOf(monitor, node);
  parts.forEach((part, i) => {
    const isPromise = 'never' in part || 'not' in part;
    if (part.name !== undefined && !isPromise) found.set(nodes[i], describeFormula(part));
    else collect(part, monitor, nodes[i], found);
  });
}
