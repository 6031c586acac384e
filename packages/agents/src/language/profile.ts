/**
 * The profile of a language agent (`llm:FILE`): JSON that says which model decides, what it is told, by which actions it acts and what it may spend.
 * The schema is its definition; `scenarios/schema/agent-profile.v1.schema.json` is generated from it. A key is never in it: `apiKeyEnv` names the
 * environment variable that holds one.
 */
import { issuesOfZod, UsageError } from '@kinovox/world';
import { z } from 'zod';

export const PROVIDER_NAMES = ['openai', 'anthropic', 'llama', 'scripted', 'replay'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export const ACTION_LEVELS = ['force', 'waypoint', 'skill'] as const;
export type ActionLevel = (typeof ACTION_LEVELS)[number];

/** What is told of a call that is refused or cannot be used. */
export const FEEDBACKS = ['full', 'blind'] as const;
export type Feedback = (typeof FEEDBACKS)[number];

const count = (most: number) => z.int().min(1).max(most);
const price = z.number().min(0).max(1_000_000);

export const ProfileSchema = z
  .strictObject({
    $schema: z.string().max(512).optional().describe('Where editors find the schema.'),
    version: z.literal(1).describe('Version of the format.'),
    name: z.string().min(1).max(64).describe('For tables, logs and the names of policies.'),
    provider: z
      .enum(PROVIDER_NAMES)
      .describe(
        'Who answers: openai = any endpoint that speaks chat completions; anthropic = an endpoint that speaks messages; llama = a GGUF file, run here by node-llama-cpp; scripted = rules, without a model; replay = the replies of a recorded log.',
      ),
    model: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('Name of the model at its provider; for llama the GGUF file, for replay a decisions.jsonl.'),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .max(512)
      .optional()
      .describe('Address of the endpoint, such as http://127.0.0.1:8000/v1, without query. Default: that of the provider.'),
    apiKeyEnv: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')
      .optional()
      .describe('Environment variable that holds the key; one of 8 characters or more is taken out of replies. Default: no key is sent.'),
    adapter: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('Adapter (LoRA) to answer with: its name at an OpenAI-compatible server, or its file for llama.'),
    stream: z.boolean().default(false).describe('Whether replies are read as they are written, which finds stalls sooner.'),
    stallSeconds: z
      .number()
      .min(0.05)
      .max(3600)
      .default(120)
      .describe('How long the server may be silent before a call is given up, seconds.'),
    retries: z.int().min(0).max(10).default(4).describe('How often a call is repeated after 429, 5xx, a stall or a broken connection.'),
    parallel: z
      .int()
      .min(1)
      .max(1024)
      .default(16)
      .describe('Most calls of the agents of this profile that are open at the same time; others wait for their turn, deadlines running.'),
    prompt: z
      .strictObject({
        persona: z.string().max(8000).optional().describe('First lines of the system message.'),
        guide: z.boolean().default(true).describe('Whether the system message explains the world, units, actions and errors.'),
        instructions: z.string().max(32000).optional().describe('Last lines of the system message.'),
        maxTokens: z
          .int()
          .min(1000)
          .max(2_000_000)
          .default(60_000)
          .describe('Estimated tokens of a prompt above which its older turns are left out and everything is told anew.'),
      })
      .prefault({})
      .describe('Parts of the prompt.'),
    sampling: z
      .strictObject({
        temperature: z.number().min(0).max(2).optional().describe("Default: the provider's."),
        maxTokens: count(100_000).default(1024).describe('Most tokens of one reply.'),
      })
      .prefault({})
      .describe('How replies are drawn.'),
    actionLevel: z
      .enum(ACTION_LEVELS)
      .default('skill')
      .describe(
        'What a call decides: force = keys for some ticks; waypoint = a place and the time to be there; skill = a verb such as moveTo.',
      ),
    perception: z
      .strictObject({
        coordinates: z
          .enum(['absolute', 'egocentric'])
          .default('absolute')
          .describe('Places as x y z of the world, or as seen from the body.'),
        detail: z.enum(['brief', 'normal', 'full']).default('normal').describe('How much each turn tells.'),
        camera: z
          .strictObject({
            width: z.int().min(16).max(512).default(256).describe('Pixels across, 16..512; default 256.'),
            height: z.int().min(16).max(512).default(256).describe('Pixels from top to bottom, 16..512; default 256.'),
            fovDeg: z.number().min(10).max(150).default(90).describe('Horizontal field of view in degrees, 10..150; default 90.'),
            farM: z.number().min(1).max(64).default(64).describe('Farthest surface seen, in metres, 1..64; default 64.'),
            everyTurns: count(1000).default(1).describe('Turns from one picture to the next, 1..1000; default 1: each turn has one.'),
            maxPictures: count(500)
              .default(50)
              .describe('Pictures of a prompt above which its older turns are left out and everything is told anew, 1..500; default 50.'),
          })
          .optional()
          .describe('Pictures through the eyes of the body, for models that take any; {} takes every default. Default: none.'),
        tokenBudget: z.int().min(50).max(100_000).optional().describe('Most estimated tokens of one turn. Default: that of the detail.'),
      })
      .prefault({})
      .describe('What the model is shown.'),
    feedback: z
      .enum(FEEDBACKS)
      .default('full')
      .describe(
        'What is told of a call that is refused or cannot be used: full = why, in a sentence with numbers; blind = that it is refused and no more, so that one can measure what the sentences are worth.',
      ),
    memory: z
      .strictObject({
        folder: z
          .string()
          .min(1)
          .max(256)
          .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[^/\\:][^\\:]*$/, 'must be a folder beside the profile, such as memory/mine')
          .describe('Where it is kept: a folder beside the profile, with a file per split. Agents of several profiles may share one.'),
        tips: z.int().min(0).max(50).default(3).describe('Most tips that are told when an episode begins.'),
        recallTokens: z
          .int()
          .min(0)
          .max(4000)
          .default(300)
          .describe(
            'Most tokens, estimated, of earlier calls that are told at once: in the same level, and after the same refusal; 0: none.',
          ),
        learn: z.boolean().default(true).describe('Whether what happens is written down; false: it is only read.'),
      })
      .optional()
      .describe('What is remembered across episodes. Default: nothing.'),
    budget: z
      .strictObject({
        tokens: count(1_000_000_000)
          .optional()
          .describe('Prompt and completion tokens of one agent in one episode; of calls without a reply the estimated prompt.'),
        cost: price.optional().describe('Cost of one agent in one episode, in the currency of `prices`.'),
        callsPerEpisode: count(1_000_000).optional().describe('Calls of one agent in one episode; late, failed and repeated ones count.'),
      })
      .prefault({})
      .describe('What may be spent; an agent that has spent it finishes what it is doing and then idles.'),
    prices: z
      .strictObject({
        promptPerMillion: price.describe('Price of a million prompt tokens.'),
        completionPerMillion: price.describe('Price of a million completion tokens.'),
        cachedPerMillion: price
          .optional()
          .describe('Price of a million prompt tokens that the provider had kept. Default: as other prompt tokens.'),
      })
      .optional()
      .describe('What tokens cost, in any currency.'),
    timeLimited: z
      .strictObject({ seconds: z.number().min(0.001).max(3600).describe('Wall-clock time for a reply.') })
      .optional()
      .describe(
        'A deadline: when it passes, the agent goes on with what it does, or idles. Replays stay exact, reruns may differ. Default: the world waits.',
      ),
    thinkingCost: z
      .strictObject({ tokensPerSecond: z.number().min(0.1).max(1_000_000).describe('Rate at which the agent is taken to think.') })
      .optional()
      .describe('n completion tokens cost ceil(20 n / tokensPerSecond) ticks, in which the last command goes on.'),
    role: z.string().min(1).max(500).optional().describe('What the model is told about its part in the team.'),
  })
  .describe('A language agent.');

/** As a file holds it. */
export type ProfileInput = z.input<typeof ProfileSchema>;
/** With defaults filled. */
export type Profile = z.output<typeof ProfileSchema>;

/** Longest text of a profile, in characters. */
const MAX_PROFILE_LENGTH = 200_000;

/** @param where the file, for messages. @throws UsageError `invalid-profile`, which lists every problem with its path. */
export function parseProfileText(text: string, where: string): Profile {
  if (text.length > MAX_PROFILE_LENGTH)
    throw refused(`have at most ${MAX_PROFILE_LENGTH} characters; got ${text.length} at ${where}. Shorten its prompt.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refused(`be JSON; got ${(cause as Error).message} at ${where}. Mend the syntax there.`);
  }
  return parseProfile(json, where);
}

/** @throws UsageError `invalid-profile`, which lists every problem with its path. */
export function parseProfile(json: unknown, where: string): Profile {
  const parsed = ProfileSchema.safeParse(json);
  const problems = parsed.success
    ? contradictions(parsed.data, where)
    : issuesOfZod(parsed.error, ProfileSchema, json, where, 'the profile').map(({ message }) => message);
  if (problems.length > 1)
    throw refused(`be valid; got ${problems.length} problems at ${where}:\n${problems.map((one) => `- ${one}`).join('\n')}`);
  if (problems.length === 1) throw new UsageError('invalid-profile', problems[0]);
  return parsed.data!;
}

/** JSON Schema (draft-7) of profiles, as the text of its file. */
export function renderProfileJsonSchema(): string {
  const schema = z.toJSONSchema(ProfileSchema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ $id: 'agent-profile.v1.schema.json', title: 'Kinovox agent profile, version 1', ...schema }, undefined, 1)}\n`;
}

/** What fields ask of each other. */
function contradictions(profile: Profile, where: string): string[] {
  const { provider, model, baseUrl, apiKeyEnv, adapter, perception, feedback, memory, budget, prices, timeLimited, thinkingCost } = profile;
  const problems: string[] = [];
  const isRemote = provider === 'openai' || provider === 'anthropic';
  if (provider !== 'scripted' && model === undefined)
    problems.push(`model must be given for the provider "${provider}"; got nothing at ${where}. Name ${MODEL_OF[provider]}.`);
  if (provider === 'scripted' && model !== undefined)
    problems.push(
      `model must be left out for the provider "scripted", which has none; got ${JSON.stringify(model)} at ${where}. Leave it out.`,
    );
  if (provider === 'scripted' && perception.coordinates !== 'absolute')
    problems.push(
      `perception.coordinates must be "absolute" for the provider "scripted", whose rules read nothing else; got "${perception.coordinates}" at ${where}. Leave it out.`,
    );
  if (provider === 'llama' && perception.camera !== undefined)
    problems.push(
      `perception.camera must be left out for the provider "llama", which takes no pictures; got one at ${where}. Serve the model by llama.cpp's server and use openai.`,
    );
  if (!isRemote && baseUrl !== undefined)
    problems.push(`baseUrl must be left out for the provider "${provider}", which asks no server; got one at ${where}. Leave it out.`);
  if (!isRemote && apiKeyEnv !== undefined)
    problems.push(
      `apiKeyEnv must be left out for the provider "${provider}", which needs no key; got "${apiKeyEnv}" at ${where}. Leave it out.`,
    );
  if (baseUrl !== undefined && hidesKey(baseUrl))
    problems.push(
      `baseUrl must hold no user name, password, query or fragment at ${where}; they would be written to logs. Put the key into a variable and name it by apiKeyEnv.`,
    );
  if (adapter !== undefined && provider !== 'openai' && provider !== 'llama')
    problems.push(
      `adapter must be left out for the provider "${provider}", which knows none; got ${JSON.stringify(adapter)} at ${where}. Use openai or llama.`,
    );
  if (memory?.learn === true && provider === 'replay')
    problems.push(
      `memory.learn must be false for the provider "replay", which would write down the same things again; got true at ${where}. Set it.`,
    );
  if (memory !== undefined && feedback === 'blind')
    problems.push(
      `memory must be left out with the feedback "blind", since it tells of refusals in their sentences; got one at ${where}. Leave it out.`,
    );
  if (budget.cost !== undefined && prices === undefined)
    problems.push(
      `prices must be given with budget.cost, which is counted by them; got nothing at ${where}. Add promptPerMillion and completionPerMillion.`,
    );
  if (timeLimited !== undefined && thinkingCost !== undefined)
    problems.push(
      `timeLimited must be left out where thinkingCost is given: time passes by the clock or by tokens; got both at ${where}. Keep one.`,
    );
  return problems;
}

const MODEL_OF: Readonly<Record<Exclude<ProviderName, 'scripted'>, string>> = {
  openai: 'a model of the endpoint',
  anthropic: 'a model of the endpoint',
  llama: 'a GGUF file',
  replay: 'the decisions.jsonl of a run',
};

/** Whether an address has parts in which keys are put. */
function hidesKey(address: string): boolean {
  const { username, password, search, hash } = new URL(address);
  return [username, password, search, hash].some((part) => part !== '');
}

function refused(what: string): UsageError {
  return new UsageError('invalid-profile', `A profile must ${what}`);
}
