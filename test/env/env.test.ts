import {
  copyObservation,
  createEnv,
  createEnvSync,
  createSpaces,
  Env,
  type EnvStep,
  mapMessage,
  type Observation,
  renderSpace,
  type Space,
  spaceContains,
  TextLog,
} from '@kinovox/env';
import { ACTION_SPEC, DISCRETE_ACTIONS, ResetNeededError, ShapeError } from '@kinovox/world';
import { describe, expect, it, vi } from 'vitest';
import { codecOf } from './sample-codecs.js';
import { bridge, stroll, talk } from './sample-scenarios.js';

/** A scenario in which the first agent ends long before the second. */
const race = {
  ...stroll,
  id: 'sample-race-v1',
  agents: [
    { id: 'ada', team: 'north', body: 'walker' as const, spawn: { at: [8, 2, 28] as [number, number, number] } },
    { id: 'bob', team: 'south', body: 'walker' as const, spawn: { at: [5, 2, 28] as [number, number, number] } },
  ],
  task: {
    perTeam: {
      north: {
        reach: {
          agents: 'north',
          region: [
            [0, 2, 0],
            [15, 5, 24],
          ] as never,
        },
      },
      south: {
        reach: {
          agents: 'south',
          region: [
            [0, 2, 0],
            [15, 5, 16],
          ] as never,
        },
      },
    },
  },
};

describe('Env', () => {
  it('keys observations and infos of a reset by every possible agent', () => {
    const env = createEnvSync({ scenario: bridge });
    expect(env.agents).toEqual([]);
    const { observations, infos } = env.reset({ seed: 3, options: { options: 1 } });
    expect(Object.keys(observations)).toEqual(['ada', 'bob']);
    expect(Object.keys(infos)).toEqual(['ada', 'bob']);
    expect(env.agents).toEqual(['ada', 'bob']);
    expect(env.possibleAgents).toEqual(['ada', 'bob']);
  });

  it('tells of every failure of its world in a step', () => {
    const env = createEnvSync({ scenario: bridge });
    env.reset();
    expect(env.step({}).infos.ada).not.toHaveProperty('crash');
    env.batch.cutShort(0, new Error('no idea'));
    const take = env.batch.takeCrashes.bind(env.batch);
    vi.spyOn(env.batch, 'takeCrashes').mockImplementation(() => [...take(), { row: 0, message: 'no last look' }]);
    const { infos, truncations } = env.step({});
    expect(truncations).toEqual({ ada: true, bob: true });
    for (const id of ['ada', 'bob']) expect(infos[id].crash).toBe('no idea; no last look');
  });

  it('gives observations that lie in the space, and the same space each time', () => {
    for (const scenario of [bridge, talk]) {
      const env = createEnvSync({ scenario });
      const { observations } = env.reset();
      const id = env.agents[0];
      expect(env.observationSpace(id)).toBe(env.observationSpace(id));
      expect(env.actionSpace(id)).toBe(env.actionSpace(id));
      for (let t = 0; t < 30; t++) {
        for (const agent of env.agents) expect(spaceContains(env.observationSpace(agent), observations[agent])).toBe(true);
        env.step(Object.fromEntries(env.agents.map((agent) => [agent, scenario === talk ? 'forward' : { forward: 1, turn: 0.1 }])));
      }
    }
  });

  it('removes an agent in the step that ends it and keys that step by it', () => {
    const env = createEnvSync({ scenario: race });
    env.reset();
    let step: EnvStep = env.step({ ada: { forward: 1 }, bob: { forward: 1 } });
    while (!step.terminations.ada) step = env.step({ ada: { forward: 1 }, bob: { forward: 1 } });
    expect(Object.keys(step.rewards)).toEqual(['ada', 'bob']);
    expect(step.terminations).toEqual({ ada: true, bob: false });
    expect(env.agents).toEqual(['bob']);
    expect(step.infos.ada.outcome).toMatchObject({ outcome: 'succeeded' });
    expect(step.infos.bob.outcome).toBeUndefined();
    expect(step.observations.ada.self[2]).toBeGreaterThan(20);
    const later = env.step({ ada: { forward: 1 }, bob: { forward: 1 } });
    expect(Object.keys(later.rewards)).toEqual(['bob']);
    while (env.agents.length > 0) step = env.step({ bob: { forward: 1 } });
    expect(step.infos.bob.outcome?.explanation).toMatch(/^Succeeded at tick \d+/);
    expect(() => env.step({})).toThrow(ResetNeededError);
    env.reset();
    expect(env.agents).toEqual(['ada', 'bob']);
  });

  it('says after close that another must be created', () => {
    const env = createEnvSync({ scenario: stroll });
    env.reset();
    env.close();
    expect(() => env.step()).toThrow(/got a closed one\. Create another\./);
  });

  it('treats a missing action as idle', () => {
    const [with0, without] = [0, 1].map(() => createEnvSync({ scenario: bridge }));
    with0.reset();
    without.reset();
    for (let t = 0; t < 20; t++) {
      with0.step({ ada: { forward: 1 }, bob: {} });
      without.step({ ada: { forward: 1 } });
    }
    expect(without.stateHash()).toBe(with0.stateHash());
  });

  it('truncates at the time limit and explains what was open', () => {
    const env = createEnvSync({ scenario: bridge });
    env.reset();
    let step = env.step({});
    while (env.agents.length > 0) step = env.step({});
    expect(step.truncations).toEqual({ ada: true, bob: true });
    expect(step.terminations).toEqual({ ada: false, bob: false });
    expect(step.infos.ada.outcome?.outcome).toBe('outOfTime');
    expect(env.explain()).toMatch(/^Out of time at tick 60:/);
  });

  it('splits the reward into its terms', () => {
    const env = createEnvSync({ scenario: stroll });
    env.reset();
    const sums: Record<string, number> = { success: 0, progress: 0 };
    let total = 0;
    while (env.agents.length > 0) {
      const { rewards, infos } = env.step({ ada: { forward: 1 } });
      total += rewards.ada;
      for (const [name, value] of Object.entries(infos.ada.rewardTerms)) sums[name] += value;
    }
    expect(sums.success).toBe(1);
    expect(sums.progress).toBeCloseTo(0.5, 3);
    expect(total).toBeCloseTo(1.5, 3);
  });

  it.each([
    ['an unknown agent', { adda: { forward: 1 } }, /got "adda"\. Did you mean "ada"\?/],
    ['an unknown field', { ada: { forwrd: 1 } }, /got "forwrd" for agent "ada"\. Did you mean "forward"\?/],
    ['a value that is no number', { ada: { forward: 'fast' } }, /"forward" must be a number/],
    ['a choice in the native profile', { ada: 3 }, /native profile must be an object/],
    ['a symbol that does not exist', { ada: { message: 5 } }, /symbol 1\.\.0/],
  ])('refuses %s', (_, actions, message) => {
    const env = createEnvSync({ scenario: bridge });
    env.reset();
    expect(() => env.step(actions as never)).toThrow(ShapeError);
    expect(() => env.step(actions as never)).toThrow(message);
  });

  it('takes discrete actions by number and by name', () => {
    const [byNumber, byName] = [0, 1].map(() => createEnvSync({ scenario: talk }));
    byNumber.reset();
    byName.reset();
    const forward = DISCRETE_ACTIONS.findIndex((action) => action.name === 'forward');
    for (let t = 0; t < 10; t++) {
      byNumber.step({ keeper: forward });
      byName.step({ keeper: 'forward' });
    }
    expect(byName.stateHash()).toBe(byNumber.stateHash());
    expect(() => byName.step({ keeper: 'foward' })).toThrow(/Did you mean "forward"\?/);
    expect(() => byName.step({ keeper: { forward: 1 } as never })).toThrow(/discrete profile/);
  });

  it('maps free text to a symbol, lets the other agent read it, and says when it cannot be sent', () => {
    const env = createEnvSync({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } } });
    env.reset();
    const { infos } = env.step({
      keeper: { action: 'idle', message: 'Hurry, the GATE OPEN sign is lit!' },
      runner: { action: 'idle', message: 'what?' },
    });
    expect(infos.runner.unsentMessage).toBe('what?');
    expect(infos.keeper.unsentMessage).toBeUndefined();
    expect(infos.keeper.events.map((event) => event.kind)).toContain('said');
    expect(env.messages('runner')).toEqual([{ sender: 0, tick: 1, symbol: 'gate open', text: 'Hurry, the GATE OPEN sign is lit!' }]);
    expect(env.messages('keeper')).toEqual([]);
    expect(env.describe('runner').messages).toMatchObject([{ present: 1, sender: 0, symbol: 1 }]);
  });

  it('gives each event its number in the episode and its cause', () => {
    const env = createEnvSync({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } } });
    env.reset();
    const events = env.step({ keeper: { action: 0, message: 'gate open' } }).infos.runner.events;
    const heard = events.find((event) => event.kind === 'heard');
    // Event 0 is the reset, 1 is what the keeper said.
    expect(heard).toMatchObject({ id: 2, agent: 1, data0: 0, data1: 0, cause: 1 });
  });

  it('names every number of an observation', () => {
    const env = createEnvSync({ scenario: talk });
    env.reset();
    const named = env.describe('keeper');
    expect(named.self.z).toBeCloseTo(6.5, 4);
    expect(named.agents?.[0].slot).toBe(1);
    expect(named.crop?.[1][1][1]).toBe('air');
    expect(named.crop?.[0][1][1]).not.toBe('air');
  });

  it('hands out views, which copyObservation keeps', () => {
    const env = createEnvSync({ scenario: stroll });
    const first = env.reset().observations.ada;
    const kept: Observation = copyObservation(first);
    for (let t = 0; t < 10; t++) env.step({ ada: { forward: 1 } });
    expect(first.self[2]).toBeLessThan(28);
    expect(kept.self[2]).toBeCloseTo(28.5, 4);
  });

  it('forks and restores in the middle of an episode', async () => {
    const env = await createEnv({ scenario: race });
    env.reset();
    while (env.agents.length === 2) env.step({ ada: { forward: 1 }, bob: { forward: 1 } });
    const snapshot = env.snapshot();
    const fork = await env.fork();
    expect(fork.agents).toEqual(['bob']);
    for (let t = 0; t < 10; t++) env.step({ bob: { forward: 1, strafe: 0.3 } });
    for (let t = 0; t < 10; t++) fork.step({ bob: { forward: 1, strafe: 0.3 } });
    expect(fork.stateHash()).toBe(env.stateHash());
    fork.restore(snapshot);
    expect(fork.agents).toEqual(['bob']);
    expect(fork.stateHash()).not.toBe(env.stateHash());
    fork.close();
    expect(fork.agents).toEqual([]);
  });

  it('wraps a forked row of a larger batch', async () => {
    const { createBatchEnv } = await import('@kinovox/env');
    const batch = await createBatchEnv({ scenario: stroll, numWorlds: 3 });
    batch.reset();
    for (let t = 0; t < 5; t++) batch.stepSync(new Float32Array(batch.actionLength).fill(1));
    const env = new Env(await batch.fork(2, { autoreset: 'disabled' }));
    expect(env.agents).toEqual(['ada']);
    expect(env.stateHash()).toBe(batch.rowHashes()[2]);
    expect(() => new Env(batch)).toThrow(/1 world with autoreset "disabled"; got 3 with "same-step"/);
  });
});

describe('spaces', () => {
  it('describe native actions by ACTION_SPEC and choices by DISCRETE_ACTIONS', () => {
    const tables = { nearestAgents: 2, crop: 5, goals: 3, inventory: true, messages: 0 };
    const native = createSpaces(codecOf('native'), tables).action;
    expect(native).toMatchObject({ kind: 'box', shape: [ACTION_SPEC.length], names: ACTION_SPEC.map((field) => field.name) });
    const { action, observation, vector } = createSpaces(codecOf('discrete'), tables);
    expect(action).toMatchObject({ kind: 'discrete', n: DISCRETE_ACTIONS.length });
    expect(Object.keys(observation.spaces)).toEqual(['self', 'agents', 'goals', 'inventory', 'crop']);
    const boxes = Object.entries(observation.spaces).filter(([name]) => name !== 'crop');
    const numbers = boxes.reduce((sum, [, space]) => sum + (space as Extract<Space, { kind: 'box' }>).shape.reduce((a, b) => a * b, 1), 0);
    expect(vector.shape).toEqual([numbers]);
    expect(vector.names).toHaveLength(numbers);
    expect(renderSpace(vector).split('\n')).toHaveLength(numbers + 2);
  });

  it('hold what is in bounds and nothing else', () => {
    const box: Space = { kind: 'box', dtype: 'float32', shape: [2, 2], low: 0, high: [1, 1, 2, 2] };
    expect(spaceContains(box, Float32Array.of(0, 1, 2, 0))).toBe(true);
    expect(
      spaceContains(box, [
        [0, 1],
        [2, 0],
      ]),
    ).toBe(true);
    for (const wrong of [
      Float32Array.of(0, 1, 2),
      Float32Array.of(0, 1.5, 2, 0),
      Float32Array.of(0, Number.NaN, 0, 0),
      'x',
      null,
      [
        ['a', 1],
        [1, 1],
      ],
    ])
      expect(spaceContains(box, wrong)).toBe(false);
    const dict: Space = { kind: 'dict', spaces: { box, choice: { kind: 'discrete', n: 2, names: ['a', 'b'] } } };
    expect(spaceContains(dict, { box: new Float32Array(4), choice: 1 })).toBe(true);
    expect(spaceContains(dict, { box: new Float32Array(4) })).toBe(false);
    expect(spaceContains(dict, { box: new Float32Array(4), choice: 2 })).toBe(false);
    expect(spaceContains(dict, { box: new Float32Array(4), choice: 1, more: 1 })).toBe(false);
  });
});

describe('mapMessage', () => {
  const symbols = ['go', 'go left', 'stop'];
  it.each([
    ['go', 1, 0],
    ['  GO, Left! ', 2, 0],
    ['please stop now', 3, 15],
    ['let us go left', 2, 14],
    ['stop or go', 3, 10],
    ['gone', 0, 0],
    ['', 0, 0],
  ])('maps %j to symbol %i and keeps %i characters', (text, symbol, length) => {
    const log = new TextLog();
    const words = mapMessage(text, symbols, 40, log);
    expect(words).toMatchObject({ symbol, textLength: length });
    expect(log.get(words.textHash)).toBe(length === 0 ? undefined : text);
  });

  it('keeps the latest texts only, and shows none for a hash word of two', () => {
    const log = new TextLog(3);
    const words = ['a', 'b', 'c', 'a', 'd'].map((text) => log.put(text));
    expect(log.size).toBe(3);
    expect(words.map((word) => log.get(word))).toEqual(['a', undefined, 'c', 'a', 'd']);
    const copy = log.copy();
    copy.put('e');
    expect([copy.get(words[4]), log.size]).toEqual(['d', 3]);
    // Two texts of one 32-bit word, found by search.
    const [first, second] = ['message 52023', 'message 215051'];
    const all = new TextLog();
    const word = all.put(first);
    expect(all.get(word)).toBe(first);
    expect(all.put(second)).toBe(word);
    expect(all.get(word)).toBeUndefined();
    expect(all.put(first)).toBe(word);
    expect(all.get(word)).toBeUndefined();
  });

  it('cuts text at the longest that the scenario allows', () => {
    const log = new TextLog();
    const words = mapMessage('stop at the third door', symbols, 7, log);
    expect(words.textLength).toBe(7);
    expect(log.get(words.textHash)).toBe('stop at');
    expect(mapMessage('stop at the third door', symbols, 0, log)).toEqual({ symbol: 3, textLength: 0, textHash: 0 });
  });
});
