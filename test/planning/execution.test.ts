import {
  type CellPath,
  type Commitment,
  findRing,
  type GridProblem,
  orderOfVisits,
  planSquad,
  TeamMarch,
  type VisitOrder,
  WALKER_LATTICE,
  withoutRings,
} from '@kinovox/planning';
import { drawU32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const path = (robot: string, ...cells: readonly (readonly [number, number])[]): CellPath => ({
  kind: 'cells',
  robot,
  cells: Int32Array.from(cells.flatMap(([x, z]) => [x, 0, z])),
  times: Float64Array.from(cells, (_, k) => k),
  tail: 'hold',
});

/** A corridor along x from 0 to 9 at z = 1, with an alcove at z = 0 of so many cells. */
function corridor(alcove: number, alcoveX: number, starts: readonly [number, number]): GridProblem {
  const blocked = new Uint8Array(20).fill(1);
  for (let x = 0; x < 10; x++) blocked[10 + x] = 0;
  for (let k = 0; k < alcove; k++) blocked[alcoveX + k] = 0;
  return {
    kind: 'grid',
    name: 'corridor',
    grid: { size: [10, 1, 2], blocked },
    moves: 4,
    timing: 'steps',
    radius: 0,
    agents: [
      { name: 'ada', start: [starts[0], 0, 1], goal: [9, 0, 1] },
      { name: 'bob', start: [starts[1], 0, 1], goal: [0, 0, 1] },
    ],
  };
}

/** Everybody crosses a room with pillars to the cell opposite. */
function room(numAgents: number, seed: number): GridProblem {
  const size = 12;
  const blocked = new Uint8Array(size * size);
  for (let k = 0; k < 20; k++) blocked[drawU32(seed, k) % blocked.length] = 1;
  const free = [...blocked.keys()].filter((cell) => blocked[cell] === 0);
  const shuffled = (purpose: number) => [...free].sort((a, b) => drawU32(seed + purpose, a) - drawU32(seed + purpose, b));
  const [from, to] = [shuffled(1), shuffled(2)];
  const at = (cell: number) => [cell % size, 0, Math.floor(cell / size)] as const;
  const agents = Array.from({ length: numAgents }, (_, i) => ({ name: `${i}`, start: at(from[i]), goal: at(to[i]) }));
  return { kind: 'grid', name: 'room', grid: { size: [size, 1, size], blocked }, moves: 4, timing: 'steps', radius: 0, agents };
}

function planned(problem: GridProblem): VisitOrder {
  const result = planSquad(problem, { expansions: 2000 });
  expect(result.status).toBe('solved');
  return orderOfVisits(result.trajectories as CellPath[]);
}

function atStarts({ cells }: VisitOrder): Float64Array {
  return Float64Array.from({ length: 3 * cells.length }, (_, k) => cells[Math.floor(k / 3)][k % 3] + 0.5);
}

/**
 * Points that walk to their waypoints, each at a pace of its own that changes from tick to tick. Returns how near two of them came, by the larger of their
 * distances along x and z, and whether all arrived.
 */
function walk(
  order: VisitOrder,
  seed: number,
  march: Pick<TeamMarch, 'update' | 'waypoint' | 'isDone'> = new TeamMarch(order),
  { positions = atStarts(order), ticks = 4000 } = {},
) {
  const n = order.cells.length;
  const waypoint = { x: 0, y: 0, z: 0, holds: false };
  let least = Number.POSITIVE_INFINITY;
  const isDone = () => order.cells.every((_, i) => march.isDone(i));
  for (let tick = 0; tick < ticks && !isDone(); tick++) {
    march.update(positions);
    for (let i = 0; i < n; i++) {
      march.waypoint(i, waypoint);
      const [dx, dz] = [waypoint.x - positions[3 * i], waypoint.z - positions[3 * i + 2]];
      const far = Math.sqrt(dx * dx + dz * dz);
      const pace = drawU32(seed + i, tick) % 4 === 0 ? 0.05 : 0.2;
      const share = far === 0 ? 0 : Math.min(far, pace) / far;
      positions[3 * i] += dx * share;
      positions[3 * i + 2] += dz * share;
    }
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++)
        least = Math.min(
          least,
          Math.max(Math.abs(positions[3 * a] - positions[3 * b]), Math.abs(positions[3 * a + 2] - positions[3 * b + 2])),
        );
  }
  return { least, done: isDone() };
}

/** Every 25 ticks everybody is sent elsewhere, by a plan that begins where the one before has them committed to go. Returns how near two came. */
function handedOver(seed: number, commitmentsOf: (march: TeamMarch) => Commitment[]): { least: number } {
  const first = room(20, seed);
  let order = planned(first);
  let march = new TeamMarch(order);
  const positions = Float64Array.from({ length: 60 }, (_, k) => order.cells[Math.floor(k / 3)][k % 3] + 0.5);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= 6; round++) {
    least = Math.min(least, walk(order, 100 * seed + round, march, { positions, ticks: 25 }).least);
    const committed = commitmentsOf(march);
    const agents = room(20, seed + 10 * round).agents.map(({ name }, i) => ({
      name,
      start: [...committed[i].cells.slice(-3)] as unknown as readonly [number, number, number],
      goal: first.agents[(7 * i + round) % 20].goal,
    }));
    const result = planSquad({ ...first, agents }, { expansions: 2000 });
    expect(result.status).toBe('solved');
    order = orderOfVisits(result.trajectories as CellPath[], committed);
    expect(findRing(order)).toBeUndefined();
    march = new TeamMarch(order, WALKER_LATTICE, committed);
  }
  return { least };
}

describe('the order of visits', () => {
  it('names who is in a cell before whom, without the waiting', () => {
    const order = orderOfVisits([path('a', [0, 0], [1, 0], [2, 0]), path('b', [0, 1], [0, 1], [1, 1], [1, 0])]);
    expect(order.cells.map((cells) => cells.length / 3)).toEqual([3, 3]);
    expect([...order.before[1]]).toEqual([-1, -1, 0]);
    expect([...order.beforeVisit[1]]).toEqual([-1, -1, 1]);
    expect(findRing(order)).toBeUndefined();
  });
  it('does not make an agent wait for itself', () => {
    const order = orderOfVisits([path('a', [0, 0], [1, 0], [0, 0])]);
    expect([...order.before[0]]).toEqual([-1, -1, -1]);
  });
  it('finds those who turn in a ring', () => {
    const turning = [path('a', [0, 0], [1, 0]), path('b', [1, 0], [1, 1]), path('c', [1, 1], [0, 1]), path('d', [0, 1], [0, 0])];
    expect(findRing(orderOfVisits(turning))).toHaveLength(4);
    expect(findRing(orderOfVisits(turning.slice(0, 3)))).toBeUndefined();
  });
});

describe('plans for walkers', () => {
  it('refuse a configuration that turns in a ring, and no other', () => {
    const to = Int32Array.from([1, 2, 3, 0]);
    const generate = (next: Int32Array) =>
      withoutRings({ generate: () => true }, 6).generate(Int32Array.from([0, 1, 2, 3]), [0, 1, 2, 3], 0, to, to, next);
    expect(generate(to)).toBe(false);
    expect(generate(Int32Array.from([1, 2, 3, 4]))).toBe(true);
    expect(generate(Int32Array.from([0, 1, 2, 3]))).toBe(true);
  });
  it('have those in a ring stand still where it is drawn again and again, but for one who is told to go', () => {
    const from = Int32Array.from([0, 1, 2, 3, 4]);
    const drawn = [1, 2, 3, 0, 5];
    const to = new Int32Array(5);
    const draw = (...args: Parameters<Parameters<typeof withoutRings>[0]['generate']>) => {
      args[5].set(drawn);
      return true;
    };
    const generator = withoutRings({ generate: draw }, 6, 3);
    const generate = (...told: number[]) => generator.generate(from, [0, 1, 2, 3, 4], told.length, Int32Array.from(told), to, to);
    expect([generate(), generate(), generate(), generate(4)]).toEqual([false, false, false, true]);
    expect([...to]).toEqual([0, 1, 2, 3, 5]);
    for (let k = 0; k < 10; k++) expect(generate(2)).toBe(false);
  });
  it.each([3, 4, 5, 6, 7])('come past each other by an alcove at %i, and never without', (alcoveX) => {
    for (const starts of [
      [0, 9],
      [1, 8],
    ] as const) {
      expect(planSquad(corridor(1, alcoveX, starts), { expansions: 20_000 }).status).toBe('solved');
      const narrow = planSquad(corridor(0, alcoveX, starts), { expansions: 20_000 });
      expect(narrow.status).toBe('infeasible');
      expect('reason' in narrow && narrow.reason).toContain('configurations');
    }
  });
});

describe('a march', () => {
  it.each([1, 2, 3])('keeps twenty apart at uneven paces, and brings them all to their goals (%i)', (seed) => {
    const order = planned(room(20, seed));
    const { least, done } = walk(order, seed);
    expect(done).toBe(true);
    expect(least).toBeGreaterThan(0.6);
  });
  it.each([1, 2])('keeps twenty apart when plan after plan takes over from what they are committed to (%i)', (seed) => {
    expect(handedOver(seed, (march) => march.commitments(() => true)).least).toBeGreaterThan(0.6);
  });
  it('would let them meet if a plan took over and knew nothing of that', () => {
    const ends = (march: TeamMarch) =>
      march.commitments(() => true).map(({ cells, times, still }) => ({ cells: cells.slice(-3), times: times.slice(-1), still }));
    expect(handedOver(1, ends).least).toBeLessThan(0.6);
  });
  it('ends commitments before a cell that has been closed', () => {
    const march = new TeamMarch(orderOfVisits([path('a', [0, 0], [1, 0], [2, 0], [3, 0])]));
    march.update(Float64Array.from([0.5, 0.5, 0.5]));
    expect([...march.commitments(() => true)[0].cells]).toEqual([0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0]);
    expect([...march.commitments((x) => x < 2)[0].cells]).toEqual([0, 0, 0, 1, 0, 0]);
  });
  it('would let them meet if it did not wait', () => {
    const order = planned(room(20, 1));
    const hasty = { ...order, before: order.before.map((own) => new Int32Array(own.length).fill(-1)) };
    expect(walk(hasty, 1).least).toBeLessThan(0.6);
  });
  it('notices who comes no further though the way is free', () => {
    const march = new TeamMarch(orderOfVisits([path('a', [0, 0], [1, 0], [2, 0])]));
    for (let tick = 0; tick < 70; tick++) march.update(Float64Array.from([0.5, 0.5, 0.5]));
    expect(march.isStuck(0)).toBe(true);
    march.update(Float64Array.from([1.5, 0.5, 0.5]));
    expect(march.isStuck(0)).toBe(false);
  });
});
