/** What a conformance check found. */
import { InvariantError, KinovoxError } from '@kinovox/world';

export interface CheckResult {
  /** The fact that was checked, in the present tense. */
  name: string;
  ok: boolean;
  /** Why it does not hold; empty when it does. */
  message: string;
}

/** Runs checks one after another; a throw is a failure of that check. */
export async function runChecks(checks: readonly (readonly [name: string, check: () => unknown])[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [name, check] of checks) {
    try {
      await check();
      results.push({ name, ok: true, message: '' });
    } catch (error) {
      results.push({ name, ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

/** @throws InvariantError listing the facts that do not hold. */
export function assertConforms(results: readonly CheckResult[]): void {
  const broken = results.filter((result) => !result.ok);
  if (broken.length === 0) return;
  throw new InvariantError(
    'conformance',
    `An environment must pass all ${results.length} checks; got ${broken.length} failures:\n${broken.map(({ name, message }) => `- ${name}: ${message}`).join('\n')}`,
  );
}

/** Fails the running check. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails unless the call is refused with one of our errors. */
export function expectRefusal(call: () => unknown, what: string): void {
  try {
    call();
  } catch (error) {
    assertRefusal(error, what);
    return;
  }
  throw new Error(`${what} must be refused; it was accepted.`);
}

/** The same for a call that may answer with a promise. */
export async function expectRefusalOf(call: () => unknown, what: string): Promise<void> {
  try {
    await call();
  } catch (error) {
    assertRefusal(error, what);
    return;
  }
  throw new Error(`${what} must be refused; it was accepted.`);
}

function assertRefusal(error: unknown, what: string): void {
  expectThat(
    error instanceof KinovoxError,
    `${what} must be refused with a KinovoxError; got ${error instanceof Error ? `${error.name}: ${error.message}` : error}.`,
  );
}
