/**
 * Messages of a watcher: one way in for all of them, whatever their name. Rate limit, name, shape and greeting are checked in this order;
 * what fails is counted and answered with a sentence. Nothing that a peer sends can throw.
 */
import { type HelloReply, parseMessage, type Reply, type WatcherToHost } from '@kinovox/world';
import type { HostSocket } from './delivery.js';
import type { HostCounters } from './host-counters.js';
import { refuse, type Watcher } from './watcher.js';

type MessageName = keyof WatcherToHost;
type MessageOf<N extends MessageName> = Parameters<WatcherToHost[N]>[0];
type Schema = Parameters<typeof parseMessage>[1];

/** What a message must look like and what is done with it. */
export interface MessageRule<T> {
  schema: Schema;
  handle(message: T): Promise<Reply | HelloReply>;
}

export type MessageRules = { [N in MessageName]: MessageRule<MessageOf<N>> };

/** Messages over the rate limit before a watcher is disconnected. */
const MAX_REFUSED = 600;

export function listenToWatcher(socket: HostSocket, watcher: Watcher, counters: HostCounters, rules: MessageRules): void {
  const names = Object.keys(rules);
  socket.onAny((name: string, ...args: unknown[]) => {
    const reply = replyTo(args);
    if (!watcher.limit.allows(performance.now())) {
      counters.rateLimited++;
      reply(refuse('A watcher may send 30 messages per second; got more. Wait a moment.'));
      if (watcher.limit.refused > MAX_REFUSED) socket.disconnect(true);
      return;
    }
    const malformed = (sentence: string) => {
      counters.malformed++;
      reply(refuse(sentence));
    };
    if (!Object.hasOwn(rules, name)) {
      malformed(`A message must be one of ${names.join(', ')}; got "${String(name).slice(0, 100)}".`);
      return;
    }
    if (name !== 'hello' && !watcher.greeted) {
      malformed('A watcher must send hello first.');
      return;
    }
    const rule = rules[name as MessageName] as MessageRule<unknown>;
    let message: unknown;
    try {
      message = parseMessage(name, rule.schema, args[0]);
    } catch (error) {
      malformed((error as Error).message);
      return;
    }
    void rule.handle(message).then(reply);
  });
  socket.conn.on('close', (reason: string, description?: unknown) => {
    if (reason === 'parse error' || isOversize(description)) counters.oversized++;
  });
}

/** The acknowledgement of a message, or a function that does nothing when the peer wants none. */
function replyTo(args: readonly unknown[]): (reply: Reply | HelloReply) => void {
  const last = args[args.length - 1];
  return typeof last === 'function' ? (reply) => void last(reply) : () => undefined;
}

/** The WebSocket library closes a connection whose message is over the limit; its error arrives as the text of the transport's. */
function isOversize(description: unknown): boolean {
  return description instanceof Error && description.message.includes('Max payload size exceeded');
}
