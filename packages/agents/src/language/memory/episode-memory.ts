/**
 * What one agent remembers of the episode that it plays, and what it is told of earlier ones. Data flow: calls that have ended and events of the engine -> records
 * and, by rules, tips -> the store; scenario, level and refusals -> tips and calls of the store -> sentences for the next turn.
 */
import { hashText } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import { type Attempt, type AttemptEnd, callText } from '../loop/attempt.js';
import type { Answer, Refusal } from '../skill.js';
import type { Reader } from './permission.js';
import { recallAfterRefusal, recallLevel, sourceText } from './recall.js';
import { type Seen, type Situation, shortened, type Tip } from './record.js';
import { retrieve } from './retrieval.js';
import type { MemoryStore } from './store.js';
import { PastCall, tipOfEnd, tipOfSolution } from './tips.js';

/** Most events that are kept of one call. */
const MOST_EVENTS = 32;
/** Longest facts that are kept, characters as JSON; longer ones are left out. */
const MOST_FACTS = 2000;

/** What a profile says of its memory. */
export interface MemoryBounds {
  /** Most tips at the beginning of an episode. */
  readonly tips: number;
  /** Most tokens of earlier calls that are told at once; 0: none. */
  readonly recallTokens: number;
  /** Whether anything is written. */
  readonly learn: boolean;
}

export class EpisodeMemory {
  readonly #store: MemoryStore;
  readonly #view: AgentView;
  readonly #bounds: MemoryBounds;
  readonly #task: string;
  readonly #hasSecrets: boolean;
  #seed = '';
  #calls: PastCall[] = [];
  #events: Seen[] = [];
  #told = new Set<string>();
  #learned = new Set<string>();
  #isOver = false;

  constructor(store: MemoryStore, view: AgentView, bounds: MemoryBounds) {
    this.#store = store;
    this.#view = view;
    this.#bounds = bounds;
    this.#task = hashText(JSON.stringify(view.rules.task));
    this.#hasSecrets = view.roster.some(({ goals }) => goals !== 'visible');
  }

  /** @param seed words of the episode that begins, 16 hexadecimal digits. */
  reset(seed: string): void {
    this.#seed = seed;
    this.#calls = [];
    this.#events = [];
    this.#told.clear();
    this.#isOver = false;
    this.#learned.clear();
  }

  /** Tips for the scenario and what was done in the level, told at the beginning of an episode, and again where earlier turns were left out. */
  opening(): string[] {
    this.#told.clear();
    const { levelNumber: level, split } = this.#view;
    const tips = this.#tell({ task: this.#task, place: this.#view.cellOf() }, this.#bounds.tips);
    return [...tips, ...this.#recall((most) => recallLevel(this.#store.records(split), this.#reader, { task: this.#task, level }, most))];
  }

  /** What was recalled, where it was not told in this episode. */
  #recall(find: (mostTokens: number) => string | undefined): string[] {
    const { recallTokens } = this.#bounds;
    const text = recallTokens === 0 ? undefined : find(recallTokens);
    if (text === undefined || this.#told.has(text)) return [];
    this.#told.add(text);
    return [text];
  }

  /** Once per tick: takes in events, and draws a tip where the episode ends without success. */
  notice(): void {
    const { tick } = this.#view;
    for (const { id, kind, cause } of this.#view.events()) {
      if (this.#events.length >= MOST_EVENTS) break;
      this.#events.push({ tick: tick - 1, id, kind, cause });
    }
    const isLast = tick >= this.#view.rules.episode.maxTicks - 1;
    if (!isLast || this.#isOver) return;
    this.#isOver = true;
    const goals = this.#view.goals();
    if (!this.#bounds.learn || goals.length === 0 || goals.every(({ done }) => done)) return;
    const tip = tipOfEnd(this.#calls, goals.filter(({ done }) => !done).length, tick);
    if (tip !== undefined) this.#learn(tip);
  }

  /** A call that has ended. @returns sentences for the next turn: a tip about the same refusal, or else what was done after it. */
  end(attempt: Attempt, status: AttemptEnd, end: Answer | Refusal): string[] {
    const code = 'code' in end ? end.code : undefined;
    const call = new PastCall(attempt, status, code, end.sentence, this.#view.tick);
    const cause = this.#causeOf(call);
    const situation = this.#situationOf(call);
    if (this.#bounds.learn)
      this.#store.add({
        version: 1,
        kind: 'call',
        from: this.#source(attempt.fromTick, this.#view.tick),
        situation,
        number: attempt.number,
        call: shortened(callText(attempt)),
        status,
        sentence: shortened(end.sentence),
        facts: JSON.stringify(end.facts).length > MOST_FACTS ? {} : { ...end.facts },
        events: this.#events,
        cause,
      });
    this.#events = [];
    const tip = tipOfSolution(this.#calls, call);
    this.#calls.push(call);
    if (tip !== undefined && this.#bounds.learn) this.#learn(tip);
    if (status !== 'refused') return [];
    const tips = this.#tell(situation, 1);
    const recall = (most: number) => recallAfterRefusal(this.#store.records(this.#view.split), this.#reader, situation, most);
    return tips.length > 0 ? tips : this.#recall(recall);
  }

  /** The refused call that this one tries again, or that came just before. */
  #causeOf(call: PastCall): number | null {
    const again = this.#calls.findLast(({ status, text }) => status === 'refused' && text === call.text);
    const last = this.#calls[this.#calls.length - 1];
    return again?.number ?? (last?.status === 'refused' ? last.number : null);
  }

  #learn({ call, calls, ...tip }: NonNullable<ReturnType<typeof tipOfSolution>>): void {
    const first = calls[0].fromTick;
    const record: Tip = {
      version: 1,
      kind: 'tip',
      from: this.#source(first, this.#view.tick),
      situation: this.#situationOf(call),
      rule: tip.rule,
      text: shortened(tip.text, 1500),
      calls: calls.map(({ number }) => number),
    };
    if (this.#learned.has(record.text)) return;
    this.#learned.add(record.text);
    // An episode that is played again teaches nothing new.
    const isKnown = this.#store
      .tips(this.#view.split)
      .some(({ from, text }) => text === record.text && from.seed === record.from.seed && from.agent === record.from.agent);
    if (!isKnown) this.#store.add(record);
  }

  /** Tips that were not told in this episode, the most alike first, as sentences. */
  #tell(query: Partial<Situation>, most: number): string[] {
    const { split } = this.#view;
    const found: Tip[] = [];
    for (const tip of retrieve(this.#store.tips(split), this.#reader, query, this.#store.tips(split).length)) {
      if (found.length >= most) break;
      if (this.#told.has(tip.text)) continue;
      this.#told.add(tip.text);
      found.push(tip);
    }
    if (found.length === 0) return [];
    const lines = found.map(({ text, from }) => `- ${text} (${sourceText(from)})`);
    return [`From earlier episodes, which may have been different:\n${lines.join('\n')}`];
  }

  #situationOf({ skill, place, code }: PastCall): Situation {
    return { task: this.#task, place: [...place], skill, ...(code === undefined ? {} : { code }) };
  }

  #source(fromTick: number, toTick: number): Tip['from'] {
    const { scenario, split, seed, agent } = this.#reader;
    return { scenario, split, seed, level: this.#view.levelNumber, agent, fromTick, toTick };
  }

  get #reader(): Reader {
    const { rules, split, roster, slot } = this.#view;
    return { scenario: rules.id, split, seed: this.#seed, agent: roster[slot].id, hasSecrets: this.#hasSecrets };
  }
}
