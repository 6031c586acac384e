/** The host's end of a worker thread: messages out, messages in, requests with answers, and its end. */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import type { Failed } from './thread-messages.js';

interface Reply {
  request: number;
}

export class WorkerThread<To, From extends { kind: string }> {
  /** Resolves when the thread ends on its own or is ended; rejects when it fails. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (reply: never) => void; reject: (reason: unknown) => void }>();
  /** Why nothing is answered any more. */
  #end: { reason: unknown } | undefined;
  #nextRequest = 1;

  /**
   * @param file compiled module beside this one.
   * @param onMessage everything that is not a reply to a request.
   */
  constructor(file: string, workerData: unknown, onMessage: (message: From) => void) {
    this.#worker = new Worker(threadEntry(file, import.meta.url), { workerData });
    this.ended = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: From | Failed) => {
        if (message.kind === 'failed') reject(errorOf(message as Failed));
        else if ('request' in message) this.#answer(message as unknown as Reply);
        else onMessage(message as From);
      });
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => resolve());
    });
    // Whoever cares waits for it; nobody must not be an unhandled rejection.
    this.ended.then(
      () => this.#fail(new Error('The thread has ended.')),
      (reason: unknown) => this.#fail(reason),
    );
  }

  post(message: To): void {
    this.#worker.postMessage(message);
  }

  /** Sends a message with a fresh request number. @returns the reply; rejects when the thread ends first. */
  ask<R>(message: (request: number) => To): Promise<R> {
    const request = this.#nextRequest++;
    return new Promise<R>((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end.reason);
        return;
      }
      this.#waiting.set(request, { resolve, reject });
      this.post(message(request));
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(reply: Reply): void {
    const waiting = this.#waiting.get(reply.request);
    this.#waiting.delete(reply.request);
    waiting?.resolve(reply as never);
  }

  #fail(reason: unknown): void {
    this.#end = { reason };
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

function errorOf({ code, message }: Failed): Error {
  return code === undefined ? new Error(message) : new UsageError(code, message);
}
