/** What the model server's dialects share: who answers, and a request that cannot be read. */
import type { ModelImage, ModelReply, ModelRequest } from '@kinovox/agents';
import { hashText } from '@kinovox/world';
import { z } from 'zod';

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

/** A PNG as a request brings it. @returns undefined where it is none, or has no pixels. */
function imageOf(data: string): ModelImage | undefined {
  const head = Buffer.from(data.slice(0, 32), 'base64');
  if (head.length < 24 || head.toString('latin1', 0, 8) !== PNG || head.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  const [width, height] = [head.readUInt32BE(16), head.readUInt32BE(20)];
  return width === 0 || height === 0 ? undefined : { mediaType: 'image/png', width, height, data, hash: hashText(data) };
}

const PNG = '\x89PNG\r\n\x1a\n';

/** As `imageOf`, for schemas. */
export const PngSchema = z.string().transform((data, context) => {
  const image = imageOf(data);
  if (image !== undefined) return image;
  context.addIssue({ code: 'custom', message: 'must be a PNG in base64' });
  return z.NEVER;
});
