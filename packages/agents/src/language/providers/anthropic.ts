/** Endpoints that speak Anthropic's messages with tools. What comes back is checked before it is used. */
import { UsageError } from '@kinovox/world';
import { z } from 'zod';
import {
  type FinishReason,
  imagesOf,
  ModelError,
  type ModelImage,
  type ModelMessage,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
} from '../model.js';
import type { Profile } from '../profile.js';
import { failureOf, refuseErrorBody } from './http-failure.js';
import { finishedReply, malformedReply } from './reply-ending.js';
import { ReplyLimit } from './reply-limit.js';
import { withRetries } from './retries.js';
import { type Environment, readSecret, type Secret } from './secret.js';
import { StallWatch } from './stall.js';

const tokens = z.int().min(0).nullish().catch(undefined);
const MessageSchema = z.object({
  content: z.array(
    z.looseObject({ type: z.string(), text: z.string().optional(), name: z.string().optional(), input: z.unknown().optional() }),
  ),
  stop_reason: z.string().nullish(),
  usage: z
    .object({ input_tokens: tokens, output_tokens: tokens, cache_read_input_tokens: tokens, cache_creation_input_tokens: tokens })
    .nullish()
    .catch(undefined),
});

/** @throws UsageError where the key's variable is not set. */
export async function createAnthropicProvider(profile: Profile, environment: Environment): Promise<ModelProvider> {
  const secret = readSecret(profile, environment);
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  const client = new Anthropic({
    // Servers without keys take any; the library insists on one.
    apiKey: secret.value === '' ? 'none' : secret.value,
    authToken: null,
    baseURL: profile.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    logLevel: 'off',
  });
  return {
    ask: (request, signal) =>
      withRetries(profile.retries, signal, request.mayRepeat, async () => {
        const watch = new StallWatch(profile.stallSeconds, signal);
        const limit = new ReplyLimit(request.maxTokens);
        const { messages } = client.withOptions({ fetch: limit.fetch });
        try {
          const body = bodyOf(request, profile);
          if (!profile.stream) {
            const answer: unknown = await messages.create(body, { signal: watch.signal });
            refuseErrorBody(answer, profile, secret);
            return readMessage(answer, request, secret);
          }
          const stream = messages.stream(body, { signal: watch.signal });
          stream.on('streamEvent', () => watch.heard());
          return readMessage(await stream.finalMessage(), request, secret);
        } catch (error) {
          if (error instanceof ModelError || error instanceof UsageError) throw error;
          throw limit.error ?? watch.error ?? failureOf(error, profile, secret);
        } finally {
          watch.close();
        }
      }),
  };
}

function bodyOf({ messages, tools, maxTokens, temperature }: ModelRequest, { model }: Profile) {
  const system = messages.flatMap((message) => (message.role === 'system' ? [message.text] : [])).join('\n');
  return {
    model: model!,
    max_tokens: maxTokens,
    system: [{ type: 'text' as const, text: system, cache_control: KEPT }],
    messages: keptTurns(turnsOf(messages)),
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: { ...parameters, type: 'object' as const },
    })),
    ...(temperature === undefined ? {} : { temperature: Math.min(1, temperature) }),
  };
}

/** A place up to which the server is asked to keep what it has read. */
const KEPT = { type: 'ephemeral' } as const;

/** The prompt only grows: with the mark at its end, a call reads from the server's cache all that the call before it sent. */
function keptTurns(turns: Turn[]): Turn[] {
  const blocks = turns.at(-1)?.content;
  if (blocks !== undefined) blocks[blocks.length - 1] = { ...blocks[blocks.length - 1], cache_control: KEPT };
  return turns;
}

interface Turn {
  role: 'user' | 'assistant';
  content: Block[];
}

type Block = { cache_control?: typeof KEPT } & (
  | { type: 'text'; text: string }
  | { type: 'image'; source: { type: 'base64'; media_type: ModelImage['mediaType']; data: string } }
  | { type: 'tool_use'; id: string; name: string; input: unknown }
  | { type: 'tool_result'; tool_use_id: string; content: string }
);

/** Turns of user and assistant, which must alternate; results of calls are parts of the user's. Empty texts are not allowed. */
function turnsOf(messages: readonly ModelMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns[turns.length - 1];
    const content = last?.role === role ? last.content : [];
    if (last?.role !== role) turns.push({ role, content });
    if (message.role === 'tool') content.push({ type: 'tool_result', tool_use_id: message.callId, content: message.text });
    else if (message.text.trim() !== '') content.push({ type: 'text', text: message.text });
    for (const { mediaType, data } of imagesOf(message))
      content.push({ type: 'image', source: { type: 'base64', media_type: mediaType, data } });
    if (message.role === 'assistant')
      for (const { id, name, arguments: text } of message.toolCalls) content.push({ type: 'tool_use', id, name, input: objectOf(text) });
    if (content.length === 0) content.push({ type: 'text', text: '(nothing)' });
  }
  return turns;
}

/** Arguments as the object that they must be; a malformed text has been answered by an error and is not repeated. */
function objectOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** @throws ModelError `malformed-reply`. */
export function readMessage(body: unknown, request: ModelRequest, secret: Secret): ModelReply {
  const parsed = MessageSchema.safeParse(body);
  if (!parsed.success) throw malformedReply('a message', parsed.error);
  const { content, stop_reason, usage } = parsed.data;
  const text = content.flatMap((block) => (block.type === 'text' && block.text !== undefined ? [block.text] : [])).join('');
  const toolCalls = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ name: block.name ?? '', arguments: JSON.stringify(block.input ?? {}) }] : [],
  );
  const cached = usage?.cache_read_input_tokens ?? 0;
  const told = {
    // What was read from the cache and written to it is not among the input tokens there.
    promptTokens:
      usage?.input_tokens === undefined || usage.input_tokens === null
        ? undefined
        : usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    completionTokens: usage?.output_tokens ?? undefined,
    cachedTokens: cached,
  };
  return finishedReply({ text, toolCalls, told, finish: stop_reason }, FINISH, request, secret);
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  refusal: 'refused',
};
