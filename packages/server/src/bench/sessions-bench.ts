/**
 * Load of the OpenEnv server: many sessions over loopback, each stepping at a fixed rate with text observations; the server is a process of its own.
 * Data flow: steps fall due on a clock, whether or not the one before was answered in time -> a reply's latency counts from when its step was due.
 * In the second half a client that never reads and clients that break off within long steps are there too; both halves are held to the same bars.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EngineError } from '@kinovox/world';
import { WebSocket } from 'ws';
import { currentCommit, currentDevice, quantile } from './figures.js';
import { MemoryWatch, processorMs } from './process-figures.js';

export const SESSION_BARS = { stepsPerSecond: 2560, hertz: 5, p99Ms: 100, memoryGrowth: 1.1 } as const;

const SCENARIO = 'bridge-gap-v1';
const PERIOD_MS = 1000 / SESSION_BARS.hertz;
const ACTION = JSON.stringify({ type: 'step', data: { name: 'hold', arguments: { forward: 1, turn: 0.05, ticks: 1 } } });
const RESET = JSON.stringify({ type: 'reset', data: {} });
const LONG_STEP = JSON.stringify({ type: 'step', data: { name: 'wait', arguments: { ticks: 1200 }, maxTicks: 1200 } });

export interface SessionsBenchOptions {
  /** Default 512. */
  readonly sessions?: number;
  /** Of each half, seconds; default 10. */
  readonly halfSeconds?: number;
  /** Before anything counts, seconds; default 20: by then every session has stepped a hundred times, and the server's heap has the size that it keeps. */
  readonly warmUpSeconds?: number;
  onProgress?(done: number, total: number): void;
}

export interface SessionsHalf {
  readonly disturbed: boolean;
  readonly stepsPerSecond: number;
  /** Of the slowest session. */
  readonly leastHertz: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: number;
  /** Processor time of the server, milliseconds per step: what steps cost, however busy the machine is. Null where the system does not tell it. */
  readonly serverMsPerStep: number | null;
}

export interface SessionsReport {
  readonly scenario: string;
  readonly sessions: number;
  readonly halves: readonly SessionsHalf[];
  /** Highest resident memory of the server in the warm-up and afterwards; null where the system does not tell it. */
  readonly memoryBytes: readonly [before: number, after: number] | null;
  /** Sessions that broke off within a step. */
  readonly crashed: number;
  readonly device: string;
  readonly commit: string;
  /** Sentences on the bars that were missed. */
  readonly missed: readonly string[];
  readonly ok: boolean;
}

/** @throws EngineError where the server does not start or sessions cannot be opened. */
export async function benchSessions(options: SessionsBenchOptions = {}): Promise<SessionsReport> {
  const { sessions = 512, halfSeconds = 10, warmUpSeconds = 20, onProgress } = options;
  const server = await startServer(sessions + 8);
  const players: Player[] = [];
  const disturbers: WebSocket[] = [];
  let crashed = 0;
  let memory: MemoryWatch | undefined;
  try {
    for (let n = 0; n < sessions; n++) {
      players.push(await Player.open(server.url));
      onProgress?.(n + 1, sessions);
    }
    const pace = new Pace(players, () => processorMs(server.process.pid));
    memory = new MemoryWatch(server.process.pid);
    await sleep(1000 * warmUpSeconds);
    const before = memory.takeHighest();
    const halves: SessionsHalf[] = [];
    pace.begin();
    await sleep(1000 * halfSeconds);
    halves.push(pace.end(false));
    disturbers.push(await stall(server.url));
    const crashes = setInterval(() => void crash(server.url).then(() => crashed++), 1000);
    pace.begin();
    await sleep(1000 * halfSeconds);
    halves.push(pace.end(true));
    clearInterval(crashes);
    const after = memory.takeHighest();
    pace.stop();
    const memoryBytes = before === undefined || after === undefined ? null : ([before, after] as const);
    const missed = missedBars(sessions, halves, memoryBytes);
    return {
      scenario: SCENARIO,
      sessions,
      halves,
      memoryBytes,
      crashed,
      device: currentDevice().replace('one thread', `${availableParallelism()} cores`),
      commit: currentCommit(),
      missed,
      ok: missed.length === 0,
    };
  } finally {
    memory?.close();
    for (const socket of [...players.map((player) => player.socket), ...disturbers]) socket.terminate();
    server.process.kill('SIGTERM');
  }
}

/** Judges the halves. Rates may fall short by 1 %: a half cuts periods at its ends. */
export function missedBars(sessions: number, halves: readonly SessionsHalf[], memory: readonly [number, number] | null): string[] {
  const { hertz, p99Ms, memoryGrowth } = SESSION_BARS;
  const stepsPerSecond = sessions * hertz;
  const missed: string[] = [];
  for (const half of halves) {
    const when = half.disturbed ? 'with a stalled and with crashing clients' : 'undisturbed';
    if (half.stepsPerSecond < 0.99 * stepsPerSecond)
      missed.push(`${half.stepsPerSecond.toFixed(0)} steps/s ${when}; bar ${stepsPerSecond}`);
    if (half.leastHertz < 0.95 * hertz) missed.push(`the slowest session made ${half.leastHertz.toFixed(2)} steps/s ${when}; bar ${hertz}`);
    if (half.p99Ms > p99Ms) missed.push(`p99 ${half.p99Ms.toFixed(1)} ms ${when}; bar ${p99Ms} ms`);
    if (half.errors > 0) missed.push(`${half.errors} replies were errors ${when}; bar 0`);
  }
  if (memory !== null && memory[1] > memoryGrowth * memory[0])
    missed.push(
      `memory grew from ${(memory[0] / 2 ** 20).toFixed(0)} to ${(memory[1] / 2 ** 20).toFixed(0)} MiB; bar ${memoryGrowth} times`,
    );
  return missed;
}

/** One session: a step at a time; those that fall due meanwhile wait. */
class Player {
  readonly socket: WebSocket;
  /** When steps fell due that were not sent yet, oldest first. */
  readonly due: number[] = [];
  onReply: ((latencyMs: number, isError: boolean) => void) | undefined;
  #sentFor: number | undefined;
  #mustReset = false;

  static async open(url: string): Promise<Player> {
    const socket = await opened(url);
    const player = new Player(socket);
    await new Promise<void>((resolve) => {
      socket.once('message', () => resolve());
      socket.send(RESET);
    });
    socket.on('message', (data) => player.#receive(String(data)));
    return player;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
  }

  fallDue(nowMs: number): void {
    this.due.push(nowMs);
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#sentFor !== undefined) return;
    this.#sentFor = this.due.shift();
    if (this.#sentFor !== undefined) this.socket.send(this.#mustReset ? RESET : ACTION);
  }

  #receive(text: string): void {
    const { type, data } = JSON.parse(text) as { type: string; data: { done?: boolean } };
    this.#mustReset = data.done === true;
    if (this.#sentFor !== undefined) this.onReply?.(performance.now() - this.#sentFor, type !== 'observation');
    this.#sentFor = undefined;
    this.#sendNext();
  }
}

/** Lets steps fall due, spread evenly over the period, and counts replies. */
class Pace {
  readonly #players: readonly Player[];
  readonly #timer: NodeJS.Timeout;
  readonly #nextMs: Float64Array;
  readonly #counts: Uint32Array;
  #latencies: number[] = [];
  #errors = 0;
  #beganMs = 0;
  readonly #serverMs: () => number | undefined;
  #serverBeganMs: number | undefined;

  /** @param serverMs processor time of the server so far. */
  constructor(players: readonly Player[], serverMs: () => number | undefined) {
    this.#players = players;
    this.#serverMs = serverMs;
    this.#counts = new Uint32Array(players.length);
    const startMs = performance.now();
    this.#nextMs = Float64Array.from(players, (_, n) => startMs + (n * PERIOD_MS) / players.length);
    players.forEach((player, n) => {
      player.onReply = (latencyMs, isError) => {
        this.#latencies.push(latencyMs);
        this.#counts[n]++;
        if (isError) this.#errors++;
      };
    });
    this.#timer = setInterval(() => this.#tick(), 2);
  }

  begin(): void {
    this.#latencies = [];
    this.#counts.fill(0);
    this.#errors = 0;
    this.#serverBeganMs = this.#serverMs();
    this.#beganMs = performance.now();
  }

  end(disturbed: boolean): SessionsHalf {
    const seconds = (performance.now() - this.#beganMs) / 1000;
    const latencies = this.#latencies;
    const [serverFrom, serverTo] = [this.#serverBeganMs, this.#serverMs()];
    // A session without a reply has no latency, which must not make the figures better.
    const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((q) => (latencies.length === 0 ? Number.POSITIVE_INFINITY : quantile(latencies, q)));
    const least = this.#counts.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
    return {
      disturbed,
      stepsPerSecond: latencies.length / seconds,
      leastHertz: least / seconds,
      p50Ms,
      p99Ms,
      maxMs,
      errors: this.#errors,
      serverMsPerStep: serverFrom === undefined || serverTo === undefined ? null : (serverTo - serverFrom) / Math.max(1, latencies.length),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#players.forEach((player, n) => {
      while (this.#nextMs[n] <= nowMs) {
        player.fallDue(this.#nextMs[n]);
        this.#nextMs[n] += PERIOD_MS;
      }
    });
  }
}

/** Asks for as much as it may and never reads. */
async function stall(url: string): Promise<WebSocket> {
  const socket = await opened(url);
  socket.pause();
  socket.send(RESET);
  for (let n = 0; n < 12; n++) socket.send(ACTION);
  return socket;
}

/** Breaks off within a long step. */
async function crash(url: string): Promise<void> {
  const socket = await opened(url);
  socket.send(RESET);
  socket.send(LONG_STEP);
  await sleep(20);
  socket.terminate();
}

function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (cause) =>
      reject(new EngineError('session', `A session could not be opened at ${url}: ${cause.message}.`, { cause })),
    );
  });
}

async function startServer(maxSessions: number): Promise<{ url: string; process: ChildProcess }> {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const args = ['openenv', '--scenario', SCENARIO, '--others', 'idle', '--port', '0', '--json', '--max-sessions', String(maxSessions)];
  const process_ = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of process_.stdout) {
    text += String(part);
    if (text.includes('\n')) return { url: (JSON.parse(text) as { url: string }).url, process: process_ };
  }
  throw new EngineError(
    'server',
    'The OpenEnv server of the benchmark must start; it ended. Run "kinovox openenv --scenario bridge-gap-v1" to see why.',
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
