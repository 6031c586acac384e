/**
 * A server that speaks chat completions and Anthropic's messages over HTTP and answers by rules: it stands in for a language model where there is none,
 * and fails on demand, so that clients can be tried against delays, refusals, stalls and broken connections.
 * Routes: POST /v1/chat/completions, POST /v1/messages, GET /v1/models, GET /health. Limits: 16 MiB a request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askRules } from '@kinovox/agents';
import { UsageError } from '@kinovox/world';
import { parseBoundedJson } from '../bounded-json.js';
import type { Answerer, Dialect, ServerAnswer } from './answer.js';
import { chatCompletions } from './chat-completions.js';
import { anthropicMessages } from './messages.js';

/** What goes wrong with a call. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number; readonly message?: string }
  /** Nothing more is sent after so many events of a stream; nothing at all for a whole reply. */
  | { readonly kind: 'stall'; readonly afterEvents?: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'body'; readonly body: string };

export interface ModelServerOptions {
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port?: number;
  /** Time before each answer. */
  readonly delayMs?: number | ((number: number) => number);
  /** The key that a call must bring; undefined: none is asked for. */
  readonly key?: string | undefined;
  /** By the number of the call, from 0. */
  readonly fault?: (number: number) => Fault | undefined;
  readonly answerer?: Answerer;
}

export interface ModelServer {
  /** For chat completions: http://HOST:PORT/v1 */
  readonly url: string;
  /** For messages: without /v1. */
  readonly origin: string;
  /** Calls so far. */
  readonly calls: number;
  close(): Promise<void>;
}

const MAX_BODY = 16 * 2 ** 20;
const MODEL = 'rules';
const DIALECTS: Readonly<Record<string, Dialect>> = { '/v1/chat/completions': chatCompletions, '/v1/messages': anthropicMessages };

/** @throws UsageError where the port cannot be had. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const { host = '127.0.0.1', port = 0, delayMs = 0, key, fault, answerer = askRules } = options;
  let calls = 0;
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, problem(error instanceof Error ? error.message : String(error)));
      else response.destroy();
    });
  });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://here').pathname;
    if (request.method === 'GET' && path === '/health') return send(response, 200, { status: 'healthy' });
    if (request.method === 'GET' && path === '/v1/models')
      return send(response, 200, { object: 'list', data: [{ id: MODEL, object: 'model', created: 0, owned_by: 'kinovox' }] });
    const dialect = Object.hasOwn(DIALECTS, path) ? DIALECTS[path] : undefined;
    if (dialect === undefined) return send(response, 404, problem(`There is no ${path}; ask ${Object.keys(DIALECTS).join(' or ')}.`));
    if (request.method !== 'POST') return send(response, 405, problem(`${path} must be asked by POST; got ${request.method}.`));
    const number = calls++;
    const text = await readBody(request);
    if (text === undefined) return send(response, 413, problem(`A request must have at most ${MAX_BODY} bytes.`));
    const given = request.headers.authorization?.replace(/^Bearer /, '') ?? request.headers['x-api-key'];
    if (key !== undefined && given !== key) return send(response, 401, problem('The key must be the one of this server.'));
    const wait = typeof delayMs === 'number' ? delayMs : delayMs(number);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const wrong = fault?.(number);
    if (wrong?.kind === 'cut') return void response.destroy();
    if (wrong?.kind === 'status') {
      if (wrong.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(wrong.retryAfterSeconds));
      return send(response, wrong.status, problem(wrong.message?.replace('{key}', String(given)) ?? 'This fails on demand.'));
    }
    if (wrong?.kind === 'body') return void response.writeHead(200, { 'content-type': 'application/json' }).end(wrong.body);
    const json = parseBoundedJson(text);
    if ('problem' in json) return send(response, 400, problem(`A request must be ${json.problem}.`));
    const answer = dialect(json.data, answerer, number);
    if (answer.events !== undefined) return stream(response, answer, wrong?.afterEvents ?? (wrong === undefined ? undefined : 0));
    // A stall leaves the connection open and says nothing: the client must give up.
    if (wrong === undefined) send(response, answer.status, answer.body);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new UsageError(
          'model-server-port',
          `The model server must get its port; got ${cause.message}. Give another by --port, or 0 for any that is free.`,
          {
            cause,
          },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  return {
    origin,
    url: `${origin}/v1`,
    get calls() {
      return calls;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Undefined for one that is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** @param stallsAfter events after which it falls silent; undefined: it does not. */
function stream(response: ServerResponse, { status, events = [] }: ServerAnswer, stallsAfter: number | undefined): void {
  response.writeHead(status, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events.slice(0, stallsAfter)) response.write(`${event}\n\n`);
  if (stallsAfter === undefined) response.end();
  else response.flushHeaders();
}

/** An error as both dialects have it. */
function problem(message: string) {
  return { type: 'error', error: { type: 'error', message, param: null, code: null } };
}
