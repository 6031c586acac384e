/**
 * Prioritised planning on grids, in steps and in continuous time: one agent after the other, each by safe interval path planning around those before it. An
 * agent that finds no way goes to the front, and all begin anew. With a plan in hand, a few agents at a time are planned anew around the others, and the
 * result is kept where the sum of costs is not higher.
 * Limits: not complete. A team that must step aside for each other may have a plan in no order.
 * @source Silver, AIIDE 2005; Phillips, Likhachev, ICRA 2011 (`grid/sipp.ts`); order after Bennewitz, Burgard, Thrun, ICRA 2001; bettering after Li et
 * al., IJCAI 2021.
 */
import { createMeetings, Reservations } from '../grid/reservations.js';
import { Sipp } from '../grid/sipp.js';
import type { GridSpace } from '../grid/space.js';
import type { GridProblem } from '../problem/problem.js';
import type { CellPath } from '../trajectory.js';
import type { Spending } from './spending.js';

export interface PrioritisedTask {
  readonly problem: GridProblem;
  readonly space: GridSpace;
  /** `[N]` cells of the space. */
  readonly starts: readonly number[];
  readonly goals: readonly number[];
  /** `[N]` per cell of the space: time of the single best way to the goal; infinite where there is none. */
  readonly distances: readonly Float64Array[];
  readonly lowerBound: number;
}

export interface PrioritisedResult {
  readonly paths: readonly CellPath[] | undefined;
  readonly orders: number;
  /** Neighbourhoods tried after the first plan. */
  readonly tried: number;
}

/** Orders that are tried where no budget says otherwise, per agent. */
const ORDERS_PER_AGENT = 20;
const LARGEST_NEIGHBOURHOOD = 6;
/** Costs that were added in different orders. */
const EPSILON = 1e-9;

/** @param improve go on until the budget is spent. */
export function planPrioritised(task: PrioritisedTask, spending: Spending, seed: number, improve: boolean): PrioritisedResult {
  const { problem, space, starts, goals, distances } = task;
  const numAgents = starts.length;
  const sipp = new Sipp(space);
  const meetings = createMeetings();
  let random = (Math.imul(seed, 0x27d4eb2f) ^ 0x1f83d9ab) | 1;
  const draw = (below: number): number => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 4) % below;
  };

  // Short ways first: who comes late must wait until all before it have passed its goal for the last time.
  const order = Array.from(starts.keys()).sort((a, b) => distances[a][starts[a]] - distances[b][starts[b]] || a - b);
  let found: (CellPath | undefined)[] | undefined;
  let orders = 0;
  const mostOrders = improve ? Number.POSITIVE_INFINITY : ORDERS_PER_AGENT * numAgents;
  while (found === undefined && orders < mostOrders && !spending.spent) {
    orders++;
    const paths: (CellPath | undefined)[] = Array.from(starts, () => undefined);
    const reservations = new Reservations(space, problem.timing, problem.radius, meetings);
    const failed = order.find((agent) => !plan(agent, reservations, paths));
    if (failed === undefined) found = paths;
    else {
      order.splice(order.indexOf(failed), 1);
      order.unshift(failed);
      // Two that put each other off in turn would go on for ever.
      if (orders > numAgents) swapTwo(order);
    }
  }
  if (found === undefined) return { paths: undefined, orders, tried: 0 };
  const paths = found as CellPath[];
  const tried = improve ? better(paths) : 0;
  return { paths, orders, tried };

  function plan(agent: number, reservations: Reservations, paths: (CellPath | undefined)[]): boolean {
    const distance = distances[agent];
    let counted = 0;
    const result = sipp.run(problem.agents[agent].name, starts[agent], goals[agent], reservations, {
      heuristic: (cell) => distance[cell],
      stop: (expansions) => {
        spending.expand(expansions - counted);
        counted = expansions;
        return spending.spent;
      },
    });
    spending.expand(result.expansions - counted);
    if (result.status !== 'solved') return false;
    paths[agent] = result.path;
    reservations.add(result.path);
    return true;
  }

  function better(paths: CellPath[]): number {
    const costOf = (path: CellPath): number => path.times[path.times.length - 1];
    let cost = paths.reduce((sum, path) => sum + costOf(path), 0);
    let tried = 0;
    for (; !spending.spent && cost > task.lowerBound + EPSILON; tried++) {
      spending.expand();
      const chosen = neighbourhood(paths);
      const next: (CellPath | undefined)[] = paths.slice();
      const reservations = new Reservations(space, problem.timing, problem.radius, meetings);
      for (const [agent, path] of paths.entries()) if (!chosen.includes(agent)) reservations.add(path);
      let after = chosen.reduce((sum, agent) => sum - costOf(paths[agent]), cost);
      const right = chosen.every((agent) => {
        if (!plan(agent, reservations, next)) return false;
        after += costOf(next[agent] as CellPath);
        return after <= cost + EPSILON;
      });
      if (!right) continue;
      for (const agent of chosen) paths[agent] = next[agent] as CellPath;
      cost = after;
    }
    return tried;
  }

  /** A delayed agent, drawn, and others in drawn order. */
  function neighbourhood(paths: readonly CellPath[]): number[] {
    const delayed = paths.flatMap(({ times }, agent) =>
      times[times.length - 1] > distances[agent][starts[agent]] + EPSILON ? [agent] : [],
    );
    const size = Math.min(numAgents, 2 + draw(LARGEST_NEIGHBOURHOOD - 1));
    const chosen = delayed.length === 0 ? [] : [delayed[draw(delayed.length)]];
    while (chosen.length < size) {
      const agent = draw(numAgents);
      if (!chosen.includes(agent)) chosen.splice(draw(chosen.length + 1), 0, agent);
    }
    return chosen;
  }

  function swapTwo(list: number[]): void {
    const a = draw(list.length);
    const b = draw(list.length);
    [list[a], list[b]] = [list[b], list[a]];
  }
}
