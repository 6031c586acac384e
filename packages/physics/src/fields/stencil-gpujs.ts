/**
 * Stencils on gpu.js: the data of `stencil.ts` written out as a kernel, two buffers in turn, several steps per plan without a readback.
 * Factors stand in the source; a stencil is compiled once per grid size and then run with any values, edges and bias.
 */
import type { GpuJsRuntime } from '../gpujs/runtime.js';
import { type GridSize, numCells } from './grid.js';
import { assertStencil, FIXED_CELL, type Stencil, type StencilOptions, type StencilProblem, type StencilResult } from './stencil.js';

/** Steps that stay on the device between two readbacks. */
export const STEPS_PER_PLAN = 16;

export interface GpuJsStencil {
  /** Equal to `runStencil` where all values are exact in f32, else within rounding. @throws ShapeError as `assertStencil` says. */
  run(problem: StencilProblem, options: StencilOptions): Promise<StencilResult>;
  destroy(): Promise<void>;
}

export function createGpuJsStencil(runtime: GpuJsRuntime, size: GridSize, stencil: Stencil): GpuJsStencil {
  const length = numCells(size);
  const kernel = runtime.kernel(stencilSource(size, stencil), { output: [length] });
  const step = kernel.shortcut;
  // The last two fields come back, so that the caller can see what the last step changed.
  const plan = runtime.pipeline((start: unknown, edges: unknown, bias: unknown) => {
    let before = start;
    let now = start;
    for (let i = 0; i < STEPS_PER_PLAN; i++) {
      before = now;
      now = step(now as never, edges as never, bias as never);
    }
    return [before, now];
  });
  const noBias = new Float32Array(length);
  return {
    async run(problem, { maxSteps, tolerance }) {
      assertStencil(stencil, { ...problem, size });
      const bias = problem.bias ?? noBias;
      let values: Float32Array = Float32Array.from(problem.start);
      let steps = 0;
      while (steps + STEPS_PER_PLAN <= maxSteps) {
        const [before, now] = (await plan.run(values, problem.edges, bias)) as [Float32Array, Float32Array];
        values = now;
        steps += STEPS_PER_PLAN;
        if (tolerance !== undefined && largestChange(before, now) <= tolerance) return { values, steps, settled: true };
      }
      while (steps < maxSteps) {
        const now = (await kernel.run(values, problem.edges, bias)) as Float32Array;
        const settled = tolerance !== undefined && largestChange(values, now) <= tolerance;
        values = now;
        steps++;
        if (settled) return { values, steps, settled };
      }
      return { values, steps, settled: false };
    },
    async destroy() {
      await plan.destroy();
      kernel.destroy();
    },
  };
}

/** Bit n of an edge word is read by scaling with powers of two, which is exact in f32. */
function stencilSource(size: GridSize, { neighbours, combine, keepOwn }: Stencil): string {
  const join = (a: string, b: string) => (combine === 'sum' ? `${a} + ${b}` : `Math.${combine === 'least' ? 'min' : 'max'}(${a}, ${b})`);
  const lines = neighbours.map(({ offset: [x, y, z], times = 1, plus = 0 }, n) => {
    const offset = x + size[0] * (z + size[2] * y);
    const at = offset < 0 ? `i - ${-offset}` : `i + ${offset}`;
    const scaled = times === 1 ? `values[${at}]` : `values[${at}] * ${literal(times)}`;
    return `  if (Math.floor(bits / ${2 ** n}) - 2 * Math.floor(bits / ${2 ** (n + 1)}) > 0.5) {
    const candidate${n} = ${scaled} + ${literal(plus)};
    if (any > 0.5) { gathered = ${join('gathered', `candidate${n}`)}; } else { gathered = candidate${n}; }
    any = 1.5;
  }`;
  });
  // Numbers that are never whole make gpu.js type the variables as floats.
  return `function stencil(values, edges, bias) {
  const i = this.thread.x;
  const own = values[i];
  const bits = edges[i];
  let gathered = own * 0.5;
  let any = 0.25;
${combine === 'sum' ? '  gathered = own - own;\n  any = 1.5;' : ''}
  if (bits > ${literal(FIXED_CELL / 2)}) {
${lines.join('\n')}
  }
  if (bits < ${literal(FIXED_CELL / 2)} || any < 0.5) { return own; }
  gathered = gathered + bias[i];
  return ${keepOwn ? join('own', 'gathered') : 'gathered'};
}`;
}

function literal(x: number): string {
  return x < 0 ? `(0.0 - ${-x})` : `${x}`;
}

function largestChange(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const change = Math.abs(a[i] - b[i]);
    if (!(change <= most)) most = change;
  }
  return most;
}
