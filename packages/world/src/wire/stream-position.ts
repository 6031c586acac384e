/** Where in which world's time a message belongs: the head of every binary message but the table. */
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

export interface StreamPosition {
  /** Number of the uninterrupted line of time on the host; a fork, a release and a seek begin a new one. u32. */
  stream: number;
  /** Row of the batch, or of the list of recordings. u32. */
  world: number;
  /** Episodes that the row had finished before this one. u32. */
  episode: number;
  /** Ticks since the episode began; the state is that at the end of this tick. u32. */
  tick: number;
}

export const POSITION_BYTES = 16;

export function writePosition(writer: ByteWriter, position: StreamPosition): ByteWriter {
  return writer.u32(position.stream).u32(position.world).u32(position.episode).u32(position.tick);
}

export function readPosition(reader: ByteReader): StreamPosition {
  return { stream: reader.u32(), world: reader.u32(), episode: reader.u32(), tick: reader.u32() };
}

/** Whether two messages belong to the same episode of the same line of time. */
export function sameEpisode(a: StreamPosition, b: StreamPosition): boolean {
  return a.stream === b.stream && a.world === b.world && a.episode === b.episode;
}
