/** The first problem that a schema found in a peer's message, as one sentence with its path. */
import type { z } from 'zod';

/** Longest sentence, characters: messages and paths quote the peer. */
const MAX_LENGTH = 500;

export function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue.path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
  const sentence = `${issue.message} at ${path === '' ? 'the top' : path}.`;
  return sentence.length > MAX_LENGTH ? `${sentence.slice(0, MAX_LENGTH)}...` : sentence;
}
