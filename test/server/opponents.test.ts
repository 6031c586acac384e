// Agents that the server plays in a client's batch: they do what their policy does in this process, whatever the client sends for them.
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync } from '@kinovox/env';
import { BatchServer, findScenario } from 'kinovox';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchTestClient, stepMessage } from './batch-client.js';

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
