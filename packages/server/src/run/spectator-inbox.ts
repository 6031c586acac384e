/**
 * What people say to the agents of a batch, until its next tick: policies are given it when they think for that, so that the tick at which it is heard
 * depends on when it came and on nothing else. Limit: CHAT_LIMITS.waiting of a world.
 */
import type { SpectatorWords } from '@kinovox/agents';
import type { BatchEnv } from '@kinovox/env';
import { AGENT_FLAG, CHAT_LIMITS } from '@kinovox/world';

export class SpectatorInbox {
  readonly #listeners: readonly number[];
  readonly #isAlive: (row: number, slot: number) => boolean;
  #words: SpectatorWords[] = [];

  /** @param listeners slots of agents who hear. */
  constructor(listeners: readonly number[], isAlive: (row: number, slot: number) => boolean) {
    this.#listeners = listeners;
    this.#isAlive = isAlive;
  }

  /** @returns undefined, or a sentence on why nobody will hear it. */
  put(words: SpectatorWords): string | undefined {
    const { row, slot } = words;
    if (this.#listeners.length === 0) return 'Nobody here hears people: only language agents do. Play one with --policy llm:FILE.';
    if (slot !== undefined && !this.#listeners.includes(slot))
      return `Words must be for an agent that hears people, slot ${this.#listeners.join(', ')}; got ${slot}, which is no language agent.`;
    if (!(slot === undefined ? this.#listeners : [slot]).some((one) => this.#isAlive(row, one)))
      return `Words must be for an agent that lives; ${slot === undefined ? 'all who hear people are dead here' : `the one in slot ${slot} is dead`}. Speak again when the next episode begins.`;
    if (this.#words.filter((waiting) => waiting.row === row).length >= CHAT_LIMITS.waiting)
      return `At most ${CHAT_LIMITS.waiting} messages may wait for the next tick of a world; got one more. Let the world go on first.`;
    this.#words.push(words);
    return undefined;
  }

  /** Those that the coming tick brings, in the order in which they came. */
  take(): SpectatorWords[] {
    return this.#words.splice(0);
  }
}

/** Whether the agent in a slot of a row lives. */
export function readLife({ engine: { state, program } }: Pick<BatchEnv, 'engine'>): (row: number, slot: number) => boolean {
  return (row, slot) => (state.flags[row * program.numAgents + slot] & AGENT_FLAG.alive) !== 0;
}
