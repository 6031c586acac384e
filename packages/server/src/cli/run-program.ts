/**
 * Runs a command line: every failure becomes one message on stderr and an exit code.
 * Exit codes: 0 done, 2 the user must act, 1 a failure of ours, 130 interrupted.
 */
import { type Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf, failureMessage, usageMessage } from './failure.js';
import { takeDownBars } from './standing-bars.js';

/** @param args without node and script. @returns the exit code. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  leaveQuietlyOnClosedPipe();
  try {
    await program.parseAsync(args as string[], { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    takeDownBars();
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

/** Has a command and those below it throw instead of leaving: messages are written once, by `runProgram`. Help goes to stdout as usual. */
export function throwingCommand(command: Command): Command {
  for (const one of withDescendants(command)) one.exitOverride().configureOutput({ outputError: () => undefined });
  return command;
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

/** `kinovox ... | head` closes stdout early; that is no failure. */
function leaveQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
}
