/** What a planner has spent of its budget. The clock is asked only where a budget in milliseconds is given, and for the report. */
import type { Budget, PlanOptions, PlanStats } from '../planner.js';

export interface Spending {
  /** Counts nodes taken from open lists. */
  expand(count?: number): void;
  /** Reads the clock where there is a budget in milliseconds, for work that expands nothing. @returns `spent` */
  look(): boolean;
  /** As `look`, but expansions do not count: for work that is paid in expansions at once and must be the same under any number of them. */
  timeIsUp(): boolean;
  readonly expansions: number;
  readonly ms: number;
  /** 0..1; at 1 the budget is spent. Without a budget it stays 0. */
  readonly share: number;
  readonly spent: boolean;
  /** Sentence for a timeout. */
  readonly sentence: string;
  stats(costs?: { makespan: number; sumOfCosts: number }, more?: Readonly<Record<string, number>>): PlanStats;
}

/** The progress is told once in so many expansions. */
const TELL = 64;

export function createSpending(budget: Budget, options: PlanOptions = {}): Spending {
  const began = performance.now();
  const limit = budget.expansions ?? Number.POSITIVE_INFINITY;
  const limitMs = budget.ms ?? Number.POSITIVE_INFINITY;
  let expansions = 0;
  let elapsed = 0;
  let nextTelling = 0;
  const elapsedMs = (): number => performance.now() - began;
  const share = (): number => Math.min(1, Math.max(limit === Number.POSITIVE_INFINITY ? 0 : expansions / limit, elapsed / limitMs));
  const readClock = (): void => {
    if (limitMs !== Number.POSITIVE_INFINITY) elapsed = elapsedMs();
  };
  return {
    expand(count = 1) {
      expansions += count;
      // At each: an expansion of a large team, or among many obstacles, takes milliseconds.
      readClock();
      if (expansions < nextTelling) return;
      nextTelling = expansions + TELL;
      options.onProgress?.(expansions, share());
    },
    look() {
      readClock();
      return expansions >= limit || elapsed >= limitMs;
    },
    timeIsUp() {
      readClock();
      return elapsed >= limitMs;
    },
    get expansions() {
      return expansions;
    },
    get ms() {
      return elapsedMs();
    },
    get share() {
      return share();
    },
    get spent() {
      return expansions >= limit || elapsed >= limitMs;
    },
    get sentence() {
      return expansions >= limit
        ? `The budget of ${limit} expansions was spent before a plan was found.`
        : `The budget of ${limitMs} ms was spent before a plan was found, after ${expansions} expansions.`;
    },
    stats(costs, more) {
      return {
        expansions,
        ms: elapsedMs(),
        makespan: costs?.makespan ?? null,
        sumOfCosts: costs?.sumOfCosts ?? null,
        ...(more === undefined ? {} : { more }),
      };
    },
  };
}
