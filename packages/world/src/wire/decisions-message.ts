/**
 * What language agents were told, thought and called, for people who watch: the latest entries of the watched world, cut to lengths that people read. The
 * log of a run (`decisions.jsonl`) holds them whole.
 * Reliable. One who joins, and a recording whose position jumps, gets a message with `all`; later ones add to it. Entries are numbered through the host, so
 * that one that comes twice is dropped.
 * Limits: DECISION_LIMITS. A message with everything at its limit stays below MAX_HOST_MESSAGE_BYTES, however its characters are coded.
 */
import { z } from 'zod';

/** Most of each kind in a message; lengths in UTF-16 units. */
export const DECISION_LIMITS = Object.freeze({
  /** Entries of a message, and those that a watcher keeps. */
  entries: 200,
  turn: 1600,
  thought: 1000,
  calls: 4,
  callName: 64,
  callArguments: 400,
  sentence: 400,
  heard: 6,
  heardText: 256,
});

/** What a decision came to, or how an action has ended; `heard` where a person who watches spoke to the agent. */
export const DECISION_OUTCOMES = Object.freeze([
  'begun',
  'continued',
  'answered',
  'refused',
  'invalid',
  'late',
  'failed',
  'thinking',
  'done',
  'stuck',
  'spent',
  'useless',
  'heard',
] as const);

const u32 = z.int().min(0).max(0xffffffff);
const count = z.int().min(0);

export const DecisionNoteSchema = z.strictObject({
  id: count.describe('Number of the entry on its host; later entries have greater ones.'),
  slot: z.int().min(0).max(255),
  profile: z.string().max(64),
  episode: u32,
  tick: u32.describe('Of the episode.'),
  frame: u32.optional().describe('Recordings: tick counted from the beginning, to seek to.'),
  outcome: z.enum(DECISION_OUTCOMES),
  code: z.string().max(64).optional().describe('Of a refusal, an invalid reply or a failure.'),
  sentence: z.string().max(DECISION_LIMITS.sentence).optional().describe('Why, or how an action has ended.'),
  spoken: z.string().max(DECISION_LIMITS.heardText).optional().describe('What a person who watches said; absent in all other entries.'),
  ended: z.string().max(DECISION_LIMITS.callName).optional().describe('Verb of an action that has ended; absent in all other entries.'),
  decision: z
    .strictObject({
      number: count.describe('Decisions of the agent in the episode before.'),
      turn: z.string().max(DECISION_LIMITS.turn).describe('What the prompt has more than the one before.'),
      thought: z.string().max(DECISION_LIMITS.thought).describe('Text of the reply.'),
      calls: z
        .array(z.strictObject({ name: z.string().max(DECISION_LIMITS.callName), arguments: z.string().max(DECISION_LIMITS.callArguments) }))
        .max(DECISION_LIMITS.calls),
      heard: z
        .array(z.strictObject({ from: z.string().max(64), text: z.string().max(DECISION_LIMITS.heardText) }))
        .max(DECISION_LIMITS.heard)
        .describe('Messages in the turn.'),
      promptTokens: count,
      cachedTokens: count.describe('Of promptTokens.'),
      completionTokens: count,
      cost: z.number().min(0).describe('By the prices of the profile.'),
      unanswered: count.describe('Calls without a reply.'),
    })
    .optional()
    .describe('Absent where an action has ended, and where a person spoke.'),
});
export type DecisionNote = z.output<typeof DecisionNoteSchema>;

export const DecisionsSchema = z.strictObject({
  world: u32,
  stream: u32,
  all: z.boolean().describe('Whether these replace what was sent before.'),
  entries: z.array(DecisionNoteSchema).max(DECISION_LIMITS.entries).describe('Oldest first.'),
  earlier: count.describe('With `all`: entries before these that are not sent.'),
  later: count.describe('With `all`: entries of a recording after these that are not sent yet.'),
  note: z.string().max(300).describe('What a person should know of the entries; mostly empty.'),
});
export type Decisions = z.output<typeof DecisionsSchema>;
