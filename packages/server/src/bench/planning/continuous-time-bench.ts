/**
 * Discs in continuous time: `pp` on the 25 instances empty-16-16 of Continuous-CBS beside optima on which three of its variants agree. Plans are judged by
 * the validator; one that costs less than the optimum would show that one of the two is wrong.
 */
import { ccbsProblem, parseCcbsAgents, parseCcbsMap, prioritisedPlanner, validatePlan } from '@kinovox/planning';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';
import { readZipText } from './zip-entry.js';

const ARCHIVE = 'ccbs/empty-16-16-random.zip';
const OPTIMA = 'ccbs/optimal_flowtime_agreed.csv';
const NUM_INSTANCES = 25;
const BUDGET = { expansions: 3000 };

export const continuousTimeBench: PlanningBench = {
  bars: ['B2'],
  needsData: true,
  async run(data) {
    return [...(await rowsOf(data, 2)), ...(await rowsOf(data, 15))];
  },
};

async function rowsOf(data: BenchData, numAgents: number): Promise<PlanningRow[]> {
  const archive = data.bytes(ARCHIVE);
  const grid = parseCcbsMap(readZipText(archive, 'map.xml'), 'map.xml');
  const optima = new Map(
    data
      .text(OPTIMA)
      .split(/\r?\n/)
      .map((line) => line.split(','))
      .filter(([sheet, , agents]) => sheet === '16x16_empty_k3' && Number(agents) === numAgents)
      .map(([, instance, , flowtime]) => [Number(instance), Number(flowtime)]),
  );
  let solved = 0;
  let worst = 0;
  let below = 0;
  for (let instance = 1; instance <= NUM_INSTANCES; instance++) {
    const file = `empty-16-16-random-${instance}.xml`;
    const agents = parseCcbsAgents(readZipText(archive, file), file, grid).slice(0, numAgents);
    const problem = ccbsProblem(file, grid, agents);
    const { status, trajectories, stats } = await prioritisedPlanner.plan(problem, BUDGET);
    if (status !== 'solved' || !validatePlan(problem, trajectories).valid) continue;
    solved++;
    const optimum = optima.get(instance);
    if (optimum === undefined || stats.sumOfCosts === null) continue;
    worst = Math.max(worst, stats.sumOfCosts / optimum);
    if (stats.sumOfCosts < optimum - 0.01) below++;
  }
  const row = { bar: 'B2', instance: `empty-16-16 k3 n=${numAgents}` };
  return [
    {
      ...row,
      figure: 'solved, and right',
      value: solved,
      unit: `of ${NUM_INSTANCES}`,
      limit: { least: NUM_INSTANCES },
      peer: { value: 25, name: 'CCBS' },
    },
    {
      ...row,
      figure: `worst sum of costs by the optimum, of ${optima.size}`,
      value: worst,
      unit: '',
      limit: { most: numAgents === 2 ? 1.0005 : 1.1 },
      ...(below === 0 ? {} : { note: `${below} plans cost less than the agreed optimum` }),
    },
  ];
}
