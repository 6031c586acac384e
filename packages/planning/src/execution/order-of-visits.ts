/**
 * Who comes through a cell after whom: a plan on cells without its times. Whoever keeps to this order, however late, meets nobody: bodies are slower,
 * pushed or held up, and the plan still holds. An agent may leave for its next cell once the one that is before it there has cleared it.
 * Limits: the order has no circle, or its agents would wait for each other for ever; plans in which agents turn in a ring at once have one, and
 * `findRing` names it.
 * @source Hönig, Kiesel, Tinka, Durham and Ayanian, Persistent and robust execution of MAPF schedules in warehouses, IEEE RA-L 4(2), 2019 (action
 *   dependency graph).
 */
import type { CellPath } from '../trajectory.js';

/** What one agent is committed to when a new plan takes over: the visits from the one that it has reached to the last that it is permitted. */
export interface Commitment {
  /** `[K + 1, 3]` x, y, z; its new path begins in the last. */
  readonly cells: Int32Array;
  /** `[K + 1]` when the old plan had it there: only their order counts, also between agents. */
  readonly times: Float64Array;
  /** Ticks for which it has come no further. */
  readonly still: number;
}

export interface VisitOrder {
  /** Per agent the cells that it goes through, each once per visit: `[K + 1, 3]` x, y, z. */
  readonly cells: readonly Int32Array[];
  /** Per agent, `[K + 1]`: who is in cell k before it, or -1; and which of that agent's own visits it is. */
  readonly before: readonly Int32Array[];
  readonly beforeVisit: readonly Int32Array[];
  /** Per agent, `[K + 1]`: when the plan has it enter each cell; below 0: before the plan began. */
  readonly times: readonly Float64Array[];
}

/** @param committed per agent, what comes before its path; absent: nothing. */
export function orderOfVisits(paths: readonly CellPath[], committed?: readonly Commitment[]): VisitOrder {
  const latest = committed?.reduce((most, own) => Math.max(most, own.times[own.times.length - 1]), Number.NEGATIVE_INFINITY) ?? 0;
  const cells: Int32Array[] = [];
  const arrivals: Float64Array[] = [];
  for (const [i, path] of paths.entries()) {
    const kept: number[] = [...(committed?.[i].cells ?? [])];
    const times: number[] = Array.from(committed?.[i].times ?? [], (time) => time - latest - 1);
    for (let k = 0; k < path.times.length; k++) {
      const at = 3 * k;
      const last = kept.length - 3;
      if (last >= 0 && kept[last] === path.cells[at] && kept[last + 1] === path.cells[at + 1] && kept[last + 2] === path.cells[at + 2])
        continue;
      kept.push(path.cells[at], path.cells[at + 1], path.cells[at + 2]);
      times.push(path.times[k]);
    }
    cells.push(Int32Array.from(kept));
    arrivals.push(Float64Array.from(times));
  }
  const visits: { key: string; time: number; agent: number; visit: number }[] = [];
  cells.forEach((own, agent) => {
    for (let visit = 0; visit < own.length / 3; visit++)
      visits.push({ key: own.subarray(3 * visit, 3 * visit + 3).join(), time: arrivals[agent][visit], agent, visit });
  });
  const before = cells.map((own) => new Int32Array(own.length / 3).fill(-1));
  const beforeVisit = cells.map((own) => new Int32Array(own.length / 3).fill(-1));
  const last = new Map<string, { agent: number; visit: number }>();
  for (const { key, agent, visit } of visits.sort((a, b) => a.time - b.time || a.agent - b.agent)) {
    const previous = last.get(key);
    // Its own earlier visit is behind it anyway.
    if (previous !== undefined && previous.agent !== agent) {
      before[agent][visit] = previous.agent;
      beforeVisit[agent][visit] = previous.visit;
    }
    last.set(key, { agent, visit });
  }
  return { cells, before, beforeVisit, times: arrivals };
}

/** Agents that would wait for each other in a ring, or undefined: then everybody comes to the end of its path. */
export function findRing({ cells, before, beforeVisit }: Omit<VisitOrder, 'times'>): number[] | undefined {
  const reached = cells.map(() => 0);
  for (let moved = true; moved; ) {
    moved = false;
    for (let i = 0; i < cells.length; i++)
      while (reached[i] < before[i].length - 1 && isFree(i, reached[i] + 1)) {
        reached[i]++;
        moved = true;
      }
  }
  const waiting = reached.findIndex((visit, i) => visit < before[i].length - 1);
  if (waiting < 0) return undefined;
  const ring: number[] = [];
  for (let i = waiting; !ring.includes(i); i = before[i][reached[i] + 1]) ring.push(i);
  return ring;

  function isFree(agent: number, visit: number): boolean {
    const other = before[agent][visit];
    return other < 0 || reached[other] > beforeVisit[agent][visit];
  }
}
