/** Crashes that nobody has asked for yet: the latest MAX_CRASHES of them, as those who never ask must not fill the memory. */
import type { Crash } from '../engine.js';

/** Crashes kept for those who ask. */
export const MAX_CRASHES = 1024;

const NONE: readonly Crash[] = [];

export class CrashList {
  #crashes: Crash[] = [];

  add(crash: Crash): void {
    if (this.#crashes.length >= MAX_CRASHES) this.#crashes.shift();
    this.#crashes.push(crash);
  }

  /** Notes what was thrown in a row. */
  note(row: number, error: unknown): void {
    this.add({ row, message: messageOf(error) });
  }

  /** All of them in the order in which they came; the list is empty afterwards. Allocates nothing where there is none. */
  take(): readonly Crash[] {
    if (this.#crashes.length === 0) return NONE;
    const taken = this.#crashes;
    this.#crashes = [];
    return taken;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
