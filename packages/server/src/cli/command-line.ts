/**
 * The `kinovox` command: its subcommands, its help, and how it ends.
 * Exit codes: 0 done, 2 the user must act, 1 a failure of ours, 130 interrupted.
 */
import { Command } from 'commander';
import { serveCommand } from '../commands/batch-serve.js';
import { benchCommand } from '../commands/bench.js';
import { checkCommand } from '../commands/check.js';
import { compareCommand } from '../commands/compare.js';
import { evalCommand } from '../commands/eval.js';
import { exportCommand } from '../commands/export.js';
import { mcpCommand } from '../commands/mcp.js';
import { modelServerCommand } from '../commands/model-server.js';
import { openenvCommand } from '../commands/openenv.js';
import { planCommand } from '../commands/plan.js';
import { quantiseCommand } from '../commands/quantise.js';
import { renderCommand } from '../commands/render.js';
import { replayCommand } from '../commands/replay.js';
import { runCommand } from '../commands/run.js';
import { scenariosCommand } from '../commands/scenarios.js';
import { startCommand } from '../commands/start.js';
import { validateCommand } from '../commands/validate.js';
import { viewCommand } from '../commands/view.js';
import { packageVersion } from './package-version.js';
import { runProgram, throwingCommand } from './run-program.js';

/** Runs one command line (without node and script). @returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  return runProgram(createProgram(), args);
}

/** The command tree. */
export function createProgram(): Command {
  const program = new Command('kinovox');
  program
    .description('Voxel worlds that many embodied agents share: step them by the thousand, watch them, replay them.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', INTRODUCTION);
  for (const command of [
    startCommand(),
    runCommand(),
    viewCommand(),
    replayCommand(),
    exportCommand(),
    renderCommand(),
    validateCommand(),
    checkCommand(),
    scenariosCommand(),
    compareCommand(),
    evalCommand(),
    quantiseCommand(),
    planCommand(),
    benchCommand(),
    serveCommand(),
    modelServerCommand(),
    openenvCommand(),
    mcpCommand(),
  ]) {
    program.addCommand(command);
  }
  return throwingCommand(program);
}

const INTRODUCTION = `
First steps:
  $ kinovox start                                        a run, its results, and the viewer on it
  $ kinovox scenarios                                    what there is to run
  $ kinovox run --scenario bridge-gap-v1 --worlds 256    headless; prints the results
  $ kinovox view --scenario tag-v1                       watch worlds live in a browser
  $ kinovox validate my.scenario.json                    check a scenario of your own

"kinovox help run" explains a command. docs/command-line.md has all of it.`;
