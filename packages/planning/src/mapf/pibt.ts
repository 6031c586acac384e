/**
 * PIBT: the next configuration of a team, one step ahead. Agents decide in order of priority; one that wants a cell where another stands makes that one
 * decide first, with its own urgency inherited, and takes the next best cell when the other finds no way out.
 * With `swap`, two agents that would block each other in a corridor are told so beforehand and pull each other out to a place where they can change over.
 * `generate` takes cells that are prescribed for some agents, so that it serves LaCAM as a generator.
 * Limits: alone it knows one step only. It brings every agent to its goal at some time where every two adjacent cells lie on a circle (biconnected
 * graphs); in trees and corridors it may turn in circles for ever.
 * @source Okumura, Machida, Défago, Tamura: Priority inheritance with backtracking for iterative multi-agent path finding, Artificial Intelligence 310,
 * 2022, Alg. 1. Swap: Okumura: Improving LaCAM for scalable eventually optimal multi-agent pathfinding, IJCAI 2023, section 4. Differs: no recursion, so
 * that a chain of 10,000 agents needs no deep stack; ties by seeded draws.
 */
import type { CellGraph } from './cell-graph.js';
import type { DistanceTable } from './distance-tables.js';

export interface PibtOptions {
  readonly seed?: number;
  /** Look out for agents that must change over in a corridor; true unless said otherwise. */
  readonly swap?: boolean;
}

export interface Pibt {
  /** `[N]` where each agent wants to go; may be exchanged between steps, for teams whose goals change. */
  readonly distances: DistanceTable[];
  /**
   * Writes the next configuration.
   * @param from `[N]` vertices, all different.
   * @param order `[N]` agents by falling priority.
   * @param who first `numFixed` entries: agents whose next vertex is prescribed; @param where their vertices, each adjacent to or equal to its place.
   * @param to `[N]` out. Where nothing is prescribed it is always right: no vertex twice, no two agents change places.
   * @returns false where the prescribed cells rule each other out, or leave somebody no place.
   */
  generate(from: Int32Array, order: ArrayLike<number>, numFixed: number, who: Int32Array, where: Int32Array, to: Int32Array): boolean;
}

const NOBODY = -1;

export function createPibt(graph: CellGraph, distances: DistanceTable[], { seed = 0, swap = true }: PibtOptions = {}): Pibt {
  const { first, neighbours, numVertices } = graph;
  const numAgents = distances.length;
  const width = graph.maxDegree + 1;
  const occupantNow = new Int32Array(numVertices).fill(NOBODY);
  const occupantNext = new Int32Array(numVertices).fill(NOBODY);
  const candidates = new Int32Array(numAgents * width);
  const keys = new Float64Array(width);
  const numCandidates = new Int32Array(numAgents);
  const tried = new Int32Array(numAgents);
  const swapWith = new Int32Array(numAgents);
  const stack = new Int32Array(numAgents);
  let now: Int32Array = candidates;
  let next: Int32Array = candidates;
  let wayOn = 0;
  // Xorshift32 must not start at 0.
  let random = (Math.imul(seed, 0x9e3779b1) ^ 0x6a09e667) | 1;

  function generate(
    from: Int32Array,
    order: ArrayLike<number>,
    numFixed: number,
    who: Int32Array,
    where: Int32Array,
    to: Int32Array,
  ): boolean {
    now = from;
    next = to;
    for (let i = 0; i < numAgents; i++) {
      occupantNow[from[i]] = i;
      to[i] = NOBODY;
    }
    let right = true;
    for (let k = 0; k < numFixed && right; k++) {
      const agent = who[k];
      const vertex = where[k];
      right = occupantNext[vertex] === NOBODY && !changesPlaces(agent, vertex);
      if (right) {
        to[agent] = vertex;
        occupantNext[vertex] = agent;
      }
    }
    for (let k = 0; k < numAgents && right; k++) if (to[order[k]] === NOBODY) right = decide(order[k]);
    for (let i = 0; i < numAgents; i++) {
      occupantNow[from[i]] = NOBODY;
      if (to[i] !== NOBODY) occupantNext[to[i]] = NOBODY;
    }
    return right;
  }

  function changesPlaces(agent: number, vertex: number): boolean {
    const other = occupantNow[vertex];
    return other !== NOBODY && other !== agent && next[other] === now[agent];
  }

  /** Finds a cell for an agent and for all whom it pushes. @returns false where it cannot even stay. */
  function decide(root: number): boolean {
    let depth = 0;
    stack[0] = root;
    prepare(root);
    for (;;) {
      const agent = stack[depth];
      const place = now[agent];
      let settled = false;
      let pushed = false;
      while (tried[agent] < numCandidates[agent]) {
        const vertex = candidates[agent * width + tried[agent]++];
        if (occupantNext[vertex] !== NOBODY || changesPlaces(agent, vertex)) continue;
        occupantNext[vertex] = agent;
        next[agent] = vertex;
        const other = occupantNow[vertex];
        if (other !== NOBODY && other !== agent && next[other] === NOBODY) {
          stack[++depth] = other;
          prepare(other);
          pushed = true;
        } else settled = true;
        break;
      }
      if (pushed) continue;
      if (settled) {
        // The last of the chain has found a cell, and with it everybody before.
        for (; depth >= 0; depth--) pullPartner(stack[depth]);
        return true;
      }
      if (depth === 0) return false;
      // It stays, which takes the cell back from the one that pushed it.
      occupantNext[place] = agent;
      next[agent] = place;
      depth--;
    }
  }

  /** Sorts the cells that an agent may enter by distance to its goal, best first; the other way round where it has to make room for a change. */
  function prepare(agent: number): void {
    const place = now[agent];
    const distance = distances[agent];
    const base = agent * width;
    let count = 0;
    for (let k = first[place] - 1; k < first[place + 1]; k++) {
      const vertex = k < first[place] ? place : neighbours[k];
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      // Draws stay below half a step and so order only what is equally far.
      const key = distance.at(vertex) + (random >>> 10) * 2 ** -23;
      let at = count++;
      for (; at > 0 && keys[at - 1] > key; at--) {
        keys[at] = keys[at - 1];
        candidates[base + at] = candidates[base + at - 1];
      }
      keys[at] = key;
      candidates[base + at] = vertex;
    }
    numCandidates[agent] = count;
    tried[agent] = 0;
    swapWith[agent] = swap ? partnerToSwap(agent, candidates[base]) : NOBODY;
    if (swapWith[agent] !== NOBODY)
      for (let a = base, b = base + count - 1; a < b; a++, b--) {
        const kept = candidates[a];
        candidates[a] = candidates[b];
        candidates[b] = kept;
      }
  }

  /** The partner follows into the cell that the agent leaves, so that the pair moves together to where it can change over. */
  function pullPartner(agent: number): void {
    const partner = swapWith[agent];
    const place = now[agent];
    if (partner === NOBODY || next[partner] !== NOBODY || next[agent] !== candidates[agent * width]) return;
    if (occupantNext[place] !== NOBODY) return;
    next[partner] = place;
    occupantNext[place] = partner;
  }

  function partnerToSwap(agent: number, best: number): number {
    const place = now[agent];
    if (best === place) return NOBODY;
    const ahead = occupantNow[best];
    if (ahead !== NOBODY && next[ahead] === NOBODY && mustSwap(agent, ahead, place, best) && canSwap(place, best)) return ahead;
    // Somebody behind wants through here: clear the way in the direction in which there is room.
    for (let k = first[place]; k < first[place + 1]; k++) {
      const behind = occupantNow[neighbours[k]];
      if (behind === NOBODY || best === now[behind]) continue;
      if (mustSwap(behind, agent, place, best) && canSwap(place, best)) return behind;
    }
    return NOBODY;
  }

  /** Whether the pusher drives the puller along a corridor without branches, and both then want past each other. */
  function mustSwap(pusher: number, puller: number, pusherPlace: number, pullerPlace: number): boolean {
    const pusherDistance = distances[pusher];
    const pullerDistance = distances[puller];
    let behind = pusherPlace;
    let front = pullerPlace;
    while (pusherDistance.at(front) < pusherDistance.at(behind)) {
      const ways = waysOn(front, behind);
      if (ways >= 2) return false;
      if (ways <= 0) break;
      behind = front;
      front = wayOn;
    }
    return (
      pullerDistance.at(behind) < pullerDistance.at(front) &&
      (pusherDistance.at(behind) === 0 || pusherDistance.at(front) < pusherDistance.at(behind))
    );
  }

  /** Whether a corridor that goes on from `front`, away from `behind`, leads to a branch where two can change over. */
  function canSwap(front: number, behind: number): boolean {
    const began = behind;
    while (front !== began) {
      const ways = waysOn(front, behind);
      if (ways >= 2) return true;
      if (ways <= 0) return false;
      behind = front;
      front = wayOn;
    }
    return false;
  }

  /** Number of ways on from `front` other than back, without dead ends where somebody has arrived; `wayOn` is one of them. */
  function waysOn(front: number, behind: number): number {
    let ways = 0;
    for (let k = first[front]; k < first[front + 1]; k++) {
      const vertex = neighbours[k];
      if (vertex === behind) continue;
      if (first[vertex + 1] - first[vertex] === 1) {
        const there = occupantNow[vertex];
        if (there !== NOBODY && distances[there].goal === vertex) continue;
      }
      ways++;
      wayOn = vertex;
    }
    return ways;
  }

  return { distances, generate };
}
