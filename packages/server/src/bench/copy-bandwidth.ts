/** How fast this machine copies memory: one thread, and all that it runs at once. Blocks are larger than caches, and each is copied by the runtime's own memcpy. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '@kinovox/env';
import { invariant } from '@kinovox/world';

export interface CopyBandwidth {
  /** Bytes per second, read and written ones added up. */
  oneThread: number;
  allThreads: number;
  threads: number;
}

export interface CopyRequest {
  bytes: number;
  seconds: number;
}

/** Bytes of a block: with its copy more than the last cache of most machines. */
const BLOCK_BYTES = 192 * 2 ** 20;
const SECONDS = 0.4;
const ENTRY = threadEntry('./copy-thread.js', import.meta.url);

export async function measureCopyBandwidth(bytes = BLOCK_BYTES, seconds = SECONDS): Promise<CopyBandwidth> {
  invariant(existsSync(ENTRY), `The module of a copying thread must lie at ${ENTRY.pathname}; got nothing there. Run the build.`);
  const threads = availableParallelism();
  const oneThread = await copyWith(1, { bytes, seconds });
  const allThreads = threads === 1 ? oneThread : await copyWith(threads, { bytes: Math.floor(bytes / threads), seconds });
  return { oneThread, allThreads, threads };
}

/** Bytes per second of so many threads that copy at once. */
async function copyWith(threads: number, request: CopyRequest): Promise<number> {
  const rates = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(ENTRY, { workerData: request, execArgv: [] });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}
