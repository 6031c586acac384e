/**
 * Goals: the places, agents and props that an agent's task sends it to, in the order of the task.
 * Only what leads to success counts: nothing under `never`, `not`, the `hold` of `until` or the `then` of `before`.
 */
import type { GoalEntry } from '@kinovox/physics';
import { formulaKind, isShown, type ResolvedFormula, type ResolvedScenario, selectAgents, toQ16 } from '@kinovox/world';
import type { ConstantPool } from '../constant-pool.js';
import type { PredicateCompiler, Target } from './predicate-compiler.js';

type Cell = readonly [number, number, number];
type Region = readonly [Cell, Cell];
type Fields = Record<string, unknown>;

/** A target with the agents whose goal it is. */
interface Aim {
  slots: readonly number[];
  target: Target;
}

/**
 * Goals of each agent.
 * @param tasks the formula of each task and the slots of those whose task it is.
 * @param nodeOf monitor node of each formula.
 */
export function compileGoals(
  scenario: ResolvedScenario,
  predicates: PredicateCompiler,
  constants: ConstantPool,
  tasks: readonly { formula: ResolvedFormula; slots: readonly number[] }[],
  nodeOf: ReadonlyMap<object, number>,
): GoalEntry[][] {
  const goals: GoalEntry[][] = scenario.agents.map(() => []);
  let id = 0;
  const visit = (formula: ResolvedFormula, members: readonly number[], deadlineTick: number, around: readonly string[] = []): void => {
    const kind = formulaKind(formula);
    const body = (formula as unknown as Fields)[kind] as Fields;
    const names = formula.name === undefined ? around : [...around, formula.name];
    const inner = (part: unknown, tick = deadlineTick) => visit(part as ResolvedFormula, members, tick, names);
    if (kind === 'all' || kind === 'any' || kind === 'sequence') for (const part of body as unknown as unknown[]) inner(part);
    else if (kind === 'count') for (const part of body.of as unknown[]) inner(part);
    else if (kind === 'until') inner(body.goal);
    else if (kind === 'before') inner(body.first);
    else if (kind === 'within') inner(body.goal, Math.min(deadlineTick, body.ticks as number));
    else {
      const aims = aimsOf(kind, body, scenario, predicates, members);
      if (aims.length === 0) return;
      id++;
      const node = nodeOf.get(formula)!;
      const deadline = constants.add([deadlineTick]);
      for (const { slots, target } of aims)
        addEntries(
          goals,
          slots.filter((slot) => members.includes(slot) && isShown(scenario.agents[slot], names)),
          target,
          { id, node, deadline },
          constants,
        );
    }
  };
  for (const task of tasks) visit(task.formula, task.slots, scenario.episode.maxTicks);
  return goals.map((entries) => entries.map((entry, i) => ({ ...entry, priority: i + 1 })));
}

function addEntries(
  goals: GoalEntry[][],
  slots: readonly number[],
  target: Target,
  shared: Pick<GoalEntry, 'id' | 'node' | 'deadline'>,
  constants: ConstantPool,
): void {
  if (target.kind === 'place') {
    const index = constants.add(target.pointQ16);
    for (const slot of slots) goals[slot].push({ ...shared, kind: 'place', index, priority: 0 });
    return;
  }
  const kind = target.kind === 'agents' ? 'agent' : 'prop';
  for (const slot of slots) {
    for (const index of target.slots) if (kind === 'prop' || index !== slot) goals[slot].push({ ...shared, kind, index, priority: 0 });
  }
}

/** What a predicate sends which agents to; empty for those that name no place. */
function aimsOf(kind: string, body: Fields, scenario: ResolvedScenario, predicates: PredicateCompiler, members: readonly number[]): Aim[] {
  const select = () => selectAgents(scenario.agents, body.agents as string | string[]);
  switch (kind) {
    case 'reach':
      return [{ slots: select(), target: centreOf(body.region as Region) }];
    case 'near':
      return [{ slots: select(), target: predicates.target(body.of as string, 'floor', 'near.of') }];
    case 'sees':
      return [{ slots: select(), target: predicates.target(body.target as string, 'centre', 'sees.target') }];
    case 'touched': {
      const by = predicates.target(body.by as string, 'centre', 'touched.by');
      const touched: Aim = { slots: select(), target: by };
      // Contact is mutual: those who must touch are sent to those who must be touched.
      return by.kind === 'agents'
        ? [touched, { slots: by.slots.filter((slot) => !touched.slots.includes(slot)), target: { kind: 'agents', slots: touched.slots } }]
        : [touched];
    }
    case 'built': {
      const cells = (body.pattern as { at: Cell }[] | undefined)?.map((cell) => cell.at);
      const region = cells === undefined ? (body.region as Region) : ([cells.reduce(least), cells.reduce(greatest)] as const);
      return [{ slots: members, target: centreOf(region) }];
    }
    case 'triggered':
      return triggerPlaces(scenario, body.mechanism as string, new Set()).map((target) => ({ slots: members, target }));
    case 'propIn':
    case 'inside': {
      const { container } = body;
      return [
        { slots: members, target: predicates.target(body.prop as string, 'centre', `${kind}.prop`) },
        {
          slots: members,
          target:
            container === undefined
              ? centreOf(body.region as Region)
              : predicates.target(container as string, 'centre', `${kind}.container`),
        },
      ];
    }
    case 'moved':
    case 'upright':
      return [{ slots: members, target: predicates.target(body.prop as string, 'centre', `${kind}.prop`) }];
    case 'stacked':
      return (body.props as string[]).map((id) => ({ slots: members, target: predicates.target(id, 'centre', 'stacked.props') }));
    default:
      return [];
  }
}

/** Plates and levers that work a mechanism, also through other mechanisms. */
function triggerPlaces(scenario: ResolvedScenario, id: string, seen: Set<string>): Target[] {
  const mechanism = scenario.mechanisms.find((one) => one.id === id);
  if (mechanism === undefined || seen.has(id)) return [];
  seen.add(id);
  const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
  return triggers.flatMap((trigger): Target[] => {
    if ('plate' in trigger) return [floorOf(trigger.plate)];
    if ('plates' in trigger) return [centreOf(trigger.plates)];
    if ('lever' in trigger) return [floorOf(trigger.lever)];
    return 'clock' in trigger ? [] : triggerPlaces(scenario, trigger.mechanism, seen);
  });
}

function centreOf([from, to]: Region): Target {
  const middle = (axis: 0 | 1 | 2) => toQ16((from[axis] + to[axis] + 1) / 2);
  return { kind: 'place', pointQ16: [middle(0), middle(1), middle(2)] };
}

function floorOf([x, y, z]: Cell): Target {
  return { kind: 'place', pointQ16: [toQ16(x + 0.5), toQ16(y), toQ16(z + 0.5)] };
}

function least(a: Cell, b: Cell): Cell {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.min(a[2], b[2])];
}

function greatest(a: Cell, b: Cell): Cell {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.max(a[2], b[2])];
}
