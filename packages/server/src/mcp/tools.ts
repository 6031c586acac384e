/**
 * The tools of the MCP server: worlds (createWorld, observe, removeWorld), and the verbs of agents under their mineflayer-like names with `continue`.
 * Fewer than 25.
 * Every tool takes explicit handles. What an agent refuses is a result with `isError`, with the same structure as any other.
 */
import { CONTINUE, SKILLS, type Skill } from '@kinovox/agents';
import { KinovoxError, SPLITS, UsageError } from '@kinovox/world';
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { MAX_STEP_TICKS, type WorldTurn } from '../agent-worlds/agent-world.js';
import { failureMessage } from '../cli/failure.js';
import { LEFT_OUT, type McpWorlds, type WorldChoice } from './worlds.js';

const worldId = z.string().max(64).describe('World, as createWorld gave it.');
const agentId = z.string().max(128).describe('Agent of the world, as createWorld listed it.');
const facts = z.record(z.string(), z.unknown());

const OutputSchema = z.object({
  worldId: z.string(),
  agentId: z.string(),
  goal: z.string().describe('Task of the agent, in a sentence.'),
  text: z.string().describe('What came of the call, and what changed since the agent was last told; at first everything.'),
  result: z
    .object({ name: z.string(), status: z.string(), code: z.string().optional(), sentence: z.string(), facts })
    .nullable()
    .describe('What came of the call, told once.'),
  tick: z.number().describe('Ticks of 1/20 s since the episode began.'),
  ticks: z.number().describe('Ticks that the call took.'),
  reward: z.number().nullable().describe('Sum since the last result of this agent, of other calls too.'),
  terminated: z.boolean().describe('The agent succeeded, failed or died for good.'),
  truncated: z.boolean().describe('The time limit ended its episode.'),
  done: z.boolean().describe('The episode is over; createWorld with this worldId begins the next.'),
});

const WorldSchema = z.object({
  worldId: z.string(),
  scenario: z.string(),
  goal: z.string().describe('Task of the first agent, in a sentence.'),
  agents: z.array(
    z.object({
      agentId: z.string(),
      goal: z.string().describe('Its task, in a sentence.'),
      text: z.string().describe('What it observes.'),
    }),
  ),
});

/** Verbs that are tools. The levels of forces and waypoints are left to OpenEnv: clients of this protocol take few tools. */
const VERBS: readonly Skill[] = SKILLS.filter(({ name }) => !LEFT_OUT.has(name));

/** Of a new world. Not in the schema: a client that fills defaults in would seem to ask for another world. */
const DEFAULTS = { scenario: 'bridge-gap-v1', split: 'train', others: 'scripted' } as const;

/** Registers all tools. @param worlds shared by all requests. */
export function registerTools(server: McpServer, worlds: McpWorlds): void {
  server.registerTool(
    'createWorld',
    {
      description:
        'Makes a world of a scenario and begins an episode; with the worldId of one that exists, and a seed at most, begins its next episode instead.',
      inputSchema: z.strictObject({
        scenario: z.string().max(512).optional().describe(`Id of a shipped scenario, or the path of a file; default ${DEFAULTS.scenario}.`),
        worldId: worldId.optional(),
        seed: z
          .int()
          .min(0)
          .max(Number.MAX_SAFE_INTEGER)
          .optional()
          .describe('Seed of the episode; equal seeds and calls give equal worlds.'),
        split: z.enum(SPLITS).optional().describe(`Levels to play; default ${DEFAULTS.split}.`),
        agents: z.array(z.string().max(128)).min(1).max(256).optional().describe('Ids of the agents that you play; default all.'),
        others: z
          .string()
          .max(256)
          .optional()
          .describe(`Policy of the agents that you do not play: scripted, idle, random, ...; default ${DEFAULTS.others}.`),
      }),
      outputSchema: WorldSchema,
    },
    ({ worldId: existing, seed, ...choice }) =>
      answered(async () => {
        if (existing !== undefined) assertNoChoice(existing, choice);
        const made = existing === undefined ? await worlds.create({ ...withDefaults(choice), seed: seed ?? 0 }) : undefined;
        const id = made?.worldId ?? existing!;
        const turn = made?.turn ?? (await worlds.restart(id, seed));
        const world = worlds.get(id);
        const agents = [...turn.agents].map(([agent, { goal, text }]) => ({ agentId: agent, goal, text }));
        const scenario = world.env.metadata.name;
        return resultOf(
          { worldId: id, scenario, goal: agents[0].goal, agents },
          [`${id} of ${scenario}.`, ...agents.map(({ text }) => text)].join('\n'),
        );
      }),
  );
  server.registerTool(
    'observe',
    {
      description: 'How an agent stands, in full, without time passing.',
      inputSchema: z.strictObject({ worldId, agentId }),
      outputSchema: OutputSchema,
    },
    (handles) => answered(async () => turnOf(handles, await worlds.observe(handles.worldId, handles.agentId))),
  );
  server.registerTool(
    'removeWorld',
    { description: 'Frees a world.', inputSchema: z.strictObject({ worldId }), outputSchema: z.object({ worldId: z.string() }) },
    (handle) =>
      answered(async () => {
        worlds.remove(handle.worldId);
        return resultOf(handle, `${handle.worldId} is gone.`);
      }),
  );
  server.registerTool(
    CONTINUE,
    {
      description: 'Goes on with a call that was cut (status running); a second passes for an agent that does nothing.',
      inputSchema: z.strictObject({ worldId, agentId }),
      outputSchema: OutputSchema,
    },
    (handles) =>
      answered(async () =>
        turnOf(handles, await worlds.call(handles.worldId, handles.agentId, { name: CONTINUE, arguments: {} }, MAX_STEP_TICKS)),
      ),
  );
  for (const skill of VERBS) registerVerb(server, worlds, skill);
}

function registerVerb(server: McpServer, worlds: McpWorlds, { name, description, parameters, precondition }: Skill): void {
  const inputSchema = (parameters as unknown as z.ZodObject).extend({ worldId, agentId });
  server.registerTool(
    name,
    {
      description: precondition === 'None.' ? description : `${description} Needs: ${precondition}`,
      inputSchema,
      outputSchema: OutputSchema,
    },
    (given) =>
      answered(async () => {
        const { worldId: world, agentId: agent, ...args } = given as { worldId: string; agentId: string };
        const turn = await worlds.call(world, agent, { name, arguments: args }, MAX_STEP_TICKS);
        return turnOf({ worldId: world, agentId: agent }, turn);
      }),
  );
}

type Choice = { [K in keyof Omit<WorldChoice, 'seed'>]?: WorldChoice[K] | undefined };

function withDefaults({ scenario, split, others, agents }: Choice): Omit<WorldChoice, 'seed'> {
  return {
    scenario: scenario ?? DEFAULTS.scenario,
    split: split ?? DEFAULTS.split,
    others: others ?? DEFAULTS.others,
    agents,
  };
}

/** A world stays what it was made as. @throws UsageError naming what was asked for besides. */
function assertNoChoice(existing: string, choice: Choice): void {
  const asked = Object.entries(choice).find(([, value]) => value !== undefined);
  if (asked === undefined) return;
  const [name, value] = asked;
  throw new UsageError(
    'world-exists',
    `createWorld with a worldId must have nothing else but a seed; got ${name} ${JSON.stringify(value).slice(0, 100)} for ${existing}. Leave ${name} out for the next episode of this world, or worldId for a new one.`,
  );
}

function turnOf(handles: { worldId: string; agentId: string }, { agents, tick, ticks, done }: WorldTurn): CallToolResult {
  const turn = agents.get(handles.agentId);
  if (turn === undefined) throw new Error(`The turn of ${handles.agentId} is missing.`);
  const { goal, text, result, reward, terminated, truncated } = turn;
  const content = {
    ...handles,
    goal,
    text,
    result: result === null ? null : { ...result },
    tick,
    ticks,
    reward,
    terminated,
    truncated,
    done,
  };
  return resultOf(content, text, result?.status === 'refused' || result?.status === 'invalid');
}

function resultOf(structuredContent: Record<string, unknown>, text: string, isError = false): CallToolResult {
  return { content: [{ type: 'text', text }], structuredContent, ...(isError ? { isError } : {}) };
}

/** What the caller can mend is told as a result; the rest is ours. */
async function answered(use: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof KinovoxError) return failed(failureMessage(error));
    throw error;
  }
}

function failed(sentence: string): CallToolResult {
  return { content: [{ type: 'text', text: sentence }], isError: true };
}
