/** Teams on grids: LaCAM* on random-32-32-10-random-1, first plan and plan after 10 s. Peers' figures were measured on a 2-core machine, gcc -O3. */
import { type GridProblem, lacamPlanner, movingAiProblem, parseMovingAiMap, parseMovingAiScenario } from '@kinovox/planning';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

const MAP = 'movingai-mapf/random-32-32-10.map';
const SCENARIO = 'movingai-mapf/random-32-32-10-random-1.scen';
const SEEDS = [0, 1, 2];
const BUDGET_MS = 10_000;
/** Sum of costs of lacam3 after 5 s, by agents. */
const LACAM3 = new Map([
  [50, 1118],
  [100, 2365],
  [200, 4847],
  [300, 8098],
  [409, 14465],
]);

export const teamsBench: PlanningBench = {
  bars: ['B3', 'B4'],
  needsData: true,
  async run(data) {
    return [await firstPlan(data, 400), ...(await boundedPlans(data))];
  },
};

/** The slowest of three seeds, each asked for a first plan. */
async function firstPlan(data: BenchData, numAgents: number): Promise<PlanningRow> {
  const problem = randomMap(data, numAgents);
  let slowest = 0;
  let solved = 0;
  for (const seed of SEEDS) {
    const { status, stats } = await lacamPlanner.plan(problem, {}, { seed });
    slowest = Math.max(slowest, stats.ms);
    if (status === 'solved') solved++;
  }
  const row = { bar: 'B3', instance: problem.name, figure: 'first plan, slowest of 3 seeds', unit: 'ms', limit: { most: 600 } };
  if (solved < SEEDS.length) return { ...row, value: null, note: `solved with ${solved} of ${SEEDS.length} seeds` };
  return { ...row, value: slowest, peer: { value: 110, name: 'LaCAM (C++)' } };
}

async function boundedPlans(data: BenchData): Promise<PlanningRow[]> {
  const rows: PlanningRow[] = [];
  for (const numAgents of [50, 100, 200, 300, 400, 409]) {
    const problem = randomMap(data, numAgents);
    const { stats } = await lacamPlanner.plan(problem, { ms: BUDGET_MS });
    const row = {
      bar: 'B4',
      instance: problem.name,
      figure: `sum of costs in ${BUDGET_MS / 1000} s`,
      value: stats.sumOfCosts,
      unit: 'steps',
    };
    const stretch = LACAM3.get(numAgents);
    if (stretch === undefined) rows.push({ ...row, limit: { most: 19247 }, peer: { value: 19248, name: 'LaCAM (C++), first plan' } });
    else rows.push({ ...row, limit: { most: stretch }, stretch: true, peer: { value: stretch, name: 'lacam3 (C++), 5 s' } });
  }
  return rows;
}

function randomMap(data: BenchData, numAgents: number): GridProblem {
  const grid = parseMovingAiMap(data.text(MAP), MAP);
  return movingAiProblem(
    `random-32-32-10-random-1 N=${numAgents}`,
    grid,
    parseMovingAiScenario(data.text(SCENARIO), SCENARIO, grid).slice(0, numAgents),
  );
}
