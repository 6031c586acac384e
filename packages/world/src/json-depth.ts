/** How deep a JSON value may be nested. */

/** Whether a JSON value is nested at most `depth` deep; stops there, so that no input can exhaust the stack. */
export function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const entry of Object.values(value)) if (!isShallow(entry, depth - 1)) return false;
  return true;
}
