/**
 * Joints: a prop turns about an axis, or slides along one, relative to the world or to another prop.
 * Anchor and axis are in the prop's own frame, so a joint fits wherever the prop starts: what it is tied to is where it is then.
 */
import { z } from 'zod';
import { NameSchema } from './values.js';

const axisEntry = z.number().min(-1).max(1);
const reach = z.number().min(-16).max(16);
const to = NameSchema.optional().describe('Id of the prop that it is tied to; absent: the world.');
const resistance = (unit: string, what: string) =>
  z
    .number()
    .min(0)
    .max(10000)
    .default(0)
    .describe(`${what}, ${unit}, 0..10000; default 0. Only one of "damping" and "friction" may be given.`);

export const HingeSchema = z.strictObject({
  to,
  anchor: z
    .tuple([reach, reach, reach])
    .describe("Point that stays where it is, [x, y, z] in metres from the prop's centre, each -16..16."),
  axis: z
    .tuple([axisEntry, axisEntry, axisEntry])
    .default([0, 1, 0])
    .describe("Direction of the axis in the prop's frame, any length but 0, each -1..1; default [0, 1, 0], upright."),
  limitsDeg: z
    .tuple([z.number().min(-179).max(179), z.number().min(-179).max(179)])
    .optional()
    .describe(
      'Least and greatest angle from where it starts, in degrees, -179..179, with 0 between them, counter-clockwise seen against the axis; absent: it turns freely.',
    ),
  damping: resistance('N m s/rad', 'Torque per speed that brakes it'),
  friction: resistance('N m', 'Torque that brakes it at any speed'),
});

export const SliderSchema = z.strictObject({
  to,
  axis: z
    .tuple([axisEntry, axisEntry, axisEntry])
    .default([1, 0, 0])
    .describe("Direction in the prop's frame, any length but 0, each -1..1; default [1, 0, 0]."),
  limitsMetres: z
    .tuple([z.number().min(-64).max(64), z.number().min(-64).max(64)])
    .optional()
    .describe('Least and greatest way from where it starts, in metres, -64..64, with 0 between them; absent: no limits.'),
  damping: resistance('N s/m', 'Force per speed that brakes it'),
  friction: resistance('N', 'Force that brakes it at any speed'),
});

export const JointSchema = z.union([
  z.strictObject({ hinge: HingeSchema.describe('It turns about an axis: a door, a flap, a pendulum.') }),
  z.strictObject({ slider: SliderSchema.describe('It slides along a line without turning: a drawer, a lift.') }),
]);
export type Joint = z.output<typeof JointSchema>;
