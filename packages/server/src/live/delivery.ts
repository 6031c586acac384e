/**
 * Sends what threads post to those who joined a channel: levels, edits, events and statuses reliably, frames and the table only to
 * connections that are free. Who is away for a moment gets the reliable messages when the connection resumes.
 */
import type { HostToWatcher, Status, WatcherToHost } from '@kinovox/world';
import type { Server, Socket } from 'socket.io';
import type { HostCounters } from './host-counters.js';
import type { JoinPost, WorldPost } from './thread-messages.js';
import type { Watcher } from './watcher.js';

interface SocketData {
  watcher: Watcher;
}

export type HostServer = Server<WatcherToHost, HostToWatcher, Record<string, never>, SocketData>;
export type HostSocket = Socket<WatcherToHost, HostToWatcher, Record<string, never>, SocketData>;

/** Messages that may be lost. */
type LossyEvent = 'frame' | 'table' | 'plans';

/** Packets that wait for a watcher before it is disconnected; about a minute of a busy world. */
const MAX_BACKLOG = 20_000;

export class Delivery {
  readonly #io: HostServer;
  readonly #counters: HostCounters;
  /** Lossy messages that wait for their turn, the latest of each kind and channel. */
  readonly #waiting = new Map<string, { channel: string; event: LossyEvent; bytes: Uint8Array }>();
  #draining = false;

  constructor(io: HostServer, counters: HostCounters) {
    this.#io = io;
    this.#counters = counters;
  }

  /** What one who joins needs to begin; all of it is reliable. */
  join(socket: HostSocket, { level, frame, decisions, status }: JoinPost): void {
    socket.emit('level', level);
    socket.emit('frame', frame);
    if (decisions !== undefined) socket.emit('decisions', decisions);
    socket.emit('status', status);
    this.#counters.reliableSent += decisions === undefined ? 2 : 3;
  }

  world(channel: string, post: WorldPost): void {
    if (post.reliable.length > 0) {
      for (const { event, bytes } of post.reliable) this.#io.to(channel).emit(event, bytes);
      this.#counters.reliableSent += post.reliable.length;
      this.#dropSlow(channel);
    }
    if (post.frame === undefined) return;
    if (!post.keepFrame) this.lossy(channel, 'frame', post.frame);
    else {
      // One that waits is of an earlier moment, and would be taken for the newest.
      this.#waiting.delete(keyOf(channel, 'frame'));
      this.#io.to(channel).emit('frame', post.frame);
    }
  }

  status(channel: string, status: Status): void {
    this.#io.to(channel).emit('status', status);
  }

  /** A connection that has just been written to looks busy until the next turn of the event loop, so each message has a turn of its own. */
  lossy(channel: string, event: LossyEvent, bytes: Uint8Array): void {
    this.#waiting.set(keyOf(channel, event), { channel, event, bytes });
    if (this.#draining) return;
    this.#draining = true;
    setImmediate(() => this.#drain());
  }

  #drain(): void {
    const first = this.#waiting.entries().next().value;
    if (first === undefined) {
      this.#draining = false;
      return;
    }
    const [key, { channel, event, bytes }] = first;
    this.#waiting.delete(key);
    for (const socket of this.#socketsIn(channel)) {
      const isFree = socket.conn.transport.writable;
      if (isFree) socket.volatile.emit(event, bytes);
      if (event === 'frame') this.#counters[isFree ? 'framesSent' : 'framesDropped']++;
    }
    setImmediate(() => this.#drain());
  }

  /** What is reliable may not be dropped, so one who cannot follow is disconnected and starts from a fresh level. */
  #dropSlow(channel: string): void {
    for (const socket of this.#socketsIn(channel)) {
      const { writeBuffer } = socket.conn as unknown as { writeBuffer: unknown[] };
      if (writeBuffer.length <= MAX_BACKLOG) continue;
      this.#counters.tooSlow++;
      socket.disconnect(true);
    }
  }

  #socketsIn(channel: string): HostSocket[] {
    const { adapter, sockets } = this.#io.of('/');
    return [...(adapter.rooms.get(channel) ?? [])].flatMap((id) => sockets.get(id) ?? []);
  }
}

function keyOf(channel: string, event: LossyEvent): string {
  return `${event} ${channel}`;
}
