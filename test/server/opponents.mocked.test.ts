// Agents that the server plays in a client's batch: they do what their policy does in this process, whatever the client sends for them.
import { readFileSync } from 'node:fs';
import { type AgentView, createPolicy, runPolicies } from '@kinovox/agents';
import { type BatchEnv, createBatchEnvSync } from '@kinovox/env';
import { BatchServer, findScenario } from 'kinovox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seatOpponents } from '../../packages/server/src/batch-serve/opponents.js';
import { BatchTestClient, stepMessage } from './batch-client.js';

vi.mock('@kinovox/agents', { spy: true });

const servers: BatchServer[] = [];
const TICKS = 60;
const FORWARD = 1;
const BACK = 2;

async function connected(): Promise<BatchTestClient> {
  const server = new BatchServer({ port: 0, seed: 5 });
  servers.push(server);
  await server.listen();
  const client = new BatchTestClient(server.url);
  await client.next();
  return client;
}

/** Row hashes after some ticks in which chasers walk and the client sends `runner` for the runner, as a choice of the discrete profile. */
async function hashesAfter(runner: number, opponents?: Record<string, string>): Promise<unknown> {
  const client = await connected();
  const made = await client.ask({ type: 'make', scenario: 'tag-v1', numWorlds: 2, actionProfile: 'discrete', opponents });
  expect(made.opponents).toEqual(opponents && [null, null, 'scripted']);
  await client.ask({ type: 'reset' });
  const actions = Float32Array.from({ length: 6 }, (_, i) => (i % 3 === 2 ? runner : FORWARD));
  for (let t = 0; t < TICKS; t++) await client.ask(stepMessage(actions));
  const { rows } = await client.ask({ type: 'hashes' });
  client.socket.terminate();
  return rows;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('opponents of a batch', () => {
  it('act as their policy does in this process, in native rows beside discrete choices', async () => {
    const env = createBatchEnvSync({ scenario: findScenario('tag-v1'), numWorlds: 2, seed: 5 });
    env.reset();
    const run = runPolicies(env, { runner: createPolicy('scripted'), default: createPolicy('idle') });
    const rowLength = env.actionLength / 6;
    for (let t = 0; t < TICKS; t++) {
      const actions = run.act();
      for (const agent of [0, 1, 3, 4]) actions[agent * rowLength] = 1;
      env.stepSync(actions);
    }
    expect(await hashesAfter(FORWARD, { runner: 'scripted' })).toEqual(env.rowHashes());
  });

  it('ignore what a client sends for them, which without them counts', async () => {
    expect(await hashesAfter(FORWARD, { runners: 'scripted' })).toEqual(await hashesAfter(BACK, { runner: 'scripted' }));
    expect(await hashesAfter(FORWARD)).not.toEqual(await hashesAfter(BACK));
  });

  it.each([
    [{ runer: 'scripted' }, 'Did you mean "runner"?'],
    [{ runner: 'scriptd' }, 'Did you mean "scripted"?'],
    [{ default: 'idle' }, 'got "default"'],
    [{ runners: 'idle', chasers: 'idle' }, 'must leave an agent to the client'],
  ])('are refused by name: %j', async (opponents, sentence) => {
    const client = await connected();
    const reply = await client.ask({ type: 'make', scenario: 'tag-v1', opponents });
    expect(reply.message).toContain(sentence);
    expect(reply.type).toBe('error');
    client.socket.terminate();
  });
});

describe('opponents of a batch whose decisions are held', () => {
  const MAX_TICKS = 10;
  /** Two rows whose episodes end in the middle of the third decision; `act` decides for the runner. */
  function heldBatch(autoreset: 'same-step' | 'next-step', act: (env: BatchEnv, view: AgentView) => void) {
    const tag = JSON.parse(readFileSync(findScenario('tag-v1'), 'utf8'));
    const scenario = { ...tag, episode: { ...tag.episode, maxTicks: MAX_TICKS } };
    const env = createBatchEnvSync({ scenario, numWorlds: 2, seed: 5, repeat: 4, autoreset });
    const calls = { reset: 0, act: 0 };
    vi.mocked(createPolicy).mockReturnValueOnce({
      name: 'told',
      create: () => ({
        reset: () => void calls.reset++,
        act(view) {
          calls.act++;
          act(env, view);
        },
      }),
    });
    seatOpponents(env, { runner: 'told' });
    env.reset();
    const step = (times: number) => {
      for (let k = 0; k < times; k++) env.stepSync(new Float32Array(env.actionLength));
      return { ...calls, ended: Array.from(env.stepResult.ended), crashes: env.takeCrashes().map(({ row }) => row) };
    };
    return { env, step };
  }

  it.each(['same-step', 'next-step'] as const)(
    'are asked in the ticks of an episode and in none after its end, with autoreset %s',
    (autoreset) => {
      const { env, step } = heldBatch(autoreset, () => undefined);
      expect(step(3)).toEqual({ reset: 2, act: 2 * MAX_TICKS, ended: [1, 1], crashes: [] });
      if (autoreset === 'next-step') expect(step(1)).toEqual({ reset: 2, act: 2 * MAX_TICKS, ended: [0, 0], crashes: [] });
      expect(step(1)).toEqual({ reset: 4, act: 2 * (MAX_TICKS + 4), ended: [0, 0], crashes: [] });
      env.close();
    },
  );

  it('that fail as an episode begins cost that episode, not the one before', () => {
    const { env, step } = heldBatch('same-step', ({ engine: { state } }, { row }) => {
      if (row === 1 && state.episode[row] === 1 && state.tick[row] === 0) throw new Error('no plan');
    });
    expect(step(3)).toMatchObject({ ended: [1, 1], crashes: [] });
    expect(step(1)).toMatchObject({ ended: [0, 1], crashes: [1] });
    env.close();
  });
});
