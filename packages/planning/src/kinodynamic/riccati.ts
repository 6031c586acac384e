/** What Riccati sweeps need: a step's derivatives, products, and small systems of equations. Matrices are row-major. */
import type { Dynamics } from '../dynamics/dynamics.js';

/** Writes `a [nx, nx]` and `b [nx, nu]`, by central differences. */
export function linearise(dynamics: Dynamics, state: Float64Array, control: Float64Array, a: Float64Array, b: Float64Array): void {
  const nx = state.length;
  const nu = control.length;
  const plus = new Float64Array(nx);
  const minus = new Float64Array(nx);
  const x = state.slice();
  const u = control.slice();
  const h = 1e-6;
  for (let i = 0; i < nx; i++) {
    x[i] = state[i] + h;
    dynamics.stepInto(plus, x, u);
    x[i] = state[i] - h;
    dynamics.stepInto(minus, x, u);
    x[i] = state[i];
    for (let r = 0; r < nx; r++) a[r * nx + i] = (plus[r] - minus[r]) / (2 * h);
  }
  for (let i = 0; i < nu; i++) {
    u[i] = control[i] + h;
    dynamics.stepInto(plus, x, u);
    u[i] = control[i] - h;
    dynamics.stepInto(minus, x, u);
    u[i] = control[i];
    for (let r = 0; r < nx; r++) b[r * nu + i] = (plus[r] - minus[r]) / (2 * h);
  }
}

/** `[n, m]` times `[m, p]`. */
export function multiply(x: Float64Array, y: Float64Array, n: number, m: number, p: number, out: Float64Array): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += x[i * m + k] * y[k * p + j];
      out[i * p + j] = sum;
    }
}

/**
 * Gauss with pivots on the diagonal, for positive definite matrices. `[n, width]`: the matrix and then right-hand sides, which become the solutions.
 * @returns false where the matrix is not positive definite.
 */
export function solveRows(rows: Float64Array, n: number, width: number): boolean {
  for (let p = 0; p < n; p++) {
    const pivot = rows[p * width + p];
    if (!(pivot > 1e-12)) return false;
    for (let c = p; c < width; c++) rows[p * width + c] /= pivot;
    for (let r = 0; r < n; r++) {
      if (r === p) continue;
      const factor = rows[r * width + p];
      for (let c = p; c < width; c++) rows[r * width + c] -= factor * rows[p * width + c];
    }
  }
  return true;
}
