/** A level as a grid problem: the cells on which `planner:lacam` plans for teams of one kind of body, with a start and a goal for each agent. */
import type { GridProblem } from '@kinovox/planning';
import { describeFormula, UsageError } from '@kinovox/world';
import { SquadGrid } from '../policies/squad-grid.js';
import { bodyKind, isSquadKind, type SquadKind } from '../policies/squad-kind.js';
import type { ScenarioLevel, SentAgent } from './scenario-level.js';

/**
 * `reason`: why no plan over these cells can be a good one, whatever planner; the problem then has agents that go nowhere. It is about the cells, each of
 * which leaves room for a whole body: it proves nothing about bodies that need not go from cell to cell.
 */
export interface LevelGrid {
  readonly problem: GridProblem | undefined;
  readonly reason: string | undefined;
}

/**
 * @param count the first agents in slot order; the others are obstacles where they are. Default: all.
 * @throws UsageError `planner-body` for bodies that do not plan on one grid, `unplanned-goal` for a sequence of places, `planner-zones` where what one must
 *   keep out of may bar the way of others, `too-few-agents`.
 */
export function gridOfLevel({ agents, name, sequence }: ScenarioLevel, count = agents.length): LevelGrid {
  if (sequence !== undefined)
    throw new UsageError(
      'unplanned-goal',
      `A plan on a grid must be for places that are reached at one time; got the goal "${describeFormula(sequence)}" (sequence) in ${name}. Use --planner voxel, which goes to one after the other.`,
    );
  if (count > agents.length)
    throw new UsageError(
      'too-few-agents',
      `The level must have the ${count} agents that are asked for; got ${agents.length} in ${name}. Ask for at most ${agents.length}.`,
    );
  const members = agents.slice(0, count);
  const kind = kindOf(members, name);
  const others = agents.slice(count).map(({ view }) => view.slot);
  const grid = new SquadGrid(kind, members[0].view, others);
  const heights = new Set(members.map(({ view }) => view.cellOf()[1]));
  if (kind !== 'quadcopter' && heights.size > 1)
    throw new UsageError(
      'planner-body',
      `Agents that plan on one grid must stand on one level; got heights ${[...heights].join(', ')} in ${name}. Play it: --policy planner:lacam moves those of one level first.`,
    );
  const problem = grid.problem(members);
  if (problem === undefined) return { problem, reason: `There are not ${count} free cells for the agents to begin in.` };
  const astray = grid.astray(members, problem);
  if (astray !== undefined && !keepOutOfTheSame(members))
    throw new UsageError(
      'planner-zones',
      `Agents that plan on one grid must keep out of the same places where these may bar a way; got different ones in ${name}, and no way for "${astray.view.roster[astray.view.slot].id}" around them all. Play it: --policy scripted keeps each out of its own.`,
    );
  const reason =
    astray === undefined
      ? undefined
      : `There is no way over the cells of the grid, or no room left, for "${astray.view.roster[astray.view.slot].id}" where the task sends it.`;
  return { problem: { ...problem, name }, reason };
}

function keepOutOfTheSame([first, ...others]: readonly SentAgent[]): boolean {
  const zones = ({ keepOut }: SentAgent): string => JSON.stringify(keepOut);
  return others.every((member) => zones(member) === zones(first));
}

function kindOf(members: readonly SentAgent[], name: string): SquadKind {
  const kinds = members.map(({ view: { roster, slot } }) => bodyKind(roster[slot]));
  const other = kinds.find((kind) => kind !== kinds[0]);
  if (other !== undefined)
    throw new UsageError(
      'planner-body',
      `Agents that plan on one grid must be of one kind; got a ${kinds[0]} and a ${other} in ${name}. Play it by a policy: --policy planner:lacam plans for each kind by itself, where it can.`,
    );
  const [kind] = kinds;
  if (!isSquadKind(kind))
    throw new UsageError(
      'planner-body',
      `Agents that plan on a grid must be walkers, rovers or quadcopters; got a ${kind} in ${name}. Play it: --policy scripted.`,
    );
  return kind;
}
