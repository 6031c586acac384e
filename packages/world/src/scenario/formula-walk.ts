/** Walks a formula: its parts with their paths, its size and depth. */
import type { PathKey } from './schema-walk.js';
import { type CombinatorName, formulaKind, type PredicateName } from './task-schema.js';

/** Any formula, drawn values written out or not. */
export type AnyFormula = { [key: string]: unknown };

/** The direct parts of a formula with their paths below it; empty for a predicate. */
export function partsOf(formula: AnyFormula): { part: AnyFormula; path: PathKey[] }[] {
  const kind = formulaKind(formula);
  const body = formula[kind];
  const listed = (parts: unknown, ...path: PathKey[]) => (parts as AnyFormula[]).map((part, i) => ({ part, path: [...path, i] }));
  const named = (...keys: string[]) => keys.map((key) => ({ part: (body as Record<string, AnyFormula>)[key], path: [kind, key] }));
  switch (kind) {
    case 'all':
    case 'any':
    case 'sequence':
      return listed(body, kind);
    case 'count':
      return listed((body as { of: unknown }).of, kind, 'of');
    case 'until':
      return named('hold', 'goal');
    case 'before':
      return named('first', 'then');
    case 'within':
      return named('goal');
    case 'never':
    case 'not':
      return [{ part: body as AnyFormula, path: [kind] }];
    default:
      return [];
  }
}

/** Visits a formula and all its parts, parents first. The depth of the root is 1. */
export function visitFormula(
  formula: AnyFormula,
  path: PathKey[],
  visit: (formula: AnyFormula, kind: PredicateName | CombinatorName, path: PathKey[], depth: number) => void,
  depth = 1,
): void {
  visit(formula, formulaKind(formula), path, depth);
  for (const inner of partsOf(formula)) visitFormula(inner.part, [...path, ...inner.path], visit, depth + 1);
}

/** The formulas of a task with their paths: one, or one per team. */
export function formulasOfTask(task: object): { team: string | undefined; formula: AnyFormula; path: PathKey[] }[] {
  if (!('perTeam' in task)) return [{ team: undefined, formula: task as AnyFormula, path: ['task'] }];
  return Object.entries(task.perTeam as Record<string, AnyFormula>).map(([team, formula]) => ({
    team,
    formula,
    path: ['task', 'perTeam', team],
  }));
}
