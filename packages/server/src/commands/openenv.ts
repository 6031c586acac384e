/** `kinovox openenv`: a scenario as an environment of the OpenEnv contract, for trainers of language models. */
import { ACTION_LEVELS, type ActionLevel, FEEDBACKS, type Feedback } from '@kinovox/agents';
import { SPLITS, type Split } from '@kinovox/world';
import { Command } from 'commander';
import { findScenario } from '../catalog.js';
import { EXIT } from '../cli/failure.js';
import { listenForInterruption, stdinEnded } from '../cli/interruption.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { packageVersion } from '../cli/package-version.js';
import { printJson, printLine } from '../cli/print.js';
import { OpenEnvServer } from '../openenv/openenv-server.js';

/** Where OpenEnv's own servers listen. */
const DEFAULT_PORT = 8000;

interface OpenEnvCommandOptions {
  scenario: string;
  host: string;
  port: number;
  seed: number;
  split: Split;
  levels?: ActionLevel[];
  verbs?: string[];
  feedback: Feedback;
  agents?: string[];
  others: string;
  maxSessions: number;
  maxRate: number;
  idleTimeout: number;
  token?: string;
  untilStdinEnds?: true;
  json?: true;
}

export function openenvCommand(): Command {
  return new Command('openenv')
    .description('Serve a scenario by the OpenEnv contract (HTTP and WebSocket) to trainers of language models.')
    .requiredOption('--scenario <id-or-file>', 'scenario to serve')
    .option('--port <n>', 'port to listen on; 0 picks a free one', integerValue(0, 65_535), DEFAULT_PORT)
    .option('--host <address>', 'address to bind; other than loopback, clients need the token', '127.0.0.1')
    .option('--max-sessions <n>', 'environments at once', integerValue(1, 65_536), 1024)
    .option('--agents <ids...>', 'agents that a client plays that names none, or all (default: the first of the scenario)')
    .option('--others <policy>', 'policy of the agents that a client does not play', 'scripted')
    .option('--levels <levels...>', `levels whose verbs can be called: ${ACTION_LEVELS.join(', ')} (default: all)`, levelValue)
    .option('--verbs <names...>', 'the only verbs of these levels that can be called (default: all)')
    .option(
      '--feedback <kind>',
      'what clients are told of calls that cannot be done: full, or blind: that they were refused, and no more',
      choiceValue(FEEDBACKS),
      'full' as Feedback,
    )
    .option('--seed <n>', 'session n without a seed of its own begins with this seed + n', integerValue(0, 2 ** 40), 0)
    .option('--split <name>', 'levels to play', choiceValue(SPLITS), 'train' as Split)
    .option('--max-rate <n>', 'messages per second of a session, in the long run', integerValue(1, 1_000_000), 2000)
    .option('--idle-timeout <seconds>', 'end sessions that send nothing for so long; 0: never', integerValue(0, 1_000_000), 3600)
    .option('--token <secret>', 'token that clients must send; drawn when the server is not on loopback')
    .option('--until-stdin-ends', 'end with the process that started the server, however that ends')
    .option('--json', 'print one JSON object with the URL, then serve')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox openenv --scenario bridge-gap-v1                     ws://127.0.0.1:8000/ws for OpenEnv clients
  $ kinovox openenv --scenario plates-and-door-v1 --agents all   one client plays the whole team
  $ kinovox openenv --scenario parkour-v1 --levels waypoint      places and times only, no skills
docs/openenv.md has the messages. SIGTERM ends it cleanly.`,
    )
    .action(serve);
}

async function serve({ scenario, agents, levels, idleTimeout, json, ...options }: OpenEnvCommandOptions): Promise<void> {
  const interruption = listenForInterruption();
  const server = new OpenEnvServer({
    ...options,
    scenario: findScenario(scenario),
    levels: levels ?? ACTION_LEVELS,
    agents: agents?.length === 1 && agents[0] === 'all' ? 'all' : agents,
    idleTimeoutMs: 1000 * idleTimeout,
    version: packageVersion(),
  });
  await server.listen();
  const { url, token, metadata } = server;
  if (json === true) printJson({ url, token: token ?? null, scenario: metadata.name, agents: server.agents });
  else {
    printLine(`Serving ${metadata.name} by the OpenEnv contract at ${url}.`);
    if (token !== undefined) printLine(`  token  ${token}`);
    printLine(`  A client plays ${server.agents.join(', ')}; ${options.others} plays the others. Ctrl-C ends it.`);
  }
  await Promise.race([interruption.signalled, ...(options.untilStdinEnds === true ? [stdinEnded()] : [])]);
  await server.close();
  // An open pipe would keep the process.
  if (options.untilStdinEnds === true) process.stdin.destroy();
  process.exitCode = EXIT.done;
}

function levelValue(text: string, before: ActionLevel[] = []): ActionLevel[] {
  return [...before, choiceValue(ACTION_LEVELS)(text)];
}
