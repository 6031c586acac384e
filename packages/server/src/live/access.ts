/** Who may watch and who may control: loopback, tokens, and requests that come from other web pages. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

export class Access {
  /** Secret that controls the host; printed once, never logged by it. */
  readonly token: string;
  /** Whether the host listens on the loopback interface alone. */
  readonly isLoopback: boolean;
  readonly #digest: Buffer;

  /** @param listenHost address that the host binds. @param token drawn when left out. */
  constructor(listenHost: string, token = randomBytes(18).toString('base64url')) {
    this.token = token;
    this.isLoopback = LOOPBACK.has(listenHost);
    this.#digest = digestOf(this.token);
  }

  /** Compares in constant time. */
  isToken(candidate: string | undefined): boolean {
    return candidate !== undefined && timingSafeEqual(digestOf(candidate), this.#digest);
  }

  /** Watching is open on loopback; from elsewhere it needs the token. */
  mayWatch(token: string | undefined): boolean {
    return this.isLoopback || this.isToken(token);
  }

  /**
   * Refuses requests of other web pages: browsers send their Origin, and a name that was made to point here is not one of ours.
   * @returns undefined when the request is allowed, or a sentence.
   */
  problemOf(request: IncomingMessage): string | undefined {
    const host = request.headers.host ?? '';
    if (this.isLoopback && !LOOPBACK.has(hostName(host)))
      return `A host on loopback must be reached by its address; got "${host.slice(0, 100)}". Use the printed URL.`;
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const from = originHost(origin);
    if (from === host) return undefined;
    // A development server on the same machine may serve the page.
    if (this.isLoopback && from !== undefined && LOOPBACK.has(hostName(from))) return undefined;
    return `A watcher's page must come from this host; got one of "${origin.slice(0, 100)}". Open the printed URL.`;
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
