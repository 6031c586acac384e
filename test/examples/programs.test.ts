/** The programs of `examples/`: each runs as a user would run it, from any folder, and prints what it claims to show. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = resolve('examples');
const shown = ['best-of-branches', 'compare-policies', 'record-and-replay', 'team-by-name', 'train-in-a-batch'];
let elsewhere = '';

/** What an example prints, run in a folder that is not the project's. */
function run(name: string, ...args: string[]): string {
  return execFileSync(process.execPath, [`${folder}/${name}.mjs`, ...args], { encoding: 'utf8', cwd: elsewhere });
}

/** The numbers in front of the percent signs of the lines that match. */
function percents(output: string, line: RegExp): number[] {
  return output
    .split('\n')
    .filter((text) => line.test(text))
    .map((text) => Number(text.match(/([\d.]+) %/)?.[1]));
}

describe('the examples', () => {
  beforeAll(() => {
    elsewhere = mkdtempSync(`${tmpdir()}/kinovox-examples-`);
  });
  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  it('are five programs of less than 60 lines that the README and their own first lines name', () => {
    // Beside them lie problems for planners.
    const programs = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
    expect(programs.sort()).toEqual(shown.map((name) => `${name}.mjs`));
    const readme = readFileSync('README.md', 'utf8');
    for (const name of shown) {
      const text = readFileSync(`${folder}/${name}.mjs`, 'utf8');
      expect(text.trimEnd().split('\n').length, name).toBeLessThan(60);
      expect(text, name).toContain(`Run: node examples/${name}.mjs`);
      expect(readme, name).toContain(`(examples/${name}.mjs)`);
    }
  });

  it('train-in-a-batch learns what its first candidates cannot, and succeeds in unseen levels', () => {
    const output = run('train-in-a-batch');
    const generations = percents(output, /^generation \d/);
    expect(generations).toHaveLength(8);
    expect(generations[0]).toBeLessThan(30);
    expect(generations[7]).toBeGreaterThan(50);
    expect(percents(output, /^the mean of the best/)[0]).toBeGreaterThan(90);
  });

  it('team-by-name hunts with both agents and succeeds with the words of the task', () => {
    const output = run('team-by-name');
    expect(output).toMatch(/^ada and bob choose among \d+ actions\n/);
    for (const id of ['ada', 'bob'])
      expect(output).toMatch(new RegExp(`^${id}: [1-9]\\d* blows \\(attack was closed in [1-9]\\d* ticks\\), return 1\\.50$`, 'm'));
    expect(output).toMatch(/^succeeded after \d+ ticks\. Succeeded at tick \d+: "Ada carries four pieces of beef/m);
  });

  it('best-of-branches comes nearer with every line and leaves the maze in its fork', () => {
    const output = run('best-of-branches');
    expect(output).toMatch(/^1 state in 64 rows/);
    const left = [...output.matchAll(/^decision \d+: best branch \d+, ([\d.]+) m left$/gm)].map(([, metres]) => Number(metres));
    expect(left.length).toBeGreaterThan(3);
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(output).toMatch(/^arrived after \d+ decisions$/m);
    expect(output).toMatch(/^succeeded after \d+ ticks\. Succeeded at tick \d+: "out of the maze"/m);
  });

  it('compare-policies puts the learned policy beside both anchors, and refuses a file that is no policy', () => {
    const output = run('compare-policies');
    const scoreOf = (name: string) => percents(output, new RegExp(`^${name} `))[0];
    expect(scoreOf('random')).toBeLessThan(10);
    expect(scoreOf('scripted')).toBe(100);
    expect(scoreOf('learned')).toBeGreaterThan(90);
    expect(scoreOf('greedy')).toBeGreaterThan(90);
    const refused = spawnSync(process.execPath, [`${folder}/compare-policies.mjs`, resolve('package.json')], { encoding: 'utf8' });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('package.json');
  });

  it('record-and-replay recomputes every hash, finds an altered bit, and keeps the file only where it was asked to', () => {
    const kept = `${elsewhere}/kept`;
    mkdirSync(kept);
    const output = run('record-and-replay', kept);
    const [, ticks] = output.match(/^recorded: succeeded after (\d+) ticks, last state [0-9a-f]{16}$/m) ?? [];
    expect(output).toContain(
      `replayed: All ${ticks} state hashes were recomputed and are equal. The recording is complete: ${ticks} ticks of 1 episode.`,
    );
    expect(output).toMatch(/^blocks placed: ada [1-9]\d*, bob [1-9]\d*$/m);
    expect(output).toMatch(/^one bit altered: A recording must hold the bytes that were written; got /m);
    expect(existsSync(`${kept}/bridge.kvr`)).toBe(true);
  });
});
