/**
 * The line to a host. `HostLink` is all that the page knows of it; `connectSocket` is the Socket.IO one.
 * After a lost line Socket.IO reconnects by itself. When the host could hand over what was missed (`recovered`), the watch goes on;
 * otherwise the page watches anew and is given a level.
 */
import {
  type Chat,
  type ControlInput,
  type Decisions,
  DecisionsSchema,
  decodeEdits,
  decodeEvents,
  decodeFrame,
  decodeLevel,
  decodeTable,
  type EditsMessage,
  type EventsMessage,
  type Frame,
  HelloReplySchema,
  type HostToWatcher,
  type LevelMessage,
  NoticeSchema,
  type Plans,
  PlansSchema,
  type PlansWish,
  parseMessage,
  type Reply,
  ReplySchema,
  type Status,
  StatusSchema,
  type Teleop,
  type WatcherToHost,
  type Welcome,
  WIRE_PROTOCOL,
  type WireBytes,
  type WorldTable,
} from '@kinovox/world';
import { io, type Socket } from 'socket.io-client';

export type LinkState = 'connecting' | 'connected' | 'lost' | 'refused';

export interface HostListener {
  state(state: LinkState, sentence: string): void;
  /** @param recovered whether the host replays what was missed, so that nothing must be watched anew. */
  welcome(welcome: Welcome, recovered: boolean): void;
  table(table: WorldTable): void;
  level(level: LevelMessage): void;
  frame(frame: Frame): void;
  edits(edits: EditsMessage): void;
  events(events: EventsMessage): void;
  status(status: Status): void;
  plans(plans: Plans): void;
  decisions(decisions: Decisions): void;
  notice(sentence: string): void;
  /** A message could not be used. */
  damaged(error: Error): void;
}

export interface HostLink {
  watch(world: number): Promise<Reply>;
  resync(world: number): Promise<Reply>;
  control(control: ControlInput): Promise<Reply>;
  /** Says something to agents of the watched world. */
  chat(chat: Chat): Promise<Reply>;
  /** Steers an agent of the watched world, or lets it go. */
  teleop(message: Teleop): Promise<Reply>;
  /** Asks for the plans of the watched world, or no longer. */
  wantPlans(wish: PlansWish): Promise<Reply>;
  close(): void;
}

const ACK_TIMEOUT_MS = 8000;
/** In place of an answer that did not come in time: the wish may have been carried out or not. */
export const NO_ANSWER: Reply = Object.freeze({ ok: false, sentence: 'The host did not answer.' });

export function connectSocket(url: string, token: string | undefined, listener: HostListener): HostLink {
  const socket: Socket<HostToWatcher, WatcherToHost> = io(url, {
    transports: ['websocket', 'polling'],
    reconnectionDelay: 400,
    reconnectionDelayMax: 3000,
  });
  const secret = token === undefined ? {} : { token };
  const receive =
    <T>(decode: (bytes: WireBytes) => T, handle: (message: T) => void) =>
    (bytes: WireBytes) => {
      try {
        handle(decode(bytes));
      } catch (error) {
        listener.damaged(error instanceof Error ? error : new Error(String(error)));
      }
    };
  const ask = (send: (done: (error: Error | null, reply: Reply) => void) => void) =>
    new Promise<Reply>((resolve) => {
      send((error, reply) => {
        if (error !== null) resolve(NO_ANSWER);
        else {
          const parsed = ReplySchema.safeParse(reply);
          resolve(parsed.success ? parsed.data : { ok: false, sentence: 'The host gave an answer that this page does not understand.' });
        }
      });
    });

  socket.on('connect', () => {
    const { recovered } = socket;
    socket.timeout(ACK_TIMEOUT_MS).emit('hello', { protocol: WIRE_PROTOCOL, ...secret }, (error, reply) => {
      if (error !== null) return listener.state('lost', 'The host does not answer. Retrying…');
      const parsed = HelloReplySchema.safeParse(reply);
      if (!parsed.success)
        return listener.state('refused', 'The host speaks another language than this page. Use the same Kinovox version on both sides.');
      if (!parsed.data.ok) return listener.state('refused', parsed.data.sentence);
      listener.state('connected', '');
      listener.welcome(parsed.data.welcome, recovered);
    });
  });
  socket.on('disconnect', () => {
    listener.state('lost', 'Connection lost, retrying…');
    // A host that closes on purpose is not redialled by Socket.IO itself.
    if (!socket.active) socket.connect();
  });
  socket.on('connect_error', () => {
    listener.state('lost', 'The host cannot be reached, retrying…');
    if (!socket.active) socket.connect();
  });
  socket.on('table', receive(decodeTable, listener.table));
  socket.on('level', receive(decodeLevel, listener.level));
  socket.on('frame', receive(decodeFrame, listener.frame));
  socket.on('edits', receive(decodeEdits, listener.edits));
  socket.on('events', receive(decodeEvents, listener.events));
  socket.on(
    'plans',
    receive((bytes) => parseMessage('plans', PlansSchema, jsonOf(bytes)), listener.plans),
  );
  socket.on(
    'decisions',
    receive((bytes) => parseMessage('decisions', DecisionsSchema, jsonOf(bytes)), listener.decisions),
  );
  socket.on('status', (message) => receive(() => parseMessage('status', StatusSchema, message), listener.status)(new ArrayBuffer(0)));
  socket.on('notice', (message) =>
    receive(
      () => parseMessage('notice', NoticeSchema, message),
      ({ sentence }) => listener.notice(sentence),
    )(new ArrayBuffer(0)),
  );

  return {
    watch: (world) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('watch', { world }, done)),
    resync: (world) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('resync', { world }, done)),
    control: (control) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('control', { ...control, ...secret }, done)),
    chat: (chat) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('chat', { ...chat, ...secret }, done)),
    teleop: (message) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('teleop', { ...message, ...secret }, done)),
    wantPlans: (wish) => ask((done) => socket.timeout(ACK_TIMEOUT_MS).emit('plans', wish, done)),
    close: () => socket.disconnect(),
  };
}

/** @throws SyntaxError where it is none. */
function jsonOf(bytes: WireBytes): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
