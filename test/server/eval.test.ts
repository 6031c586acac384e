import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecording } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { readRecordedDecisions } from '../../packages/server/src/live/recorded-decisions.js';
import { eventually, freshFolder, kinovox, startKinovox } from './command.js';

function linesOf(path: string): { kind: string; seed: string }[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

interface Judged {
  scenarios: { score: number; interval: [number, number]; language: { stuck: number } }[];
}

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

  it('judges a team of several policies under a name of its own', async () => {
    const judge = (policy: string) => kinovox('eval', '--policy', policy, '--suite', 'bridge-gap-v1', '--seeds', '1', '--json');
    const { code, stdout } = await judge('mixed=ada=llm:examples/profiles/scripted.json,default=idle');
    expect(code).toBe(0);
    const [, scripted, mixed] = JSON.parse(stdout).contestants;
    expect(mixed).toMatchObject({ name: 'mixed', refused: [] });
    // Of two bridge builders one stands idle, and the other, who goes by rules, is asked.
    expect([scripted.scenarios[0].score, mixed.scenarios[0].score]).toEqual([1, 0]);
    expect(mixed.scenarios[0].language.calls).toBeGreaterThan(0);
    const nameless = await judge('ada=greedy,default=idle');
    expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining('Write --policy mixed=ada=greedy,default=idle.') });
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
    const out = join(folder, 'tables');
    const { code, stdout } = await kinovox(...args, '--report', page, '--out', out, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const [random, , rules] = report.contestants;
    expect(random.scenarios[0].language).toBeUndefined();
    expect(rules.scenarios[0]).toMatchObject({
      score: 1,
      language: { invalidRate: 0, refusedRate: 0, timeLimited: false },
      conduct: { stuckShare: 0 },
    });
    expect(rules.scenarios[0].language.calls).toBe(report.language.rules.calls);
    expect(report.episodes).toHaveLength(6);
    const links = [...readFileSync(page, 'utf8').matchAll(/href="([^"]+\.kvr)"/g)].map(([, link]) => link);
    expect(links).toHaveLength(3);
    // Decisions of both episodes lie beside the recording of the first, where the viewer finds them, and in the folder of the tables.
    const decisions = join(folder, links[2].replace('.kvr', '.decisions.jsonl'));
    const seeds = new Set(linesOf(decisions).map(({ seed }) => seed));
    expect(seeds.size).toBe(2);
    expect(linesOf(decisions).filter(({ kind }) => kind === 'decision')).toHaveLength(report.language.rules.calls);
    const shown = await readRecordedDecisions(join(folder, links[2]), await openRecording(join(folder, links[2])));
    expect(shown).toBeDefined();
    expect(await readRecordedDecisions(join(folder, links[1]), await openRecording(join(folder, links[1])))).toBeUndefined();
    const [kept] = readdirSync(join(out, 'decisions'));
    expect(linesOf(join(out, 'decisions', kept))).toEqual(linesOf(decisions));
    expect(report.episodes[4].decisions).toBe(decisions);
    for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true);
    expect(await kinovox('replay', join(folder, links[2]), '--verify')).toMatchObject({ code: 0 });
    expect(await kinovox(...args, '--report', page)).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist yet') });
  });

  it('tells what sentences are worth: without them the way over a gap is not found, and a way without refusals is', async () => {
    const profiles = ['full=llm:examples/profiles/scripted.json', 'blind=llm:examples/profiles/scripted-blind.json'];
    const args = ['eval', '--suite', 'bridge-gap-v1,reach-flat-v1', '--seeds', '4', '--json', '--policy', ...profiles];
    const { contestants } = JSON.parse((await kinovox(...args)).stdout);
    const [gap, flat] = [0, 1].map((n) => contestants.slice(2).map(({ scenarios }: Judged) => scenarios[n]));
    expect(flat).toMatchObject([{ score: 1 }, { score: 1 }]);
    expect(gap).toMatchObject([{ score: 1 }, { score: 0 }]);
    // Intervals are disjoint.
    expect(gap[0].interval[0]).toBeGreaterThan(gap[1].interval[1]);
    expect(gap[1].language.stuck).toBeGreaterThan(0);
  });

  it('judges a recorded run beside the others, and lists it with the reason where it holds no such episode', async () => {
    const run = join(freshFolder(), 'run');
    const scenario = ['--scenario', 'reach-flat-v1', '--split', 'test', '--seed', '40'];
    expect(await kinovox('run', ...scenario, '--policy', 'greedy', '--ticks', '200', '--out', run, '--record', '0')).toMatchObject({
      code: 0,
    });
    const judge = async (firstSeed: string, seeds = '1', ...more: string[]) => {
      const args = [
        '--policy',
        'greedy',
        `again=replay:${run}`,
        '--suite',
        'reach-flat-v1',
        '--seeds',
        seeds,
        '--first-seed',
        firstSeed,
        ...more,
      ];
      return JSON.parse((await kinovox('eval', ...args, '--json')).stdout).contestants;
    };
    const [, , greedy, again] = await judge('40');
    expect(again.scenarios).toEqual(greedy.scenarios);
    const folder = freshFolder();
    const refused = (await judge('40', '2', '--report', join(folder, 'mine.html')))[3];
    expect(refused.scenarios).toEqual([]);
    expect(refused.refused[0].reason).toContain('It holds seeds 40');
    // The episode that it did play is in no table, and its recording is not kept.
    expect(readdirSync(join(folder, 'mine-replays')).map((name) => name.split('-')[3])).toEqual(['greedy', 'random', 'scripted']);
    const mixed = await kinovox('eval', '--policy', `replay:${run}`, '--suite', 'reach-flat-v1', '--pairings');
    expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining('a replay plays what was recorded whatever others do') });
  });

  it('leaves nothing of an evaluation that fails or is broken off', async () => {
    const folder = freshFolder();
    const page = join(folder, 'mine.html');
    const out = join(folder, 'tables');
    const begin = async () => {
      const args = ['--policy', 'rules=llm:examples/profiles/scripted.json', '--suite', 'reach-flat-v1', '--seeds', '20'];
      const { child, ended } = startKinovox(['eval', ...args, '--report', page, '--out', out]);
      await eventually('decisions', () => readdirSync(folder).some((name) => name.includes('.unfinished-')));
      return { child, ended };
    };
    const broken = await begin();
    broken.child.kill('SIGINT');
    expect((await broken.ended).code).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
    // Somebody else writes the page meanwhile.
    const failing = await begin();
    writeFileSync(page, 'theirs');
    expect(await failing.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--report must be a file that can be written') });
    expect(readFileSync(page, 'utf8')).toBe('theirs');
    // What could be written is there, and what was found is printed.
    expect(readdirSync(folder).sort()).toEqual(['mine.html', 'tables']);
    const { stdout } = await failing.ended;
    expect(stdout).toContain('rules');
    expect(stdout).toContain(out);
    expect(stdout).not.toContain(page);
  });

  it('keeps what was evaluated where the second part is broken off', async () => {
    const out = join(freshFolder(), 'tables');
    const { child, output, ended } = startKinovox([
      'eval',
      '--suite',
      'reach-flat-v1',
      '--seeds',
      '40',
      '--idle-props',
      '16',
      '--out',
      out,
    ]);
    await eventually('the second part', () => output().stderr.includes('both tiers: 25 %'), 60_000);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toContain('scripted');
    const kept = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8'));
    expect(kept.contestants.map(({ name }: { name: string }) => name)).toEqual(['random', 'scripted']);
    expect(kept.tiers).toBeUndefined();
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
