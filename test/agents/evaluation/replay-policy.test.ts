/** Recordings judged like policies: the same outcomes on the seeds that they hold, and a reason where they do not fit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentView, createPolicy, createReplayPolicy, createSuite, evaluate, playEpisodes } from '@kinovox/agents';
import { createBatchEnv, KEYFRAME_TICKS, loadScenario, openRecording, readRecording, recordRow } from '@kinovox/env';
import { ACTION_FIELDS } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from '../small-worlds.js';

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

  it('plays on over the keyframes of a long episode', async () => {
    const lamp = loadScenario('scenarios/lamp-memory-v1.scenario.json');
    const long = join(folder, 'long.kvr');
    const options = { seeds: 1, firstSeed: 1, split: 'test' } as const;
    const [first] = await playEpisodes(lamp, createPolicy('scripted'), { ...options, record: { path: long, episodes: 1 } });
    expect(first.ticks).toBeGreaterThan(2 * KEYFRAME_TICKS);
    expect(await playEpisodes(lamp, replay(long), options)).toEqual([first]);
  });

  it('says the words that were said', async () => {
    const talk = smallScenario({
      layers: [['####', '####']],
      agents: [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [2, 1, 1])],
      task: { elapsed: { ticks: 12 } },
      rest: { messages: { symbols: ['come', 'stay'], maxLength: 40 } },
    });
    const compiled = loadScenario(talk);
    const heard: (string | undefined)[] = [];
    const speaker = {
      name: 'speaker',
      create: () => ({
        reset: () => {},
        act: (view: AgentView) => {
          if (view.slot === 0 && view.tick === 3) view.say('come to the well');
        },
      }),
    };
    const spoken = join(folder, 'spoken.kvr');
    const options = { seeds: 1, firstSeed: 0, split: 'train' } as const;
    await playEpisodes(compiled, speaker, { ...options, record: { path: spoken, episodes: 1 } });
    const again = join(folder, 'again.kvr');
    await playEpisodes(compiled, replay(spoken), { ...options, record: { path: again, episodes: 1 } });
    for (const path of [spoken, again]) {
      const player = await openRecording(path);
      heard.push(...player.texts.values());
      player.close();
    }
    expect(heard).toEqual(['come to the well', 'come to the well']);
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
