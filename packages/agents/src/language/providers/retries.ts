/**
 * Calls again after 429, 5xx, a stall or a broken connection, as often as the profile says: when the server said when, then; else after 0.5, 1, 2, ... seconds.
 * Waiting is by the clock, but decides no result: the same reply comes out, however often was asked. Each repetition is counted by whoever asks.
 */
import { ModelError } from '../model.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server that asks for a longer rest than this, is refused. */
const LONGEST_ASKED_MS = 120_000;

/** @param mayRepeat as of `ModelRequest`. */
export async function withRetries<T>(
  retries: number,
  signal: AbortSignal,
  mayRepeat: (() => boolean) | undefined,
  call: () => Promise<T>,
): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ModelError) || !error.isTransient || n >= retries || signal.aborted) throw error;
      const { retryAfterMs } = error;
      if (retryAfterMs !== undefined && retryAfterMs > LONGEST_ASKED_MS) throw error;
      await rest(retryAfterMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** n), signal);
      if (signal.aborted || mayRepeat?.() === false) throw error;
    }
  }
}

/** Milliseconds that a `Retry-After` header asks for: seconds, or a date. Undefined where it says nothing. */
export function retryAfterMs(headers: { get(name: string): string | null } | undefined): number | undefined {
  const text = headers?.get('retry-after');
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, 1000 * seconds);
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
