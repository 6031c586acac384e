/**
 * The HTTP half of the OpenEnv contract. As in OpenEnv's own server, requests do not share an environment: `/reset` gives the first observation of an
 * episode and `/step` one step from its beginning. Sessions go over `/ws`, or name a session of `/mcp`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UsageError } from '@kinovox/world';
import type { z } from 'zod';
import { parseBoundedJson } from '../bounded-json.js';
import { failureMessage } from '../cli/failure.js';
import { type Metadata, renderOpenApi, renderSchemas } from './descriptions.js';
import { parseAction, ResetSchema, StepRequestSchema } from './messages.js';
import { answerRpcText, CapacityError, type RpcHost } from './rpc.js';
import { inputOf, validationDetail } from './validation-detail.js';

export interface PageHost {
  readonly metadata: Metadata;
  readonly rpc: RpcHost;
  readonly maxBodyBytes: number;
}

interface Page {
  status: number;
  body: unknown;
}

/** Answers one request; never rejects. */
export async function servePage(request: IncomingMessage, response: ServerResponse, host: PageHost): Promise<void> {
  let status: number;
  let text: string;
  try {
    const page = await pageOf(request, host);
    status = page.status;
    text = JSON.stringify(page.body);
  } catch (error) {
    status = error instanceof CapacityError ? 503 : 500;
    text = JSON.stringify({ detail: failureMessage(error) });
  }
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

async function pageOf(request: IncomingMessage, host: PageHost): Promise<Page> {
  const path = (request.url ?? '/').split('?')[0];
  const read = READ[path];
  const write = WRITE[path];
  if (request.method === 'GET' && read !== undefined) return { status: 200, body: await read(host) };
  if (request.method === 'POST' && write !== undefined) {
    const text = await bodyOf(request, host.maxBodyBytes);
    return text === undefined
      ? { status: 413, body: { detail: `A request must have at most ${host.maxBodyBytes} bytes.` } }
      : write(text, host);
  }
  const known = [...Object.keys(READ).map((name) => `GET ${name}`), ...Object.keys(WRITE).map((name) => `POST ${name}`)];
  const exists = read !== undefined || write !== undefined;
  return { status: exists ? 405 : 404, body: { detail: `There are ${known.join(', ')}, and the WebSockets /ws and /mcp.` } };
}

const READ: Readonly<Record<string, (host: PageHost) => unknown>> = {
  '/health': () => ({ status: 'healthy' }),
  '/metadata': ({ metadata }) => metadata,
  '/schema': renderSchemas,
  '/openapi.json': ({ metadata }) => renderOpenApi(metadata),
  '/state': ({ rpc }) => rpc.withTemporary(async (environment) => environment.state),
};

const WRITE: Readonly<Record<string, (text: string, host: PageHost) => Promise<Page>>> = {
  '/reset': async (text, { rpc }) => {
    const parsed = parsedBody(ResetSchema, text === '' ? '{}' : text);
    if ('status' in parsed) return parsed;
    return answered(parsed.data, () => rpc.withTemporary(async (environment) => environment.reset(parsed.data)));
  },
  '/step': async (text, { rpc }) => {
    const parsed = parsedBody(StepRequestSchema, text);
    if ('status' in parsed) return parsed;
    const action = parseAction(parsed.data.action);
    if (!action.success) return { status: 422, body: { detail: validationDetail(action.error, ['body', 'action'], parsed.data.action) } };
    const start = ResetSchema.safeParse(parsed.data);
    if (!start.success) return { status: 422, body: { detail: validationDetail(start.error, ['body'], parsed.data) } };
    return answered(parsed.data, () =>
      rpc.withTemporary(async (environment) => {
        environment.reset(start.data);
        return environment.step(action.data);
      }),
    );
  },
  // Replies of JSON-RPC are 200 whatever they say.
  '/mcp': async (text, { rpc }) => ({ status: 200, body: await answerRpcText(text, rpc) }),
};

/** Where a body names an agent, by the code of the error that says there is none, or that the client does not play it. */
const AGENT_FIELDS: Readonly<Record<string, string>> = { 'unknown-agent': 'agents', 'agent-not-played': 'action' };

/** An agent that is none is the client's mistake, though only the scenario knows. */
async function answered(body: Readonly<Record<string, unknown>>, use: () => Promise<unknown>): Promise<Page> {
  try {
    return { status: 200, body: await use() };
  } catch (error) {
    const field = error instanceof UsageError ? AGENT_FIELDS[error.code] : undefined;
    if (field === undefined) throw error;
    const { code, message } = error as UsageError;
    return { status: 422, body: { detail: [{ type: code, loc: ['body', field], msg: message, input: inputOf(body[field]) }] } };
  }
}

function parsedBody<T>(schema: z.ZodType<T>, text: string): { data: T } | Page {
  const json = parseBoundedJson(text);
  if ('problem' in json) {
    const msg = `JSON decode error: a body must be ${json.problem}.`;
    return { status: 422, body: { detail: [{ type: 'json_invalid', loc: ['body'], msg, input: text.slice(0, 100) }] } };
  }
  const parsed = schema.safeParse(json.data);
  return parsed.success ? { data: parsed.data } : { status: 422, body: { detail: validationDetail(parsed.error, ['body'], json.data) } };
}

/** Undefined where it is too long. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
