// Shared memory between the batch server and a client: what lies where, who may open it, and that nothing stays behind.
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as nodePath from 'node:path';
import { BatchEnv } from '@kinovox/env';
import { BATCH_HEADER_BYTES, BATCH_KIND, type SharedMemorySpec, writeBatchHeader } from '@kinovox/world';
import { BatchServer } from 'kinovox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryProblem, sweepMemory } from '../../packages/server/dist/batch-serve/shared-memory.js';
import { BatchTestClient, stepMessage } from './batch-client.js';
import { eventually } from './command.js';

const servers: BatchServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Spec {
  arrayBytes: number;
  sharedMemory: SharedMemorySpec;
}

async function made(): Promise<{ client: BatchTestClient; spec: Spec; server: BatchServer }> {
  const server = new BatchServer({ port: 0, seed: 5 });
  servers.push(server);
  await server.listen();
  const client = new BatchTestClient(server.url);
  await client.next();
  const spec = await client.ask<Spec>({ type: 'make', scenario: 'tag-v1', numWorlds: 2, transport: 'shared-memory' });
  return { client, spec, server };
}

/** Opens both names, as a client does; the mapping is replaced by reads and writes of the file. */
async function opened({ file, bell }: SharedMemorySpec) {
  const fd = fs.openSync(file, 'r+');
  const socket = net.connect(bell);
  let heard = Buffer.alloc(0);
  let ended = false;
  socket.on('data', (data) => (heard = Buffer.concat([heard, data])));
  socket.on('close', () => (ended = true));
  socket.on('error', () => undefined);
  const take = async (bytes: number) => {
    await eventually('a ring', () => heard.length >= bytes);
    const taken = heard.subarray(0, bytes);
    heard = heard.subarray(bytes);
    return taken;
  };
  const greeted = await take(8);
  return {
    fd,
    socket,
    greeted,
    isEnded: () => ended,
    async ring(step: number) {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(step);
      socket.write(word);
      const answer = await take(8);
      return { step: answer.readUInt32LE(0), error: (await take(answer.readUInt32LE(4))).toString() };
    },
  };
}

describe.skipIf(process.platform !== 'linux')('shared memory', () => {
  it('gives the results of WebSocket, in two places that take turns', async () => {
    const [one, other] = [await made(), await made()];
    const { sharedMemory, arrayBytes } = one.spec;
    const memory = await opened(sharedMemory);
    expect(memory.greeted).toEqual(Buffer.alloc(8));
    await one.client.ask({ type: 'reset' });
    await other.client.ask({ type: 'reset' });
    const actions = new Float32Array(2 * 3 * 11);
    for (let step = 1; step <= 20; step++) {
      for (let i = 0; i < actions.length; i++) actions[i] = Math.fround(Math.sin(i + 7 * step));
      const message = stepMessage(actions, step);
      fs.writeSync(memory.fd, message, 0, message.length, sharedMemory.step);
      expect(await memory.ring(step)).toEqual({ step, error: '' });
      const bytes = Buffer.alloc(BATCH_HEADER_BYTES + arrayBytes);
      fs.readSync(memory.fd, bytes, 0, bytes.length, sharedMemory.results[step & 1]);
      expect(bytes).toEqual(await other.client.ask<Buffer>(message));
    }
    for (const { client } of [one, other]) client.socket.terminate();
    fs.closeSync(memory.fd);
  });

  it('is open to one client of the same user, and its names go when that has come', async () => {
    const { client, spec } = await made();
    const { file, bell } = spec.sharedMemory;
    const folder = nodePath.dirname(file);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(file).size).toBe(spec.sharedMemory.bytes);
    const memory = await opened(spec.sharedMemory);
    expect(fs.existsSync(folder)).toBe(false);
    expect(nodePath.dirname(bell)).toBe(folder);
    fs.closeSync(memory.fd);
    client.socket.terminate();
  });

  it('tells mistakes through the bell and goes on', async () => {
    const { client, spec } = await made();
    const memory = await opened(spec.sharedMemory);
    expect(JSON.parse((await memory.ring(1)).error)).toMatchObject({ type: 'error', code: 'reset-needed' });
    await client.ask({ type: 'reset' });
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    writeBatchHeader(new DataView(header.buffer), BATCH_KIND.step, 2, 0);
    fs.writeSync(memory.fd, header, 0, header.length, spec.sharedMemory.step);
    expect((await memory.ring(2)).error).toBe('');
    fs.closeSync(memory.fd);
    client.socket.terminate();
  });

  it('tells that a batch failed before it goes with it', async () => {
    const { client, spec } = await made();
    const memory = await opened(spec.sharedMemory);
    await client.ask({ type: 'reset' });
    const broken = vi.spyOn(BatchEnv.prototype, 'step').mockRejectedValueOnce(new Error('unreachable.'));
    expect(JSON.parse((await memory.ring(1)).error)).toMatchObject({ code: 'batch-failed' });
    broken.mockRestore();
    await eventually('the bell to end', memory.isEnded);
    expect((await client.ask<Spec>({ type: 'make', scenario: 'tag-v1' })).arrayBytes).toBeGreaterThan(0);
    fs.closeSync(memory.fd);
    client.socket.terminate();
  });

  it('goes with its client, whether that had opened it or not', async () => {
    const { client, spec, server } = await made();
    const { client: other, spec: unopened } = await made();
    const memory = await opened(spec.sharedMemory);
    expect(fs.existsSync(unopened.sharedMemory.file)).toBe(true);
    client.socket.terminate();
    other.socket.terminate();
    await eventually('the bell to end', memory.isEnded);
    await eventually('the names to go', () => !fs.existsSync(unopened.sharedMemory.file));
    expect(server.numClients).toBe(0);
    fs.closeSync(memory.fd);
  });

  it('leaves steps to WebSocket where the client is elsewhere, and says so', () => {
    expect(memoryProblem('127.0.0.1')).toBeUndefined();
    expect(memoryProblem('::ffff:127.0.0.1')).toBeUndefined();
    expect(memoryProblem('10.0.0.7')).toMatch(/same machine.*Steps go over WebSocket/);
    expect(memoryProblem(undefined)).toMatch(/same machine/);
  });

  it('sweeps what dead servers left, and nothing else', async () => {
    const { client, spec } = await made();
    // No process has a number above the system's highest.
    const left = fs.mkdtempSync('/dev/shm/kinovox-99999999-');
    const strange = fs.mkdtempSync('/dev/shm/kinovox-test-');
    sweepMemory();
    expect(fs.existsSync(left)).toBe(false);
    expect(fs.existsSync(strange)).toBe(true);
    expect(fs.existsSync(spec.sharedMemory.file)).toBe(true);
    fs.rmSync(strange, { recursive: true });
    client.socket.terminate();
  });
});
