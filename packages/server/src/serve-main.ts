/** Entry of the server that the Python wheel carries: the commands `serve` and `openenv` alone, so that the wheel holds what it needs and no more. */
import { Command } from 'commander';
import { runProgram, throwingCommand } from './cli/run-program.js';
import { serveCommand } from './commands/batch-serve.js';
import { openenvCommand } from './commands/openenv.js';

const program = throwingCommand(new Command('kinovox').addCommand(serveCommand()).addCommand(openenvCommand()));
process.exitCode = await runProgram(program, process.argv.slice(2));
