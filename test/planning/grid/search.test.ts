/** A* on grids: least cost against exhaustive relaxation, the corner rule, the order of the open list, and what the planner says of hopeless problems. */
import { astar, createMoveTable, type GridMoves, type GridProblem, GridSearch, GridSpace, OpenList } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

/** xorshift32: a stream of whole numbers below `below`. */
function stream(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function randomGrid(
  seed: number,
  size: readonly [number, number, number],
  blockedIn100: number,
): { size: typeof size; blocked: Uint8Array } {
  const next = stream(seed * 7919 + 13);
  const blocked = Uint8Array.from({ length: size[0] * size[1] * size[2] }, () => (next(100) < blockedIn100 ? 1 : 0));
  return { size, blocked };
}

/** Costs from `start` to every cell by relaxing all moves until none helps: Bellman and Ford, from the definition of a move and nothing else. */
function relax(grid: ReturnType<typeof randomGrid>, moves: GridMoves, start: number, steps: boolean): Float64Array {
  const [sizeX, sizeY, sizeZ] = grid.size;
  const costs = new Float64Array(grid.blocked.length).fill(Number.POSITIVE_INFINITY);
  const table = createMoveTable(moves);
  costs[start] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let cell = 0; cell < costs.length; cell++) {
      if (costs[cell] === Number.POSITIVE_INFINITY) continue;
      const x = cell % sizeX;
      const z = Math.floor(cell / sizeX) % sizeZ;
      const y = Math.floor(cell / (sizeX * sizeZ));
      const free = (dx: number, dy: number, dz: number) => {
        const [a, b, c] = [x + dx, y + dy, z + dz];
        return a >= 0 && b >= 0 && c >= 0 && a < sizeX && b < sizeY && c < sizeZ && grid.blocked[(b * sizeZ + c) * sizeX + a] === 0;
      };
      for (let move = 0; move < table.count; move++) {
        if (!table.touched[move].every(([dx, dy, dz]) => free(dx, dy, dz))) continue;
        const next = cell + (table.dy[move] * sizeZ + table.dz[move]) * sizeX + table.dx[move];
        const cost = costs[cell] + (steps ? 1 : table.length[move]);
        if (cost < costs[next] - 1e-9) {
          costs[next] = cost;
          changed = true;
        }
      }
    }
  }
  return costs;
}

const CASES: readonly { moves: GridMoves; size: readonly [number, number, number] }[] = [
  { moves: 4, size: [12, 1, 12] },
  { moves: 8, size: [12, 1, 12] },
  { moves: 32, size: [12, 1, 12] },
  { moves: 6, size: [7, 6, 7] },
  { moves: 26, size: [7, 6, 7] },
];

describe('A* on grids', () => {
  for (const { moves, size } of CASES)
    for (const timing of ['lengths', 'steps'] as const)
      it(`finds the least cost of every cell by ${moves} moves, in ${timing}`, () => {
        for (const density of [0, 10, 25, 45]) {
          const grid = randomGrid(density + moves, size, density);
          grid.blocked[0] = 0;
          const costs = relax(grid, moves, 0, timing === 'steps');
          const space = new GridSpace(grid, moves);
          const pruned = new GridSearch(space, { timing });
          const plain = new GridSearch(space, { timing, pruning: false });
          for (let goal = 1; goal < costs.length; goal += 3) {
            if (grid.blocked[goal] === 1) continue;
            const [x, z, y] = [goal % size[0], Math.floor(goal / size[0]) % size[2], Math.floor(goal / (size[0] * size[2]))];
            for (const search of [pruned, plain]) {
              const outcome = search.run(space.cellOf(0, 0, 0), space.cellOf(x, y, z));
              expect(outcome).toBe(costs[goal] === Number.POSITIVE_INFINITY ? 'unreachable' : 'solved');
              if (outcome === 'solved') expect(search.cost()).toBeCloseTo(costs[goal], 8);
            }
          }
        }
      });

  it('cuts no corner: one blocked cell of a cube closes the diagonal of space', () => {
    const table = createMoveTable(26);
    const diagonal = Array.from(table.dx).findIndex((dx, k) => dx === 1 && table.dy[k] === 1 && table.dz[k] === 1);
    expect(table.touched[diagonal]).toHaveLength(7);
    for (const [x, y, z] of table.touched[diagonal]) {
      const blocked = new Uint8Array(8);
      const space = (cells: Uint8Array) => new GridSpace({ size: [2, 2, 2], blocked: cells }, 26);
      expect((space(blocked).openMoves(space(blocked).cellOf(0, 0, 0)) >> diagonal) & 1).toBe(1);
      blocked[(y * 2 + z) * 2 + x] = 1;
      expect((space(blocked).openMoves(space(blocked).cellOf(0, 0, 0)) >> diagonal) & 1).toBe(0);
    }
  });

  it('needs every cell that a long move touches', () => {
    const table = createMoveTable(32);
    expect(table.count).toBe(32);
    const touched = (x: number, z: number) => {
      const move = Array.from(table.dx).findIndex((dx, k) => dx === x && table.dz[k] === z);
      return table.touched[move].map(([dx, , dz]) => `${dx},${dz}`).sort();
    };
    expect(touched(1, 2)).toEqual(['0,1', '1,1', '1,2']);
    expect(touched(1, 3)).toEqual(['0,1', '0,2', '1,1', '1,2', '1,3']);
    expect(touched(-2, 3)).toEqual(['-1,1', '-1,2', '-2,2', '-2,3', '0,1']);
  });

  it('takes the same cells in the same number when asked again, and clears nothing in between', () => {
    const space = new GridSpace(randomGrid(5, [40, 1, 40], 20), 8);
    const search = new GridSearch(space);
    const cells = [space.cellOf(1, 0, 1), space.cellOf(38, 0, 37)];
    for (const cell of cells) space.blocked[cell] = 0;
    search.run(cells[0], cells[1]);
    const first = [search.expansions, search.moves()];
    search.run(cells[1], cells[0]);
    search.run(cells[0], cells[1]);
    expect([search.expansions, search.moves()]).toEqual(first);
  });
});

describe('the open list', () => {
  it('gives least f, then largest g, then least id, also after decreases', () => {
    const next = stream(99);
    const list = new OpenList(500, 4);
    const nodes = Array.from({ length: 500 }, (_, id) => ({ id, h: next(6), g: next(6) }));
    for (const { id, h, g } of nodes) list.push(id, g + h, g);
    for (const node of nodes)
      if (node.id % 3 === 0 && node.g > 0) {
        node.g -= 1;
        list.decrease(node.id, node.g);
      }
    const expected = nodes.toSorted((a, b) => a.g + a.h - b.g - b.h || b.g - a.g || a.id - b.id).map(({ id }) => id);
    const got: number[] = [];
    while (list.pop()) got.push(list.id);
    expect(got).toEqual(expected);
  });
});

describe('the planner astar', () => {
  const problem = (blocked: number[], more: Partial<GridProblem> = {}): GridProblem => {
    const cells = new Uint8Array(25);
    for (const cell of blocked) cells[cell] = 1;
    return {
      kind: 'grid',
      name: 'square',
      grid: { size: [5, 1, 5], blocked: cells },
      moves: 8,
      agents: [{ name: 'a', start: [0, 0, 0], goal: [4, 0, 4] }],
      timing: 'lengths',
      radius: 0,
      ...more,
    };
  };
  it('gives cells and the times at which they are entered', () => {
    const result = astar.plan(problem([]), {});
    if (result instanceof Promise || result.status !== 'solved') throw new Error('not solved');
    const [path] = result.trajectories;
    if (path.kind !== 'cells') throw new Error('not cells');
    expect(Array.from(path.cells)).toEqual([0, 0, 0, 1, 0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4]);
    expect(path.times[4]).toBe(4 * Math.SQRT2);
    expect(result.stats.sumOfCosts).toBe(4 * Math.SQRT2);
  });
  it('proves that there is no way, and says which end is in a wall', () => {
    expect(astar.plan(problem([3, 8, 13, 18, 23]), {})).toMatchObject({
      status: 'infeasible',
      reason: expect.stringContaining('cannot reach its goal'),
    });
    expect(astar.plan(problem([24]), {})).toMatchObject({ status: 'infeasible', reason: expect.stringContaining('goal of a, 4 0 4') });
    expect(astar.plan(problem([], { agents: [{ name: 'a', start: [0, 1, 0], goal: [4, 0, 4] }] }), {})).toMatchObject({
      status: 'infeasible',
      reason: expect.stringContaining('outside'),
    });
  });
  it('ends with its budget of expansions', () => {
    const result = astar.plan(problem([]), { expansions: 3 });
    expect(result).toMatchObject({ status: 'timeout', stats: { expansions: 3 } });
  });
  it('refuses a team', () => {
    const { agents } = problem([]);
    expect(astar.refuses(problem([], { agents: [...agents, ...agents] }))).toContain('one agent');
    expect(astar.refuses(problem([]))).toBeUndefined();
  });
});
