/**
 * The latest entries of language agents, by world, for those who watch now and those who join later.
 * Limits: DECISION_LIMITS.entries of a world, fewer where there are many worlds, so that all together stay below `MOST_KEPT`.
 */
import type { LanguageEntry } from '@kinovox/agents';
import { DECISION_LIMITS, type DecisionNote } from '@kinovox/world';
import { encodeDecisions, noteOf } from './decision-notes.js';

/** Notes of all worlds together, about 7 kB each at most. */
const MOST_KEPT = 8000;

/** What a message says beside the entries. */
export interface DecisionsHead {
  world: number;
  stream: number;
}

/** What a player tells of language agents. */
export interface DecisionSource {
  /** A message with all that one who joins is sent; undefined where there is nothing. */
  all(head: DecisionsHead): Uint8Array | undefined;
  /** What has come since the last message to those who are there; undefined for nothing. */
  fresh(head: DecisionsHead): Uint8Array | undefined;
}

interface Page {
  notes: DecisionNote[];
  /** Those before the notes. */
  numDropped: number;
  /** Notes, kept or not, since the last `fresh`. */
  numFresh: number;
}

export class DecisionBook {
  readonly #mostPerWorld: number;
  readonly #pages = new Map<number, Page>();
  #nextId = 0;

  constructor(numWorlds: number) {
    this.#mostPerWorld = Math.max(1, Math.min(DECISION_LIMITS.entries, Math.floor(MOST_KEPT / numWorlds)));
  }

  /** @param world key of the page: a row of the batch. @param episode in which it was decided. */
  add(world: number, entry: LanguageEntry, episode: number): void {
    this.#put(world, noteOf(entry, { id: this.#nextId++, episode }));
  }

  /** Takes over what another book has kept, as if it had been sent. */
  takeOver(world: number, notes: readonly DecisionNote[]): void {
    for (const note of notes) this.#put(world, note);
    this.#nextId = Math.max(this.#nextId, (notes.at(-1)?.id ?? -1) + 1);
    const page = this.#pages.get(world);
    if (page !== undefined) page.numFresh = 0;
  }

  /** Oldest first; a copy. */
  notes(world: number): DecisionNote[] {
    return [...(this.#pages.get(world)?.notes ?? [])];
  }

  /** @param key of the page; a fork has one whose number is not that of its world. */
  source(key: number): DecisionSource {
    return { all: (head) => this.#all(key, head), fresh: (head) => this.#fresh(key, head) };
  }

  #all(key: number, head: DecisionsHead): Uint8Array | undefined {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    return encodeDecisions({ ...head, all: true, entries: page.notes, earlier: page.numDropped, later: 0, note: '' });
  }

  #fresh(key: number, head: DecisionsHead): Uint8Array | undefined {
    const page = this.#pages.get(key);
    if (page === undefined || page.numFresh === 0) return undefined;
    const { numFresh, notes } = page;
    page.numFresh = 0;
    if (numFresh >= notes.length) return this.#all(key, head);
    return encodeDecisions({ ...head, all: false, entries: notes.slice(-numFresh), earlier: 0, later: 0, note: '' });
  }

  #put(key: number, note: DecisionNote): void {
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = { notes: [], numDropped: 0, numFresh: 0 };
      this.#pages.set(key, page);
    }
    page.notes.push(note);
    page.numFresh++;
    if (page.notes.length <= this.#mostPerWorld) return;
    page.notes.shift();
    page.numDropped++;
  }
}
