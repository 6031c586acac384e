/** A watcher for tests: decodes what it gets and keeps it. */
import {
  decodeEdits,
  decodeEvents,
  decodeFrame,
  decodeLevel,
  type EditsMessage,
  type EventsMessage,
  type Frame,
  type HelloReply,
  type LevelMessage,
  type Notice,
  type Plans,
  PlansSchema,
  type Reply,
  type Status,
  WIRE_PROTOCOL,
  type WireBytes,
} from '@kinovox/world';
import { io, type Socket } from 'socket.io-client';

export class WatchingClient {
  readonly socket: Socket;
  readonly levels: LevelMessage[] = [];
  readonly frames: Frame[] = [];
  readonly edits: EditsMessage[] = [];
  readonly events: EventsMessage[] = [];
  readonly statuses: Status[] = [];
  readonly notices: Notice[] = [];
  readonly plans: Plans[] = [];
  numTables = 0;
  /** Sequence numbers of edits and events in the order of arrival; a level puts its own first. */
  readonly sequences: { stream: number; sequence: number; isLevel: boolean }[] = [];

  constructor(url: string, options: { origin?: string } = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      reconnectionDelay: 50,
      reconnectionDelayMax: 100,
      forceNew: true,
      ...(options.origin === undefined ? {} : { extraHeaders: { origin: options.origin } }),
    });
    this.socket.on('level', (bytes: WireBytes) => {
      const level = decodeLevel(bytes);
      this.levels.push(level);
      this.sequences.push({ stream: level.stream, sequence: level.sequence, isLevel: true });
    });
    this.socket.on('frame', (bytes: WireBytes) => this.frames.push(decodeFrame(bytes)));
    this.socket.on('edits', (bytes: WireBytes) => this.#keep(this.edits, decodeEdits(bytes)));
    this.socket.on('events', (bytes: WireBytes) => this.#keep(this.events, decodeEvents(bytes)));
    this.socket.on('status', (status: Status) => this.statuses.push(status));
    this.socket.on('notice', (notice: Notice) => this.notices.push(notice));
    this.socket.on('plans', (bytes: WireBytes) => this.plans.push(PlansSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))));
    this.socket.on('table', () => this.numTables++);
  }

  /** Connects and says hello. */
  async greet(token?: string): Promise<HelloReply> {
    if (!this.socket.connected)
      await new Promise<void>((resolve, reject) => this.socket.once('connect', resolve).once('connect_error', reject));
    return this.socket
      .timeout(10_000)
      .emitWithAck('hello', token === undefined ? { protocol: WIRE_PROTOCOL } : { protocol: WIRE_PROTOCOL, token });
  }

  /** Sends any message; for messages that must be refused as well. */
  ask(name: string, message: unknown): Promise<Reply> {
    return this.socket.timeout(10_000).emitWithAck(name, message);
  }

  get lastFrame(): Frame | undefined {
    return this.frames.at(-1);
  }

  get lastStatus(): Status | undefined {
    return this.statuses.at(-1);
  }

  /** The first number that does not follow the one before it; undefined where edits and events are complete. */
  gap(): { after: number; got: number } | undefined {
    let last: number | undefined;
    for (const { sequence, isLevel } of this.sequences) {
      if (!isLevel && last !== undefined && sequence !== last + 1) return { after: last, got: sequence };
      last = sequence;
    }
    return undefined;
  }

  close(): void {
    this.socket.disconnect();
  }

  #keep<T extends { stream: number; sequence: number }>(list: T[], message: T): void {
    list.push(message);
    this.sequences.push({ stream: message.stream, sequence: message.sequence, isLevel: false });
  }
}
