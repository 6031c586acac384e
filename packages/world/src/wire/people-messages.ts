/**
 * What people do in a world that they watch, beside its clock: they speak to agents, and play agents whose policy is `human`. Both need the token, as
 * control does. Words reach the policies of agents and no word of them enters the state of the world; what a person plays becomes the agent's actions.
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

/** Bounds of playing. */
export const TELEOP_LIMITS = Object.freeze({
  /** Least time between two messages of a page, milliseconds: a tick. */
  intervalMs: 50,
  /** Most time between two messages of a page that plays, milliseconds. */
  heartbeatMs: 200,
  /** Silence after which a person is taken to have left, milliseconds. */
  silenceMs: 1000,
});

const axis = z.int().min(-1).max(1);
const angle = z.number().min(-Math.PI).max(Math.PI);

export const HandsSchema = z.strictObject({
  forward: axis.describe('Held: walk along the heading, or backwards.'),
  strafe: axis.describe('Held: walk sideways, positive to the right.'),
  jump: z.boolean(),
  sprint: z.boolean(),
  sneak: z.boolean(),
  turn: angle.describe('Change of yaw since the last message, rad, positive counter-clockwise.'),
  look: angle.describe('Change of pitch since the last message, rad, positive up.'),
  attack: z.boolean().describe('Held: throws what is carried, strikes what stands in the aim, or digs.'),
  use: z.boolean().describe('Pressed since the last message: gives, eats, places or uses, whatever is possible first.'),
  drop: z.boolean().describe('Pressed since the last message: drops the item in hand.'),
  slot: z.int().min(0).max(9).describe('Inventory slot + 1 that was selected since the last message; 0 = none.'),
});

/** Takes an agent whose policy is `human`, and says what its person does; repeated while they play. */
export const TeleopSchema = z.strictObject({
  world: z.int().min(0).max(0xffffffff),
  token: z.string().max(200).optional().describe('Secret that the host printed, where hello did not give it.'),
  slot: z.int().min(0).max(255),
  hands: HandsSchema.nullable().describe('null lets the agent go.'),
});
export type Teleop = z.output<typeof TeleopSchema>;
