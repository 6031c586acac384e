/**
 * Plans as files. Ours: `{ "dt": seconds, "robots": [{ "name", "type", "states": N + 1 rows, "actions": N rows }] }`, and in a robot `dt` and `start`, where
 * its steps differ from the file's or its plan begins later than 0; on grids a state is a cell (column and
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
    /** Seconds of a step; undefined = that of the file. */
    readonly dt?: number;
    /** Seconds from the start of the plan to the first state; undefined = 0. */
    readonly start?: number;
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
      dt: z.number().positive().optional(),
      start: z.number().optional(),
      states: ROWS,
      actions: ROWS.optional(),
      times: z.array(z.number()).optional(),
    }),
  ),
});
const FILE = z.union([OWN, SOLUTION, z.object({ result: z.array(SOLUTION) })], {
  error: 'A plan must be {dt, robots: [{states, actions}]}, or a solution with states and actions, one or several under result',
});

/** A plan file whose form was checked; what it plans for is still open. */
export type PlanContent = z.infer<typeof FILE>;

/** @throws ScenarioError `problem-file` for a file that is no plan. */
export function readPlanFile(text: string, fileName: string): PlanContent {
  return checkedYaml(FILE, readYaml(text, fileName), fileName);
}

/** What the file says of its first robot: its type, and the numbers in a state; undefined where it says nothing. */
export function firstOfPlan(plan: PlanContent): { type: string | undefined; width: number | undefined } {
  const [first] = 'robots' in plan ? plan.robots : 'result' in plan ? plan.result : [plan];
  return { type: first !== undefined && 'type' in first ? first.type : undefined, width: first?.states[0]?.length };
}

/** As `planFor`, of the text of a file. */
export function parsePlan(text: string, fileName: string, problem: Problem): ReadPlan {
  return planFor(readPlanFile(text, fileName), fileName, problem);
}

/**
 * Trajectories in the order of the file, which should be that of the problem; whether they fit the problem is the validator's to say.
 * @throws ScenarioError `problem-file` for a plan of another kind than the problem.
 */
export function planFor(plan: PlanContent, fileName: string, problem: Problem): ReadPlan {
  if ('robots' in plan) {
    const trajectories = plan.robots.map((robot, index) => {
      const name = robot.name ?? nameOf(problem, index);
      const { type, dt = plan.dt, start = 0, states, actions = [] } = robot;
      if (problem.kind === 'continuous') return stateTrajectory(problem, index, name, { type, dt, start, states, actions }, fileName);
      const path = cellPath(name, states, robot.times, fileName);
      assertCellsOnly(path, { type, dt, start, states, actions }, fileName);
      return path;
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
      { type: undefined, dt: problem.robots[index]?.dynamics.dt ?? Number.NaN, start: 0, states, actions },
      fileName,
    ),
  );
  return { trajectories, printed: true };
}

/** The plan as `--out` writes it. */
export function toPlanFile(problem: Problem, trajectories: readonly Trajectory[]): PlanFile {
  const [first] = trajectories;
  const dt = first?.kind === 'states' ? first.dt : 1;
  const robots = trajectories.map((one, index) => {
    if (one.kind === 'cells') return cellRows(one, problem as GridProblem);
    const { dynamics } = (problem as ContinuousProblem).robots[index];
    return {
      name: one.robot,
      type: one.type,
      ...(one.dt === dt ? {} : { dt: one.dt }),
      ...(one.start === 0 ? {} : { start: one.start }),
      states: rowsOf(one.states, numStates(dynamics)),
      actions: rowsOf(one.controls, numControls(dynamics)),
    };
  });
  return { dt, robots };
}

function nameOf(problem: Problem, index: number): string {
  const robots = problem.kind === 'grid' ? problem.agents : problem.robots;
  return robots[index]?.name ?? `robot-${index}`;
}

/** A robot's plan as the file has it. */
interface Rows {
  readonly type: string | undefined;
  readonly dt: number;
  readonly start: number;
  readonly states: number[][];
  readonly actions: number[][];
}

function stateTrajectory(
  problem: ContinuousProblem,
  index: number,
  robot: string,
  { type, dt, start, states, actions }: Rows,
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
    start,
    dt,
    states: flat(states, numStates(dynamics), 'State'),
    controls: flat(actions, numControls(dynamics), 'Action'),
    tail: 'hold',
  };
}

function cellPath(robot: string, rows: number[][], times: number[] | undefined, fileName: string): CellPath {
  // Beyond 32 bits cells would wrap round, and come in again on the other side.
  const wrong = rows.findIndex((row) => row.length < 2 || row.length > 3 || !row.every((value) => (value | 0) === value));
  if (wrong >= 0)
    refuseFile(
      fileName,
      undefined,
      `Cell ${wrong} of ${robot} must be 2 or 3 whole numbers of 32 bits`,
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
    cells: Int32Array.from(rows.flatMap(inSpace)),
    times: Float64Array.from(times ?? rows.map((_, step) => step)),
    tail: 'hold',
  };
}

/** What stands in the file beside the cells must not say anything else. */
function assertCellsOnly({ robot, cells }: CellPath, { type, dt, start, states, actions }: Rows, fileName: string): void {
  const refuse = (must: string, got: string, next: string) => refuseFile(fileName, undefined, `On a grid ${must}`, got, next);
  if (type !== undefined && type !== 'cell') refuse(`the type of ${robot} must be cell, or left out`, type, 'Check the problem.');
  if (dt !== 1) refuse(`dt of ${robot} must be 1, since time counts steps or lengths`, `${dt}`, 'Write "dt": 1.');
  if (start !== 0) refuse(`${robot} must start at time 0`, `${start}`, 'Let the path wait in its first cell.');
  if (actions.length === 0) return;
  if (actions.length !== states.length - 1)
    refuse(
      `${robot} must have an action less than cells, ${states.length - 1}`,
      `${actions.length}`,
      'Mend the actions, or leave them out.',
    );
  const wrong = actions.findIndex(
    (row, k) => row.length < 2 || row.length > 3 || inSpace(row).some((way, axis) => way !== cells[3 * k + 3 + axis] - cells[3 * k + axis]),
  );
  if (wrong >= 0)
    refuse(
      `action ${wrong} of ${robot} must be cell ${wrong + 1} less cell ${wrong}`,
      JSON.stringify(actions[wrong]),
      'Mend the actions, or leave them out.',
    );
}

/** Column and row of a plane, as x, y, z. */
function inSpace(row: readonly number[]): readonly number[] {
  return row.length === 2 ? [row[0], 0, row[1]] : row;
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
