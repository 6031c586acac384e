/** What a server's refusal means to the loop: who must act, and whether the same call may succeed later. */
import { UsageError } from '@kinovox/world';
import { ModelError } from '../model.js';
import type { Profile } from '../profile.js';
import { retryAfterMs } from './retries.js';
import type { Secret } from './secret.js';

const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** Statuses that the user must mend: key, permission, address, or the name of the model. */
const USERS: ReadonlySet<number> = new Set([401, 403, 404]);
/** Longest quotation of a server's own words. */
const MAX_QUOTED = 300;

/**
 * An error of a client library as one of ours. It is not kept as the cause, since it holds the request's headers.
 * @param error `status` and `headers` where the server has answered; neither where the connection broke.
 */
export function failureOf(error: unknown, { name, baseUrl, apiKeyEnv }: Profile, secret: Secret): ModelError | UsageError {
  const { status, headers, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    status?: unknown;
    headers?: { get(name: string): string | null };
    message?: unknown;
  };
  const said = secret
    .redact(String(message ?? error))
    .replace(/\s+/g, ' ')
    .slice(0, MAX_QUOTED);
  const at = baseUrl === undefined ? '' : ` at ${plainAddress(baseUrl)}`;
  if (typeof status !== 'number')
    return new ModelError('connection', `The model's server of the profile "${name}" must be reached${at}; got "${said}". Is it running?`, {
      isTransient: true,
    });
  if (USERS.has(status))
    return new UsageError(
      'model-refused',
      `The model's server of the profile "${name}" must accept the call${at}; got ${status}: "${said}". Check ${apiKeyEnv === undefined ? 'apiKeyEnv' : `the key in ${apiKeyEnv}`}, model and baseUrl.`,
    );
  return new ModelError(`http-${status}`, `The model's server of the profile "${name}" must answer${at}; got ${status}: "${said}".`, {
    isTransient: status >= 500 || TRANSIENT.has(status),
    retryAfterMs: retryAfterMs(typeof headers?.get === 'function' ? headers : undefined),
  });
}

/** Without the parts in which keys are put, which profiles made by a program may have. */
function plainAddress(address: string): string {
  return address.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}
