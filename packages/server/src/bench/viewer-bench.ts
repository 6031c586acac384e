/**
 * What watching costs: a batch at full speed, alone and with one watcher in turns, so that a slow moment of the machine hits both.
 * The watcher is a client in a thread of its own that decodes everything it gets, as the viewer does.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startHost } from '../live/host.js';
import { benchScenario } from './bench-scenario.js';
import type { WatcherTally } from './viewer-bench-watcher.js';

export interface ViewerBenchOptions {
  /** Worlds of two agents; default 1024. */
  worlds?: number;
  /** Pairs of windows, one alone and one watched; default 12. */
  rounds?: number;
  /** Length of a window; default 1000. */
  windowMs?: number;
  onProgress?(done: number, total: number): void;
}

export interface ViewerBenchReport {
  scenario: string;
  worlds: number;
  rounds: number;
  /** Medians over the rounds. */
  ticksPerSecondAlone: number;
  ticksPerSecondWatched: number;
  /** Share of the batch's speed that watching takes, the median of the rounds' own; below zero where noise is greater than the cost. */
  slowdown: number;
  /** Different states of the watched world received per second. */
  statesPerSecond: number;
  editsReceived: number;
  eventsReceived: number;
  bytesPerSecond: number;
  bounds: { slowdownAtMost: number; statesPerSecondAtLeast: number };
  ok: boolean;
}

const BOUNDS = { slowdownAtMost: 0.05, statesPerSecondAtLeast: 20 };
/** Time for the compiler and the caches before the first window. */
const WARM_UP_MS = 3000;

export async function benchViewer(options: ViewerBenchOptions = {}): Promise<ViewerBenchReport> {
  const { worlds = 1024, rounds = 12, windowMs = 1000, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kinovox-bench-'));
  try {
    const scenarioPath = join(folder, 'bench.scenario.json');
    const scenario = benchScenario(2);
    writeFileSync(scenarioPath, JSON.stringify(scenario));
    return await measure(scenarioPath, { worlds, rounds, windowMs, onProgress });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  scenarioPath: string,
  { worlds, rounds, windowMs, onProgress }: Required<Omit<ViewerBenchOptions, 'onProgress'>> & Pick<ViewerBenchOptions, 'onProgress'>,
): Promise<ViewerBenchReport> {
  const clock = new TickClock();
  const settings = {
    scenarioPath,
    numWorlds: worlds,
    seed: 1,
    split: 'train',
    policy: 'random',
    engine: 'cpu',
    out: undefined,
    recordRows: [],
    command: [],
  } as const;
  const host = await startHost({
    source: { batch: { settings, headlessTicks: 0, ticksPerSecond: 0, maxTicks: 0 } },
    port: 0,
    onProgress: (ticks, _rate, atMs) => clock.add(ticks, atMs),
  });
  try {
    await wait(WARM_UP_MS);
    const alone: number[] = [];
    const watched: number[] = [];
    const tallies: WatcherTally[] = [];
    const measureWatched = async (round: number) => {
      const watcher = await startWatcher(host.url, round % worlds);
      watched.push(await clock.rate(windowMs));
      tallies.push(await watcher.stop());
    };
    for (let round = 0; round < rounds; round++) {
      // The order alternates, so that a drift of the machine's speed favours neither.
      if (round % 2 === 1) await measureWatched(round);
      alone.push(await clock.rate(windowMs));
      if (round % 2 === 0) await measureWatched(round);
      onProgress?.(round + 1, rounds);
    }
    const seconds = tallies.reduce((sum, tally) => sum + tally.seconds, 0);
    const total = (pick: (tally: WatcherTally) => number) => tallies.reduce((sum, tally) => sum + pick(tally), 0);
    const ticksPerSecondAlone = median(alone);
    const ticksPerSecondWatched = median(watched);
    const slowdown = 1 - median(watched.map((rate, round) => rate / alone[round]));
    const statesPerSecond = total((tally) => tally.states) / seconds;
    const editsReceived = total((tally) => tally.edits);
    return {
      scenario: host.source.scenario.id,
      worlds,
      rounds,
      ticksPerSecondAlone,
      ticksPerSecondWatched,
      slowdown,
      statesPerSecond,
      editsReceived,
      eventsReceived: total((tally) => tally.events),
      bytesPerSecond: total((tally) => tally.bytes) / seconds,
      bounds: BOUNDS,
      ok: slowdown <= BOUNDS.slowdownAtMost && statesPerSecond >= BOUNDS.statesPerSecondAtLeast && editsReceived > 0,
    };
  } finally {
    await host.close();
  }
}

/** Ticks of the batch by the clock of its own thread. */
class TickClock {
  #last = { ticks: 0, atMs: 0 };
  #waiting: ((at: { ticks: number; atMs: number }) => void)[] = [];

  add(ticks: number, atMs: number): void {
    this.#last = { ticks, atMs };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#last);
  }

  /** Ticks per second from the next report on, for at least `windowMs`. */
  async rate(windowMs: number): Promise<number> {
    const from = await this.#next();
    let to = from;
    while (to.atMs - from.atMs < windowMs) to = await this.#next();
    return ((to.ticks - from.ticks) * 1000) / (to.atMs - from.atMs);
  }

  #next(): Promise<{ ticks: number; atMs: number }> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

async function startWatcher(url: string, world: number): Promise<{ stop(): Promise<WatcherTally> }> {
  const worker = new Worker(new URL('./viewer-bench-watcher.js', import.meta.url), { workerData: { url, world } });
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  await next();
  return {
    async stop() {
      const tally = next();
      worker.postMessage('stop');
      const result = (await tally) as WatcherTally;
      await worker.terminate();
      return result;
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
