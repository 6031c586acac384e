import {
  askRules,
  createLanguageFactory,
  createPolicy,
  createProvider,
  type DecisionEntry,
  LanguageTally,
  ModelError,
  type ModelReply,
  requestLength,
  runPolicies,
} from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import { describe, expect, it, vi } from 'vitest';
import { Interruptions } from '../../../packages/agents/src/language/loop/interruption.js';
import { call, drawer, LAWN, modelOf, ofAgent, playModel, profileOf } from './playing.js';

const rules = modelOf((request) => askRules(request));
const decisions = (entries: readonly { kind: string }[]) => entries.filter(({ kind }) => kind === 'decision') as DecisionEntry[];
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('an agent that dies', () => {
  it('is told that what it did is over, and is asked where it comes back', async () => {
    const starving = { everyTicks: 1, starveEveryTicks: 2, starveDamage: 5, regenEveryTicks: 0 };
    const survival = { hunger: starving, day: { lengthTicks: 0 }, respawn: 'spawn' as const, respawnTicks: 5 };
    const turns: string[] = [];
    const scenario = { ...LAWN, agents: LAWN.agents.slice(0, 1), survival };
    const model = modelOf(({ messages }) => {
      turns.push(
        messages
          .slice(-2)
          .map(({ role, text }) => `${role}: ${text}`)
          .join('\n'),
      );
      return turns.length === 1 ? call('setGoal', { goal: 'live longer' }) : call('wait', { ticks: 400 });
    });
    const { entries } = await playModel(model, { scenario, ticks: 90 });
    const ended = entries.filter((entry) => entry.kind === 'result');
    expect(ended[0]).toMatchObject({ name: 'wait', status: 'refused', code: 'died' });
    const told = turns.filter((turn) => turn.includes('"code":"died"'));
    expect(told.length).toBe(ended.length);
    expect(told[0]).toContain('you respawned');
    expect(told.at(-1)).toContain('live longer');
  });
});

describe('the loop waits', () => {
  it('gives one hash and the same decisions at no latency, at random ones, and in every order of arrival', async () => {
    const plain = await playModel(rules);
    const byDelay = async (delayMs: (key: string, n: number) => number) => {
      let n = 0;
      const slow = modelOf(async (request) => {
        await later(delayMs(request.key, n++));
        return askRules(request);
      });
      return playModel(slow);
    };
    const random = drawer(7);
    const others = await Promise.all([
      byDelay(() => random.below(5)),
      // The last agent is answered first.
      byDelay((key) => (key.includes('ada') ? 6 : key.includes('bob') ? 3 : 0)),
      byDelay((_, n) => 4 - (n % 4)),
    ]);
    for (const other of others) {
      expect(other.hash).toBe(plain.hash);
      for (const agent of ['ada', 'bob', 'cyd']) expect(ofAgent(other, agent)).toEqual(ofAgent(plain, agent));
    }
    const idle = await playModel(modelOf(() => call('continue')));
    expect(idle.hash).not.toBe(plain.hash);
  });

  it('gives the same hash when every reply takes 30 s', async () => {
    const plain = await playModel(rules, { ticks: 30 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let waitedMs = 0;
      let done = false;
      const slow = playModel(
        modelOf(async (request) => {
          await later(30_000);
          return askRules(request);
        }),
        { ticks: 30 },
      ).finally(() => {
        done = true;
      });
      for (; !done; waitedMs += 30_000) await vi.advanceTimersByTimeAsync(30_000);
      expect((await slow).hash).toBe(plain.hash);
      expect(waitedMs).toBeGreaterThanOrEqual(30_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('asks several agents at once', async () => {
    let open = 0;
    let most = 0;
    await playModel(
      modelOf(async (request) => {
        most = Math.max(most, ++open);
        await later(1);
        open--;
        return askRules(request);
      }),
      { ticks: 2 },
    );
    expect(most).toBe(3);
  });

  it('keeps as many calls open as the profile says, and gives the same hash', async () => {
    const most = { open: 0, seen: 0 };
    const slow = modelOf(async (request) => {
      most.seen = Math.max(most.seen, ++most.open);
      await later(1);
      most.open--;
      return askRules(request);
    });
    const limited = await playModel(slow, { ticks: 20, profile: { parallel: 2 } });
    expect(most.seen).toBe(2);
    expect(limited.hash).toBe((await playModel(rules, { ticks: 20 })).hash);
  });

  it('says so when it is not awaited', () => {
    const env = createBatchEnvSync({ scenario: loadScenario(LAWN) });
    env.reset();
    const run = runPolicies(env, createLanguageFactory(profileOf(), { environment: {} }));
    expect(run.thinks).toBe(true);
    expect(() => run.act()).toThrow(/got act without think at tick 0\. Await PolicyRun\.think\(\)/);
  });

  it('shows a prompt that begins with the one before', async () => {
    const prompts: string[] = [];
    await playModel(
      modelOf((request) => {
        if (request.key.includes('/ada/')) prompts.push(JSON.stringify(request.messages).slice(0, -1));
        return call('wait', { ticks: 20 });
      }),
      { ticks: 100 },
    );
    expect(prompts.length).toBeGreaterThan(1);
    for (let i = 1; i < prompts.length; i++) expect(prompts[i].startsWith(prompts[i - 1])).toBe(true);
  });
});

describe('replies that cannot be used', () => {
  const texts: string[] = [];
  const seeing = (answers: readonly ModelReply[]) =>
    modelOf((request) => {
      const last = request.messages[request.messages.length - 1];
      if (request.key.includes('/ada/')) texts.push(last.text);
      const n = Number(request.key.split('/')[2]);
      return answers[Math.min(n, answers.length - 1)];
    });

  it('become errors that the model sees, change nothing, and after three in a row a rest of a second', async () => {
    texts.length = 0;
    const wrong = seeing([
      call('moveto', { x: 1, y: 1, z: 1 }),
      call('moveTo', '{"x": 1,'),
      call('moveTo', { x: 1, y: 1, zz: 1 }),
      { text: 'I think.', toolCalls: [], usage: { promptTokens: 1, completionTokens: 1 }, finishReason: 'stop' },
      call('continue'),
    ]);
    const played = await playModel(wrong, { ticks: 22 });
    const idle = await playModel(
      modelOf(() => call('continue')),
      { ticks: 22 },
    );
    expect(played.hash).toBe(idle.hash);
    const own = decisions(ofAgent(played, 'ada'));
    expect(own.map(({ tick, outcome, code }) => [tick, outcome, code])).toEqual([
      [0, 'invalid', 'unknown-tool'],
      [0, 'invalid', 'malformed-arguments'],
      [0, 'invalid', 'bad-arguments'],
      [20, 'invalid', 'no-call'],
      [20, 'continued', undefined],
    ]);
    expect(own[0].sentence).toContain('Did you mean "moveTo"?');
    expect(own[2].sentence).toContain('z must be given');
    expect(texts[1]).toContain('"code":"unknown-tool"');
    expect(texts[2]).toContain('"code":"malformed-arguments"');
    expect(texts[4]).toContain('"code":"no-call"');
  });

  it('end the asking after 15 in a row: the agent idles, and the log says why', async () => {
    const played = await playModel(
      modelOf((request) => (request.key.includes('/ada/') ? call('fly') : call('wait', { ticks: 1200 }))),
      { ticks: 150 },
    );
    const own = ofAgent(played, 'ada');
    expect(decisions(own)).toHaveLength(15);
    expect(own[own.length - 1]).toMatchObject({ name: 'replies', status: 'useless', tick: 80 });
    expect(own[own.length - 1].sentence).toBe('15 replies in a row could not be used: nothing is asked any more in this episode.');
    // One that can be used in between, and it is asked on.
    const mixed = await playModel(
      modelOf((request) => (Number(request.key.split('/')[2]) % 14 === 13 ? call('wait', { ticks: 1 }) : call('fly'))),
      { ticks: 150 },
    );
    expect(decisions(ofAgent(mixed, 'ada')).length).toBeGreaterThan(15);
    expect(mixed.entries.some((entry) => entry.kind === 'result' && entry.status === 'useless')).toBe(false);
  });

  const count = Number(process.env.KINOVOX_FUZZ_REPLIES ?? 400);
  it(`crash nothing: ${count} malformed replies (KINOVOX_FUZZ_REPLIES=10000 for all), and each is told`, { timeout: 120_000 }, async () => {
    const random = drawer(20_261_122);
    const names = ['moveTo', 'placeBlock', 'wait', 'continue2', '', '__proto__', 'constructor', 'moveTo\u0000', 'x'.repeat(5000), '💥'];
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"x"',
      ':',
      ',',
      '1e999',
      'null',
      '-0',
      '"__proto__"',
      '\\u0000',
      'NaN',
      '[['.repeat(500),
      '{"x":',
      ' ',
      '"z"',
      'true',
      '"ticks"',
      '999999999999',
    ];
    const text = () => Array.from({ length: random.below(12) }, () => pieces[random.below(pieces.length)]).join('');
    let made = 0;
    const broken = modelOf(() => {
      made++;
      return {
        text: random.below(2) === 0 ? '' : text(),
        toolCalls: Array.from({ length: random.below(4) }, () => ({ name: names[random.below(names.length)], arguments: text() })),
        usage: { promptTokens: random.below(9), completionTokens: random.below(9) },
        finishReason: 'other',
      };
    });
    let wellFormed = 0;
    let told = 0;
    while (made < count) {
      const { entries } = await playModel(broken, {
        ticks: 120,
        seed: made,
        profile: { prompt: { maxTokens: 1000 } },
      });
      for (const entry of decisions(entries)) {
        if (entry.outcome === 'invalid') told++;
        else wellFormed++;
      }
    }
    // By chance a few are calls: of wait, whose arguments may all be left out.
    expect(told).toBeGreaterThan(0.8 * count);
    expect(told + wellFormed).toBe(made);
  });
});

describe('time', () => {
  it('goes on while an agent thinks, at the rate that its profile says', async () => {
    const played = await playModel(
      modelOf(() => call('moveTo', { x: 12.5, y: 1, z: 4.5 }, 25)),
      {
        profile: { thinkingCost: { tokensPerSecond: 50 } },
        ticks: 14,
      },
    );
    const [first] = decisions(ofAgent(played, 'ada'));
    expect(first.outcome).toBe('thinking');
    // 25 tokens at 50 a second are ten ticks, in which it stands.
    const standing = await playModel(
      modelOf(() => call('continue')),
      { ticks: 10 },
    );
    const thinking = await playModel(
      modelOf(() => call('moveTo', { x: 12.5, y: 1, z: 4.5 }, 25)),
      {
        profile: { thinkingCost: { tokensPerSecond: 50 } },
        ticks: 10,
      },
    );
    expect(thinking.hash).toBe(standing.hash);
    expect(played.hash).not.toBe(
      (
        await playModel(
          modelOf(() => call('continue')),
          { ticks: 14 },
        )
      ).hash,
    );
  });

  it('has a deadline where the profile sets one: the agent idles, and the entry says late', async () => {
    let n = 0;
    const played = await playModel(
      modelOf(async (request, signal) => {
        if (n++ > 0) return askRules(request);
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
        throw new Error('never');
      }),
      { profile: { timeLimited: { seconds: 0.02 } }, ticks: 25 },
    );
    const own = decisions(ofAgent(played, 'ada'));
    expect(own.map(({ tick, outcome }) => [tick, outcome]).slice(0, 2)).toEqual([
      [0, 'late'],
      [20, 'begun'],
    ]);
    expect(decisions(ofAgent(played, 'bob'))[0].outcome).toBe('begun');
  });
});

describe('budgets', () => {
  it.each([
    [{ callsPerEpisode: 2 }, 'The budget of 2 calls an episode is spent.'],
    [{ tokens: 150 }, 'The budget of 150 tokens an episode is spent: 220 were used.'],
    [{ cost: 0.001 }, 'The budget of 0.001 an episode is spent: 0.001160 was paid.'],
  ])('end the asking and are logged: %j', async (budget, sentence) => {
    const played = await playModel(
      modelOf(() => call('wait', { ticks: 1 })),
      {
        profile: { budget, prices: { promptPerMillion: 5, completionPerMillion: 8 } },
        ticks: 40,
      },
    );
    const own = ofAgent(played, 'ada');
    expect(decisions(own)).toHaveLength(2);
    expect(own[own.length - 1]).toMatchObject({ kind: 'result', name: 'budget', status: 'spent', sentence });
    expect(decisions(own)[0].cost).toBeCloseTo(0.00058, 9);
  });

  const prices = { promptPerMillion: 5, completionPerMillion: 8 };
  const silent = modelOf(
    (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new ModelError('aborted', 'Given up.')))),
  );

  it.each([{ tokens: 100 }, { cost: 0.001 }, { callsPerEpisode: 1 }])('count the prompts of calls that are late: %j', async (budget) => {
    const played = await playModel(silent, { profile: { budget, prices, timeLimited: { seconds: 0.005 } }, ticks: 90 });
    const own = ofAgent(played, 'ada');
    const [only, ...more] = decisions(own);
    expect([only.outcome, more.length, own[own.length - 1].kind === 'result']).toEqual(['late', 0, true]);
    expect(own[own.length - 1]).toMatchObject({ name: 'budget', status: 'spent' });
    const { calls, promptTokens } = only.unanswered!;
    expect([calls, promptTokens > 500]).toEqual([1, true]);
    expect(only.cost).toBeCloseTo((promptTokens * 5) / 1e6, 9);
  });

  it('count calls that fail and calls that are repeated, and a replay of the log counts them again', async () => {
    const asked: boolean[] = [];
    const flaky = modelOf((request) => {
      // Twice it is repeated, with a reply at last; then as often as it may be, without one.
      const [, agent, number] = request.key.split('/');
      if (agent !== 'ada') return call('wait', { ticks: 1200 });
      if (number === '0') {
        asked.push(request.mayRepeat!(), request.mayRepeat!());
        return call('wait', { ticks: 1 });
      }
      let repeats = 0;
      while (request.mayRepeat!()) if (++repeats > 20) break;
      asked.push(repeats === 1);
      throw new ModelError('http-503', 'Busy.', { isTransient: true });
    });
    const profile = { budget: { callsPerEpisode: 5 }, prices };
    const played = await playModel(flaky, { profile });
    const own = ofAgent(played, 'ada');
    expect(asked).toEqual([true, true, true]);
    expect(decisions(own).map(({ number, outcome, unanswered }) => [number, outcome, unanswered?.calls])).toEqual([
      [0, 'begun', 2],
      [1, 'failed', 3],
    ]);
    expect(own[own.length - 1]).toMatchObject({ sentence: 'The budget of 5 calls an episode is spent.' });
    const tally = new LanguageTally();
    for (const entry of own) tally.add(entry);
    const report = tally.report();
    expect([report.calls, report.failed, report.spent]).toEqual([6, 1, 1]);
    expect(report.promptTokens).toBe(100 + decisions(own).reduce((sum, { unanswered }) => sum + unanswered!.promptTokens, 0));
    const log = played.entries.map((entry) => JSON.stringify(entry)).join('\n');
    const replay = profileOf({ provider: 'replay', model: 'decisions.jsonl' });
    const again = await playModel(await createProvider(replay, { environment: {}, readText: () => log }), { profile });
    expect(ofAgent(again, 'ada')).toEqual(own);
  });
});

describe('interruption', () => {
  const scenario = {
    ...LAWN,
    messages: { enabled: true, symbols: ['come', 'stay'], everyTicks: 1 },
    task: { elapsed: { ticks: 200 } },
  } as typeof LAWN;

  it('by a message makes the next decision due, and "continue" goes on with what was begun', async () => {
    const seen: string[] = [];
    const provider = modelOf((request) => {
      if (request.key.includes('/bob/'))
        return call(request.key.endsWith('/1') ? 'chat' : 'wait', request.key.endsWith('/1') ? { text: 'come' } : { ticks: 15 });
      if (request.key.includes('/cyd/')) return call('wait', { ticks: 1200 });
      if (request.key.endsWith('/0')) return call('wait', { ticks: 60 });
      seen.push(request.messages.map(({ text }) => text).join('\n'));
      return call('continue');
    });
    const played = await playModel(provider, { scenario, ticks: 40 });
    const own = decisions(ofAgent(played, 'ada'));
    expect(own.map(({ outcome }) => outcome)).toEqual(['begun', 'continued']);
    expect(own[1].tick).toBeGreaterThan(14);
    expect(own[1].tick).toBeLessThan(25);
    expect(seen[0]).toContain('"status":"running"');
    expect(seen[0]).toContain('you heard bob');
    expect(seen[0]).toContain('bob says "come"');
    // The wait of 60 ticks ends when it would have, and its result answers the call that went on with it.
    const whole = await playModel(provider, { scenario, ticks: 64 });
    expect(ofAgent(whole, 'ada').find(({ kind }) => kind === 'result')).toMatchObject({ name: 'wait', status: 'done', tick: 60 });
  });
});

describe('what interrupts', () => {
  it('is being hurt, and hearing others, once each', () => {
    const heard = [
      { sender: 1, tick: 3, symbol: 'come' },
      { sender: 0, tick: 3, symbol: 'stay' },
    ];
    const view = { slot: 0, health: 20, numMessages: 0, roster: [{ id: 'ada' }, { id: 'bob' }], message: (n: number) => heard[n] };
    const interruptions = new Interruptions();
    const take = () => interruptions.take(view as never);
    interruptions.reset(view as never);
    expect(take()).toBeUndefined();
    Object.assign(view, { health: 17, numMessages: 2 });
    expect(take()).toBe('you were hurt: health 20 before, 17 of 20 now; you heard bob');
    expect(take()).toBeUndefined();
    view.health = 20;
    expect(take()).toBeUndefined();
  });
});

describe('a conversation', () => {
  it('that is too long for its profile begins anew: everything is told, and no prompt is much longer', async () => {
    const lengths: number[] = [];
    const firstTurns: string[] = [];
    await playModel(
      modelOf((request) => {
        if (!request.key.includes('/ada/')) return call('wait', { ticks: 1200 });
        lengths.push(requestLength({ messages: request.messages, tools: [] }));
        firstTurns.push(request.messages[1].text);
        return { ...call('wait', { ticks: 1 }), text: 'I think about this for long. '.repeat(20) };
      }),
      { profile: { prompt: { maxTokens: 1000 } }, ticks: 60, scenario: { ...LAWN, task: { elapsed: { ticks: 200 } } } as typeof LAWN },
    );
    expect(Math.max(...lengths)).toBeLessThan(4 * 1000 + 2500);
    const anew = firstTurns.filter((text) => text.startsWith('Earlier turns are left out'));
    expect(anew.length).toBeGreaterThan(0);
    expect(firstTurns[0]).toContain('You are ada');
  });
});

describe('a provider that fails', () => {
  const failing = (code: string, isTransient: boolean) =>
    modelOf((request) => {
      if (request.key.includes('/bob/')) throw new ModelError(code, 'It is down.', { isTransient });
      return askRules(request);
    });

  it('makes its agent rest, and ends the run after five calls in a row', async () => {
    const played = await playModel(failing('http-503', true), { ticks: 30 });
    expect(decisions(ofAgent(played, 'bob')).map(({ tick, outcome, code }) => [tick, outcome, code])).toEqual([
      [0, 'failed', 'http-503'],
      [20, 'failed', 'http-503'],
    ]);
    expect(decisions(ofAgent(played, 'ada'))[0].outcome).toBe('begun');
    const tally = new LanguageTally();
    for (const entry of played.entries) tally.add(entry);
    expect(tally.report()).toMatchObject({ failed: 2, failure: 'It is down.' });
    await expect(
      playModel(failing('http-503', true), { ticks: 100, scenario: { ...LAWN, task: { elapsed: { ticks: 200 } } } as typeof LAWN }),
    ).rejects.toThrow('The model of the profile "test" must answer; got 5 failures in a row, the last: It is down.');
  });

  it('ends the run at once where the user must act', async () => {
    const refusing = modelOf(async () => {
      await later(1);
      throw new UsageError('model-refused', 'Check the key.');
    });
    await expect(playModel(refusing, { ticks: 3 })).rejects.toThrow('Check the key.');
  });
});

describe('a recorded log', () => {
  const replayed = async (log: string, seed = 3) =>
    playModel(await createProvider(profileOf({ provider: 'replay', model: 'decisions.jsonl' }), { environment: {}, readText: () => log }), {
      seed,
    });

  it('plays again without a model, and refuses prompts that are not those recorded', async () => {
    const first = await playModel(rules);
    const log = first.entries.map((entry) => JSON.stringify(entry)).join('\n');
    const again = await replayed(log);
    expect(again.hash).toBe(first.hash);
    expect(ofAgent(again, 'bob')).toEqual(ofAgent(first, 'bob'));
    await expect(replayed(log, 4)).rejects.toThrow(/must hold every decision; got none for/);
    await expect(replayed(log.replaceAll(/"promptHash":"./g, '"promptHash":"g'))).rejects.toThrow(/must be the one that was recorded/);
    await expect(replayed('{"kind":"decision"}')).rejects.toThrow(/must be a decision; got .* decisions\.jsonl:1/);
  });
});

describe('teams', () => {
  it('mix language agents with other policies', async () => {
    const env = createBatchEnvSync({ scenario: loadScenario(LAWN), autoreset: 'disabled' });
    env.reset();
    const run = runPolicies(env, { ada: createLanguageFactory(profileOf(), { environment: {} }), default: createPolicy('scripted') });
    for (let ended = false; !ended; ) {
      await run.think();
      ended = env.stepSync(run.act()).ended[0] === 1;
    }
    expect(env.episodes.successRate).toBe(1);
  });
});

describe('action levels', () => {
  it.each([
    ['waypoint', 'waypoint', { x: 6, y: 1, z: 1.5, seconds: 2 }, 'There in time'],
    ['force', 'hold', { forward: 1, ticks: 20 }, 'Held for 20 ticks; you moved 3.'],
    ['skill', 'moveTo', { x: 6.5, y: 1, z: 1.5 }, 'You are at 6.3 1 1.5'],
  ] as const)('%s: %s', async (actionLevel, name, args, sentence) => {
    const played = await playModel(
      modelOf((request) => (request.key.endsWith('/ada/0') ? call(name, args) : call('continue'))),
      { profile: { actionLevel }, ticks: 60 },
    );
    const result = ofAgent(played, 'ada').find(({ kind }) => kind === 'result');
    expect(result).toMatchObject({ name, status: 'done' });
    expect(result?.sentence).toContain(sentence);
  });
});
