/**
 * What people do in a world that they watch, beside its clock: they speak to agents. Needs the token, as control does.
 * Words reach the policies of agents and no word of them enters the state of the world.
 */
import { z } from 'zod';

/** Most of each kind. */
export const CHAT_LIMITS = Object.freeze({
  /** Of a message, UTF-16 units. */
  text: 256,
  /** Messages of a watcher, in the long run. */
  perSecond: 1,
  /** Messages of a watcher at once. */
  burst: 5,
  /** Messages that wait for the next tick of a world. */
  waiting: 16,
});

export const ChatSchema = z.strictObject({
  world: z.int().min(0).max(0xffffffff),
  token: z.string().max(200).optional().describe('Secret that the host printed, where hello did not give it.'),
  slot: z.int().min(0).max(255).optional().describe('Agent that is spoken to; absent: everybody who listens.'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(CHAT_LIMITS.text)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line without control characters')
    .describe('What is said; blanks at both ends do not count.'),
});
export type Chat = z.output<typeof ChatSchema>;
