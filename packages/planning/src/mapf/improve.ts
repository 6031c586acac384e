/**
 * Makes a right plan of a team cheaper for as long as the budget lasts: takes the paths of a few agents out, plans these agents anew one after the other
 * around all the others, and keeps the result where their sum of costs is not higher. The plan is right at all times and never becomes longer.
 * Whose paths: those that stand in the way of a much delayed agent, those that pass one crossing, or any; by what has paid off so far.
 * Memory: 12 bytes per vertex and step of the plan; plans with more than `MAX_CELLS` of these stay as they are.
 * @source Li, Chen, Harabor, Stuckey, Koenig: Anytime multi-agent path finding via large neighborhood search, IJCAI 2021, sections 3 and 4. Differs:
 * no replanning beyond the makespan of the first plan, equal costs are kept, the size of a neighbourhood is drawn.
 */
import { createSpaceTime } from './space-time.js';
import type { Spending } from './spending.js';
import { arrivalStep, type Team, type TeamPlan } from './team.js';

const MAX_CELLS = 1 << 25;
const SIZES = [2, 4, 8, 12];
/** How fast the shares of the three kinds of neighbourhood follow their success. */
const REACTION = 0.02;

export interface Improvement {
  readonly plan: TeamPlan;
  /** Neighbourhoods tried, and those that made the plan cheaper. */
  readonly tried: number;
  readonly better: number;
}

export function improvePlan(team: Team, plan: TeamPlan, spending: Spending, seed: number): Improvement {
  const { graph, numAgents, starts, goals, distances, lowerBound } = team;
  const { first, neighbours } = graph;
  const horizon = plan.numSteps;
  if (numAgents < 2 || (horizon + 1) * graph.numVertices > MAX_CELLS) return { plan, tried: 0, better: 0 };
  const space = createSpaceTime(graph, horizon);
  const paths: Int32Array[] = Array.from({ length: numAgents }, (_, i) => {
    const path = new Int32Array(arrivalStep(team, plan, i) + 1);
    for (let t = 0; t < path.length; t++) path[t] = plan.configurations[t * numAgents + i];
    space.put(i, path);
    return path;
  });
  let random = (Math.imul(seed, 0xc2b2ae3d) ^ 0x510e527f) | 1;
  const draw = (below: number): number => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 4) % below;
  };
  const crossings = Int32Array.from({ length: graph.numVertices }, (_, v) => v).filter((v) => first[v + 1] - first[v] > 2);
  const delayOf = (agent: number): number => paths[agent].length - 1 - distances[agent].at(starts[agent]);
  const chosen: number[] = [];
  const isChosen = new Uint8Array(numAgents);
  const rested = new Uint8Array(numAgents);
  const kinds = [aroundDelayed, aroundCrossing, anyOf];
  const shares = kinds.map(() => 1);
  let cost = paths.reduce((sum, path) => sum + path.length - 1, 0);
  let tried = 0;
  let better = 0;

  while (!spending.spent && cost > lowerBound) {
    const kind = drawKind();
    for (const agent of chosen) isChosen[agent] = 0;
    chosen.length = 0;
    kinds[kind](Math.min(numAgents, SIZES[draw(SIZES.length)]));
    // A round costs something even where nobody is found, so that a budget of expansions always ends.
    spending.expand();
    tried++;
    const gain = replan();
    if (gain > 0) better++;
    cost -= gain;
    shares[kind] = (1 - REACTION) * shares[kind] + REACTION * (gain / Math.max(1, chosen.length));
  }
  return { plan: joined(), tried, better };

  function drawKind(): number {
    const floor = 0.05;
    const total = shares.reduce((sum, share) => sum + share + floor, 0);
    let left = (draw(1 << 20) / (1 << 20)) * total;
    for (let kind = 0; kind < kinds.length - 1; kind++) {
      left -= shares[kind] + floor;
      if (left < 0) return kind;
    }
    return kinds.length - 1;
  }

  function choose(agent: number): void {
    if (isChosen[agent] !== 0) return;
    isChosen[agent] = 1;
    chosen.push(agent);
  }

  function anyOf(size: number): void {
    while (chosen.length < size) choose(draw(numAgents));
  }

  /** Walks where the delayed agent could be sooner at its goal, and takes along who stands there. */
  function aroundDelayed(size: number): void {
    let worst = -1;
    for (let i = 0; i < numAgents; i++) if (rested[i] === 0 && delayOf(i) > 0 && (worst < 0 || delayOf(i) > delayOf(worst))) worst = i;
    if (worst < 0) {
      rested.fill(0);
      worst = draw(numAgents);
    }
    rested[worst] = 1;
    choose(worst);
    for (let walk = 0; walk < 10 && chosen.length < size; walk++) {
      const agent = chosen[draw(chosen.length)];
      const path = paths[agent];
      let t = draw(path.length);
      let v = path[t];
      for (; chosen.length < size && t < path.length - 1; t++) {
        const count = first[v + 1] - first[v] + 1;
        const turn = draw(count);
        let next = -1;
        for (let k = 0; k < count && next < 0; k++) {
          const at = (k + turn) % count;
          const u = at === count - 1 ? v : neighbours[first[v] + at];
          if (t + 1 + distances[agent].at(u) < path.length - 1) next = u;
        }
        if (next < 0) break;
        const ahead = space.occupant(next, t + 1);
        if (ahead >= 0) choose(ahead);
        const opposite = space.occupant(next, t);
        if (opposite >= 0 && space.occupant(v, t + 1) === opposite) choose(opposite);
        v = next;
      }
    }
  }

  /** Those who pass a crossing, or places near it, around a time. */
  function aroundCrossing(size: number): void {
    if (crossings.length === 0) {
      anyOf(size);
      return;
    }
    let v = crossings[draw(crossings.length)];
    for (let hop = 0; hop < 4 * size && chosen.length < size; hop++) {
      const begin = draw(horizon + 1);
      for (let k = 0; k <= horizon && chosen.length < size; k++) {
        const agent = space.occupant(v, (begin + k) % (horizon + 1));
        if (agent >= 0) {
          choose(agent);
          if (k > horizon / 4) break;
        }
      }
      v = neighbours[first[v] + draw(first[v + 1] - first[v])];
    }
  }

  /** @returns what the sum of costs has lost; 0 where the old paths stay. */
  function replan(): number {
    for (let k = chosen.length - 1; k > 0; k--) {
      const other = draw(k + 1);
      const agent = chosen[k];
      chosen[k] = chosen[other];
      chosen[other] = agent;
    }
    let oldCost = 0;
    let rest = 0;
    for (const agent of chosen) {
      space.take(agent, paths[agent]);
      oldCost += paths[agent].length - 1;
      rest += distances[agent].at(starts[agent]);
    }
    const fresh: Int32Array[] = [];
    let newCost = 0;
    for (const agent of chosen) {
      rest -= distances[agent].at(starts[agent]);
      const path = space.search(starts[agent], goals[agent], distances[agent], oldCost - newCost - rest, draw(1 << 16));
      spending.expand(space.expanded);
      if (path === undefined) break;
      space.put(agent, path);
      fresh.push(path);
      newCost += path.length - 1;
    }
    if (fresh.length === chosen.length) {
      for (const [k, agent] of chosen.entries()) paths[agent] = fresh[k];
      return oldCost - newCost;
    }
    for (const [k, path] of fresh.entries()) space.take(chosen[k], path);
    for (const agent of chosen) space.put(agent, paths[agent]);
    return 0;
  }

  function joined(): TeamPlan {
    const numSteps = paths.reduce((most, path) => Math.max(most, path.length - 1), 0);
    const configurations = new Int32Array((numSteps + 1) * numAgents);
    for (let t = 0; t <= numSteps; t++)
      for (let i = 0; i < numAgents; i++) configurations[t * numAgents + i] = paths[i][Math.min(t, paths[i].length - 1)];
    return { numSteps, configurations };
  }
}
