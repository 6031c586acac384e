/**
 * The observations of one row of a batch as text, per agent: `Transcript` kept along with what happens in the row.
 * Data flow: events of each tick -> news per agent -> a turn when somebody asks. A new episode, or a restored one, begins anew.
 */
import type { BatchEnv } from './batch-env.js';
import type { RowObserver } from './batch-options.js';
import { type EventRecord, readEvents, readMessages, storedEvents } from './event-record.js';
import { nameGroups, viewObservation } from './structured-observation.js';
import { createTextFrame } from './text-frame.js';
import { type TextFrame, type TextMoment, Transcript } from './text-observation.js';

export class RowTexts implements RowObserver {
  readonly #env: BatchEnv;
  readonly #row: number;
  readonly #stop: () => void;
  readonly #keepsText: boolean;
  /** By slot, of agents that were asked for. */
  readonly #transcripts = new Map<number, { transcript: Transcript; news: EventRecord[] }>();
  #numEvents: number;

  /** Follows the row from now on. @param env must have been reset. @param keepsText whether there is to be a `transcript`, which grows with every turn of an episode. */
  constructor(env: BatchEnv, row: number, { keepsText = true }: { keepsText?: boolean } = {}) {
    this.#env = env;
    this.#row = row;
    this.#keepsText = keepsText;
    this.#numEvents = env.engine.state.numEvents[row];
    this.#stop = env.observeRow(row, this);
  }

  /**
   * Everything at the first call of an episode, and what changed since the call before at each later one.
   * @param ownGoal the agent's own goal, told every time. @throws ShapeError for no slot.
   */
  text(slot: number, ownGoal?: string): string {
    let entry = this.#transcripts.get(slot);
    if (entry === undefined) {
      entry = { transcript: new Transcript(this.#frame(slot), { keepsText: this.#keepsText }), news: [] };
      this.#transcripts.set(slot, entry);
    }
    return entry.transcript.turn(this.#moment(slot, entry.news.splice(0), ownGoal));
  }

  /** Everything now, as the first call of `text` would tell it; `text` goes on as without. */
  stateText(slot: number, ownGoal?: string): string {
    return new Transcript(this.#frame(slot)).turn(this.#moment(slot, [], ownGoal));
  }

  /** All turns of the episode, one after the other; empty before the first, and where it is not kept. */
  transcript(slot: number): string {
    return this.#transcripts.get(slot)?.transcript.text ?? '';
  }

  /** The task of an agent in a sentence, as its first turn tells it. */
  goal(slot: number): string {
    return this.#frame(slot).goal;
  }

  #frame(slot: number): TextFrame {
    const { compiled, split, engine } = this.#env;
    return createTextFrame(compiled, split, engine.state.variant[this.#row], slot);
  }

  #moment(slot: number, events: readonly EventRecord[], ownGoal: string | undefined): TextMoment {
    const { engine, compiled, texts, observations, numAgents } = this.#env;
    const seen = viewObservation(observations, this.#row * numAgents + slot, compiled.program.observation.crop);
    return {
      tick: engine.state.tick[this.#row],
      observation: nameGroups(seen, observations.groups),
      crop: seen.crop,
      events,
      messages: readMessages(engine, this.#row, slot, compiled.scenario.messages.symbols, texts),
      ownGoal,
    };
  }

  close(): void {
    this.#stop();
  }

  onEpisode(env: BatchEnv, row: number): void {
    this.#transcripts.clear();
    this.#numEvents = env.engine.state.numEvents[row];
  }

  onTick(env: BatchEnv, row: number, ended: boolean): void {
    const { count, stored } = storedEvents(env.engine, row, ended && env.autoreset === 'same-step');
    if (this.#transcripts.size > 0 && stored > 0) {
      const events = readEvents(env.engine, row, stored, this.#numEvents);
      for (const [slot, { news }] of this.#transcripts) news.push(...events.filter(({ agent }) => agent === slot || agent < 0));
    }
    this.#numEvents += count;
  }
}
