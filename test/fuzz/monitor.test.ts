// Monitors against the definition of the task language: 10,000 stratified traces, every node at every tick; and planted bugs that must be caught.
import { beforeAll, describe, expect, it } from 'vitest';
import { type ComparisonReport, compareTraces } from '../env/monitor-comparison.js';
import { loadMutant, MUTANTS, UNCHANGED } from '../env/monitor-mutants.js';
import { COMBINATORS, PREDICATES } from '../env/monitor-worlds.js';

const SEED = 20_261_121;
const TRACES = 10_000;
/** Enough to catch every planted bug. */
const MUTANT_TRACES = 4_000;

describe(`the monitor interpreter on ${TRACES} traces (seed ${SEED})`, () => {
  let report: ComparisonReport;
  beforeAll(() => {
    report = compareTraces(SEED, TRACES);
  });

  it('agrees with the definition in status, progress and first violation of every node at every tick', () => {
    expect(report.firstMismatch).toBeUndefined();
    expect(report.traces).toBeGreaterThanOrEqual(TRACES);
    expect(report.comparisons).toBeGreaterThan(400_000);
  });

  it.each(COMBINATORS)('sees %s become true in 30 to 70 % of the traces it heads', (kind) => {
    expect(report.trueShare[kind]).toBeGreaterThanOrEqual(0.3);
    expect(report.trueShare[kind]).toBeLessThanOrEqual(0.7);
  });

  it.each(PREDICATES)('sees %s both true and false hundreds of times', (kind) => {
    expect(report.predicates[kind].yes).toBeGreaterThan(500);
    expect(report.predicates[kind].no).toBeGreaterThan(500);
  });

  it('meets formulas of every depth from 2 to 4', () => {
    for (const depth of [2, 3, 4]) expect(report.depths[depth], `depth ${depth}`).toBeGreaterThan(500);
    expect(Math.max(...Object.keys(report.depths).map(Number))).toBe(4);
  });

  it('finds violations after the first tick, not only at it', () => {
    expect(report.violations.later).toBeGreaterThan(1000);
    expect(report.violations.atOnce).toBeGreaterThan(100);
  });
});

describe('planted monitor bugs', () => {
  it('are not seen in the unchanged sources', () => {
    expect(compareTraces(SEED + 1, MUTANT_TRACES, loadMutant(UNCHANGED)).firstMismatch).toBeUndefined();
  });

  it('are at least ten', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(10);
  });

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('are caught: %s', (_, mutant) => {
    expect(compareTraces(SEED + 1, MUTANT_TRACES, loadMutant(mutant)).firstMismatch).toBeDefined();
  });
});
