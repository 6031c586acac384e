/** JSON from outside: parsed, and refused where it is nested so deep that walking it could exhaust the stack. */
import { isShallow } from '@kinovox/world';

const MAX_DEPTH = 64;

/** @returns the value, or what is wrong with the text, in words that follow "must be". */
export function parseBoundedJson(text: string): { data: unknown } | { problem: string } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { problem: `JSON; got ${JSON.stringify(text.slice(0, 60))}` };
  }
  return isShallow(data, MAX_DEPTH) ? { data } : { problem: `nested at most ${MAX_DEPTH} deep; got more` };
}
