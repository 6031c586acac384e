/**
 * The `kinovox` command: its subcommands, its help, and how it ends.
 * Exit codes: 0 done, 2 the user must act, 1 a failure of ours, 130 interrupted.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { serveCommand } from '../commands/batch-serve.js';
import { benchCommand } from '../commands/bench.js';
import { evalCommand } from '../commands/eval.js';
import { renderCommand } from '../commands/render.js';
import { replayCommand } from '../commands/replay.js';
import { runCommand } from '../commands/run.js';
import { scenariosCommand } from '../commands/scenarios.js';
import { startCommand } from '../commands/start.js';
import { validateCommand } from '../commands/validate.js';
import { viewCommand } from '../commands/view.js';
import { EXIT, exitCodeOf, failureMessage, usageMessage } from './failure.js';

/** Runs one command line (without node and script). @returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  leaveQuietlyOnClosedPipe();
  try {
    await createProgram().parseAsync(args as string[], { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      // A command line without a command has printed the help.
      if (error.code !== 'commander.help') process.stderr.write(`${usageMessage(error, args)}\n`);
      return EXIT.user;
    }
    process.stderr.write(`${failureMessage(error)}\n`);
    return exitCodeOf(error);
  }
}

/** The command tree. */
export function createProgram(): Command {
  const program = new Command('kinovox');
  program
    .description('Voxel worlds that many embodied agents share: step them by the thousand, watch them, replay them.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', INTRODUCTION);
  for (const command of [
    startCommand(),
    runCommand(),
    viewCommand(),
    replayCommand(),
    renderCommand(),
    validateCommand(),
    scenariosCommand(),
    evalCommand(),
    benchCommand(),
    serveCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of withDescendants(program)) {
    // Messages are written once, by runCommandLine; help goes to stdout as usual.
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return program;
}

const INTRODUCTION = `
First steps:
  $ kinovox start                                        a run, its results, and the viewer on it
  $ kinovox scenarios                                    what there is to run
  $ kinovox run --scenario bridge-gap-v1 --worlds 256    headless; prints the results
  $ kinovox view --scenario tag-v1                       watch worlds live in a browser
  $ kinovox validate my.scenario.json                    check a scenario of your own

"kinovox help run" explains a command. docs/command-line.md has all of it.`;

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** `kinovox ... | head` closes stdout early; that is no failure. */
function leaveQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
}
