/** Reads a prompt back: the facts that its turns have told, and how the calls went. For models that are rules; it knows nothing but the text. */
import type { ModelMessage } from '../model.js';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A call and its result. */
export interface PastCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `done`, `refused`, `running` or `error`; undefined while none is told. */
  readonly status: string | undefined;
  readonly code: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ReadPrompt {
  /** Own id and those of the others, as the first turn tells. */
  readonly id: string | undefined;
  readonly others: readonly string[];
  /** Latest value of each named line. */
  readonly facts: ReadonlyMap<string, string>;
  /** Where the agent was at first, and is now. */
  readonly start: Place | undefined;
  readonly here: Place | undefined;
  readonly facing: string | undefined;
  /** Places of the goals that are not done, in order. */
  readonly goals: readonly Place[];
  /** Seconds into the episode. */
  readonly seconds: number;
  readonly calls: readonly PastCall[];
}

const NUMBER = '(-?\\d+(?:\\.\\d+)?)';
const AT = new RegExp(`\\bat ${NUMBER} ${NUMBER} ${NUMBER}`);

export function readPrompt(messages: readonly ModelMessage[]): ReadPrompt {
  const facts = new Map<string, string>();
  let id: string | undefined;
  let others: string[] = [];
  let start: Place | undefined;
  let seconds = 0;
  for (const message of messages) {
    if (message.role !== 'user') continue;
    for (const line of message.text.split('\n')) {
      const self = /^You are (\S+) of team/.exec(line);
      if (self !== null) id = self[1];
      const rest = /^Others: (.*)\.$/.exec(line);
      if (rest !== null) others = rest[1].split(', ');
      const time = /^\[(\d+(?:\.\d+)?) s\]/.exec(line);
      if (time !== null) seconds = Number(time[1]);
      const fact = /^([^:{}]{1,80}): (.*)$/.exec(line);
      if (fact === null) continue;
      facts.set(fact[1], fact[2]);
      if (fact[1] === 'you') start ??= placeIn(fact[2]);
    }
  }
  const you = facts.get('you');
  return {
    id,
    others,
    facts,
    start,
    here: placeIn(you),
    facing: you === undefined ? undefined : /facing ([a-z-]+)/.exec(you)?.[1],
    goals: [...facts].flatMap(([name, value]) => (name.startsWith('goal ') ? (placeIn(value) ?? []) : [])),
    seconds,
    calls: callsOf(messages),
  };
}

function placeIn(text: string | undefined): Place | undefined {
  const found = AT.exec(text ?? '');
  return found === null ? undefined : { x: Number(found[1]), y: Number(found[2]), z: Number(found[3]) };
}

function callsOf(messages: readonly ModelMessage[]): PastCall[] {
  const results = new Map(messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message.text] as const] : [])));
  return messages.flatMap((message) =>
    message.role !== 'assistant'
      ? []
      : message.toolCalls.slice(0, 1).map(({ id, name, arguments: text }) => {
          const result = objectOf(results.get(id));
          const { status, code, facts } = result;
          return {
            name,
            args: objectOf(text),
            status: typeof status === 'string' ? status : undefined,
            code: typeof code === 'string' ? code : undefined,
            facts: typeof facts === 'object' && facts !== null ? (facts as Record<string, unknown>) : {},
          };
        }),
  );
}

function objectOf(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
