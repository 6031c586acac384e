/**
 * Speed of fields and rollouts: gpu.js in every mode that runs here, beside the plain TypeScript reference, in one run. Each round does the same work
 * once per contender, in turns; a ratio is that of the sums, above 1 where gpu.js is faster. Upload and readback count, compiling does not. Results are compared,
 * so that nothing fast and wrong is listed.
 */
import { createBatchEnv } from '@kinovox/env';
import {
  CONTROLS_OF,
  createGpuJs,
  createGpuJsDistanceField,
  createGpuJsGeodesicField,
  createGpuJsRollouts,
  createRolloutWorld,
  distanceField,
  FLYER_BODY,
  findGpu,
  type GpuJsMode,
  type GpuJsRuntime,
  geodesicField,
  type RolloutBody,
  type RolloutRequest,
  rollOut,
  type SolidGrid,
  solidGridOf,
  standableCells,
  WALK_MOVES,
  WALKER_BODY,
} from '@kinovox/physics';
import { findScenario } from '../catalog.js';
import { currentCommit, currentDevice } from './figures.js';

/** Largest difference from the reference, as a share of the value where that is above 1. */
export const FIELDS_BAR = 1e-4;
const SCENARIO = 'survival-team-v1';
const NUM_SEQUENCES = 2048;
const NUM_TICKS = 40;
const WARM_ROUNDS = 1;
const ROUNDS = 5;

export interface FieldsBenchRow {
  work: string;
  /** Cells of a field, or ticks of all sequences. */
  size: number;
  mode: GpuJsMode;
  referenceMs: number;
  ms: number;
  /** Time of the reference over time of the mode. */
  ratio: number;
  largestDifference: number;
}

export interface FieldsBenchReport {
  commit: string;
  device: string;
  /** What the mode `webgpu` ran on; null where it did not run. */
  gpu: string | null;
  scenario: string;
  rows: FieldsBenchRow[];
  notes: string[];
  bar: number;
  ok: boolean;
}

export async function benchFields(options: { onProgress?(done: number, total: number): void } = {}): Promise<FieldsBenchReport> {
  const env = await createBatchEnv({ scenario: findScenario(SCENARIO), numWorlds: 1, seed: 1 });
  env.reset();
  const works = worksOn(solidGridOf(env.engine, 0));
  env.close();
  const adapter = await findGpu();
  const modes: GpuJsMode[] = adapter === undefined ? ['webasm', 'cpu'] : ['webgpu', 'webasm', 'cpu'];
  const runtimes = await Promise.all(modes.map((mode) => createGpuJs({ mode })));
  const rows: FieldsBenchRow[] = [];
  for (const work of works) {
    const contenders = runtimes.map((runtime) => work.prepare(runtime));
    const differences = contenders.map(() => 0);
    const sums = contenders.map(() => 0);
    let referenceSum = 0;
    for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
      const begin = performance.now();
      const wanted = work.reference();
      if (round >= WARM_ROUNDS) referenceSum += performance.now() - begin;
      for (const [i, contender] of contenders.entries()) {
        const start = performance.now();
        const got = await contender.run();
        if (round >= WARM_ROUNDS) sums[i] += performance.now() - start;
        differences[i] = Math.max(differences[i], largestDifference(got, wanted));
      }
    }
    for (const [i, contender] of contenders.entries()) {
      await contender.destroy();
      rows.push({
        work: work.name,
        size: work.size,
        mode: modes[i],
        referenceMs: referenceSum / ROUNDS,
        ms: sums[i] / ROUNDS,
        ratio: referenceSum / sums[i],
        largestDifference: differences[i],
      });
    }
    options.onProgress?.(rows.length, works.length * modes.length);
  }
  for (const runtime of runtimes) await runtime.destroy();
  const notes = ['"webgl" is not listed: Node has no WebGL.'];
  if (adapter === undefined) notes.push('"webgpu" did not run: this host has no GPU adapter.');
  else if (adapter.software) notes.push(`"webgpu" ran on a software driver, which is for correctness and says nothing about a GPU.`);
  return {
    commit: currentCommit(),
    device: currentDevice(),
    gpu: adapter === undefined ? null : adapter.description || adapter.vendor,
    scenario: SCENARIO,
    rows,
    notes,
    bar: FIELDS_BAR,
    ok: rows.every((row) => row.largestDifference <= FIELDS_BAR),
  };
}

interface Work {
  name: string;
  size: number;
  reference(): Float32Array;
  prepare(runtime: GpuJsRuntime): { run(): Promise<Float32Array>; destroy(): Promise<void> | void };
}

function worksOn(grid: SolidGrid): Work[] {
  const { size } = grid;
  const cells = size[0] * size[1] * size[2];
  const stands = [...standableCells(grid, WALK_MOVES).entries()].filter(([, yes]) => yes === 1).map(([cell]) => cell);
  const placeOf = (cell: number) => [cell % size[0], Math.floor(cell / size[0] / size[2]), Math.floor(cell / size[0]) % size[2]] as const;
  const goal = placeOf(stands[stands.length >> 1]);
  const start = placeOf(stands[stands.length >> 3]);
  const guide = geodesicField(grid, [[goal, goal]]);
  return [
    {
      name: 'distance field',
      size: cells,
      reference: () => distanceField(grid).values,
      prepare(runtime) {
        const field = createGpuJsDistanceField(runtime, size);
        return { run: async () => (await field.run(grid)).values, destroy: () => field.destroy() };
      },
    },
    {
      name: 'geodesic field',
      size: cells,
      reference: () => geodesicField(grid, [[goal, goal]]).values,
      prepare(runtime) {
        const field = createGpuJsGeodesicField(runtime, size);
        return { run: async () => (await field.run(grid, [[goal, goal]])).values, destroy: () => field.destroy() };
      },
    },
    ...[WALKER_BODY, FLYER_BODY].map((body): Work => {
      const request: RolloutRequest = {
        world: createRolloutWorld(grid, { level: body.kind === 'walker', guide }),
        start: { position: [start[0] + 0.5, start[1], start[2] + 0.5] },
        controls: wanderingControls(body),
        cost: {
          goal: [goal[0] + 0.5, goal[1], goal[2] + 0.5],
          guideWeight: 0.1,
          obstacleWeight: 1,
          clearance: 1.5,
          collisionWeight: 2,
          terminalGuideWeight: 10,
        },
      };
      return {
        name: `rollouts of a ${body.kind}, ${NUM_SEQUENCES} x ${NUM_TICKS}`,
        size: NUM_SEQUENCES * NUM_TICKS,
        reference: () => rollOut(body, NUM_SEQUENCES, NUM_TICKS, request).costs,
        prepare(runtime) {
          const rollouts = createGpuJsRollouts(runtime, { body, size, numSequences: NUM_SEQUENCES, numTicks: NUM_TICKS, guided: true });
          return { run: async () => (await rollouts.run(request)).costs, destroy: () => rollouts.destroy() };
        },
      };
    }),
  ];
}

/** Each sequence its own, the same in every run: slow waves that sweep all directions. */
function wanderingControls(body: RolloutBody): Float32Array {
  const width = CONTROLS_OF[body.kind];
  return Float32Array.from({ length: NUM_SEQUENCES * NUM_TICKS * width }, (_, i) => {
    const n = Math.floor(i / width / NUM_TICKS);
    const t = Math.floor(i / width) % NUM_TICKS;
    return Math.sin(n * 2.399 + (i % width) * 1.7 + (t * (n % 7)) / 20);
  });
}

function largestDifference(got: Float32Array, wanted: Float32Array): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
    if (!(difference <= most)) most = difference;
  }
  return most;
}
