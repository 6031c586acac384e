/**
 * One WebSocket of the OpenEnv contract and the environment that belongs to it: `/ws`, or `/mcp` for bare JSON-RPC.
 * Messages are answered one by one, in order; while one is answered the socket is paused, so a fast or stalled client holds back nobody but itself.
 */
import { describeIssue } from '@kinovox/world';
import type { RawData, WebSocket } from 'ws';
import type { ZodError } from 'zod';
import { parseBoundedJson } from '../bounded-json.js';
import { failureMessage } from '../cli/failure.js';
import { RateLimit } from '../live/rate-limit.js';
import { parseAction, ResetSchema, WS_ERROR, type WsErrorCode } from './messages.js';
import { answerRpc, answerRpcText, type RpcHost } from './rpc.js';
import type { OpenEnvSession } from './session.js';
import { validationDetail } from './validation-detail.js';

/** Messages that may wait for their replies. */
const MAX_PENDING = 16;
/** How long a reply may take to leave, by default. */
const SEND_TIMEOUT_MS = 60_000;

export interface SocketLimits {
  /** Messages per second in the long run; bursts of twice as many pass. */
  readonly maxRate: number;
  /** A session that sends nothing for so long is ended; 0: never. */
  readonly idleTimeoutMs: number;
  /** A client that has not read a reply for so long is cut off; default a minute. */
  readonly sendTimeoutMs?: number | undefined;
}

export class SocketSession {
  readonly #socket: WebSocket;
  readonly #environment: OpenEnvSession;
  readonly #speaks: 'openenv' | 'rpc';
  readonly #rpc: RpcHost;
  readonly #limits: SocketLimits;
  readonly #rate: RateLimit;
  readonly #pending: RawData[] = [];
  #idle: NodeJS.Timeout | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(socket: WebSocket, environment: OpenEnvSession, speaks: 'openenv' | 'rpc', rpc: RpcHost, limits: SocketLimits) {
    this.#socket = socket;
    this.#environment = environment;
    this.#speaks = speaks;
    this.#rpc = rpc;
    this.#limits = limits;
    this.#rate = new RateLimit(performance.now(), limits.maxRate, 2 * limits.maxRate);
    socket.on('message', (data, isBinary) => this.#accept(data, isBinary));
    this.#awaitNext();
  }

  /** Frees the environment; a step that runs ends at its next tick, first. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#environment.leave();
    if (!this.#isBusy) this.#environment.close();
  }

  get #isOpen(): boolean {
    return !this.#isClosed && this.#socket.readyState === this.#socket.OPEN;
  }

  /** One timer for the whole session: sessions get thousands of messages a second together. */
  #awaitNext(): void {
    if (this.#limits.idleTimeoutMs <= 0) return;
    this.#idle ??= setTimeout(() => {
      // A step may last longer: `#run` begins to wait again when it has ended.
      if (!this.#isBusy) this.#socket.close(1001, 'The session was idle for too long.');
    }, this.#limits.idleTimeoutMs);
    this.#idle.refresh();
  }

  #accept(data: RawData, isBinary: boolean): void {
    if (!isBinary) this.#pending.push(data);
    if (isBinary) this.#socket.close(1003, 'Messages are JSON in text frames.');
    else if (this.#pending.length > MAX_PENDING) {
      this.#pending.length = 0;
      this.#socket.close(1008, `At most ${MAX_PENDING} messages may wait for their replies.`);
    } else if (!this.#isBusy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    this.#socket.pause();
    for (let data = this.#pending.shift(); data !== undefined && this.#isOpen; data = this.#pending.shift()) {
      const waitMs = this.#rate.waitMs(performance.now());
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const reply = await this.#answer(String(data));
      if (reply === undefined) this.#socket.close(1000);
      // Until it has left: a client that does not read gets no further.
      else if (this.#isOpen) await this.#send(reply);
    }
    this.#isBusy = false;
    if (this.#isClosed) return this.#environment.close();
    this.#awaitNext();
    this.#socket.resume();
  }

  /** Ends when the reply has left, or the client was cut off: one that never reads must not keep its world. */
  async #send(reply: string): Promise<void> {
    const left = new Promise<void>((resolve) => this.#socket.send(reply, () => resolve()));
    // Mostly the system takes it at once.
    if (this.#socket.bufferedAmount === 0) return;
    const late = setTimeout(() => this.#socket.terminate(), this.#limits.sendTimeoutMs ?? SEND_TIMEOUT_MS);
    await left;
    clearTimeout(late);
  }

  /** Undefined: the client says goodbye. */
  async #answer(text: string): Promise<string | undefined> {
    if (this.#speaks === 'rpc') return JSON.stringify(await answerRpcText(text, this.#rpc));
    const json = parseBoundedJson(text);
    if ('problem' in json) return errorText(WS_ERROR.invalidJson, `Invalid JSON: a message must be ${json.problem}.`);
    const { type, data } = (typeof json.data === 'object' && json.data !== null ? json.data : {}) as { type?: unknown; data?: unknown };
    try {
      return await this.#answerType(type, data);
    } catch (error) {
      return errorText(WS_ERROR.execution, failureMessage(error));
    }
  }

  async #answerType(type: unknown, data: unknown): Promise<string | undefined> {
    if (type === 'step') {
      const action = parseAction(data);
      if (!action.success) return invalidText('action', action.error, data);
      return JSON.stringify({ type: 'observation', data: await this.#environment.step(action.data) });
    }
    if (type === 'reset') {
      const parsed = ResetSchema.safeParse(data ?? {});
      return parsed.success
        ? JSON.stringify({ type: 'observation', data: this.#environment.reset(parsed.data) })
        : invalidText('reset', parsed.error, data);
    }
    if (type === 'state') return JSON.stringify({ type: 'state', data: this.#environment.state });
    if (type === 'mcp') return JSON.stringify({ type: 'mcp', data: await answerRpc(data, this.#rpc) });
    if (type === 'close') return undefined;
    return errorText(
      WS_ERROR.unknownType,
      `The type of a message must be reset, step, state, mcp or close; got ${JSON.stringify(type)?.slice(0, 60) ?? 'none'}.`,
    );
  }
}

export function errorText(code: WsErrorCode, message: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ type: 'error', data: { message, code, ...more } });
}

function invalidText(what: string, error: ZodError, data: unknown): string {
  return errorText(WS_ERROR.validation, `Invalid ${what}: ${describeIssue(error)} GET /schema has its form.`, {
    errors: validationDetail(error, [what], data),
  });
}
