/**
 * Value functions on gpu.js: the scheme of `value-function.ts` written out as one kernel per Runge-Kutta stage, several steps per plan without a
 * readback. Numbers that are the same at every node stand in the source, the others in one array; a problem is compiled once and run with any target.
 * Values are f32: they stay within F32_TOLERANCE of the reference, relative to the largest value, on systems whose values do not grow.
 */
import type { GpuJsKernel, GpuJsRuntime } from '@kinovox/physics';
import { UsageError } from '@kinovox/world';
import { type SystemTables, type Table, tabulate } from './affine-system.js';
import type { DerivativeOrder } from './upwind.js';
import { accuracyOf, assertProblem, STAGE_SHARES, type ValueFunction, type ValueOptions, type ValueProblem } from './value-function.js';
import type { ValueGrid } from './value-grid.js';

/** Largest difference from the reference, as a share of the largest |V|: rounding of f32 over some hundred steps. */
export const F32_TOLERANCE = 2e-5;

/** Steps that stay on the device between two readbacks. */
const STEPS_PER_PLAN = 8;

export interface GpuJsValueFunction {
  /** @throws ShapeError for a target or an obstacle of another grid, UsageError for an obstacle where none was compiled for. */
  run(target: Float64Array, obstacle?: Float64Array): Promise<ValueFunction>;
  destroy(): Promise<void>;
}

/** Compiles for a problem; its target is that of `run` instead. `settledBelow` and `onStep` are asked after each plan of steps. */
export function createGpuJsValueFunction(
  runtime: GpuJsRuntime,
  problem: Omit<ValueProblem, 'target' | 'obstacle'> & { readonly hasObstacle?: boolean },
  options: ValueOptions = {},
): GpuJsValueFunction {
  const { grid, system, horizon, kind = 'tube', hasObstacle = false } = problem;
  const { derivatives, stages } = accuracyOf(options.accuracy);
  assertProblem({ grid, system, horizon, target: new Float64Array(grid.numNodes) }, options);
  const tables = tabulate(grid, system, options.dissipation ?? 'local');
  const numSteps = Math.max(1, Math.ceil((horizon * tables.rate) / (options.cfl ?? 0.75) - 1e-9));
  const dt = horizon / numSteps;
  const packed = packTables(grid, tables);
  const kernels: GpuJsKernel[] = STAGE_SHARES[stages].map((share) =>
    runtime.kernel(stageSource(grid, tables, packed, { dt, share, kind, hasObstacle, derivatives }), { output: [grid.numNodes] }),
  );
  const calls = kernels.map(
    ({ shortcut }) =>
      (...args: unknown[]) =>
        shortcut(...(args as never[])),
  );
  const plan = runtime.pipeline((start: unknown, tablesOf: unknown, target: unknown, obstacle: unknown) => {
    let before = start;
    let now = start;
    for (let step = 0; step < STEPS_PER_PLAN; step++) {
      before = now;
      for (const call of calls) now = call(now, before, tablesOf, target, obstacle);
    }
    return [before, now];
  });
  const { settledBelow = -1, onStep } = options;
  return {
    async run(target, obstacle) {
      assertProblem({ grid, system, horizon, target, ...(obstacle === undefined ? {} : { obstacle }) }, options);
      if (!hasObstacle && obstacle !== undefined)
        throw new UsageError(
          'value-obstacle',
          'A value function must be compiled with hasObstacle to be given an obstacle; got one without.',
        );
      const goal = Float32Array.from(target);
      const wall = Float32Array.from(obstacle ?? new Float64Array(target.length).fill(-3e37));
      let values: Float32Array = goal.map((v, n) => (hasObstacle && wall[n] > v ? wall[n] : v));
      let steps = 0;
      let change = 0;
      while (steps < numSteps) {
        let before = values;
        if (steps + STEPS_PER_PLAN <= numSteps) {
          [before, values] = (await plan.run(values, packed.values, goal, wall)) as [Float32Array, Float32Array];
          steps += STEPS_PER_PLAN;
        } else {
          for (const kernel of kernels) values = (await kernel.run(values, before, packed.values, goal, wall)) as Float32Array;
          steps++;
        }
        change = largestChange(before, values) / dt;
        onStep?.(steps * dt, Float64Array.from(values));
        if (change <= settledBelow) break;
      }
      return { grid, values: Float64Array.from(values), seconds: steps * dt, steps, change };
    },
    async destroy() {
      await plan.destroy();
      for (const kernel of kernels) kernel.destroy();
    },
  };
}

/** Tables that differ between nodes, one after the other. */
interface PackedTables {
  readonly values: Float32Array;
  readonly offsetOf: ReadonlyMap<Table, number>;
}

function packTables({ numNodes }: ValueGrid, { drift, inputs, speed }: SystemTables): PackedTables {
  const varying = [...drift, ...speed, ...inputs.flatMap(({ gain }) => gain)].filter(({ mask }) => mask !== 0);
  const values = new Float32Array(Math.max(1, varying.length * numNodes));
  const offsetOf = new Map<Table, number>();
  varying.forEach((table, k) => {
    values.set(table.values, k * numNodes);
    offsetOf.set(table, k * numNodes);
  });
  return { values, offsetOf };
}

function stageSource(
  grid: ValueGrid,
  tables: SystemTables,
  { offsetOf }: PackedTables,
  stage: { dt: number; share: number; kind: string; hasObstacle: boolean; derivatives: DerivativeOrder },
): string {
  const { dt, share, kind, hasObstacle, derivatives } = stage;
  const factor = (table: Table) => {
    const offset = offsetOf.get(table);
    return offset === undefined ? literal(table.values[0]) : `tables[i + ${offset}]`;
  };
  const axes = grid.axes.map((_, axis) => axisSource(grid, axis, derivatives));
  const flow = tables.drift.map((table, axis) => (table.absent ? '' : `  rate = rate + ${factor(table)} * mean${axis};\n`)).join('');
  const smear = tables.speed.map((table, axis) => (table.absent ? '' : `  rate = rate + ${factor(table)} * jump${axis};\n`)).join('');
  const inputs = tables.inputs
    .map(({ low, high, greatest, gain }, k) => {
      const terms = gain.flatMap((table, axis) => (table.absent ? [] : [`${factor(table)} * mean${axis}`]));
      if (terms.length === 0) return '';
      const [above, below] = greatest ? [high, low] : [low, high];
      return `  const slope${k} = ${terms.join(' + ')};
  if (slope${k} > 0.0) { rate = rate + ${literal(above)} * slope${k}; } else { rate = rate + ${literal(below)} * slope${k}; }\n`;
    })
    .join('');
  return `function stage(values, base, tables, target, obstacle) {
  const i = this.thread.x;
  const own = values[i];
  const place = i + 0.5;
${axes.join('')}  let rate = own * 0.0;
${flow}${smear}${inputs}${kind === 'tube' ? '  if (rate > 0.0) { rate = rate * 0.0; }\n' : ''}  let next = (own + rate * ${literal(dt)}) * ${literal(share)} + base[i] * ${literal(1 - share)};
${kind === 'touch' ? '  if (target[i] < next) { next = target[i]; }\n' : ''}${hasObstacle ? '  if (obstacle[i] > next) { next = obstacle[i]; }\n' : ''}  return next + (target[i] + obstacle[i] + tables[0]) * 0.0;
}`;
}

/** mean and jump of one axis, as in `upwind.ts`. Nodes beyond a closed end lie on the line through the two before them. */
function axisSource(grid: ValueGrid, axis: number, order: DerivativeOrder): string {
  const { nodes, periodic } = grid.axes[axis];
  const s = grid.strides[axis];
  const a = axis;
  const span = (nodes - 1) * s;
  const around = (nodes - 2) * s;
  const taps =
    periodic === true
      ? `  let l${a} = own * 0.5;
  let r${a} = own * 0.5;
  if (at${a} < 0.5) { l${a} = values[i + ${span}]; } else { l${a} = values[i - ${s}]; }
  if (at${a} > ${nodes - 1.5}) { r${a} = values[i - ${span}]; } else { r${a} = values[i + ${s}]; }\n`
      : `  let l${a} = own * 0.5;
  let r${a} = own * 0.5;
  if (at${a} < 0.5) { l${a} = own + own - values[i + ${s}]; } else { l${a} = values[i - ${s}]; }
  if (at${a} > ${nodes - 1.5}) { r${a} = own + own - values[i - ${s}]; } else { r${a} = values[i + ${s}]; }\n`;
  const head = `  const at${a} = Math.floor(place / ${literal(s)}) - ${literal(nodes)} * Math.floor(place / ${literal(s * nodes)});\n${taps}`;
  const per = literal(0.5 / grid.spacing[axis]);
  if (order === 'order1')
    return `${head}  const mean${a} = (r${a} - l${a}) * ${per};
  const jump${a} = (l${a} + r${a} - own - own) * ${per};\n`;
  const far =
    periodic === true
      ? `  if (at${a} < 1.5) { ll${a} = values[i + ${around}]; } else { ll${a} = values[i - ${2 * s}]; }
  if (at${a} > ${nodes - 2.5}) { rr${a} = values[i - ${around}]; } else { rr${a} = values[i + ${2 * s}]; }\n`
      : `  if (at${a} < 1.5) { ll${a} = l${a} + l${a} - own; } else { ll${a} = values[i - ${2 * s}]; }
  if (at${a} > ${nodes - 2.5}) { rr${a} = r${a} + r${a} - own; } else { rr${a} = values[i + ${2 * s}]; }\n`;
  const differences = `  let ll${a} = own * 0.5;
  let rr${a} = own * 0.5;
${far}  const b${a} = own - l${a};
  const c${a} = r${a} - own;
  const d${a} = b${a} - (l${a} - ll${a});
  const e${a} = c${a} - b${a};
  const f${a} = (rr${a} - r${a}) - c${a};\n`;
  const sides =
    order === 'eno2'
      ? `  let p${a} = e${a};
  if (Math.abs(d${a}) <= Math.abs(e${a})) { p${a} = d${a}; }
  let q${a} = f${a};
  if (Math.abs(e${a}) <= Math.abs(f${a})) { q${a} = e${a}; }
  const left${a} = b${a} + 0.5 * p${a};
  const right${a} = c${a} - 0.5 * q${a};\n`
      : `  const u${a} = (0.000001 + d${a} * d${a}) / (0.000001 + e${a} * e${a});
  const w${a} = (0.000001 + f${a} * f${a}) / (0.000001 + e${a} * e${a});
  const left${a} = 0.5 * (b${a} + c${a}) - 0.5 * (e${a} - d${a}) / (1.0 + 2.0 * u${a} * u${a});
  const right${a} = 0.5 * (b${a} + c${a}) - 0.5 * (f${a} - e${a}) / (1.0 + 2.0 * w${a} * w${a});\n`;
  return `${head}${differences}${sides}  const mean${a} = (left${a} + right${a}) * ${per};
  const jump${a} = (right${a} - left${a}) * ${per};\n`;
}

/** A number that gpu.js takes for a float. */
function literal(x: number): string {
  const size = Math.abs(x);
  const digits = Number.isInteger(size) ? `${size}.0` : size.toFixed(15);
  return x < 0 ? `(0.0 - ${digits})` : digits;
}

function largestChange(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let n = 0; n < a.length; n++) {
    const change = Math.abs(a[n] - b[n]);
    if (!(change <= most)) most = change;
  }
  return most;
}
