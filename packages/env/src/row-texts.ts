/**
 * The observations of one row of a batch as text, per agent: `Transcript` kept along with what happens in the row.
 * Data flow: events of each tick -> news per agent -> a turn when somebody asks. A new episode, or a restored one, begins anew.
 */
import type { BatchEnv } from './batch-env.js';
import type { RowObserver } from './batch-options.js';
import { ConstantPool } from './constant-pool.js';
import { type EventRecord, readEvents, readMessages, storedEvents } from './event-record.js';
import { nameObservation, viewObservation } from './structured-observation.js';
import { describeNodes } from './task/compile-task.js';
import { Transcript } from './text-observation.js';

export class RowTexts implements RowObserver {
  readonly #env: BatchEnv;
  readonly #row: number;
  readonly #stop: () => void;
  /** By slot, of agents that were asked for. */
  readonly #transcripts = new Map<number, { transcript: Transcript; news: EventRecord[] }>();
  #numEvents: number;

  /** Follows the row from now on. @param env must have been reset. */
  constructor(env: BatchEnv, row: number) {
    this.#env = env;
    this.#row = row;
    this.#numEvents = env.engine.state.numEvents[row];
    this.#stop = env.observeRow(row, this);
  }

  /** Everything at the first call of an episode, and what changed since the call before at each later one. @throws ShapeError for no slot. */
  text(slot: number): string {
    const { engine, compiled, texts, observations } = this.#env;
    const index = this.#row * this.#env.numAgents + slot;
    const observation = nameObservation(viewObservation(observations, index, compiled.program.observation.crop), observations.groups);
    let entry = this.#transcripts.get(slot);
    if (entry === undefined) this.#transcripts.set(slot, (entry = { transcript: new Transcript(this.#frame(slot)), news: [] }));
    return entry.transcript.turn({
      tick: engine.state.tick[this.#row],
      observation,
      events: entry.news.splice(0),
      messages: readMessages(engine, this.#row, slot, compiled.scenario.messages.symbols, texts),
    });
  }

  /** All turns of the episode, one after the other; empty before the first. */
  transcript(slot: number): string {
    return this.#transcripts.get(slot)?.transcript.text ?? '';
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
    if (this.#transcripts.size > 0) {
      const events = readEvents(env.engine, row, stored, this.#numEvents);
      for (const [slot, { news }] of this.#transcripts) news.push(...events.filter(({ agent }) => agent === slot || agent < 0));
    }
    this.#numEvents += count;
  }

  #frame(slot: number): ConstructorParameters<typeof Transcript>[0] {
    const { compiled, engine, split, agentIds } = this.#env;
    const { program, scenario, base } = compiled;
    const { team } = base.agents[slot];
    const task =
      'perTeam' in scenario.task
        ? (scenario.task.perTeam as Record<string, { goal?: string }>)[team]
        : (scenario.task as { goal?: string });
    // Names of the formula nodes have the numbers of the variant being played.
    const names = () => describeNodes(compiled.resolve(split, engine.state.variant[this.#row]), compiled.palette, new ConstantPool());
    return {
      agentId: agentIds[slot],
      team,
      title: scenario.title,
      goal: task?.goal ?? names()[program.monitor.roots[program.taskOfAgent[slot]]],
      agentIds,
      mechanismNames: program.mechanisms.names,
      mobKinds: program.survival?.mobs?.kindNames ?? [],
      propIds: program.props.ids,
      symbols: scenario.messages.enabled ? scenario.messages.symbols : [],
    };
  }
}
