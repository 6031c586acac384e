/**
 * Appends records to a recording file. Records reach the file whole and in order, so a killed run leaves a readable prefix;
 * `close` adds the end record and marks the file finished.
 */
import * as fs from 'node:fs';
import { UsageError } from '@kinovox/world';
import { ByteWriter } from './byte-writer.js';
import { CHAIN_START, type ChainValue, headCheck, nextChain } from './chain-hash.js';
import { encodeEntry, encodeHeader } from './entry-codec.js';
import { CHAIN_BYTES, FORMAT_VERSION, HEAD_BYTES, MAGIC, RECORD_HEAD_BYTES, type RecordingEntry, type RecordingHeader } from './format.js';

export interface WriterOptions {
  /** Ticks between flushes to the file; default 20 (one second). */
  flushTicks?: number | undefined;
}

export class RecordingWriter {
  readonly path: string;
  readonly #file: number;
  readonly #flushTicks: number;
  readonly #pending = new ByteWriter();
  readonly #payload = new ByteWriter();
  #chain: ChainValue = { ...CHAIN_START };
  #length = 0;
  #ticks = 0;
  #episodes = 0;
  #events = 0;
  #closed = false;

  /** Creates the file. @throws UsageError when it exists or cannot be made. */
  constructor(path: string, header: RecordingHeader, options: WriterOptions = {}) {
    this.path = path;
    this.#flushTicks = options.flushTicks ?? 20;
    try {
      this.#file = fs.openSync(path, 'wx');
    } catch (cause) {
      throw new UsageError(
        'recording-path',
        `A recording must be written to a new file in a folder that exists; got "${path}" (${cause instanceof Error ? cause.message : cause}). Choose another path.`,
        { cause },
      );
    }
    this.#pending.bytes(headBytes(0, 0, { lane0: 0, lane1: 0 }, 0));
    this.#payload.clear();
    this.#append(encodeHeader(this.#payload, header));
    this.flush();
  }

  /** Number of ticks written so far. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Appends an entry; ticks are flushed every so many, all others at the next flush. */
  write(entry: Exclude<RecordingEntry, { type: 'end' }>): void {
    if (this.#closed)
      throw new UsageError(
        'recording-closed',
        `A recording must be open to be written; got an entry for "${this.path}" after close(). Make another recording.`,
      );
    this.#payload.clear();
    this.#append(encodeEntry(this.#payload, entry));
    if (entry.type === 'episode') this.#episodes++;
    if (entry.type !== 'tick') return;
    this.#ticks++;
    this.#events += entry.events.length + entry.eventsDropped;
    if (this.#ticks % this.#flushTicks === 0) this.flush();
  }

  /** Hands everything written so far to the operating system. */
  flush(): void {
    const bytes = this.#pending.view();
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.#file, bytes, done, bytes.length - done);
    this.#length += bytes.length;
    this.#pending.clear();
  }

  /** Finishes the file. Without it, readers say that the run was cut. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#payload.clear();
    this.#append(encodeEntry(this.#payload, { type: 'end', ticks: this.#ticks, episodes: this.#episodes, events: this.#events }));
    this.flush();
    fs.writeSync(this.#file, headBytes(1, this.#length, this.#chain, this.#ticks), 0, HEAD_BYTES, 0);
    fs.closeSync(this.#file);
  }

  #append(type: number): void {
    const payload = this.#payload.view();
    const check = headCheck(this.#chain, type, payload.length);
    this.#chain = nextChain(this.#chain, type, payload);
    this.#pending
      .u32(payload.length)
      .u32(type | (check << 8))
      .bytes(payload)
      .u32(this.#chain.lane0)
      .u32(this.#chain.lane1);
  }
}

/** Bytes that a record takes beside its payload. */
export const RECORD_OVERHEAD_BYTES = RECORD_HEAD_BYTES + CHAIN_BYTES;

function headBytes(state: number, length: number, chain: ChainValue, ticks: number): Uint8Array {
  const head = new ByteWriter();
  head.bytes(MAGIC).u32(FORMAT_VERSION).u32(state).f64(length).u32(chain.lane0).u32(chain.lane1).u32(ticks).u32(0);
  return head.view().slice();
}
