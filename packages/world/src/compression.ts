/**
 * Raw DEFLATE (RFC 1951) for data of our own, with the length known before it is read, so that no input can exhaust memory.
 * Runs in Node and in browsers; source: fflate (MIT).
 */
import { deflateSync, inflateSync } from 'fflate';
import { ProtocolError } from './errors.js';

/** @param level 1 (fast) to 9 (small). */
export function deflateBytes(bytes: Uint8Array, level: 1 | 3 | 6 | 9 = 3): Uint8Array {
  return deflateSync(bytes, { level });
}

/**
 * @param length bytes that must come out, from a field of the format.
 * @param what named in the error, such as `keyframe at tick 200`.
 * @throws ProtocolError when the data is damaged or of another length.
 */
export function inflateBytes(bytes: Uint8Array, length: number, what: string): Uint8Array {
  let out: Uint8Array;
  try {
    out = inflateSync(bytes, { out: new Uint8Array(length) });
  } catch (cause) {
    throw new ProtocolError(
      'deflate',
      `${what} must be raw DEFLATE data; got ${bytes.length} bytes that are not (${cause instanceof Error ? cause.message : cause}). The file is damaged; take another copy.`,
      { cause },
    );
  }
  if (out.length !== length)
    throw new ProtocolError(
      'deflate',
      `${what} must expand to ${length} bytes; got ${out.length}. The file is damaged; take another copy.`,
    );
  return out;
}
