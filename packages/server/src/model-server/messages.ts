/** The dialect of Anthropic's messages: POST /v1/messages, whole or as a stream. */
import type { FinishReason, ModelMessage, ModelRequest } from '@kinovox/agents';
import { z } from 'zod';
import { badRequest, type Dialect, MAX_MESSAGES, PngSchema, partsOf } from './answer.js';

const BlockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string().min(1) }),
  z.object({
    type: z.literal('image'),
    source: z.object({ type: z.literal('base64'), media_type: z.literal('image/png'), data: PngSchema }),
  }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('tool_result'), tool_use_id: z.string(), content: z.string() }),
]);
const RequestSchema = z.object({
  model: z.string(),
  max_tokens: z.int().min(1),
  system: z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))]).optional(),
  messages: z
    .array(z.object({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(BlockSchema).min(1)]) }))
    .min(1)
    .max(MAX_MESSAGES),
  tools: z
    .array(z.object({ name: z.string(), description: z.string().optional(), input_schema: z.record(z.string(), z.unknown()) }))
    .max(128)
    .optional(),
  stream: z.boolean().optional(),
});

export const anthropicMessages: Dialect = (body, answerer, number) => {
  const parsed = RequestSchema.safeParse(body);
  if (!parsed.success) return refused(badRequest(parsed.error));
  const { model, system, messages, tools, max_tokens, stream } = parsed.data;
  const twice = messages.findIndex(({ role }, i) => i > 0 && role === messages[i - 1].role);
  if (messages[0].role !== 'user' || twice >= 0)
    return refused(`Roles must alternate, from user on; got otherwise at messages.${Math.max(0, twice)}.`);
  const systemText = typeof system === 'string' ? system : (system ?? []).map(({ text }) => text).join('\n');
  const request: ModelRequest = {
    messages: [{ role: 'system', text: systemText }, ...messages.flatMap(messagesOf)],
    tools: (tools ?? []).map(({ name, description = '', input_schema }) => ({ name, description, parameters: input_schema })),
    maxTokens: max_tokens,
    key: '',
  };
  const reply = answerer(request);
  const content = [
    ...(reply.text === '' ? [] : [{ type: 'text', text: reply.text }]),
    ...reply.toolCalls.map(({ name, arguments: args }, i) => ({
      type: 'tool_use',
      id: `toolu_${number}_${i}`,
      name,
      input: JSON.parse(args) as unknown,
    })),
  ];
  const usage = { input_tokens: reply.usage.promptTokens, output_tokens: reply.usage.completionTokens };
  const message = {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: FINISH[reply.finishReason],
    stop_sequence: null,
    usage,
  };
  if (stream !== true) return { status: 200, body: message };
  const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}`;
  return {
    status: 200,
    events: [
      event('message_start', { message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 0 } } }),
      ...content.flatMap((block, index) => {
        const isText = 'text' in block;
        const parts = isText
          ? partsOf(String(block.text)).map((text) => ({ type: 'text_delta', text }))
          : partsOf(JSON.stringify((block as { input: unknown }).input)).map((partial_json) => ({
              type: 'input_json_delta',
              partial_json,
            }));
        return [
          event('content_block_start', { index, content_block: isText ? { type: 'text', text: '' } : { ...block, input: {} } }),
          ...parts.map((delta) => event('content_block_delta', { index, delta })),
          event('content_block_stop', { index }),
        ];
      }),
      event('message_delta', {
        delta: { stop_reason: message.stop_reason, stop_sequence: null },
        usage: { output_tokens: usage.output_tokens },
      }),
      event('message_stop', {}),
    ],
  };
};

function refused(message: string) {
  return { status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message } } };
}

function messagesOf({ role, content }: z.infer<typeof RequestSchema>['messages'][number]): ModelMessage[] {
  const blocks = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  if (role === 'user')
    return blocks.flatMap((block): ModelMessage[] => {
      if (block.type === 'tool_result') return [{ role: 'tool', callId: block.tool_use_id, name: '', text: block.content }];
      if (block.type === 'image') return [{ role: 'user', text: '', images: [block.source.data] }];
      return block.type === 'text' ? [{ role: 'user', text: block.text }] : [];
    });
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const toolCalls = blocks.flatMap((block) =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }] : [],
  );
  return [{ role: 'assistant', text, toolCalls }];
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  refused: 'refusal',
  other: 'end_turn',
};
