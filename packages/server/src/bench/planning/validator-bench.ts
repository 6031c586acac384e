/** B6: dynobench's reference solutions under the validator, as they are and slightly changed. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ContinuousProblem, loadProblem, PRINTED, parsePlan, type StateTrajectory, validatePlan } from '@kinovox/planning';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

export const validatorBench: PlanningBench = { bars: ['B6'], needsData: true, run: benchValidator };

const ROOT = 'dynobench/envs';
const SOLUTION = 'idbastar_v0_solution_v0.yaml';

function benchValidator(data: BenchData): PlanningRow[] {
  const counts = { accepted: 0, state: 0, time: 0, input: 0 };
  let steps = 0;
  let ms = 0;
  for (const path of referencePaths(data.folder)) {
    const problem = loadProblem(data.text(`${path}.yaml`), path, { readBeside: () => undefined }) as ContinuousProblem;
    const [plan] = parsePlan(data.text(`${path}/${SOLUTION}`), path, problem).trajectories as StateTrajectory[];
    const valid = (edit: Partial<StateTrajectory>): boolean => validatePlan(problem, [{ ...plan, ...edit }], PRINTED).valid;
    const begin = performance.now();
    if (valid({})) counts.accepted++;
    ms += performance.now() - begin;
    const nx = problem.robots[0].start.length;
    const numSteps = plan.states.length / nx - 1;
    steps += numSteps;
    const states = plan.states.slice();
    states[Math.floor(numSteps / 2) * nx] += 1e-3;
    if (!valid({ states })) counts.state++;
    const nu = plan.controls.length / numSteps;
    const late = new Float64Array(plan.controls.length);
    late.set(plan.controls.subarray(0, nu));
    late.set(plan.controls.subarray(0, late.length - nu), nu);
    if (!valid({ controls: late })) counts.time++;
    if (!valid({ controls: plan.controls.map((value) => 1.05 * value) })) counts.input++;
  }
  const row = (figure: string, value: number): PlanningRow => ({
    bar: 'B6',
    instance: 'dynobench references',
    figure,
    value,
    unit: 'of 24',
    limit: { least: 24 },
  });
  return [
    row('accepted', counts.accepted),
    row('refused, a state off by 1e-3', counts.state),
    row('refused, actions a step late', counts.time),
    row('refused, actions 5 % larger', counts.input),
    {
      bar: 'B6',
      instance: 'dynobench references',
      figure: 'judging',
      value: Number((ms / (steps / 1000)).toFixed(1)),
      unit: 'ms per 1,000 steps',
    },
  ];
}

function referencePaths(folder: string): string[] {
  return readdirSync(join(folder, ROOT))
    .sort()
    .flatMap((system) =>
      readdirSync(join(folder, ROOT, system))
        .sort()
        .filter((name) => existsSync(join(folder, ROOT, system, name, SOLUTION)))
        .map((name) => `${ROOT}/${system}/${name}`),
    );
}
