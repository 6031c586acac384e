// A small host for the viewer's tests: serves the built page and speaks the wire protocol over the synthetic world.

import { readFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import {
  ControlSchema,
  createWorldTable,
  encodeEdits,
  encodeEvents,
  encodeFrame,
  encodeLevel,
  encodeTable,
  HelloSchema,
  type HostToWatcher,
  MAX_CLIENT_MESSAGE_BYTES,
  mix32,
  parseMessage,
  type Reply,
  ResyncSchema,
  type Status,
  type WatcherToHost,
  WatchSchema,
  type Welcome,
  WIRE_PROTOCOL,
  WORLD_STATUS,
} from '@kinovox/world';
import { Server, type Socket } from 'socket.io';
import {
  cellOf,
  editAt,
  eventsAt,
  frameAt,
  levelInfo,
  MAX_TICKS,
  palette,
  scenarioInfo,
  survivalEventsAt,
  survivalFrameAt,
  survivalScenarioInfo,
  voxelsAt,
} from './fixture-world.js';

export const TOKEN = 'let-me-drive';
const RECORDED_TICKS = 900;
const FRAME_MS = 50;

export interface FixtureOptions {
  mode: Welcome['mode'];
  numWorlds: number;
  /** Folder of the built page. */
  viewerDir: string;
  port?: number;
  /** Whether the worlds have survival, and mobs with it. */
  survival?: boolean;
  mobs?: boolean;
}

export interface FixtureHost {
  url: string;
  /** Edits a block of a world now. */
  edit(world: number, x: number, y: number, z: number, block: string): void;
  /** Skips a number, as if a reliable message had been lost. */
  loseMessage(world: number): void;
  /** Cuts every line at its transport, as a dead network does. */
  cutLines(): void;
  /** Levels sent so far, over all watchers. */
  readonly levelsSent: number;
  /** Stops listening and cuts every line; `reopen` begins again on the same port. */
  shut(): Promise<void>;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** One line of time of a world: a clock and the number of its reliable messages. */
interface Session {
  world: number;
  stream: number;
  episode: number;
  tick: number;
  sequence: number;
  playing: boolean;
  speed: number;
  forked: boolean;
  /** Edits made by hand, on top of the scripted ones. */
  extra: [cell: number, index: number][];
  /** Fraction of a tick that is due. */
  due: number;
}

type Watcher = Socket<WatcherToHost, HostToWatcher>;

export async function createFixtureHost({
  mode,
  numWorlds,
  viewerDir,
  port = 0,
  survival = false,
  mobs = true,
}: FixtureOptions): Promise<FixtureHost> {
  const sessions = new Map<number, Session>();
  let levelsSent = 0;
  let http: HttpServer;
  let io: Server<WatcherToHost, HostToWatcher>;
  let clock = 0;

  const sessionOf = (world: number): Session => {
    const known = sessions.get(world);
    if (known !== undefined) return known;
    const session = {
      world,
      stream: 1,
      episode: 0,
      tick: mode === 'recording' ? 0 : (world * 37) % 200,
      sequence: 0,
      playing: mode !== 'finished',
      speed: mode === 'recording' ? 1 : 0,
      forked: false,
      extra: [],
      due: 0,
    };
    sessions.set(world, session);
    return session;
  };
  const frameOf = (session: Session) => encodeFrame(survival ? survivalFrameAt(positionOf(session), mobs) : frameAt(positionOf(session)));
  const room = (session: Session) => io.to(`world ${session.world}`);
  const levelOf = (session: Session) => {
    levelsSent++;
    const voxels = voxelsAt(session.world, session.tick, survival);
    for (const [cell, index] of session.extra) voxels[cell] = index;
    return encodeLevel({ ...positionOf(session), sequence: session.sequence, info: levelInfo(session.world), voxels });
  };
  const statusOf = (session: Session): Status => ({
    world: session.world,
    stream: session.stream,
    playing: session.playing,
    speed: session.speed,
    forked: session.forked,
    position: mode === 'recording' ? session.episode * MAX_TICKS + session.tick : session.tick,
    length: mode === 'recording' ? RECORDED_TICKS : 0,
    ticksPerSecond: session.playing ? 20 * (session.speed || 1) : 0,
    taken: [],
  });
  const sendAll = (session: Session) => {
    room(session).emit('level', levelOf(session));
    room(session).emit('frame', frameOf(session));
    room(session).emit('status', statusOf(session));
  };
  const begin = (session: Session, changes: Partial<Session>) => {
    Object.assign(session, { stream: session.stream + 1, sequence: 0, extra: [] }, changes);
    sendAll(session);
  };

  const advance = (session: Session) => {
    if (mode === 'recording' && session.episode * MAX_TICKS + session.tick >= RECORDED_TICKS) {
      session.playing = false;
      room(session).emit('status', statusOf(session));
      return;
    }
    session.tick++;
    if (session.tick > MAX_TICKS) {
      Object.assign(session, { episode: session.episode + 1, tick: 0, sequence: 0, extra: [] });
      room(session).emit('level', levelOf(session));
    }
    const edit = editAt(session.tick);
    if (edit !== undefined)
      room(session).emit(
        'edits',
        encodeEdits({ ...positionOf(session), sequence: ++session.sequence, cells: Int32Array.of(edit.cell, edit.index) }),
      );
    const events = eventsAt(session.tick);
    if (events !== undefined)
      room(session).emit('events', encodeEvents({ ...positionOf(session), sequence: ++session.sequence, ...events }));
    const rows = survival ? survivalEventsAt(session.tick) : [];
    if (rows.length > 0)
      room(session).emit(
        'events',
        encodeEvents({ ...positionOf(session), sequence: ++session.sequence, firstId: 10_000 + session.tick, rows: Int32Array.from(rows) }),
      );
  };

  const onControl = (session: Session, message: unknown): Reply => {
    const control = parseMessage('control', ControlSchema, message);
    if (control.token !== TOKEN) return { ok: false, sentence: 'Control needs the token that the host printed.' };
    if (mode === 'batch' && !session.forked && control.command !== 'release') begin(session, { forked: true, speed: 1, playing: true });
    switch (control.command) {
      case 'pause':
        session.playing = false;
        break;
      case 'play':
        session.playing = true;
        break;
      case 'speed':
        session.speed = control.value;
        break;
      case 'step':
        session.playing = false;
        for (let i = 0; i < control.value; i++) advance(session);
        break;
      case 'seek':
        if (mode !== 'recording') return { ok: false, sentence: 'Only recordings can be sought.' };
        begin(session, { episode: Math.min(Math.floor(control.value / MAX_TICKS), 1), tick: control.value % MAX_TICKS });
        break;
      case 'release':
        begin(session, { forked: false, playing: true, speed: 0 });
        break;
      case 'fork':
        break;
    }
    room(session).emit('frame', frameOf(session));
    room(session).emit('status', statusOf(session));
    return { ok: true };
  };

  const onConnection = (socket: Watcher) => {
    let canControl = false;
    const watch = (world: number): Reply => {
      if (world >= numWorlds) return { ok: false, sentence: `There are ${numWorlds} worlds; got ${world}.` };
      for (const joined of socket.rooms) if (joined.startsWith('world ')) void socket.leave(joined);
      void socket.join(`world ${world}`);
      const session = sessionOf(world);
      socket.emit('level', levelOf(session));
      socket.emit('frame', frameOf(session));
      socket.emit('status', statusOf(session));
      return { ok: true };
    };
    socket.on('hello', (message, ack) => {
      const hello = parseMessage('hello', HelloSchema, message);
      canControl = hello.token === TOKEN;
      if (hello.protocol !== WIRE_PROTOCOL)
        ack({ ok: false, sentence: `This host speaks protocol ${WIRE_PROTOCOL}; got ${hello.protocol}.` });
      else ack({ ok: true, welcome: welcomeOf(mode, numWorlds, canControl, survival) });
    });
    socket.on('watch', (message, ack) => ack(watch(parseMessage('watch', WatchSchema, message).world)));
    socket.on('resync', (message, ack) => ack(watch(parseMessage('resync', ResyncSchema, message).world)));
    socket.on('control', (message, ack) => ack(onControl(sessionOf(message.world), message)));
  };

  const open = async (atPort: number): Promise<number> => {
    http = createServer(
      (request, response) =>
        void serveFile(viewerDir, request.url ?? '/').then(([status, type, body]) =>
          response.writeHead(status, { 'content-type': type }).end(body),
        ),
    );
    io = new Server(http, {
      maxHttpBufferSize: MAX_CLIENT_MESSAGE_BYTES,
      connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
      serveClient: false,
    });
    io.on('connection', onConnection);
    await new Promise<void>((resolve) => http.listen(atPort, '127.0.0.1', resolve));
    return (http.address() as { port: number }).port;
  };
  const usedPort = await open(port);
  const timer = setInterval(() => {
    clock++;
    // Before the frames: whatever follows another volatile message in the same turn finds the line busy and is dropped.
    if (clock % 5 === 0) io.volatile.emit('table', encodeTable(tableAt(numWorlds, clock)));
    for (const session of sessions.values()) {
      if (!session.playing) continue;
      session.due += session.speed || 1;
      for (; session.due >= 1 && session.playing; session.due--) advance(session);
      io.volatile.to(`world ${session.world}`).emit('frame', frameOf(session));
      if (clock % 5 === 0) room(session).emit('status', statusOf(session));
    }
  }, FRAME_MS);

  const shut = () => {
    io.disconnectSockets(true);
    http.closeAllConnections();
    return new Promise<void>((resolve) => void io.close(() => resolve()));
  };
  return {
    url: `http://127.0.0.1:${usedPort}/`,
    edit(world, x, y, z, block) {
      const session = sessionOf(world);
      const edit: [number, number] = [cellOf(x, y, z), palette.indexOfName(block)];
      session.extra.push(edit);
      room(session).emit('edits', encodeEdits({ ...positionOf(session), sequence: ++session.sequence, cells: Int32Array.from(edit) }));
    },
    loseMessage(world) {
      sessionOf(world).sequence++;
    },
    cutLines() {
      for (const socket of io.sockets.sockets.values()) socket.conn.close();
    },
    get levelsSent() {
      return levelsSent;
    },
    shut,
    async reopen() {
      await open(usedPort);
    },
    async close() {
      clearInterval(timer);
      await shut();
    },
  };
}

function positionOf({ stream, world, episode, tick }: Session) {
  return { stream, world, episode, tick };
}

function welcomeOf(mode: Welcome['mode'], numWorlds: number, canControl: boolean, survival: boolean): Welcome {
  const recordings =
    mode === 'recording'
      ? Array.from({ length: numWorlds }, (_, world) => ({
          world,
          name: `row ${world}`,
          ticks: RECORDED_TICKS,
          episodeStarts: [0, MAX_TICKS],
          note: '',
        }))
      : [];
  return {
    protocol: WIRE_PROTOCOL,
    mode,
    scenario: survival ? survivalScenarioInfo : scenarioInfo,
    palette: palette.names.map((name, i) => ({ id: palette.registryIds[i], name })),
    numWorlds,
    engine: 'cpu',
    policy: 'scripted',
    canControl,
    recordings,
    played: [],
    listeners: [],
  };
}

/** A table that looks like a batch at work. */
function tableAt(numWorlds: number, clock: number) {
  const table = createWorldTable(numWorlds);
  for (let w = 0; w < numWorlds; w++) {
    const total = clock * (3 + (mix32(w) % 5)) + (mix32(w + 9) % 600);
    table.episodes[w] = Math.floor(total / MAX_TICKS) + (mix32(w + 4) % 4);
    table.tick[w] = total % MAX_TICKS;
    table.progress[w] = Math.floor(16384 * Math.min(1, (table.tick[w] / MAX_TICKS) * (0.6 + (mix32(w + 1) % 90) / 100)));
    table.successes[w] = Math.floor((table.episodes[w] * (mix32(w + 2) % 101)) / 100);
    table.returns[w] = table.progress[w] / 16384 - 0.2;
    table.status[w] = table.episodes[w] === 0 ? WORLD_STATUS.running : 1 + (mix32(w + table.episodes[w]) % 3);
  }
  return table;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

async function serveFile(folder: string, url: string): Promise<[number, string, Buffer | string]> {
  const path = normalize(new URL(url, 'http://host').pathname);
  const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
  try {
    return [200, TYPES[extname(file)] ?? 'application/octet-stream', await readFile(file)];
  } catch {
    return [404, 'text/plain', 'There is no such file.'];
  }
}
