/**
 * Mutated scenarios go the whole way: parsed, resolved, built, compiled, stepped 64 ticks with random actions, NaN among them.
 * 2,000 of them, or 10,000 with KINOVOX_LONG=1.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileScenario } from '@kinovox/env';
import { createCpuEngine, hashWorld } from '@kinovox/physics';
import { ACTION_FIELDS, randomU32, type Scenario, ScenarioError } from '@kinovox/world';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, readSampleFile } from '../world/scenario-samples.js';
import { mutatedScenario, reachedStage, type Stage } from './scenario-mutation.js';

const SEED = 20261121;
const RUNS = process.env.KINOVOX_LONG === '1' ? 10_000 : 2000;
const TICKS = 64;

const folder = 'scenarios';
const shipped = readdirSync(folder)
  // Fifty walkers and more take as long as all the others together, and mutate no differently.
  .filter((name) => name.endsWith('.scenario.json') && !/^(crowd-doors|warehouse)-/.test(name))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object);
const bases = [bridgeScenario(), ...shipped];

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(join(folder, path));
  } catch {
    return readSampleFile(path);
  }
}

/** One world for 64 ticks; returns how many actions were not numbers. */
function step(scenario: Scenario): number {
  const compiled = compileScenario(scenario, { readFile });
  const { program } = compiled;
  // Props are stepped by the rigid engine, which has tests of its own; here they stand still.
  const engine = createCpuEngine({
    program: { ...program, numProps: 0 },
    variants: compiled.variantSource('train'),
    numWorlds: 1,
    seed: SEED,
  });
  const actions = new Float32Array(program.numAgents * ACTION_FIELDS);
  for (let tick = 0; tick < TICKS; tick++) {
    for (let k = 0; k < actions.length; k++) {
      const word = randomU32(SEED, 0, tick, k, 6, 0);
      actions[k] = word % 97 === 0 ? Number.NaN : ((word >>> 8) % 9) - 4;
    }
    engine.decode(actions);
    engine.step();
  }
  expect(hashWorld(engine.state, 0)).toMatch(/^[0-9a-f]{16}$/);
  return engine.invalidActions;
}

describe(`of ${RUNS} mutated scenarios (seed ${SEED})`, () => {
  it(`at least 30 % pass the schema and are stepped ${TICKS} ticks, and none crashes`, () => {
    const counts: Record<Stage, number> = { refused: 0, parsed: 0, resolved: 0, built: 0, stepped: 0 };
    const crashes: string[] = [];
    let invalid = 0;
    for (const [i, text] of fc.sample(mutatedScenario(bases), { seed: SEED, numRuns: RUNS }).entries()) {
      try {
        counts[reachedStage(text, i, { readFile, step: (_resolved, _level, scenario) => void (invalid += step(scenario)) })]++;
      } catch (error) {
        crashes.push(`${String(error)}\n${text}`);
      }
    }
    mkdirSync('test/artifacts', { recursive: true });
    writeFileSync(
      'test/artifacts/fuzz-stages.json',
      `${JSON.stringify({ seed: SEED, runs: RUNS, lastStageReached: counts, crashes: crashes.length }, null, 2)}\n`,
    );
    expect(crashes.slice(0, 3)).toEqual([]);
    expect(counts.stepped, JSON.stringify(counts)).toBeGreaterThanOrEqual(0.3 * RUNS);
    expect(counts.refused, JSON.stringify(counts)).toBeGreaterThan(0.05 * RUNS);
    expect(invalid).toBeGreaterThan(1000);
  });

  it('a crash in a step would be seen', () => {
    const planted = () => {
      throw new RangeError('planted');
    };
    expect(() => reachedStage(JSON.stringify(bridgeScenario()), 0, { readFile, step: planted })).toThrow('planted');
    const refusal = () => {
      throw new ScenarioError('planted', 'refused');
    };
    expect(reachedStage(JSON.stringify(bridgeScenario()), 0, { readFile, step: refusal })).toBe('built');
  });
});
