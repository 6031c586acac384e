/** `edits` and `events`: what changed in one world in one tick. Reliable and numbered; see `protocol.ts`. */
import { EVENT_WORDS } from '../spec/events.js';
import { ByteReader, type WireBytes } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { WIRE_KIND, type WireKind } from './protocol.js';
import { POSITION_BYTES, readPosition, type StreamPosition, writePosition } from './stream-position.js';

/** Words of one edit: cell index, palette index. */
export const EDIT_WORDS = 2;

export interface NumberedPosition extends StreamPosition {
  /** One more than that of the previous reliable message of this world; u32. */
  sequence: number;
}

export interface EditsMessage extends NumberedPosition {
  /** `[n, EDIT_WORDS]` in the order in which they happened. */
  cells: Int32Array;
}

export interface EventsMessage extends NumberedPosition {
  /** Id of the first row within the episode; the others count on from it. */
  firstId: number;
  /** `[n, EVENT_WORDS]`: kind, agent slot or -1, two data words, id + 1 of the parent event or 0. */
  rows: Int32Array;
}

const MOST = 1 << 20;

export function encodeEdits(message: EditsMessage): Uint8Array {
  return begin(WIRE_KIND.edits, message, 4 + message.cells.length * 4)
    .u32(message.cells.length / EDIT_WORDS)
    .words(message.cells)
    .finish();
}

/** @throws ProtocolError when the bytes are not a whole message. */
export function decodeEdits(bytes: WireBytes): EditsMessage {
  const reader = new ByteReader(bytes, WIRE_KIND.edits);
  const position = readNumbered(reader);
  const cells = reader.i32s(reader.count('edits', MOST, EDIT_WORDS * 4) * EDIT_WORDS);
  reader.end();
  return { ...position, cells };
}

export function encodeEvents(message: EventsMessage): Uint8Array {
  return begin(WIRE_KIND.events, message, 8 + message.rows.length * 4)
    .u32(message.firstId)
    .u32(message.rows.length / EVENT_WORDS)
    .words(message.rows)
    .finish();
}

/** @throws ProtocolError when the bytes are not a whole message. */
export function decodeEvents(bytes: WireBytes): EventsMessage {
  const reader = new ByteReader(bytes, WIRE_KIND.events);
  const position = readNumbered(reader);
  const firstId = reader.u32();
  const rows = reader.i32s(reader.count('events', MOST, EVENT_WORDS * 4) * EVENT_WORDS);
  reader.end();
  return { ...position, firstId, rows };
}

function begin(kind: WireKind, position: NumberedPosition, bodyBytes: number): ByteWriter {
  return writePosition(new ByteWriter(kind, POSITION_BYTES + 4 + bodyBytes), position).u32(position.sequence);
}

function readNumbered(reader: ByteReader): NumberedPosition {
  return { ...readPosition(reader), sequence: reader.u32() };
}
