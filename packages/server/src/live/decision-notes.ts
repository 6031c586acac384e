/** Entries of language agents as watchers get them: cut to the lengths of DECISION_LIMITS. */
import type { LanguageEntry } from '@kinovox/agents';
import { SPECTATOR } from '@kinovox/env';
import { DECISION_LIMITS, type DecisionNote, type Decisions } from '@kinovox/world';

/** Where and when an entry belongs, and its number. */
export type NotePlace = Pick<DecisionNote, 'id' | 'episode' | 'frame'>;

export function noteOf(entry: LanguageEntry, { id, episode, frame }: NotePlace): DecisionNote {
  const { slot, profile, tick } = entry;
  const base = { id, slot, profile: cut(profile, 64), episode, tick, ...(frame === undefined ? {} : { frame }) };
  if (entry.kind === 'heard') return { ...base, outcome: 'heard', spoken: cut(entry.text, DECISION_LIMITS.heardText) };
  const { code, sentence } = entry;
  const note: DecisionNote = {
    ...base,
    outcome: entry.kind === 'decision' ? entry.outcome : entry.status,
    ...(code === undefined ? {} : { code: cut(code, 64) }),
    ...(sentence === undefined ? {} : { sentence: cut(sentence, DECISION_LIMITS.sentence) }),
  };
  if (entry.kind === 'result') return { ...note, ended: cut(entry.name, DECISION_LIMITS.callName) };
  const { number, turn, reply, cost, unanswered } = entry;
  return {
    ...note,
    decision: {
      number,
      turn: cut(turn, DECISION_LIMITS.turn),
      thought: cut(reply?.text ?? '', DECISION_LIMITS.thought),
      calls: (reply?.toolCalls ?? []).slice(0, DECISION_LIMITS.calls).map((call) => ({
        name: cut(call.name, DECISION_LIMITS.callName),
        arguments: cut(call.arguments, DECISION_LIMITS.callArguments),
      })),
      heard: heardIn(turn),
      promptTokens: (reply?.usage.promptTokens ?? 0) + (unanswered?.promptTokens ?? 0),
      cachedTokens: reply?.usage.cachedTokens ?? 0,
      completionTokens: reply?.usage.completionTokens ?? 0,
      cost,
      unanswered: unanswered?.calls ?? 0,
    },
  };
}

export function encodeDecisions(message: Decisions): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Lines as `Transcript` writes messages, the text as JSON. What people said has entries of its own. */
const HEARD = /^\* (.{1,64}?) says ("(?:[^"\\]|\\.)*")$/gm;

function heardIn(turn: string): { from: string; text: string }[] {
  return [...turn.matchAll(HEARD)]
    .filter(([, from]) => from !== SPECTATOR)
    .slice(0, DECISION_LIMITS.heard)
    .map(([, from, text]) => ({ from, text: cut(textOf(text), DECISION_LIMITS.heardText) }));
}

/** A turn is text of the log: a line may look like a message and be none. */
function textOf(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}

/** At most so many UTF-16 units; what is cut ends in an ellipsis, and no pair is torn. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
