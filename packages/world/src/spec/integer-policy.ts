/**
 * The file of an integer network (`mlp:FILE`): JSON that holds i8 weights, i32 biases and the powers of two between them. The schema is its definition.
 * Arithmetic: inputs are `clamp(floor(x * 2^bits + 0.5), least, most) - centre` of components of the observation vector; a layer gives
 * `clamp((biases + weights inputs) >> shift, relu ? 0 : -32768, 32767)`, or what a table says of the shifted sum.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { describeIssue } from '../wire/issue-sentence.js';

const integer = (low: number, high: number, what: string) => z.number().int().min(low).max(high).describe(what);

export const IntegerPolicySchema = z
  .strictObject({
    format: z.literal('kinovox-mlp').describe('Names this kind of file.'),
    version: z.literal(1).describe('Version of the format.'),
    observationSize: integer(1, 65_536, 'Components of the observation vector that the network was made for.'),
    inputs: z
      .array(
        z.strictObject({
          component: integer(0, 65_535, 'Component of the observation vector.'),
          bits: integer(-16, 24, 'It is multiplied by 2^bits.'),
          least: integer(-(2 ** 24), 2 ** 24, 'Smaller ones become this; default -32768.').optional(),
          most: integer(-(2 ** 24), 2 ** 24, 'Larger ones become this; default 32767.').optional(),
          centre: integer(-(2 ** 24), 2 ** 24, 'Taken away at last, within 32768 of both; default 0.').optional(),
        }),
      )
      .min(1)
      .max(256)
      .describe('What the network sees, at most 256 components.'),
    layers: z
      .array(
        z.strictObject({
          weights: z
            .array(
              z
                .array(integer(-128, 127, 'i8'))
                .min(1)
                .max(256),
            )
            .min(1)
            .max(256)
            .describe('A row per output, a weight per input.'),
          biases: z
            .array(integer(-(2 ** 30) + 1, 2 ** 30 - 1, 'i32'))
            .min(1)
            .max(256)
            .describe('One per output, added before the shift.'),
          shift: integer(0, 30, 'Sums are shifted right by this many bits.'),
          relu: z.boolean().describe('Whether negative values become 0.'),
          lookup: z
            .array(integer(-32768, 32767, 'i16'))
            .min(2)
            .max(4096)
            .optional()
            .describe('Any other activation: what stands for shifted sums -n/2 to n/2 - 1; those beyond take the first or the last.'),
        }),
      )
      .min(1)
      .max(16)
      .describe('Layers in order.'),
    heads: z
      .array(
        z.discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('axis'),
            column: z.string().describe('Action column.'),
            bits: integer(0, 24, 'The output is divided by 2^bits.'),
          }),
          z.strictObject({ kind: z.literal('button'), column: z.string().describe('Action column; pressed where the output is above 0.') }),
          z.strictObject({
            kind: z.literal('choice'),
            column: z.string().describe('Action column.'),
            values: z
              .array(integer(0, 255, 'Value of the column.'))
              .min(2)
              .max(64)
              .describe('One output each; the largest gives its value.'),
          }),
          z.strictObject({
            kind: z.literal('rows').describe('An output per row; the row of the largest is played.'),
            rows: z
              .array(z.array(z.number().describe('Value of an action column, in the order of the native profile.')))
              .min(1)
              .max(256)
              .describe('Native actions.'),
          }),
          z.strictObject({ kind: z.literal('discrete').describe('An output per discrete action; the largest is taken.') }),
        ]),
      )
      .min(1)
      .describe('What the outputs of the last layer mean, in order.'),
    repeat: integer(1, 1000, 'Ticks for which an action is held, from the first of an episode on; default 1.').optional(),
    observation: z
      .record(z.string().max(32), z.unknown())
      .optional()
      .describe("Parts of a scenario's `observation` that it needs; the environment is made with them."),
    notes: z.record(z.string(), z.unknown()).optional().describe('Where it comes from.'),
  })
  .describe('An integer network that plays a scenario.');

export type IntegerPolicy = z.infer<typeof IntegerPolicySchema>;

/** @param where the file, for messages. @throws UsageError for anything but such a file. */
export function parseIntegerPolicy(text: string, where: string): IntegerPolicy {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('mlp-file', `The file of a network must be JSON; got ${(cause as Error).message} in ${where}. Export it anew.`, {
      cause,
    });
  }
  const parsed = IntegerPolicySchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    'mlp-file',
    `The file of a network must follow its format; got ${describeIssue(parsed.error)} The file is ${where}; docs/policies.md describes the format.`,
  );
}
