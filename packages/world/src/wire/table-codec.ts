/** `table`: one line per world of the batch, for the overview. Volatile, a few times a second. Shape: B worlds. */
import { ByteReader, type WireBytes } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { MAX_TABLE_WORLDS, WIRE_KIND } from './protocol.js';

export interface WorldTable {
  /** `[B]` tick of the running episode. */
  tick: Uint32Array;
  /** `[B]` episodes finished. */
  episodes: Uint32Array;
  /** `[B]` episodes that ended in success. */
  successes: Uint32Array;
  /** `[B]` reward of all agents so far in the running episode. */
  returns: Float32Array;
  /** `[B]` progress of the first task, Q14: 0..16384. */
  progress: Uint16Array;
  /** `[B]` WORLD_STATUS of the last episode that ended, 0 before the first end. */
  status: Uint8Array;
}

const BYTES_PER_WORLD = 4 * 4 + 2 + 1;

/** A table of zeros. */
export function createWorldTable(numWorlds: number): WorldTable {
  return {
    tick: new Uint32Array(numWorlds),
    episodes: new Uint32Array(numWorlds),
    successes: new Uint32Array(numWorlds),
    returns: new Float32Array(numWorlds),
    progress: new Uint16Array(numWorlds),
    status: new Uint8Array(numWorlds),
  };
}

export function encodeTable(table: WorldTable): Uint8Array {
  const n = table.tick.length;
  return new ByteWriter(WIRE_KIND.table, 4 + n * BYTES_PER_WORLD)
    .u32(n)
    .words(table.tick)
    .words(table.episodes)
    .words(table.successes)
    .f32s(table.returns)
    .u16s(table.progress)
    .bytes(table.status)
    .finish();
}

/** @throws ProtocolError when the bytes are not a whole table. */
export function decodeTable(bytes: WireBytes): WorldTable {
  const reader = new ByteReader(bytes, WIRE_KIND.table);
  const n = reader.count('worlds', MAX_TABLE_WORLDS, BYTES_PER_WORLD);
  const table = {
    tick: reader.u32s(n),
    episodes: reader.u32s(n),
    successes: reader.u32s(n),
    returns: reader.f32s(n),
    progress: reader.u16s(n),
    status: reader.bytes(n),
  };
  reader.end();
  return table;
}
