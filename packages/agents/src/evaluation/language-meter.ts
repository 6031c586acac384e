/** What the language agents of a contestant ask and spend, episode by episode: hand `add` to their host as `onEntry`, and the meter to the contestant. */
import { type LanguageEntry, type LanguageReport, LanguageTally } from '../language/loop/decision.js';

/** Sums over episodes, and what an episode and a call come to. */
export interface LanguageSummary extends LanguageReport {
  /** Means of an episode, of all agents together. */
  perEpisode: { calls: number; tokens: number; cost: number };
  /** 0..1 of the calls: replies that could not be used. */
  invalidRate: number;
  /** 0..1 of the calls: actions that could not begin, or not be brought to their end. */
  refusedRate: number;
}

export class LanguageMeter {
  readonly #total = new LanguageTally();
  #taken = new LanguageTally();
  #entries: LanguageEntry[] = [];

  /** Whether entries are kept until they are taken; `evaluate` switches it on for the episodes whose decisions it keeps. */
  keepsEntries = false;

  add(entry: LanguageEntry): void {
    this.#total.add(entry);
    this.#taken.add(entry);
    if (this.keepsEntries) this.#entries.push(entry);
  }

  /** Since the last time; begins anew. @returns entries by tick, world and agent, so that no latency changes their order. */
  take(): { report: LanguageReport; entries: LanguageEntry[] } {
    const taken = { report: this.#taken.report(), entries: this.#entries };
    this.#taken = new LanguageTally();
    this.#entries = [];
    taken.entries.sort((a, b) => a.tick - b.tick || a.row - b.row || a.slot - b.slot);
    return taken;
  }

  /** Of everything. */
  report(): LanguageReport {
    return this.#total.report();
  }
}

/** @param episodes at least one. */
export function summariseLanguage(episodes: readonly LanguageReport[]): LanguageSummary {
  const sum = (pick: (one: LanguageReport) => number) => episodes.reduce((total, one) => total + pick(one), 0);
  const failure = episodes.findLast((one) => one.failure !== undefined)?.failure;
  const total: LanguageReport = {
    calls: sum((one) => one.calls),
    promptTokens: sum((one) => one.promptTokens),
    completionTokens: sum((one) => one.completionTokens),
    cachedTokens: sum((one) => one.cachedTokens),
    cost: sum((one) => one.cost),
    invalid: sum((one) => one.invalid),
    refused: sum((one) => one.refused),
    failed: sum((one) => one.failed),
    late: sum((one) => one.late),
    spent: sum((one) => one.spent),
    useless: sum((one) => one.useless),
    stuck: sum((one) => one.stuck),
    stuckTicks: sum((one) => one.stuckTicks),
    timeLimited: episodes.some((one) => one.timeLimited),
    ...(failure === undefined ? {} : { failure }),
  };
  const ofCalls = (count: number) => (total.calls === 0 ? 0 : count / total.calls);
  return {
    ...total,
    perEpisode: {
      calls: total.calls / episodes.length,
      tokens: (total.promptTokens + total.completionTokens) / episodes.length,
      cost: total.cost / episodes.length,
    },
    invalidRate: ofCalls(total.invalid),
    refusedRate: ofCalls(total.refused),
  };
}
