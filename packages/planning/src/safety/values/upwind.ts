/**
 * One-sided derivatives along an axis, at all nodes of a grid, as what a Lax-Friedrichs step needs of them: their mean and half their difference.
 * Nodes far from the ends of an axis are contiguous in memory for every axis, so the inner loop runs straight through it; the ends are done apart,
 * with nodes beyond a closed axis extrapolated along a line.
 * @source (ENO2) Osher & Shu, SINUM 28 (1991); (WENO3) Jiang & Peng, SISC 21 (2000), of third order where the value is smooth.
 */
import type { ValueGrid } from './value-grid.js';

export const ORDERS = ['order1', 'eno2', 'weno3'] as const;
export type DerivativeOrder = (typeof ORDERS)[number];

/** Nodes at each end of an axis whose stencil leaves it. */
const REACH = 2;

/**
 * @param mean `[numNodes]` (left + right) / 2.
 * @param jump `[numNodes]` (right - left) / 2.
 */
export function derivativesInto(
  mean: Float64Array,
  jump: Float64Array,
  grid: ValueGrid,
  values: Float64Array,
  axis: number,
  order: DerivativeOrder,
): void {
  const { nodes, periodic } = grid.axes[axis];
  const stride = grid.strides[axis];
  const perUnit = 1 / grid.spacing[axis];
  const block = nodes * stride;
  const inner = order === 'order1' ? inner1 : order === 'eno2' ? innerEno2 : innerWeno3;
  const first = nodes > 2 * REACH ? REACH : nodes;
  for (let base = 0; base < grid.numNodes; base += block) {
    if (first < nodes) inner(mean, jump, values, base + first * stride, base + (nodes - REACH) * stride, stride, perUnit);
    for (let at = 0; at < nodes; at++) {
      if (at === first && first < nodes) at = nodes - REACH;
      edge(mean, jump, values, base, at, nodes, stride, perUnit, periodic === true, order);
    }
  }
}

type Inner = (mean: Float64Array, jump: Float64Array, v: Float64Array, from: number, to: number, stride: number, perUnit: number) => void;

const inner1: Inner = (mean, jump, v, from, to, stride, perUnit) => {
  const half = perUnit / 2;
  for (let n = from; n < to; n++) {
    const left = v[n - stride];
    const right = v[n + stride];
    mean[n] = (right - left) * half;
    jump[n] = (left + right - 2 * v[n]) * half;
  }
};

const innerEno2: Inner = (mean, jump, v, from, to, stride, perUnit) => {
  const half = perUnit / 2;
  for (let n = from; n < to; n++) {
    const own = v[n];
    const left = v[n - stride];
    const right = v[n + stride];
    const second = left - 2 * own + right;
    const secondLeft = v[n - 2 * stride] - 2 * left + own;
    const secondRight = own - 2 * right + v[n + 2 * stride];
    const l = own - left + 0.5 * smaller(secondLeft, second);
    const r = right - own - 0.5 * smaller(second, secondRight);
    mean[n] = (l + r) * half;
    jump[n] = (r - l) * half;
  }
};

const innerWeno3: Inner = (mean, jump, v, from, to, stride, perUnit) => {
  const half = perUnit / 2;
  for (let n = from; n < to; n++) {
    const b = v[n] - v[n - stride];
    const c = v[n + stride] - v[n];
    const a = v[n - stride] - v[n - 2 * stride];
    const d = v[n + 2 * stride] - v[n + stride];
    const l = weno3(a, b, c);
    const r = weno3(d, c, b);
    mean[n] = (l + r) * half;
    jump[n] = (r - l) * half;
  }
};

/** The stretch of an axis that looks beyond its ends. */
function edge(
  mean: Float64Array,
  jump: Float64Array,
  v: Float64Array,
  base: number,
  at: number,
  nodes: number,
  stride: number,
  perUnit: number,
  periodic: boolean,
  order: DerivativeOrder,
): void {
  const half = perUnit / 2;
  for (let k = 0; k < stride; k++) {
    const line = base + k;
    const own = v[line + at * stride];
    const b = own - beyond(v, line, at - 1, nodes, stride, periodic);
    const c = beyond(v, line, at + 1, nodes, stride, periodic) - own;
    let l = b;
    let r = c;
    if (order !== 'order1') {
      const a = own - b - beyond(v, line, at - 2, nodes, stride, periodic);
      const d = beyond(v, line, at + 2, nodes, stride, periodic) - (own + c);
      if (order === 'eno2') {
        l = b + 0.5 * smaller(b - a, c - b);
        r = c - 0.5 * smaller(c - b, d - c);
      } else {
        l = weno3(a, b, c);
        r = weno3(d, c, b);
      }
    }
    mean[line + at * stride] = (l + r) * half;
    jump[line + at * stride] = (r - l) * half;
  }
}

/** The value of a node, which may lie up to two beyond the ends. */
function beyond(v: Float64Array, line: number, at: number, nodes: number, stride: number, periodic: boolean): number {
  if (at >= 0 && at < nodes) return v[line + at * stride];
  if (periodic) return v[line + (at < 0 ? at + nodes : at - nodes) * stride];
  const end = line + (at < 0 ? 0 : nodes - 1) * stride;
  const next = at < 0 ? end + stride : end - stride;
  const steps = at < 0 ? -at : at - nodes + 1;
  return v[end] + steps * (v[end] - v[next]);
}

function smaller(a: number, b: number): number {
  return Math.abs(a) <= Math.abs(b) ? a : b;
}

/** Of three one-sided differences, the far one first, the derivative between the second and the third. */
function weno3(a: number, b: number, c: number): number {
  const far = b - a;
  const near = c - b;
  const ratio = (1e-6 + far * far) / (1e-6 + near * near);
  const weight = 1 / (1 + 2 * ratio * ratio);
  return 0.5 * (b + c) - 0.5 * weight * (near - far);
}
