/** How every provider's reply ends: what the server told of tokens, or an estimate; no key in it; and the error for a body that is no reply. */
import type { z } from 'zod';
import { type FinishReason, ModelError, type ModelReply, type ModelRequest, usageOf } from '../model.js';
import { redactReply, type Secret } from './secret.js';

export interface ReadReply extends Pick<ModelReply, 'text' | 'toolCalls'> {
  /** As the server told them; undefined where it did not. */
  readonly told: Parameters<typeof usageOf>[2];
  /** In the server's words. */
  readonly finish: string | null | undefined;
}

/** @param reasons the server's words for why a reply ended; others are `other`. */
export function finishedReply(
  { text, toolCalls, told, finish }: ReadReply,
  reasons: Readonly<Record<string, FinishReason>>,
  request: ModelRequest,
  secret: Secret,
): ModelReply {
  const usage = usageOf(request, { text, toolCalls }, told);
  return redactReply({ text, toolCalls, usage, finishReason: reasons[finish ?? ''] ?? 'other' }, secret);
}

/** @param what a reply must be. */
export function malformedReply(what: string, error: z.ZodError): ModelError {
  const [{ message, path }] = error.issues;
  return new ModelError('malformed-reply', `A reply must be ${what}; got "${message}" at ${path.join('.') || 'the top'}.`);
}
