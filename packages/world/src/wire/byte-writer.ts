/** Writes a binary message, little endian, into a buffer whose size the codec states beforehand. */
import { invariant } from '../errors.js';
import { WIRE_PROTOCOL, type WireKind } from './protocol.js';

/** Bytes of the version and kind that every message begins with. */
const HEADER_BYTES = 2;

export class ByteWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @param bodyBytes exact length of everything after the header. */
  constructor(kind: WireKind, bodyBytes: number) {
    this.#bytes = new Uint8Array(HEADER_BYTES + bodyBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.u8(WIRE_PROTOCOL).u8(kind);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  u16s(values: ArrayLike<number>): this {
    for (let i = 0; i < values.length; i++) this.u16(values[i]);
    return this;
  }

  /** i32 or u32 words: both keep their low 32 bits. */
  words(values: ArrayLike<number>): this {
    for (let i = 0; i < values.length; i++, this.#at += 4) this.#view.setInt32(this.#at, values[i], true);
    return this;
  }

  f32s(values: ArrayLike<number>): this {
    for (let i = 0; i < values.length; i++, this.#at += 4) this.#view.setFloat32(this.#at, values[i], true);
    return this;
  }

  bytes(values: Uint8Array): this {
    this.#bytes.set(values, this.#at);
    this.#at += values.length;
    return this;
  }

  /** The message. */
  finish(): Uint8Array {
    invariant(this.#at === this.#bytes.length, `A message of ${this.#bytes.length} bytes was filled with ${this.#at}.`);
    return this.#bytes;
  }
}
