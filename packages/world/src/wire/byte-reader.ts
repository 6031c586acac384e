/**
 * Reads a binary message, little endian, with every read checked against its end.
 * The bytes come from a peer, so nothing here trusts a length that they state.
 */
import { ProtocolError } from '../errors.js';
import { WIRE_KIND, WIRE_PROTOCOL, type WireKind } from './protocol.js';

/** Binary data as sockets hand it over: an ArrayBuffer in browsers, a Buffer in Node. */
export type WireBytes = ArrayBuffer | Uint8Array;

export class ByteReader {
  readonly #view: DataView;
  readonly #name: string;
  #at = 0;

  /** Checks the header. @throws ProtocolError `wire-version` or `wire-kind` when the message is of another version or kind, `wire-bytes` when it is not binary. */
  constructor(bytes: WireBytes, kind: WireKind) {
    this.#name = Object.entries(WIRE_KIND).find(([, id]) => id === kind)![0];
    if (bytes instanceof ArrayBuffer) this.#view = new DataView(bytes);
    else if (ArrayBuffer.isView(bytes)) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    else
      throw new ProtocolError(
        'wire-bytes',
        `A ${this.#name} message must be binary; got ${typeof bytes}. Encode it with the codecs of @kinovox/world.`,
      );
    const version = this.u8();
    if (version !== WIRE_PROTOCOL) {
      throw new ProtocolError(
        'wire-version',
        `A ${this.#name} message must have protocol version ${WIRE_PROTOCOL}; got ${version}. Use the same Kinovox version on both sides.`,
      );
    }
    const got = this.u8();
    if (got !== kind)
      throw new ProtocolError(
        'wire-kind',
        `A ${this.#name} message must have kind ${kind}; got ${got} at byte 1. Send each message under its own name.`,
      );
  }

  /** Bytes not read yet. */
  get rest(): number {
    return this.#view.byteLength - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A u32 count of things, each of at least `bytesEach` bytes. @throws ProtocolError `wire-count` when it is over `most` or more than the message holds. */
  count(what: string, most: number, bytesEach: number): number {
    const at = this.#at;
    const n = this.u32();
    if (n > most || n * bytesEach > this.rest) {
      throw new ProtocolError(
        'wire-count',
        `A ${this.#name} message must hold the ${what} it states, at most ${most}; got ${n} at byte ${at} with ${this.rest} bytes left. Drop it and ask for a resync.`,
      );
    }
    return n;
  }

  u16s(n: number): Uint16Array {
    const start = this.#take(n * 2);
    return Uint16Array.from({ length: n }, (_, i) => this.#view.getUint16(start + 2 * i, true));
  }

  i32s(n: number): Int32Array {
    const start = this.#take(n * 4);
    const out = new Int32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#view.getInt32(start + 4 * i, true);
    return out;
  }

  u32s(n: number): Uint32Array {
    return new Uint32Array(this.i32s(n).buffer);
  }

  f32s(n: number): Float32Array {
    return new Float32Array(this.i32s(n).buffer);
  }

  /** A copy of the next n bytes. */
  bytes(n: number): Uint8Array {
    const start = this.#take(n);
    return new Uint8Array(this.#view.buffer.slice(this.#view.byteOffset + start, this.#view.byteOffset + start + n) as ArrayBuffer);
  }

  /** @throws ProtocolError `wire-trailing` when bytes are left over. */
  end(): void {
    if (this.rest !== 0)
      throw new ProtocolError(
        'wire-trailing',
        `A ${this.#name} message must end where its content does; got ${this.rest} bytes more at byte ${this.#at}. Drop it and ask for a resync.`,
      );
  }

  #take(n: number): number {
    const start = this.#at;
    if (n > this.rest) {
      throw new ProtocolError(
        'wire-truncated',
        `A ${this.#name} message must be whole; got ${this.#view.byteLength} bytes where ${n} more are needed at byte ${start}. Drop it and ask for a resync.`,
      );
    }
    this.#at = start + n;
    return start;
  }
}
