/** `kinovox compare` as a user runs it; what it finds is held by test/env/side-by-side.mocked.test.ts. */
import { describe, expect, it } from 'vitest';
import { kinovox } from './command.js';

describe('kinovox compare', () => {
  it('prints one JSON object with where the tiers part', async () => {
    const { code, stdout } = await kinovox('compare', '-s', 'push-crate-v1', '--ticks', '60', '--policy', 'scripted', '--json');
    expect(code).toBe(0);
    const { firstDivergenceTick, firstDivergence, maxPositionError, ticks, policy } = JSON.parse(stdout);
    expect({ ticks, policy }).toEqual({ ticks: 60, policy: 'scripted' });
    expect(firstDivergenceTick).toBeGreaterThan(0);
    expect(firstDivergence).toMatchObject({ tick: firstDivergenceTick, parts: expect.arrayContaining(['agents']) });
    expect(maxPositionError).toBeGreaterThan(0);
  });

  it('says in words that they do not, and refuses names with the nearest one', async () => {
    const { code, stdout } = await kinovox('compare', '-s', 'reach-flat-v1', '--ticks', '30');
    expect(code).toBe(0);
    expect(stdout).toContain('on the rigid tier with 3 props that nobody can reach');
    expect(stdout).toContain('Both tiers did the same in every tick.');
    const refused = await kinovox('compare', '-s', 'push-crat-v1');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "push-crate-v1"?') });
  });

  it('offers no policy that it refuses', async () => {
    const { stdout } = await kinovox('compare', '--help');
    expect(stdout).toContain('learned:FILE');
    expect(stdout).not.toContain('llm:');
  });
});
