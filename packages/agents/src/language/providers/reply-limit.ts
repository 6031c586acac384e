/** A bound on what is read of one reply: a server that never ends it is given up before it fills the memory. */
import { ModelError } from '../model.js';

/** Bytes for what stands around the tokens: ids, usage, headers of a stream's parts. */
const FRAME_BYTES = 256 * 1024;
/** Bytes that a token may take: a part of a stream wraps each into some hundred bytes of JSON. */
const BYTES_PER_TOKEN = 1024;

/** Of one call: give `fetch` to the client, and look at `error` when the call has failed. */
export class ReplyLimit {
  readonly #maxTokens: number;
  #error: ModelError | undefined;

  /** @param maxTokens of the reply, as the server was asked. */
  constructor(maxTokens: number) {
    this.#maxTokens = maxTokens;
  }

  /** The error of a reply that was given up, which clients wrap in errors of their own. */
  get error(): ModelError | undefined {
    return this.#error;
  }

  /** As the global one; the body of the answer ends in an error beyond the bound, that of a refusal just ends. */
  readonly fetch = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...request);
    if (response.body === null) return response;
    const mostBytes = FRAME_BYTES + BYTES_PER_TOKEN * this.#maxTokens;
    let numBytes = 0;
    const bounded = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        numBytes += chunk.byteLength;
        if (numBytes <= mostBytes) return controller.enqueue(chunk);
        if (!response.ok) return controller.terminate();
        this.#error = new ModelError(
          'malformed-reply',
          `A reply of at most ${this.#maxTokens} tokens must end within ${mostBytes} bytes; it did not, and was given up. Does the server heed sampling.maxTokens?`,
        );
        controller.error(this.#error);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(bounded), { status, statusText, headers });
  };
}
