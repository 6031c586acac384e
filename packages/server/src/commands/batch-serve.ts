/** `kinovox serve`: batches for training processes, over WebSocket. */
import { DEFAULT_BATCH_PORT } from '@kinovox/world';
import { Command, InvalidArgumentError } from 'commander';
import { BatchServer } from '../batch-serve/batch-server.js';
import { EXIT } from '../cli/failure.js';
import { listenForInterruption, stdinEnded } from '../cli/interruption.js';
import { integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';

/** Seeds between the first ones of two shards: more than a batch has worlds. */
const SHARD_SEEDS = 2 ** 20;

interface ServeCommandOptions {
  host: string;
  port: number;
  seed: number;
  shard: { index: number; of: number };
  token?: string;
  maxClients: number;
  maxWorlds: number;
  untilStdinEnds?: true;
  json?: true;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve batches of any scenario to training processes (Python) over WebSocket.')
    .option('--port <n>', 'port to listen on; 0 picks a free one', integerValue(0, 65_535), DEFAULT_BATCH_PORT)
    .option('--host <address>', 'address to bind; other than loopback, clients need the token', '127.0.0.1')
    .option('--seed <n>', 'first seed of batches whose client gives none', integerValue(0, 2 ** 40), 0)
    .option('--shard <i/n>', 'this server is number i (from 0) of n: its seeds are its own', shardValue, { index: 0, of: 1 })
    .option('--token <secret>', 'token that clients must send; drawn when the server is not on loopback')
    .option('--max-clients <n>', 'clients at once', integerValue(1, 1024), 32)
    .option('--max-worlds <n>', 'worlds of all clients together', integerValue(1, 1_000_000), 65_536)
    .option('--until-stdin-ends', 'end with the process that started the server, however that ends')
    .option('--json', 'print one JSON object with the URL, then serve')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox serve                       for Python on this machine; kinovox.launch() does it for you
  $ kinovox serve --shard 1/4 --seed 7  one of four servers, each with seeds of its own
/healthz and /metrics (Prometheus) are on the same port. SIGTERM ends it cleanly. docs/python.md has the client.`,
    )
    .action(serve);
}

async function serve(options: ServeCommandOptions): Promise<void> {
  const { host, port, seed, shard, token, maxClients, maxWorlds } = options;
  const interruption = listenForInterruption();
  const server = new BatchServer({ host, port, seed: seed + shard.index * SHARD_SEEDS, token, maxClients, maxWorlds });
  await server.listen();
  if (options.json === true) printJson({ url: server.url, token: server.token ?? null, shard: `${shard.index}/${shard.of}` });
  else {
    printLine(`Serving batches at ${server.url}.`);
    if (server.token !== undefined) printLine(`  token  ${server.token}`);
    printLine('  Ctrl-C ends it.');
  }
  await Promise.race([interruption.signalled, ...(options.untilStdinEnds === true ? [stdinEnded()] : [])]);
  await server.close();
  // An open pipe would keep the process.
  if (options.untilStdinEnds === true) process.stdin.destroy();
  process.exitCode = EXIT.done;
}

function shardValue(text: string): { index: number; of: number } {
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index >= of) throw new InvalidArgumentError('It must be i/n with i from 0 to n - 1, such as 0/4.');
  return { index, of };
}
