/**
 * Systems of value functions as data: x' = drift(x) + sum over inputs of gain(x) * input, each input within its bounds. The Hamiltonian's optimum over
 * the inputs is then a sum of optima over intervals, and its partial derivatives have bounds that depend on the state alone.
 */
import { ShapeError } from '@kinovox/world';
import { sampleGrid, type ValueGrid } from './value-grid.js';

/** A number where it is the same everywhere. The array it is given is overwritten. */
export type Component = number | ((x: Float64Array) => number);

export interface SystemInput {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** `[N]` how the input enters the derivative of each component. */
  readonly gain: readonly Component[];
  /** `greatest`: chosen so that the value grows most; `least`: so that it falls most. An avoiding control is `greatest`, a reaching one `least`. */
  readonly seeks: 'greatest' | 'least';
}

export interface AffineSystem {
  readonly name: string;
  /** `[N]` */
  readonly drift: readonly Component[];
  readonly inputs: readonly SystemInput[];
}

/** One number per node, or one for all: `values[node & mask]`. */
export interface Table {
  readonly values: Float64Array;
  /** -1 or 0. */
  readonly mask: number;
  /** Zero everywhere: left out of sums. */
  readonly absent: boolean;
}

/** A system on the nodes of a grid. */
export interface SystemTables {
  /** `[N]` */
  readonly drift: readonly Table[];
  readonly inputs: readonly { readonly low: number; readonly high: number; readonly greatest: boolean; readonly gain: readonly Table[] }[];
  /** `[N]` bounds of |dH/dp|: |drift| + sum of |gain| times the input's largest size. */
  readonly speed: readonly Table[];
  /** Largest sum over the axes of speed / spacing, 1/s: a step of CFL / rate is stable. */
  readonly rate: number;
}

/** @param dissipation `local`: speeds of each node; `global`: the largest of the grid at all of them, which smears more. */
export function tabulate(grid: ValueGrid, { drift, inputs, name }: AffineSystem, dissipation: 'local' | 'global'): SystemTables {
  const N = grid.axes.length;
  for (const [what, list] of [['drift', drift] as const, ...inputs.map((input) => [`${input.name}.gain`, input.gain] as const)])
    if (list.length !== N)
      throw new ShapeError('affine-system', `${what} of ${name} must have one component per axis, ${N}; got ${list.length}.`);
  const driftTables = drift.map((component) => tableOf(grid, component));
  const inputTables = inputs.map(({ low, high, gain, seeks, name: input }) => {
    if (!(low <= high)) throw new ShapeError('affine-system', `${input} of ${name} must have low <= high; got ${low} and ${high}.`);
    return { low, high, greatest: seeks === 'greatest', gain: gain.map((component) => tableOf(grid, component)) };
  });
  const speedAt = (axis: number, node: number) => {
    let speed = Math.abs(read(driftTables[axis], node));
    for (const { low, high, gain } of inputTables) speed += Math.abs(read(gain[axis], node)) * Math.max(Math.abs(low), Math.abs(high));
    return speed;
  };
  const speed: Table[] = [];
  for (let axis = 0; axis < N; axis++) {
    const values = new Float64Array(grid.numNodes);
    for (let node = 0; node < values.length; node++) values[node] = speedAt(axis, node);
    const greatest = values.reduce((most, v) => (v > most ? v : most), 0);
    speed.push(dissipation === 'global' || values.every((v) => v === greatest) ? constant(greatest) : { values, mask: -1, absent: false });
  }
  let rate = 0;
  for (let node = 0; node < grid.numNodes; node++) {
    let sum = 0;
    for (let axis = 0; axis < N; axis++) sum += read(speed[axis], node) / grid.spacing[axis];
    if (!Number.isFinite(sum)) throw new ShapeError('affine-system', `${name} must be finite on its grid; got ${sum} at node ${node}.`);
    if (sum > rate) rate = sum;
  }
  return { drift: driftTables, inputs: inputTables, speed, rate };
}

/** The input that is best at x for this gradient; the middle of its bounds where the value does not care. */
export function bestInput({ low, high, gain, seeks }: SystemInput, gradient: ArrayLike<number>, x: Float64Array): number {
  let slope = 0;
  gain.forEach((component, i) => {
    slope += gradient[i] * (typeof component === 'number' ? component : component(x));
  });
  if (slope === 0) return (low + high) / 2;
  return slope > 0 === (seeks === 'greatest') ? high : low;
}

function tableOf(grid: ValueGrid, component: Component): Table {
  if (typeof component === 'number') return constant(component);
  return { values: sampleGrid(grid, component), mask: -1, absent: false };
}

function constant(value: number): Table {
  return { values: Float64Array.of(value), mask: 0, absent: value === 0 };
}

function read({ values, mask }: Table, node: number): number {
  return values[node & mask];
}
