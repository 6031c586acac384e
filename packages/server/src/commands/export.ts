/** `kinovox export`: recordings as one table of agent-steps, for learners. */
import * as fs from 'node:fs';
import { agentSteps, columnsOf, parseColumns, readRecording, STEP_COLUMNS, type StepColumn } from '@kinovox/env';
import { Command } from 'commander';
import { integerValue } from '../cli/option-values.js';
import { formatCount, printFacts, printJson, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { createStepFile } from '../export/step-file.js';
import { recordingsOf } from '../run/run-output.js';

interface ExportOptions {
  out?: string;
  columns?: string[];
  row?: number;
  list?: true;
  json?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write recordings as a table with a row per agent and tick: JSON lines or Parquet.')
    .argument('<run folder>', 'folder that "kinovox run --out" wrote, or a .kvr file')
    .option('--out <file>', 'new file that ends in .jsonl or .parquet')
    .option('--columns <names>', 'columns with commas between; default: all that every recording has', (text) => text.split(','))
    .option('--row <n>', 'only this row', integerValue(0, 65_535))
    .option('--list', 'print the columns, and which of them the recordings have')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox export runs/bridge --list
  $ kinovox export runs/bridge --out bridge.parquet
  $ kinovox export runs/bridge --out bridge.jsonl --columns agent_id,tick,observation,action,reward
A column that a recording lacks ends the export with a message that names it.`,
    )
    .action(exportSteps);
}

async function exportSteps(folder: string, options: ExportOptions, command: Command): Promise<void> {
  const recordings = recordingsOf(folder)
    .map(readRecording)
    .filter(({ header }) => options.row === undefined || header.row === options.row);
  if (recordings.length === 0) command.error(`error: --row must name a recorded row; got ${options.row} for "${folder}".`);
  const present = recordings.map(columnsOf).reduce((all, own) => all.filter((name) => own.includes(name)));
  if (options.list === true) {
    const known = Object.keys(STEP_COLUMNS) as StepColumn[];
    if (options.json === true) return printJson({ columns: known, present, simulated: ['observation'] });
    printLine('Columns; those marked - are lacking here, ~ is simulated again:');
    printFacts(known.map((name) => [`${name === 'observation' ? '~' : present.includes(name) ? ' ' : '-'} ${name}`, STEP_COLUMNS[name]]));
    return;
  }
  if (options.out === undefined) command.error('error: export must have --out FILE, or --list; got neither.');
  const columns = options.columns === undefined ? present : parseColumns(options.columns);
  const file = createStepFile(options.out!, columns);
  const progress = createProgress('export', recordings.length, { quiet: options.json === true || recordings.length < 2 });
  let rows = 0;
  try {
    for (const [k, recording] of recordings.entries()) {
      for await (const step of agentSteps(recording, columns)) {
        file.add(step);
        rows++;
      }
      progress.update(k + 1);
    }
    file.close();
  } catch (error) {
    // Half a table would pass for a whole one.
    fs.rmSync(options.out!, { force: true });
    throw error;
  } finally {
    progress.stop();
  }
  if (options.json === true) printJson({ file: options.out, rows, columns, recordings: recordings.length });
  else
    printLine(`${formatCount(rows)} agent-steps with ${columns.length} columns of ${recordings.length} recordings are in ${options.out}`);
}
