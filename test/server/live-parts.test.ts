// The parts of the live host that need no socket: pacing, limits, access, what a feed makes of ticks, what scenarios are judged by.
import { createBatchEnvSync } from '@kinovox/env';
import { decodeEdits, decodeEvents, decodeFrame, decodeLevel, EVENT } from '@kinovox/world';
import { Access, createPolicyDriver, ForkPlayable, judgeScenarios, Pacer, RateLimit, type ScenarioResult } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { DIGGERS } from './command.js';

describe('Pacer', () => {
  it('owes one tick per period and drops the time of a stall', () => {
    const pacer = new Pacer(20);
    expect(pacer.ticksDue(1000)).toBe(1);
    expect(pacer.ticksDue(1049)).toBe(0);
    expect(pacer.waitMs(1049)).toBe(1);
    expect(pacer.ticksDue(1050)).toBe(1);
    expect(pacer.ticksDue(1160)).toBe(2);
    // Ten seconds away: a few ticks at most, and no rush afterwards.
    expect(pacer.ticksDue(11_160)).toBe(4);
    expect(pacer.ticksDue(11_161)).toBe(0);
    expect(pacer.ticksDue(11_210)).toBe(1);
  });

  it('keeps the long-run rate when it is asked at odd moments', () => {
    const pacer = new Pacer(30);
    let ticks = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 7) ticks += pacer.ticksDue(nowMs);
    expect(ticks).toBeGreaterThanOrEqual(299);
    expect(ticks).toBeLessThanOrEqual(302);
  });

  it('owes without end where there is no pace', () => {
    expect(new Pacer(0).ticksDue(5)).toBe(Number.POSITIVE_INFINITY);
    expect(new Pacer(0).waitMs(5)).toBe(0);
  });
});

describe('RateLimit', () => {
  it('lets a burst pass, refuses a flood, and refills', () => {
    const limit = new RateLimit(0);
    const allowed = (n: number, nowMs: number) => Array.from({ length: n }, () => limit.allows(nowMs)).filter(Boolean).length;
    expect(allowed(100, 0)).toBe(60);
    expect(limit.refused).toBe(40);
    expect(allowed(100, 1000)).toBe(30);
    expect(allowed(100, 60_000)).toBe(60);
  });
});

describe('Access', () => {
  it('knows its token only', () => {
    const access = new Access('127.0.0.1');
    expect(access.token.length).toBeGreaterThanOrEqual(22);
    expect(access.isToken(access.token)).toBe(true);
    for (const other of [
      undefined,
      '',
      `${access.token}x`,
      access.token.toLowerCase() === access.token ? 'x' : access.token.toLowerCase(),
      new Access('127.0.0.1').token,
    ])
      expect(access.isToken(other)).toBe(false);
  });

  it('lets anybody watch on loopback and nobody without the token elsewhere', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(new Access(host).mayWatch(undefined)).toBe(true);
    const open = new Access('0.0.0.0');
    expect(open.mayWatch(undefined)).toBe(false);
    expect(open.mayWatch('guess')).toBe(false);
    expect(open.mayWatch(open.token)).toBe(true);
  });
});

describe('a feed', () => {
  function play() {
    const env = createBatchEnvSync({ scenario: DIGGERS, numWorlds: 1, seed: 9 });
    env.reset();
    const playable = new ForkPlayable(env, createPolicyDriver(env, 'random'), 0, 1, {
      returns: new Float64Array(env.numAgents),
      terms: new Float64Array(2),
      reached: new Uint8Array(0),
    });
    return { env, feed: playable.feed, step: () => playable.advance() };
  }

  it('numbers messages without gaps, and a level with the edits after it equals the state', () => {
    const { env, feed, step } = play();
    let voxels = new Uint8Array(0);
    let sequence = 0;
    let numEdits = 0;
    let numLevels = 0;
    for (let tick = 0; tick < 400; tick++) {
      step();
      // Posts of one to seven ticks, so that resets fall inside some of them.
      if (tick % 7 !== 0 && tick % 5 !== 0) continue;
      const post = feed.take()!;
      for (const { event, bytes } of post.reliable) {
        if (event === 'level') {
          const level = decodeLevel(bytes);
          expect(level.sequence).toBe(sequence);
          voxels = level.voxels;
          numLevels++;
          continue;
        }
        const message = event === 'edits' ? decodeEdits(bytes) : decodeEvents(bytes);
        expect(message.sequence).toBe(++sequence);
        if (!('cells' in message)) continue;
        for (let i = 0; i < message.cells.length; i += 2) voxels[message.cells[i]] = message.cells[i + 1];
        numEdits += message.cells.length / 2;
      }
      const { state } = env.engine;
      expect(Buffer.compare(Buffer.from(voxels), Buffer.from(state.voxels.slice()))).toBe(0);
      expect(decodeFrame(post.frame!)).toMatchObject({ episode: state.episode[0], tick: state.tick[0] });
    }
    expect(numLevels).toBeGreaterThan(2);
    expect(numEdits).toBeGreaterThan(10);
  });

  it('gives every event of an episode that was watched from its start, each id once', () => {
    const { feed, step } = play();
    feed.onEpisode();
    const ids = new Map<number, number[]>();
    const kinds = new Set<number>();
    for (let tick = 0; tick < 350; tick++) {
      step();
      for (const { event, bytes } of feed.take()!.reliable) {
        if (event !== 'events') continue;
        const { episode, firstId, rows } = decodeEvents(bytes);
        for (let i = 0; i < rows.length / 5; i++) {
          ids.set(episode, [...(ids.get(episode) ?? []), firstId + i]);
          kinds.add(rows[5 * i]);
        }
      }
    }
    expect(ids.size).toBeGreaterThan(1);
    for (const list of ids.values()) expect(list).toEqual(list.map((_, i) => i));
    for (const kind of [EVENT.reset, EVENT.placed]) expect(kinds).toContain(kind);
  });

  it('says nothing when nothing happened', () => {
    const { feed } = play();
    expect(feed.take()!.reliable.map((message) => message.event)).toEqual(['level']);
    expect(feed.take()).toBeUndefined();
  });

  it('counts a new stream from the beginning', () => {
    const { feed, step } = play();
    for (let tick = 0; tick < 50; tick++) step();
    feed.take();
    feed.beginStream(7);
    const [level] = feed.take()!.reliable;
    expect(decodeLevel(level.bytes)).toMatchObject({ stream: 7, sequence: 0, tick: 50 });
  });
});

describe('what scenarios are judged by', () => {
  const good: ScenarioResult = {
    scenario: 'a-v1',
    tags: [],
    solver: 'scripted',
    solved: 1,
    scripted: 1,
    greedy: 0.2,
    random: 0,
    bestIdle: undefined,
    silent: undefined,
  };
  const verdicts = (results: ScenarioResult[]) => judgeScenarios(results).map((bar) => bar.met);

  it('passes good ones and names those that miss a bar', () => {
    expect(verdicts([good])).toEqual([true, true, true, true]);
    const trivial = { ...good, scenario: 'b-v1', greedy: 0.9 };
    const alone = { ...good, scenario: 'c-v1', tags: ['coordinate'], bestIdle: { agent: 'ada', successRate: 0.4 } };
    const mute = { ...good, scenario: 'd-v1', silent: 0.3 };
    const bars = judgeScenarios([good, trivial, alone, mute]);
    expect(bars.map((bar) => bar.missedBy)).toEqual([[], ['b-v1'], ['c-v1'], ['d-v1']]);
    expect(verdicts([{ ...trivial, scenario: 'reach-flat-v1' }])[1]).toBe(true);
    expect(verdicts([{ ...alone, tags: [] }])[2]).toBe(true);
    // A coordinate scenario without an idle line has not shown that it needs everybody.
    expect(verdicts([{ ...good, tags: ['coordinate'] }])[2]).toBe(false);
  });

  it('allows two of ten to be unsolved or trivial, and not three', () => {
    const weak = { ...good, solved: 0.94 };
    const lucky = { ...good, random: 0.06 };
    expect(verdicts([weak, lucky, ...Array<ScenarioResult>(8).fill(good)])[0]).toBe(true);
    expect(verdicts([weak, lucky, weak, ...Array<ScenarioResult>(7).fill(good)])[0]).toBe(false);
  });
});
