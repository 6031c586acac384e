/** `kinovox run`: steps a batch of worlds headless and prints the results. */
import { relative } from 'node:path';
import { ASYNC_ENGINE_NAMES } from '@kinovox/env';
import type { SetupProgress } from '@kinovox/physics';
import { Command } from 'commander';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { type Interruption, listenForInterruption } from '../cli/interruption.js';
import { integerValue } from '../cli/option-values.js';
import { formatRate, printJson, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { chooseRunEngine, createDeviceRun, type DeviceRun } from '../run/device-run.js';
import { asksModel } from '../run/language-agents.js';
import { describePolicies } from '../run/policy-driver.js';
import { printReport } from '../run/run-report.js';
import { createRunSession, type RunSession } from '../run/run-session.js';
import type { RunSettings } from '../run/run-settings.js';
import { setupProgress } from '../run/setup-progress.js';
import { addRunOptions, type RunOptions, settingsOf } from './run-options.js';

/** Time between looks at signals. */
const SLICE_MS = 20;

export function runCommand(): Command {
  const command = new Command('run').description('Step a batch of worlds headless and print the results.');
  addRunOptions(command, { scenario: undefined, worlds: 64, policy: 'scripted', engines: ASYNC_ENGINE_NAMES });
  return command
    .option('--ticks <n>', 'ticks of every world (20 per simulated second)', integerValue(1, 1_000_000_000), 1000)
    .option('--row-hashes', 'add the state hash of every row to the JSON')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Policies:
${describePolicies()}

Examples:
  $ kinovox run --scenario reach-maze-v1 --worlds 256
  $ kinovox run --scenario bridge-gap-v1 --split test --seed 7 --out runs/bridge --record 0-3
  $ kinovox run --scenario ./my.scenario.json --policy random --ticks 256 --json --row-hashes
A policy llm:FILE plays one world unless --worlds is given.
The same scenario, seed, split and policy give the same row hashes at any --worlds.
Next: "kinovox view runs/bridge" shows the recorded rows, "kinovox replay runs/bridge --verify" checks them.`,
    )
    .action(runBatch);
}

async function runBatch(given: RunOptions & { ticks: number; rowHashes?: true; json?: true }, command: Command): Promise<void> {
  // Calls of models cost money: many worlds only where somebody has asked for them.
  const options = asksModel(given.policy) && command.getOptionValueSource('worlds') === 'default' ? { ...given, worlds: 1 } : given;
  await runHeadless(
    settingsOf(options, 'run'),
    { ticks: options.ticks, json: options.json === true, rowHashes: options.rowHashes === true },
    listenForInterruption(),
  );
}

interface HeadlessOptions {
  ticks: number;
  json: boolean;
  rowHashes: boolean;
  /** Called when a signal ends the run before its first tick: nothing was written. */
  onAbandoned?: () => void;
}

/** Runs in this thread, looking at signals between slices; prints the report and sets the exit code. */
export async function runHeadless(
  settings: RunSettings,
  { ticks, json, rowHashes, onAbandoned }: HeadlessOptions,
  interruption: Interruption,
): Promise<void> {
  const session = await setUp(settings, json, interruption, onAbandoned);
  const progress = createProgress(session.env.compiled.program.id, ticks, { quiet: json });
  const show = () => progress.update(session.ticks, `${formatRate(session.agentStepsPerSecond)} agent-steps/s`);
  try {
    while (!interruption.requested && !(await session.stepSlice(ticks, SLICE_MS))) {
      show();
      await new Promise(setImmediate);
    }
    show();
  } finally {
    progress.stop();
  }
  const report = await session.report(session.ticks >= ticks ? 'finished' : 'interrupted', { rowHashes });
  session.close(report);
  interruption.dispose();
  if (json) printJson(report);
  else printReport(report);
  if (report.status === 'interrupted') {
    process.stderr.write(
      `Interrupted after ${report.ticks} of ${ticks} ticks. ${report.directory === undefined ? 'Nothing was written; --out keeps results.' : `The results so far are in ${report.directory}`}\n`,
    );
    process.exitCode = EXIT.interrupted;
  } else if (report.directory !== undefined && !json) printLine(colors.dim(`  next: npx kinovox view ${shortPath(report.directory)}`));
}

/** The session, made under a bar that is taken down however it ends: one left standing hides the cursor and keeps the process alive. */
async function setUp(
  settings: RunSettings,
  quiet: boolean,
  interruption: Interruption,
  onAbandoned: (() => void) | undefined,
): Promise<RunSession | DeviceRun> {
  const setup = setupProgress(quiet);
  try {
    return await unlessInterrupted(createSession(settings, setup.update), interruption, () => {
      setup.stop();
      onAbandoned?.();
    });
  } finally {
    setup.stop();
  }
}

async function createSession(settings: RunSettings, onProgress: SetupProgress): Promise<RunSession | DeviceRun> {
  const choice = await chooseRunEngine(settings);
  return choice.name === 'webgpu'
    ? createDeviceRun(settings, choice.reason, onProgress)
    : createRunSession({ ...settings, engine: choice.name }, choice.reason, onProgress);
}

/** What is being made, unless a signal comes first: that ends the process, since nothing is half written before the run folder is opened, the last step of all. */
async function unlessInterrupted<T extends object>(making: Promise<T>, { signalled }: Interruption, onAbandoned: () => void): Promise<T> {
  const made = await Promise.race([making, signalled]);
  if (made !== undefined) return made;
  onAbandoned();
  process.stderr.write('Interrupted before the first tick; nothing was written.\n');
  return process.exit(EXIT.interrupted);
}

/** The path as one would type it here: relative where that is shorter. */
function shortPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.length < path.length ? here : path;
}
