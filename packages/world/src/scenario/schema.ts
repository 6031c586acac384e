/**
 * Scenario schema, version 1. zod is the source; types are inferred, and JSON Schema is generated from it (json-schema.ts).
 * The shape alone is checked here; names, regions and ranges of drawn values are checked in checks.ts.
 * A published id `-vN` never changes meaning.
 */
import { z } from 'zod';
import { SurvivalSchema } from '../survival/schema.js';
import { AgentEntrySchema, MAX_AGENTS } from './agent-schema.js';
import {
  ActionsSchema,
  CarryingSchema,
  MAX_PROPS,
  MechanismSchema,
  MessagesSchema,
  ObservationSchema,
  PropEntrySchema,
} from './interaction-schema.js';
import { RandomisationSchema } from './randomisation-schema.js';
import { type Formula, FormulaSchema, TaskSchema } from './task-schema.js';
import { type Literal, NameSchema, SelectorSchema } from './values.js';
import { WorldSchema } from './world-schema.js';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** Parameters may be written in camelCase. */
const ParameterNameSchema = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9]*$/, 'must be a word of letters and digits')
  .max(40);

export const ParameterSchema = z.union([
  z.strictObject({
    int: z
      .tuple([z.int().min(-1000).max(1000), z.int().min(-1000).max(1000)])
      .refine(([low, high]) => low <= high, 'must have its lower bound first')
      .describe('An integer drawn from [low, high], both included, within -1000..1000.'),
  }),
  z.strictObject({
    real: z
      .tuple([z.number().min(-1000).max(1000), z.number().min(-1000).max(1000)])
      .refine(([low, high]) => low <= high, 'must have its lower bound first')
      .describe('A number drawn from low, low + 1/4096, ... up to high, within -1000..1000; it stands where a number need not be whole.'),
  }),
  z.strictObject({
    choice: z
      .array(z.union([z.int().min(-1000).max(1000), z.string().min(1).max(40)]))
      .min(1)
      .max(64)
      .describe('One value drawn from this list (1..64): integers -1000..1000, or strings that stand where a name is expected.'),
  }),
]);

export const RewardSchema = z.strictObject({
  name: NameSchema.describe('Name of the reward term; terms of the same name add up.'),
  on: z
    .union([z.enum(['success', 'failure', 'progress']), FormulaSchema])
    .describe(
      'When it is paid: at "success", at "failure", in proportion to the growth of "progress" (0..1), or each time a formula becomes satisfied.',
    ),
  value: z.number().min(-1000).max(1000).describe('Reward paid, -1000..1000.'),
  agents: SelectorSchema.default('all').describe(
    'Agents that are paid; default "all". With a task per team, success and failure are those of the team of the agent.',
  ),
});
export type Reward = z.output<typeof RewardSchema>;

export const EpisodeSchema = z.strictObject({
  maxTicks: z.int().min(1).max(100000).describe('Longest episode in ticks (20 per second), 1..100000; then it is truncated.'),
  variants: z
    .union([z.int().min(1).max(65536), z.literal('unbounded')])
    .default(1024)
    .describe('Levels per split, 1..65536 (default 1024), or "unbounded": a new level for each episode.'),
});

export const ResolvedRecordSchema = z.strictObject({
  split: z.enum(SPLITS).describe('Split that the variant belongs to.'),
  variant: z.int().min(0).max(4294967295).describe('Number of the variant in its split, 0..4294967295.'),
  parameters: z.record(ParameterNameSchema, z.union([z.number(), z.string()])).describe('Drawn value of each parameter.'),
  scenarioHash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('Hash of the scenario before its parameters were drawn, 16 hexadecimal digits.'),
  palette: z
    .array(z.string())
    .min(1)
    .max(256)
    .describe('Block names of the palette that all variants share, in palette order, at most 256.'),
});

const ID_PATTERN = /^[a-z][a-z0-9]*(-[a-z0-9]+)*-v[1-9][0-9]*$/;

export const ScenarioSchema = z.strictObject({
  $schema: z.string().max(300).optional().describe('Path of the JSON Schema, for editors.'),
  version: z.literal(1).describe('Version of this format: 1.'),
  id: z
    .string()
    .max(60)
    .regex(ID_PATTERN, 'must be lower-case words joined by hyphens that end in -v1, -v2, ...')
    .describe('Unique id, lower-case words joined by hyphens, ending in -vN. A published id never changes meaning.'),
  title: z.string().min(1).max(100).describe('One line that names the scenario, at most 100 characters.'),
  description: z.string().min(1).max(2000).optional().describe('What it is about, at most 2000 characters.'),
  tags: z.array(NameSchema).max(16).default([]).describe('Words to search by, at most 16; default none.'),
  credits: z.array(z.string().min(1).max(300)).max(16).default([]).describe('Sources and their authors, at most 16; default none.'),
  parameters: z
    .record(ParameterNameSchema, ParameterSchema)
    .default({})
    .describe(
      'Values drawn per variant: name -> {"int": [low, high]}, {"real": [low, high]} or {"choice": [...]}; at most 32; default none.',
    ),
  world: WorldSchema.describe('The voxel world.'),
  agents: z
    .array(AgentEntrySchema)
    .min(1)
    .max(MAX_AGENTS)
    .describe('Agents in the order of their slots; at most 256 after counted entries are expanded.'),
  mechanisms: z
    .array(MechanismSchema)
    .max(64)
    .default([])
    .describe('Plates, levers, clocks and the blocks they move, at most 64; default none.'),
  messages: MessagesSchema.prefault({ enabled: false }).describe('Messages between agents; absent: they cannot send any.'),
  props: z
    .array(PropEntrySchema)
    .max(MAX_PROPS)
    .default([])
    .describe('Rigid bodies, at most 256 after counted entries are expanded; default none. They need the rigid tier.'),
  carrying: CarryingSchema.optional().describe(
    'Agents can pick up, carry and throw props; {} takes every default; absent: they can only push them.',
  ),
  observation: ObservationSchema.prefault({}).describe('What an agent observes beside its own state.'),
  actions: ActionsSchema.prefault({}).describe('How an agent acts.'),
  survival: SurvivalSchema.optional().describe(
    'Rules of survival: recipes, tools, food, breath, night, death; {} takes every default; absent: none of them.',
  ),
  randomisation: RandomisationSchema.optional().describe(
    'Ranges from which speed, jump, friction and delay are drawn anew in each episode, by its seed; absent: none is drawn.',
  ),
  task: TaskSchema.describe('What must be achieved: one formula, or {"perTeam": {team: formula}}.'),
  rewards: z
    .array(RewardSchema)
    .min(1)
    .max(32)
    .default([{ name: 'success', on: 'success', value: 1, agents: 'all' }])
    .describe('Named reward terms, 1..32, of which the scalar reward is the sum; default 1 at success.'),
  episode: EpisodeSchema.describe('Length and number of levels.'),
  resolved: ResolvedRecordSchema.optional().describe('Written into a resolved scenario: which variant it is. Not written by hand.'),
});

/** What a scenario file may hold. */
export type ScenarioInput = z.input<typeof ScenarioSchema>;
/** A parsed scenario: defaults filled, numbers possibly still drawn per variant. */
export type Scenario = z.output<typeof ScenarioSchema>;
/** Which variant a resolved scenario is. */
export type ResolvedRecord = z.output<typeof ResolvedRecordSchema>;
/** A scenario of one variant: every value written out, counted entries expanded, `resolved` present. */
export type ResolvedScenario = Literal<Omit<Scenario, 'resolved'>> & { resolved: ResolvedRecord };
/** A formula with every value written out. */
export type ResolvedFormula = Literal<Formula>;
