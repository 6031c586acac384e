/** Sums over ended episodes, and the record of each one. */
import type { Split } from '@kinovox/world';
import { achievementScore } from './task/achievements.js';

export const OUTCOMES = ['running', 'succeeded', 'failed', 'outOfTime'] as const;
/** Names of WORLD_STATUS. */
export type Outcome = (typeof OUTCOMES)[number];

/** One ended episode of one row. */
export interface EpisodeRecord {
  row: number;
  /** Number of the episode in its row, from 0. */
  episode: number;
  split: Split;
  variant: number;
  /** Seed of the row. */
  rowSeed: number;
  outcome: Outcome;
  ticks: number;
  /** Mean over the agents of the undiscounted sum of rewards. */
  return: number;
  /** Progress of the first task at the end, 0..1. */
  progress: number;
  /** Names of the achievements that were satisfied at any tick; absent where the task has none. */
  achieved?: string[];
  /** State hash of the last tick, 16 hexadecimal digits. */
  stateHash: string;
}

export class EpisodeStatistics {
  count = 0;
  successes = 0;
  failures = 0;
  timeouts = 0;
  returnSum = 0;
  tickSum = 0;
  progressSum = 0;
  /** Names of the scenario's achievements. */
  readonly achievements: readonly string[];
  /** Episodes in which each was reached. */
  readonly #achieved: number[];

  constructor(achievements: readonly string[] = []) {
    this.achievements = achievements;
    this.#achieved = achievements.map(() => 0);
  }

  add(record: Pick<EpisodeRecord, 'outcome' | 'return' | 'ticks' | 'progress' | 'achieved'>): void {
    this.count++;
    if (record.outcome === 'succeeded') this.successes++;
    else if (record.outcome === 'failed') this.failures++;
    else this.timeouts++;
    this.returnSum += record.return;
    this.tickSum += record.ticks;
    this.progressSum += record.progress;
    for (const name of record.achieved ?? []) this.#achieved[this.achievements.indexOf(name)]++;
  }

  /** Shares and means; 0 where no episode has ended. */
  get successRate(): number {
    return this.#mean(this.successes);
  }

  get meanReturn(): number {
    return this.#mean(this.returnSum);
  }

  get meanTicks(): number {
    return this.#mean(this.tickSum);
  }

  get meanProgress(): number {
    return this.#mean(this.progressSum);
  }

  /** Per achievement, the share of episodes in which it was reached; see `achievementScore`. */
  get achievementRates(): number[] {
    return this.#achieved.map((count) => this.#mean(count));
  }

  /** Crafter's score in percent; 0 without achievements. */
  get achievementScore(): number {
    return achievementScore(this.achievementRates);
  }

  #mean(sum: number): number {
    return this.count === 0 ? 0 : sum / this.count;
  }
}
