/** Recordings judged like policies: the same outcomes on the seeds that they hold, and a reason where they do not fit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPolicy, createReplayPolicy, createSuite, evaluate, playEpisodes } from '@kinovox/agents';
import { createBatchEnv, loadScenario, readRecording, recordRow } from '@kinovox/env';
import { ACTION_FIELDS } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'replay-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = loadScenario('scenarios/agree-place-v1.scenario.json');
const flat = loadScenario('scenarios/reach-flat-v1.scenario.json');
const path = join(folder, 'scripted.kvr');
const suite = createSuite('both', [place]);
const replay = (...paths: string[]) => createReplayPolicy(paths.map((one) => readRecording(one)));
const contestant = (factory: ReturnType<typeof replay>) => ({ name: 'again', runs: [factory] });

beforeAll(async () => {
  await playEpisodes(place, createPolicy('scripted'), { seeds: 3, firstSeed: 5, split: 'test', record: { path, episodes: 3 } });
});

describe('a replay as a policy', () => {
  it('has the outcomes of what was recorded, messages too, and asks nobody', async () => {
    const { contestants, episodes } = await evaluate(suite, [contestant(replay(path))], { seeds: 3, firstSeed: 5, listEpisodes: true });
    const [, scripted, again] = contestants;
    expect(again.refused).toEqual([]);
    expect(again.scenarios[0]).toEqual({ ...scripted.scenarios[0] });
    const rows = (name: string) => episodes!.filter((row) => row.contestant === name).map(({ contestant: _, ...row }) => row);
    expect(rows('again')).toEqual(rows('scripted'));
    expect(again.scenarios[0].score).toBe(1);
  });

  it('refuses seeds that it does not hold, and names those that it holds', async () => {
    const { contestants } = await evaluate(suite, [contestant(replay(path))], { seeds: 1, firstSeed: 8 });
    expect(contestants[2].refused[0].reason).toMatch(
      /got none with the seed words [0-9a-f]{16} of agree-place-v1\. It holds seeds 5, 6, 7\./,
    );
  });

  it('refuses another scenario, and another split', async () => {
    const { contestants } = await evaluate(createSuite('flat', [flat]), [contestant(replay(path))], { seeds: 1, firstSeed: 5 });
    expect(contestants[2].refused[0].reason).toMatch(/scenario and split that are played, reach-flat-v1 .*; got agree-place-v1 /);
    const other = await evaluate(suite, [contestant(replay(path))], { seeds: 1, firstSeed: 5, split: 'train' });
    expect(other.contestants[2].refused[0].reason).toContain('split test)');
  });

  it('refuses to go on where another decides for an agent, and a recording that breaks off', async () => {
    const mixed = { ada: createPolicy('idle'), default: replay(path) };
    await expect(playEpisodes(place, mixed, { seeds: 1, firstSeed: 5, split: 'test' })).rejects.toThrow(
      /got another at tick \d+ of episode 0 of seed 5/,
    );
    const cut = join(folder, 'cut.kvr');
    const env = await createBatchEnv({ scenario: place, split: 'test', seed: 5, autoreset: 'disabled' });
    env.reset({ seed: 5 });
    const recorder = recordRow(env, 0, cut);
    for (let tick = 0; tick < 3; tick++) await env.step(new Float32Array(2 * ACTION_FIELDS));
    recorder.close();
    env.close();
    await expect(playEpisodes(place, replay(cut), { seeds: 1, firstSeed: 5, split: 'test' })).rejects.toThrow(
      /breaks off at tick 3 of episode 0/,
    );
  });

  it('refuses an episode that two recordings hold', () => {
    expect(() => replay(path, path)).toThrow(/must hold every episode once; got that of seed 5 of agree-place-v1/);
  });
});
