/** The first problem that a schema found in a peer's message, as one sentence with its path. */
import type { z } from 'zod';

export function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue.path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
  return `${issue.message} at ${path === '' ? 'the top' : path}.`;
}
