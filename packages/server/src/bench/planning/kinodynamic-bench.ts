/** B7, B8: robots with dynamics, single ones beside dynobench's reference solutions, and teams of db-CBS. */
import {
  angleDifference,
  type ContinuousProblem,
  createDynamics,
  createGapPlanner,
  loadProblem,
  type Planner,
  parsePlan,
  parsePrimitives,
  planChecked,
  plannerNamed,
  type Trajectory,
} from '@kinovox/planning';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

export const kinodynamicBench: PlanningBench = { bars: ['B7', 'B8'], needsData: true, run: benchKinodynamic };

const BUDGET_MS = 60_000;
const ROOM_PROBLEMS = ['parallelpark_0', 'kink_0', 'bugtrap_0'];
const SINGLE = ['unicycle1_v0', 'unicycle2_v0', 'car1_v0'];
/** Their libraries of 100 motion primitives. */
const PRIMITIVES: Readonly<Record<string, string>> = {
  unicycle1_v0: 'unicycle1_v0__ispso__2023_04_03__14_56_57.bin.im.bin.im.bin.small.msgpack',
  unicycle2_v0: 'unicycle2_v0__ispso__2023_04_03__15_36_01.bin.im.bin.im.bin.small.msgpack',
  car1_v0: 'car1_v0_all.bin.sp.bin.small.msgpack',
};
/** Teams with the makespan that is asked of them, where one is. */
const TEAMS: readonly [name: string, makespan?: number][] = [
  ['swap2_unicycle', 9],
  ['swap2_unicycle2', 9.1],
  ['swap2_trailer', 6.2],
  ['swap2_double_integrator'],
  ['swap2_hetero'],
  ['swap4_unicycle', 7.1],
  ['alcove_unicycle_sphere'],
  ['at_goal_unicycle'],
  ['window4_double_integrator'],
  ['gen_p10_n2_1_hetero', 9.2],
];

async function benchKinodynamic(data: BenchData): Promise<PlanningRow[]> {
  const rows: PlanningRow[] = [];
  const gapPlanner = createGapPlanner(
    Object.fromEntries(
      SINGLE.map((system) => {
        const path = `dynobench/envs/${system}/motions/${PRIMITIVES[system]}`;
        return [system, parsePrimitives(data.bytes(path), createDynamics(system), path)];
      }),
    ),
  );
  let solved = 0;
  let solvedWithGaps = 0;
  for (const system of SINGLE)
    for (const name of ROOM_PROBLEMS) {
      const path = `dynobench/envs/${system}/${name}`;
      const reference = Number(/^cost: ([\d.]+)/m.exec(data.text(`${path}/idbastar_v0_solution_v0.yaml`))?.[1]);
      const { makespan, ms, bend, problem } = await plan(data, `${path}.yaml`, plannerNamed('db-astar'));
      const solution = `${path}/idbastar_v0_solution_v0.yaml`;
      const theirs = widestBend(problem, parsePlan(data.text(solution), solution, problem).trajectories);
      if (makespan !== null) solved++;
      if ((await plan(data, `${path}.yaml`, gapPlanner)).makespan !== null) solvedWithGaps++;
      rows.push({
        bar: 'B7',
        instance: `${system} ${name}`,
        figure: 'cost',
        value: makespan,
        unit: 's',
        limit: { most: Number((1.25 * reference).toFixed(3)) },
        peer: { value: reference, name: 'iDb-A* reference' },
        note: `${(ms / 1000).toFixed(1)} s${bend === undefined ? '' : `; trailer at up to ${bend.toFixed(2)} rad to the car, reference ${theirs?.toFixed(2)}`}`,
      });
    }
  rows.unshift({ bar: 'B7', instance: 'unicycle1, unicycle2, car1', figure: 'solved', value: solved, unit: 'of 9', limit: { least: 9 } });
  rows.push({
    bar: 'B7',
    instance: 'the same over 100 primitives with gaps',
    figure: 'solved',
    value: solvedWithGaps,
    unit: 'of 9',
  });
  const cbs = plannerNamed('db-cbs');
  for (const [name, most] of TEAMS) {
    const { makespan, ms, reason } = await plan(data, `db-cbs/example/${name}.yaml`, cbs);
    rows.push({
      bar: 'B8',
      instance: name,
      figure: 'makespan',
      value: makespan,
      unit: 's',
      ...(most === undefined ? {} : { limit: { most } }),
      note: reason ?? `${(ms / 1000).toFixed(1)} s`,
    });
  }
  for (const robots of [2, 4]) {
    let count = 0;
    for (let instance = 0; instance < 10; instance++)
      if ((await plan(data, `db-cbs/example/gen_p10_n${robots}_${instance}_hetero.yaml`, cbs)).makespan !== null) count++;
    rows.push({ bar: 'B8', instance: `gen_p10_n${robots}_*_hetero`, figure: 'solved', value: count, unit: 'of 10', limit: { least: 9 } });
  }
  return rows;
}

interface Planned {
  readonly makespan: number | null;
  readonly ms: number;
  readonly reason?: string;
  /** rad; undefined without a trailer or a plan. */
  readonly bend?: number;
  readonly problem: ContinuousProblem;
}

/** The widest angle between a lone car and its trailer. */
function widestBend({ robots: [{ dynamics }] }: ContinuousProblem, [trajectory]: readonly Trajectory[]): number | undefined {
  const trailer = dynamics.stateNames.indexOf('trailerYaw');
  if (trailer < 0 || trajectory?.kind !== 'states') return undefined;
  const { states } = trajectory;
  const nx = dynamics.stateNames.length;
  let widest = 0;
  for (let k = 0; k < states.length; k += nx) widest = Math.max(widest, Math.abs(angleDifference(states[k + 2], states[k + trailer])));
  return widest;
}

async function plan(data: BenchData, path: string, planner: Planner<never>): Promise<Planned> {
  const problem = loadProblem(data.text(path), path, { readBeside: () => undefined }) as ContinuousProblem;
  const { stats, status, reason, trajectories } = await planChecked(planner, problem, { ms: BUDGET_MS });
  return { makespan: status === 'solved' ? stats.makespan : null, ms: stats.ms, reason, bend: widestBend(problem, trajectories), problem };
}
