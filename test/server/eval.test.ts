import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder, kinovox } from './command.js';

describe('kinovox eval', { timeout: 120_000 }, () => {
  it('prints one JSON object and writes the tables to a new folder', async () => {
    const out = join(freshFolder(), 'tables');
    const { code, stdout } = await kinovox(
      'eval',
      '--policy',
      'greedy',
      '--suite',
      'reach-flat-v1',
      '--seeds',
      '3',
      '--out',
      out,
      '--json',
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.suite.scenarios).toEqual(['reach-flat-v1']);
    expect(report.contestants.map(({ name }: { name: string }) => name)).toEqual(['random', 'scripted', 'greedy']);
    expect(readdirSync(out).sort()).toEqual(['evaluation.csv', 'evaluation.html', 'evaluation.json', 'evaluation.tex']);
    expect(JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8'))).toEqual(report);
  });

  it('holds the scores of both tiers together, of scenarios that have both', async () => {
    const args = ['--seeds', '2', '--idle-props', '2', '--json'];
    const { code, stdout } = await kinovox('eval', '--suite', 'reach-flat-v1,push-crate-v1', ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).tiers).toMatchObject({
      rows: ['random', 'scripted'].map((contestant) => ({
        scenario: 'reach-flat-v1',
        contestant,
        episodes: 2,
        sameEpisodes: 2,
        within: true,
      })),
      refused: [],
    });
    const props = await kinovox('eval', '--suite', 'push-crate-v1', ...args);
    expect(props).toMatchObject({ code: 2, stderr: expect.stringContaining('must have a scenario that runs on both tiers') });
  });

  it('refuses unknown suites and policies with the nearest name, and a folder that exists, before it plays', async () => {
    const suite = await kinovox('eval', '--suite', 'reach-flta-v1');
    expect(suite).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "reach-flat-v1"?') });
    const policy = await kinovox('eval', '--policy', 'mine=gredy', '--suite', 'reach-flat-v1');
    expect(policy).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "greedy"?') });
    const kind = await kinovox('eval', '--policy', 'lerned:mine.json', '--suite', 'reach-flat-v1');
    expect(kind).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "learned:"?') });
    const file = await kinovox('eval', '--policy', 'learned:not-there.json', '--suite', 'reach-flat-v1');
    expect(file).toMatchObject({ code: 2, stderr: expect.stringContaining('"not-there.json"') });
    const out = freshFolder();
    expect(await kinovox('eval', '--suite', 'reach-flat-v1', '--out', out)).toMatchObject({ code: 2 });
    expect(existsSync(join(out, 'evaluation.json'))).toBe(false);
  });
});
