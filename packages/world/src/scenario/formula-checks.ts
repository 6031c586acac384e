/** Checks of tasks and reward conditions: the names that formulas hold, and their limits. */
import type { Cell, CheckContext, Path, Region } from './check-context.js';
import { type AnyFormula, formulasOfTask, visitFormula } from './formula-walk.js';
import { expandedIds } from './selection.js';
import { MAX_FORMULA_DEPTH, MAX_FORMULA_NODES } from './task-schema.js';

export function checkTask(check: CheckContext): void {
  const formulas = formulasOfTask(check.scenario.task);
  if (formulas.length === 0) check.add('empty-task', ['task', 'perTeam'], 'must have a formula for at least one team', {});
  for (const { team, formula, path } of formulas) {
    if (team !== undefined) check.team(team, path);
    checkFormula(check, formula, path);
  }
}

export function checkRewards(check: CheckContext): void {
  for (const [i, reward] of check.scenario.rewards.entries()) {
    const path: Path = ['rewards', i];
    check.selector(reward.agents, [...path, 'agents']);
    if (typeof reward.on === 'object') checkFormula(check, reward.on as AnyFormula, [...path, 'on']);
  }
}

function checkFormula(check: CheckContext, root: AnyFormula, rootPath: Path): void {
  let numNodes = 0;
  let deepest = 0;
  visitFormula(root, rootPath, (formula, kind, path, depth) => {
    numNodes++;
    deepest = Math.max(deepest, depth);
    checkNode(check, formula, kind, [...path, kind]);
  });
  if (deepest > MAX_FORMULA_DEPTH) check.add('limit', rootPath, `must be at most ${MAX_FORMULA_DEPTH} levels deep`, deepest);
  if (numNodes > MAX_FORMULA_NODES) check.add('limit', rootPath, `must have at most ${MAX_FORMULA_NODES} parts`, numNodes);
}

function checkNode(check: CheckContext, formula: AnyFormula, kind: string, path: Path): void {
  const body = formula[kind] as Record<string, unknown>;
  const has = (key: string) => typeof body === 'object' && body !== null && !Array.isArray(body) && body[key] !== undefined;
  if (kind === 'not' || kind === 'never' || kind === 'all' || kind === 'any' || kind === 'sequence') return;
  if (has('agents')) check.selector(body.agents as string | string[], [...path, 'agents']);
  if (has('region')) check.region(body.region as Region, [...path, 'region']);
  if (has('item')) check.item(body.item as string, [...path, 'item']);
  if (has('block')) check.block(body.block as string, [...path, 'block']);
  if (kind === 'killed' && has('mob')) check.mob(body.mob as string, [...path, 'mob']);
  if (kind === 'traded' && body.from === 'traders') check.trader([...path, 'from']);
  if (kind === 'triggered') check.mechanism(body.mechanism as string, [...path, 'mechanism']);
  if (has('prop')) check.names(body.prop as string | string[], check.propNames, [...path, 'prop'], 'must be the id of a prop');
  if (kind === 'inside' && has('container')) checkContainer(check, body as unknown as InContainer, [...path, 'container']);
  if (kind === 'stacked') checkStack(check, body.props as string[], [...path, 'props']);
  if (kind === 'said') check.symbol(body.symbol as string, [...path, 'symbol']);
  for (const key of ['of', 'target', 'by'])
    if (has(key) && kind !== 'count') check.target(body[key] as string | string[] | Cell, [...path, key]);
  if (kind === 'built' && has('pattern')) {
    for (const [i, entry] of (body.pattern as { at: Cell; block: string }[]).entries()) {
      check.cell(entry.at, [...path, 'pattern', i, 'at']);
      check.block(entry.block, [...path, 'pattern', i, 'block']);
    }
  }
}

/** Each entry of a stack is one prop, and no prop stands on itself. */
function checkStack(check: CheckContext, ids: readonly string[], path: Path): void {
  for (const [i, id] of ids.entries()) {
    check.name(id, check.propNames, [...path, i], 'must be the id of a prop');
    if ((check.propNames.get(id)?.length ?? 1) > 1)
      check.add('stack', [...path, i], 'must be one prop, not a counted entry of several', id, `Write "${id}-0".`);
  }
  check.unique(ids, path, 'prop');
}

interface InContainer {
  readonly prop: string | readonly string[];
  readonly container: string;
  readonly quantifier: 'all' | 'any';
}

function checkContainer(check: CheckContext, { prop: inside, container: id, quantifier }: InContainer, path: Path): void {
  check.name(id, check.propNames, path, 'must be the id of a prop');
  const entry = check.scenario.props.find((prop) => expandedIds(prop).includes(id));
  if (entry !== undefined && !('container' in entry.shape))
    check.add('container', path, 'must be a prop of shape "container"', id, 'Give it that shape, or name a region.');
  else if (entry === undefined && check.propNames.has(id))
    check.add('container', path, 'must be one prop, not a counted entry of several', id, `Write "${id}-0".`);
  const own = check.propNames.get(id);
  const slots = [inside].flat().flatMap((name) => check.propNames.get(name) ?? []);
  const isOwn = (slot: number) => own?.length === 1 && slot === own[0];
  // Of "any" of several, another may be inside it.
  if (slots.length > 0 && (quantifier === 'any' ? slots.every(isOwn) : slots.some(isOwn)))
    check.add('container-self', path, 'must be another prop than what must lie inside it', id, 'Name another container, or a region.');
}
