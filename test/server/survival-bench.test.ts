/** The survival benchmark: three rows of one run, in which enough happens to be a result; a run too short to hold anything is called none. */
import { describe, expect, it } from 'vitest';
import { benchSurvival } from '../../packages/server/src/bench/survival-bench.js';

describe('the survival benchmark', () => {
  it('compares the rules in one run, and counts what happened in each row', async () => {
    const report = await benchSurvival({ worlds: 24, rounds: 1 });
    expect(report.rows.map(({ rules }) => rules)).toEqual(['plain', 'survival', 'mobs']);
    expect(report.rows[0].ratio).toBe(1);
    const [plain, survival, mobs] = report.rows.map(({ activity }) => activity);
    expect([plain.craftsPer1000, plain.attacksPer1000, plain.mobsMovingShare]).toEqual([0, 0, 0]);
    expect(survival.craftsPer1000).toBeGreaterThan(1);
    expect(survival.attacksPer1000).toBeGreaterThan(1);
    expect(mobs.mobsMovingShare).toBeGreaterThan(0.1);
    expect(report.notes.filter((note) => note.startsWith('Not a result'))).toEqual([]);
  });

  it('calls a row in which too little happens no result', async () => {
    const report = await benchSurvival({ worlds: 1, rounds: 1 });
    expect(report.notes.some((note) => note.startsWith('Not a result'))).toBe(true);
    expect(report.ok).toBe(false);
  });
});
