/** `kinovox replay`: simulates recordings again and, with --verify, compares every tick's state hash. */

import { basename } from 'node:path';
import { type ReplayReport, replayRecording } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { recordingsOf } from '../run/run-output.js';

interface Checked extends ReplayReport {
  file: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Simulate recordings again; --verify compares the state hash of every tick.')
    .argument('<run folder>', 'folder that "kinovox run --out" wrote, or a .kvr file')
    .option('--verify', 'recompute and compare every hash; exit code 2 where one differs')
    .option('--row <n>', 'only this row', integerValue(0, 65_535))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox replay runs/bridge --verify
  $ kinovox replay runs/bridge/recordings/row-3.kvr --verify --json
A file that was altered or cut short is refused, with the byte and the tick of the place. A run that was killed
is replayed up to its last whole record. Under other rules a recording plays but cannot be verified.`,
    )
    .action(replay);
}

async function replay(folder: string, options: { verify?: true; row?: number; json?: true }): Promise<void> {
  const paths = recordingsOf(folder).filter((path) => options.row === undefined || basename(path) === `row-${options.row}.kvr`);
  if (paths.length === 0)
    throw new UsageError(
      'no-row',
      `--row must name a recorded row; got ${options.row} for "${folder}". Recorded: ${recordingsOf(folder)
        .map((path) => basename(path))
        .join(', ')}.`,
    );
  const progress = createProgress('replay', paths.length, { quiet: options.json === true || paths.length < 2 });
  const verify = options.verify === true;
  const reports: Checked[] = [];
  for (const path of paths) {
    reports.push({ file: path, ...(await replayRecording(path, { verify })) });
    progress.update(reports.length);
  }
  progress.stop();
  const ok = reports.every((report) => report.mismatch === undefined);
  const verified = verify && reports.every((report) => report.verified);
  if (options.json === true) printJson({ ok, verified, recordings: reports });
  else
    for (const report of reports)
      printLine(
        `${report.mismatch === undefined ? colors.green(report.verified ? 'verified' : 'played') : colors.red('differs')}  ${report.file}\n  ${report.sentence}`,
      );
  if (!ok) process.exitCode = EXIT.user;
  else if (verify && !verified && options.json !== true) process.stderr.write('Not everything could be verified; see above.\n');
}
