/**
 * Grids of value functions: 1 to 4 axes, each closed or periodic, values at the nodes, the last axis running fastest.
 * A closed axis of n nodes has its first and last on its bounds; a periodic one has n nodes and the upper bound is the lower one again.
 */
import { ShapeError } from '@kinovox/world';

export interface GridAxis {
  readonly low: number;
  readonly high: number;
  /** Nodes, at least 4. */
  readonly nodes: number;
  readonly periodic?: boolean;
}

export interface ValueGrid {
  readonly axes: readonly GridAxis[];
  /** `[N]` distance between nodes. */
  readonly spacing: Float64Array;
  /** `[N]` words between neighbours along an axis. */
  readonly strides: Int32Array;
  readonly numNodes: number;
}

export const MAX_AXES = 4;
const MAX_NODES = 2 ** 26;

/** @throws ShapeError for an axis that is no range, has too few nodes, or a grid of more than 2^26 nodes. */
export function createValueGrid(axes: readonly GridAxis[]): ValueGrid {
  if (axes.length < 1 || axes.length > MAX_AXES)
    throw new ShapeError('value-grid', `A value grid must have 1 to ${MAX_AXES} axes; got ${axes.length}.`);
  axes.forEach(({ low, high, nodes }, i) => {
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      throw new ShapeError('value-grid', `axes[${i}] must have low < high, both finite; got ${low} and ${high}.`);
    if (!Number.isInteger(nodes) || nodes < 4)
      throw new ShapeError('value-grid', `axes[${i}].nodes must be an integer of at least 4; got ${nodes}.`);
  });
  const strides = new Int32Array(axes.length);
  let numNodes = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    strides[i] = numNodes;
    numNodes *= axes[i].nodes;
    if (numNodes > MAX_NODES)
      throw new ShapeError('value-grid', `A value grid must have at most ${MAX_NODES} nodes; got more. Use fewer nodes per axis.`);
  }
  const spacing = Float64Array.from(axes, ({ low, high, nodes, periodic }) => (high - low) / (periodic === true ? nodes : nodes - 1));
  return { axes, spacing, strides, numNodes };
}

/** A function of the state at every node. @param at is given the coordinates in one array, which is overwritten. */
export function sampleGrid(grid: ValueGrid, at: (x: Float64Array) => number): Float64Array {
  const out = new Float64Array(grid.numNodes);
  const x = new Float64Array(grid.axes.length);
  for (let node = 0; node < out.length; node++) {
    stateOf(grid, node, x);
    out[node] = at(x);
  }
  return out;
}

/** Writes the coordinates of a node into `out`. */
export function stateOf({ axes, spacing, strides }: ValueGrid, node: number, out: Float64Array): void {
  let left = node;
  for (let i = 0; i < axes.length; i++) {
    const at = Math.floor(left / strides[i]);
    left -= at * strides[i];
    out[i] = axes[i].low + at * spacing[i];
  }
}

/** Multilinear between the nodes; outside a closed axis, the value at its bound. */
export function valueAt({ axes, spacing, strides }: ValueGrid, values: ArrayLike<number>, x: ArrayLike<number>): number {
  const N = axes.length;
  let value = 0;
  for (let corner = 0; corner < 1 << N; corner++) {
    let node = 0;
    let weight = 1;
    for (let i = 0; i < N && weight > 0; i++) {
      const { low, nodes, periodic } = axes[i];
      let s = (x[i] - low) / spacing[i];
      if (periodic === true) s -= Math.floor(s / nodes) * nodes;
      else s = s < 0 ? 0 : s > nodes - 1 ? nodes - 1 : s;
      let at = Math.floor(s);
      if (periodic !== true && at === nodes - 1) at--;
      const share = s - at;
      const up = (corner >> i) & 1;
      weight *= up === 1 ? share : 1 - share;
      node += ((at + up) % nodes) * strides[i];
    }
    if (weight > 0) value += weight * values[node];
  }
  return value;
}

/** Central differences of the multilinear value, into `out` `[N]`; one-sided at the bounds of a closed axis. */
export function gradientInto(out: Float64Array, grid: ValueGrid, values: ArrayLike<number>, x: Float64Array): void {
  for (let i = 0; i < grid.axes.length; i++) {
    const { low, high, periodic } = grid.axes[i];
    const own = x[i];
    const step = grid.spacing[i];
    const up = periodic === true ? own + step : Math.min(high, own + step);
    const down = periodic === true ? own - step : Math.max(low, own - step);
    x[i] = up;
    const above = valueAt(grid, values, x);
    x[i] = down;
    const below = valueAt(grid, values, x);
    x[i] = own;
    out[i] = up > down ? (above - below) / (up - down) : 0;
  }
}
