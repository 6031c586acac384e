/** B9: teams of db-LaCAM, and 50 robots without obstacles, by the planner that searches and by the one that moves everybody round by round, 60 s each. */
import { type ContinuousProblem, createDynamics, loadProblem, planChecked, plannerNamed } from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

export const largerTeamsBench: PlanningBench = { bars: ['B9'], needsData: true, run: benchLargerTeams };

const BUDGET_MS = 60_000;
const TEAMS = ['forest4_integrator2_3d', 'window8_integrator2_3d', 'circle8_unicycle'];
const PLANNERS = ['db-cbs', 'pibt-primitives'];
const CROWD = 50;
/** Side of the crowd's square, and what keeps its starts, and its goals, apart, metres. */
const SIDE = 40;
const APART = 1.5;

async function benchLargerTeams(data: BenchData): Promise<PlanningRow[]> {
  const problems = TEAMS.map((name): ContinuousProblem => {
    const path = `db-lacam/${name}.yaml`;
    return loadProblem(data.text(path), path, { readBeside: () => undefined }) as ContinuousProblem;
  });
  problems.push(crowd());
  const rows: PlanningRow[] = [];
  let solved = 0;
  for (const [i, problem] of problems.entries()) {
    const instance = TEAMS[i] ?? problem.name;
    let isSolved = false;
    for (const name of PLANNERS) {
      const { stats, status, reason } = await planChecked(plannerNamed(name), problem, { ms: BUDGET_MS });
      const makespan = status === 'solved' ? stats.makespan : null;
      isSolved ||= makespan !== null;
      const note = makespan === null ? reason : `${(stats.ms / 1000).toFixed(1)} s`;
      rows.push({ bar: 'B9', instance, figure: `makespan, ${name}`, value: makespan, unit: 's', ...(note === undefined ? {} : { note }) });
    }
    if (isSolved) solved++;
  }
  const { length } = problems;
  rows.push({
    bar: 'B9',
    instance: `the ${length} teams`,
    figure: 'solved by one of the planners',
    value: solved,
    unit: `of ${length}`,
    limit: { least: length },
  });
  return rows;
}

/** Unicycles from drawn places to drawn places. */
function crowd(): ContinuousProblem {
  const dynamics = createDynamics('unicycle1_v0');
  const stream = randomStream(9, 0, 0, 0, 0);
  let draws = 0;
  const drawPlaces = (): [number, number][] => {
    const places: [number, number][] = [];
    while (places.length < CROWD) {
      const [x, y] = [0, 0].map(() => 1 + ((SIDE - 2) * drawU32(stream, draws++)) / 2 ** 32);
      if (places.every(([a, b]) => (a - x) ** 2 + (b - y) ** 2 > APART * APART)) places.push([x, y]);
    }
    return places;
  };
  const starts = drawPlaces();
  const goals = drawPlaces();
  return {
    kind: 'continuous',
    name: `${CROWD} unicycles on ${SIDE} x ${SIDE} m`,
    space: 2,
    min: [0, 0, 0],
    max: [SIDE, SIDE, 0],
    obstacles: [],
    robots: starts.map((start, i) => ({
      name: `robot-${i}`,
      dynamics,
      start: Float64Array.of(...start, 0),
      goal: Float64Array.of(...goals[i], 0),
    })),
  };
}
