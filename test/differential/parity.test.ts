/**
 * Every shipped batch scenario, and scenarios drawn from seeds, on `cpu`, `workers` and `webgpu`: the same state, voxels, rewards and observations
 * after 1, 10, 100 and 1000 ticks. A row counts only if things happened that could differ; the table is printed, and kept in test/artifacts.
 * Episodes are cut to 400 ticks, so that some end, and levels to 16 per split, so that all lie on the device.
 * It takes long on software drivers, so it runs where KINOVOX_PARITY asks for it: `all` is every shipped and 200 drawn scenarios; ids of shipped scenarios, or `drawn-<from>-<to>`, with commas run those alone.
 * KINOVOX_PARITY_TICKS: fewer ticks for shipped scenarios, on a machine that is slow; then only differences are asked for, not whether a row counts.
 * KINOVOX_PARITY_WORKERS: numbers of workers with commas instead of 1,2,3; `none` compares webgpu alone.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type CompiledScenario, compileScenario, loadScenario } from '@kinovox/env';
import { parseScenario, SCENARIO_SUFFIX, type Scenario, ScenarioError } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { drawnScenario } from './drawn-scenarios.js';
import { testGpu } from './gpu-device.js';
import { type Comparison, compareEngines, whyNot } from './parity.js';

const folder = new URL('../../scenarios/', import.meta.url);
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith(SCENARIO_SUFFIX))
  .map((name) => name.slice(0, -SCENARIO_SUFFIX.length));
const wanted = process.env.KINOVOX_PARITY ?? '';
const only = wanted === '' || wanted === 'all' ? undefined : wanted.split(',');
const workersAsked = process.env.KINOVOX_PARITY_WORKERS ?? '1,2,3';
const WORKERS = workersAsked === 'none' ? [] : workersAsked.split(',').map(Number);
const TICKS = Number(process.env.KINOVOX_PARITY_TICKS ?? 1000);
const NUM_WORLDS = 6;
const DRAWN_CHECKPOINTS = [1, 10, 100];
const NUM_DRAWN = 200;

const gpu = wanted === '' ? undefined : await testGpu();
const rows: (Comparison & { counts: string })[] = [];

const short = (scenario: Scenario): Scenario => ({
  ...scenario,
  episode: { ...scenario.episode, maxTicks: Math.min(400, scenario.episode.maxTicks), variants: 16 },
});

/** The first draw of a seed that can be built and in which enough happens on `cpu`. */
async function eventful(seed: number): Promise<CompiledScenario> {
  for (let attempt = 0; attempt < 20; attempt++) {
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
  throw new Error(`Seed ${seed} must draw a scenario that counts within 20 attempts.`);
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

async function expectSame(compiled: CompiledScenario, options: { checkpoints: readonly number[]; workers: number[]; seed: number }) {
  const row = await compareEngines(compiled, { ...options, numWorlds: NUM_WORLDS, gpu });
  const reason = whyNot(row, compiled);
  rows.push({ ...row, counts: reason ?? 'counts' });
  expect(row.difference).toBeUndefined();
  if (TICKS >= 1000) expect(reason).toBeUndefined();
}

describe.skipIf(wanted === '')('engines', () => {
  const batch = shipped
    .filter((id) => only?.includes(id) ?? true)
    .map((id) => [id, loadScenario(new URL(`${id}${SCENARIO_SUFFIX}`, folder).pathname)] as const)
    .filter(([, { program }]) => program.numProps === 0);

  it.each(batch)('play %s alike, with 1, 2 and 3 workers and on webgpu', async (_, { scenario }) => {
    const compiled = compileScenario(short(scenario), { readFile: (path) => readFileSync(new URL(path, folder)) });
    await expectSame(compiled, { checkpoints: [1, 10, 100, 1000].filter((tick) => tick <= TICKS), workers: WORKERS, seed: 11 });
  });

  const ranges = (only ?? [`drawn-0-${NUM_DRAWN - 1}`]).flatMap((name) => {
    const [, from, to] = /^drawn-(\d+)-(\d+)$/.exec(name) ?? [];
    return from === undefined ? [] : [{ from: Number(from), to: Number(to) }];
  });
  const seeds = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, k) => from + k));
  it.each(seeds)('play drawn scenario %i alike', async (seed) => {
    const compiled = await eventful(seed);
    await expectSame(compiled, { checkpoints: DRAWN_CHECKPOINTS, workers: WORKERS.slice(seed % 3, (seed % 3) + 1), seed });
  });

  it.skipIf(gpu === undefined)('ran on the device wherever they were compared', () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.engines.at(-1), row.id).toBe('webgpu');
  });

  afterAll(() => {
    if (rows.length === 0) return;
    gpu?.device.destroy();
    const text = tableOf(rows);
    mkdirSync('test/artifacts', { recursive: true });
    writeFileSync(`test/artifacts/parity${only === undefined ? '' : '-part'}.txt`, `${text}\n`);
    console.log(text);
  });
});

function tableOf(list: typeof rows): string {
  const device = gpu === undefined ? 'no GPU adapter: webgpu was NOT compared' : `webgpu on ${gpu.description}`;
  const lines = list.map(({ id, ticks, collisions, edits, mechanisms, resets, difference, counts }) =>
    [id.padEnd(24), ...[ticks, collisions, edits, mechanisms, resets].map((n) => String(n).padStart(10)), `  ${difference ?? counts}`].join(
      '',
    ),
  );
  const head = ['scenario'.padEnd(24), ...['ticks', 'collisions', 'edits', 'mechanism', 'resets'].map((n) => n.padStart(10))].join('');
  return [`cpu, workers, ${device}`, head, ...lines].join('\n');
}
