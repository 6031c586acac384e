/**
 * What is written down of an agent: entries of the log, what it remembers, and the loops that it is found in.
 * Data flow: a call's end -> memory and loop detector -> sentences that the next turn tells; decisions and ends -> entries.
 */
import type { AgentView } from '../../agent-view.js';
import type { EpisodeMemory } from '../memory/episode-memory.js';
import type { Profile } from '../profile.js';
import type { Answer, Refusal } from '../skill.js';
import { type Attempt, type AttemptEnd, endedStep } from './attempt.js';
import type { DecisionEntry, LanguageEntry, ResultEntry } from './decision.js';
import { LoopDetector } from './loop-detector.js';

type Placed = 'row' | 'slot' | 'agent' | 'profile' | 'seed' | 'tick';

export class Chronicle {
  readonly #view: AgentView;
  readonly #profile: Pick<Profile, 'name' | 'feedback'>;
  readonly #memory: EpisodeMemory | undefined;
  readonly #onEntry: (entry: LanguageEntry) => void;
  readonly #loops = new LoopDetector();
  /** Sentences that the next turn tells. */
  #news: string[] = [];
  /** What people have said since the last turn. */
  #words: string[] = [];

  constructor(
    view: AgentView,
    profile: Pick<Profile, 'name' | 'feedback'>,
    memory: EpisodeMemory | undefined,
    onEntry: (entry: LanguageEntry) => void,
  ) {
    this.#view = view;
    this.#profile = profile;
    this.#memory = memory;
    this.#onEntry = onEntry;
  }

  /** Seed words of the episode. */
  get seed(): string {
    return this.#view.seed.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Whose entry it is, and when. */
  get place(): Pick<DecisionEntry, Placed> {
    const { row, slot, tick, roster } = this.#view;
    return { row, slot, agent: roster[slot].id, profile: this.#profile.name, seed: this.seed, tick };
  }

  /** An episode begins. */
  reset(): void {
    this.#loops.reset();
    this.#memory?.reset(this.seed);
    this.#news = this.#memory?.opening() ?? [];
    this.#words = [];
  }

  /** Takes in what happened in the tick before. */
  notice(): void {
    this.#memory?.notice();
  }

  /** What the next turn is to tell; told once. */
  takeNews(): string[] {
    return this.#news.splice(0);
  }

  /** A person who watches speaks. */
  hear(text: string): void {
    this.#words.push(text);
    this.#onEntry({ kind: 'heard', ...this.place, from: 'spectator', text });
  }

  /** Whether somebody has spoken since the last turn. */
  get hasWords(): boolean {
    return this.#words.length > 0;
  }

  /** What people have said since the last turn; told once. */
  takeWords(): string[] {
    return this.#words.splice(0);
  }

  /** The model has forgotten what it was told when the episode began. */
  openAgain(): void {
    this.#news.unshift(...(this.#memory?.opening() ?? []));
  }

  decision(entry: DecisionEntry): void {
    this.#onEntry(entry);
  }

  /** How an action has ended, or that nothing is asked any more. */
  result(name: string, status: ResultEntry['status'], end: Answer | Refusal | { sentence: string }): void {
    const code = 'code' in end ? end.code : undefined;
    this.#onEntry({ kind: 'result', ...this.place, name, status, code, sentence: end.sentence });
  }

  /** What a call came to: a loop that it completes is told in the next turn. */
  end(attempt: Attempt, status: AttemptEnd, end: Answer | Refusal): void {
    const code = 'code' in end ? end.code : undefined;
    this.#news.push(...(this.#memory?.end(attempt, status, end) ?? []));
    const loop = this.#loops.note(endedStep(this.#view, attempt, { status, code, facts: end.facts }, this.#profile.feedback));
    if (loop === undefined) return;
    this.#news.push(loop.sentence);
    const { period, rounds, ticks } = loop;
    this.#onEntry({
      kind: 'result',
      ...this.place,
      name: 'loop',
      status: 'stuck',
      loop: { period, rounds, ticks },
      sentence: loop.sentence,
    });
  }
}
