/**
 * When plans are posted to those who asked for them, and as what: UTF-8 JSON, at most four times a second, and every second though nothing has changed, since
 * a message may be lost.
 */
import type { Plans, RowPlans } from '@kinovox/world';
import { Interval } from './interval.js';

const POST_INTERVAL_MS = 250;
const REPEAT_MS = 1000;

interface Wish {
  slots: readonly number[];
  /** What was posted last, and when. */
  moment: string;
  atMs: number;
}

/** What a message says beside the plans. */
export type PlansHead = Pick<Plans, 'world' | 'stream' | 'episode'>;

export class PlanPosts {
  readonly #wishes = new Map<number, Wish>();
  readonly #due = new Interval(POST_INTERVAL_MS);

  /** @param key a world or a player. @param slots whose slices are wanted; undefined: nobody asks any longer. */
  set(key: number, slots: readonly number[] | undefined): void {
    if (slots === undefined) this.#wishes.delete(key);
    else this.#wishes.set(key, { slots, moment: '', atMs: 0 });
  }

  get isEmpty(): boolean {
    return this.#wishes.size === 0;
  }

  /** Time until something may be posted; infinite while nobody asks. */
  waitMs(nowMs: number): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.#due.waitMs(nowMs);
  }

  /**
   * @param momentOf stands for the moment of a world or player: what was posted for it is not made again at once.
   * @param post makes the message and sends it.
   */
  postDue(nowMs: number, momentOf: (key: number) => string, post: (key: number, slots: readonly number[]) => void): void {
    if (this.isEmpty || !this.#due.isDue(nowMs)) return;
    for (const [key, wish] of this.#wishes) {
      const moment = momentOf(key);
      if (moment === wish.moment && nowMs - wish.atMs < REPEAT_MS) continue;
      wish.moment = moment;
      wish.atMs = nowMs;
      post(key, wish.slots);
    }
  }
}

export function encodePlans(head: PlansHead, plans: RowPlans): Uint8Array {
  const message: Plans = { ...head, ...plans };
  return new TextEncoder().encode(JSON.stringify(message));
}
