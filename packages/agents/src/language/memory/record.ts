/**
 * What is remembered: calls with what came of them, and tips that rules have drawn from them, a JSON line each. Each says where it comes from: scenario, split,
 * seed and ticks of an episode, so that it can be played again and seen. Lines come from a file and are checked.
 */
import { EVENT_SPEC, SPLITS } from '@kinovox/world';
import { z } from 'zod';

const tick = z.int().min(0);
const seed = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');
const text = z.string().max(2000);

/** The ticks of an episode from which something is known. */
const SourceSchema = z.strictObject({
  scenario: z.string().max(200).describe('Id.'),
  split: z.enum(SPLITS),
  seed: seed.describe('Seed words of the episode.'),
  level: z.int().min(0).optional().describe('Number of its level in the split; absent in lines of earlier builds.'),
  agent: z.string().max(200).describe('Whose it is.'),
  fromTick: tick,
  toTick: tick,
});
export type Source = z.infer<typeof SourceSchema>;

/** Where, and in what: what is compared when something is looked for. */
const SituationSchema = z.strictObject({
  task: seed.describe('Hash of the task as the scenario has it.'),
  place: z.tuple([z.int(), z.int(), z.int()]).describe('Cell of the body when the call was made.'),
  skill: z.string().max(200).describe('Verb.'),
  code: z.string().max(200).optional().describe('Of the refusal.'),
});
export type Situation = z.infer<typeof SituationSchema>;

/** An event of the engine: what the agent did and met while it acted. */
const SeenSchema = z.strictObject({
  tick,
  id: z.int().min(0).describe('Number within the episode.'),
  kind: z.enum(EVENT_SPEC.map(({ name }) => name)),
  cause: z.int().min(0).nullable().describe('Id of the event that caused it.'),
});
export type Seen = z.infer<typeof SeenSchema>;

export const CallRecordSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('call'),
  from: SourceSchema,
  situation: SituationSchema,
  number: z.int().min(0).describe('Calls of the agent in the episode before.'),
  call: text.describe('Verb and arguments.'),
  status: z.enum(['done', 'refused', 'left', 'invalid']),
  sentence: text,
  facts: z.record(z.string(), z.unknown()),
  events: z.array(SeenSchema).describe('The first of those between its beginning and its end.'),
  cause: z
    .int()
    .min(0)
    .nullable()
    .describe('Number of the call of which it is a consequence: the refused one just before, or the one that it tries again.'),
});
export type CallRecord = z.infer<typeof CallRecordSchema>;

export const TipSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('tip'),
  from: SourceSchema,
  situation: SituationSchema,
  rule: z.enum(['refused-then-done', 'not-succeeded']).describe('By which it was drawn.'),
  text,
  calls: z.array(z.int().min(0)).describe('Numbers of the calls that it is drawn from.'),
});
export type Tip = z.infer<typeof TipSchema>;

export const MemoryRecordSchema = z.discriminatedUnion('kind', [CallRecordSchema, TipSchema]);
export type MemoryRecord = z.infer<typeof MemoryRecordSchema>;

/** As texts are stored. */
export function shortened(words: string, most = 600): string {
  return words.length > most ? `${words.slice(0, most - 3)}...` : words;
}
