/** The `randomisation` part of a scenario: ranges from which bodies, ground and delay are drawn anew in each episode. */
import { z } from 'zod';

/** Longest delay between an action and the body that carries it out, in ticks. */
export const MAX_ACTION_DELAY = 20;
/** Most that `body.speedScale`, the highest `speed` and the highest `friction` may come to when multiplied: accelerations must fit their integers. */
export const MAX_DRIVE = 3.8;

const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'must have its lower bound first');

export const RandomisationSchema = z.strictObject({
  speed: range(0.25, 2)
    .optional()
    .describe('[low, high] factor on walking and sprinting speed, 0.25..2, drawn for each agent; on top of `body.speedScale`.'),
  jump: range(0.5, 1.5)
    .optional()
    .describe(
      '[low, high] factor on the speed of taking off, 0.5..1.5, drawn for each agent; the height grows with its square (1 is 1.25 m).',
    ),
  friction: range(0.1, 2)
    .optional()
    .describe(
      '[low, high] factor on the grip of all ground, 0.1..2, drawn for the world: how fast agents speed up and stop; top speed stays.',
    ),
  actionDelayTicks: z
    .tuple([z.int().min(0).max(MAX_ACTION_DELAY), z.int().min(0).max(MAX_ACTION_DELAY)])
    .refine(([from, to]) => from <= to, 'must have its lower bound first')
    .optional()
    .describe('[low, high] ticks between an action and the body that carries it out, 0..20, drawn for each agent.'),
});
/** Ranges as written; absent: not drawn. */
export type Randomisation = z.output<typeof RandomisationSchema>;
