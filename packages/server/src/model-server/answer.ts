/** What the model server's dialects share: who answers, and a request that cannot be read. */
import type { ModelReply, ModelRequest } from '@kinovox/agents';
import type { z } from 'zod';

/** Most messages of a request. */
export const MAX_MESSAGES = 10_000;

/** Answers a request; a pure function of it. */
export type Answerer = (request: ModelRequest) => ModelReply;

/** An answer of the server: its status, a body, or lines of a stream. */
export interface ServerAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Server-sent events in order, without their blank lines. */
  readonly events?: readonly string[];
}

/** A dialect reads a body and writes an answer. */
export type Dialect = (body: unknown, answerer: Answerer, number: number) => ServerAnswer;

/** The first problem of a body, in words. */
export function badRequest(error: z.ZodError): string {
  const [{ message, path }] = error.issues;
  return `The request must be in its format; got "${message}" at ${path.join('.') || 'the top'}.`;
}

/** An object's text, in parts as a model would write it. */
export function partsOf(text: string): string[] {
  return text.match(/[\s\S]{1,16}/g) ?? [];
}
