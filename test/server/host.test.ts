// The live host over real sockets: what watchers get, what they may do, and what they cannot break.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { readRunDirectory } from '@kinovox/env';
import { MAX_CLIENT_MESSAGE_BYTES, WelcomeSchema } from '@kinovox/world';
import { type HostOptions, type LiveHost, startHost } from 'kinovox';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { DIGGERS, eventually, freshFolder, kinovox } from './command.js';
import { WatchingClient } from './watching-client.js';

const SETTINGS = {
  scenarioPath: DIGGERS,
  numWorlds: 4,
  seed: 5,
  split: 'train',
  policy: 'random',
  engine: 'cpu',
  out: undefined,
  recordRows: [],
  command: ['test'],
} as const;
const hosts: LiveHost[] = [];
const clients: WatchingClient[] = [];

/** A batch as it comes, for the tests that leave it as it is: a host takes seconds to start. */
let plainHost: Promise<LiveHost> | undefined;

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const host of hosts.splice(0)) await host.close();
});
afterAll(async () => (await plainHost)?.close());

/** Of `diggers-v1`. */
const EPISODE_TICKS = 160;
type ServeOptions = Partial<HostOptions> & { ticksPerSecond?: number; settings?: object; maxTicks?: number };

/** A host of the running test's own. */
async function serve(options: ServeOptions): Promise<LiveHost> {
  const host = await start(options);
  hosts.push(host);
  return host;
}

function plain(): Promise<LiveHost> {
  plainHost ??= start();
  return plainHost;
}

function start({ ticksPerSecond = 60, settings = {}, maxTicks = 0, ...rest }: ServeOptions = {}): Promise<LiveHost> {
  return startHost({
    source: { batch: { settings: { ...SETTINGS, ...settings }, headlessTicks: 0, ticksPerSecond, maxTicks } },
    port: 0,
    ...rest,
  });
}

async function connect(host: LiveHost, token?: string): Promise<WatchingClient> {
  const client = new WatchingClient(host.url);
  clients.push(client);
  const hello = await client.greet(token);
  expect(hello.ok).toBe(true);
  return client;
}

/** Status and body of a plain request; the path goes out as it is. */
function get(host: LiveHost, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(host.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => (body += text))
        .on('end', () => resolve({ status: response.statusCode!, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('watching a batch', () => {
  it('welcomes with a message that the schema accepts', async () => {
    const host = await plain();
    const client = new WatchingClient(host.url);
    clients.push(client);
    const hello = await client.greet();
    expect(hello.ok && WelcomeSchema.parse(hello.welcome)).toMatchObject({
      mode: 'batch',
      numWorlds: 4,
      canControl: false,
      policy: 'random',
      scenario: { id: 'diggers-v1' },
    });
    await eventually('a table', () => client.numTables > 2);
  });

  it('gives two watchers their own worlds, each with a level, then frames whose tick advances', async () => {
    const host = await plain();
    const [a, b] = [await connect(host), await connect(host)];
    expect(await a.ask('watch', { world: 1 })).toEqual({ ok: true });
    expect(await b.ask('watch', { world: 3 })).toEqual({ ok: true });
    await eventually('frames', () => a.frames.length > 15 && b.frames.length > 15);
    for (const [client, world] of [
      [a, 1],
      [b, 3],
    ] as const) {
      expect(client.levels[0]).toMatchObject({ world, info: { size: [24, 12, 24], split: 'train' } });
      expect(client.levels[0].info.goalRegions.map((goal) => goal.label)).toContain('reach: blues');
      expect(new Set(client.frames.map((frame) => frame.world))).toEqual(new Set([world]));
      const ticks = client.frames.filter((frame) => frame.episode === client.frames[0].episode).map((frame) => frame.tick);
      expect([...ticks].sort((x, y) => x - y)).toEqual(ticks);
      expect(ticks.at(-1)!).toBeGreaterThan(ticks[0]);
      expect(client.lastFrame!.agents.length).toBe(12 * 13);
    }
    expect(a.levels[0].info.seed).not.toBe(b.levels[0].info.seed);
  });

  it('sends every edit: a level with the edits applied equals the level that a newcomer gets', async () => {
    const host = await serve({ ticksPerSecond: 300, maxTicks: 900 });
    const early = await connect(host);
    await early.ask('watch', { world: 0 });
    await eventually('the batch to stand still', () => early.notices.some((notice) => notice.sentence.includes('stand still')));
    const late = await connect(host);
    await late.ask('watch', { world: 0 });
    await eventually('a level', () => late.levels.length > 0);
    expect(early.gap()).toBeUndefined();
    expect(early.edits.length).toBeGreaterThan(5);
    const last = early.levels.at(-1)!;
    const voxels = last.voxels.slice();
    for (const edit of early.edits)
      if (edit.episode === last.episode && edit.sequence > last.sequence)
        for (let i = 0; i < edit.cells.length; i += 2) voxels[edit.cells[i]] = edit.cells[i + 1];
    expect(late.levels[0].episode).toBe(last.episode);
    expect(Buffer.from(voxels).equals(Buffer.from(late.levels[0].voxels))).toBe(true);
    // The check can fail: an edit left out shows.
    const edited = early.edits.filter((edit) => edit.episode === last.episode && edit.sequence > last.sequence);
    if (edited.length > 0) expect(Buffer.from(last.voxels).equals(Buffer.from(late.levels[0].voxels))).toBe(false);
  });

  it('refuses a world that does not exist, and a resync of one that is not watched', async () => {
    const host = await plain();
    const client = await connect(host);
    expect(await client.ask('watch', { world: 4 })).toMatchObject({ ok: false, sentence: expect.stringContaining('0..3') });
    expect(await client.ask('resync', { world: 2 })).toMatchObject({ ok: false });
    await client.ask('watch', { world: 2 });
    await eventually('a level', () => client.levels.length === 1);
    expect(await client.ask('resync', { world: 2 })).toEqual({ ok: true });
    await eventually('a fresh level', () => client.levels.length >= 2);
  });
});

describe('plans', () => {
  const settings = { scenarioPath: 'scenarios/corridor-swap-v1.scenario.json', policy: 'planner:lacam', numWorlds: 2 };

  it('go to those who ask for them, through a fork and back, and to nobody else', async () => {
    const host = await serve({ settings, ticksPerSecond: 20 });
    const client = await connect(host, host.access.token);
    const other = await connect(host);
    await client.ask('watch', { world: 1 });
    await other.ask('watch', { world: 1 });
    await eventually('a level', () => client.levels.length === 1);
    expect(await client.ask('plans', { world: 1, on: true, slot: 0 })).toEqual({ ok: true });
    const first = await eventually('plans', () => client.plans.find(({ agents }) => agents.some(({ path }) => path.length > 1)));
    expect(first).toMatchObject({ world: 1, stream: client.lastFrame!.stream });
    expect(first.agents).toHaveLength(6);
    await client.ask('control', { world: 1, command: 'pause' });
    const copy = await eventually('plans of the copy', () => client.plans.find(({ stream }) => stream > first.stream));
    const frame = client.lastFrame!;
    expect([copy.episode, copy.tick]).toEqual([frame.episode, frame.tick]);
    expect(copy.agents.every(({ status }) => status.includes('Plan 1'))).toBe(true);
    await client.ask('control', { world: 1, command: 'release' });
    await eventually('plans of the row', () => client.plans.some(({ stream }) => stream > copy.stream));
    expect(await client.ask('plans', { world: 1, on: false, slot: 0 })).toEqual({ ok: true });
    expect(other.plans).toEqual([]);
  });
  it('are refused of worlds that are not watched, and for agents that do not exist', async () => {
    const host = await serve({ settings });
    const client = await connect(host);
    await client.ask('watch', { world: 1 });
    expect(await client.ask('plans', { world: 0, on: true, slot: 0 })).toMatchObject({
      sentence: expect.stringContaining('of the watched world; got 0'),
    });
    expect(await client.ask('plans', { world: 1, on: true, slot: 6 })).toMatchObject({ sentence: expect.stringContaining('0..5; got 6') });
    expect(await client.ask('plans', { world: 1 })).toMatchObject({ ok: false });
  });
});

describe('what a watcher cannot break', () => {
  it('counts and refuses malformed messages, and goes on serving', async () => {
    const host = await plain();
    const client = await connect(host);
    const before = host.counters.malformed;
    for (const [name, message] of [
      ['watch', { world: -1 }],
      ['watch', { world: 1, extra: true }],
      ['watch', null],
      ['hello', { protocol: 'x' }],
      ['control', { command: 'explode', world: 0 }],
      ['nonsense', {}],
    ] as const) {
      expect(await client.ask(name, message)).toMatchObject({ ok: false, sentence: expect.any(String) });
    }
    client.socket.emit('watch', 'no acknowledgement');
    client.socket.emit('watch');
    await eventually('the last two are counted', () => host.counters.malformed === before + 8);
    expect(await client.ask('watch', { world: 0 })).toEqual({ ok: true });
    await eventually('frames', () => client.frames.length > 5);
  });

  it('asks for a greeting first, and for its own protocol', async () => {
    const host = await plain();
    const client = new WatchingClient(host.url);
    clients.push(client);
    await new Promise<void>((resolve) => client.socket.once('connect', resolve));
    expect(await client.ask('watch', { world: 0 })).toMatchObject({ ok: false, sentence: expect.stringContaining('hello first') });
    expect(await client.ask('hello', { protocol: 99 })).toMatchObject({ ok: false, sentence: expect.stringContaining('got 99') });
  });

  it('closes a connection that sends an oversized message and counts it; others do not notice', async () => {
    const host = await plain();
    const counted = host.counters.oversized;
    const [big, other] = [await connect(host), await connect(host)];
    await other.ask('watch', { world: 0 });
    big.socket.io.reconnection(false);
    const closed = new Promise((resolve) => big.socket.once('disconnect', resolve));
    big.socket.emit('hello', { protocol: 1, token: 'x'.repeat(MAX_CLIENT_MESSAGE_BYTES + 1) });
    await closed;
    await eventually('it is counted', () => host.counters.oversized === counted + 1);
    const before = other.frames.length;
    await eventually('frames go on', () => other.frames.length > before + 5);
  });

  it('refuses what goes over the rate limit', async () => {
    const host = await plain();
    const client = await connect(host);
    const before = host.counters.rateLimited;
    const replies = await Promise.all(Array.from({ length: 120 }, () => client.ask('unwatch', {})));
    const refused = replies.filter((reply) => !reply.ok);
    expect(refused.length).toBeGreaterThan(30);
    expect(host.counters.rateLimited).toBe(before + refused.length);
  });

  it('serves files of the viewer folder only, and no other page', async () => {
    const folder = freshFolder();
    const viewer = join(folder, 'viewer');
    mkdirSync(viewer);
    writeFileSync(join(viewer, 'index.html'), '<title>worlds</title>');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    symlinkSync(join(folder, 'secret.txt'), join(viewer, 'link.txt'));
    const host = await serve({ viewer });
    expect(await get(host, '/')).toEqual({ status: 200, body: '<title>worlds</title>' });
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/%00', '/nothing.js']) {
      const { status, body } = await get(host, path);
      expect([path, status]).toEqual([path, 404]);
      expect(body).not.toContain('secret');
    }
    expect((await get(host, '/', { host: 'evil.example' })).status).toBe(403);
    expect((await get(host, '/', { origin: 'http://evil.example' })).status).toBe(403);
    expect(JSON.parse((await get(host, '/health')).body)).toMatchObject({ ok: true, scenario: 'diggers-v1', watchers: 0 });
  });

  it('takes no socket from a page of another origin', async () => {
    const host = await plain();
    const before = host.counters.foreign;
    const client = new WatchingClient(host.url, { origin: 'http://evil.example' });
    clients.push(client);
    client.socket.io.reconnection(false);
    await expect(client.greet()).rejects.toThrow();
    expect(host.counters.foreign).toBe(before + 1);
  });
});

describe('control', () => {
  it('needs the printed token', async () => {
    const host = await plain();
    const client = await connect(host);
    await client.ask('watch', { world: 0 });
    const before = host.counters.unauthorised;
    const wrong = `${host.access.token.slice(0, -1)}${host.access.token.endsWith('A') ? 'B' : 'A'}`;
    for (const token of [undefined, '', wrong]) {
      const message = { world: 0, command: 'pause', ...(token === undefined ? {} : { token }) };
      expect(await client.ask('control', message)).toMatchObject({ ok: false, sentence: expect.stringContaining('token') });
    }
    expect(host.counters.unauthorised).toBe(before + 3);
    expect(client.statuses.every((status) => !status.forked)).toBe(true);
    expect(await client.ask('control', { world: 0, command: 'pause', token: host.access.token })).toEqual({ ok: true });
  });

  it('pauses, steps, speeds and releases a fork, while another watcher sees the row go on', async () => {
    const host = await plain();
    const [pilot, other] = [await connect(host, host.access.token), await connect(host)];
    await pilot.ask('watch', { world: 2 });
    await other.ask('watch', { world: 2 });
    await eventually('frames', () => pilot.frames.length > 5 && other.frames.length > 5);
    expect(await pilot.ask('control', { world: 2, command: 'pause' })).toEqual({ ok: true });
    const paused = await eventually(
      'a paused fork',
      () => pilot.lastStatus?.forked === true && !pilot.lastStatus.playing && pilot.lastStatus,
    );
    expect(paused.stream).toBeGreaterThan(pilot.levels[0].stream);
    // Over the end of episodes, one of which may be near.
    const passed = () => pilot.lastFrame!.episode * EPISODE_TICKS + pilot.lastFrame!.tick;
    const standing = passed();
    const going = other.frames.length;
    await eventually('the row goes on', () => other.frames.length > going + 10);
    expect(passed()).toBe(standing);
    expect(await pilot.ask('control', { world: 2, command: 'step', value: 3 })).toEqual({ ok: true });
    await eventually('three ticks more', () => passed() === standing + 3);
    expect(await pilot.ask('control', { world: 2, command: 'speed', value: 4 })).toEqual({ ok: true });
    expect(await pilot.ask('control', { world: 2, command: 'play' })).toEqual({ ok: true });
    await eventually('the fork plays', () => passed() > standing + 15);
    expect(await pilot.ask('control', { world: 2, command: 'seek', value: 3 })).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('recording'),
    });
    expect(await pilot.ask('control', { world: 2, command: 'release' })).toEqual({ ok: true });
    const released = await eventually('the row of the batch', () => pilot.lastStatus?.forked === false && pilot.lastStatus);
    expect(released.stream).toBeGreaterThan(paused.stream);
    expect(await pilot.ask('control', { world: 2, command: 'release' })).toMatchObject({ ok: false });
    expect([pilot.gap(), other.gap()]).toEqual([undefined, undefined]);
  });

  it('does not disturb the batch: forked, paused and stepped, it ends in the hash of a run without a host', async () => {
    const out = join(freshFolder(), 'run');
    const ticks = 300;
    const host = await serve({ ticksPerSecond: 100, maxTicks: ticks, settings: { out, recordRows: [1] } });
    const pilot = await connect(host, host.access.token);
    await pilot.ask('watch', { world: 1 });
    for (const command of [
      { command: 'pause' },
      { command: 'step', value: 20 },
      { command: 'play' },
      { command: 'release' },
      { command: 'fork' },
    ] as const) {
      expect(await pilot.ask('control', { world: 1, ...command })).toEqual({ ok: true });
    }
    await eventually('the batch to stand still', () => host.batch!.finished);
    expect(await host.close()).toBe(out);
    hosts.length = 0;
    const { summary, status } = readRunDirectory(out).manifest;
    const plain = JSON.parse(
      (
        await kinovox(
          'run',
          '--scenario',
          DIGGERS,
          '--policy',
          'random',
          '--seed',
          '5',
          '--worlds',
          '4',
          '--ticks',
          String(ticks),
          '--json',
        )
      ).stdout,
    );
    expect(status).toBe('finished');
    expect(summary!.ticks).toBe(ticks);
    expect(summary!.stateHash).toBe(plain.stateHash);
  });
});

describe('connections', () => {
  it('resume where they broke off: no edit and no event is missing', async () => {
    const host = await serve({ ticksPerSecond: 200 });
    const client = await connect(host);
    await client.ask('watch', { world: 0 });
    await eventually('edits or events', () => client.sequences.length > 8);
    const numLevels = client.levels.length;
    const back = new Promise<void>((resolve) => client.socket.io.once('reconnect', () => resolve()));
    client.socket.io.engine.close();
    await back;
    await eventually('the socket', () => client.socket.connected);
    expect(client.socket.recovered).toBe(true);
    const had = client.sequences.length;
    const frames = client.frames.length;
    await eventually('more of them', () => client.sequences.length > had + 5 && client.frames.length > frames + 5);
    expect(client.gap()).toBeUndefined();
    expect(host.counters.recovered).toBe(1);
    // Levels come with new episodes only; the resumed watch needed none of its own.
    const episodes = new Set(client.levels.map((level) => level.episode));
    expect(client.levels.length).toBe(episodes.size);
    expect(numLevels).toBeGreaterThan(0);
  });

  it('begin anew when they come back too late', async () => {
    const host = await serve({ recoveryMs: 50 });
    const client = await connect(host);
    await client.ask('watch', { world: 0 });
    await eventually('frames', () => client.frames.length > 5);
    client.socket.io.reconnection(false);
    client.socket.io.engine.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    client.socket.connect();
    await client.greet();
    expect(client.socket.recovered).toBe(false);
    expect(host.counters.recovered).toBe(0);
    const { length } = client.levels;
    expect(await client.ask('watch', { world: 0 })).toEqual({ ok: true });
    await eventually('a level', () => client.levels.length > length);
  });

  it('that are slow lose frames, but no edit and no event', async () => {
    // Many agents make long frames, which fill the buffers of the system in seconds.
    const scenarioPath = join(freshFolder(), 'crowd-v1.scenario.json');
    writeFileSync(scenarioPath, readFileSync(DIGGERS, 'utf8').replace('"count": 6', '"count": 80').replace('"count": 6', '"count": 80'));
    const host = await serve({ ticksPerSecond: 200, settings: { scenarioPath, numWorlds: 1 } });
    const client = await connect(host);
    await client.ask('watch', { world: 0 });
    await eventually('frames', () => client.frames.length > 3);
    const tcp = (client.socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
    tcp.pause();
    await eventually('frames are dropped', () => host.counters.framesDropped > 20, 60_000);
    const sent = host.counters.reliableSent;
    tcp.resume();
    await eventually('what had to wait', () => client.sequences.length >= sent, 30_000);
    expect(client.gap()).toBeUndefined();
    expect(client.frames.length).toBeLessThan(host.counters.framesSent + host.counters.framesDropped);
  });
});
