/**
 * Tools over bare JSON-RPC 2.0, as OpenEnv has them at `/mcp` and in messages of type `mcp`: tools/list, tools/call, and sessions over HTTP.
 * There is no handshake. What an agent refuses is a result with `isError`; errors of JSON-RPC are for requests that cannot be read.
 */
import { describeIssue, KinovoxError } from '@kinovox/world';
import { parseBoundedJson } from '../bounded-json.js';
import { failureMessage } from '../cli/failure.js';
import { RPC_ERROR, type RpcRequest, RpcRequestSchema } from './messages.js';
import type { OpenEnvSession } from './session.js';

/** Sessions that requests may name; over a socket, the one that belongs to it. */
export interface RpcHost {
  /** The session of a socket. */
  readonly session?: { readonly id: string; readonly environment: OpenEnvSession };
  /** Runs with the environment of a session that `create` made, after the requests before it. @returns undefined for an unknown one. */
  use(id: string, use: (environment: OpenEnvSession) => Promise<RpcReply>): Promise<RpcReply> | undefined;
  /** @throws CapacityError where no more fit. */
  create(): Promise<string>;
  /** Ends a session that `create` made. @returns false for an unknown one. */
  destroy(id: string): boolean;
  /** Runs with an environment that is gone afterwards. */
  withTemporary<T>(use: (environment: OpenEnvSession) => Promise<T>): Promise<T>;
}

/** Too many sessions: told in the words of each protocol. */
export class CapacityError extends KinovoxError {
  readonly active: number;
  readonly most: number;

  constructor(active: number, most: number) {
    super('capacity', `At most ${most} sessions run at once; got one more. Close one, or start the server with --max-sessions.`);
    this.active = active;
    this.most = most;
  }
}

type RpcId = string | number | null;
export type RpcReply = { jsonrpc: '2.0'; id: RpcId } & ({ result: unknown } | { error: { code: number; message: string; data?: unknown } });

/** Answers a request that arrived as text. */
export async function answerRpcText(text: string, host: RpcHost): Promise<RpcReply> {
  const json = parseBoundedJson(text);
  return 'problem' in json ? fail(null, RPC_ERROR.parse, `A request must be ${json.problem}.`) : answerRpc(json.data, host);
}

export async function answerRpc(data: unknown, host: RpcHost): Promise<RpcReply> {
  const parsed = RpcRequestSchema.safeParse(data);
  if (!parsed.success) return fail(null, RPC_ERROR.request, `A request must be one of JSON-RPC 2.0. ${describeIssue(parsed.error)}`);
  const request = parsed.data;
  const id = request.id ?? null;
  try {
    return await answer(request, id, host);
  } catch (error) {
    if (error instanceof CapacityError)
      return fail(id, RPC_ERROR.server, error.message, { active_sessions: error.active, max_sessions: error.most });
    return fail(id, RPC_ERROR.internal, failureMessage(error));
  }
}

async function answer({ method, params }: RpcRequest, id: RpcId, host: RpcHost): Promise<RpcReply> {
  if (method === 'openenv/session/create') return succeed(id, { session_id: host.session?.id ?? (await host.create()) });
  const named = params.session_id;
  if (named !== undefined && typeof named !== 'string') return fail(id, RPC_ERROR.params, 'session_id must be a text.');
  if (method === 'openenv/session/close') return closeSession(id, named, host);
  if (method !== 'tools/list' && method !== 'tools/call')
    return fail(
      id,
      RPC_ERROR.method,
      `There is no method ${JSON.stringify(method)}: tools/list, tools/call, openenv/session/create, openenv/session/close.`,
    );
  const use = method === 'tools/list' ? listTools(id) : callTool(id, params);
  if (host.session !== undefined) return use(host.session.environment);
  if (named === undefined) return host.withTemporary(use);
  return host.use(named, use) ?? unknownSession(id, named);
}

function closeSession(id: RpcId, named: string | undefined, host: RpcHost): RpcReply {
  if (named === undefined) return fail(id, RPC_ERROR.params, 'session_id must be given.');
  if (named === host.session?.id) return fail(id, RPC_ERROR.request, 'The session of a WebSocket ends with it, not by this method.');
  return host.destroy(named) ? succeed(id, { session_id: named, closed: true }) : unknownSession(id, named);
}

function unknownSession(id: RpcId, named: string): RpcReply {
  return fail(id, RPC_ERROR.params, `There is no session ${JSON.stringify(named.slice(0, 100))}. Make one by openenv/session/create.`);
}

const listTools = (id: RpcId) => async (environment: OpenEnvSession) =>
  succeed(id, {
    tools: environment.tools().map(({ name, description, parameters }) => ({ name, description, inputSchema: parameters })),
  });

const callTool =
  (id: RpcId, { name, arguments: args = {} }: RpcRequest['params']) =>
  async (environment: OpenEnvSession): Promise<RpcReply> => {
    if (typeof name !== 'string' || name === '') return fail(id, RPC_ERROR.params, 'name must be that of a tool.');
    if (typeof args !== 'object' || args === null || Array.isArray(args)) return fail(id, RPC_ERROR.params, 'arguments must be an object.');
    const { observation, reward, done } = await environment.call(name, args as Record<string, unknown>);
    const structuredContent = { ...observation, reward, done };
    const { result, text } = observation as { result?: { status: string } | null; text?: string };
    return succeed(id, {
      content: [{ type: 'text', text: text ?? '' }],
      structuredContent,
      isError: result?.status === 'refused' || result?.status === 'invalid',
      // Where OpenEnv's tool client looks.
      data: structuredContent,
    });
  };

function succeed(id: RpcId, result: unknown): RpcReply {
  return { jsonrpc: '2.0', id, result };
}

function fail(id: RpcId, code: number, message: string, data?: unknown): RpcReply {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}
