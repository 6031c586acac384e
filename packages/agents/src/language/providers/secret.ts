/** Keys: read from the environment at the last moment, and taken out of everything that comes back. */
import { UsageError } from '@kinovox/world';
import type { ModelReply } from '../model.js';
import type { Profile } from '../profile.js';

/** Variables of the environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const MARK = '[key]';
/** A server may quote the beginning of a key, such as `sk-abcd***`: words that begin with so many characters of it go too. */
const PREFIX = 8;
/** Servers without keys are given words such as `none` or `x`; replies hold those by chance, and a call without them would be another. */
const SHORTEST = 8;

export interface Secret {
  /** Empty where the profile names none. */
  readonly value: string;
  /** The text without the key: for errors, which are only read. */
  redact(text: string): string;
}

/** @throws UsageError where the profile names a variable that is not set. */
export function readSecret({ name, apiKeyEnv }: Pick<Profile, 'name' | 'apiKeyEnv'>, environment: Environment): Secret {
  if (apiKeyEnv === undefined) return { value: '', redact: (text) => text };
  const value = environment[apiKeyEnv]?.trim() ?? '';
  if (value === '')
    throw new UsageError(
      'no-key',
      `The environment variable ${apiKeyEnv} must hold the key of the profile "${name}"; got none. Set it, or name another by apiKeyEnv.`,
    );
  // A header takes visible ASCII only; whatever else stands there must not come back in a message of the network's.
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new UsageError(
      'no-key',
      `The environment variable ${apiKeyEnv} must hold a key without spaces or line breaks; got something else. Set it anew.`,
    );
  return { value, redact: redactor(value) };
}

function redactor(value: string): (text: string) => string {
  const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const begins = value.length > PREFIX ? new RegExp(`${quoted(value.slice(0, PREFIX))}[^\\s"']*`, 'g') : undefined;
  return (text) => {
    const without = text.replaceAll(value, MARK);
    return begins === undefined ? without : without.replace(begins, MARK);
  };
}

/** A reply without the key: a server that echoes headers must not put it into a log. Keys of fewer than 8 characters are left in it. */
export function redactReply(reply: ModelReply, { value, redact }: Secret): ModelReply {
  if (value.length < SHORTEST) return reply;
  return {
    ...reply,
    text: redact(reply.text),
    toolCalls: reply.toolCalls.map((call) => ({ name: redact(call.name), arguments: redact(call.arguments) })),
  };
}
