/**
 * What is written down of a language agent: each call of its model, and how each action that it began has ended. Plain data, a JSON line each.
 * `replay` answers from these lines. They hold no key: providers take it out of everything that comes back.
 */
import { z } from 'zod';
import { FINISH_REASONS } from '../model.js';
import { LOOP_ROUNDS } from './loop-detector.js';

/** Whose entry it is, and when. */
const place = {
  row: z.int().min(0).describe('World of the batch.'),
  slot: z.int().min(0).describe('Agent of the world.'),
  agent: z.string().describe('Its id.'),
  profile: z.string().describe('Name of its profile.'),
  seed: z.string().describe('Seed words of the episode, 16 hexadecimal digits.'),
  tick: z.int().min(0).describe('Tick of the episode.'),
};

const count = z.int().min(0);

export const DecisionSchema = z.object({
  kind: z.literal('decision'),
  ...place,
  number: count.describe('Decisions of this agent in this episode before.'),
  promptHash: z.string().describe('Hash of messages and tools, 16 hexadecimal digits.'),
  turn: z.string().describe('What the prompt has more than the one before: results and observation.'),
  images: z
    .array(z.object({ hash: z.string(), width: count, height: count }))
    .optional()
    .describe('Pictures of the turn: hash of the PNG in base64, 16 hexadecimal digits, and pixels. Absent where there was none.'),
  reply: z
    .object({
      text: z.string(),
      toolCalls: z.array(z.object({ name: z.string(), arguments: z.string() })),
      finishReason: z.enum(FINISH_REASONS),
      usage: z.object({
        promptTokens: count,
        completionTokens: count,
        cachedTokens: count.optional(),
        estimated: z.literal(true).optional(),
      }),
    })
    .optional()
    .describe('Absent where none came.'),
  cost: z.number().min(0).describe('By the prices of the profile, of all calls; 0 without.'),
  unanswered: z
    .object({ calls: z.int().min(1), promptTokens: count })
    .optional()
    .describe('Calls without a reply: late, failed and repeated ones, with their prompts, estimated. Absent where there was none.'),
  outcome: z
    .enum(['begun', 'continued', 'answered', 'refused', 'invalid', 'late', 'failed', 'thinking'])
    .describe(
      'begun = an action began; answered = it was over at once; refused = it could not begin; invalid = the reply could not be used; late = the deadline passed; failed = no reply came; thinking = it takes effect later.',
    ),
  code: z.string().optional().describe('Of a refusal, an invalid reply or a failure.'),
  sentence: z.string().optional(),
});
export type DecisionEntry = z.infer<typeof DecisionSchema>;

/** How an action has ended, or that the agent goes round in circles, or is asked no more. */
export const ResultSchema = z.object({
  kind: z.literal('result'),
  ...place,
  name: z
    .string()
    .describe(
      'Of the verb; `loop` for calls that repeat, `budget` where that is spent, `replies` where too many in a row could not be used.',
    ),
  status: z.enum(['done', 'refused', 'stuck', 'spent', 'useless']),
  loop: z
    .object({ period: count, rounds: count, ticks: count })
    .optional()
    .describe('Of a loop: calls of a round, how often it was gone, ticks in it that no entry before has counted.'),
  code: z.string().optional(),
  sentence: z.string(),
});
export type ResultEntry = z.infer<typeof ResultSchema>;

/** What a person who watches said to the agent: its next decision is told. */
export const HeardSchema = z.object({
  kind: z.literal('heard'),
  ...place,
  from: z.literal('spectator'),
  text: z.string().describe('As it was said.'),
});
export type HeardEntry = z.infer<typeof HeardSchema>;

/** A line of `decisions.jsonl`. */
export const LanguageEntrySchema = z.discriminatedUnion('kind', [DecisionSchema, ResultSchema, HeardSchema]);
export type LanguageEntry = DecisionEntry | ResultEntry | HeardEntry;

/** Sums over entries, for reports. */
export class LanguageTally {
  readonly #report: LanguageReport = {
    calls: 0,
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    cost: 0,
    invalid: 0,
    refused: 0,
    failed: 0,
    late: 0,
    spent: 0,
    useless: 0,
    stuck: 0,
    stuckTicks: 0,
    timeLimited: false,
  };

  add(entry: LanguageEntry): void {
    if (entry.kind === 'heard') return;
    const report = this.#report;
    if (entry.kind === 'result') {
      if (entry.status === 'spent') report.spent++;
      else if (entry.status === 'useless') report.useless++;
      else if (entry.status === 'stuck') this.#addLoop(entry.loop!);
      else if (entry.status === 'refused') report.refused++;
      return;
    }
    report.calls += (entry.reply === undefined ? 0 : 1) + (entry.unanswered?.calls ?? 0);
    report.promptTokens += entry.unanswered?.promptTokens ?? 0;
    report.cost += entry.cost;
    if (entry.outcome === 'invalid') report.invalid++;
    if (entry.outcome === 'refused') report.refused++;
    if (entry.outcome === 'failed') {
      report.failed++;
      report.failure = entry.sentence!;
    }
    if (entry.outcome === 'late') {
      report.late++;
      report.timeLimited = true;
    }
    const usage = entry.reply?.usage;
    if (usage === undefined) return;
    report.promptTokens += usage.promptTokens;
    report.completionTokens += usage.completionTokens;
    report.cachedTokens += usage.cachedTokens ?? 0;
  }

  #addLoop({ rounds, ticks }: NonNullable<ResultEntry['loop']>): void {
    if (rounds === LOOP_ROUNDS) this.#report.stuck++;
    this.#report.stuckTicks += ticks;
  }

  /** Plain data, as it is now. */
  report(): LanguageReport {
    return { ...this.#report };
  }
}

export interface LanguageReport {
  calls: number;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** By the prices of the profiles. */
  cost: number;
  /** Replies that could not be used. */
  invalid: number;
  /** Actions that could not begin, or not be brought to their end. */
  refused: number;
  /** Calls without a reply. */
  failed: number;
  /** Deadlines that passed: reruns may differ. */
  late: number;
  /** Agents and episodes whose budget was spent. */
  spent: number;
  /** Agents and episodes in which too many replies in a row could not be used. */
  useless: number;
  /** Loops: calls that were repeated three times with the same results. */
  stuck: number;
  /** Ticks that agents spent in loops. */
  stuckTicks: number;
  /** Whether a deadline decided anything. */
  timeLimited: boolean;
  /** What the last call that failed met, in a sentence; left out where none did. */
  failure?: string;
}
