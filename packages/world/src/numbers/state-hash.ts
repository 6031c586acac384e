/**
 * The state hash: two u32 lanes, each the wrapping sum of mix(field id, index, value) over state words.
 * A sum has no order, so it can be reduced in parallel and updated per edit. A word at its field's default adds nothing.
 */
import { mix32 } from './random.js';

/** Lane 0 of one state word. */
export function hashWord0(fieldId: number, index: number, value: number): number {
  return mix32(mix32(Math.imul(fieldId, 0x9e3779b1) ^ index) + Math.imul(value, 0x85ebca77));
}

/** Lane 1 of one state word. */
export function hashWord1(fieldId: number, index: number, value: number): number {
  return mix32(mix32(Math.imul(fieldId, 0xc2b2ae3d) + index) ^ Math.imul(value, 0x27d4eb2f));
}

/** 16 hexadecimal digits: lane 1 then lane 0. */
export function formatHash(lane0: number, lane1: number): string {
  return (lane1 >>> 0).toString(16).padStart(8, '0') + (lane0 >>> 0).toString(16).padStart(8, '0');
}

/** Two-lane hash of a text's UTF-8 bytes, as 16 hexadecimal digits; for scenario hashes and content addresses, not for security. */
export function hashText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let lane0 = hashWord0(0, bytes.length, 0);
  let lane1 = hashWord1(0, bytes.length, 0);
  for (let i = 0; i < bytes.length; i++) {
    lane0 = (Math.imul(lane0, 31) + hashWord0(1, i, bytes[i] + 1)) >>> 0;
    lane1 = (Math.imul(lane1, 37) + hashWord1(1, i, bytes[i] + 1)) >>> 0;
  }
  return formatHash(lane0, lane1);
}
