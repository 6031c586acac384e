/** A watch over a server that falls silent: before its reply begins, between the parts of a stream, or while a body is read. */
import { ModelError } from '../model.js';

export class StallWatch {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #stallMs: number;
  readonly #forward = () => this.#controller.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasStalled = false;

  constructor(stallSeconds: number, outer: AbortSignal) {
    this.#stallMs = 1000 * stallSeconds;
    this.#outer = outer;
    if (outer.aborted) this.#controller.abort();
    outer.addEventListener('abort', this.#forward, { once: true });
    this.heard();
  }

  /** For the call: aborted by the caller, or by a stall. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server has said something. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hasStalled = true;
      this.#controller.abort();
    }, this.#stallMs);
  }

  /** The error of a stall, where that is what ended the call. */
  get error(): ModelError | undefined {
    if (!this.#hasStalled) return undefined;
    return new ModelError(
      'stalled',
      `The model's server must not be silent for ${this.#stallMs / 1000} s; it was. Raise stallSeconds, or look at the server.`,
      {
        isTransient: true,
      },
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#forward);
  }
}
