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

  it('reports language agents beside the others, on a page that links into recordings', async () => {
    const folder = freshFolder();
    const page = join(folder, 'mine.html');
    const profile = 'examples/profiles/scripted.json';
    const args = ['eval', '--policy', `rules=llm:${profile}`, '--suite', 'reach-flat-v1', '--seeds', '2', '--record', '1'];
    const { code, stdout } = await kinovox(...args, '--report', page, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const [random, , rules] = report.contestants;
    expect(random.scenarios[0].language).toBeUndefined();
    expect(rules.scenarios[0]).toMatchObject({ score: 1, language: { invalidRate: 0, timeLimited: false }, conduct: { stuckShare: 0 } });
    expect(rules.scenarios[0].language.calls).toBe(report.language.rules.calls);
    expect(report.episodes).toHaveLength(6);
    const links = [...readFileSync(page, 'utf8').matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
    expect(links).toHaveLength(3);
    for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true);
    expect(await kinovox('replay', join(folder, links[2]), '--verify')).toMatchObject({ code: 0 });
    expect(await kinovox(...args, '--report', page)).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist yet') });
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
    expect(await kinovox('eval', '--record', '1')).toMatchObject({ code: 2, stderr: expect.stringContaining('must come with --report') });
    const out = freshFolder();
    expect(await kinovox('eval', '--suite', 'reach-flat-v1', '--out', out)).toMatchObject({ code: 2 });
    expect(existsSync(join(out, 'evaluation.json'))).toBe(false);
  });
});
