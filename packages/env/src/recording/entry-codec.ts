/** Record payloads of a recording: entries to bytes and back. Every length that the bytes state is checked before it is used. */
import { deflateBytes, EVENT_SPEC, type EventName, inflateBytes, ProtocolError } from '@kinovox/world';
import type { EventRecord } from '../event-record.js';
import type { ByteWriter } from './byte-writer.js';
import {
  type AgentColumns,
  type KeyframeEntry,
  MAX_PAYLOAD_BYTES,
  RECORD_TYPE,
  type RecordingEntry,
  type RecordingHeader,
} from './format.js';

const KIND_BY_NAME = new Map<string, number>(EVENT_SPEC.map((kind) => [kind.name, kind.id]));
const NAME_BY_KIND = new Map<number, EventName>(EVENT_SPEC.map((kind) => [kind.id, kind.name]));

/** Writes an entry's payload; returns its record type. */
export function encodeEntry(out: ByteWriter, entry: RecordingEntry): number {
  switch (entry.type) {
    case 'episode':
      writeJson(out, entry);
      return RECORD_TYPE.episode;
    case 'tick': {
      out
        .u32(entry.tick)
        .u8(entry.ended ? 1 : 0)
        .u32(entry.hash0)
        .u32(entry.hash1)
        .u32(entry.changes.length / 2);
      for (let i = 0; i < entry.changes.length; i += 2) out.u16(entry.changes[i]).i32(entry.changes[i + 1]);
      out
        .u16(entry.events.length)
        .u32(entry.eventsDropped)
        .u32(entry.events[0]?.id ?? 0);
      for (const event of entry.events)
        out
          .u8(KIND_BY_NAME.get(event.kind)!)
          .i32(event.agent)
          .i32(event.data0)
          .i32(event.data1)
          .i32(event.cause === null ? 0 : event.cause + 1);
      return RECORD_TYPE.tick;
    }
    case 'keyframe':
      writeKeyframe(out, entry);
      return RECORD_TYPE.keyframe;
    case 'text':
      out.i32(entry.word).bytes(new TextEncoder().encode(entry.text));
      return RECORD_TYPE.text;
    case 'columns':
      writeJson(out, { tick: entry.tick, columns: entry.columns });
      return RECORD_TYPE.columns;
    case 'outcomes':
      out.u32(entry.tick).u16(entry.rewards.length).u16(entry.ends.length);
      for (const [index, value] of entry.rewards) out.u16(index).f32(value);
      for (const [slot, bits] of entry.ends) out.u8(slot).u8(bits);
      return RECORD_TYPE.outcomes;
    case 'end':
      out.u32(entry.ticks).u32(entry.episodes).u32(entry.events);
      return RECORD_TYPE.end;
  }
}

/** The entry of a payload, or undefined for a type of a later format. @throws ProtocolError when it is not what its type says. */
export function decodeEntry(type: number, payload: Uint8Array, where: string): RecordingEntry | undefined {
  const reader = new PayloadReader(payload, where);
  switch (type) {
    case RECORD_TYPE.episode:
      return { ...reader.json(), type: 'episode' } as RecordingEntry;
    case RECORD_TYPE.tick:
      return readTick(reader);
    case RECORD_TYPE.keyframe:
      return readKeyframe(reader, where);
    case RECORD_TYPE.text:
      return { type: 'text', word: reader.i32(), text: new TextDecoder().decode(reader.bytes(reader.rest)) };
    case RECORD_TYPE.columns: {
      const { tick, columns } = reader.json() as { tick: number; columns: AgentColumns };
      return { type: 'columns', tick, columns };
    }
    case RECORD_TYPE.outcomes:
      return readOutcomes(reader);
    case RECORD_TYPE.end:
      return { type: 'end', ticks: reader.u32(), episodes: reader.u32(), events: reader.u32() };
    default:
      return undefined;
  }
}

export function encodeHeader(out: ByteWriter, header: RecordingHeader): number {
  writeJson(out, header);
  return RECORD_TYPE.header;
}

export function decodeHeader(payload: Uint8Array, where: string): RecordingHeader {
  return new PayloadReader(payload, where).json() as RecordingHeader;
}

function writeJson(out: ByteWriter, value: unknown): void {
  const text = new TextEncoder().encode(JSON.stringify(value));
  writeDeflated(out, text);
}

function writeDeflated(out: ByteWriter, bytes: Uint8Array): void {
  const small = deflateBytes(bytes);
  out.u32(bytes.length).u32(small.length).bytes(small);
}

function writeKeyframe(out: ByteWriter, entry: KeyframeEntry): void {
  out
    .u32(entry.tick)
    .u32(entry.variant)
    .u8(entry.voxels === undefined ? 1 : 0);
  writeDeflated(out, new Uint8Array(entry.words.buffer, entry.words.byteOffset, entry.words.byteLength));
  if (entry.voxels !== undefined) writeDeflated(out, entry.voxels);
  else {
    const cells = entry.cells!;
    writeDeflated(out, new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength));
  }
  out.u32(entry.rigid.length).bytes(entry.rigid);
}

function readKeyframe(reader: PayloadReader, where: string): KeyframeEntry {
  const tick = reader.u32();
  const variant = reader.u32();
  const sparse = reader.u8() === 1;
  const words = asWords(reader.deflated(), where);
  const content = reader.deflated();
  const rigid = reader.bytes(reader.u32());
  return {
    type: 'keyframe',
    tick,
    variant,
    words,
    voxels: sparse ? undefined : content,
    cells: sparse ? asWords(content, where) : undefined,
    rigid,
  };
}

function asWords(bytes: Uint8Array, where: string): Int32Array {
  if (bytes.length % 4 !== 0)
    throw new ProtocolError(
      'recording-words',
      `Words must be 4 bytes each; got ${bytes.length} bytes ${where}. The file is damaged; take another copy.`,
    );
  return new Int32Array(bytes.slice().buffer);
}

function readTick(reader: PayloadReader): RecordingEntry {
  const tick = reader.u32();
  const ended = reader.u8() === 1;
  const hash0 = reader.u32();
  const hash1 = reader.u32();
  const numChanges = reader.count(6);
  const changes = new Int32Array(numChanges * 2);
  for (let i = 0; i < numChanges; i++) {
    changes[2 * i] = reader.u16();
    changes[2 * i + 1] = reader.i32();
  }
  const numEvents = reader.u16();
  const eventsDropped = reader.u32();
  const firstId = reader.u32();
  const events: EventRecord[] = [];
  for (let i = 0; i < numEvents; i++) {
    const kind = NAME_BY_KIND.get(reader.u8()) ?? ('unknown' as EventName);
    const agent = reader.i32();
    const data0 = reader.i32();
    const data1 = reader.i32();
    const cause = reader.i32();
    events.push({ id: firstId + i, kind, agent, data0, data1, cause: cause === 0 ? null : cause - 1 });
  }
  return { type: 'tick', tick, ended, hash0, hash1, changes, events, eventsDropped };
}

function readOutcomes(reader: PayloadReader): RecordingEntry {
  const tick = reader.u32();
  const numRewards = reader.u16();
  const numEnds = reader.u16();
  return {
    type: 'outcomes',
    tick,
    rewards: Array.from({ length: numRewards }, () => [reader.u16(), reader.f32()]),
    ends: Array.from({ length: numEnds }, () => [reader.u8(), reader.u8()]),
  };
}

/** Reads a payload; running over its end is an error that names the place. */
class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  #at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
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

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A count of things of so many bytes each, which must fit. */
  count(bytesEach: number): number {
    const n = this.u32();
    if (n * bytesEach > this.rest) this.#fail(n * bytesEach);
    return n;
  }

  deflated(): Uint8Array {
    const length = this.u32();
    if (length > MAX_PAYLOAD_BYTES) this.#fail(length);
    return inflateBytes(this.bytes(this.u32()), length, `A record ${this.#where}`);
  }

  /** A JSON object. */
  json(): object {
    const text = new TextDecoder().decode(this.deflated());
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    if (typeof value === 'object' && value !== null) return value;
    throw new ProtocolError(
      'recording-json',
      `A record must hold a JSON object; got ${JSON.stringify(text.slice(0, 40))} ${this.#where}. The file is damaged; take another copy.`,
    );
  }

  #take(length: number): number {
    if (length > this.rest) this.#fail(length);
    const at = this.#at;
    this.#at += length;
    return at;
  }

  #fail(length: number): never {
    throw new ProtocolError(
      'recording-record',
      `A record must hold what it states; got ${this.rest} bytes left of ${length} ${this.#where}. The file is damaged; take another copy.`,
    );
  }
}
