/** Actions for differential runs: bold play that holds its course for a while, with now and then what is no number; and what came of it. */
import type { ScenarioProgram, TickBuffers } from '@kinovox/physics';
import { ACTION_SPEC, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { randomWords } from '../physics/fixture.js';

/** A function that gives the next `[B, A, F]` actions. Agents change course every few ticks: mostly forward, often sprinting, jumping or sneaking. */
export function heldActions(program: ScenarioProgram, numWorlds: number, seed: number): () => Float32Array {
  const next = randomWords(seed + 4);
  const unit = () => (next() >>> 0) / 2 ** 32;
  const fields = ACTION_SPEC.length;
  const actions = new Float32Array(numWorlds * program.numAgents * fields);
  return () => {
    for (let at = 0; at < actions.length; at += fields) {
      if (unit() > 0.2) continue;
      ACTION_SPEC.forEach((field, k) => {
        let value =
          unit() < 0.4 ? 0 : field.kind === 'axis' ? field.min + unit() * (field.max - field.min) : Math.floor(unit() * (field.max + 1));
        if (field.name === 'forward' && unit() < 0.5) value = 1;
        if (field.name === 'turn' || field.name === 'look') value *= unit() < 0.1 ? 1 : 0.1;
        actions[at + k] = unit() < 0.001 ? Number.NaN : value;
      });
    }
    return actions;
  };
}

/** Adds the events of this tick, by kind. */
export function countEvents(seen: Map<number, number>, { events, eventCount }: Pick<TickBuffers, 'events' | 'eventCount'>): void {
  for (let w = 0; w < eventCount.length; w++) {
    for (let k = 0; k < Math.min(eventCount[w], MAX_EVENTS_PER_TICK); k++) {
      const kind = events[(w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS];
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
}
