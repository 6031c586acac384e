/** Requests to one world, one after the other in the order in which they came: no request sees another half done. */
import { UsageError } from '@kinovox/world';

/** Requests that may wait, the running one included: one for each agent that a world may have. */
const MAX_WAITING = 256;

export class TurnQueue {
  #last: Promise<unknown> = Promise.resolve();
  #numWaiting = 0;

  get isIdle(): boolean {
    return this.#numWaiting === 0;
  }

  /** Resolves when the requests so far have ended. */
  get ended(): Promise<unknown> {
    return this.#last;
  }

  /** Rejects with a UsageError where too many wait. */
  run<T>(use: () => Promise<T>): Promise<T> {
    if (this.#numWaiting >= MAX_WAITING)
      return Promise.reject(
        new UsageError('too-many-requests', `At most ${MAX_WAITING} requests to a world may wait; got one more. Await replies first.`),
      );
    this.#numWaiting++;
    const done = this.#last.then(use).finally(() => this.#numWaiting--);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
