// The MCP server with the protocol's official client, over stdio and over HTTP, each as a process of its own.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, eventually, type Running, startKinovox } from './command.js';
import type { Json } from './openenv-client.js';

let server: Running;
let url: URL;

beforeAll(async () => {
  server = startKinovox(['mcp', '--http', '--port', '0', '--json']);
  const text = await eventually('a URL', () => server.output().stdout.includes('}') && server.output().stdout);
  url = new URL((JSON.parse(text) as { url: string }).url);
});

afterAll(async () => {
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
});

const TRANSPORTS = {
  stdio: () => new StdioClientTransport({ command: process.execPath, args: [BIN, 'mcp'] }),
  http: () => new StreamableHTTPClientTransport(url),
};

describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('MCP over %s', (kind) => {
  let client: Client;
  const call = (name: string, args: object = {}): Promise<Json> => client.callTool({ name, arguments: args as Record<string, unknown> });

  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1' });
    await client.connect(TRANSPORTS[kind]());
  });
  afterAll(() => client.close());

  it('has fewer than 25 tools with schemas, none under a name that OpenEnv reserves', async () => {
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['createWorld', 'observe', 'removeWorld', 'moveTo', 'dig', 'placeBlock', 'chat']));
    expect(tools.length).toBeLessThan(25);
    expect(names.filter((name) => ['reset', 'step', 'state', 'close'].includes(name))).toEqual([]);
    for (const { inputSchema, outputSchema, description } of tools) {
      expect(inputSchema.type).toBe('object');
      expect(outputSchema).toBeDefined();
      expect(description?.length).toBeGreaterThan(10);
    }
  });

  it('plays a world by handles, and tells refusals as errors with the same structure', async () => {
    const made = await call('createWorld', { scenario: 'reach-flat-v1', seed: 3 });
    const { worldId, agents } = made.structuredContent;
    const { goal } = made.structuredContent;
    expect(goal.length).toBeGreaterThan(10);
    expect(agents).toEqual([{ agentId: 'ada', goal, text: expect.stringContaining(`Task: ${goal}`) }]);
    const handles = { worldId, agentId: 'ada' };
    const waited = await call('wait', { ...handles, ticks: 10 });
    expect(waited.isError).toBeFalsy();
    expect(waited.structuredContent).toMatchObject({
      ...handles,
      goal,
      tick: 10,
      ticks: 10,
      done: false,
      result: { name: 'wait', status: 'done' },
    });
    const refused = await call('moveTo', { ...handles, x: -9, y: 4, z: 4 });
    expect(refused).toMatchObject({ isError: true, structuredContent: { ticks: 0, result: { status: 'refused', code: 'outside-world' } } });
    expect((await call('observe', handles)).structuredContent).toMatchObject({ tick: 10 });
    const [x, z] = /goal 1: at ([\d.]+) [\d.]+ ([\d.]+)/.exec(agents[0].text)!.slice(1).map(Number);
    const there = await call('moveTo', { ...handles, x, y: 4, z });
    expect(there.structuredContent).toMatchObject({ done: true, terminated: true });
    expect(there.structuredContent.reward).toBeGreaterThan(0);
    expect(await call('wait', handles)).toMatchObject({ isError: true });
    expect((await call('createWorld', { worldId })).structuredContent.agents[0].text).toContain('[0.0 s]');
    expect((await call('removeWorld', { worldId })).isError).toBeFalsy();
    expect(await call('observe', handles)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('worldId must be') }],
    });
  });

  it('keeps worlds apart, and calls into one world in order', async () => {
    const worlds = await Promise.all([1, 1].map((seed) => call('createWorld', { scenario: 'plates-and-door-v1', seed })));
    const [one, two] = worlds.map(({ structuredContent }) => structuredContent.worldId as string);
    expect(one).not.toBe(two);
    const ticks = await Promise.all([5, 7].map((n) => call('wait', { worldId: one, agentId: n === 5 ? 'ada' : 'bob', ticks: n })));
    // Whichever came first: the other waited for it to end.
    expect([
      [5, 12],
      [12, 7],
    ]).toContainEqual(ticks.map(({ structuredContent }) => structuredContent.tick));
    expect((await call('observe', { worldId: two, agentId: 'bob' })).structuredContent.tick).toBe(0);
    for (const worldId of [one, two]) await call('removeWorld', { worldId });
  });

  it('refuses to make another world of one that exists, and tells each agent its task', async () => {
    const made = (await call('createWorld', { scenario: 'agree-goods-v1', seed: 1 })).structuredContent;
    const { worldId } = made;
    const goals = made.agents.map(({ goal }: Json) => goal);
    expect(new Set(goals).size).toBe(goals.length);
    expect((await call('observe', { worldId, agentId: made.agents[1].agentId })).structuredContent.goal).toBe(goals[1]);
    for (const choice of [{ scenario: 'reach-flat-v1' }, { agents: ['eve'] }, { split: 'train' }, { others: 'nonsense' }]) {
      const [name] = Object.keys(choice);
      expect(await call('createWorld', { worldId, ...choice })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(new RegExp(`nothing else but a seed; got ${name} .* Leave ${name} out`)) }],
      });
    }
    const again = (await call('createWorld', { worldId, seed: 1 })).structuredContent;
    expect(again).toEqual(made);
    await call('removeWorld', { worldId });
  });

  it('says what is wrong with a scenario, an agent and an argument', async () => {
    expect(await call('createWorld', { scenario: 'reach-flta-v1' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('Did you mean "reach-flat-v1"?') }],
    });
    const { worldId } = (await call('createWorld', { scenario: 'reach-flat-v1' })).structuredContent;
    expect(await call('wait', { worldId, agentId: 'eve' })).toMatchObject({ isError: true });
    expect(await call('wait', { worldId, agentId: 'ada', ticks: 'many' })).toMatchObject({ isError: true });
    await call('removeWorld', { worldId });
  });
});
