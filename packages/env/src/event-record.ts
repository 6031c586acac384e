/** Events and messages of a row as records with names, from the words that the engine keeps. */
import type { Engine } from '@kinovox/physics';
import { EVENT_SPEC, EVENT_WORDS, type EventName, MAX_EVENTS_PER_TICK, MESSAGE_RING, MESSAGE_WORDS } from '@kinovox/world';
import type { TextLog } from './message-text.js';

export interface EventRecord {
  /** Number of the event within its episode, from 0. */
  id: number;
  kind: EventName;
  /** Agent slot; -1 is the world. */
  agent: number;
  /** Meaning by kind: see EVENT_SPEC. */
  data0: number;
  data1: number;
  /** Id of the event that caused it, or null. */
  cause: number | null;
}

/** A message in an agent's ring that it can read. */
export interface HeardMessage {
  /** Slot of the sender. */
  sender: number;
  /** Tick from which it is readable. */
  tick: number;
  symbol: string;
  /** Free text, where the sender gave some. */
  text?: string;
}

const NAME_BY_ID = new Map(EVENT_SPEC.map((kind) => [kind.id as number, kind.name]));

/** Rows of the last tick's buffer that belong to the episode that the tick was part of; a same-step reset adds one of the next episode at the end. */
export function storedEvents(engine: Pick<Engine, 'buffers'>, row: number, resetInStep: boolean): { count: number; stored: number } {
  const count = engine.buffers.eventCount[row] - (resetInStep ? 1 : 0);
  return { count, stored: Math.min(count, MAX_EVENTS_PER_TICK) };
}

/**
 * Events of a row's last tick.
 * @param firstId id of its first event: the episode's events before it.
 */
export function readEvents(engine: Pick<Engine, 'buffers'>, row: number, stored: number, firstId: number): EventRecord[] {
  const { events } = engine.buffers;
  return Array.from({ length: stored }, (_, i) => {
    const at = (row * MAX_EVENTS_PER_TICK + i) * EVENT_WORDS;
    const cause = events[at + 4];
    return {
      id: firstId + i,
      kind: NAME_BY_ID.get(events[at])!,
      agent: events[at + 1],
      data0: events[at + 2],
      data1: events[at + 3],
      cause: cause === 0 ? null : cause - 1,
    };
  });
}

/** Messages that an agent can read now, oldest first. */
export function readMessages(engine: Engine, row: number, slot: number, symbols: readonly string[], texts: TextLog): HeardMessage[] {
  const { state } = engine;
  const index = row * engine.program.numAgents + slot;
  const received = state.messageCount[index];
  const heard: HeardMessage[] = [];
  for (let n = Math.max(0, received - MESSAGE_RING); n < received; n++) {
    const at = (index * MESSAGE_RING + (n % MESSAGE_RING)) * MESSAGE_WORDS;
    const tick = state.messageRing[at + 1];
    if (tick > state.tick[row]) continue;
    const text = texts.get(state.messageRing[at + 4]);
    heard.push({
      sender: state.messageRing[at] - 1,
      tick,
      symbol: symbols[state.messageRing[at + 2] - 1],
      ...(text === undefined ? {} : { text }),
    });
  }
  return heard;
}
