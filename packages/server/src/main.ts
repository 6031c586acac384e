/** Entry of the `kinovox` command: runs it and leaves with its exit code. */
import { runCommandLine } from './cli/command-line.js';

process.exitCode = await runCommandLine(process.argv.slice(2));
