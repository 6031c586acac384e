/**
 * Worker thread of a live batch: steps it, writes its run directory, and posts what watchers see. It never waits for the host:
 * posts go out at most 30 times a second, requests are looked at between slices of ticks.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { KinovoxError, invariant } from '@kinovox/world';
import { BatchStage } from './batch-stage.js';
import { Pacer } from './pacer.js';
import type { BatchThreadData, FromBatch, ToBatch } from './thread-messages.js';
import { createRunSession, type RunSession } from '../run/run-session.js';

const SLICE_MS = 10;
const POST_INTERVAL_MS = 33;
const TABLE_INTERVAL_MS = 200;
const PROGRESS_INTERVAL_MS = 250;

invariant(parentPort !== null, 'The batch must run in a worker thread.');
const port = parentPort!;
const data = workerData as BatchThreadData;
const post = (message: FromBatch) => port.postMessage(message);

try {
  const session = await createRunSession(data.settings);
  await serve(session);
} catch (error) {
  post({ kind: 'failed', code: error instanceof KinovoxError && error.name !== 'InvariantError' ? error.code : undefined, message: error instanceof Error ? error.message : String(error) });
}
port.close();

function postProgress(session: RunSession, atMs: number): void {
  post({ kind: 'progress', ticks: session.ticks, agentStepsPerSecond: session.agentStepsPerSecond, atMs });
}

async function serve(session: RunSession): Promise<void> {
  const stage = new BatchStage(session, post);
  const pacer = new Pacer(0);
  let stopped = false;
  let asleep: (() => void) | undefined;
  port.on('message', (message: ToBatch) => {
    if (message.kind === 'stop') stopped = true;
    else stage.handle(message);
    asleep?.();
  });
  post({ kind: 'ready', source: stage.describe(data.settings.policy), table: stage.encodeTable() });
  const { headlessTicks } = data;
  const lastTick = data.maxTicks === 0 ? Number.POSITIVE_INFINITY : data.maxTicks;
  let reported = headlessTicks === 0;
  let finished = false;
  let nextPost = 0;
  let nextTable = 0;
  let nextProgress = 0;
  if (reported) pacer.ticksPerSecond = data.ticksPerSecond;
  stage.pacer = pacer;
  while (!stopped) {
    const limit = reported ? lastTick : headlessTicks;
    const due = Math.min(limit - session.ticks, pacer.ticksDue(performance.now()));
    const end = performance.now() + SLICE_MS;
    for (let n = 0; n < due && !stopped; n++) {
      session.step();
      stage.afterStep();
      if (performance.now() >= end) break;
    }
    const now = performance.now();
    if (now >= nextPost || session.ticks >= lastTick) {
      stage.postWorlds();
      nextPost = now + POST_INTERVAL_MS;
    }
    if (now >= nextTable) {
      post({ kind: 'table', bytes: stage.encodeTable() });
      stage.postStatuses();
      nextTable = now + TABLE_INTERVAL_MS;
    }
    if (now >= nextProgress) {
      postProgress(session, now);
      nextProgress = now + PROGRESS_INTERVAL_MS;
    }
    if (!reported && session.ticks >= headlessTicks) {
      reported = true;
      postProgress(session, now);
      post({ kind: 'report', report: session.report('finished') });
      pacer.ticksPerSecond = data.ticksPerSecond;
    }
    if (!finished && session.ticks >= lastTick) {
      finished = true;
      post({ kind: 'finished' });
    }
    if (stopped) break;
    const idleMs = session.ticks >= lastTick ? TABLE_INTERVAL_MS : pacer.waitMs(performance.now());
    // A slow pace must not hold back the frame of a tick that was run just after a post.
    const waitMs = Math.min(idleMs, Math.max(1, nextPost - performance.now()), Math.max(1, nextTable - performance.now()));
    if (idleMs < 1) await new Promise(setImmediate);
    else {
      // Messages are answered at once, also while the batch waits for its next tick.
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, waitMs);
        asleep = () => {
          clearTimeout(timer);
          wake();
        };
      });
      asleep = undefined;
    }
  }
  session.close(session.report(data.maxTicks > 0 && session.ticks >= data.maxTicks ? 'finished' : reported && headlessTicks > 0 ? 'finished' : 'interrupted'));
  post({ kind: 'stopped', directory: session.output?.path });
}
