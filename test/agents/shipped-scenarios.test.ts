/** Every shipped scenario is solved by the scripted policy and by nothing less; the bars over 100 seeds are in the benchmark. */
import { readdirSync } from 'node:fs';
import { benchLines, benchScenario, solverOf } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';

const paths = readdirSync('scenarios')
  .filter((name) => name.endsWith('.scenario.json'))
  .map((name) => `scenarios/${name}`);

describe.each(paths)('%s', (path) => {
  it('is solved by its solver, not by random play, and by no team with an idle member', async () => {
    const compiled = loadScenario(path);
    const solver = solverOf(compiled);
    // What others come to where one plan is needed, and crowds of which one is idle, is in the benchmark.
    const isCrowd = compiled.scenario.tags.includes('crowd');
    const chosen = benchLines(compiled).filter((line) =>
      line === 'scripted' ? solver === 'scripted' : !(isCrowd && line.startsWith('idle:')),
    );
    const { lines, agents } = await benchScenario(path, { seeds: 1, firstSeed: 500, lines: chosen });
    const rate = (name: string) => lines.find(({ line }) => line === name)!.successRate;
    const { scenario } = compiled;
    // A long horizon is not always climbed to its end: what must be reached of it is held by test/conformance/survival-tech.test.ts.
    if (!scenario.tags.includes('long-horizon')) expect(rate(solver)).toBe(1);
    expect(rate('random')).toBe(0);
    const idle = lines.filter(({ line }) => line.startsWith('idle:'));
    for (const line of [...idle, ...lines.filter((one) => one.line === 'silent')])
      expect([line.line, line.successRate]).toEqual([line.line, 0]);
    expect(idle.length > 0).toBe(agents > 1 && !isCrowd && !('perTeam' in scenario.task));
    // A team of survivors plays thousands of ticks per line: too long for the limit of a unit test on a busy machine.
  }, 240_000);
});

describe('benchScenario', () => {
  it('reports a line per way of playing and every episode as it ends', async () => {
    const seen: string[] = [];
    const report = await benchScenario('scenarios/reach-flat-v1.scenario.json', {
      seeds: 2,
      lines: ['greedy', 'random'],
      onProgress: ({ line, episode, episodes }) => seen.push(`${line} ${episode}/${episodes}`),
    });
    expect(seen).toEqual(['greedy 1/2', 'greedy 2/2', 'random 1/2', 'random 2/2']);
    expect(report.lines.map(({ line, episodes }) => [line, episodes])).toEqual([
      ['greedy', 2],
      ['random', 2],
    ]);
    expect(report.lines[0].successes).toBe(2);
  });

  it('leaves one of each team idle in a crowd, and asks a planner where nobody may meet', () => {
    const lines = benchLines(loadScenario('scenarios/crowd-doors-v1.scenario.json'));
    expect(lines).toEqual(['planner:lacam', 'scripted', 'greedy', 'random', 'idle:west-0', 'idle:east-0']);
  });

  it('asks for silence only where messages can be sent', () => {
    expect(benchLines(loadScenario('scenarios/relay-code-v1.scenario.json'))).toEqual([
      'scripted',
      'greedy',
      'random',
      'idle:scout',
      'idle:runner',
      'silent',
    ]);
    expect(benchLines(loadScenario('scenarios/tag-v1.scenario.json'))).toEqual(['scripted', 'greedy', 'random']);
  });
});
