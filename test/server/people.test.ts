// People in a live world over real sockets: what they say reaches language agents, what is refused, and what the run keeps of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LanguageEntrySchema } from '@kinovox/agents';
import { DecisionsSchema, type WireBytes } from '@kinovox/world';
import { type LiveHost, startHost } from 'kinovox';
import { afterEach, describe, expect, it } from 'vitest';
import { startModelServer } from '../../packages/server/src/model-server/model-server.js';
import { eventually, freshFolder, kinovox } from './command.js';
import { WatchingClient } from './watching-client.js';

const hosts: LiveHost[] = [];
const clients: WatchingClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const host of hosts.splice(0)) await host.close();
});

/** A world that runs, of which row 0 is recorded. */
async function serve(policy: string, out: string, numWorlds = 1): Promise<LiveHost> {
  const settings = {
    scenarioPath: 'scenarios/bridge-gap-v1.scenario.json',
    numWorlds,
    seed: 2,
    split: 'train',
    policy,
    engine: 'auto',
    out,
    recordRows: [0],
    command: [],
  } as const;
  const host = await startHost({ source: { batch: { settings, headlessTicks: 0, ticksPerSecond: 60, maxTicks: 0 } }, port: 0 });
  hosts.push(host);
  return host;
}

async function connect(host: LiveHost, token?: string): Promise<WatchingClient> {
  const client = new WatchingClient(host.url);
  clients.push(client);
  await client.greet(token);
  expect(await client.ask('watch', { world: 0 })).toEqual({ ok: true });
  return client;
}

/** Ends the run and verifies its recording. @returns what `replay --verify` printed. */
async function verify(host: LiveHost, out: string): Promise<string> {
  await host.close();
  hosts.splice(0);
  const { code, stdout } = await kinovox('replay', out, '--verify');
  expect(code).toBe(0);
  return stdout;
}

const LANGUAGE = 'ada=llm:examples/profiles/scripted.json,default=scripted';

describe('a person who speaks to agents', () => {
  it('is heard, with the token, in one line and with patience; the run keeps the words with their tick and verifies', async () => {
    const out = join(freshFolder(), 'run');
    const host = await serve(LANGUAGE, out);
    const person = await connect(host, host.access.token);
    const shown: string[] = [];
    person.socket.on('decisions', (bytes: WireBytes) => {
      const { entries } = DecisionsSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
      shown.push(...entries.flatMap(({ outcome, spoken }) => (outcome === 'heard' ? [spoken!] : [])));
    });
    expect(await person.ask('chat', { world: 0, text: '  Go to the bridge!  ' })).toEqual({ ok: true });
    expect(await person.ask('chat', { world: 0, slot: 0, text: 'And wait there.' })).toEqual({ ok: true });
    await eventually('both entries', () => shown.length === 2);
    expect(shown).toEqual(['Go to the bridge!', 'And wait there.']);

    const stranger = await connect(host);
    expect(await stranger.ask('chat', { world: 0, text: 'hello' })).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('token'),
    });
    expect(host.counters.unauthorised).toBe(1);
    const refusal = async (message: object) => {
      const reply = await person.ask('chat', message);
      return reply.ok ? 'taken' : reply.sentence;
    };
    expect(await refusal({ world: 0, text: ' ' })).toContain('at text');
    expect(await refusal({ world: 0, text: 'x'.repeat(257) })).toContain('at text');
    expect(await refusal({ world: 0, text: 'one\ntwo' })).toContain('one line');
    expect(await refusal({ world: 0, text: 'one\u2028two' })).toContain('one line');
    expect(await refusal({ world: 0, text: 'hello', from: 'ada' })).toContain('from');
    expect(host.counters.malformed).toBe(5);
    expect(await refusal({ world: 1, text: 'hello' })).toContain('the watched world; got 1');
    expect(await refusal({ world: 0, slot: 1, text: 'hello' })).toContain('no language agent');
    const replies = await Promise.all(Array.from({ length: 6 }, () => refusal({ world: 0, text: 'hello' })));
    expect(replies[0]).toBe('taken');
    expect(replies.at(-1)).toContain('Wait a moment');
    expect(await verify(host, out)).toContain('verified');
    const entries = readFileSync(join(out, 'decisions.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => LanguageEntrySchema.parse(JSON.parse(line)));
    const heard = entries.filter((entry) => entry.kind === 'heard');
    expect(heard.slice(0, 2).map(({ agent, from, text }) => [agent, from, text])).toEqual([
      ['ada', 'spectator', 'Go to the bridge!'],
      ['ada', 'spectator', 'And wait there.'],
    ]);
    expect(heard[0].tick).toBeLessThanOrEqual(heard[1].tick);
  });
});

describe('people who steer forks of worlds', () => {
  it('do not wait for a model that another fork waits for', async () => {
    let isStalled = false;
    const models = await startModelServer({ fault: () => (isStalled ? { kind: 'stall' } : undefined) });
    try {
      const folder = freshFolder();
      const profile = join(folder, 'profile.json');
      writeFileSync(profile, JSON.stringify({ version: 1, name: 'slow', model: 'rules', provider: 'openai', baseUrl: models.url }));
      const host = await serve(`ada=llm:${profile},default=idle`, join(folder, 'run'), 2);
      const [one, other] = [await connect(host, host.access.token), await connect(host, host.access.token)];
      expect(await other.ask('watch', { world: 1 })).toEqual({ ok: true });
      expect(await one.ask('control', { world: 0, command: 'pause' })).toEqual({ ok: true });
      expect(await other.ask('control', { world: 1, command: 'pause' })).toEqual({ ok: true });
      isStalled = true;
      const asked = models.calls;
      let isDone = false;
      void one
        .ask('control', { world: 0, command: 'step', value: 200 })
        .catch(() => undefined)
        .finally(() => (isDone = true));
      await eventually('a call that is not answered', () => models.calls > asked);
      expect(await other.ask('control', { world: 1, command: 'speed', value: 2 })).toEqual({ ok: true });
      expect(isDone).toBe(false);
    } finally {
      await models.close();
    }
  });
});

describe('a person who plays an agent', () => {
  const HANDS = {
    forward: 0,
    strafe: 0,
    jump: false,
    sprint: false,
    sneak: false,
    turn: 0,
    look: 0,
    attack: false,
    use: false,
    drop: false,
    slot: 0,
  };

  it('has it alone, is told what is wrong, and leaves a recording that verifies', async () => {
    const out = join(freshFolder(), 'run');
    const host = await serve('ada=human,default=idle', out);
    const person = await connect(host, host.access.token);
    const refusal = async (message: object, client = person) => {
      const reply = await client.ask('teleop', message);
      return reply.ok ? 'taken' : reply.sentence;
    };
    const before = await eventually('a frame', () => person.lastFrame);
    expect(await refusal({ world: 0, slot: 0, hands: { ...HANDS, forward: 1 } })).toBe('taken');
    await eventually('a status', () => person.lastStatus?.taken.includes(0));
    await eventually('a step', () => {
      void person.ask('teleop', { world: 0, slot: 0, hands: { ...HANDS, forward: 1 } });
      return person.lastFrame!.agents.slice(0, 3).some((word, i) => Math.abs(word - before.agents[i]) > 65536);
    });
    const other = await connect(host, host.access.token);
    expect(await refusal({ world: 0, slot: 0, hands: HANDS }, other)).toBe('Somebody else plays this agent.');
    expect(await refusal({ world: 0, slot: 1, hands: HANDS })).toContain('(slot 0); got 1');
    expect(await refusal({ world: 0, slot: 0, hands: { ...HANDS, turn: 9 } })).toContain('hands.turn');
    expect(await refusal({ world: 0, slot: 0, hands: HANDS }, await connect(host))).toContain('token');
    // What is held ends with the page.
    person.close();
    other.statuses.length = 0;
    await eventually('the place is free', () => other.lastStatus?.taken.length === 0);
    expect(await verify(host, out)).toContain('verified');
  });
});
