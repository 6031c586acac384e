/**
 * Entries of language agents beside a recording: the lines that belong to its row, each at its frame, of `NAME.decisions.jsonl` beside `NAME.kvr`, or else of
 * the `decisions.jsonl` of its run.
 * Lines of other rows, seeds and agents are not its own. A watcher gets a window around the position, and another where playing or seeking leaves it.
 * Limit: `MOST_READ` entries of a recording.
 */
import { createReadStream, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LanguageEntry, LanguageEntrySchema } from '@kinovox/agents';
import type { RecordingPlayer } from '@kinovox/env';
import { DECISION_LIMITS, type DecisionNote, episodeSeed, splitSeed } from '@kinovox/world';
import { DECISIONS, decisionsBeside } from '../run/run-output.js';
import type { DecisionSource, DecisionsHead } from './decision-book.js';
import { encodeDecisions, noteOf } from './decision-notes.js';

const MOST_READ = 20_000;
/** Entries between the position and an end of the window, below which the window moves. */
const NEAR_END = 20;

/** @param path of the recording. @returns undefined where there is no log, or nothing of this recording in it. */
export async function readRecordedDecisions(path: string, player: RecordingPlayer): Promise<RecordedDecisions | undefined> {
  // Recordings of a run lie in a folder of it.
  const log = [decisionsBeside(path), join(dirname(path), DECISIONS), join(dirname(path), '..', DECISIONS)].find((file) =>
    existsSync(file),
  );
  if (log === undefined) return undefined;
  const { row, agentIds } = player.recording.header;
  const notes: (DecisionNote & { frame: number })[] = [];
  const placeOf = createPlacer(player);
  let numBroken = 0;
  let numLeftOut = 0;
  const lines = createInterface({ input: createReadStream(log, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line === '') continue;
    const entry = tryParse(line);
    if (entry === undefined) numBroken++;
    if (entry === undefined || entry.row !== row || agentIds[entry.slot] !== entry.agent) continue;
    const place = placeOf(entry);
    if (place === undefined) continue;
    if (notes.length >= MOST_READ) numLeftOut++;
    else notes.push({ ...noteOf(entry, { id: notes.length, ...place }), frame: place.frame });
  }
  if (notes.length === 0) return undefined;
  const remarks = [
    numBroken === 0 ? '' : `${numBroken} ${numBroken === 1 ? 'line' : 'lines'} of ${DECISIONS} could not be read.`,
    numLeftOut === 0 ? '' : `${numLeftOut} entries after the first ${MOST_READ} are not shown.`,
  ];
  return new RecordedDecisions(notes, remarks.filter((remark) => remark !== '').join(' '));
}

export class RecordedDecisions {
  readonly #notes: readonly (DecisionNote & { frame: number })[];
  readonly #note: string;
  /** First entry of the window that was sent; -1 before. */
  #first = -1;

  /** @param notes by rising frame. @param note for people. */
  constructor(notes: readonly (DecisionNote & { frame: number })[], note: string) {
    this.#notes = notes;
    this.#note = note;
  }

  /** @param position asked for the frame that is shown. */
  source(position: () => number): DecisionSource {
    return {
      all: (head) => {
        this.#first = this.#windowAt(position());
        return this.#encode(head);
      },
      fresh: (head) => {
        const first = this.#windowAt(position());
        if (first === this.#first) return undefined;
        this.#first = first;
        return this.#encode(head);
      },
    };
  }

  #encode(head: DecisionsHead): Uint8Array {
    const entries = this.#notes.slice(this.#first, this.#first + DECISION_LIMITS.entries);
    return encodeDecisions({
      ...head,
      all: true,
      entries,
      earlier: this.#first,
      later: this.#notes.length - this.#first - entries.length,
      note: this.#note,
    });
  }

  /** The window stays where it is while the position is well inside, or at an end of the recording. */
  #windowAt(position: number): number {
    const { entries: length } = DECISION_LIMITS;
    const last = Math.max(0, this.#notes.length - length);
    let numPast = this.#notes.findIndex(({ frame }) => frame > position);
    if (numPast < 0) numPast = this.#notes.length;
    const isInside =
      this.#first >= 0 &&
      (this.#first === 0 || numPast - this.#first >= NEAR_END) &&
      (this.#first === last || this.#first + length - numPast >= NEAR_END);
    return isInside ? this.#first : Math.min(last, Math.max(0, numPast - length / 2));
  }
}

/** Finds the frame of an entry. Seeds of a row's episodes differ, and its lines come in the order of its episodes. */
function createPlacer(player: RecordingPlayer): (entry: LanguageEntry) => { episode: number; frame: number } | undefined {
  const { episodes, episodeFrames, numFrames } = player;
  const indexBySeed = new Map<string, number>();
  for (const [i, { rowSeed, episode }] of episodes.entries()) {
    const row = splitSeed(rowSeed);
    const { low, high } = episodeSeed(row.low, row.high, episode);
    indexBySeed.set(hex(low) + hex(high), i);
  }
  return ({ seed, tick }) => {
    const i = indexBySeed.get(seed);
    if (i === undefined) return undefined;
    const frame = episodeFrames[i] + tick - episodes[i].tick;
    return frame < episodeFrames[i] || frame >= (episodeFrames[i + 1] ?? numFrames) ? undefined : { episode: episodes[i].episode, frame };
  };
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function tryParse(line: string): LanguageEntry | undefined {
  try {
    const parsed = LanguageEntrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
