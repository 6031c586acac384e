/**
 * The memory of a profile: a JSONL text per split, read once when its first episode of that split begins, and added to as episodes go on. What a run learns is
 * read by the next run, not by itself, so that neither latency nor the order of worlds decides what an agent remembers.
 */
import { issuesOfZod, type Split } from '@kinovox/world';
import { readableSplits } from './permission.js';
import { type MemoryRecord, MemoryRecordSchema, type Tip } from './record.js';

/** Where a host keeps the texts. */
export interface MemoryFiles {
  /** Text of a split; empty where there is none yet. */
  read(split: Split): string;
  /** Adds a line, without its end. */
  append(split: Split, line: string): void;
  /** Told in a sentence what could not be read, once per text. */
  warn(sentence: string): void;
}

/** Records of a split above which nothing more is written. */
export const MOST_RECORDS = 20_000;

export class MemoryStore {
  readonly #files: MemoryFiles;
  readonly #bySplit = new Map<Split, readonly MemoryRecord[]>();
  readonly #lines = new Map<Split, number>();

  constructor(files: MemoryFiles) {
    this.#files = files;
  }

  /** All that was there before this run and that episodes of a split may look at. */
  records(split: Split): readonly MemoryRecord[] {
    return readableSplits(split).flatMap((other) => this.#recordsOf(other));
  }

  tips(split: Split): readonly Tip[] {
    return this.records(split).filter((record): record is Tip => record.kind === 'tip');
  }

  /** Written into the file of the split that the record comes from. */
  add(record: MemoryRecord): void {
    const { split } = record.from;
    this.#recordsOf(split);
    const lines = this.#lines.get(split)!;
    if (lines > MOST_RECORDS) return;
    this.#lines.set(split, lines + 1);
    if (lines === MOST_RECORDS)
      this.#files.warn(
        `The memory of ${split} holds ${MOST_RECORDS} lines, its most: nothing more is added. Name another folder, or delete lines.`,
      );
    else this.#files.append(split, JSON.stringify(record));
  }

  #recordsOf(split: Split): readonly MemoryRecord[] {
    let records = this.#bySplit.get(split);
    if (records === undefined) {
      const read = parseMemory(this.#files.read(split), split);
      if (read.warning !== undefined) this.#files.warn(read.warning);
      records = read.records;
      this.#bySplit.set(split, records);
      this.#lines.set(split, read.numLines);
    }
    return records;
  }
}

/** Lines that can be used, and one sentence about those that cannot. Lines of another split cannot: nothing may leak by a file that was moved. */
export function parseMemory(text: string, split: Split): { records: MemoryRecord[]; numLines: number; warning: string | undefined } {
  const records: MemoryRecord[] = [];
  const wrong: string[] = [];
  let numLines = 0;
  for (const [n, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    numLines++;
    const record = parseLine(line, split);
    if (typeof record === 'string') wrong.push(`line ${n + 1}: ${record}`);
    else records.push(record);
  }
  const warning =
    wrong.length === 0
      ? undefined
      : `The memory of ${split} has ${wrong.length} of ${numLines} lines that cannot be used, and are left as they are; the first is ${wrong[0]}`;
  return { records, numLines, warning };
}

/** The record, or why it is none. */
function parseLine(line: string, split: Split): MemoryRecord | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    return `must be JSON; got ${(cause as Error).message}.`;
  }
  const parsed = MemoryRecordSchema.safeParse(json);
  if (!parsed.success) return issuesOfZod(parsed.error, MemoryRecordSchema, json, 'the line', 'the line')[0].message;
  if (parsed.data.from.split !== split) return `from.split must be "${split}" in this file; got "${parsed.data.from.split}".`;
  return parsed.data;
}
