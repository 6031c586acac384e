/** What a planner has spent of its budget. The clock is asked only where a budget in milliseconds is given, and for the report. */
import type { Budget, PlanOptions, PlanStats } from '../planner.js';

export interface Spending {
  /** Counts nodes taken from open lists. */
  expand(count?: number): void;
  readonly expansions: number;
  readonly ms: number;
  /** 0..1; at 1 the budget is spent. Without a budget it stays 0. */
  readonly share: number;
  readonly spent: boolean;
  /** Sentence for a timeout. */
  readonly sentence: string;
  stats(costs?: { makespan: number; sumOfCosts: number }, more?: Readonly<Record<string, number>>): PlanStats;
}

/** The clock is read, and the progress told, once in so many expansions. */
const LOOK = 64;

export function createSpending(budget: Budget, options: PlanOptions = {}): Spending {
  const began = performance.now();
  const limit = budget.expansions ?? Number.POSITIVE_INFINITY;
  const limitMs = budget.ms ?? Number.POSITIVE_INFINITY;
  let expansions = 0;
  let elapsed = 0;
  let nextLook = 0;
  const elapsedMs = (): number => performance.now() - began;
  const share = (): number => Math.min(1, Math.max(limit === Number.POSITIVE_INFINITY ? 0 : expansions / limit, elapsed / limitMs));
  return {
    expand(count = 1) {
      expansions += count;
      if (expansions < nextLook) return;
      nextLook = expansions + LOOK;
      if (limitMs !== Number.POSITIVE_INFINITY) elapsed = elapsedMs();
      options.onProgress?.(expansions, share());
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
