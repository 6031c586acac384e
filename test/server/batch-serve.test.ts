// The batch server over a real socket: its arrays are those of an environment in this process, and its limits hold.
import { readFileSync } from 'node:fs';
import { BatchEnv, createBatchEnvSync } from '@kinovox/env';
import { BATCH_HEADER_BYTES } from '@kinovox/world';
import { BatchServer, findScenario, renderPythonCatalog } from 'kinovox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RigidWorld } from '../../packages/physics/src/rigid/rigid-world.js';
import { STAGES } from '../../packages/physics/src/tick.js';
import { BatchTestClient, stepMessage } from './batch-client.js';
import { eventually, startKinovox } from './command.js';

const servers: BatchServer[] = [];

async function serve(options: Partial<ConstructorParameters<typeof BatchServer>[0]> = {}): Promise<BatchServer> {
  const server = new BatchServer({ port: 0, seed: 5, ...options });
  servers.push(server);
  await server.listen();
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

it('has Python register the scenarios that there are; run "npm run docs" to renew', () => {
  expect(readFileSync('python/kinovox/catalog.json', 'utf8')).toBe(renderPythonCatalog());
});

describe('a batch server', () => {
  it('gives the arrays of an environment in this process, over the end of episodes', async () => {
    const client = new BatchTestClient((await serve()).url);
    expect(await client.next()).toMatchObject({ type: 'hello', protocol: 2 });
    const spec = await client.ask<{ arrays: { name: string; offset: number }[]; arrayBytes: number }>({
      type: 'make',
      scenario: 'reach-flat-v1',
      numWorlds: 3,
    });
    const env = createBatchEnvSync({ scenario: findScenario('reach-flat-v1'), numWorlds: 3, seed: 5 });
    env.reset();
    const at = (name: string) => BATCH_HEADER_BYTES + spec.arrays.find((array) => array.name === name)!.offset;
    const first = await client.ask<Buffer>({ type: 'reset' });
    expect(first.subarray(at('observations'), at('rewards'))).toEqual(Buffer.from(new Uint8Array(env.observations.vector.slice().buffer)));
    const actions = new Float32Array(env.actionLength).fill(0.5);
    let numEnded = 0;
    for (let t = 0; t < 310; t++) {
      const reply = await client.ask<Buffer>(stepMessage(actions));
      const { rewards, ended, finalObservations } = env.stepSync(actions);
      expect(reply.subarray(at('observations'), at('rewards'))).toEqual(
        Buffer.from(new Uint8Array(env.observations.vector.slice().buffer)),
      );
      expect(reply.subarray(at('rewards'), at('terminated'))).toEqual(Buffer.from(new Uint8Array(rewards.slice().buffer)));
      expect(reply.subarray(at('ended'), at('ended') + 3)).toEqual(Buffer.from(ended));
      const isFinal = ended.includes(1);
      if (isFinal) {
        const size = finalObservations.length / 3;
        const packed = [0, 1, 2].filter((row) => ended[row] === 1).map((row) => finalObservations.slice(row * size, (row + 1) * size));
        expect(reply.subarray(BATCH_HEADER_BYTES + spec.arrayBytes)).toEqual(Buffer.concat(packed.map((row) => Buffer.from(row.buffer))));
      }
      if (!isFinal) expect(reply.length).toBe(BATCH_HEADER_BYTES + spec.arrayBytes);
      if (isFinal) numEnded++;
    }
    expect(numEnded).toBeGreaterThan(0);
    client.socket.terminate();
  }, 60_000);

  it('holds the actions of a step for several ticks and answers with their sums', async () => {
    const client = new BatchTestClient((await serve()).url);
    await client.next();
    const made = { type: 'make', scenario: 'reach-flat-v1', numWorlds: 2, deliver: ['way', 'terms', 'outcome'] };
    const spec = await client.ask<{ arrays: { name: string; offset: number }[]; repeat: number }>({ ...made, repeat: 7 });
    expect(spec.repeat).toBe(7);
    const env = createBatchEnvSync({ scenario: findScenario('reach-flat-v1'), numWorlds: 2, seed: 5, shaping: true, repeat: 7 });
    env.reset();
    await client.ask({ type: 'reset' });
    const from = (array: Float32Array | Int32Array | Uint8Array) => Buffer.from(new Uint8Array(array.slice().buffer));
    const actions = new Float32Array(env.actionLength).fill(0.5);
    let numEnded = 0;
    for (let decision = 0; decision < 50; decision++) {
      const reply = await client.ask<Buffer>(stepMessage(actions));
      const { observations, rewards, rewardTerms, wayLeft, ended, endStatus } = env.stepSync(actions);
      const parts = {
        observations: observations.vector,
        rewards,
        reward_terms: rewardTerms,
        way_left: wayLeft!,
        ended,
        outcome: endStatus,
      };
      for (const [name, array] of Object.entries(parts)) {
        const at = BATCH_HEADER_BYTES + spec.arrays.find((one) => one.name === name)!.offset;
        expect(reply.subarray(at, at + array.byteLength), name).toEqual(from(array));
      }
      numEnded += ended[0];
    }
    expect(numEnded).toBeGreaterThan(0);
    const { rows } = await client.ask<{ rows: string[] }>({ type: 'hashes' });
    expect(rows).toEqual(env.rowHashes());
    expect((await client.ask({ ...made, repeat: 0 })).code).toBe('request');
    const refused = await client.ask({ ...made, repeat: 2, engine: 'webgpu' });
    expect(refused.code).toBe('repeat-engine');
    expect(refused.message).toMatch(/^repeat must be 1 with the engine "webgpu".*got 2\. Make the batch with "cpu"/);
    expect((await client.ask({ ...made, repeat: 2, engine: 'gpujs' })).code).toBe('repeat-engine');
    client.socket.terminate();
  });

  it('answers mistakes with a sentence and goes on', async () => {
    const client = new BatchTestClient((await serve({ maxWorlds: 8 })).url);
    await client.next();
    const code = async (message: object | Buffer) => (await client.ask(message)).code;
    expect(await code(stepMessage(new Float32Array(1)))).toBe('make-needed');
    expect(await code({ type: 'make', scenario: 'reach-flatt-v1' })).toBe('unknown-scenario');
    expect(await code({ type: 'make', scenario: 'reach-flat-v1', numWorlds: 9 })).toBe('max-worlds');
    expect(await code({ type: 'make', scenario: 'reach-flat-v1', word: 1 })).toBe('request');
    expect((await client.ask({ type: 'make', scenario: 'reach-flat-v1' })).type).toBe('spec');
    expect(await code(stepMessage(new Float32Array(11)))).toBe('reset-needed');
    await client.ask({ type: 'reset' });
    expect(await code(stepMessage(new Float32Array(12)))).toBe('step-length');
    expect(await client.ask(stepMessage(new Float32Array(11)))).toBeInstanceOf(Buffer);
    client.socket.terminate();
  });

  it('keeps clients apart, frees what a lost one held, and counts', async () => {
    const server = await serve({ maxWorlds: 4 });
    const [one, other] = [new BatchTestClient(server.url), new BatchTestClient(server.url)];
    for (const client of [one, other]) await client.next();
    await one.ask({ type: 'make', scenario: 'tag-v1', numWorlds: 4 });
    expect((await other.ask({ type: 'make', scenario: 'tag-v1' })).code).toBe('max-worlds');
    one.socket.terminate();
    await eventually('the lost client to be forgotten', () => server.numClients === 1);
    expect((await other.ask({ type: 'make', scenario: 'tag-v1', numWorlds: 4 })).type).toBe('spec');
    await other.ask({ type: 'reset' });
    await other.ask(stepMessage(new Float32Array(4 * 3 * 11)));
    const page = server.url.replace('ws:', 'http:');
    expect(await (await fetch(`${page}/healthz`)).text()).toBe('ok\n');
    const answer = await fetch(`${page}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const metrics = await answer.text();
    expect(metrics).toContain('# TYPE kinovox_tick_duration_seconds histogram\n');
    expect(metrics).toContain('kinovox_connected_clients 1\n');
    expect(metrics).toContain('kinovox_batch_steps_total 1\n');
    expect(metrics).toContain('kinovox_crashed_worlds_total 0\n');
    expect(metrics).toContain('kinovox_env_steps_total 12\n');
    expect(metrics).toContain('kinovox_worlds 4\n');
    expect(metrics).toContain('kinovox_tick_duration_seconds_count 1\n');
    expect(metrics).toContain('kinovox_tick_duration_seconds_bucket{le="+Inf"} 1\n');
    other.socket.terminate();
  });

  it('refuses clients without its token, and more clients than it serves', async () => {
    const server = await serve({ token: 'secret', maxClients: 1 });
    const refused = new BatchTestClient(server.url);
    const status = new Promise((resolve) => refused.socket.on('unexpected-response', (_, response) => resolve(response.statusCode)));
    expect(await status).toBe(401);
    const client = new BatchTestClient(server.url, 'secret');
    await client.next();
    const late = new BatchTestClient(server.url, 'secret');
    expect(await new Promise((resolve) => late.socket.on('unexpected-response', (_, response) => resolve(response.statusCode)))).toBe(503);
    client.socket.terminate();
  });

  it('closes a client that floods it', async () => {
    const client = new BatchTestClient((await serve()).url);
    await client.next();
    await client.ask({ type: 'make', scenario: 'tag-v1', numWorlds: 64 });
    for (let i = 0; i < 200; i++) client.socket.send('{"type":"reset"}');
    await eventually('the close', () => client.closed);
    expect(client.closed?.code).toBe(1008);
  });

  it('computes nothing for a client that does not read', async () => {
    const server = await serve();
    const client = new BatchTestClient(server.url);
    await client.next();
    const numWorlds = 2048;
    const spec = await client.ask<{ arrayBytes: number }>({
      type: 'make',
      scenario: 'tag-v1',
      numWorlds,
      observation: { crop: 9 },
      deliver: ['crop'],
    });
    // Fifteen of them are more than a system's socket buffers take.
    expect(spec.arrayBytes).toBeGreaterThan(8_000_000);
    await client.ask({ type: 'reset' });
    const steps = async () => {
      const text = await (await fetch(`${server.url.replace('ws:', 'http:')}/metrics`)).text();
      return Number(/kinovox_batch_steps_total (\d+)/.exec(text)?.[1]);
    };
    client.socket.pause();
    const message = stepMessage(new Float32Array(numWorlds * 3 * 11));
    for (let i = 0; i < 15; i++) client.socket.send(message);
    let [before, now, still] = [-1, 0, 0];
    while (still < 20) {
      [before, now] = [now, await steps()];
      still = now > 0 && now === before ? still + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(now).toBeLessThan(15);
    client.socket.resume();
    for (let i = 0; i < 15; i++) await client.next();
    expect(await steps()).toBe(15);
    client.socket.terminate();
  }, 60_000);

  it('tells of a world that crashed, and goes on with the others', async () => {
    const server = await serve();
    const client = new BatchTestClient(server.url);
    await client.next();
    const spec = await client.ask<{ arrays: { name: string; offset: number }[] }>({
      type: 'make',
      scenario: 'push-crate-v1',
      numWorlds: 2,
      engine: 'rigid',
    });
    await client.ask({ type: 'reset' });
    const { offset } = spec.arrays.find(({ name }) => name === 'ended')!;
    const flagsAndEnds = async () => {
      const reply = await client.ask<Buffer>(stepMessage(new Float32Array(2 * 11)));
      const at = BATCH_HEADER_BYTES + offset;
      return [reply.readUInt32LE(12), reply[at], reply[at + 1]];
    };
    expect(await flagsAndEnds()).toEqual([0, 0, 0]);
    const step = RigidWorld.prototype.step;
    let calls = 0;
    const broken = vi.spyOn(RigidWorld.prototype, 'step').mockImplementation(function (this: RigidWorld, ...args) {
      if (++calls === 2) throw new Error('unreachable');
      step.apply(this, args);
    });
    expect(await flagsAndEnds()).toEqual([3, 0, 2]);
    broken.mockRestore();
    expect(await flagsAndEnds()).toEqual([0, 0, 0]);
    expect(await client.ask({ type: 'crashes' })).toEqual({ type: 'crashes', crashes: [{ row: 1, message: 'unreachable' }] });
    expect(await client.ask({ type: 'crashes' })).toEqual({ type: 'crashes', crashes: [] });
    const metrics = await (await fetch(`${server.url.replace('ws:', 'http:')}/metrics`)).text();
    expect(metrics).toContain('kinovox_crashed_worlds_total 1\n');
    client.socket.terminate();
  });

  it('tells of a world that failed in a stage, and the hashes of the others are as ever', async () => {
    const server = await serve();
    const stage = STAGES.find(({ name }) => name === 'accelerate')!;
    const { run } = stage;
    const play = async () => {
      const client = new BatchTestClient(server.url);
      await client.next();
      await client.ask({ type: 'make', scenario: 'tag-v1', numWorlds: 4, seed: 3 });
      await client.ask({ type: 'reset' });
      const flags: number[] = [];
      for (let t = 0; t < 6; t++)
        flags.push((await client.ask<Buffer>(stepMessage(new Float32Array(4 * 3 * 11).fill(0.5)))).readUInt32LE(12));
      const { rows } = await client.ask<{ rows: string[] }>({ type: 'hashes' });
      const { crashes } = await client.ask<{ crashes: unknown[] }>({ type: 'crashes' });
      client.socket.terminate();
      return { flags, rows, crashes };
    };
    const undisturbed = await play();
    stage.run = (c, w0, w1) => {
      if (w0 > 2 || c.state.tick[2] !== 4 || c.state.episode[2] > 0) return run(c, w0, w1);
      run(c, w0, 3);
      throw new Error('planted');
    };
    const crashed = await play();
    stage.run = run;
    expect(undisturbed).toMatchObject({ flags: [0, 0, 0, 0, 0, 0], crashes: [] });
    expect(crashed).toMatchObject({ flags: [0, 0, 0, 3, 0, 0], crashes: [{ row: 2, message: 'planted' }] });
    expect(crashed.rows.map((hash, row) => hash === undisturbed.rows[row])).toEqual([true, true, false, true]);
  });

  it('gives up a batch whose tick failed, and no other', async () => {
    const server = await serve();
    const [one, other] = [new BatchTestClient(server.url), new BatchTestClient(server.url)];
    for (const client of [one, other]) {
      await client.next();
      await client.ask({ type: 'make', scenario: 'tag-v1' });
      await client.ask({ type: 'reset' });
    }
    const message = stepMessage(new Float32Array(3 * 11));
    const broken = vi.spyOn(BatchEnv.prototype, 'step').mockRejectedValueOnce(new Error('unreachable.'));
    expect(await one.ask(message)).toMatchObject({
      code: 'batch-failed',
      message: expect.stringMatching(/unreachable.*Make the batch anew/),
    });
    broken.mockRestore();
    expect(await one.ask(message)).toMatchObject({ code: 'make-needed' });
    expect(await other.ask(message)).toBeInstanceOf(Buffer);
    await one.ask({ type: 'make', scenario: 'tag-v1' });
    await one.ask({ type: 'reset' });
    expect(await one.ask(message)).toBeInstanceOf(Buffer);
    for (const client of [one, other]) client.socket.terminate();
  });

  it('tells clients and ends at SIGTERM', async () => {
    const { child, ended, output } = startKinovox(['serve', '--port', '0', '--shard', '1/2', '--seed', '3']);
    const url = await eventually('a URL', () => /ws:\S+\d/.exec(output().stdout)?.[0]);
    const client = new BatchTestClient(url);
    await client.next();
    expect((await client.ask({ type: 'make', scenario: 'tag-v1' })).seed).toBe(3 + 2 ** 20);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    await eventually('the close', () => client.closed);
    expect(client.closed?.code).toBe(1001);
  });
});
