/**
 * What a language model is to the loop: messages and tools in, text and tool calls out. Every provider speaks this one interface.
 * Data flow: LanguagePolicy -> ModelRequest -> ModelProvider.ask -> ModelReply -> LanguagePolicy.
 * Names and arguments of tool calls are text from outside: nothing here has looked at them.
 */
import { KinovoxError } from '@kinovox/world';

/** A tool that the model may call. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft-7) of its arguments, an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelToolCall {
  /** Of this conversation, given by the loop. */
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** A picture in a prompt. */
export interface ModelImage {
  readonly mediaType: 'image/png';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Base64. */
  readonly data: string;
  /** Of `data`, 16 hexadecimal digits: stands for it in logs. */
  readonly hash: string;
}

export type ModelMessage =
  /** `images`: what is seen with these words; providers that take none leave them out. */
  | { readonly role: 'system' | 'user'; readonly text: string; readonly images?: readonly ModelImage[] }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ModelToolCall[] }
  /** The result of a call. */
  | { readonly role: 'tool'; readonly callId: string; readonly name: string; readonly text: string };

export interface ModelRequest {
  /** The first is the system's; the others only grow, so an earlier prompt is a prefix of a later one. */
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** Most tokens of the reply. */
  readonly maxTokens: number;
  /** Left to the provider when undefined. */
  readonly temperature?: number | undefined;
  /** Who asks and for the how many-th time in the episode: `<seed>/<agent>/<n>`, for logs and `replay`. */
  readonly key: string;
  /** Called before the call is made again, which it counts; where it gives false the budget is spent, and the failure stands. Absent: repeat. */
  readonly mayRepeat?: (() => boolean) | undefined;
}

/** Tokens of one call. */
export interface ModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the prompt's, those that the provider had kept from before. */
  readonly cachedTokens?: number | undefined;
  /** Set where the provider told none: a quarter of the characters, rounded up. */
  readonly estimated?: true | undefined;
}

export const FINISH_REASONS = ['stop', 'tool-calls', 'length', 'refused', 'other'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

export interface ModelReply {
  readonly text: string;
  readonly toolCalls: readonly Omit<ModelToolCall, 'id'>[];
  readonly usage: ModelUsage;
  readonly finishReason: FinishReason;
}

export interface ModelProvider {
  /**
   * One call.
   * @param signal ends it early; it then rejects.
   * @throws ModelError for what the provider or its server did; UsageError for what the user must mend.
   */
  ask(request: ModelRequest, signal: AbortSignal): Promise<ModelReply>;
  /** Of a recorded log: what people said to an agent at a tick. @param seed words of the episode, as in entries. Absent: nothing was. */
  heard?(seed: string, agent: string, tick: number): readonly string[];
}

/** A call that gave no reply. No message of it holds a key. */
export class ModelError extends KinovoxError {
  /** Whether the same call may succeed later. */
  readonly isTransient: boolean;
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    { isTransient = false, retryAfterMs }: { isTransient?: boolean; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message);
    this.isTransient = isTransient;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Tokens of a text where nobody has counted them: a quarter of its characters, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Text and pictures of a request in characters, for estimates of four characters a token. */
export function requestLength({ messages, tools }: Pick<ModelRequest, 'messages' | 'tools'>): number {
  return messages.reduce((sum, message) => sum + messageLength(message), 0) + (tools.length === 0 ? 0 : JSON.stringify(tools).length);
}

/** Characters of a message; a picture counts as four for each of its tokens. */
export function messageLength(message: ModelMessage): number {
  const calls =
    message.role === 'assistant' ? message.toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0) : 0;
  const images = imagesOf(message).reduce((sum, image) => sum + 4 * pictureTokens(image), 0);
  return message.text.length + calls + images;
}

export function imagesOf(message: ModelMessage): readonly ModelImage[] {
  return 'images' in message ? (message.images ?? []) : [];
}

/** Tokens of a picture where nobody has counted them: one for every 750 pixels, as Anthropic tells, and at least 85, OpenAI's least. */
export function pictureTokens({ width, height }: Pick<ModelImage, 'width' | 'height'>): number {
  return Math.max(85, Math.ceil((width * height) / 750));
}

/** The usage that a provider told, or an estimate. */
export function usageOf(
  request: ModelRequest,
  reply: Pick<ModelReply, 'text' | 'toolCalls'>,
  told: { promptTokens?: number | undefined; completionTokens?: number | undefined; cachedTokens?: number | undefined },
): ModelUsage {
  const { promptTokens, completionTokens, cachedTokens } = told;
  if (promptTokens !== undefined && completionTokens !== undefined)
    return { promptTokens, completionTokens, ...(cachedTokens === undefined ? {} : { cachedTokens }) };
  const written = reply.toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, reply.text.length);
  return { promptTokens: Math.ceil(requestLength(request) / 4), completionTokens: Math.ceil(written / 4), estimated: true };
}
