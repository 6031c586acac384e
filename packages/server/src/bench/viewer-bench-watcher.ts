/** Worker thread of the viewer benchmark: watches one world, decodes everything, and counts. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  decodeEdits,
  decodeEvents,
  decodeFrame,
  decodeLevel,
  decodeTable,
  EDIT_WORDS,
  EVENT_WORDS,
  type HelloReply,
  type Reply,
  WIRE_PROTOCOL,
  type WireBytes,
} from '@kinovox/world';
import { io } from 'socket.io-client';

export interface WatcherTally {
  seconds: number;
  /** Frames whose state differs from the one before. */
  states: number;
  edits: number;
  events: number;
  levels: number;
  tables: number;
  bytes: number;
}

const { url, world } = workerData as { url: string; world: number };
const tally: WatcherTally = { seconds: 0, states: 0, edits: 0, events: 0, levels: 0, tables: 0, bytes: 0 };
let shown = '';
let beginMs = 0;

const socket = io(url, { transports: ['websocket'], reconnection: false });
const on = (name: string, take: (bytes: WireBytes) => void) =>
  socket.on(name, (bytes: WireBytes) => {
    tally.bytes += bytes.byteLength;
    take(bytes);
  });
on('level', (bytes) => {
  decodeLevel(bytes);
  tally.levels++;
});
on('frame', (bytes) => {
  const { episode, tick } = decodeFrame(bytes);
  if (`${episode} ${tick}` === shown) return;
  shown = `${episode} ${tick}`;
  tally.states++;
});
on('edits', (bytes) => void (tally.edits += decodeEdits(bytes).cells.length / EDIT_WORDS));
on('events', (bytes) => void (tally.events += decodeEvents(bytes).rows.length / EVENT_WORDS));
on('table', (bytes) => {
  decodeTable(bytes);
  tally.tables++;
});
socket.on('connect', async () => {
  const hello = (await socket.emitWithAck('hello', { protocol: WIRE_PROTOCOL })) as HelloReply;
  const watch = (await socket.emitWithAck('watch', { world })) as Reply;
  if (!hello.ok || !watch.ok) throw new Error('The host refused the benchmark watcher.');
  beginMs = performance.now();
  parentPort!.postMessage('watching');
});
parentPort!.on('message', () => {
  tally.seconds = (performance.now() - beginMs) / 1000;
  parentPort!.postMessage(tally);
  socket.disconnect();
});
