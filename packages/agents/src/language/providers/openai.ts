/**
 * Any endpoint that speaks chat completions with tools: OpenAI's own, vLLM, llama.cpp's server, Ollama, LM Studio, routers.
 * What comes back is checked before it is used: servers differ, and some send errors with status 200.
 */
import { UsageError } from '@kinovox/world';
import { z } from 'zod';
import {
  type FinishReason,
  imagesOf,
  ModelError,
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

const DEFAULT_URL = 'https://api.openai.com/v1';

/** Tokens of a reply's usage; anything that is no count is none. */
const tokens = z.int().min(0).nullish().catch(undefined);
const UsageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);
const CallSchema = z.object({ function: z.object({ name: z.string(), arguments: z.string().nullish() }) });
/** Words, or parts of which those that are text count. */
const ContentSchema = z
  .union([
    z.string(),
    z.array(z.looseObject({ text: z.string().optional() })).transform((parts) => parts.map(({ text }) => text ?? '').join('')),
  ])
  .nullish();
const CompletionSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: ContentSchema, refusal: z.string().nullish(), tool_calls: z.array(CallSchema).nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: UsageSchema,
});
const ChunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.int().min(0).max(1000).nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: UsageSchema,
});

/** @throws UsageError where the key's variable is not set. */
export async function createOpenAiProvider(profile: Profile, environment: Environment): Promise<ModelProvider> {
  const secret = readSecret(profile, environment);
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({
    // Servers without keys take any; the library insists on one.
    apiKey: secret.value === '' ? 'none' : secret.value,
    baseURL: profile.baseUrl ?? DEFAULT_URL,
    // Neither from the environment: the profile says all.
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: 'off',
  });
  return {
    ask: (request, signal) =>
      withRetries(profile.retries, signal, request.mayRepeat, async () => {
        const watch = new StallWatch(profile.stallSeconds, signal);
        const limit = new ReplyLimit(request.maxTokens);
        const { completions } = client.withOptions({ fetch: limit.fetch }).chat;
        try {
          const body = bodyOf(request, profile);
          if (!profile.stream) {
            const answer: unknown = await completions.create(body, { signal: watch.signal });
            refuseErrorBody(answer, profile, secret);
            return readCompletion(answer, request, secret);
          }
          const chunks = await completions.create(
            { ...body, stream: true, stream_options: { include_usage: true } },
            { signal: watch.signal },
          );
          return await readChunks(chunks, request, secret, watch, (chunk) => refuseErrorBody(chunk, profile, secret));
        } catch (error) {
          if (error instanceof ModelError || error instanceof UsageError) throw error;
          throw limit.error ?? watch.error ?? failureOf(error, profile, secret);
        } finally {
          watch.close();
        }
      }),
  };
}

/** The body of a call. */
function bodyOf({ messages, tools, maxTokens, temperature }: ModelRequest, { model, adapter, baseUrl }: Profile) {
  return {
    model: adapter ?? model!,
    messages: messages.map(messageOf),
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function' as const,
      function: { name, description, parameters: parameters as Record<string, unknown> },
    })),
    // OpenAI's newer models refuse the older name; many servers of others know only that.
    ...(isOpenAi(baseUrl) ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function isOpenAi(baseUrl: string | undefined): boolean {
  return new URL(baseUrl ?? DEFAULT_URL).host === new URL(DEFAULT_URL).host;
}

function messageOf(message: ModelMessage) {
  if (message.role === 'tool') return { role: 'tool' as const, tool_call_id: message.callId, content: message.text };
  if (message.role === 'assistant')
    return {
      role: 'assistant' as const,
      content: message.text,
      ...(message.toolCalls.length === 0
        ? {}
        : {
            tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
              id,
              type: 'function' as const,
              function: { name, arguments: text },
            })),
          }),
    };
  if (message.role === 'system') return { role: 'system' as const, content: message.text };
  return { role: 'user' as const, content: contentOf(message) };
}

/** Words alone, or words and what is seen. */
function contentOf(message: ModelMessage) {
  const images = imagesOf(message);
  if (images.length === 0) return message.text;
  return [
    { type: 'text' as const, text: message.text },
    ...images.map(({ mediaType, data }) => ({ type: 'image_url' as const, image_url: { url: `data:${mediaType};base64,${data}` } })),
  ];
}

/** A whole reply. @throws ModelError `malformed-reply`. */
export function readCompletion(body: unknown, request: ModelRequest, secret: Secret): ModelReply {
  const parsed = CompletionSchema.safeParse(body);
  if (!parsed.success) throw malformedReply('a chat completion', parsed.error);
  const [{ message, finish_reason }] = parsed.data.choices;
  const toolCalls = (message.tool_calls ?? []).map(({ function: call }) => ({ name: call.name, arguments: call.arguments ?? '' }));
  const reply = { text: message.content ?? message.refusal ?? '', toolCalls, finish: finish_reason, told: toldBy(parsed.data.usage) };
  return finishedReply(reply, FINISH, request, secret);
}

/** A reply in parts. Calls are put together by their index, in the order in which they began. @throws ModelError `malformed-reply`. */
export async function readChunks(
  chunks: AsyncIterable<unknown>,
  request: ModelRequest,
  secret: Secret,
  watch?: StallWatch,
  check?: (chunk: unknown) => void,
): Promise<ModelReply> {
  let text = '';
  let finish: string | null | undefined;
  let usage: z.infer<typeof UsageSchema>;
  let hasBegun = false;
  const calls = new Map<number, { name: string; arguments: string }>();
  for await (const chunk of chunks) {
    watch?.heard();
    check?.(chunk);
    const parsed = ChunkSchema.safeParse(chunk);
    if (!parsed.success) throw malformedReply('a chat completion', parsed.error);
    usage = parsed.data.usage ?? usage;
    const choice = parsed.data.choices?.[0];
    if (choice === undefined) continue;
    hasBegun = true;
    finish = choice.finish_reason ?? finish;
    text += choice.delta?.content ?? '';
    for (const part of choice.delta?.tool_calls ?? []) {
      // Servers that leave the index out send whole calls.
      const index = part.index ?? calls.size;
      const call = calls.get(index) ?? { name: '', arguments: '' };
      call.name += part.function?.name ?? '';
      call.arguments += part.function?.arguments ?? '';
      calls.set(index, call);
    }
  }
  if (watch?.error !== undefined) throw watch.error;
  if (!hasBegun) throw new ModelError('malformed-reply', 'A reply must hold a choice; got an empty stream.');
  return finishedReply({ text, toolCalls: [...calls.values()], finish, told: toldBy(usage) }, FINISH, request, secret);
}

function toldBy(usage: z.infer<typeof UsageSchema>) {
  return {
    promptTokens: usage?.prompt_tokens ?? undefined,
    completionTokens: usage?.completion_tokens ?? undefined,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
  };
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  content_filter: 'refused',
};
