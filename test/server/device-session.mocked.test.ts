/**
 * A client's batch on a device, whose worlds lie elsewhere. `AsyncBatchEnv` is the same over every engine, so "cpu" stands in for the device here:
 * what is held is that the session asks for it, waits for it, and refuses what needs worlds in memory.
 */
import { createBatchEnvSync } from '@kinovox/env';
import { BATCH_HEADER_BYTES } from '@kinovox/world';
import { findScenario } from 'kinovox';
import { describe, expect, it, vi } from 'vitest';
import { BatchSession, type SessionHost } from '../../packages/server/src/batch-serve/session.js';

const asked: unknown[] = [];
vi.mock('@kinovox/env', async (original) => {
  const env = await original<typeof import('@kinovox/env')>();
  return {
    ...env,
    createAsyncBatchEnv: (options: Parameters<typeof env.createAsyncBatchEnv>[0]) => {
      asked.push(options.engine);
      return env.createAsyncBatchEnv({ ...options, engine: 'cpu' });
    },
  };
});

const host: SessionHost = {
  seed: 0,
  scenarioPath: findScenario,
  admit: () => undefined,
  shareMemory: async () => ({}),
  freeMemory: () => undefined,
  onStep: () => undefined,
  onCrash: () => undefined,
  onRestart: () => undefined,
  onEpisode: () => undefined,
};

async function openSession(engine = 'webgpu') {
  const session = new BatchSession(host);
  const ask = async (message: object) => JSON.parse((await session.request(JSON.stringify(message))) as string);
  const spec = await ask({ type: 'make', scenario: 'tag-v1', numWorlds: 3, seed: 4, engine, deliver: ['masks', 'terms', 'outcome'] });
  return { session, ask, spec };
}

const joined = (parts: readonly Uint8Array[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

describe('a session on a device', () => {
  it('gives the bytes of one in memory: resets, steps, masks, hashes, snapshots, episodes', async () => {
    asked.length = 0;
    const [device, memory] = [await openSession(), await openSession('cpu')];
    expect(asked).toEqual(['webgpu']);
    expect(device.spec).toEqual(memory.spec);
    const both = async (act: (one: typeof device) => Promise<unknown>) => {
      const [mine, theirs] = [await act(device), await act(memory)];
      expect(mine).toEqual(theirs);
      return mine;
    };
    await both(async ({ session }) => joined((await session.request('{"type":"reset"}')) as Uint8Array[]));
    const step = (tick: number) =>
      both(async ({ session }) => {
        session.actions.forEach((_, k) => {
          session.actions[k] = Math.sin(k + tick);
        });
        return joined(await session.advance(tick));
      });
    for (let tick = 1; tick < 30; tick++) await step(tick);
    const { ids } = (await both(({ ask }) => ask({ type: 'snapshot', rows: [1] }))) as { ids: number[] };
    await both(async ({ session }) =>
      joined((await session.request(JSON.stringify({ type: 'restore', rows: [0], snapshots: ids }))) as Uint8Array[]),
    );
    await step(30);
    const hashes = (await both(({ ask }) => ask({ type: 'hashes' }))) as { rows: string[] };
    expect(new Set(hashes.rows).size).toBe(3);
    const { episodes } = (await both(({ ask }) => ask({ type: 'episodes', rows: [0, 2] }))) as { episodes: { rowSeed: number }[] };
    expect(episodes.map(({ rowSeed }) => rowSeed)).toEqual([5, 6]);
    for (const { session } of [device, memory]) session.close();
  });

  it('refuses what needs worlds in memory, with what to do instead', async () => {
    const { ask, session } = await openSession();
    await session.request('{"type":"reset"}');
    for (const message of [
      { type: 'say', messages: [{ row: 0, slot: 0, text: 'hi' }] },
      { type: 'hear', rows: [0] },
      { type: 'text', rows: [0] },
    ])
      await expect(ask(message)).rejects.toThrow('must have worlds in memory');
    const opposed = { type: 'make', scenario: 'tag-v1', numWorlds: 3, engine: 'webgpu', opponents: { runner: 'scripted' } };
    await expect(ask(opposed)).rejects.toThrow(
      /^Opponents must have worlds in memory; .*Make it with engine "cpu" or "workers"; or play those agents yourself, in the rows of your actions\.$/,
    );
    // What was refused is not half there.
    await expect(ask({ type: 'hashes' })).rejects.toThrow('make');
    const held = await ask({ ...opposed, engine: 'workers' });
    expect(held.opponents).toEqual([null, null, 'scripted']);
    session.close();
  });
});

describe('observations in words', () => {
  it('are those of an environment of one world, first whole and then what changed, in any row', async () => {
    const { ask, session } = await openSession('cpu');
    await expect(ask({ type: 'text', rows: [0] })).rejects.toThrow('must be reset before');
    const env = createBatchEnvSync({ scenario: findScenario('tag-v1'), seed: 6, autoreset: 'disabled' });
    const { Env } = await import('@kinovox/env');
    const single = new Env(env);
    single.reset();
    const [runner] = single.agents;
    const first = joined((await session.request('{"type":"reset"}')) as Uint8Array[]);
    expect(first.length).toBeGreaterThan(BATCH_HEADER_BYTES);
    const row2 = async () => (await ask({ type: 'text', rows: [2], slots: [0] })).texts[0][0] as string;
    const opening = await row2();
    expect(opening).toBe(single.text(runner));
    expect(opening).toContain('You are ');
    for (let tick = 0; tick < 12; tick++) {
      session.actions.fill(0.5);
      await session.advance(tick);
      env.stepSync(new Float32Array(env.actionLength).fill(0.5));
    }
    const later = await row2();
    expect(later).toBe(single.text(runner));
    expect(later).not.toContain('You are ');
    expect((await ask({ type: 'text', rows: [0, 1] })).texts.map((texts: string[]) => texts.length)).toEqual([3, 3]);
    await expect(ask({ type: 'text', rows: [0], slots: [9] })).rejects.toThrow('A slot must be an integer in 0..2');
    await session.request('{"type":"reset"}');
    expect(await row2()).toContain('You are ');
    session.close();
  });
});
