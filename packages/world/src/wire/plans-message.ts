/**
 * What agents mean to do, for people who watch: ways with their ticks, cells that are kept for them, where two ways meet, and slices of what a safety
 * filter knows. Made only when somebody asks, and bounded: what is over a limit is left out and counted.
 * Limits: PLAN_LIMITS. A message with everything at its limit has about 400 kB.
 */
import { z } from 'zod';

/** Most of each kind in a message. */
export const PLAN_LIMITS = Object.freeze({
  /** Points of one way, and of all together. */
  wayPoints: 64,
  allPoints: 4096,
  rollouts: 8,
  allRollouts: 64,
  rolloutPoints: 16,
  /** Kept cells of one agent. */
  cells: 8,
  conflicts: 64,
  slices: 4,
  /** Nodes along each side of a slice. */
  sliceNodes: 33,
});

const slot = z.int().min(0).max(255);
const tick = z.int().min(0).max(0xffffffff);
const metres = z.number().min(-512).max(512);
const place = z.tuple([metres, metres, metres]);
const u32 = z.int().min(0).max(0xffffffff);

export const AgentPlanSchema = z.strictObject({
  slot,
  planner: z.string().max(40).describe('Who made it, such as lacam.'),
  status: z.string().max(300).describe('What it is about, in a sentence.'),
  squad: z.int().min(0).max(255).optional().describe('Agents of one number were planned for together: their ways do not meet.'),
  path: z
    .array(z.tuple([metres, metres, metres, z.number().min(0).max(0xffffffff)]))
    .max(PLAN_LIMITS.wayPoints)
    .describe(
      'x, y, z in metres, of the feet of walkers and of the middle of vehicles, and the tick of the episode. Empty: it has no plan.',
    ),
  exact: z.boolean().describe('Whether the ticks are those at which it will be there; otherwise they are estimated.'),
  rollouts: z
    .array(z.array(place).max(PLAN_LIMITS.rolloutPoints))
    .max(PLAN_LIMITS.rollouts)
    .describe('Some of the ways that were tried for it, metres.'),
  cells: z
    .array(
      z.strictObject({
        at: place.describe('Lesser corner, metres.'),
        edge: metres.describe('Metres.'),
        from: tick.describe('Tick from which it is kept for the agent, estimated unless held.'),
        to: tick,
        held: z.boolean().describe('Nobody else may enter it now.'),
      }),
    )
    .max(PLAN_LIMITS.cells),
});
export type AgentPlan = z.output<typeof AgentPlanSchema>;

export const PlanConflictSchema = z.strictObject({
  at: place.describe('Between the two, metres.'),
  slots: z.tuple([slot, slot]),
  tick: z.int().min(0).describe('Tick of the episode at which their boxes first overlap, if both go as they mean to.'),
});
export type PlanConflict = z.output<typeof PlanConflictSchema>;

export const ValueSliceSchema = z.strictObject({
  slot,
  mode: z.string().max(40).describe('Mode of the safety filter.'),
  value: z.number().describe('Of the agent as it is, metres to harm at the worst moment of braking.'),
  margin: z.number().describe('Values up to this do not pass, metres.'),
  sentence: z.string().max(300),
  y: metres.describe('Height of the feet in all nodes.'),
  origin: z.tuple([metres, metres]).describe('x and z of node 0, metres.'),
  spacing: z.number().min(0.05).max(4).describe('Metres between nodes.'),
  nodes: z.int().min(2).max(PLAN_LIMITS.sliceNodes).describe('Along x and along z.'),
  values: z
    .array(z.number().nullable())
    .max(PLAN_LIMITS.sliceNodes ** 2)
    .describe('`[Z, X]` values, metres, with the agent moved to the node and all else as it is; null where no body fits.'),
});
export type ValueSlice = z.output<typeof ValueSliceSchema>;

const plans = {
  tick: tick.describe('Of the episode, when it was asked.'),
  agents: z.array(AgentPlanSchema).max(256),
  conflicts: z.array(PlanConflictSchema).max(PLAN_LIMITS.conflicts),
  slices: z.array(ValueSliceSchema).max(PLAN_LIMITS.slices),
  omitted: z.int().min(0).describe('Conflicts over the limit, and agents whose way was cut short.'),
};
/** What the policies of one world say. */
export const RowPlansSchema = z.strictObject(plans);
export type RowPlans = z.output<typeof RowPlansSchema>;

/** Sent to those who asked, at most four times a second; may be lost. */
export const PlansSchema = z.strictObject({ world: u32, stream: u32, episode: u32, ...plans });
export type Plans = z.output<typeof PlansSchema>;

/** Asks for the plans of the watched world, or no longer; a watch of another world ends it. */
export const PlansWishSchema = z.strictObject({
  world: u32,
  on: z.boolean(),
  slot: slot.describe('Agent of whose safety filter a slice is sent, where it has one.'),
});
export type PlansWish = z.output<typeof PlansWishSchema>;
