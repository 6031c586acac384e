/** Language agents over real HTTP: a server that speaks chat completions and messages, delays, refuses, stalls and breaks off. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createProvider, type ModelProvider, type ModelRequest, type ProfileInput, parseProfile } from '@kinovox/agents';
import { createBatchEnvSync } from '@kinovox/env';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForkPlayable } from '../../packages/server/src/live/fork-playable.js';
import { Player } from '../../packages/server/src/live/player.js';
import { type Fault, type ModelServer, startModelServer } from '../../packages/server/src/model-server/model-server.js';
import { createPolicyDriver } from '../../packages/server/src/run/policy-driver.js';
import { createRunSession } from '../../packages/server/src/run/run-session.js';
import { eventually, freshFolder, kinovox, startKinovox } from './command.js';

const KEY = 'sk-planted-5f2c9a7e1b';
const REQUEST: ModelRequest = {
  messages: [
    { role: 'system', text: 'You are a mind.' },
    { role: 'user', text: 'You are ada of team a in "x".\n[0.0 s]\nyou: at 1.5 4.0 1.5, facing east\ngoal 1: at 9.5 4.0 1.5, 0 % done\n' },
  ],
  tools: [{ name: 'moveTo', description: 'Goes.', parameters: { type: 'object', properties: { x: { type: 'number' } } } }],
  maxTokens: 64,
  key: 'k',
};
const faults: (Fault | undefined)[] = [];
let server: ModelServer;

beforeAll(async () => {
  server = await startModelServer({ key: KEY, fault: () => faults.shift() });
});
afterAll(() => server.close());

it('asks servers that speak messages to keep the prompt up to its end, which the next one begins with', async () => {
  const bodies: { messages: { content: { cache_control?: object }[] }[] }[] = [];
  const echo = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (part) => (text += part));
    incoming.on('end', () => {
      bodies.push(JSON.parse(text));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"content":[{"type":"text","text":"yes"}]}');
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  try {
    const provider = await providerOf({
      provider: 'anthropic',
      stream: false,
      baseUrl: `http://127.0.0.1:${(echo.address() as AddressInfo).port}`,
    });
    const later = [
      { role: 'assistant', text: 'I go.', toolCalls: [{ id: 'a', name: 'moveTo', arguments: '{}' }] },
      { role: 'tool', callId: 'a', name: 'moveTo', text: 'You are there.' },
    ] as const;
    for (const messages of [REQUEST.messages, [...REQUEST.messages, ...later]])
      await provider.ask({ ...REQUEST, messages }, new AbortController().signal);
  } finally {
    echo.close();
  }
  const marked = bodies.map(({ messages }) => messages.map(({ content }) => content.map((block) => 'cache_control' in block)));
  expect(marked).toEqual([[[true]], [[false], [false, false], [true]]]);
});

const DIALECTS = [
  { provider: 'openai', stream: false },
  { provider: 'openai', stream: true },
  { provider: 'anthropic', stream: false },
  { provider: 'anthropic', stream: true },
] as const;

function providerOf(rest: Partial<ProfileInput>, key = KEY): Promise<ModelProvider> {
  const baseUrl = rest.provider === 'anthropic' ? server.origin : server.url;
  const profile = parseProfile(
    { version: 1, name: 'test', provider: 'openai', model: 'rules', apiKeyEnv: 'PLANTED', baseUrl, retries: 1, stallSeconds: 20, ...rest },
    'p.json',
  );
  return createProvider(profile, { environment: { PLANTED: key } });
}

async function ask(rest: Partial<ProfileInput>, planned: (Fault | undefined)[] = [], key = KEY, more: Partial<ModelRequest> = {}) {
  faults.splice(0, faults.length, ...planned);
  const before = server.calls;
  const provider = await providerOf(rest, key);
  try {
    return { reply: await provider.ask({ ...REQUEST, ...more }, new AbortController().signal), calls: server.calls - before };
  } catch (error) {
    return { error: error as Error & { code: string }, calls: server.calls - before };
  }
}

describe.each(DIALECTS)('%j', (dialect) => {
  it('asks with tools and takes text, calls and tokens back', async () => {
    const { reply } = await ask(dialect);
    expect(reply).toMatchObject({
      text: 'The goal is open, so I go there.',
      toolCalls: [{ name: 'moveTo', arguments: '{"x":9.5,"y":4,"z":1.5,"range":0}' }],
      finishReason: 'tool-calls',
    });
    expect(reply!.usage.promptTokens).toBeGreaterThan(20);
    expect(reply!.usage.completionTokens).toBeGreaterThan(5);
    expect(reply!.usage.estimated).toBeUndefined();
  });

  it('asks again after 429 when the server said, after 500, a broken connection and a stall, and no more often than it may', async () => {
    for (const fault of [
      { kind: 'status', status: 429, retryAfterSeconds: 0 },
      { kind: 'status', status: 503, retryAfterSeconds: 0 },
      { kind: 'cut' },
      { kind: 'stall', afterEvents: 2 },
    ] as const) {
      const { reply, calls } = await ask(fault.kind === 'stall' ? { ...dialect, stallSeconds: 0.3 } : dialect, [fault]);
      expect([fault.kind, reply?.toolCalls[0]?.name, calls]).toEqual([fault.kind, 'moveTo', 2]);
    }
    const again = { kind: 'status', status: 429, retryAfterSeconds: 0 } as const;
    const { error, calls } = await ask(dialect, [again, again, again]);
    expect([error!.code, calls]).toEqual(['http-429', 2]);
    const spent = await ask(dialect, [again, again], KEY, { mayRepeat: () => false });
    expect([spent.error!.code, spent.calls]).toEqual(['http-429', 1]);
  });

  it('gives a reply up that is far longer than was asked for, and a refusal keeps its status', async () => {
    const part =
      dialect.provider === 'openai'
        ? 'data: {"choices":[{"delta":{"content":"on and on "}}]}\n\n'
        : 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"on and on "}}\n\n';
    const begin =
      'event: message_start\ndata: {"type":"message_start","message":{"id":"a","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';
    const whole =
      dialect.provider === 'openai'
        ? { choices: [{ message: { content: 'on '.repeat(200_000) } }] }
        : { content: [{ type: 'text', text: 'on '.repeat(200_000) }] };
    const body = dialect.stream ? `${dialect.provider === 'anthropic' ? begin : ''}${part.repeat(8000)}` : JSON.stringify(whole);
    const { error, calls } = await ask(dialect, [{ kind: 'body', body }]);
    expect(error).toMatchObject({ code: 'malformed-reply', message: expect.stringContaining('at most 64 tokens must end within 327680') });
    expect(calls).toBe(1);
    const busy = { kind: 'status', status: 400, message: 'No. '.repeat(200_000) } as const;
    expect((await ask(dialect, [busy])).error!.code).toBe('http-400');
  });

  it('says what the server did: a stall, a refused key, a body that is none', async () => {
    const stall = { kind: 'stall' } as const;
    expect((await ask({ ...dialect, stallSeconds: 0.3 }, [stall, stall])).error).toMatchObject({
      code: 'stalled',
      message: expect.stringContaining('silent for 0.3 s'),
    });
    const refused = await ask(dialect, [], 'sk-wrong-key-123456');
    expect(refused.error).toMatchObject({ code: 'model-refused', message: expect.stringContaining('Check the key in PLANTED') });
    expect(refused.calls).toBe(1);
    if (!dialect.stream)
      for (const body of ['{}', '[]', '{"choices":[{"message":{"tool_calls":[{"function":{"name":5}}]}}],"content":[{"type":5}]}'])
        expect((await ask(dialect, [{ kind: 'body', body }])).error?.code).toBe('malformed-reply');
  });

  it.skipIf(dialect.stream)(
    'takes an error that comes with status 200, a page and a body that is cut off for failures of the server',
    async () => {
      const busy = { kind: 'body', body: '{"error":{"message":"Rate limit exceeded","code":429,"type":"rate_limit_error"}}' } as const;
      const { error, calls } = await ask(dialect, [busy, busy]);
      expect([error, calls]).toEqual([
        expect.objectContaining({ code: 'http-429', message: expect.stringContaining('Rate limit exceeded') }),
        2,
      ]);
      expect((await ask(dialect, [busy])).reply?.toolCalls[0].name).toBe('moveTo');
      const key = { kind: 'body', body: '{"error":{"message":"No such key","code":401}}' } as const;
      expect((await ask(dialect, [key])).error).toMatchObject({ code: 'model-refused', message: expect.stringContaining('No such key') });
      for (const [body, code] of [
        [JSON.stringify('<html>Sign in</html>'), 'not-json'],
        ['<html>Sign in</html>', 'malformed-body'],
        ['{"choices":[', 'malformed-body'],
        ['{"error":"Out of memory"}', 'http-500'],
      ]) {
        const { error, calls } = await ask(dialect, [
          { kind: 'body', body },
          { kind: 'body', body },
        ]);
        expect([body, error?.code, calls]).toEqual([body, code, 2]);
      }
    },
  );

  it('shows a planted key in no error and no reply, though the server echoes it', async () => {
    const seen: string[] = [];
    for (const fault of [
      { kind: 'status', status: 401, message: 'Incorrect key: {key}' },
      { kind: 'status', status: 400, message: 'Incorrect key: {key}, cut {key}' },
      { kind: 'status', status: 404, message: `no such model for ${KEY.slice(0, 10)}***` },
    ] as const) {
      const { error } = await ask(dialect, [fault]);
      seen.push(`${error!.message} ${error!.stack} ${JSON.stringify(error)} ${String(error!.cause)}`);
    }
    if (!dialect.stream) {
      const echo =
        dialect.provider === 'openai'
          ? { choices: [{ message: { content: KEY, tool_calls: [{ function: { name: KEY, arguments: `{"x":"${KEY}"}` } }] } }] }
          : {
              content: [
                { type: 'text', text: KEY },
                { type: 'tool_use', name: KEY, input: { x: KEY } },
              ],
            };
      const { reply } = await ask(dialect, [{ kind: 'body', body: JSON.stringify(echo) }]);
      seen.push(JSON.stringify(reply));
    }
    for (const text of seen) {
      expect(text).toContain('[key]');
      expect(text).not.toContain(KEY.slice(0, 10));
    }
  });
});

describe('the server', () => {
  it('refuses what real endpoints refuse', async () => {
    const post = async (path: string, body: string) => {
      const response = await fetch(`${server.origin}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${KEY}` } });
      return [response.status, JSON.stringify(await response.json())] as const;
    };
    expect((await post('/v1/chat/completions', '{'))[0]).toBe(400);
    expect((await post('/v1/chat/completions', '{"model":"rules","messages":[]}'))[1]).toContain('messages');
    const call = { role: 'assistant', content: '', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    expect(
      (await post('/v1/chat/completions', JSON.stringify({ model: 'rules', messages: [call, { role: 'user', content: 'x' }] })))[1],
    ).toContain('must be followed by its result');
    expect((await post('/v1/nothing', '{}'))[0]).toBe(404);
    expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  });
});

describe('a run with language agents', () => {
  const settings = (policy: string, out?: string) => ({
    scenarioPath: 'scenarios/bridge-gap-v1.scenario.json',
    numWorlds: 1,
    seed: 2,
    split: 'train' as const,
    policy,
    engine: 'auto' as const,
    out,
    recordRows: out === undefined ? [] : [0],
    command: ['test'],
  });
  const write = (folder: string, name: string, profile: object) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ version: 1, name: 'test', ...profile }));
    return `llm:${path}`;
  };
  const play = async (policy: string, out?: string) => {
    const session = await createRunSession(settings(policy, out));
    await session.stepSlice(320, Number.POSITIVE_INFINITY);
    const report = session.report('finished');
    session.close(report);
    return report;
  };

  it('comes out the same by rules in the process, over HTTP at any latency, and replayed from its log without a model', async () => {
    const folder = freshFolder();
    const slow = await startModelServer({ delayMs: (n) => (7 * n) % 13 });
    const rules = await play(write(folder, 'rules.json', { provider: 'scripted' }));
    const out = join(folder, 'run');
    const served = await play(write(folder, 'served.json', { provider: 'openai', model: 'rules', baseUrl: slow.url, stream: true }), out);
    const asked = slow.calls;
    await slow.close();
    expect(asked).toBe(served.language!.calls);
    expect(served.stateHash).toBe(rules.stateHash);
    expect(served.language).toMatchObject({ calls: rules.language!.calls, invalid: 0, failed: 0, timeLimited: false });
    const replayed = await play(write(folder, 'replayed.json', { provider: 'replay', model: 'run/decisions.jsonl' }));
    expect(replayed.stateHash).toBe(served.stateHash);
    expect(readFileSync(join(out, 'decisions.jsonl'), 'utf8')).toContain('"kind":"decision"');
    const { code, stdout } = await kinovox('replay', out, '--verify');
    expect(`${code} ${stdout}`).toMatch(/^0 /);
  });

  it('goes end to end by the commands of the docs, and prints calls, tokens and cost, never the key', async () => {
    const folder = freshFolder();
    const { child, ended, output } = startKinovox(['model-server', '--port', '0', '--json', '--api-key-env', 'SERVER_KEY'], {
      env: { SERVER_KEY: KEY },
    });
    const { url } = await eventually('the address of the model server', () => {
      const { stdout } = output();
      return stdout.includes('\n') ? (JSON.parse(stdout) as { url: string }) : undefined;
    });
    const policy = write(folder, 'p.json', {
      provider: 'openai',
      model: 'rules',
      baseUrl: url,
      apiKeyEnv: 'AGENT_KEY',
      prices: { promptPerMillion: 1, completionPerMillion: 2 },
    });
    const run = (key: string, ...args: string[]) =>
      startKinovox(['run', '--scenario', 'bridge-gap-v1', '--ticks', '40', '--policy', policy, ...args], {
        env: { AGENT_KEY: key, KINOVOX_DEBUG: '1' },
      }).ended;
    const [good, table, bad] = await Promise.all([run(KEY, '--json', '--out', join(folder, 'run')), run(KEY), run(`${KEY}-wrong`)]);
    child.kill('SIGINT');
    await ended;
    const report = JSON.parse(good.stdout) as { worlds: number; language: { calls: number; promptTokens: number; cost: number } };
    expect(report.worlds).toBe(1);
    expect(report.language.calls).toBeGreaterThan(3);
    expect(report.language.cost).toBeGreaterThan(0);
    expect(table.stdout).toMatch(/models +\d+ calls, [\d,]+ prompt tokens and \d+ of replies, cost 0\.\d+, 0 replies invalid/);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('Check the key in AGENT_KEY');
    for (const text of [good, table, bad].flatMap(({ stdout, stderr }) => [stdout, stderr])) expect(text).not.toContain(KEY.slice(0, 10));
    for (const file of ['decisions.jsonl', 'run.json', 'metrics.jsonl', 'recordings/row-0.kvr'])
      expect(readFileSync(join(folder, 'run', file)).includes(KEY.slice(0, 10))).toBe(false);
  });

  it('goes on in a fork, tick by tick and at its own pace: the world waits for those who think, and tells what fails', async () => {
    const folder = freshFolder();
    const slow = await startModelServer({ delayMs: 30 });
    const forkOf = (policy: string) => {
      const env = createBatchEnvSync({ scenario: 'scenarios/bridge-gap-v1.scenario.json', numWorlds: 1, seed: 2 });
      env.reset();
      const totals = { returns: new Float64Array(env.numAgents), terms: new Float64Array(2), reached: new Uint8Array(0) };
      const playable = new ForkPlayable(env, createPolicyDriver(env, policy), 0, 1, totals);
      return { env, playable, player: new Player(1, playable, false, () => undefined) };
    };
    const profile = { provider: 'openai', model: 'rules', retries: 0 };
    const { env, playable, player } = forkOf(write(folder, 'fork.json', { ...profile, baseUrl: slow.url }));
    await player.command({ command: 'step', value: 3 } as never);
    expect(playable.position).toBe(3);
    // Two people press it at once: every tick is thought for.
    await Promise.all([1, 2].map((value) => player.command({ command: 'step', value } as never)));
    expect(playable.position).toBe(6);
    await player.command({ command: 'play' } as never);
    await eventually('five ticks', () => {
      player.tick(performance.now(), 8);
      return playable.position >= 11;
    });
    expect(playable.plans([]).agents.map(({ planner, slot }) => [planner, slot])).toEqual([
      ['skill', 0],
      ['skill', 1],
    ]);
    await player.command({ command: 'pause' } as never);
    const same = forkOf(write(folder, 'rules-fork.json', { provider: 'scripted' }));
    await same.player.command({ command: 'step', value: playable.position } as never);
    expect(same.env.rowHashes()).toEqual(env.rowHashes());
    await slow.close();
    const refused = await startModelServer({ key: 'other' });
    const failing = forkOf(write(folder, 'refused.json', { ...profile, baseUrl: refused.url }));
    await expect(failing.player.command({ command: 'step', value: 1 } as never)).rejects.toThrow('must accept the call');
    await failing.player.command({ command: 'play' } as never);
    expect(() => failing.player.tick(performance.now() + 100, 8)).toThrow('must accept the call');
    await refused.close();
  });

  it('is refused before it begins where the profile cannot be used', async () => {
    const { code, stderr } = await kinovox('run', '--scenario', 'reach-flat-v1', '--policy', 'llm:/nowhere/p.json');
    expect(code).toBe(2);
    expect(stderr).toContain('must be readable');
  });
});

describe('the model server', () => {
  const post = async (body: string) => {
    const began = performance.now();
    const headers = { authorization: `Bearer ${KEY}` };
    const response = await fetch(`${server.url}/chat/completions`, { method: 'POST', body, headers });
    return { status: response.status, text: await response.text(), ms: performance.now() - began };
  };
  const callsOf = (count: number, answered: number) =>
    Array.from({ length: count }, (_, n) => [
      { role: 'assistant', tool_calls: [{ id: `c${n}`, type: 'function', function: { name: 'wait', arguments: '{}' } }] },
      ...(n < answered ? [{ role: 'tool', tool_call_id: `c${n}`, content: 'done' }] : []),
    ]).flat();

  it('finds a call without a result in long conversations, and refuses longer ones and those nested too deep', async () => {
    expect(await post(JSON.stringify({ model: 'rules', messages: callsOf(4000, 4000) }))).toMatchObject({ status: 200 });
    const open = await post(JSON.stringify({ model: 'rules', messages: callsOf(4000, 3999) }));
    expect(open).toMatchObject({ status: 400, text: expect.stringContaining('got none for c3999') });
    expect(await post(JSON.stringify({ model: 'rules', messages: callsOf(5001, 5001) }))).toMatchObject({ status: 400 });
    const deep = await post(`{"model":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    expect(deep).toMatchObject({ status: 400, text: expect.stringContaining('64 deep') });
  });

  it('draws a key where others than this machine may call', async () => {
    const open = startKinovox(['model-server', '--host', '0.0.0.0', '--port', '0', '--json']);
    try {
      const text = await eventually('an address', () => open.output().stdout.includes('}') && open.output().stdout);
      const { url, key } = JSON.parse(text) as { url: string; key: string };
      const ask = (headers: Record<string, string>) =>
        fetch(`http://127.0.0.1:${new URL(url).port}/v1/chat/completions`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ model: 'rules', messages: [{ role: 'user', content: 'x' }] }),
        });
      expect((await ask({})).status).toBe(401);
      expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200);
    } finally {
      open.child.kill('SIGTERM');
      await open.ended;
    }
  });
});
