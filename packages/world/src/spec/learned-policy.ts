/**
 * The file of a learned policy (`learned:FILE`): JSON that holds a small network in f32, what it sees by name, and what its outputs choose.
 * Training writes it (python/examples); the schema is its definition. Weights are little-endian f32 in base64, a row per output.
 * One decision: x = clip((component - mean) / scale), layers of `activation(W x + b)`, the choice of the largest output, held for `repeat` ticks.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { describeIssue } from '../wire/issue-sentence.js';

const MAX_WIDTH = 4096;

/** Choices of a policy beside the discrete actions: to turn to a point of the compass at once and run. From north, yaw 0 and -z, counter-clockwise. */
export const COMPASS_RUNS = ['run-n', 'run-nw', 'run-w', 'run-sw', 'run-s', 'run-se', 'run-e', 'run-ne'] as const;

const base64 = z
  .string()
  .max(2 ** 25)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64');

export const LearnedPolicySchema = z
  .strictObject({
    format: z.literal('kinovox-policy').describe('Names this kind of file.'),
    version: z.literal(1).describe('Version of the format.'),
    name: z.string().min(1).max(128).describe('For tables and messages.'),
    scenario: z.string().max(128).describe('Id of the scenario it was trained in; it may be played in others that show what it needs.'),
    observation: z
      .record(z.string().max(32), z.unknown())
      .describe("Parts of a scenario's `observation` that it needs; the environment is made with them."),
    components: z
      .array(z.string().max(64))
      .min(1)
      .max(MAX_WIDTH)
      .describe('Names of the components of the observation vector that it sees, in order.'),
    mean: z.array(z.number()).min(1).max(MAX_WIDTH).describe('Per component: what is taken away.'),
    scale: z.array(z.number().positive()).min(1).max(MAX_WIDTH).describe('Per component: what it is then divided by.'),
    clip: z.number().positive().describe('Inputs are held within +- clip.'),
    layers: z
      .array(
        z.strictObject({
          outputs: z.int().min(1).max(MAX_WIDTH).describe('Rows of the weights.'),
          weights: base64.describe('[outputs, inputs] f32.'),
          biases: base64.describe('[outputs] f32.'),
          activation: z.enum(['none', 'relu', 'tanh']).describe('Applied to each output.'),
        }),
      )
      .min(1)
      .max(16)
      .describe('Layers in order; inputs of the first are the components.'),
    choices: z
      .array(z.string().max(64))
      .min(2)
      .max(MAX_WIDTH)
      .describe(
        `Names of the discrete action that each output stands for, or of a run to a point of the compass: ${COMPASS_RUNS.join(', ')}.`,
      ),
    repeat: z.int().min(1).max(1000).default(1).describe('Ticks for which a choice is held.'),
    notes: z.record(z.string(), z.unknown()).optional().describe('Anything that training wants kept: command, seed, result.'),
  })
  .describe('A network that plays a scenario.');

export type LearnedPolicyFile = z.infer<typeof LearnedPolicySchema>;

/** @param where the file, for messages. @throws UsageError for anything but such a file; sizes that do not fit each other included. */
export function parseLearnedPolicy(text: string, where: string): LearnedPolicyFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw refused(`JSON; got ${(cause as Error).message}`, where, cause);
  }
  const parsed = LearnedPolicySchema.safeParse(data);
  if (!parsed.success) throw refused(`in its format; got ${describeIssue(parsed.error)}`, where);
  const file = parsed.data;
  const size = file.components.length;
  if (file.mean.length !== size || file.scale.length !== size)
    throw refused(`with a mean and a scale per component; got ${file.mean.length} and ${file.scale.length} for ${size}.`, where);
  let inputs = size;
  file.layers.forEach(({ outputs, weights, biases }, i) => {
    if (bytesOf(weights) !== 4 * outputs * inputs || bytesOf(biases) !== 4 * outputs)
      throw refused(
        `with ${outputs} x ${inputs} weights and ${outputs} biases at layers[${i}]; got ${bytesOf(weights) / 4} and ${bytesOf(biases) / 4}.`,
        where,
      );
    inputs = outputs;
  });
  if (inputs !== file.choices.length)
    throw refused(`with an output per choice; got ${inputs} outputs for ${file.choices.length} choices.`, where);
  return file;
}

/** Bytes that a base64 text stands for. */
function bytesOf(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}

function refused(what: string, where: string, cause?: unknown): UsageError {
  return new UsageError(
    'policy-file',
    `The file of a learned policy must be ${what} The file is ${where}; docs/python.md describes the format.`,
    { cause },
  );
}
