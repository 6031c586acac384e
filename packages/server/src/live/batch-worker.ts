/**
 * Worker thread of a live batch: steps it, writes its run directory, and posts what watchers see. It never waits for the host:
 * posts go out at most 30 times a second, requests are looked at between slices of ticks.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, KinovoxError } from '@kinovox/world';
import { createPlanThread } from '../run/plan-thread.js';
import { createRunSession, type RunSession } from '../run/run-session.js';
import { Teleop } from '../run/teleop.js';
import { BatchStage } from './batch-stage.js';
import { Interval } from './interval.js';
import { Pacer } from './pacer.js';
import type { BatchThreadData, FromBatch, ToBatch } from './thread-messages.js';

const SLICE_MS = 10;
const POST_INTERVAL_MS = 33;
const TABLE_INTERVAL_MS = 200;
const PROGRESS_INTERVAL_MS = 250;

invariant(parentPort !== null, 'The batch must run in a worker thread.');
const port = parentPort!;
const data = workerData as BatchThreadData;
const post = (message: FromBatch) => port.postMessage(message);

/** Turns: run what is due, post what is due, rest until something is. */
class BatchLoop {
  readonly #session: RunSession;
  readonly #stage: BatchStage;
  readonly #pacer = new Pacer(0);
  /** Tick at which the batch stands still; infinite when it goes on. */
  readonly #lastTick = data.maxTicks === 0 ? Number.POSITIVE_INFINITY : data.maxTicks;
  readonly #posts = new Interval(POST_INTERVAL_MS);
  readonly #tables = new Interval(TABLE_INTERVAL_MS);
  readonly #progress = new Interval(PROGRESS_INTERVAL_MS);
  #reported = data.headlessTicks === 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(session: RunSession, teleop: Teleop) {
    this.#session = session;
    this.#stage = new BatchStage(session, this.#pacer, teleop, post);
  }

  async run(): Promise<void> {
    port.on('message', (message: ToBatch) => {
      if (message.kind === 'stop') this.#stopped = true;
      else this.#stage.handle(message);
      this.#wake?.();
    });
    post({ kind: 'ready', source: this.#stage.describe(data.settings.policy), table: this.#stage.encodeTable() });
    if (this.#reported) this.#pacer.ticksPerSecond = data.ticksPerSecond;
    while (!this.#stopped) {
      await this.#runDue();
      this.#postDue(performance.now());
      this.#reportDue();
      await this.#rest();
    }
    const { ticks, output } = this.#session;
    const complete = data.maxTicks > 0 ? ticks >= data.maxTicks : data.headlessTicks > 0 && this.#reported;
    this.#session.close(this.#session.report(complete ? 'finished' : 'interrupted'));
    post({ kind: 'stopped', directory: output?.path });
  }

  async #runDue(): Promise<void> {
    const limit = this.#reported ? this.#lastTick : data.headlessTicks;
    const due = Math.min(limit - this.#session.ticks, this.#pacer.ticksDue(performance.now()));
    const end = performance.now() + SLICE_MS;
    for (let n = 0; n < due; n++) {
      if (this.#session.thinks) await this.#session.think();
      if (this.#stopped) return;
      this.#session.step();
      this.#stage.afterStep();
      if (performance.now() >= end) return;
    }
  }

  #postDue(nowMs: number): void {
    if (this.#posts.isDue(nowMs) || this.#session.ticks >= this.#lastTick) this.#stage.postWorlds();
    this.#stage.postPlans(nowMs);
    if (this.#tables.isDue(nowMs)) {
      this.#stage.postTable();
      this.#stage.postStatuses();
    }
    if (this.#progress.isDue(nowMs)) this.#postProgress(nowMs);
  }

  /** The results of the headless part, once; then the pace of watching. The end of the ticks, once. */
  #reportDue(): void {
    if (!this.#reported && this.#session.ticks >= data.headlessTicks) {
      this.#reported = true;
      this.#postProgress(performance.now());
      post({ kind: 'report', report: this.#session.report('finished') });
      this.#pacer.ticksPerSecond = data.ticksPerSecond;
    }
    if (!this.#stage.finished && this.#session.ticks >= this.#lastTick) {
      this.#stage.finished = true;
      post({ kind: 'finished' });
    }
  }

  /** Until the next tick or post is due, or a message comes; without a pace only for messages to be seen. */
  async #rest(): Promise<void> {
    const nowMs = performance.now();
    const idleMs = this.#stage.finished ? TABLE_INTERVAL_MS : this.#pacer.waitMs(nowMs);
    if (this.#stopped) return;
    if (idleMs < 1) {
      await new Promise(setImmediate);
      return;
    }
    // A slow pace must not hold back the frame of a tick that was run just after a post.
    const waitMs = Math.max(1, Math.min(idleMs, this.#posts.waitMs(nowMs), this.#tables.waitMs(nowMs), this.#stage.plans.waitMs(nowMs)));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #postProgress(atMs: number): void {
    post({ kind: 'progress', ticks: this.#session.ticks, agentStepsPerSecond: this.#session.agentStepsPerSecond, atMs });
  }
}

// Messages of watchers are answered while plans are made.
const planThread = createPlanThread();
try {
  const teleop = new Teleop();
  const { plan, walk } = planThread;
  const session = await createRunSession(data.settings, undefined, undefined, { plan, walk, hands: teleop });
  await new BatchLoop(session, teleop).run();
} catch (error) {
  post({
    kind: 'failed',
    code: error instanceof KinovoxError && error.name !== 'InvariantError' ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
  });
}
await planThread.close();
port.close();
