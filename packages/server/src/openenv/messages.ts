/**
 * Messages of the OpenEnv contract, as clients send them. What comes from outside is parsed by these schemas and by nothing else.
 * Source: OpenEnv 0.3.0, core/env_server/types.py and mcp_types.py. A message of `/ws` is `{ type, data }`; the data of a step is the action itself.
 */
import { MAX_AGENTS } from '@kinovox/world';
import { z } from 'zod';
import { MAX_STEP_TICKS } from '../agent-worlds/agent-world.js';

export const WS_ERROR = {
  invalidJson: 'INVALID_JSON',
  unknownType: 'UNKNOWN_TYPE',
  validation: 'VALIDATION_ERROR',
  execution: 'EXECUTION_ERROR',
  capacity: 'CAPACITY_REACHED',
  factory: 'FACTORY_ERROR',
  session: 'SESSION_ERROR',
} as const;
export type WsErrorCode = (typeof WS_ERROR)[keyof typeof WS_ERROR];

/** JSON-RPC 2.0 error codes. */
export const RPC_ERROR = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603, server: -32000 } as const;

/** Default of `maxTicks`: 20 s. */
export const DEFAULT_STEP_TICKS = 400;

const maxTicks = z
  .int()
  .min(1)
  .max(MAX_STEP_TICKS)
  .default(DEFAULT_STEP_TICKS)
  .describe(
    `Ticks of 1/20 s after which the step ends though a call is still under way, 1..${MAX_STEP_TICKS}. "continue" goes on with it.`,
  );
const minTicks = z
  .int()
  .min(0)
  .max(MAX_STEP_TICKS)
  .default(0)
  .describe(
    `Ticks that the step lasts at least, 0..${MAX_STEP_TICKS} and at most \`maxTicks\`: calls that end at once or are refused then take time too.`,
  );
const verb = z.string().min(1).max(64).describe('A verb of the agent, as tools/list names them, or "continue".');
const args = z.record(z.string(), z.unknown()).default({}).describe('Arguments of the verb.');
const metadata = z.record(z.string(), z.unknown()).optional().describe('Not read.');

export const CallSchema = z.strictObject({ name: verb, arguments: args }).describe('A call of one agent.');

const PlainActionSchema = z
  .strictObject({
    name: verb,
    arguments: args,
    agent: z.string().max(128).optional().describe('Who is called; default: the first agent that this client plays.'),
    maxTicks,
    minTicks,
    metadata,
  })
  .describe('A call of one agent. Other agents of the client go on with what they do.');
const TeamActionSchema = z
  .strictObject({
    actions: z
      .record(z.string().max(128), CallSchema)
      .meta({ maxProperties: MAX_AGENTS })
      .describe('Calls by agent id. Agents left out go on with what they do.'),
    maxTicks,
    minTicks,
    metadata,
  })
  .describe(
    'Calls of several agents, which begin in the same tick. The step lasts until all of them have ended; without any, until all that is under way has ended, and a tick at least.',
  );
const CallToolSchema = z
  .strictObject({ type: z.literal('call_tool'), tool_name: verb, arguments: args, metadata })
  .describe("The same as a plain call, as OpenEnv's tool client sends it.");
const ListToolsSchema = z
  .strictObject({
    type: z.literal('list_tools'),
    agent: z.string().max(128).optional().describe('Whose verbs; default: those of the first agent that this client plays.'),
    metadata,
  })
  .describe('Asks for the verbs; no time passes.');

/** What `/step` and a step over `/ws` take. Plain calls are for single-agent clients; `actions` is the extension to teams. */
export const ActionSchema = z
  .union([PlainActionSchema, TeamActionSchema, CallToolSchema, ListToolsSchema])
  .describe('What agents shall do.');
export type Action = z.output<typeof ActionSchema>;

/** Looked at before the calls themselves, so that no message makes a list of problems as long as itself. */
const FewCallsSchema = z.looseObject({
  actions: z.custom((calls) => typeof calls !== 'object' || calls === null || Object.keys(calls).length <= MAX_AGENTS, {
    error: `Too many agents: at most ${MAX_AGENTS} calls`,
  }),
});

/** Checks an action by the form that its keys say it is meant to have: the issues are those of that form. */
export function parseAction(data: unknown): z.ZodSafeParseResult<Action> {
  const has = (key: string) => typeof data === 'object' && data !== null && key in data;
  if (has('actions')) {
    const few = FewCallsSchema.safeParse(data);
    return few.success ? TeamActionSchema.safeParse(data) : (few as z.ZodSafeParseError<never>);
  }
  if (!has('type')) return PlainActionSchema.safeParse(data);
  return (data as { type: unknown }).type === 'list_tools' ? ListToolsSchema.safeParse(data) : CallToolSchema.safeParse(data);
}

/** Other keys are not read: trainers send rows of their data sets. */
export const ResetSchema = z.looseObject({
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullish().describe('Seed of the episode; left out: the next episode.'),
  episode_id: z.string().max(255).nullish().describe('Given back by state.'),
  agents: z
    .union([z.literal('all'), z.array(z.string().max(128)).min(1).max(MAX_AGENTS)])
    .optional()
    .describe('Extension: ids of the agents that this client plays, or "all". Default: what the server was started with.'),
});
export type ResetData = z.output<typeof ResetSchema>;

export const StepRequestSchema = z.looseObject({
  action: z.record(z.string(), z.unknown()),
  timeout_s: z.number().gt(0).nullish(),
  request_id: z.string().max(255).nullish(),
});

export const RpcRequestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  method: z.string().max(128),
  params: z.record(z.string(), z.unknown()).default({}),
  id: z.union([z.string().max(255), z.number()]).nullish(),
});
export type RpcRequest = z.output<typeof RpcRequestSchema>;

const facts = z.record(z.string(), z.unknown());
const ResultSchema = z
  .object({
    name: z.string(),
    status: z.enum(['done', 'running', 'refused', 'invalid']),
    code: z.string().optional().describe('Of a refusal, kebab-case.'),
    sentence: z.string(),
    facts: facts.describe('Numbers with their units in the names.'),
  })
  .nullable()
  .describe('What came of the call, told once; null after a reset, and where nothing is to be told.');

const AgentFields = {
  agent: z.string().describe('Whom the observation is of.'),
  goal: z.string().describe('The task in a sentence.'),
  text: z.string().describe('What came of the call, and what changed since the observation before; after a reset everything.'),
  result: ResultSchema,
  terminated: z.boolean().describe('Its task ended: success, failure or death. Do not bootstrap.'),
  truncated: z.boolean().describe('The time limit ended it. Bootstrap from this observation.'),
  info: z
    .object({
      tick: z.number().describe('Ticks of 1/20 s since the episode began.'),
      ticks: z.number().describe('Ticks of this step.'),
      outcome: facts.optional().describe('In the step that ended its episode: outcome, ticks, return, progress and an explanation.'),
    })
    .describe('Of use beside the observation.'),
};

/** What observations hold, for `/schema`; `done` and `reward` stand beside them. */
export const ObservationSchema = z.object({
  ...AgentFields,
  agents: z
    .record(z.string(), z.object({ ...AgentFields, reward: z.number().nullable() }))
    .optional()
    .describe('Extension, where the client plays several agents: the observation of each, by id, with its own reward.'),
  tools: z.array(facts).optional().describe('In answer to list_tools.'),
  tool_name: z.string().optional().describe('In answer to call_tool, with result.'),
});
export type ObservationData = z.input<typeof ObservationSchema>;

export const StateSchema = z.object({
  episode_id: z.string().nullable(),
  step_count: z.int().min(0).describe('Steps of this episode.'),
  scenario: z.string(),
  split: z.string(),
  seed: z.number().nullable().describe('Of the last reset that gave one.'),
  tick: z.int().min(0),
  state_hash: z.string().nullable().describe('Of the world: equal seeds and calls give equal hashes.'),
  agents: z.array(z.string()).describe('Ids of the agents that this client plays.'),
  possible_agents: z.array(z.string()),
});
export type StateData = z.input<typeof StateSchema>;
