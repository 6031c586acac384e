/** Entries of language agents in words. */
import type { DecisionNote } from '@kinovox/world';

export type DecisionTone = 'good' | 'plain' | 'warn' | 'bad' | 'person';

/** What the colour of an entry says. */
export const DECISION_TONES: Readonly<Record<DecisionNote['outcome'], DecisionTone>> = Object.freeze({
  begun: 'plain',
  continued: 'plain',
  thinking: 'plain',
  answered: 'good',
  done: 'good',
  refused: 'warn',
  late: 'warn',
  stuck: 'warn',
  invalid: 'bad',
  failed: 'bad',
  spent: 'bad',
  useless: 'bad',
  heard: 'person',
});

type Call = NonNullable<DecisionNote['decision']>['calls'][number];

/** What was called, what has ended, or that a person spoke. */
export function decisionHeadline({ decision, ended, spoken }: DecisionNote): string {
  if (decision === undefined) return spoken === undefined ? (ended ?? '') : 'a spectator speaks';
  const { calls } = decision;
  return calls.length === 0 ? 'no call' : calls.map(callWords).join(', ');
}

/** `moveTo x 3, y 8`; arguments that are no object are shown as they came. */
export function callWords({ name, arguments: text }: Call): string {
  const args = tryObject(text);
  if (args === undefined) return text === '' ? name : `${name} ${text}`;
  const parts = Object.entries(args).map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return parts.length === 0 ? name : `${name} ${parts.join(', ')}`;
}

/** What the agent said to others, where its call was carried out. */
export function wordsSaid({ decision, outcome }: DecisionNote): string[] {
  if (decision === undefined || outcome !== 'answered') return [];
  return decision.calls.flatMap(({ name, arguments: text }) => {
    const said = name === 'chat' ? tryObject(text)?.text : undefined;
    return typeof said === 'string' ? [said] : [];
  });
}

/** What a decision took. */
export function spendingWords({
  promptTokens,
  cachedTokens,
  completionTokens,
  cost,
  unanswered,
}: NonNullable<DecisionNote['decision']>): string {
  const parts = [
    `${grouped(promptTokens)} prompt tokens${cachedTokens === 0 ? '' : ` (${grouped(cachedTokens)} cached)`}`,
    `${grouped(completionTokens)} of the reply`,
    cost === 0 ? '' : `cost ${cost.toPrecision(3)}`,
    unanswered === 0 ? '' : `${unanswered} ${unanswered === 1 ? 'call' : 'calls'} without a reply`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function tryObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
