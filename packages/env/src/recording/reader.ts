/**
 * Reads a recording and checks it whole: magic, version, every record's chain value, and for a finished file its length and last chain value.
 * A file of a killed run is read up to its last whole record; a finished file that was cut or altered is refused, with the place.
 */
import * as fs from 'node:fs';
import { ProtocolError, UsageError } from '@kinovox/world';
import { CHAIN_START, type ChainValue, headCheck, nextChain } from './chain-hash.js';
import { decodeEntry, decodeHeader } from './entry-codec.js';
import {
  CHAIN_BYTES,
  type EndEntry,
  FORMAT_VERSION,
  HEAD_BYTES,
  MAGIC,
  MAX_PAYLOAD_BYTES,
  RECORD_HEAD_BYTES,
  RECORD_TYPE,
  type RecordingEntry,
  type RecordingHeader,
} from './format.js';

/** Where a record lies in the file. */
interface RecordPlace {
  type: number;
  /** First byte of the payload. */
  at: number;
  length: number;
}

/**
 * Opens a recording from a path or from its bytes.
 * @throws UsageError when the path cannot be read; ProtocolError naming byte offset and tick when the file is no recording, cut or altered.
 */
export function readRecording(source: string | Uint8Array): Recording {
  return new Recording(typeof source === 'string' ? readBytes(source) : source, typeof source === 'string' ? source : 'the recording');
}

export class Recording {
  readonly header: RecordingHeader;
  /** Whether the run ended the recording itself; false when it was cut off, for example by a kill. */
  readonly finished: boolean;
  /** Bytes of a half-written record at the end, which are left out. */
  readonly ignoredBytes: number;
  readonly numTicks: number;
  readonly numEpisodes: number;
  readonly where: string;
  readonly #bytes: Uint8Array;
  readonly #records: readonly RecordPlace[];

  /** Use `readRecording`. */
  constructor(bytes: Uint8Array, where: string) {
    const scan = scanRecords(bytes, where);
    const first = scan.records[0];
    if (first === undefined || first.type !== RECORD_TYPE.header) {
      throw new ProtocolError(
        'recording-header',
        `A recording must begin with its header; got none at byte ${HEAD_BYTES} of ${where}. The run was cut before it began; take another file.`,
      );
    }
    this.header = decodeHeader(bytes.subarray(first.at, first.at + first.length), `at byte ${first.at} of ${where}`);
    this.finished = scan.finished;
    this.ignoredBytes = scan.ignoredBytes;
    this.where = where;
    this.#bytes = bytes;
    this.#records = scan.records;
    this.numTicks = scan.records.filter((record) => record.type === RECORD_TYPE.tick).length;
    this.numEpisodes = scan.records.filter((record) => record.type === RECORD_TYPE.episode).length;
  }

  /** Records, the header included. */
  get numRecords(): number {
    return this.#records.length;
  }

  /** RECORD_TYPE of a record. */
  typeAt(index: number): number {
    return this.#records[index].type;
  }

  /** The entry of a record; undefined for the header and for types of later formats. */
  entryAt(index: number): RecordingEntry | undefined {
    const { type, at, length } = this.#records[index];
    return type === RECORD_TYPE.header
      ? undefined
      : decodeEntry(type, this.#bytes.subarray(at, at + length), `at byte ${at} of ${this.where}`);
  }

  /** All entries in order. */
  *entries(): Generator<RecordingEntry> {
    for (let i = 0; i < this.#records.length; i++) {
      const entry = this.entryAt(i);
      if (entry !== undefined) yield entry;
    }
  }

  /** One sentence on how complete the file is. */
  describe(): string {
    const held = `${counted(this.numTicks, 'tick')} of ${counted(this.numEpisodes, 'episode')}`;
    if (this.finished) return `The recording is complete: ${held}.`;
    const rest = this.ignoredBytes > 0 ? `; ${this.ignoredBytes} bytes of a half-written record are left out` : '';
    return `The recording was cut off: ${held} are readable${rest}.`;
  }
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(fs.readFileSync(path));
  } catch (cause) {
    throw new UsageError(
      'unreadable-recording',
      `A recording must be a readable file; got "${path}" (${cause instanceof Error ? cause.message : cause}). Check the path.`,
      { cause },
    );
  }
}

function scanRecords(bytes: Uint8Array, where: string): { records: RecordPlace[]; finished: boolean; ignoredBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = readHead(bytes, view, where);
  const records: RecordPlace[] = [];
  let chain: ChainValue = { ...CHAIN_START };
  let at = HEAD_BYTES;
  let ticks = 0;
  let episodes = 0;
  let sawKeyframe = false;
  let end: RecordPlace | undefined;
  const place = (offset: number) => `at byte ${offset} of ${where}, after tick ${ticks}`;
  const altered = (offset: number, what: string) =>
    new ProtocolError(
      'recording-altered',
      `A recording must hold the bytes that were written; got ${what} ${place(offset)}. The file was altered or damaged; take another copy.`,
    );
  while (at < bytes.length) {
    if (end !== undefined) throw altered(at, `${bytes.length - at} bytes behind the end record`);
    if (at + RECORD_HEAD_BYTES > bytes.length) break;
    const length = view.getUint32(at, true);
    const typeAndCheck = view.getUint32(at + 4, true);
    const type = typeAndCheck & 0xff;
    if (typeAndCheck >>> 8 !== headCheck(chain, type, length) || length > MAX_PAYLOAD_BYTES) throw altered(at, 'another length or type');
    const payloadAt = at + RECORD_HEAD_BYTES;
    const next = payloadAt + length + CHAIN_BYTES;
    if (next > bytes.length) break;
    chain = nextChain(chain, type, bytes.subarray(payloadAt, payloadAt + length));
    if (view.getUint32(next - 8, true) !== chain.lane0 >>> 0 || view.getUint32(next - 4, true) !== chain.lane1 >>> 0)
      throw altered(at, 'a record whose hash differs');
    const record = { type, at: payloadAt, length };
    records.push(record);
    if (type === RECORD_TYPE.episode) episodes++;
    else if (type === RECORD_TYPE.keyframe) {
      if (episodes === 0) throw altered(at, 'a keyframe before the first episode');
      sawKeyframe = true;
    } else if (type === RECORD_TYPE.tick) {
      if (!sawKeyframe) throw altered(at, 'a tick before the first keyframe');
      ticks++;
    } else if (type === RECORD_TYPE.end) end = record;
    at = next;
  }
  if (head.finished && (bytes.length !== head.length || end === undefined)) {
    throw new ProtocolError(
      'recording-cut',
      `A finished recording must have ${head.length} bytes and ${head.ticks} ticks; got ${bytes.length} bytes, the last whole record ending ${place(at)}. The file was cut short; take another copy.`,
    );
  }
  if (head.finished && (head.lane0 !== chain.lane0 >>> 0 || head.lane1 !== chain.lane1 >>> 0)) throw altered(24, 'another final hash');
  if (head.finished && head.ticks !== ticks) throw altered(32, `${head.ticks} ticks stated`);
  if (end !== undefined) {
    const stated = decodeEntry(end.type, bytes.subarray(end.at, end.at + end.length), place(end.at)) as EndEntry;
    if (stated.ticks !== ticks || stated.episodes !== episodes)
      throw altered(end.at, `an end record of ${stated.ticks} ticks and ${stated.episodes} episodes behind ${ticks} and ${episodes}`);
  }
  return { records, finished: end !== undefined, ignoredBytes: bytes.length - at };
}

function readHead(bytes: Uint8Array, view: DataView, where: string) {
  if (bytes.length < HEAD_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new ProtocolError(
      'no-recording',
      `A recording must begin with ${HEAD_BYTES} bytes of Kinovox's own; got others in ${where} (${bytes.length} bytes). Give a .kvr file.`,
    );
  }
  const version = view.getUint32(8, true);
  if (version !== FORMAT_VERSION) {
    throw new ProtocolError(
      'recording-format',
      `A recording must have format version ${FORMAT_VERSION}; got ${version} in ${where}. Read it with the Kinovox version that wrote it.`,
    );
  }
  const state = view.getUint32(12, true);
  if (state > 1)
    throw new ProtocolError(
      'recording-altered',
      `A recording must be open (0) or finished (1); got ${state} at byte 12 of ${where}, before tick 1. The file was altered; take another copy.`,
    );
  // Of an open file nothing behind the state is written yet; of a finished one the last word stays free.
  for (let at = state === 0 ? 16 : 36; at < HEAD_BYTES; at++) {
    if (bytes[at] === 0) continue;
    throw new ProtocolError(
      'recording-altered',
      `The head of ${state === 0 ? 'an open' : 'a finished'} recording must be zero from byte ${state === 0 ? 16 : 36} on; got ${bytes[at]} at byte ${at} of ${where}, before tick 1. The file was altered; take another copy.`,
    );
  }
  return {
    finished: state === 1,
    length: view.getFloat64(16, true),
    lane0: view.getUint32(24, true),
    lane1: view.getUint32(28, true),
    ticks: view.getUint32(32, true),
  };
}
