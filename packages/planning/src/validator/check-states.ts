/** Checks of each robot's states on their own: shape, start, steps, bounds, goal. The first violation of each kind per robot. */
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import type { StateTrajectory } from '../trajectory.js';
import { MAX_ROUNDING, type Tolerances } from './tolerances.js';
import type { Constraint, Violation } from './verdict.js';

export function checkStates(problem: ContinuousProblem, trajectories: readonly StateTrajectory[], tolerances: Tolerances): Violation[] {
  const shapes = trajectories.map((one, index) => checkShape(problem.robots[index], one)).filter((found) => found !== undefined);
  if (shapes.length > 0) return shapes;
  return trajectories.flatMap((one, index) => checkRobot(problem, problem.robots[index], one, tolerances));
}

function checkShape({ name, dynamics }: Robot, plan: StateTrajectory): Violation | undefined {
  const wrong = (sentence: string): Violation => ({ constraint: 'shape', robot: name, step: 0, time: 0, size: 0, sentence });
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  if (plan.type !== dynamics.name) return wrong(`${name} must be of type ${dynamics.name}; its plan is for ${plan.type}.`);
  if (!(Math.abs(plan.dt - dynamics.dt) <= 1e-9)) return wrong(`${name} steps by ${dynamics.dt} s; its plan steps by ${plan.dt} s.`);
  if (!Number.isFinite(plan.start) || plan.start < 0)
    return wrong(`The plan of ${name} must begin at 0 s or later; it begins at ${plan.start}.`);
  if (plan.states.length === 0 || plan.states.length % nx !== 0)
    return wrong(`${name} must have at least one state of ${nx} numbers; its plan has ${plan.states.length} numbers.`);
  if (plan.controls.length % nu !== 0 || plan.states.length / nx !== plan.controls.length / nu + 1)
    return wrong(
      `${name} must have one state more than actions; its plan has ${plan.states.length / nx} and ${plan.controls.length / nu}.`,
    );
  const bad = [...plan.states, ...plan.controls].findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return wrong(`The plan of ${name} must consist of finite numbers; number ${bad} is not one.`);
  return undefined;
}

function checkRobot(problem: ContinuousProblem, robot: Robot, plan: StateTrajectory, tolerances: Tolerances): Violation[] {
  const { name, dynamics } = robot;
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const steps = plan.controls.length / nu;
  const found = new Map<Constraint, Violation>();
  const report = (constraint: Constraint, step: number, size: number, sentence: string): void => {
    const time = plan.start + step * plan.dt;
    if (!found.has(constraint))
      found.set(constraint, {
        constraint,
        robot: name,
        step,
        time,
        size,
        sentence: `${name} ${sentence} at step ${step} (${seconds(time)}).`,
      });
  };
  const out = new Float64Array(nx);
  const difference = { component: 0, size: 0 };

  compare(dynamics, plan.states.subarray(0, nx), robot.start, false, difference);
  if (difference.size > tolerances.start)
    report(
      'start',
      0,
      difference.size,
      `must start at ${dynamics.stateNames[difference.component]} ${robot.start[difference.component]}; it is off by ${short(difference.size)}`,
    );
  if (plan.start > 0) {
    dynamics.stepInto(out, robot.start, dynamics.neutral);
    compare(dynamics, out, robot.start, false, difference);
    if (difference.size > tolerances.step)
      report('start', 0, difference.size, `cannot wait ${seconds(plan.start)} at its start, where it is not at rest`);
  }
  for (let k = 0; k <= steps; k++) {
    const state = plan.states.subarray(k * nx, (k + 1) * nx);
    for (let i = 0; i < nx; i++) {
      const low = i < problem.space ? Math.max(problem.min[i], dynamics.stateLow[i]) : dynamics.stateLow[i];
      const high = i < problem.space ? Math.min(problem.max[i], dynamics.stateHigh[i]) : dynamics.stateHigh[i];
      const excess = Math.max(low - state[i], state[i] - high);
      if (excess > tolerances.bound)
        report(
          'state-bound',
          k,
          excess,
          `must keep ${dynamics.stateNames[i]} in [${low}, ${high}]; it is ${short(state[i])}, ${short(excess)} outside,`,
        );
    }
    if (k === steps) break;
    const control = plan.controls.subarray(k * nu, (k + 1) * nu);
    for (let i = 0; i < nu; i++) {
      const excess = Math.max(dynamics.controlLow[i] - control[i], control[i] - dynamics.controlHigh[i]);
      if (excess > tolerances.bound)
        report(
          'control-bound',
          k,
          excess,
          `must keep ${dynamics.controlNames[i]} in [${dynamics.controlLow[i]}, ${dynamics.controlHigh[i]}]; it is ${short(control[i])}, ${short(excess)} outside,`,
        );
    }
    const next = plan.states.subarray((k + 1) * nx, (k + 2) * nx);
    dynamics.stepInto(out, state, control);
    compare(dynamics, out, next, false, difference);
    if (difference.size > tolerances.step && !explainedByRounding(dynamics, state, control, next, tolerances))
      report(
        'step',
        k,
        difference.size,
        `must step as ${dynamics.name} does; ${dynamics.stateNames[difference.component]} is off by ${short(difference.size)}`,
      );
  }
  compare(dynamics, plan.states.subarray(steps * nx), robot.goal, true, difference);
  if (difference.size > tolerances.goal)
    report(
      'goal',
      steps,
      difference.size,
      `must end at ${dynamics.stateNames[difference.component]} ${robot.goal[difference.component]}; it is off by ${short(difference.size)}`,
    );
  return [...found.values()];
}

/** The largest difference of a component; angles modulo a turn. Attitudes at goals: q and -q are one. */
function compare(
  dynamics: Dynamics,
  a: Float64Array,
  b: Float64Array,
  eitherSign: boolean,
  out: { component: number; size: number },
): void {
  const q = dynamics.quaternion;
  let sign = 1;
  if (eitherSign && q !== undefined) sign = a[q] * b[q] + a[q + 1] * b[q + 1] + a[q + 2] * b[q + 2] + a[q + 3] * b[q + 3] < 0 ? -1 : 1;
  out.component = 0;
  out.size = 0;
  for (let i = 0; i < a.length; i++) {
    const turned = q !== undefined && i >= q && i < q + 4 ? sign * a[i] : a[i];
    let size = Math.abs(turned - b[i]);
    if (dynamics.angles.includes(i)) size = Math.abs(Math.atan2(Math.sin(turned - b[i]), Math.cos(turned - b[i])));
    if (size > out.size) {
      out.size = size;
      out.component = i;
    }
  }
}

/** Whether half a unit of the last printed digit of every number can make up for the residual, component by component. */
function explainedByRounding(
  dynamics: Dynamics,
  state: Float64Array,
  control: Float64Array,
  next: Float64Array,
  { step, printedDigits }: Tolerances,
): boolean {
  if (printedDigits === undefined) return false;
  // Whole turns change nothing, so they may not make an angle's last digit coarser.
  const half = (value: number, angle: boolean): number => {
    const size = Math.abs(angle ? turned(value) : value);
    return size === 0 ? 0 : 0.5 * 10 ** (Math.floor(Math.log10(size)) + 1 - printedDigits);
  };
  const isAngle = (component: number): boolean => dynamics.angles.includes(component);
  const base = new Float64Array(state.length);
  const moved = new Float64Array(state.length);
  dynamics.stepInto(base, state, control);
  const left = Float64Array.from(next, (value, c) => half(value, isAngle(c)));
  const vary = (values: Float64Array, angle: (component: number) => boolean, stepWith: (varied: Float64Array) => void): void => {
    for (let i = 0; i < values.length; i++) {
      const varied = values.slice();
      varied[i] += half(values[i], angle(i));
      stepWith(varied);
      for (let c = 0; c < moved.length; c++) left[c] += Math.abs(moved[c] - base[c]);
    }
  };
  vary(state, isAngle, (varied) => dynamics.stepInto(moved, varied, control));
  vary(
    control,
    () => false,
    (varied) => dynamics.stepInto(moved, state, varied),
  );
  return base.every((value, c) => {
    const off = value - next[c];
    return Math.abs(isAngle(c) ? turned(off) : off) <= step + Math.min(MAX_ROUNDING, left[c]);
  });
}

/** The same angle within half a turn. */
function turned(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

export function seconds(time: number): string {
  return `${Number(time.toFixed(4))} s`;
}

export function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
