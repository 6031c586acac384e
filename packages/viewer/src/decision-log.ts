/**
 * The entries of language agents that the page keeps of the watched world, oldest first, and which of them are past at the moment that is shown.
 * Limit: DECISION_LIMITS.entries.
 */
import { DECISION_LIMITS, type DecisionNote, type Decisions, type StreamPosition } from '@kinovox/world';

/** A moment of the world. */
export interface Moment {
  episode: number;
  tick: number;
}

export class DecisionLog {
  #entries: readonly DecisionNote[] = [];
  #earlier = 0;
  #later = 0;
  #note = '';
  #revision = 0;

  get entries(): readonly DecisionNote[] {
    return this.#entries;
  }

  /** What is not among the entries, in a sentence; empty where nothing is missing. */
  get remark(): string {
    const missing = [this.#earlier === 0 ? '' : `${this.#earlier} earlier`, this.#later === 0 ? '' : `${this.#later} later`];
    const said = missing.filter((part) => part !== '').join(' and ');
    return [said === '' ? '' : `${said} not shown.`, this.#note].filter((part) => part !== '').join(' ');
  }

  /** Counts up with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** Another world is watched, or the same anew: its entries are to come. */
  clear(): void {
    this.#set([], 0, 0, '');
  }

  /** @param level of the watched world; what belongs to another world or stream is not taken. @returns whether it was taken. */
  receive(message: Decisions, level: StreamPosition | undefined): boolean {
    const { all, entries, earlier, later, note } = message;
    if (level === undefined || message.world !== level.world || message.stream !== level.stream) return false;
    if (all) {
      this.#set(entries, earlier, later, note);
      return true;
    }
    const last = this.#entries.at(-1)?.id ?? -1;
    const kept = [...this.#entries, ...entries.filter(({ id }) => id > last)];
    const numOver = Math.max(0, kept.length - DECISION_LIMITS.entries);
    this.#set(kept.slice(numOver), this.#earlier + numOver, this.#later, this.#note);
    return true;
  }

  /** Number of entries that are past, or of the moment itself. */
  numPast(moment: Moment): number {
    let n = this.#entries.length;
    while (n > 0 && isAfter(this.#entries[n - 1], moment)) n--;
    return n;
  }

  #set(entries: readonly DecisionNote[], earlier: number, later: number, note: string): void {
    this.#entries = entries;
    this.#earlier = earlier;
    this.#later = later;
    this.#note = note;
    this.#revision++;
  }
}

function isAfter(entry: DecisionNote, { episode, tick }: Moment): boolean {
  return entry.episode !== episode ? entry.episode > episode : entry.tick > tick;
}
