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
  if (error instanceof SyntaxError)
    return new ModelError(
      'malformed-body',
      `The model's server of the profile "${name}" must answer with whole JSON${at}; got "${said}".`,
      {
        isTransient: true,
      },
    );
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

/** Anthropic's words for what went wrong, as statuses. */
const STATUS_OF: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  overloaded_error: 529,
};
/** For an error that does not say which: it may be over soon. */
const UNSAID = 500;

/**
 * Routers send errors with status 200, too: `{ error: { message, code } }`, or pages of theirs. It is the server that failed then, and no reply of the model.
 * @throws ModelError or UsageError as of `failureOf` for the status in the body; ModelError `not-json` for a page.
 */
export function refuseErrorBody(body: unknown, profile: Profile, secret: Secret): void {
  if (typeof body === 'string' && body.trimStart().startsWith('<'))
    throw new ModelError(
      'not-json',
      `The model's server of the profile "${profile.name}" must answer with JSON; got a page, "${secret.redact(body).replace(/\s+/g, ' ').slice(0, MAX_QUOTED)}". Check baseUrl, which often ends in /v1.`,
      { isTransient: true },
    );
  if (typeof body !== 'object' || body === null || !('error' in body) || 'choices' in body) return;
  const { error } = body;
  if (error === null || error === undefined) return;
  const { message, code, type } = (typeof error === 'object' ? error : { message: error }) as Record<string, unknown>;
  const status = [Number(code), STATUS_OF[String(type)] ?? 0].find((one) => one >= 400 && one < 600) ?? UNSAID;
  throw failureOf({ status, message: message ?? JSON.stringify(error) }, profile, secret);
}

/** Without the parts in which keys are put, which profiles made by a program may have. */
function plainAddress(address: string): string {
  return address.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}
