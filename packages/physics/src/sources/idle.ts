/** The idle source: nobody does anything. */
import type { ActionSource } from './action-source.js';

export function createIdleSource(): ActionSource {
  return {
    name: 'idle',
    check() {},
    fill: (_, out) => out.fill(0),
    device: () => ({ table: new Int32Array(1), code: 'fn decide(w: i32, a: i32, i: i32) {}' }),
  };
}
