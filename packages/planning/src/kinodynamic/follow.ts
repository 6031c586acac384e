/**
 * Controls that follow states which no control joins: a path with gaps. A linear-quadratic regulator along the path, its controls clamped, is rolled out from the
 * robot's start; what comes out is a motion of the dynamics near the path, for the repair to begin with.
 * @source Anderson, Moore: Optimal Control: Linear Quadratic Methods, 1990 (time-varying regulator).
 */
import { angleDifference } from '../dynamics/angles.js';
import { numControls, numStates } from '../dynamics/dynamics.js';
import type { Robot } from '../problem/problem.js';
import { linearise, multiply, solveRows } from './riccati.js';

const STATE_WEIGHT = 1;
/** Of a control, as a share of its range. */
const CONTROL_WEIGHT = 0.02;

/**
 * @param states `[N + 1, numStates]`, @param controls `[N, numControls]`
 * @returns `[N, numControls]` within bounds
 */
export function followStates({ dynamics, start }: Robot, states: Float64Array, controls: Float64Array): Float64Array {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const steps = controls.length / nu;
  const gains = regulatorGains(dynamics, states, controls);
  const out = new Float64Array(controls.length);
  const state = start.slice();
  for (let k = 0; k < steps; k++) {
    const control = out.subarray(k * nu, (k + 1) * nu);
    for (let u = 0; u < nu; u++) {
      let value = controls[k * nu + u];
      for (let i = 0; i < nx; i++) {
        const wanted = states[k * nx + i];
        const error = dynamics.angles.includes(i) ? angleDifference(state[i], wanted) : state[i] - wanted;
        value += gains[(k * nu + u) * nx + i] * error;
      }
      control[u] = Math.max(dynamics.controlLow[u], Math.min(dynamics.controlHigh[u], value));
    }
    dynamics.stepInto(state, state, control);
  }
  return out;
}

/** `[N, nu, nx]` */
function regulatorGains(dynamics: Robot['dynamics'], states: Float64Array, controls: Float64Array): Float64Array {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const steps = controls.length / nu;
  const gains = new Float64Array(steps * nu * nx);
  let value = new Float64Array(nx * nx);
  for (let i = 0; i < nx; i++) value[i * nx + i] = STATE_WEIGHT;
  const a = new Float64Array(nx * nx);
  const b = new Float64Array(nx * nu);
  const va = new Float64Array(nx * nx);
  const vb = new Float64Array(nx * nu);
  const width = nu + nx;
  for (let k = steps - 1; k >= 0; k--) {
    linearise(dynamics, states.subarray(k * nx, (k + 1) * nx), controls.subarray(k * nu, (k + 1) * nu), a, b);
    multiply(value, a, nx, nx, nx, va);
    multiply(value, b, nx, nx, nu, vb);
    // [R + B'VB | -B'VA], solved for the gains.
    const rows = new Float64Array(nu * width);
    for (let u = 0; u < nu; u++) {
      const range = dynamics.controlHigh[u] - dynamics.controlLow[u];
      rows[u * width + u] = CONTROL_WEIGHT / (range * range);
      for (let m = 0; m < nx; m++) {
        for (let w = 0; w < nu; w++) rows[u * width + w] += b[m * nu + u] * vb[m * nu + w];
        for (let j = 0; j < nx; j++) rows[u * width + nu + j] -= b[m * nu + u] * va[m * nx + j];
      }
    }
    const btva = rows.slice();
    if (!solveRows(rows, nu, width)) return gains;
    const before = new Float64Array(nx * nx);
    for (let i = 0; i < nx; i++) {
      before[i * nx + i] = STATE_WEIGHT;
      for (let j = 0; j < nx; j++) {
        let sum = 0;
        for (let m = 0; m < nx; m++) sum += a[m * nx + i] * va[m * nx + j];
        for (let u = 0; u < nu; u++) sum -= btva[u * width + nu + i] * rows[u * width + nu + j];
        before[i * nx + j] += sum;
      }
    }
    value = before;
    for (let u = 0; u < nu; u++) for (let i = 0; i < nx; i++) gains[(k * nu + u) * nx + i] = rows[u * width + nu + i];
  }
  return gains;
}
