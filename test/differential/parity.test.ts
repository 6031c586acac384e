/**
 * Every shipped batch scenario, and scenarios drawn from seeds, on `cpu`, `workers` and `webgpu`: the same state, voxels, rewards and observations
 * after 1, 10, 100 and 1000 ticks. A row counts only if things happened that could differ; the table is printed.
 * Episodes are cut to 400 ticks, so that some end, and levels to 16 per split, so that all lie on the device.
 * By itself it plays every shipped scenario but those for crowds for 100 ticks, with episodes of 60, on `cpu` and `webgpu` (`workers.test.ts` has the workers), and the first drawn ones. KINOVOX_PARITY asks for more: `all` is every shipped scenario for
 * 1000 ticks and 200 drawn ones; ids of shipped scenarios, or `drawn-<from>-<to>`, with commas run those alone.
 * KINOVOX_PARITY_WORKERS: numbers of workers with commas instead of 1,2,3; `none` compares webgpu alone.
 * KINOVOX_PARITY_FILE: rows go to this file as they are done, each in the place of an older one of its name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type CompiledScenario, compileScenario, loadScenario } from '@kinovox/env';
import { parseScenario, SCENARIO_SUFFIX, type Scenario, ScenarioError } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { clockedScenario } from './clocked-scenario.js';
import { drawnScenario } from './drawn-scenarios.js';
import { testGpu } from './gpu-device.js';
import { compareEngines, whyNot } from './parity.js';
import { keepRow, type ParityRow, parityRow, tableOf } from './parity-table.js';

const folder = new URL('../../scenarios/', import.meta.url);
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith(SCENARIO_SUFFIX))
  .map((name) => name.slice(0, -SCENARIO_SUFFIX.length));
/** The rules of `tag-v1` and `random-map-v1` with more walkers: played when all are asked for. */
const CROWDED = ['alcove-v1', 'corridor-swap-v1', 'crowd-doors-v1', 'crowd-doors-changing-v1', 'rooms-map-v1', 'warehouse-v1'];
const wanted = process.env.KINOVOX_PARITY ?? '';
const isWhole = wanted !== '';
const only = wanted === '' || wanted === 'all' ? undefined : wanted.split(',');
const workersAsked = process.env.KINOVOX_PARITY_WORKERS ?? '1,2,3';
const WORKERS = workersAsked === 'none' ? [] : workersAsked.split(',').map(Number);
const CHECKPOINTS = isWhole ? [1, 10, 100, 1000] : [1, 10, 100];
const DRAWN_CHECKPOINTS = [1, 10, 100];
const NUM_WORLDS = 6;
const EPISODE_TICKS = isWhole ? 400 : 60;
const NUM_DRAWN = isWhole ? 200 : 8;
/** A cold driver in software, beside other work, compiles for minutes. */
const LIMIT_MS = isWhole ? 3_600_000 : 900_000;

const gpu = await testGpu();
const device = gpu?.description ?? 'no GPU adapter: webgpu was NOT compared';
const rows: ParityRow[] = [];

const short = (scenario: Scenario): Scenario => ({
  ...scenario,
  episode: { ...scenario.episode, maxTicks: Math.min(EPISODE_TICKS, scenario.episode.maxTicks), variants: 16 },
});

/** The first draw of a seed that can be built and in which enough happens on `cpu`. */
async function eventful(seed: number): Promise<CompiledScenario> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const compiled = tryCompile(seed, attempt);
    if (compiled === undefined) continue;
    const row = await compareEngines(compiled, {
      checkpoints: DRAWN_CHECKPOINTS,
      numWorlds: NUM_WORLDS,
      seed,
      workers: [],
      gpu: undefined,
    });
    if (whyNot(row, compiled) === undefined) return compiled;
  }
  throw new Error(`Seed ${seed} must draw a scenario that counts within 40 attempts.`);
}

/** Undefined where chance left no room to spawn in any level. */
function tryCompile(seed: number, attempt: number): CompiledScenario | undefined {
  const scenario = parseScenario(drawnScenario(seed, attempt), 'drawn');
  try {
    const compiled = compileScenario(scenario);
    for (let variant = 0; variant < compiled.program.numVariants; variant++) compiled.playableLevels('train').get(variant);
    return compiled;
  } catch (error) {
    if (error instanceof ScenarioError) return undefined;
    throw error;
  }
}

async function expectSame(
  compiled: CompiledScenario,
  options: { checkpoints: readonly number[]; workers: number[]; seed: number; mustCount: boolean },
) {
  const result = await compareEngines(compiled, { ...options, numWorlds: NUM_WORLDS, gpu });
  const row = parityRow(result, compiled, options.checkpoints, NUM_WORLDS);
  rows.push(row);
  if (process.env.KINOVOX_PARITY_FILE !== undefined) keepRow(process.env.KINOVOX_PARITY_FILE, row, device);
  expect(row.difference).toBeNull();
  if (options.mustCount) expect(row.missing).toBeNull();
}

describe('engines', () => {
  const batch = shipped
    .filter((id) => only?.includes(id) ?? (isWhole || !CROWDED.includes(id)))
    .map((id) => [id, loadScenario(new URL(`${id}${SCENARIO_SUFFIX}`, folder).pathname)] as const)
    .filter(([, { program }]) => program.numProps === 0)
    .map(([id, { scenario }]) => [id, scenario, isWhole ? WORKERS : []] as const);

  it.each(batch)(
    'play %s alike',
    async (_, scenario, workers) => {
      const compiled = compileScenario(short(scenario), { readFile: (path) => readFileSync(new URL(path, folder)) });
      await expectSame(compiled, { checkpoints: CHECKPOINTS, workers, seed: 11, mustCount: isWhole });
    },
    LIMIT_MS,
  );

  const ranges = (only ?? [`drawn-0-${NUM_DRAWN - 1}`]).flatMap((name) => {
    const [, from, to] = /^drawn-(\d+)-(\d+)$/.exec(name) ?? [];
    return from === undefined ? [] : [{ from: Number(from), to: Number(to) }];
  });
  const seeds = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, k) => from + k));
  it.each(seeds)(
    'play drawn scenario %i alike',
    async (seed) => {
      const compiled = await eventful(seed);
      const workers = WORKERS.slice(seed % 3, (seed % 3) + 1);
      await expectSame(compiled, { checkpoints: DRAWN_CHECKPOINTS, workers, seed, mustCount: true });
    },
    LIMIT_MS,
  );

  // Shipped clocks turn slower than a short run is long.
  it.skipIf(isWhole)(
    'play blocks that come and go by clocks alike',
    async () => {
      const compiled = compileScenario(parseScenario(clockedScenario(), 'clocked'));
      await expectSame(compiled, { checkpoints: DRAWN_CHECKPOINTS, workers: WORKERS, seed: 5, mustCount: true });
    },
    LIMIT_MS,
  );

  it.skipIf(gpu === undefined)('ran on the device wherever they were compared', () => {
    expect(rows.length).toBe(batch.length + seeds.length + (isWhole ? 0 : 1));
    for (const row of rows) expect(row.engines.at(-1), row.id).toBe('webgpu');
  });

  afterAll(() => {
    gpu?.device.destroy();
    if (rows.length > 0) console.log(tableOf(rows, device));
  });
});
