// Clients that break off, send what nothing should have to read, or want what belongs to others: the OpenEnv server refuses them and goes on.
import { connect as connectSocket } from 'node:net';
import { findScenario, type OpenEnvServer } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { eventually, startKinovox } from './command.js';
import type { Json } from './openenv-client.js';
import { connect, served } from './openenv-serving.js';

const post = async (server: OpenEnvServer, path: string, body: string) => {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Json };
};
const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
const ask = async (server: OpenEnvServer, method: string, params: object = {}) =>
  (await post(server, '/mcp', JSON.stringify(rpc(method, params)))).body;

/** Asks for an upgrade, and resets the connection at once or once an answer comes. */
function resetUpgrade(url: URL, path: string, atOnce: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectSocket(Number(url.port), url.hostname);
    const reset = () => socket.resetAndDestroy();
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
        atOnce ? reset : undefined,
      );
    });
    socket.on('data', reset);
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

describe('connections that are reset', () => {
  it.each([
    ['openenv', ['openenv', '--scenario', 'reach-flat-v1', '--token', 'secret'], '/health'],
    ['mcp', ['mcp', '--http'], '/mcp'],
    ['model-server', ['model-server'], '/health'],
  ])('while %s refuses or takes them end no server', async (_, args, page) => {
    const server = startKinovox([...args, '--port', '0', '--json']);
    try {
      const text = await eventually('a URL', () => server.output().stdout.includes('}') && server.output().stdout);
      const url = new URL((JSON.parse(text) as { url: string }).url);
      for (let n = 0; n < 10; n++) for (const path of ['/ws', '/elsewhere', '/ws?token=secret']) await resetUpgrade(url, path, n % 2 === 0);
      expect((await fetch(new URL(page, url))).status).toBeGreaterThanOrEqual(200);
      expect(server.child.exitCode).toBeNull();
    } finally {
      server.child.kill('SIGTERM');
      await server.ended;
    }
  });
});

describe('messages that nobody can mean', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it('are refused as the client’s mistake where they are nested too deep, over each way in', async () => {
    const server = await served();
    const text = `{"seed":${deep(400_000)}}`;
    expect(await post(server, '/reset', text)).toMatchObject({ status: 422, body: { detail: [{ type: 'json_invalid' }] } });
    expect((await post(server, '/step', `{"action":{"name":${deep(70)}}}`)).status).toBe(422);
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"ticks":${deep(100_000)}}}}`;
    expect((await post(server, '/mcp', call)).body.error).toMatchObject({ code: -32700, message: expect.stringContaining('64 deep') });
    const client = connect(server);
    const refused = await client.ask(`{"type":"step","data":{"name":"wait","arguments":{"ticks":${deep(100_000)}}}}`);
    expect(refused).toMatchObject({ type: 'error', data: { code: 'INVALID_JSON', message: expect.stringContaining('64 deep') } });
    expect((await client.reset()).type).toBe('observation');
  });

  it('get short replies: few problems, beginnings of inputs and keys, and no list as long as a team of thousands', async () => {
    const server = await served();
    const long = 'x'.repeat(100_000);
    const client = connect(server);
    for (const data of [
      { name: long },
      { name: 'wait', [long]: 1 },
      { actions: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`a${n}`, 0])) },
      { actions: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`a${n}`, 0])) },
      { actions: { [long]: 0 } },
    ]) {
      const reply = await client.step(data);
      expect(reply).toMatchObject({ type: 'error', data: { code: 'VALIDATION_ERROR' } });
      expect(reply.data.errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(reply).length).toBeLessThan(20_000);
    }
    expect((await post(server, '/reset', JSON.stringify({ seed: long }))).text.length).toBeLessThan(1000);
    expect((await post(server, '/step', JSON.stringify({ action: { name: 5 } }))).body.detail[0].input).toBe(5);
  });
});

describe('sessions over HTTP', () => {
  it('are found by their ids alone, which nobody can guess; those of sockets belong to them', async () => {
    const server = await served();
    const client = connect(server, '/mcp');
    const own = (await client.ask(rpc('openenv/session/create'))).result.session_id as string;
    const { session_id } = (await ask(server, 'openenv/session/create')).result;
    expect(session_id).not.toBe(own);
    for (const id of [own, 'session-1', 'session-2']) {
      expect((await ask(server, 'tools/list', { session_id: id })).error).toMatchObject({ code: -32602 });
      expect((await ask(server, 'openenv/session/close', { session_id: id })).error).toMatchObject({ code: -32602 });
    }
    expect((await client.ask(rpc('tools/list'))).result.tools.length).toBeGreaterThan(3);
    expect((await ask(server, 'openenv/session/close', { session_id })).result).toMatchObject({ closed: true });
    expect(server.numSessions).toBe(1);
  });

  it('answer calls that come at the same time one after the other, and none after they are closed', async () => {
    // Steps of so many ticks yield to others.
    const server = await served({ scenario: findScenario('plates-and-door-v1') });
    const { session_id } = (await ask(server, 'openenv/session/create')).result;
    const wait = () => ask(server, 'tools/call', { session_id, name: 'wait', arguments: { ticks: 300 } });
    const replies = await Promise.all([wait(), wait(), wait()]);
    const infos = replies.map(({ result }) => result.structuredContent.info as { tick: number; ticks: number });
    expect(infos.map(({ tick }) => tick).sort((a, b) => a - b)).toEqual([300, 600, 900]);
    expect(infos.map(({ ticks }) => ticks)).toEqual([300, 300, 300]);
    const late = [wait(), wait()];
    await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = await ask(server, 'openenv/session/close', { session_id });
    expect(closed.result).toMatchObject({ closed: true });
    for (const reply of await Promise.all(late)) expect(reply.result ?? reply.error).toBeDefined();
    expect((await ask(server, 'tools/list', { session_id })).error).toMatchObject({ code: -32602 });
  });
});

describe('a client that does not read', () => {
  it('is cut off and loses its world', async () => {
    const server = await served({ sendTimeoutMs: 200, scenario: findScenario('plates-and-door-v1') });
    const client = connect(server);
    await client.reset();
    client.socket.pause();
    // Replies of some kilobytes each, until the buffers of the connection are full.
    const request = JSON.stringify({ type: 'step', data: { type: 'list_tools' } });
    for (let n = 0; n < 5000 && server.numSessions > 0; n++) {
      client.socket.send(request);
      if (n % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await eventually('no session', () => server.numSessions === 0);
    expect((await connect(server).reset()).type).toBe('observation');
  });
});
