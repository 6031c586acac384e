/**
 * What one agent has spent in one episode, held against its profile's budget. Every call counts: one without a reply, be it late, failed or repeated,
 * by the estimated tokens of its prompt, since servers read prompts whose replies nobody waits for.
 */
import type { ModelUsage } from '../model.js';
import type { Profile } from '../profile.js';

export class Ledger {
  readonly #profile: Pick<Profile, 'budget' | 'prices'>;
  #calls = 0;
  #tokens = 0;
  #cost = 0;

  constructor(profile: Pick<Profile, 'budget' | 'prices'>) {
    this.#profile = profile;
  }

  /** Calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Counts a call. @returns its cost. */
  add(usage: ModelUsage): number {
    this.#calls++;
    this.#tokens += usage.promptTokens + usage.completionTokens;
    const cost = costOf(usage, this.#profile.prices);
    this.#cost += cost;
    return cost;
  }

  /** Why no more may be asked, in a sentence; undefined while it may. */
  get spent(): string | undefined {
    const { tokens, cost, callsPerEpisode } = this.#profile.budget;
    if (callsPerEpisode !== undefined && this.#calls >= callsPerEpisode)
      return `The budget of ${callsPerEpisode} calls an episode is spent.`;
    if (tokens !== undefined && this.#tokens >= tokens)
      return `The budget of ${tokens} tokens an episode is spent: ${this.#tokens} were used.`;
    if (cost !== undefined && this.#cost >= cost) return `The budget of ${cost} an episode is spent: ${this.#cost.toFixed(6)} was paid.`;
    return undefined;
  }
}

/** Calls of one decision without a reply. */
export interface Unanswered {
  calls: number;
  /** Of all of them, estimated. */
  promptTokens: number;
}

/** What one decision costs: the calls that got no reply, and the one that did. */
export class Bill {
  readonly #ledger: Ledger;
  readonly #promptTokens: () => number;
  #unanswered: Unanswered | undefined;
  #cost = 0;

  /** @param promptTokens of its prompt, estimated. */
  constructor(ledger: Ledger, promptTokens: () => number) {
    this.#ledger = ledger;
    this.#promptTokens = promptTokens;
  }

  /** Counts a call without a reply. @returns whether the budget allows another. */
  lose(): boolean {
    const promptTokens = this.#promptTokens();
    this.#cost += this.#ledger.add({ promptTokens, completionTokens: 0 });
    this.#unanswered = {
      calls: (this.#unanswered?.calls ?? 0) + 1,
      promptTokens: (this.#unanswered?.promptTokens ?? 0) + promptTokens,
    };
    return this.#ledger.spent === undefined;
  }

  /** Counts the call that got a reply. */
  pay(usage: ModelUsage): void {
    this.#cost += this.#ledger.add(usage);
  }

  /** For the log. */
  get sums(): { cost: number; unanswered?: Unanswered } {
    return { cost: this.#cost, ...(this.#unanswered === undefined ? {} : { unanswered: this.#unanswered }) };
  }
}

/** In the currency of the prices; 0 without prices. */
export function costOf({ promptTokens, completionTokens, cachedTokens = 0 }: ModelUsage, prices: Profile['prices']): number {
  if (prices === undefined) return 0;
  const cached = Math.min(cachedTokens, promptTokens);
  const { promptPerMillion, completionPerMillion, cachedPerMillion = promptPerMillion } = prices;
  return ((promptTokens - cached) * promptPerMillion + cached * cachedPerMillion + completionTokens * completionPerMillion) / 1e6;
}
