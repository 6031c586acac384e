/**
 * The 64-bit chain of a recording: each record's value is mixed from the one before, the record's type and length, and its bytes.
 * It finds damage, truncation and edits of single records. It is no signature: whoever rewrites the whole file can make a new chain;
 * replay with verification then compares the states themselves.
 */
import { mix32 } from '@kinovox/world';

/** Two u32 lanes. */
export interface ChainValue {
  lane0: number;
  lane1: number;
}

export const CHAIN_START: Readonly<ChainValue> = { lane0: 0x4b564f58, lane1: 0x52454331 };

/** The 24-bit check of a record's type and length, so that a changed length is not mistaken for a cut file. */
export function headCheck(chain: Readonly<ChainValue>, type: number, length: number): number {
  return mix32(mix32(chain.lane0 ^ Math.imul(type, 0x9e3779b1)) ^ mix32(length + chain.lane1)) & 0xffffff;
}

/** The chain after a record. */
export function nextChain(chain: Readonly<ChainValue>, type: number, payload: Uint8Array): ChainValue {
  let lane0 = mix32(chain.lane0 ^ Math.imul(type, 0x85ebca77) ^ payload.length);
  let lane1 = mix32(chain.lane1 + Math.imul(type, 0xc2b2ae3d) + payload.length);
  const whole = payload.length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    const word = payload[i] | (payload[i + 1] << 8) | (payload[i + 2] << 16) | (payload[i + 3] << 24);
    lane0 = Math.imul(lane0 ^ mix32(word), 0x9e3779b1);
    lane0 ^= lane0 >>> 15;
    lane1 = (Math.imul(lane1, 0x85ebca6b) + mix32(word ^ 0x5bd1e995)) | 0;
    lane1 ^= lane1 >>> 13;
  }
  let tail = 0;
  for (let shift = 0; i < payload.length; i++, shift += 8) tail |= payload[i] << shift;
  return { lane0: mix32(lane0 ^ mix32(tail + 1)), lane1: mix32(lane1 + mix32(tail ^ 0x27d4eb2f)) };
}
