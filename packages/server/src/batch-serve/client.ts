/** A client of the batch server: its socket, the messages that wait for their turn, its batch, and the memory it may share. */
import { KinovoxError } from '@kinovox/world';
import type { RawData, WebSocket } from 'ws';
import { failureMessage } from '../cli/failure.js';
import { BatchSession, greeting, type SessionHost } from './session.js';
import { type MemorySizes, memoryProblem, SharedMemory, type SharedMemoryOffer } from './shared-memory.js';

/** Messages that a client may send ahead of its replies. */
const MAX_PENDING = 16;

type Message = { text: string } | { step: Buffer } | { ring: number };

export class BatchClient {
  readonly session: BatchSession;
  readonly #socket: WebSocket;
  readonly #address: string | undefined;
  readonly #pending: Message[] = [];
  #memory: SharedMemory | undefined;
  #out = Buffer.alloc(0);
  #busy = false;
  /** The answer must still go through the memory, even where it is that the batch is gone. */
  #answersRing = false;
  #closed = false;

  constructor(socket: WebSocket, address: string | undefined, host: Omit<SessionHost, 'shareMemory' | 'freeMemory'>) {
    this.#socket = socket;
    this.#address = address;
    this.session = new BatchSession({
      ...host,
      shareMemory: (sizes) => this.#shareMemory(sizes),
      freeMemory: () => {
        if (!this.#answersRing) this.#freeMemory();
      },
    });
    socket.on('message', (data: RawData, isBinary: boolean) =>
      this.#accept(isBinary ? { step: data as Buffer } : { text: data.toString() }),
    );
    socket.on('error', () => socket.terminate());
    socket.send(greeting());
  }

  /** Frees what the client held; a step that runs ends first. */
  close(): void {
    this.#closed = true;
    if (!this.#busy) this.session.close();
  }

  #accept(message: Message): void {
    this.#pending.push(message);
    if (this.#pending.length > MAX_PENDING) {
      this.#pending.length = 0;
      this.#socket.close(1008, `At most ${MAX_PENDING} messages may wait for their replies.`);
    } else if (!this.#busy) void this.#run();
  }

  /** One message at a time; the next is read when the last reply has left. */
  async #run(): Promise<void> {
    this.#busy = true;
    this.#socket.pause();
    for (let message = this.#pending.shift(); message !== undefined && this.#isOpen; message = this.#pending.shift()) {
      if ('ring' in message) await this.#answerRing(message.ring);
      else await this.#answer(message);
    }
    this.#busy = false;
    if (this.#closed) this.session.close();
    else this.#socket.resume();
  }

  get #isOpen(): boolean {
    return !this.#closed && this.#socket.readyState === this.#socket.OPEN;
  }

  async #answer(message: { text: string } | { step: Buffer }): Promise<void> {
    let reply: string | Uint8Array;
    try {
      const given = 'step' in message ? await this.session.step(message.step) : await this.session.request(message.text);
      reply = typeof given === 'string' ? given : this.#joined(given);
    } catch (error) {
      reply = errorText(error);
    }
    // The reply lies in a buffer of the client's own, which must not change until it has left.
    if (this.#isOpen) await new Promise<void>((resolve) => this.#socket.send(reply, () => resolve()));
  }

  async #answerRing(step: number): Promise<void> {
    const memory = this.#memory;
    if (memory === undefined) return;
    this.#answersRing = true;
    try {
      memory.readActionsInto(this.session.actions);
      const parts = await this.session.advance(step);
      memory.answer(step, parts);
    } catch (error) {
      memory.refuse(step, errorText(error));
      // A batch that failed is gone, and its memory with it once the client knows.
      if (this.session.numWorlds === 0) this.#freeMemory();
    } finally {
      this.#answersRing = false;
    }
  }

  #joined(parts: readonly Uint8Array[]): Uint8Array {
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (this.#out.length < bytes) this.#out = Buffer.alloc(bytes);
    let at = 0;
    for (const part of parts) {
      this.#out.set(part, at);
      at += part.byteLength;
    }
    return this.#out.subarray(0, bytes);
  }

  async #shareMemory(sizes: MemorySizes): Promise<SharedMemoryOffer> {
    const problem = memoryProblem(this.#address);
    if (problem !== undefined) return { sharedMemoryRefused: problem };
    try {
      this.#memory = await SharedMemory.create(sizes, (step) => this.#accept({ ring: step }));
      return { sharedMemory: this.#memory.spec };
    } catch (error) {
      return { sharedMemoryRefused: `Shared memory could not be made: ${failureMessage(error)}. Steps go over WebSocket.` };
    }
  }

  #freeMemory(): void {
    this.#memory?.close();
    this.#memory = undefined;
  }
}

function errorText(error: unknown): string {
  const code = error instanceof KinovoxError ? error.code : 'internal';
  return JSON.stringify({ type: 'error', code, message: failureMessage(error) });
}
