/** The same policies on both tiers: with props out of the way scores agree, with props in the way they do not. */
import { readFileSync } from 'node:fs';
import { compareTiers, createLearnedPolicy, createSuite, evaluate, evaluationCsv, evaluationHtml } from '@kinovox/agents';
import { createBatchEnv, createBatchEnvSync, loadScenario } from '@kinovox/env';
import { parseLearnedPolicy, ScenarioError } from '@kinovox/world';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as idle from '../../../packages/env/src/compile/idle-props.js';
import { smallScenario, walkerAt } from '../small-worlds.js';

vi.mock('../../../packages/env/src/compile/idle-props.js', { spy: true });
const { withIdleProps, idlePropSpawns } = await vi.importActual<typeof idle>('../../../packages/env/src/compile/idle-props.js');

afterEach(() => {
  vi.mocked(idle.withIdleProps).mockImplementation(withIdleProps);
  vi.mocked(idle.idlePropSpawns).mockImplementation(idlePropSpawns);
});

const REACH = 'scenarios/reach-flat-v1.scenario.json';
const OPTIONS = { seeds: 20, firstSeed: 0, split: 'test' } as const;
/** Trained by `python/examples/ppo.py --hidden 16`. */
const FILE = 'test/agents/fixtures/reach-flat.policy.json';
const learned = () => [{ name: 'learned', runs: [createLearnedPolicy(parseLearnedPolicy(readFileSync(FILE, 'utf8'), FILE))] }];

describe('tiers', () => {
  it('give a trained and the scripted policy the same episodes, where idle props stand out of the way', async () => {
    const { rows, refused } = await compareTiers(createSuite('reach', [loadScenario(REACH)]), learned(), { ...OPTIONS, idleProps: 4 });
    expect(rows.map(({ contestant }) => contestant)).toEqual(['random', 'scripted', 'learned']);
    expect(refused).toEqual([]);
    for (const row of rows) expect(row).toMatchObject({ episodes: 20, sameEpisodes: 20, pushedEpisodes: 0, within: true });
    expect(rows[2].batch.score).toBeGreaterThan(0.8);
  });

  it('differ where the props stand in the way', async () => {
    // Of a ton each, side by side before the walker.
    vi.mocked(idle.withIdleProps).mockImplementation((resolved, count) => {
      const made = withIdleProps(resolved, count);
      return { ...made, props: made.props.map((prop) => ({ ...prop, massKg: 1000 })) };
    });
    vi.mocked(idle.idlePropSpawns).mockImplementation(({ spawns }, _, count) => {
      const [x, y, z] = spawns[0].cells!;
      return [-1, 0, 1].slice(0, count).map((dz) => ({
        cells: new Int32Array(0),
        exact: [(x << 16) + 32768 + 65536, (y << 16) + 16384, ((z + dz) << 16) + 32768],
        yaw: 0,
      }));
    });
    const lane = loadScenario(
      smallScenario({
        layers: [['##########'], ['..........'], ['..........']].map((rows) => [rows[0], rows[0], rows[0]]),
        task: {
          reach: {
            agents: 'all',
            region: [
              [8, 1, 0],
              [9, 2, 2],
            ],
          },
        },
        agents: [walkerAt('ada', [0, 1, 1])],
        maxTicks: 60,
      }),
    );
    const { rows } = await compareTiers(createSuite('lane', [lane]), [], { ...OPTIONS, idleProps: 3 });
    expect(rows[1]).toMatchObject({ contestant: 'scripted', batch: { score: 1 }, sameEpisodes: 0, pushedEpisodes: 20 });
  });

  it('are not compared where a level of a seed has no place for the props, and no other level is played in its stead', async () => {
    const full = vi.fn();
    vi.mocked(idle.idlePropSpawns).mockImplementation((level, resolved, count) => {
      if (resolved.id === 'reach-flat-v1' && resolved.resolved.variant % 2 === 1) {
        full(resolved.resolved.variant);
        throw new ScenarioError('no-idle-place', 'A level must have a place for each of 2 idle props <here>; got 1.');
      }
      return idlePropSpawns(level, resolved, count);
    });
    const suite = createSuite('two', [loadScenario(REACH), loadScenario('scenarios/reach-maze-v1.scenario.json')]);
    const options = { ...OPTIONS, seeds: 6 };
    const told: { done: number; total: number; line: string }[] = [];
    const tiers = await compareTiers(suite, [], { ...options, idleProps: 2, onProgress: (progress) => told.push(progress) });
    expect(full).toHaveBeenCalledOnce();
    expect(tiers.refused).toEqual([{ scenario: 'reach-flat-v1', reason: expect.stringContaining('a place for each of 2 idle props') }]);
    expect(tiers.rows.map(({ scenario, sameEpisodes }) => [scenario, sameEpisodes])).toEqual([
      ['reach-maze-v1', 6],
      ['reach-maze-v1', 6],
    ]);
    // Two scenarios, two anchors, two tiers.
    expect(told.at(-1)).toMatchObject({ total: 48, line: 'scripted, rigid tier' });

    const report = await evaluate(suite, [], options);
    const html = evaluationHtml(report, { tiers });
    expect(html).toContain('<td>6 of 6</td>');
    expect(html).toContain('reach-flat-v1: A level must have a place for each of 2 idle props &lt;here&gt;');
    expect(evaluationHtml(report)).not.toContain('Both tiers');
    const cells = evaluationCsv(report, tiers)
      .trim()
      .split('\n')
      .map((line) => line.split(',').slice(-5));
    const [first] = tiers.rows;
    expect(cells).toEqual([
      ['rigidScore', 'rigidLow', 'rigidHigh', 'sameEpisodes', 'pushedEpisodes'],
      ['', '', '', '', ''],
      [first.rigid.score, ...first.rigid.interval, 6, 0].map(String),
      ['', '', '', '', ''],
      [tiers.rows[1].rigid.score, ...tiers.rows[1].rigid.interval, 6, 0].map(String),
    ]);
    expect(evaluationCsv(report)).not.toContain('rigidScore');
  });
});

describe('idle props', () => {
  it('leave hash, levels and seeds what they are, and stand where nobody walks', async () => {
    for (const id of ['reach-maze-v1', 'reach-flat-v1', 'plates-and-door-v1']) {
      const path = `scenarios/${id}.scenario.json`;
      const [plain, rigid] = [loadScenario(path), loadScenario(path, { idleProps: 3 })];
      expect(rigid.program).toMatchObject({ scenarioHash: plain.program.scenarioHash, numProps: 3 });
      for (let variant = 0; variant < 3; variant++) {
        const [mine, theirs] = [plain, rigid].map((compiled) => compiled.variantSource('test').get(variant));
        expect(Buffer.compare(Buffer.from(mine.voxels), Buffer.from(theirs.voxels))).toBe(0);
        expect(theirs.propSpawns).toHaveLength(3);
        const starts = Array.from({ length: mine.spawnPoints.length / 3 }, (_, k) => mine.spawnPoints.slice(3 * k, 3 * k + 3));
        for (const { exact } of theirs.propSpawns)
          for (const [x, , z] of starts) expect(Math.hypot(exact![0] - x, exact![2] - z)).toBeGreaterThan(65536);
      }
      const [one, other] = [createBatchEnvSync({ scenario: plain }), await createBatchEnv({ scenario: rigid })];
      expect([one.engineName, other.engineName]).toEqual(['cpu', 'rigid']);
      for (const env of [one, other]) env.reset({ seed: 5 });
      expect(other.observations.vector).toEqual(one.observations.vector);
      for (const env of [one, other]) env.close();
    }
  });

  it('are refused beyond their number, and where a level has no room', () => {
    expect(() => loadScenario(REACH, { idleProps: 17 })).toThrow('idleProps must be an integer in 0..16; got 17');
    const small = smallScenario({ layers: [['##'], ['..']], task: { alive: { agents: 'all' } }, agents: [walkerAt('ada', [0, 1, 0])] });
    expect(() => loadScenario(small, { idleProps: 4 }).variantSource('train').get(0)).toThrow(
      'a place out of the way for each of 4 idle props; got',
    );
  });
});
