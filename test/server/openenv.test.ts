// The OpenEnv contract over real HTTP and WebSocket: messages, error codes, sessions, limits, and the extension to teams.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { findScenario, type OpenEnvServer } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { freshFolder } from './command.js';
import type { Json } from './openenv-client.js';
import { connect, served } from './openenv-serving.js';

const post = async (server: OpenEnvServer, path: string, body: unknown) => {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, body: (await response.json()) as Json };
};

describe('OpenEnv over WebSocket', () => {
  it('tells of refusals and of what is no call, or with blind feedback that they were refused and nothing else', async () => {
    const asked = [
      { name: 'moveTo', arguments: { x: 900, y: 4, z: 4 } },
      { name: 'moveTo', arguments: { x: 'east' } },
      { name: 'fly', arguments: {} },
    ];
    const told = async (feedback: 'full' | 'blind') => {
      const client = connect(await served({ feedback }));
      await client.reset({ seed: 3 });
      const replies: Json[] = [];
      for (const call of asked) replies.push((await client.step(call)).data.observation);
      return { replies, hash: (await client.ask({ type: 'state' })).data.state_hash };
    };
    const full = await told('full');
    const blind = await told('blind');
    expect(full.replies.map(({ result }) => result.code)).toEqual(['outside-world', 'bad-arguments', 'unknown-tool']);
    expect(blind.replies.map(({ result }) => result)).toEqual([
      { name: 'moveTo', status: 'refused', sentence: 'refused', facts: {} },
      { name: 'moveTo', status: 'invalid', sentence: 'refused', facts: {} },
      { name: 'fly', status: 'invalid', sentence: 'refused', facts: {} },
    ]);
    for (const { text, result } of blind.replies) expect(text.split('\n')[0]).toBe(`${result.name}: refused`);
    for (const [k, { text }] of full.replies.entries()) {
      expect(text.split('\n')[0]).toContain(full.replies[k].result.sentence);
      expect(text.split('\n').slice(1)).toEqual(blind.replies[k].text.split('\n').slice(1));
    }
    expect(blind.hash).toBe(full.hash);
  });

  it('tells what a call has come to in full with blind feedback too, where it was not refused', async () => {
    const client = connect(await served({ feedback: 'blind' }));
    await client.reset({ seed: 3 });
    const { result } = (await client.step({ name: 'wait', arguments: { ticks: 5 } })).data.observation;
    expect(result).toEqual({ name: 'wait', status: 'done', sentence: 'You waited 0.25 s.', facts: { ticks: 5 } });
  });

  it('offers and takes the named verbs alone', async () => {
    const client = connect(await served({ verbs: ['wait', 'moveTo'] }));
    await client.reset({ seed: 3 });
    const { tools } = (await client.step({ type: 'list_tools' })).data.observation;
    expect(tools.map(({ name }: Json) => name)).toEqual(['moveTo', 'wait', 'continue']);
    expect((await client.step({ name: 'scan' })).data.observation.result).toMatchObject({ status: 'invalid', code: 'unknown-tool' });
    expect((await client.step({ name: 'wait' })).data.observation.result.status).toBe('done');
  });

  it('refuses verbs that nobody has, with the nearest', async () => {
    await expect(served({ verbs: ['moveto'] })).rejects.toThrow('got "moveto". Did you mean "moveTo"?');
  });

  it('plays an episode by calls of all three levels, and ends it with done', async () => {
    const client = connect(await served());
    const first = await client.reset({ seed: 3, episode_id: 'mine', row_of_a_data_set: 1 });
    expect(first).toMatchObject({ type: 'observation', data: { reward: null, done: false } });
    expect(first.data.observation).toMatchObject({ agent: 'ada', result: null, terminated: false, truncated: false, info: { tick: 0 } });
    expect(first.data.observation.text).toContain('Task: ');
    const held = await client.step({ name: 'hold', arguments: { forward: 1, ticks: 5 } });
    expect(held.data.observation).toMatchObject({ result: { name: 'hold', status: 'done' }, info: { tick: 5, ticks: 5 } });
    const [, x, z] = /goal 1: at ([\d.]+) [\d.]+ ([\d.]+)/.exec(first.data.observation.text)!.map(Number);
    const went = await client.step({ name: 'waypoint', arguments: { x: 8, y: 4, z: 8, seconds: 0.5 } });
    expect(went.data.observation.info).toMatchObject({ tick: 15, ticks: 10 });
    const y = Number(/goal 1: at [\d.]+ ([\d.]+)/.exec(first.data.observation.text)![1]);
    const there = await client.step({ name: 'moveTo', arguments: { x, y: Math.floor(y) - 1, z }, maxTicks: 1200 });
    expect(there.data).toMatchObject({ done: true, observation: { terminated: true, truncated: false } });
    expect(there.data.reward).toBeGreaterThan(0);
    expect(there.data.observation.info.outcome).toMatchObject({ outcome: 'succeeded' });
    expect(await client.ask({ type: 'state' })).toMatchObject({
      type: 'state',
      data: { episode_id: 'mine', step_count: 3, seed: 3, scenario: 'reach-flat-v1' },
    });
    expect(await client.step({ name: 'wait' })).toMatchObject({ type: 'error', data: { code: 'EXECUTION_ERROR' } });
    expect(await client.reset()).toMatchObject({ type: 'observation', data: { done: false } });
  });

  it('gives equal states for equal seeds and calls, in every session, whatever happens between', async () => {
    const server = await served();
    const hashes = await Promise.all(
      [0, 1].map(async (n) => {
        const client = connect(server);
        await client.reset({ seed: 11 });
        for (const forward of [1, 0.5]) {
          await client.step({ name: 'hold', arguments: { forward, turn: 0.1, ticks: 7 } });
          if (n === 1) await client.step({ name: 'scan' });
        }
        return (await client.ask({ type: 'state' })).data.state_hash;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(hashes[1]).toBe(hashes[0]);
    const other = connect(server);
    await other.reset({ seed: 12 });
    expect((await other.ask({ type: 'state' })).data.state_hash).not.toBe(hashes[0]);
  });

  it('tells a model what it wrote wrong in the observation, with the state unchanged', async () => {
    const client = connect(await served());
    await client.reset();
    const before = (await client.ask({ type: 'state' })).data.state_hash;
    for (const [name, args, code] of [
      ['mvoeTo', {}, 'unknown-tool'],
      ['moveTo', { x: 'far' }, 'bad-arguments'],
      ['hold', { ticks: 1e9 }, 'bad-arguments'],
      ['moveTo', { x: -5, y: 4, z: 5 }, 'outside-world'],
    ] as const) {
      const { type, data } = await client.step({ name, arguments: args });
      expect(type).toBe('observation');
      expect(data.observation.result).toMatchObject({ name, code });
      expect(data.observation.text).toContain(data.observation.result.sentence);
    }
    expect((await client.ask({ type: 'state' })).data.state_hash).toBe(before);
  });

  it('lasts its least ticks though calls end at once or are refused, and no longer than its most', async () => {
    const client = connect(await served());
    await client.reset();
    const ticksOf = async (action: object) => (await client.step(action)).data.observation.info.ticks;
    expect(await ticksOf({ name: 'scan' })).toBe(0);
    expect(await ticksOf({ name: 'scan', minTicks: 7 })).toBe(7);
    expect(await ticksOf({ name: 'fly', minTicks: 5 })).toBe(5);
    expect(await ticksOf({ name: 'wait', arguments: { ticks: 9 }, minTicks: 5 })).toBe(9);
    expect(await ticksOf({ name: 'scan', minTicks: 50, maxTicks: 20 })).toBe(20);
  });

  it('ends a step at its most ticks, and goes on by continue; a question does not end what is under way', async () => {
    const client = connect(await served());
    await client.reset();
    const cut = await client.step({ name: 'wait', arguments: { ticks: 100 }, maxTicks: 30 });
    expect(cut.data.observation).toMatchObject({ result: { status: 'running' }, info: { ticks: 30 } });
    expect((await client.step({ name: 'scan' })).data.observation).toMatchObject({ result: { status: 'done' }, info: { ticks: 0 } });
    expect((await client.step({ name: 'continue' })).data.observation).toMatchObject({
      result: { name: 'wait', status: 'done' },
      info: { ticks: 70, tick: 100 },
    });
  });

  it('shows an agent its own goal in every later turn, until it is taken away', async () => {
    const client = connect(await served());
    await client.reset({ seed: 3 });
    const textOf = async (name: string, args: object = {}) =>
      (await client.step({ name, arguments: args })).data.observation.text as string;
    expect(await textOf('wait', { ticks: 5 })).not.toContain('your goal');
    await textOf('setGoal', { goal: 'to the wall first' });
    for (let n = 0; n < 2; n++) expect(await textOf('wait', { ticks: 5 })).toMatch(/^your goal: to the wall first$/m);
    await textOf('setGoal', { goal: '' });
    expect(await textOf('wait', { ticks: 5 })).not.toContain('your goal');
    await textOf('setGoal', { goal: 'again' });
    await client.reset();
    expect(await textOf('wait')).not.toContain('your goal');
  });

  it('tells an agent that it died, and what it wants all the same', async () => {
    const starving = { everyTicks: 1, starveEveryTicks: 2, starveDamage: 5, regenEveryTicks: 0 };
    const survival = { hunger: starving, day: { lengthTicks: 0 }, respawn: 'spawn', respawnTicks: 5 };
    const scenario = join(freshFolder(), 'hungry-v1.scenario.json');
    writeFileSync(
      scenario,
      JSON.stringify({ ...JSON.parse(readFileSync(findScenario('reach-flat-v1'), 'utf8')), id: 'hungry-v1', survival }),
    );
    const client = connect(await served({ scenario }));
    await client.reset({ seed: 3 });
    await client.step({ name: 'setGoal', arguments: { goal: 'live longer' } });
    const { observation } = (await client.step({ name: 'wait', arguments: { ticks: 400 } })).data;
    expect(observation.result).toMatchObject({ name: 'wait', status: 'refused', code: 'died' });
    expect(observation.text).toMatch(/^your goal: live longer$/m);
  });

  it('answers each kind of wrong message with its code, and goes on', async () => {
    const client = connect(await served());
    for (const [message, code] of [
      ['{', 'INVALID_JSON'],
      ['[]', 'UNKNOWN_TYPE'],
      [{ type: 'jump' }, 'UNKNOWN_TYPE'],
      [{ type: 'step' }, 'VALIDATION_ERROR'],
      [{ type: 'step', data: { nam: 'wait' } }, 'VALIDATION_ERROR'],
      [{ type: 'step', data: { name: 'wait', maxTicks: 0 } }, 'VALIDATION_ERROR'],
      [{ type: 'reset', data: { seed: -1 } }, 'VALIDATION_ERROR'],
      [{ type: 'step', data: { name: 'wait' } }, 'EXECUTION_ERROR'],
      [{ type: 'reset', data: { agents: ['nobody'] } }, 'EXECUTION_ERROR'],
    ] as const) {
      const reply = await client.ask(message);
      expect(reply).toMatchObject({ type: 'error', data: { code } });
      expect(reply.data.message.length).toBeGreaterThan(20);
    }
    expect((await client.reset()).type).toBe('observation');
  });

  it('frees an environment when its socket closes, and says so where no more fit', async () => {
    const server = await served({ maxSessions: 1 });
    const first = connect(server);
    await first.reset();
    const second = connect(server);
    expect(await second.next()).toMatchObject({ type: 'error', data: { code: 'CAPACITY_REACHED', active_sessions: 1, max_sessions: 1 } });
    expect(await second.closed()).toBe(1013);
    await first.opened();
    first.socket.send(JSON.stringify({ type: 'close' }));
    expect(await first.closed()).toBe(1000);
    for (let tries = 0; server.numSessions > 0 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await connect(server).reset()).type).toBe('observation');
  });

  it('ends idle sessions, floods and messages that are too long, and slows those down that are too fast', async () => {
    const idle = connect(await served({ idleTimeoutMs: 200 }));
    await idle.reset();
    expect(await idle.closed()).toBe(1001);
    const server = await served({ maxRate: 20, maxSessions: 8 });
    const flood = await connect(server).opened();
    for (let n = 0; n < 200; n++) flood.socket.send('{"type":"state"}');
    const long = await connect(server).opened();
    long.socket.send(JSON.stringify({ type: 'step', data: { name: 'x'.repeat(2_000_000) } }));
    const binary = await connect(server).opened();
    binary.socket.send(Buffer.from([1, 2, 3]));
    expect(await flood.closed()).toBe(1008);
    expect(await long.closed()).toBe(1009);
    expect(await binary.closed()).toBe(1003);
    const fast = connect(server);
    const began = performance.now();
    for (let n = 0; n < 50; n++) await fast.ask({ type: 'state' });
    // 40 pass at once, the others at 20 per second.
    expect(performance.now() - began).toBeGreaterThan(400);
  });

  it('lets a client that never reads, and one that breaks off within a long step, hold back nobody else', async () => {
    const server = await served({ maxSessions: 3 });
    const stalled = connect(server);
    await stalled.reset();
    stalled.socket.pause();
    for (let n = 0; n < 12; n++) stalled.socket.send(JSON.stringify({ type: 'step', data: { name: 'wait', arguments: { ticks: 20 } } }));
    const crashing = connect(server);
    await crashing.reset();
    crashing.socket.send(JSON.stringify({ type: 'step', data: { name: 'wait', arguments: { ticks: 1200 }, maxTicks: 1200 } }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    crashing.socket.terminate();
    const other = connect(server);
    await other.reset();
    for (let n = 1; n <= 20; n++) expect((await other.step({ name: 'hold', arguments: { ticks: 1 } })).data.observation.info.tick).toBe(n);
    for (let tries = 0; server.numSessions > 2 && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.numSessions).toBe(2);
  });

  it('asks for the token where it was started with one', async () => {
    const server = await served({ token: 'secret' });
    await expect(connect(server).opened()).rejects.toThrow('401');
    expect((await fetch(`${server.url}/health`)).status).toBe(401);
    expect((await connect(server, '/ws?token=secret').reset()).type).toBe('observation');
    expect((await connect(server, '/ws', { authorization: 'Bearer secret' }).reset()).type).toBe('observation');
    await expect(connect(server, '/elsewhere?token=secret').opened()).rejects.toThrow('404');
  });
});

describe('teams over OpenEnv', () => {
  const TEAM = { scenario: findScenario('plates-and-door-v1') };

  it('are played by one client that asks for them, each with its own observation and reward', async () => {
    const client = connect(await served(TEAM));
    const first = await client.reset({ seed: 1, agents: 'all' });
    const ids = (await client.ask({ type: 'state' })).data.possible_agents as string[];
    expect(Object.keys(first.data.observation.agents)).toEqual(ids);
    const [one, two] = ids;
    const step = await client.step({
      actions: { [one]: { name: 'wait', arguments: { ticks: 10 } }, [two]: { name: 'hold', arguments: { forward: 1, ticks: 25 } } },
    });
    expect(step.data.observation.info.ticks).toBe(25);
    expect(step.data.observation.agents[one].result).toMatchObject({ name: 'wait', status: 'done' });
    expect(step.data.observation.agents[two]).toMatchObject({ agent: two, result: { name: 'hold', status: 'done' } });
    const rewards = ids.map((id) => step.data.observation.agents[id].reward as number);
    expect(step.data.reward).toBe(rewards[0] + rewards[1]);
    const later = await client.step({ name: 'wait', agent: two, arguments: { ticks: 3 } });
    expect(later.data.observation.agents[two].result).toMatchObject({ name: 'wait' });
    expect(await client.step({ name: 'wait', agent: 'nobody' })).toMatchObject({ type: 'error', data: { code: 'EXECUTION_ERROR' } });
  });

  it('are listed the verbs of the agent that is named', async () => {
    const client = connect(await served({ scenario: findScenario('mixed-crossing-v1') }));
    await client.reset({ seed: 1, agents: 'all' });
    const ids = (await client.ask({ type: 'state' })).data.possible_agents as string[];
    const namesOf = async (agent?: string) =>
      (await client.step({ type: 'list_tools', agent })).data.observation.tools.map(({ name }: Json) => name) as string[];
    expect(await namesOf(ids[0])).toEqual(await namesOf());
    expect(await namesOf(ids.at(-1))).toContain('moveTo');
    expect(await client.step({ type: 'list_tools', agent: 'eve' })).toMatchObject({ type: 'error', data: { code: 'EXECUTION_ERROR' } });
  });

  it('are told once what came of a call: an agent that was not called again has no result and a text of changes alone', async () => {
    const client = connect(await served(TEAM));
    await client.reset({ seed: 1, agents: 'all' });
    const team = async (actions: object) => (await client.step({ actions })).data.observation.agents as Json;
    const wait = { name: 'wait', arguments: { ticks: 5 } };
    const first = await team({ ada: wait, bob: { name: 'scan' } });
    expect(first.bob.result).toMatchObject({ name: 'scan', status: 'done' });
    expect(first.bob.text).toMatch(/^scan: /);
    for (const { ada, bob } of [await team({ ada: wait }), await team({ ada: wait })]) {
      expect(ada.result).toMatchObject({ name: 'wait', status: 'done' });
      expect(bob.result).toBeNull();
      expect(bob.text).not.toContain('scan: ');
    }
  });

  it('are told in the next step how a call ended while its agent was asked something else', async () => {
    const client = connect(await served(TEAM));
    await client.reset({ seed: 1, agents: 'all' });
    const team = async (actions: object, maxTicks = 400) =>
      (await client.step({ actions, maxTicks })).data.observation.agents.bob.result as Json | null;
    const wait = (ticks: number) => ({ name: 'wait', arguments: { ticks } });
    expect(await team({ bob: wait(30) }, 10)).toMatchObject({ name: 'wait', status: 'running' });
    expect(await team({ ada: wait(5) })).toMatchObject({ name: 'wait', status: 'running' });
    expect(await team({ ada: wait(30), bob: { name: 'scan' } })).toMatchObject({ name: 'scan' });
    expect(await team({ ada: wait(5) })).toMatchObject({ name: 'wait', status: 'done' });
    expect(await team({ ada: wait(5) })).toBeNull();
    expect(await team({ bob: { name: 'continue' } })).toMatchObject({ name: 'continue', facts: { ticks: 20 } });
  });

  it('wait for all that is under way where nobody is called, and at least a tick', async () => {
    const client = connect(await served(TEAM));
    await client.reset({ seed: 1, agents: 'all' });
    const ticksOf = async (action: object) => (await client.step(action)).data.observation.info.ticks;
    expect(await ticksOf({ actions: {} })).toBe(1);
    expect(await ticksOf({ actions: {}, minTicks: 7 })).toBe(7);
    const bob = (name: string, ticks: number) => ({ bob: { name, arguments: name === 'wait' ? { ticks } : {} } });
    expect(await ticksOf({ actions: bob('wait', 100), maxTicks: 30 })).toBe(30);
    expect(await ticksOf({ actions: bob('scan', 0) })).toBe(0);
    expect(await ticksOf({ actions: {}, maxTicks: 20 })).toBe(20);
    const ended = (await client.step({ actions: {} })).data.observation;
    expect(ended).toMatchObject({
      info: { ticks: 50 },
      agents: { ada: { result: null }, bob: { result: { name: 'wait', status: 'done' } } },
    });
    expect(await ticksOf({ actions: {} })).toBe(1);
  });

  it('are played by the named policy where the client plays one agent: scripted moves, idle does not', async () => {
    const moved: boolean[] = [];
    for (const others of ['scripted', 'idle']) {
      const client = connect(await served({ scenario: findScenario('tag-v1'), others }));
      const first = await client.reset({ seed: 1 });
      expect(first.data.observation.agents).toBeUndefined();
      const { possible_agents } = (await client.ask({ type: 'state' })).data;
      const { text } = (await client.step({ name: 'wait', arguments: { ticks: 60 } })).data.observation;
      moved.push(text.includes(`\n${possible_agents[1]}: at`));
    }
    expect(moved).toEqual([true, false]);
  });
});

describe('OpenEnv over HTTP', () => {
  it('has what the validator of OpenEnv asks for', async () => {
    const server = await served();
    const get = async (path: string) => (await fetch(`${server.url}${path}`)).json() as Promise<Json>;
    const openapi = await get('/openapi.json');
    expect(openapi.info.version).toMatch(/^1\./);
    expect(Object.keys(openapi.paths)).toEqual(expect.arrayContaining(['/reset', '/step', '/state']));
    expect(await get('/health')).toEqual({ status: 'healthy' });
    expect(await get('/metadata')).toMatchObject({ name: 'reach-flat-v1', description: expect.any(String) });
    expect(await get('/state')).toMatchObject({ episode_id: null, step_count: 0, state_hash: null });
    expect(await post(server, '/mcp', {})).toMatchObject({ status: 200, body: { jsonrpc: '2.0', error: { code: -32600 } } });
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${server.url}/step`)).status).toBe(405);
  });

  it('sends actions and observations that fit its own schemas', async () => {
    const server = await served({ scenario: findScenario('plates-and-door-v1'), agents: 'all' });
    const schema = (await (await fetch(`${server.url}/schema`)).json()) as Json;
    const ajv = new Ajv({ strict: false });
    const client = connect(server);
    const action = { name: 'scan', arguments: {} };
    expect(ajv.validate(schema.action, action)).toBe(true);
    expect(ajv.validate(schema.action, { nam: 'scan' })).toBe(false);
    for (const { data } of [await client.reset(), await client.step(action)]) {
      ajv.validate(schema.observation, data.observation);
      expect(ajv.errors).toBeNull();
    }
    expect(ajv.validate(schema.observation, { text: 1 })).toBe(false);
    expect(ajv.validate(schema.state, (await client.ask({ type: 'state' })).data)).toBe(true);
  });

  it('gives one observation per request, and 422 with details for what is no request', async () => {
    const server = await served();
    expect(await post(server, '/reset', { seed: 3 })).toMatchObject({ status: 200, body: { reward: null, done: false } });
    expect(await post(server, '/reset', '')).toMatchObject({ status: 200 });
    const step = await post(server, '/step', { seed: 3, action: { name: 'hold', arguments: { ticks: 4 } }, timeout_s: 5 });
    expect(step).toMatchObject({ status: 200, body: { observation: { info: { tick: 4 } }, done: false } });
    expect(await post(server, '/step', { action: { name: 5 } })).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'invalid_type', loc: ['body', 'action', 'name'], msg: expect.any(String), input: 5 }] },
    });
    expect(await post(server, '/step', '{')).toMatchObject({ status: 422, body: { detail: [{ type: 'json_invalid', loc: ['body'] }] } });
    expect(await post(server, '/reset', { seed: -3 })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'seed'] }] } });
    expect(await post(server, '/reset', { agents: ['eve'] })).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'unknown-agent', loc: ['body', 'agents'], msg: expect.stringContaining('got "eve"'), input: ['eve'] }] },
    });
    const forEve = { name: 'wait', agent: 'eve' };
    expect(await post(server, '/step', { action: forEve })).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'agent-not-played', loc: ['body', 'action'], input: forEve }] },
    });
    expect((await post(server, '/reset', 'x'.repeat(1_100_000))).status).toBe(413);
    expect(server.numSessions).toBe(0);
  });
});

describe('tools over OpenEnv', () => {
  const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });

  it('are listed and called over HTTP in a session that lasts until it is closed', async () => {
    const server = await served({ maxSessions: 1 });
    const { session_id } = (await post(server, '/mcp', rpc('openenv/session/create'))).body.result;
    const { tools } = (await post(server, '/mcp', rpc('tools/list', { session_id }))).body.result;
    const names = tools.map(({ name }: { name: string }) => name);
    expect(names).toContain('moveTo');
    expect(names.filter((name: string) => ['reset', 'step', 'state', 'close'].includes(name))).toEqual([]);
    for (const tick of [4, 8]) {
      const { result } = (await post(server, '/mcp', rpc('tools/call', { session_id, name: 'hold', arguments: { ticks: 4 } }))).body;
      expect(result).toMatchObject({ isError: false, structuredContent: { info: { tick }, done: false } });
    }
    expect((await post(server, '/mcp', rpc('tools/call', { session_id, name: 'fly' }))).body.result).toMatchObject({ isError: true });
    expect((await post(server, '/mcp', rpc('tools/list'))).body.error).toMatchObject({ code: -32000, data: { max_sessions: 1 } });
    expect((await post(server, '/mcp', rpc('openenv/session/close', { session_id }))).body.result).toEqual({ session_id, closed: true });
    expect((await post(server, '/mcp', rpc('tools/list', { session_id }))).body.error).toMatchObject({ code: -32602 });
    expect((await post(server, '/mcp', rpc('tools/lsit'))).body.error).toMatchObject({ code: -32601 });
    expect((await post(server, '/mcp', '{')).body.error).toMatchObject({ code: -32700 });
  });

  it('act on the environment of the socket, over /mcp, in messages of type mcp, and as actions', async () => {
    const server = await served();
    const bare = connect(server, '/mcp');
    expect((await bare.ask(rpc('tools/call', { name: 'hold', arguments: { ticks: 3 } }))).result.structuredContent.info.tick).toBe(3);
    expect((await bare.ask(rpc('tools/call', { name: 'hold', arguments: { ticks: 3 } }))).result.structuredContent.info.tick).toBe(6);
    const client = connect(server);
    await client.reset();
    const inside = await client.ask({ type: 'mcp', data: rpc('tools/call', { name: 'hold', arguments: { ticks: 3 } }) });
    expect(inside).toMatchObject({ type: 'mcp', data: { id: 1, result: { structuredContent: { info: { tick: 3 } } } } });
    const called = await client.step({ type: 'call_tool', tool_name: 'hold', arguments: { ticks: 3 } });
    expect(called.data.observation).toMatchObject({ tool_name: 'hold', result: { status: 'done' }, info: { tick: 6 } });
    const listed = await client.step({ type: 'list_tools' });
    expect(listed.data.observation.tools[0]).toMatchObject({ name: expect.any(String), input_schema: { type: 'object' } });
  });
});
