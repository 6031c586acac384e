/** Entry of the server that the Python wheel carries: the command `serve` alone, so that the wheel holds what it needs and no more. */
import { Command } from 'commander';
import { runProgram, throwingCommand } from './cli/run-program.js';
import { serveCommand } from './commands/batch-serve.js';

const program = throwingCommand(new Command('kinovox').addCommand(serveCommand()));
process.exitCode = await runProgram(program, process.argv.slice(2));
