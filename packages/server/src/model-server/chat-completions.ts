/** The dialect of chat completions: POST /v1/chat/completions, whole or as a stream. */
import type { FinishReason, ModelMessage, ModelRequest } from '@kinovox/agents';
import { z } from 'zod';
import { badRequest, type Dialect, MAX_MESSAGES, PngSchema, partsOf } from './answer.js';

const TextSchema = z.object({ type: z.literal('text'), text: z.string() });
const DATA_URL = 'data:image/png;base64,';
const ImageSchema = z.object({
  type: z.literal('image_url'),
  image_url: z.object({
    url: z
      .string()
      .startsWith(DATA_URL, `must begin with ${DATA_URL}`)
      .transform((url) => url.slice(DATA_URL.length))
      .pipe(PngSchema),
  }),
});
const text = z.union([z.string(), z.array(TextSchema), z.null()]).optional();
const MessageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: text }),
  z.object({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [TextSchema, ImageSchema])), z.null()]).optional(),
  }),
  z.object({
    role: z.literal('assistant'),
    content: text,
    tool_calls: z
      .array(z.object({ id: z.string(), type: z.literal('function'), function: z.object({ name: z.string(), arguments: z.string() }) }))
      .optional(),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: text }),
]);
const RequestSchema = z.object({
  model: z.string(),
  messages: z.array(MessageSchema).min(1).max(MAX_MESSAGES),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          description: z.string().optional(),
          parameters: z.record(z.string(), z.unknown()).optional(),
        }),
      }),
    )
    .max(128)
    .optional(),
  max_completion_tokens: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
});

export const chatCompletions: Dialect = (body, answerer, number) => {
  const parsed = RequestSchema.safeParse(body);
  if (!parsed.success) return refused(badRequest(parsed.error));
  const { model, messages, tools, stream, stream_options } = parsed.data;
  const unanswered = unansweredCall(parsed.data.messages);
  if (unanswered !== undefined) return refused(`Every tool call must be followed by its result; got none for ${unanswered}.`);
  const request: ModelRequest = {
    messages: messages.map(messageOf),
    tools: (tools ?? []).map(({ function: { name, description = '', parameters = {} } }) => ({ name, description, parameters })),
    maxTokens: parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? 1024,
    key: '',
  };
  const reply = answerer(request);
  const head = { id: `chatcmpl-${number}`, created: 0, model };
  const usage = {
    prompt_tokens: reply.usage.promptTokens,
    completion_tokens: reply.usage.completionTokens,
    total_tokens: reply.usage.promptTokens + reply.usage.completionTokens,
    prompt_tokens_details: { cached_tokens: reply.usage.cachedTokens ?? 0 },
  };
  const calls = reply.toolCalls.map(({ name, arguments: args }, i) => ({
    index: i,
    id: `call_${number}_${i}`,
    type: 'function',
    function: { name, arguments: args },
  }));
  const finish = FINISH[reply.finishReason];
  if (stream !== true) {
    const message = {
      role: 'assistant',
      content: reply.text,
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ index: _, ...call }) => call) }),
    };
    return { status: 200, body: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage } };
  }
  const chunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}`;
  return {
    status: 200,
    events: [
      chunk({ role: 'assistant', content: '' }),
      ...partsOf(reply.text).map((content) => chunk({ content })),
      ...calls.flatMap(({ index, id, type, function: call }) => [
        chunk({ tool_calls: [{ index, id, type, function: { name: call.name, arguments: '' } }] }),
        ...partsOf(call.arguments).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
      ]),
      chunk({}, finish),
      ...(stream_options?.include_usage === true
        ? [`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}`]
        : []),
      'data: [DONE]',
    ],
  };
};

function refused(message: string) {
  return { status: 400, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } };
}

/** As real endpoints: a call without its result is an error. */
function unansweredCall(messages: readonly z.infer<typeof MessageSchema>[]): string | undefined {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      open.delete(message.tool_call_id);
      continue;
    }
    for (const id of open) return id;
    if (message.role === 'assistant') open = new Set((message.tool_calls ?? []).map(({ id }) => id));
  }
  return [...open][0];
}

function messageOf(message: z.infer<typeof MessageSchema>): ModelMessage {
  const parts = typeof message.content === 'string' ? [{ type: 'text' as const, text: message.content }] : (message.content ?? []);
  const content = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const images = parts.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []));
  if (message.role === 'tool') return { role: 'tool', callId: message.tool_call_id, name: '', text: content };
  if (message.role === 'assistant')
    return {
      role: 'assistant',
      text: content,
      toolCalls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: args })),
    };
  if (message.role !== 'user') return { role: 'system', text: content };
  return { role: 'user', text: content, ...(images.length === 0 ? {} : { images }) };
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  refused: 'content_filter',
  other: 'stop',
};
