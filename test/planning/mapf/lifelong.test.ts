/** A team without end: nobody collides, and everybody goes on reaching goals. */
import { type CellGraph, createCellGraph, createLifelongTeam, type Grid } from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const NUM_AGENTS = 120;
/** Blocks of 2 x 2 with streets of one cell around them: every two adjacent cells lie on a circle. */
const STREETS: Grid = {
  size: [22, 1, 22],
  blocked: Uint8Array.from({ length: 22 * 22 }, (_, cell) => ((cell % 22) % 3 !== 0 && Math.floor(cell / 22) % 3 !== 0 ? 1 : 0)),
};

function wrongMoves({ first, neighbours }: CellGraph, before: Int32Array, after: Int32Array): number {
  const places = new Map(Array.from(before, (vertex, agent) => [vertex, agent]));
  let wrong = after.length - new Set(after).size;
  for (const [agent, vertex] of after.entries()) {
    if (vertex === before[agent]) continue;
    const other = places.get(vertex);
    if (other !== undefined && after[other] === before[agent]) wrong++;
    if (!neighbours.subarray(first[before[agent]], first[before[agent] + 1]).includes(vertex)) wrong++;
  }
  return wrong;
}

describe('a team without end', () => {
  const graph = createCellGraph(STREETS, 4);
  const run = (seed: number) => {
    const stream = randomStream(seed, 0, 0, 0, 0);
    let draws = 0;
    const reached = new Int32Array(NUM_AGENTS).fill(-1);
    const starts = Int32Array.from({ length: NUM_AGENTS }, (_, i) => i * 2);
    const team = createLifelongTeam(
      graph,
      starts,
      (agent) => {
        reached[agent]++;
        return drawU32(stream, draws++) % graph.numVertices;
      },
      { seed },
    );
    let wrong = 0;
    for (let step = 0; step < 1000; step++) {
      const before = team.positions.slice();
      team.step();
      wrong += wrongMoves(graph, before, team.positions);
    }
    return { wrong, reached, positions: team.positions.slice(), numReached: team.numReached };
  };

  it('never collides, and each of 120 agents reaches goal after goal', () => {
    const { wrong, reached, numReached } = run(1);
    expect(wrong).toBe(0);
    expect(Math.min(...reached)).toBeGreaterThanOrEqual(5);
    expect(numReached).toBe(reached.reduce((sum, one) => sum + one, 0));
  });
  it('is the same for a seed', () => {
    expect(run(2)).toEqual(run(2));
    expect(run(2).positions).not.toEqual(run(3).positions);
  });
  it('goes on where streets end dead, which takes agents that change over at the mouth', () => {
    // Four dead ends off one ring.
    const rows = ['@.@@.@', '......', '@.@@.@', '......', '@.@@.@'];
    const deadEnds = createCellGraph({ size: [6, 1, 5], blocked: Uint8Array.from(rows.join(''), (letter) => (letter === '.' ? 0 : 1)) }, 4);
    const reachedWith = (swap: boolean): number => {
      const stream = randomStream(4, 0, 0, 0, 0);
      let draws = 0;
      const team = createLifelongTeam(
        deadEnds,
        Int32Array.from({ length: 8 }, (_, i) => i),
        () => drawU32(stream, draws++) % deadEnds.numVertices,
        { swap },
      );
      for (let step = 0; step < 1000; step++) team.step();
      return team.numReached;
    };
    expect(reachedWith(true)).toBeGreaterThan(4 * reachedWith(false));
  });
  it('would be caught colliding, changing places, or jumping', () => {
    const [a, b] = [0, graph.neighbours[0]];
    expect(wrongMoves(graph, Int32Array.of(a, b), Int32Array.of(b, b))).toBe(1);
    expect(wrongMoves(graph, Int32Array.of(a, b), Int32Array.of(b, a))).toBe(2);
    expect(wrongMoves(graph, Int32Array.of(a), Int32Array.of(graph.numVertices - 1))).toBe(1);
  });
});
