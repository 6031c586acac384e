/** Options that `run`, `view` and `start` share, and the settings they give. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AsyncEngineName, ENGINE_NAMES } from '@kinovox/env';
import { SPLITS, type Split, UsageError } from '@kinovox/world';
import type { Command } from 'commander';
import { findScenario } from '../catalog.js';
import { choiceValue, integerValue, rowsValue } from '../cli/option-values.js';
import { policyNames, policyValue } from '../run/policy-driver.js';
import type { RunSettings } from '../run/run-settings.js';

export interface RunOptions {
  scenario?: string;
  worlds: number;
  seed: number;
  split: Split;
  policy: string;
  engine: AsyncEngineName;
  threads?: number;
  out?: string;
  record?: number[];
}

interface Defaults {
  scenario: string | undefined;
  worlds: number;
  policy: string;
  /** Engines to choose among; default those whose worlds lie in memory. */
  engines?: readonly AsyncEngineName[];
}

const MAX_SEED = 2 ** 52;

/** @param defaults without a scenario, --scenario must be given; `settingsOf` says so, after the other options were read. */
export function addRunOptions(command: Command, defaults: Defaults): Command {
  const { engines = ENGINE_NAMES } = defaults;
  return command
    .option('-s, --scenario <id or path>', 'shipped scenario by id, or a file; "kinovox scenarios" lists them', defaults.scenario)
    .option('-w, --worlds <n>', 'worlds in the batch, 1..65536', integerValue(1, 65_536), defaults.worlds)
    .option('--seed <n>', 'row r plays seed + r', integerValue(0, MAX_SEED), 0)
    .option('--split <name>', `levels to draw from: ${SPLITS.join(', ')}`, choiceValue(SPLITS), 'train')
    .option('-p, --policy <name>', `who acts: ${policyNames().join(', ')}`, policyValue, defaults.policy)
    .option('--engine <name>', `engine: ${engines.join(', ')}`, choiceValue(engines), 'auto')
    .option(
      '--threads <n>',
      'threads of --engine workers, this one included (default: all processors), or of rigid, beside this one (default: none)',
      integerValue(1, 256),
    )
    .option('--out <folder>', 'write results and recordings to a new folder')
    .option('--record <rows>', 'rows to record, such as 0,3,8-11, or none; needs --out (default: 0)', rowsValue);
}

/** @throws UsageError for a scenario that does not exist, and for rows that do not. */
export function settingsOf(options: RunOptions, commandName: string, out: string | undefined = options.out): RunSettings {
  const { scenario, worlds, seed, split, policy, engine, threads } = options;
  if (scenario === undefined)
    throw new UsageError(
      'no-scenario',
      `--scenario must name a shipped scenario or a file; got none. "kinovox scenarios" lists the shipped ones.`,
    );
  if (out === undefined && options.record !== undefined && options.record.length > 0) {
    throw new UsageError(
      'record-without-out',
      `--record must come with --out, the folder that the recordings go to; got --record ${options.record.join(',')} alone. Add --out runs/mine.`,
    );
  }
  const recordRows = out === undefined ? [] : (options.record ?? [0]);
  const beyond = recordRows.find((row) => row >= worlds);
  if (beyond !== undefined)
    throw new UsageError('record-row', `--record must name rows in 0..${worlds - 1}; got ${beyond}. Raise --worlds or leave the row out.`);
  return {
    scenarioPath: findScenario(scenario),
    numWorlds: worlds,
    seed,
    split,
    policy,
    engine,
    threads,
    out: out === undefined ? undefined : resolve(out),
    recordRows,
    command: ['kinovox', commandName, ...process.argv.slice(3)],
  };
}

/** A new folder name under `runs/` of the working folder: the scenario and the next free number. */
export function nextRunFolder(scenarioId: string): string {
  const runs = resolve('runs');
  mkdirSync(runs, { recursive: true });
  for (let n = 1; ; n++) {
    const folder = join(runs, `${scenarioId}-${n}`);
    try {
      // Making it claims the name against a run that starts at the same moment.
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new UsageError('runs-folder', `The working folder must be writable for runs/; got ${(error as Error).message}. Give --out.`, {
          cause: error,
        });
    }
  }
}
