import {
  createPolicy,
  createSuite,
  evaluate,
  evaluationCsv,
  evaluationHtml,
  evaluationLatex,
  type PolicyFactory,
  pointsOf,
  policyProfile,
} from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from '../small-worlds.js';

const FLOOR = ['##########', '##########', '##########'];
const AIR = ['..........', '..........', '..........'];
const WALL = ['.....#....', '.....#....', '..........'];

/** Reach the far end: on open ground, and behind a wall with a way around. */
const open = loadScenario(
  smallScenario({ layers: [FLOOR, AIR, AIR], task: reach(), agents: [walkerAt('ada', [0, 1, 1])], maxTicks: 120, rest: { id: 'open-v1' } }),
);
const walled = loadScenario(
  smallScenario({
    layers: [FLOOR, WALL, WALL],
    task: reach(),
    agents: [walkerAt('ada', [0, 1, 0])],
    maxTicks: 120,
    rest: { id: 'walled-v1' },
  }),
);
const pair = loadScenario(
  smallScenario({
    layers: [FLOOR, AIR, AIR],
    task: reach(),
    agents: [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [0, 1, 2])],
    maxTicks: 120,
    rest: { id: 'pair-v1' },
  }),
);
const rivals = loadScenario(
  smallScenario({
    layers: [FLOOR, AIR, AIR],
    task: { perTeam: { red: reach('red'), blue: reach('blue') } },
    agents: [walkerAt('ada', [0, 1, 0], { team: 'red' }), walkerAt('bob', [0, 1, 2], { team: 'blue' })],
    maxTicks: 60,
    rest: { id: 'rivals-v1' },
  }),
);

function reach(agents = 'all') {
  return {
    reach: {
      agents,
      region: [
        [8, 1, 0],
        [9, 2, 2],
      ] as [[number, number, number], [number, number, number]],
    },
  };
}

const idle = createPolicy('idle');
const greedy = createPolicy('greedy');

describe('evaluate', () => {
  it('normalises between random and scripted, and keeps the order of contestants', async () => {
    const report = await evaluate(createSuite('two', [open, walled]), [{ name: 'greedy', runs: [greedy] }], { seeds: 4 });
    expect(report.contestants.map(({ name }) => name)).toEqual(['random', 'scripted', 'greedy']);
    const [random, scripted, straight] = report.contestants;
    expect(random.iqm).toBe(0);
    expect(scripted.iqm).toBe(1);
    expect(straight.scenarios.map(({ score }) => score)).toEqual([1, 0]);
    expect(straight.scenarios.map(({ normalised }) => normalised)).toEqual([1, 0]);
    expect(straight.iqm).toBeCloseTo(0.5, 12);
    expect(straight.scenarios[0].interval[0]).toBeLessThan(1);
  });

  it('takes several policies of one name as runs of one method', async () => {
    const report = await evaluate(createSuite('one', [open]), [{ name: 'mixed', runs: [greedy, idle, greedy, idle] }], { seeds: 2 });
    const mixed = report.contestants.find(({ name }) => name === 'mixed')!;
    expect(mixed.runs).toBe(4);
    expect(mixed.scenarios[0]).toMatchObject({ episodes: 8, score: 0.5 });
    expect(mixed.iqm).toBeCloseTo(0.5, 12);
    const [low, high] = mixed.scenarios[0].interval;
    expect(low).toBeLessThan(0.3);
    expect(high).toBeGreaterThan(0.7);
  });

  it('mixes teams from two contestants: one that idles fails the team whichever seat it has', async () => {
    const report = await evaluate(createSuite('pair', [pair]), [{ name: 'idle', runs: [idle] }], { seeds: 2, pairings: true });
    const [{ players, success }] = report.crossPlay;
    expect(players).toEqual(['random', 'scripted', 'idle']);
    expect(success[1][1]).toBe(1);
    expect([success[1][2], success[2][1]]).toEqual([0, 0]);
  });

  it('judges a team of several policies by agent, and lists what its names do not fit', async () => {
    const team = (byName: Record<string, PolicyFactory>) => [{ name: 'team', runs: [byName] }];
    const score = async (byName: Record<string, PolicyFactory>) => {
      const report = await evaluate(createSuite('both', [pair, rivals]), team(byName), { seeds: 2 });
      return report.contestants.find(({ name }) => name === 'team')!;
    };
    const good = await score({ ada: greedy, default: createPolicy('scripted') });
    expect(good.scenarios.map(({ scenario, score }) => [scenario, score])).toEqual([['pair-v1', 1]]);
    expect(good.refused).toMatchObject([{ scenario: 'rivals-v1', reason: expect.stringContaining('a contestant must be one policy') }]);
    expect((await score({ ada: greedy, default: idle })).scenarios[0].score).toBe(0);
    const stranger = await score({ carl: greedy, default: idle });
    expect(stranger.scenarios).toEqual([]);
    expect(stranger.refused[0].reason).toContain('carl');
    const paired = evaluate(createSuite('pair', [pair]), team({ ada: greedy, default: idle }), { seeds: 1, pairings: true });
    await expect(paired).rejects.toThrow(/Pairings must mix policies that decide for any agent; got "team"/);
  });

  it('rates competitors over both sides', async () => {
    const report = await evaluate(createSuite('rivals', [rivals]), [{ name: 'idle', runs: [idle] }], { seeds: 2, pairings: true });
    const [{ teams, points, ratings, players }] = report.matches;
    expect(teams).toEqual(['red', 'blue']);
    const at = (name: string) => players.indexOf(name);
    expect(points[at('scripted')][at('idle')]).toBe(1);
    expect(points[at('idle')][at('scripted')]).toBe(0);
    expect(points[at('idle')][at('idle')]).toBe(0.5);
    expect(ratings[at('scripted')]!).toBeGreaterThan(ratings[at('idle')]!);
    expect(report.contestants.find(({ name }) => name === 'idle')!.scenarios[0].score).toBe(0);
  });

  it('lists a scenario that a contestant cannot play, with the reason, and goes on', async () => {
    const choices = loadScenario(
      smallScenario({
        layers: [FLOOR, AIR, AIR],
        task: reach(),
        agents: [walkerAt('ada', [0, 1, 1])],
        maxTicks: 40,
        rest: { id: 'choices-v1', actions: { profile: 'discrete' } },
      }),
    );
    const choosy: PolicyFactory = {
      name: 'choosy',
      batch: {
        check: ({ engine }) => {
          if (engine.program.id === 'choices-v1') throw new UsageError('policy-profile', 'This one plays open worlds alone.');
        },
        fill: () => undefined,
      },
    };
    const report = await evaluate(createSuite('mixed', [open, choices]), [{ name: 'choosy', runs: [choosy] }], { seeds: 1 });
    const picky = report.contestants.find(({ name }) => name === 'choosy')!;
    expect(picky.scenarios.map(({ scenario }) => scenario)).toEqual(['open-v1']);
    expect(picky.refused).toMatchObject([{ scenario: 'choices-v1', reason: expect.stringContaining('open worlds alone') }]);
  });

  it('has those who plan motions play a scenario of choices in native actions, and those who choose in its own', async () => {
    const choices = loadScenario(
      smallScenario({
        layers: [FLOOR, AIR, AIR],
        task: reach(),
        agents: [walkerAt('ada', [0, 1, 1])],
        maxTicks: 40,
        rest: { id: 'choices-v1', actions: { profile: 'discrete' } },
      }),
    );
    expect(policyProfile(choices, createPolicy('random'))).toBe('discrete');
    expect(policyProfile(choices, greedy)).toBe('native');
    expect(policyProfile(choices, { ada: greedy, default: createPolicy('random') })).toBe('native');
    const report = await evaluate(createSuite('choices', [choices]), [{ name: 'greedy', runs: [greedy] }], { seeds: 2 });
    expect(report.contestants.map(({ name, refused, scenarios }) => [name, refused.length, scenarios[0].score])).toEqual([
      ['random', 0, expect.any(Number)],
      ['scripted', 0, 1],
      ['greedy', 0, 1],
    ]);
  });

  it('passes on a failure that is not the contestant being unfit', async () => {
    const broken: PolicyFactory = {
      name: 'broken',
      create: () => ({
        reset: () => undefined,
        act: () => {
          throw new TypeError('planted');
        },
      }),
    };
    await expect(evaluate(createSuite('one', [open]), [{ name: 'broken', runs: [broken] }], { seeds: 1 })).rejects.toThrow('planted');
  });

  it('plays each seed alike in every run of it', async () => {
    const run = () => evaluate(createSuite('one', [open]), [], { seeds: 3, firstSeed: 5 });
    expect(await run()).toEqual(await run());
  });
});

describe('a suite', () => {
  it('has a hash of its scenarios, in any order', () => {
    expect(createSuite('a', [open, walled]).hash).toBe(createSuite('b', [walled, open]).hash);
    expect(createSuite('a', [open]).hash).not.toBe(createSuite('a', [walled]).hash);
  });

  it('refuses none, and one twice', () => {
    expect(() => createSuite('none', [])).toThrow('got none in "none"');
    expect(() => createSuite('twice', [open, open])).toThrow('"open-v1" twice');
  });
});

describe('tables', () => {
  const report = () => evaluate(createSuite('a & b', [open]), [{ name: '=bad,"name"', runs: [idle] }], { seeds: 2 });

  it('write a line per contestant and scenario, safe to open in a spreadsheet', async () => {
    const lines = evaluationCsv(await report())
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain(`"'=bad,""name"""`);
    expect(lines[1].split(',')).toHaveLength(lines[0].split(',').length);
  });

  it('escape what LaTeX and HTML would read as their own', async () => {
    const data = await report();
    expect(evaluationLatex(data)).toContain('% suite a & b');
    const html = evaluationHtml({ ...data, suite: { ...data.suite, id: '<script>' } });
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
  });
});

describe('pointsOf', () => {
  it('counts a win, a loss, and a draw when both or neither succeeded', () => {
    expect([pointsOf([true, false]), pointsOf([false, true]), pointsOf([true, true]), pointsOf([false, false])]).toEqual([1, 0, 0.5, 0.5]);
  });
});
