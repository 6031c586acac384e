/** A client of the batch server, for tests: asks, and waits for the one reply. */
import { BATCH_HEADER_BYTES, BATCH_KIND, writeBatchHeader } from '@kinovox/world';
import WebSocket from 'ws';
import { eventually } from './command.js';

export class BatchTestClient {
  readonly socket: WebSocket;
  readonly #replies: (Buffer | Record<string, unknown>)[] = [];
  closed: { code: number } | undefined;

  constructor(url: string, token?: string) {
    this.socket = new WebSocket(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    this.socket.on('message', (data, isBinary) => this.#replies.push(isBinary ? (data as Buffer) : JSON.parse(data.toString())));
    this.socket.on('close', (code) => (this.closed = { code }));
  }

  next<T = Record<string, unknown>>(): Promise<T> {
    return eventually('a reply', () => this.#replies.shift() as T | undefined);
  }

  ask<T = Record<string, unknown>>(message: object | Buffer): Promise<T> {
    this.socket.send(message instanceof Buffer ? message : JSON.stringify(message));
    return this.next<T>();
  }
}

/** A step as one message. */
export function stepMessage(actions: Float32Array, step = 1): Buffer {
  const message = Buffer.alloc(BATCH_HEADER_BYTES + 4 * actions.length);
  writeBatchHeader(new DataView(message.buffer, message.byteOffset), BATCH_KIND.step, step, 0);
  message.set(new Uint8Array(actions.buffer), BATCH_HEADER_BYTES);
  return message;
}
