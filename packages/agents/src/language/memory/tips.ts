/** Rules that draw tips from the calls of an episode: what was refused and then done, and what was refused most in an episode without success. */
import { type Attempt, type AttemptEnd, callText } from '../loop/attempt.js';
import type { Tip } from './record.js';

/** Most calls between a refusal and its solution that a tip names. */
const MOST_STEPS = 6;

/** A call that has ended, as rules look at it. */
export class PastCall {
  readonly text: string;
  readonly number: number;
  readonly skill: string;
  readonly place: readonly [number, number, number];
  readonly fromTick: number;

  constructor(
    attempt: Attempt,
    readonly status: AttemptEnd,
    readonly code: string | undefined,
    readonly sentence: string,
    readonly toTick: number,
  ) {
    this.text = callText(attempt);
    this.number = attempt.number;
    this.skill = attempt.name;
    this.place = attempt.place;
    this.fromTick = attempt.fromTick;
  }
}

/** A tip, the call whose situation it is for, and those that it is drawn from, the first one first. */
export interface Drawn extends Pick<Tip, 'rule' | 'text'> {
  readonly call: PastCall;
  readonly calls: readonly PastCall[];
}

/** Where a call that was refused before is done now: what was done in between. Questions, which take no time, are not part of it. */
export function tipOfSolution(past: readonly PastCall[], call: PastCall): Drawn | undefined {
  if (call.status !== 'done') return undefined;
  const at = past.findLastIndex(({ text }) => text === call.text);
  if (at < 0 || past[at].status !== 'refused') return undefined;
  const refused = past[at];
  const steps = past.slice(at + 1).filter(({ status, fromTick, toTick }) => status === 'done' && toTick > fromTick);
  if (steps.length > MOST_STEPS) return undefined;
  const how =
    steps.length === 0
      ? `It was done when tried again ${call.fromTick - refused.toTick} ticks later.`
      : `It was done after: ${steps.map(({ text }) => text).join('; ')}.`;
  return {
    rule: 'refused-then-done',
    text: `${call.text} was refused (${refused.code}): ${refused.sentence} ${how}`,
    call: refused,
    calls: [refused, ...steps, call],
  };
}

/** Where an episode ends with open goals: the refusal that came most often, the earliest of equals. Nothing where nothing was refused. */
export function tipOfEnd(past: readonly PastCall[], numOpen: number, tick: number): Drawn | undefined {
  const groups = new Map<string, PastCall[]>();
  for (const call of past) {
    if (call.status !== 'refused') continue;
    const key = `${call.skill} ${call.code}`;
    groups.set(key, [...(groups.get(key) ?? []), call]);
  }
  let most: PastCall[] = [];
  for (const group of groups.values()) if (group.length > most.length) most = group;
  if (most.length === 0) return undefined;
  const [first] = most;
  const times = most.length === 1 ? 'once' : `${most.length} times`;
  return {
    rule: 'not-succeeded',
    text: `An episode ended at tick ${tick + 1} with ${numOpen} of the goals open; ${first.skill} was refused ${times} (${first.code}), first: ${first.sentence}`,
    call: first,
    calls: most,
  };
}
