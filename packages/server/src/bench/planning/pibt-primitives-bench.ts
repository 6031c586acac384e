/** P2: PIBT over moves with braking ways: swaps and circles beside db-astar on the same time, and what a step of a large team takes, judged by the validator. */
import {
  type ContinuousProblem,
  createDynamics,
  createDynamicTeam,
  createGuidance,
  createLattices,
  createSpending,
  loadProblem,
  planChecked,
  plannerNamed,
  type StateTrajectory,
  validatePlan,
} from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

export const pibtPrimitivesBench: PlanningBench = { bars: ['P2'], needsData: true, run: benchPibtPrimitives };

const BUDGET_MS = 5000;
const SWAPS = ['unicycle', 'unicycle2', 'unicycle_sphere', 'double_integrator'].flatMap((type) =>
  [2, 3, 4].map((robots) => `db-cbs/example/swap${robots}_${type}`),
);
const PROBLEMS = [...SWAPS, 'db-cbs/example/alcove_unicycle', 'db-cbs/example/at_goal_unicycle', 'db-lacam/circle8_unicycle'];

async function benchPibtPrimitives(data: BenchData): Promise<PlanningRow[]> {
  const row = { bar: 'P2', instance: `${PROBLEMS.length} swaps, circles and alcoves, ${BUDGET_MS / 1000} s each` };
  const ours = await solve(data, 'pibt-primitives');
  const peer = await solve(data, 'db-astar');
  const unsolved = PROBLEMS.filter((_, i) => ours[i] === undefined).map((path) => path.replace(/^.*\//, ''));
  const both = PROBLEMS.map((_, i) => [ours[i], peer[i]]).filter(([a, b]) => a !== undefined && b !== undefined) as [number, number][];
  const mean = (which: 0 | 1): number => Number((both.reduce((sum, one) => sum + one[which], 0) / both.length).toFixed(1));
  return [
    {
      ...row,
      figure: 'solved',
      value: ours.filter((one) => one !== undefined).length,
      unit: `of ${PROBLEMS.length}`,
      peer: { value: peer.filter((one) => one !== undefined).length, name: 'our db-astar' },
      ...(unsolved.length === 0 ? {} : { note: `not ${unsolved.join(', ')}` }),
    },
    {
      ...row,
      figure: `mean makespan of the ${both.length} that both solve`,
      value: both.length === 0 ? null : mean(0),
      unit: 's',
      ...(both.length === 0 ? { note: 'none' } : { peer: { value: mean(1), name: 'our db-astar' } }),
    },
    ...largeTeam(50),
  ];
}

/** Makespans; a plan that the validator refuses is no solution. */
async function solve(data: BenchData, planner: string): Promise<(number | undefined)[]> {
  const makespans: (number | undefined)[] = [];
  for (const path of PROBLEMS) {
    const problem = loadProblem(data.text(`${path}.yaml`), path, { readBeside: () => undefined });
    const { status, stats } = await planChecked(plannerNamed(planner), problem, { ms: BUDGET_MS });
    makespans.push(status === 'solved' ? (stats.makespan ?? undefined) : undefined);
  }
  return makespans;
}

/** Double integrators on drawn places, one after the other places of a raster; all rounds until they have arrived, judged as one plan. */
function largeTeam(count: number): PlanningRow[] {
  const dynamics = createDynamics('integrator2_2d_v0');
  const side = 14;
  const perRow = 10;
  const stream = randomStream(7, 0, 0, 0, 0);
  const places = Array.from({ length: perRow * perRow }, (_, k) => k);
  for (let i = places.length - 1; i > 0; i--) {
    const j = drawU32(stream, i) % (i + 1);
    [places[i], places[j]] = [places[j], places[i]];
  }
  const at = (place: number): Float64Array => Float64Array.of(0.8 + 1.3 * (place % perRow), 0.8 + 1.3 * Math.floor(place / perRow), 0, 0);
  const robots = Array.from({ length: count }, (_, i) => ({
    name: `robot-${i}`,
    dynamics,
    start: at(places[i]),
    goal: at(places[(i + count) % places.length]),
  }));
  const problem: ContinuousProblem = {
    kind: 'continuous',
    name: 'large team',
    space: 2,
    min: [0, 0, 0],
    max: [side, side, 0],
    obstacles: [],
    robots,
  };
  const row = { bar: 'P2', instance: `${count} double integrators, ${side} x ${side} m` };
  const spending = createSpending({});
  const lattices = createLattices(problem, spending);
  const guidance = lattices && createGuidance(problem, lattices, Array.from(robots.keys()), spending);
  const prepared = spending.ms;
  const team = guidance && createDynamicTeam(problem, guidance, spending, 0);
  if (team === undefined || typeof team === 'string')
    return [{ ...row, figure: 'a step', value: null, unit: 'ms', note: team ?? 'no guides' }];
  const began = performance.now();
  while (team.numAtGoal < count && team.step < 2000) team.round();
  const ms = (performance.now() - began) / team.step;
  const plan = team.plan().map(
    ({ states, controls }, i): StateTrajectory => ({
      kind: 'states',
      robot: `robot-${i}`,
      type: dynamics.name,
      start: 0,
      dt: dynamics.dt,
      states,
      controls,
      tail: 'hold',
    }),
  );
  const verdict = validatePlan(problem, plan, undefined, ['goal']);
  return [
    { ...row, figure: 'a step, mean', value: ms, unit: 'ms', limit: { most: 10 } },
    { ...row, figure: 'guides of all robots, once', value: prepared, unit: 'ms' },
    { ...row, figure: 'at their goals', value: team.numAtGoal, unit: `of ${count}`, note: `after ${team.step} steps` },
    { ...row, figure: 'violations by the validator', value: verdict.valid ? 0 : 1, unit: '', limit: { most: 0 } },
  ];
}
