/** The validator against dynobench's reference solutions (bar B6): all 24 pass, each is refused once something small is changed in it. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import {
  type ContinuousProblem,
  EXACT,
  loadProblem,
  numControls,
  numStates,
  PRINTED,
  parsePlan,
  type StateTrajectory,
  validatePlan,
} from '@kinovox/planning';
import { expect, it } from 'vitest';
import { benchPath, benchText, describeWithBenchData } from './bench-data.js';

interface Reference {
  name: string;
  problem: ContinuousProblem;
  plan: StateTrajectory[];
}

function read(problemFile: string, planFile: string): Reference {
  const problem = loadProblem(benchText(problemFile), problemFile, { readBeside: () => undefined }) as ContinuousProblem;
  return { name: planFile, problem, plan: parsePlan(benchText(planFile), planFile, problem).trajectories as StateTrajectory[] };
}

function references(): Reference[] {
  const root = 'dynobench/envs';
  return readdirSync(benchPath(root))
    .sort()
    .flatMap((system) =>
      readdirSync(benchPath(root, system))
        .sort()
        .map((name) => `${root}/${system}/${name}`)
        .filter((path) => existsSync(benchPath(path, 'idbastar_v0_solution_v0.yaml')))
        .map((path) => read(`${path}.yaml`, `${path}/idbastar_v0_solution_v0.yaml`)),
    );
}

const changed = (plan: StateTrajectory[], edit: (one: { states: Float64Array; controls: Float64Array }) => Partial<StateTrajectory>) =>
  plan.map((one) => ({ ...one, ...edit({ states: one.states.slice(), controls: one.controls.slice() }) }));

describeWithBenchData('the validator on reference solutions', () => {
  const all = existsSync(benchPath('dynobench')) ? references() : [];

  it('reads the 24 files that its authors published', () => {
    expect(all.length).toBe(24);
    const hash = createHash('sha256');
    for (const { name } of all) hash.update(benchText(name));
    expect(hash.digest('hex')).toBe('f6253f62bbe9a7a42fa3cc8a63585cbc554ad7c8fd24c318c14c36771d467a55');
  });

  it('accepts all 24, the 15 ground robots and hovering ones with bounds to 1e-5', () => {
    for (const { name, problem, plan } of all) expect(validatePlan(problem, plan, PRINTED), name).toEqual({ valid: true });
    const strict = all
      .filter(({ problem, plan }) => validatePlan(problem, plan, { ...PRINTED, bound: 1e-5 }).valid)
      .map(({ name }) => name);
    expect(strict.length).toBe(15);
    for (const { name } of all) if (/unicycle|car1/.test(name)) expect(strict).toContain(name);
  });

  it('refuses each when a state is off by 1e-3', () => {
    for (const { name, problem, plan } of all) {
      const nx = numStates(problem.robots[0].dynamics);
      const middle = Math.floor(plan[0].states.length / nx / 2);
      for (const component of [0, nx - 1]) {
        const verdict = validatePlan(
          problem,
          changed(plan, ({ states }) => {
            states[middle * nx + component] += 1e-3;
            return { states };
          }),
          PRINTED,
        );
        expect(verdict.valid, `${name} ${component}`).toBe(false);
        if (!verdict.valid) expect(['step', 'state-bound', 'obstacle']).toContain(verdict.violation.constraint);
      }
    }
  });

  it('refuses each when actions come a step late, a step is left out, or the step is longer', () => {
    for (const { name, problem, plan } of all) {
      const { dynamics } = problem.robots[0];
      const [nx, nu] = [numStates(dynamics), numControls(dynamics)];
      const late = changed(plan, ({ controls }) => ({
        controls: Float64Array.of(...controls.subarray(0, nu), ...controls.subarray(0, controls.length - nu)),
      }));
      const short = changed(plan, ({ states, controls }) => ({ states: states.slice(nx), controls: controls.slice(nu) }));
      const slow = changed(plan, () => ({ dt: dynamics.dt * 1.01 }));
      const later = changed(plan, () => ({ dt: 2 * dynamics.dt }));
      for (const [what, one] of Object.entries({ late, short, slow, later }))
        expect(validatePlan(problem, one, PRINTED).valid, `${name} ${what}`).toBe(false);
    }
  });

  it('refuses each when its actions are 5 % larger', () => {
    for (const { name, problem, plan } of all) {
      const verdict = validatePlan(
        problem,
        changed(plan, ({ controls }) => ({ controls: controls.map((value) => 1.05 * value) })),
        PRINTED,
      );
      expect(verdict.valid, name).toBe(false);
    }
  });

  it('refuses them as exact plans: they are rounded', () => {
    expect(all.filter(({ problem, plan }) => validatePlan(problem, plan, EXACT).valid).length).toBeLessThan(24);
  });

  it('judges plans of several robots by their content, whatever their header says', () => {
    const multi = 'dynobench/envs/multirobot';
    const cases: [string, string, string | true][] = [
      [`${multi}/example/gen_p10_n2_1_hetero.yaml`, `${multi}/results/gen_p10_n2_1_hetero_solution.yaml`, true],
      [`${multi}/example/swap2_trailer.yaml`, `${multi}/results/swap2_trailer_solution.yaml`, true],
      [`${multi}/example/swap2_unicycle2.yaml`, `${multi}/results/swap2_unicycle2_solution.yaml`, true],
      [`${multi}/example/swap4_unicycle.yaml`, `${multi}/results/swap4_unicycle_solution.yaml`, true],
      ['db-cbs/example/classic.yaml', 'db-cbs/more_testing/classic_solution.yaml', true],
      ['db-cbs/example/swap3_unicycle.yaml', 'db-cbs/more_testing/swap3_unicycle_solution.yaml', 'start'],
      [`${multi}/example/swap4_unicycle.yaml`, `${multi}/results/swap4_unicycle_db.yaml`, 'start'],
    ];
    for (const [problem, plan, expected] of cases) {
      const one = read(problem, plan);
      const verdict = validatePlan(one.problem, one.plan, PRINTED);
      expect([plan, verdict.valid || verdict.violation.constraint]).toEqual([plan, expected]);
      if (plan.includes('swap3')) expect(verdict).toMatchObject({ violation: { robot: 'robot-2', constraint: 'start' } });
    }
  });

  it('refuses a real plan of two robots when one of them begins a little later', () => {
    const { problem, plan } = read(
      'dynobench/envs/multirobot/example/swap2_trailer.yaml',
      'dynobench/envs/multirobot/results/swap2_trailer_solution.yaml',
    );
    const verdicts = Array.from({ length: 20 }, (_, k) => validatePlan(problem, [{ ...plan[0], start: k * 0.2 }, plan[1]], PRINTED));
    expect(verdicts[0].valid).toBe(true);
    expect(verdicts.filter((one) => !one.valid && one.violation.constraint === 'pair').length).toBeGreaterThan(5);
  });
});
