/** A call of a model with what it was called for, from its beginning to what came of it: what loops are found in, and what is remembered. */
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import type { Feedback } from '../profile.js';
import type { Facts } from '../skill.js';
import type { Step } from './loop-detector.js';

export interface Attempt {
  /** Calls of this agent in this episode before. */
  readonly number: number;
  readonly name: string;
  /** As checked by the verb; text where they could not be read. */
  readonly args: unknown;
  /** Where the body was, a cell. */
  readonly place: readonly [number, number, number];
  readonly fromTick: number;
}

/** `left`: for another action, before its end; `invalid`: it could not be used. */
export type AttemptEnd = 'done' | 'refused' | 'left' | 'invalid';

/** Longest quotation of a call in a sentence, characters. */
const MAX_CALL = 200;
/** Verbs that let time pass. */
const WAITING = 'wait';

export function attemptAt(view: AgentView, number: number, name: string, args: unknown): Attempt {
  return { number, name, args, place: view.cellOf(), fromTick: view.tick };
}

/** `moveTo {"x":1}`, as sentences have it. */
export function callText({ name, args }: Pick<Attempt, 'name' | 'args'>): string {
  const text = `${name} ${typeof args === 'string' ? args : JSON.stringify(args)}`;
  return text.length > MAX_CALL ? `${text.slice(0, MAX_CALL)}...` : text;
}

/** For the loop detector: what the agent knows of itself are its cell, its health and what it carries. @param feedback whether it is told the code. */
export function endedStep(
  view: AgentView,
  attempt: Attempt,
  { status, code, facts }: { status: AttemptEnd; code: string | undefined; facts: Facts },
  feedback: Feedback,
): Step {
  const carried = Array.from({ length: INVENTORY_SLOTS }, (_, k) => [view.itemAt(k), view.countAt(k)]);
  const result = code === undefined ? status : `${status} ${code}`;
  return {
    call: callText(attempt),
    result,
    told: feedback === 'blind' ? status : result,
    facts: JSON.stringify([attempt.args, facts, view.cellOf(), view.health, carried]),
    waits: attempt.name === WAITING,
    fromTick: attempt.fromTick,
    toTick: view.tick,
  };
}
