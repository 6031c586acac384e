/**
 * Plans as files. Ours: `{ "dt": seconds, "robots": [{ "name", "type", "states": N + 1 rows, "actions": N rows }] }`; on grids a state is a cell (column and
 * row, or x, y, z) per step, an action the move to the next one, and where moves take their length `times` says when each cell is reached. Read are also the
 * solutions of dynobench and db-CBS (`states` and `actions`, or several under `result`), whose header flags count for nothing.
 */
import { z } from 'zod';
import { numControls, numStates } from '../dynamics/dynamics.js';
import type { CellPath, StateTrajectory, Trajectory } from '../trajectory.js';
import type { ContinuousProblem, GridProblem, Problem } from './problem.js';
import { refuseFile } from './refusal.js';
import { checkedYaml, readYaml } from './yaml-file.js';

export interface PlanFile {
  readonly dt: number;
  readonly robots: readonly {
    readonly name: string;
    readonly type: string;
    readonly states: readonly (readonly number[])[];
    readonly actions: readonly (readonly number[])[];
    readonly times?: readonly number[];
  }[];
}

export interface ReadPlan {
  readonly trajectories: readonly Trajectory[];
  /** The numbers were printed with five or six digits, as dynobench and db-CBS do. */
  readonly printed: boolean;
}

const ROWS = z.array(z.array(z.number()));
const SOLUTION = z.object({ states: ROWS, actions: ROWS });
const OWN = z.object({
  dt: z.number().positive(),
  robots: z.array(
    z.object({
      name: z.string().optional(),
      type: z.string().optional(),
      states: ROWS,
      actions: ROWS,
      times: z.array(z.number()).optional(),
    }),
  ),
});
const FILE = z.union([OWN, SOLUTION, z.object({ result: z.array(SOLUTION) })], {
  error: 'A plan must be {dt, robots: [{states, actions}]}, or a solution with states and actions, one or several under result',
});

/**
 * Trajectories in the order of the file, which should be that of the problem; whether they fit the problem is the validator's to say.
 * @throws ScenarioError `problem-file` for a file that is no plan.
 */
export function parsePlan(text: string, fileName: string, problem: Problem): ReadPlan {
  const file = readYaml(text, fileName);
  const plan = checkedYaml(FILE, file, fileName);
  if ('robots' in plan) {
    const trajectories = plan.robots.map((robot, index) => {
      const name = robot.name ?? nameOf(problem, index);
      if (problem.kind === 'grid') return cellPath(name, robot.states, robot.times, fileName);
      return stateTrajectory(problem, index, name, robot.type, plan.dt, robot.states, robot.actions, fileName);
    });
    return { trajectories, printed: false };
  }
  if (problem.kind === 'grid')
    return refuseFile(
      fileName,
      undefined,
      'A plan on a grid must be {dt, robots: [{states}]}',
      'a solution of dynobench',
      'Give the plan that belongs to the problem.',
    );
  const solutions = 'result' in plan ? plan.result : [plan];
  const trajectories = solutions.map(({ states, actions }, index) =>
    stateTrajectory(
      problem,
      index,
      nameOf(problem, index),
      undefined,
      problem.robots[index]?.dynamics.dt ?? Number.NaN,
      states,
      actions,
      fileName,
    ),
  );
  return { trajectories, printed: true };
}

/** The plan as `--out` writes it. */
export function toPlanFile(problem: Problem, trajectories: readonly Trajectory[]): PlanFile {
  const robots = trajectories.map((one, index) => {
    if (one.kind === 'cells') return cellRows(one, problem as GridProblem);
    const { dynamics } = (problem as ContinuousProblem).robots[index];
    return {
      name: one.robot,
      type: one.type,
      states: rowsOf(one.states, numStates(dynamics)),
      actions: rowsOf(one.controls, numControls(dynamics)),
    };
  });
  const [first] = trajectories;
  return { dt: first?.kind === 'states' ? first.dt : 1, robots };
}

function nameOf(problem: Problem, index: number): string {
  const robots = problem.kind === 'grid' ? problem.agents : problem.robots;
  return robots[index]?.name ?? `robot-${index}`;
}

function stateTrajectory(
  problem: ContinuousProblem,
  index: number,
  robot: string,
  type: string | undefined,
  dt: number,
  states: number[][],
  actions: number[][],
  fileName: string,
): StateTrajectory {
  const { dynamics } = problem.robots[index] ?? problem.robots[0];
  const flat = (rows: number[][], width: number, what: string): Float64Array => {
    const wrong = rows.findIndex((row) => row.length !== width);
    if (wrong >= 0)
      refuseFile(
        fileName,
        undefined,
        `${what} ${wrong} of ${robot} must have ${width} numbers`,
        `${rows[wrong].length}`,
        `Check its type, ${dynamics.name}.`,
      );
    return Float64Array.from(rows.flat());
  };
  return {
    kind: 'states',
    robot,
    type: type ?? dynamics.name,
    start: 0,
    dt,
    states: flat(states, numStates(dynamics), 'State'),
    controls: flat(actions, numControls(dynamics), 'Action'),
    tail: 'hold',
  };
}

function cellPath(robot: string, rows: number[][], times: number[] | undefined, fileName: string): CellPath {
  const wrong = rows.findIndex((row) => row.length < 2 || row.length > 3 || !row.every(Number.isInteger));
  if (wrong >= 0)
    refuseFile(
      fileName,
      undefined,
      `Cell ${wrong} of ${robot} must be 2 or 3 whole numbers`,
      JSON.stringify(rows[wrong]),
      'Give cells, not metres.',
    );
  if (times !== undefined && times.length !== rows.length)
    refuseFile(
      fileName,
      undefined,
      `${robot} must have as many times as cells, ${rows.length}`,
      `${times.length}`,
      'Give a time for each cell.',
    );
  return {
    kind: 'cells',
    robot,
    cells: Int32Array.from(rows.flatMap((row) => (row.length === 2 ? [row[0], 0, row[1]] : row))),
    times: Float64Array.from(times ?? rows.map((_, step) => step)),
    tail: 'hold',
  };
}

/** Cells per step where moves take steps: a path that waits names its cell again. */
function cellRows({ robot, cells, times }: CellPath, { grid, timing }: GridProblem): PlanFile['robots'][number] {
  const row = (at: number): number[] =>
    grid.size[1] === 1 ? [cells[3 * at], cells[3 * at + 2]] : [cells[3 * at], cells[3 * at + 1], cells[3 * at + 2]];
  const states: number[][] = [];
  for (let k = 0; k < times.length; k++) {
    // In whole steps the move into cell k takes the last one.
    if (timing === 'steps' && k > 0) for (let t = times[k - 1] + 1; t < times[k]; t++) states.push(row(k - 1));
    states.push(row(k));
  }
  const actions = states.slice(1).map((to, k) => to.map((value, axis) => value - states[k][axis]));
  return { name: robot, type: 'cell', states, actions, ...(timing === 'lengths' ? { times: [...times] } : {}) };
}

function rowsOf(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
}
