/** A thread that copies a block over and over for some time and reports its best rate. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CopyRequest } from './copy-bandwidth.js';

const { bytes, seconds } = workerData as CopyRequest;
const from = new Uint8Array(bytes).fill(1);
const to = new Uint8Array(bytes).fill(2);
let best = 0;
for (const start = performance.now(); performance.now() - start < seconds * 1000; ) {
  const before = performance.now();
  to.set(from);
  best = Math.max(best, (2000 * bytes) / (performance.now() - before));
}
parentPort!.postMessage(best);
