import { loadScenarioText, parseScenario } from '@kinovox/world';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario, readSampleFile } from '../world/scenario-samples.js';
import { mutatedScenario, reachedStage, type Stage } from './scenario-mutation.js';

const SEED = 20261121;
const RUNS = 2000;
const bases = [bridgeScenario(), bridgeScenario(), fullScenario()];

describe(`of ${RUNS} mutated scenarios (seed ${SEED})`, () => {
  const texts = fc.sample(mutatedScenario(bases), { seed: SEED, numRuns: RUNS });

  it('each is refused with a ScenarioError or built, at least 30 % pass the schema, and at least 5 % do not', () => {
    const counts: Partial<Record<Stage, number>> = {};
    for (const [i, text] of texts.entries()) {
      const stage = reachedStage(text, i, { readFile: readSampleFile });
      counts[stage] = (counts[stage] ?? 0) + 1;
    }
    const refused = counts.refused ?? 0;
    expect(refused, JSON.stringify(counts)).toBeLessThan(0.7 * RUNS);
    expect(refused, JSON.stringify(counts)).toBeGreaterThan(0.05 * RUNS);
    expect(counts.built ?? 0, JSON.stringify(counts)).toBeGreaterThan(0.2 * RUNS);
  });

  it('none changes Object.prototype or the sources', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(bases[2]).toEqual(fullScenario());
    expect(new Set(texts).size).toBeGreaterThan(0.6 * RUNS);
  });

  it('what is accepted parses to itself', () => {
    let checked = 0;
    for (const text of texts.slice(0, 300)) {
      let scenario: ReturnType<typeof loadScenarioText>;
      try {
        scenario = loadScenarioText(text, 'x');
      } catch {
        continue;
      }
      expect(parseScenario(scenario, 'again')).toEqual(scenario);
      checked++;
    }
    expect(checked).toBeGreaterThan(60);
  });
});

describe('the stage report', () => {
  const text = JSON.stringify(bridgeScenario());

  it('names the stage at which a scenario stops', () => {
    expect(reachedStage('{', 0, { readFile: readSampleFile })).toBe('refused');
    expect(reachedStage(text, 0, { readFile: readSampleFile })).toBe('built');
    expect(reachedStage(text, 0, { readFile: readSampleFile, step: () => undefined })).toBe('stepped');
  });

  it('lets a crash through', () => {
    const step = () => {
      throw new TypeError('planted');
    };
    expect(() => reachedStage(text, 0, { readFile: readSampleFile, step })).toThrow('planted');
  });
});
