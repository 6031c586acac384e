/** `kinovox mcp`: worlds as tools of the Model Context Protocol, over stdio or HTTP. */
import { UsageError } from '@kinovox/world';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { Command } from 'commander';
import { findScenario, shippedIds } from '../catalog.js';
import { EXIT } from '../cli/failure.js';
import { listenForInterruption } from '../cli/interruption.js';
import { integerValue } from '../cli/option-values.js';
import { packageVersion } from '../cli/package-version.js';
import { printJson, printLine } from '../cli/print.js';
import { McpHttpServer } from '../mcp/mcp-http.js';
import { registerTools } from '../mcp/tools.js';
import { McpWorlds } from '../mcp/worlds.js';

const DEFAULT_PORT = 8765;
const INSTRUCTIONS =
  'Voxel worlds that agents share. createWorld gives a worldId and the ids of its agents; every other tool takes both. The world waits between calls; a call lasts until it has ended, and refusals say why in a sentence with numbers. Places are x y z in metres, y up.';

interface McpCommandOptions {
  http?: true;
  port: number;
  host: string;
  token?: string;
  idleTimeout: number;
  json?: true;
}

export function mcpCommand(): Command {
  return new Command('mcp')
    .description('Serve worlds as tools of the Model Context Protocol: over stdio, or with --http over HTTP.')
    .option('--http', 'serve over HTTP at /mcp')
    .option('--port <n>', 'with --http: port to listen on; 0 picks a free one', integerValue(0, 65_535), DEFAULT_PORT)
    .option('--host <address>', 'with --http: address to bind; other than loopback, clients need the token', '127.0.0.1')
    .option('--token <secret>', 'with --http: token that clients must send; drawn when the server is not on loopback')
    .option('--idle-timeout <seconds>', 'free worlds that nobody called for so long; 0: never', integerValue(0, 1_000_000), 3600)
    .option('--json', 'with --http: print one JSON object with the URL, then serve')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox mcp                 for a client that starts it: {"command": "npx", "args": ["kinovox", "mcp"]}
  $ kinovox mcp --http          http://127.0.0.1:${DEFAULT_PORT}/mcp
docs/mcp.md lists the tools.`,
    )
    .action(serve);
}

async function serve({ http, port, host, token, idleTimeout, json }: McpCommandOptions): Promise<void> {
  if (http !== true) return serveOverStdio(1000 * idleTimeout);
  const interruption = listenForInterruption();
  const worlds = new McpWorlds((name) => {
    if (!server.access.isLoopback && !shippedIds().includes(name))
      throw new UsageError('scenario', `A scenario must be a shipped one on a server beyond loopback; got "${name.slice(0, 100)}".`);
    return findScenario(name, 'scenario');
  }, 1000 * idleTimeout);
  const server = new McpHttpServer(() => createMcpServer(worlds), host, token);
  await server.listen(port);
  if (json === true) printJson({ url: server.url, token: server.token ?? null });
  else {
    printLine(`Serving MCP at ${server.url}.`);
    if (server.token !== undefined) printLine(`  token  ${server.token}`);
    printLine('  Ctrl-C ends it.');
  }
  await interruption.signalled;
  await server.close();
  worlds.close();
  process.exitCode = EXIT.done;
}

/** stdout belongs to the protocol. The process ends when its stdin does. */
function serveOverStdio(idleTimeoutMs: number): void {
  const worlds = new McpWorlds((name) => findScenario(name, 'scenario'), idleTimeoutMs);
  serveStdio(() => createMcpServer(worlds));
}

/** A server per connection or request; the worlds are common to all. */
function createMcpServer(worlds: McpWorlds): McpServer {
  const server = new McpServer({ name: 'kinovox', version: packageVersion() }, { instructions: INSTRUCTIONS });
  registerTools(server, worlds);
  return server;
}
