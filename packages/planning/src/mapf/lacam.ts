/**
 * LaCAM*: depth-first search over configurations of a whole team. Every configuration has its own list of constraints ("agent 3 goes to cell 17"), made
 * one longer only when the search comes back to it; PIBT fills in what they leave open. So the first plan comes about as fast as PIBT alone, yet in the
 * end all configurations that can be reached are tried: without a plan, the search ends with proof. With a plan it goes on, rewires parents where a
 * cheaper way to a known configuration shows (Dijkstra over the edges met), and cuts what cannot beat the best plan.
 * Cost of an edge: agents that are not at their goal both before and after it. The sum along a plan is a lower bound of its sum of costs, and equal to it
 * where nobody leaves its goal again.
 * Memory: 8 N + 60 bytes per configuration; the search stops at `maxBytes` as if its budget were spent.
 * @source Okumura: LaCAM: Search-based algorithm for quick multi-agent pathfinding, AAAI 2023; Improving LaCAM for scalable eventually optimal
 * multi-agent pathfinding, IJCAI 2023, Alg. 1 and 2. Differs: a configuration met again is opened again as it is; no random restarts.
 */
import { createConfigurationTable } from './configuration-table.js';
import { createGrowingInts, popInt, pushInt } from './growing.js';
import { createPibt, type Pibt } from './pibt.js';
import type { Spending } from './spending.js';
import type { Team, TeamPlan } from './team.js';

export interface LacamOptions {
  readonly seed?: number;
  /** PIBT looks out for agents that must change over; true unless said otherwise. */
  readonly swap?: boolean;
  /** What of the budget the search may spend on a better plan after the first, 0..1 of what is then left; 0 ends it at the first. */
  readonly improveShare?: number;
  /** Expansions that it may spend on that at most. */
  readonly improveExpansions?: number;
  readonly maxBytes?: number;
  /** Writes next configurations; PIBT unless said otherwise. */
  readonly generator?: Pick<Pibt, 'generate'>;
}

/** `exhausted`: all was searched. Then a missing plan means that there is none, and a plan has the least cost by the sum of edges. */
export interface LacamResult {
  readonly plan: TeamPlan | undefined;
  readonly exhausted: boolean;
  /** Sum of the plan's edges; undefined without a plan. */
  readonly cost: number | undefined;
  /** Milliseconds and expansions until the first plan. */
  readonly firstMs: number | undefined;
  readonly firstExpansions: number | undefined;
  readonly numConfigurations: number;
}

const NONE = -1;

export function searchLacam(team: Team, spending: Spending, options: LacamOptions = {}): LacamResult {
  const { seed = 0, swap = true, improveShare = 0, improveExpansions = Number.POSITIVE_INFINITY, maxBytes = 1 << 29 } = options;
  const { graph, numAgents, starts, goals, distances } = team;
  const generator = options.generator ?? createPibt(graph, [...distances], { seed, swap });
  const { first, neighbours } = graph;
  const table = createConfigurationTable(numAgents);
  const maxNodes = Math.floor(maxBytes / (10 * numAgents + 64));

  // Nodes of the upper search, by number of their configuration.
  const parent = createGrowingInts();
  const cost = createGrowingInts();
  const rest = createGrowingInts();
  const firstEdge = createGrowingInts();
  const firstConstraint = createGrowingInts();
  const lastConstraint = createGrowingInts();
  let orders: Uint16Array | Uint32Array = createOrders(0);
  let elapsed = new Float32Array(0);
  // Edges from a node to those that were generated from it.
  const edgeTo = createGrowingInts();
  const edgeNext = createGrowingInts();
  // Constraints: one prescription each, and the rest in those before it. In a queue per node.
  const constraintAgent = createGrowingInts();
  const constraintVertex = createGrowingInts();
  const constraintBefore = createGrowingInts();
  const constraintDepth = createGrowingInts();
  const constraintQueued = createGrowingInts();

  const open = createGrowingInts();
  const relaxed = createGrowingInts();
  const from = new Int32Array(numAgents);
  const to = new Int32Array(numAgents);
  const who = new Int32Array(numAgents);
  const where = new Int32Array(numAgents);
  const order = new Int32Array(numAgents);
  let random = (Math.imul(seed, 0x85ebca6b) ^ 0x3c6ef372) | 1;

  let goalNode = NONE;
  let firstMs: number | undefined;
  let firstExpansions: number | undefined;
  let stopShare = 1;
  let exhausted = false;

  pushInt(open, addNode(starts, NONE));
  for (;;) {
    if (open.length === 0) {
      exhausted = true;
      break;
    }
    if (spending.spent || table.size >= maxNodes) break;
    if (firstExpansions !== undefined && (spending.share >= stopShare || spending.expansions - firstExpansions >= improveExpansions)) break;
    const node = open.values[open.length - 1];
    if (goalNode !== NONE && cost.values[node] + rest.values[node] >= cost.values[goalNode]) {
      popInt(open);
      continue;
    }
    table.read(node, from);
    if (goalNode === NONE && rest.values[node] === 0) {
      goalNode = node;
      firstMs = spending.ms;
      firstExpansions = spending.expansions;
      if (improveShare === 0) break;
      stopShare = spending.share + improveShare * (1 - spending.share);
      continue;
    }
    const constraint = firstConstraint.values[node];
    if (constraint === NONE) {
      popInt(open);
      continue;
    }
    firstConstraint.values[node] = constraintQueued.values[constraint];
    const depth = constraintDepth.values[constraint];
    const begin = node * numAgents;
    for (let k = 0; k < numAgents; k++) order[k] = orders[begin + k];
    if (depth < numAgents) addConstraints(node, constraint, depth, order[depth]);
    let numFixed = 0;
    for (let c = constraint; constraintBefore.values[c] !== NONE; c = constraintBefore.values[c]) {
      who[numFixed] = constraintAgent.values[c];
      where[numFixed++] = constraintVertex.values[c];
    }
    spending.expand();
    if (!generator.generate(from, order, numFixed, who, where, to)) continue;

    const known = table.find(to);
    if (known === NONE) {
      const made = addNode(to, node);
      addEdge(node, made);
      if (goalNode === NONE || cost.values[made] + rest.values[made] < cost.values[goalNode]) pushInt(open, made);
    } else {
      addEdge(node, known);
      relax(node, known);
      if (goalNode === NONE || cost.values[known] + rest.values[known] < cost.values[goalNode]) pushInt(open, known);
    }
  }
  return {
    plan: goalNode === NONE ? undefined : readPlan(),
    exhausted,
    cost: goalNode === NONE ? undefined : cost.values[goalNode],
    firstMs,
    firstExpansions,
    numConfigurations: table.size,
  };

  function createOrders(length: number): Uint16Array | Uint32Array {
    return numAgents <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
  }

  function addNode(configuration: Int32Array, before: number): number {
    const node = table.add(configuration);
    pushInt(parent, before);
    pushInt(cost, before === NONE ? 0 : cost.values[before] + edgeCost(before, node));
    let sum = 0;
    for (let i = 0; i < numAgents; i++) sum += distances[i].at(configuration[i]);
    pushInt(rest, sum);
    pushInt(firstEdge, NONE);
    const root = addConstraint(NONE, 0, 0, 0);
    pushInt(firstConstraint, root);
    pushInt(lastConstraint, root);
    if ((node + 1) * numAgents > orders.length) {
      const length = Math.max(64 * numAgents, 2 * orders.length);
      const moreOrders = createOrders(length);
      moreOrders.set(orders);
      orders = moreOrders;
      const moreElapsed = new Float32Array(length);
      moreElapsed.set(elapsed);
      elapsed = moreElapsed;
    }
    rank(configuration, node, before);
    return node;
  }

  /** Order by steps since each agent was last at its goal; who starts farther away goes first among equals. */
  function rank(configuration: Int32Array, node: number, before: number): void {
    const begin = node * numAgents;
    const beginBefore = before * numAgents;
    for (let i = 0; i < numAgents; i++) {
      if (before === NONE) {
        elapsed[begin + i] = distances[i].at(configuration[i]) / (graph.numVertices + 1);
        continue;
      }
      const waited = elapsed[beginBefore + i];
      elapsed[begin + i] = configuration[i] === goals[i] ? waited - Math.floor(waited) : waited + 1;
    }
    // The order before is nearly right.
    for (let k = 0; k < numAgents; k++) {
      const agent = before === NONE ? k : orders[beginBefore + k];
      const key = elapsed[begin + agent];
      let at = k;
      for (; at > 0 && elapsed[begin + orders[begin + at - 1]] < key; at--) orders[begin + at] = orders[begin + at - 1];
      orders[begin + at] = agent;
    }
  }

  function addConstraint(before: number, depth: number, agent: number, vertex: number): number {
    pushInt(constraintBefore, before);
    pushInt(constraintDepth, depth);
    pushInt(constraintAgent, agent);
    pushInt(constraintQueued, NONE);
    return pushInt(constraintVertex, vertex);
  }

  /** One more agent prescribed, for each cell that it may enter, in drawn order. */
  function addConstraints(node: number, before: number, depth: number, agent: number): void {
    const place = from[agent];
    const count = first[place + 1] - first[place] + 1;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    const turn = (random >>> 8) % count;
    for (let k = 0; k < count; k++) {
      const at = (k + turn) % count;
      const constraint = addConstraint(before, depth + 1, agent, at === count - 1 ? place : neighbours[first[place] + at]);
      if (firstConstraint.values[node] === NONE) firstConstraint.values[node] = constraint;
      else constraintQueued.values[lastConstraint.values[node]] = constraint;
      lastConstraint.values[node] = constraint;
    }
  }

  function edgeCost(a: number, b: number): number {
    let sum = 0;
    for (let i = 0; i < numAgents; i++) if (table.vertexOf(a, i) !== goals[i] || table.vertexOf(b, i) !== goals[i]) sum++;
    return sum;
  }

  function addEdge(a: number, b: number): void {
    // An edge that is met again is kept twice, which costs less than looking for it.
    pushInt(edgeTo, b);
    firstEdge.values[a] = pushInt(edgeNext, firstEdge.values[a]);
  }

  /** A new edge: where it makes its end cheaper, hands that on to all that are reached from there through known edges. */
  function relax(from: number, to: number): void {
    relaxed.length = 0;
    lower(from, to);
    for (let head = 0; head < relaxed.length; head++) {
      const a = relaxed.values[head];
      for (let edge = firstEdge.values[a]; edge !== NONE; edge = edgeNext.values[edge]) lower(a, edgeTo.values[edge]);
    }
  }

  function lower(a: number, b: number): void {
    if (cost.values[a] >= cost.values[b]) return;
    const through = cost.values[a] + edgeCost(a, b);
    if (through >= cost.values[b]) return;
    cost.values[b] = through;
    parent.values[b] = a;
    pushInt(relaxed, b);
    if (goalNode !== NONE && b !== goalNode && through + rest.values[b] < cost.values[goalNode]) pushInt(open, b);
  }

  function readPlan(): TeamPlan {
    let numSteps = 0;
    for (let node = goalNode; parent.values[node] !== NONE; node = parent.values[node]) numSteps++;
    const configurations = new Int32Array((numSteps + 1) * numAgents);
    for (let node = goalNode, t = numSteps; t >= 0; node = parent.values[node], t--) {
      table.read(node, from);
      configurations.set(from, t * numAgents);
    }
    return { numSteps, configurations };
  }
}
