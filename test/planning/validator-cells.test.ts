/** Each check of the validator of cells by a plan that breaks it and its twin that does not. Cells are written as 'x,z x,z'. */
import { type CellPath, type GridMoves, type GridProblem, validatePlan } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

/** `[x, 0, z]` of each. */
const cellsOf = (text: string): [number, number, number][] =>
  text
    .split(' ')
    .filter((cell) => cell !== '')
    .map((cell) => {
      const [x, z] = cell.split(',').map(Number);
      return [x, 0, z];
    });
/** @param agents each 'start goal'. */
const grid = (rows: string[], agents: string[], moves: GridMoves = 4, timing: 'steps' | 'lengths' = 'steps'): GridProblem => ({
  kind: 'grid',
  name: 'grid',
  grid: { size: [rows[0].length, 1, rows.length], blocked: Uint8Array.from(rows.join(''), (letter) => (letter === '@' ? 1 : 0)) },
  moves,
  agents: agents.map((agent, index) => {
    const [start, goal] = cellsOf(agent);
    return { name: `a${index}`, start, goal };
  }),
  timing,
  radius: timing === 'lengths' ? Math.SQRT2 / 4 : 0,
});
const path = (index: number, text: string, at?: number[]): CellPath => {
  const cells = cellsOf(text);
  return {
    kind: 'cells',
    robot: `a${index}`,
    cells: Int32Array.from(cells.flat()),
    times: Float64Array.from(at ?? cells.map((_, k) => k)),
    tail: 'hold',
  };
};
const verdictOf = (problem: GridProblem, paths: CellPath[]) => {
  const verdict = validatePlan(problem, paths);
  return verdict.valid ? 'valid' : verdict.violation.constraint;
};

describe('the validator of cells', () => {
  const open = ['...', '...', '...'];

  it('accepts moves, waits and agents that follow each other', () => {
    const problem = grid(open, ['0,0 2,0', '1,0 2,1']);
    expect(verdictOf(problem, [path(0, '0,0 1,0 2,0'), path(1, '1,0 2,0 2,1')])).toBe('valid');
    expect(verdictOf(problem, [path(0, '0,0 1,0 2,0', [0, 5, 9]), path(1, '1,0 1,1 2,1')])).toBe('valid');
  });

  const one = grid(open, ['0,0 2,0']);
  const cases: [string, string, GridProblem, CellPath[]][] = [
    ['shape', 'no cells', one, [path(0, '')]],
    ['shape', 'times that fall', one, [path(0, '0,0 1,0 2,0', [0, 2, 1])]],
    ['shape', 'half steps', one, [path(0, '0,0 1,0 2,0', [0, 1.5, 3])]],
    ['shape', 'a late begin', one, [path(0, '0,0 1,0 2,0', [1, 2, 3])]],
    ['start', 'another start', one, [path(0, '1,0 2,0')]],
    ['goal', 'another end', one, [path(0, '0,0 1,0')]],
    ['move', 'a jump', one, [path(0, '0,0 2,0')]],
    ['move', 'a diagonal in four moves', grid(open, ['0,0 1,1']), [path(0, '0,0 1,1')]],
    ['obstacle', 'a wall', grid(['.@.', '...'], ['0,0 2,0']), [path(0, '0,0 1,0 2,0')]],
    ['obstacle', 'the outside', grid(open, ['0,0 0,0']), [path(0, '0,0 -1,0 0,0')]],
    ['obstacle', 'a cut corner', grid(['.@', '..'], ['0,0 1,1'], 8), [path(0, '0,0 1,1')]],
    ['move', 'a diagonal in the time of a side', grid(open, ['0,0 1,1'], 8, 'lengths'), [path(0, '0,0 1,1', [0, 1])]],
    ['pair', 'two in one cell', grid(open, ['0,0 2,0', '1,1 1,2']), [path(0, '0,0 1,0 2,0'), path(1, '1,1 1,0 1,1 1,2')]],
    ['swap', 'two that change places', grid(open, ['0,0 1,0', '1,0 0,0']), [path(0, '0,0 1,0'), path(1, '1,0 0,0')]],
    ['pair', 'one that is parked', grid(open, ['0,0 1,0', '0,1 2,0']), [path(0, '0,0 1,0'), path(1, '0,1 0,0 1,0 2,0')]],
  ];
  it.each(cases)('says %s of %s', (constraint, _, problem, paths) => {
    expect(verdictOf(problem, paths)).toBe(constraint);
  });

  it('accepts the twins of those that differ in time or place alone', () => {
    expect(verdictOf(grid(open, ['0,0 1,1'], 8), [path(0, '0,0 1,1')])).toBe('valid');
    expect(verdictOf(grid(open, ['0,0 1,1'], 8, 'lengths'), [path(0, '0,0 1,1', [0, Math.SQRT2])])).toBe('valid');
    expect(verdictOf(grid(open, ['0,0 2,0', '1,1 1,2']), [path(0, '0,0 1,0 2,0', [0, 4, 5]), path(1, '1,1 1,0 1,1 1,2')])).toBe('valid');
    // A ring of four turns by one: nobody swaps.
    const ring = ['0,0 1,0', '1,0 1,1', '1,1 0,1', '0,1 0,0'];
    const turns = ring.map((cells, i) => path(i, cells));
    expect(verdictOf(grid(open, ring), turns)).toBe('valid');
  });

  it('judges plans whose steps lie far apart, by the steps at which somebody moves', () => {
    const problem = grid(open, ['0,0 1,0', '2,0 2,1']);
    const late = (index: number, cells: string) => path(index, cells, [0, 1e15, 1e15 + 1].slice(0, cells.split(' ').length));
    const first = late(0, '0,0 1,0');
    expect(verdictOf(problem, [first, late(1, '2,0 2,1')])).toBe('valid');
    expect(verdictOf(problem, [first, late(1, '2,0 1,0 2,0')])).toBe('pair');
    const passing = grid(open, ['0,0 1,0', '1,0 0,0']);
    expect(validatePlan(passing, [first, late(1, '1,0 0,0')])).toMatchObject({ violation: { constraint: 'swap', step: 1e15 - 1 } });
  });

  it('refuses teams with diagonals that take one step: they could cross unseen', () => {
    const crossing = ['0,0 1,1', '1,0 0,1'];
    const paths = crossing.map((cells, index) => path(index, cells));
    expect(verdictOf(grid(open, crossing, 8), paths)).toBe('shape');
    expect(verdictOf(grid(open, crossing.slice(0, 1), 8), paths.slice(0, 1))).toBe('valid');
  });

  it('meets discs in continuous time', () => {
    // Crossing at a right angle, discs of radius sqrt(2)/4 touch when one comes through the middle 1 after the other.
    for (const [wait, verdict] of [
      [0.99, 'pair'],
      [1.001, 'valid'],
    ] as const) {
      const problem = grid(open, ['0,1 2,1', '1,0 1,2'], 8, 'lengths');
      expect(verdictOf(problem, [path(0, '0,1 1,1 2,1'), path(1, '1,0 1,1 1,2', [0, 1 + wait, 2 + wait])])).toBe(verdict);
    }
  });
});
