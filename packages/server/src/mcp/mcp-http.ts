/** MCP over HTTP at /mcp: Node's requests become the web's, which the protocol's own handler answers. Stateless: worlds are named in each call. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createMcpHandler, type McpHttpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
import { Access } from '../live/access.js';
import { listenOn, urlOf } from '../live/listening.js';

const MAX_BODY_BYTES = 1024 * 1024;

export class McpHttpServer {
  readonly access: Access;
  readonly #needsToken: boolean;
  readonly #handler: McpHttpHandler;
  readonly #http: Server;
  readonly #host: string;

  /** @param token that clients must send; default: none on loopback, a drawn one elsewhere. */
  constructor(factory: McpServerFactory, host: string, token?: string) {
    this.#host = host;
    this.access = new Access(host, token);
    this.#needsToken = token !== undefined || !this.access.isLoopback;
    this.#handler = createMcpHandler(factory, { maxRequestBodySize: MAX_BODY_BYTES });
    this.#http = createServer((request, response) => void this.#serve(request, response));
  }

  get token(): string | undefined {
    return this.#needsToken ? this.access.token : undefined;
  }

  get url(): string {
    return `${urlOf(this.#http, 'http')}/mcp`;
  }

  /** @throws UsageError when the port is taken. */
  async listen(port: number): Promise<void> {
    await listenOn(this.#http, this.#host, port);
  }

  async close(): Promise<void> {
    await this.#handler.close();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, sentence: string) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: sentence }));
    const problem = this.access.problemOf(request);
    if (problem !== undefined) return refuse(403, problem);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (this.#needsToken && !this.access.isToken(token))
      return refuse(401, 'A client must send the token that the server printed, as "Authorization: Bearer TOKEN"; got none, or another.');
    if ((request.url ?? '/').split('?')[0] !== '/mcp') return refuse(404, 'MCP is served at /mcp.');
    try {
      const answer = await this.#handler.fetch(webRequest(request));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null) response.end();
      else
        Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0])
          .on('error', () => response.destroy())
          .pipe(response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(500, error instanceof Error ? error.message : String(error));
    }
  }
}

function webRequest(request: IncomingMessage): Request {
  const { method = 'GET', headers, url = '/' } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return new Request(`http://${headers.host ?? 'localhost'}${url}`, {
    method,
    headers: pairs,
    ...(hasBody ? { body: Readable.toWeb(request) as unknown as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
}
