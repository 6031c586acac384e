/** `kinovox model-server`: a model that is a few rules, behind the HTTP interface of real ones, to try language agents without a key. */
import { UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { listenForInterruption } from '../cli/interruption.js';
import { integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';
import { Access } from '../live/access.js';
import { startModelServer } from '../model-server/model-server.js';

interface ModelServerCommandOptions {
  host: string;
  port: number;
  delayMs: number;
  apiKeyEnv?: string;
  json?: true;
}

export function modelServerCommand(): Command {
  return new Command('model-server')
    .description('Serve a model that is a few rules, as chat completions and as messages, to try language agents without a key.')
    .option('--rules', 'answer by rules over the text of the prompt: the default, and all there is')
    .option('--host <address>', 'address to listen at; other than loopback, calls need a key', '127.0.0.1')
    .option('--port <n>', 'port; 0 takes any that is free', integerValue(0, 65_535), 8077)
    .option('--delay-ms <n>', 'time before each answer, as if a model thought', integerValue(0, 600_000), 0)
    .option(
      '--api-key-env <name>',
      'environment variable that holds the key which calls must bring; default: none on loopback, a drawn one elsewhere',
    )
    .option('--json', 'print one JSON object with the address')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox model-server
  $ kinovox run --scenario bridge-gap-v1 --ticks 1200 --policy llm:examples/profiles/local-server.json
It goes to open goals, bridges gaps that it is told of, and otherwise waits. docs/language-agents.md has more.`,
    )
    .action(serveModel);
}

async function serveModel({ host, port, delayMs, apiKeyEnv, json }: ModelServerCommandOptions): Promise<void> {
  const key = apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv];
  if (apiKeyEnv !== undefined && (key ?? '') === '')
    throw new UsageError('no-key', `The environment variable ${apiKeyEnv} must hold the key that calls must bring; got none. Set it.`);
  const { isLoopback, token } = new Access(host);
  const drawn = key === undefined && !isLoopback ? token : undefined;
  const interruption = listenForInterruption();
  const server = await startModelServer({ host, port, delayMs, key: key ?? drawn });
  if (json === true) printJson({ url: server.url, origin: server.origin, model: 'rules', key: drawn ?? null });
  else {
    printLine(`  chat completions  ${server.url}/chat/completions`);
    printLine(`  messages          ${server.origin}/v1/messages`);
    if (drawn !== undefined) printLine(`  key               ${drawn}`);
    printLine('  The model is "rules". Ctrl-C ends it.');
  }
  await interruption.signalled;
  await server.close();
  interruption.dispose();
  if (json !== true) printLine(`  ${server.calls} calls were answered.`);
}
