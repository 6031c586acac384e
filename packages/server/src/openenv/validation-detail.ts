/** What a schema found wrong with a message, as FastAPI lists it. Replies stay short however long the message was. */
import type { ZodError } from 'zod';

/** Issues that are listed. */
const MAX_ISSUES = 20;
/** Longest text of a message, a key, or an input as JSON, characters. */
const MAX_TEXT = 200;

export interface IssueDetail {
  type: string;
  loc: PropertyKey[];
  msg: string;
  /** What was found there; a longer one as the beginning of its JSON. */
  input: unknown;
}

/** The first issues. @param at where `data` stands. @param data what the schema read, nested not too deep for JSON. */
export function validationDetail(error: ZodError, at: readonly string[], data: unknown): IssueDetail[] {
  return error.issues.slice(0, MAX_ISSUES).map(({ code, path, message }) => {
    let input = data;
    for (const key of path) input = (input as Record<PropertyKey, unknown> | null | undefined)?.[key];
    const loc = path.map((key) => (typeof key === 'string' ? cut(key) : key));
    return { type: code, loc: [...at, ...loc], msg: cut(message), input: inputOf(input) };
  });
}

/** Short, as it is told. */
export function inputOf(input: unknown): unknown {
  const text = JSON.stringify(input ?? null);
  return text.length > MAX_TEXT ? cut(text) : (input ?? null);
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text;
}
