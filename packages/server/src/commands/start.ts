/** `kinovox start`, which `npm start` runs: a run, its results, and the viewer on the batch as it goes on. */
import { rmdirSync } from 'node:fs';
import { Command } from 'commander';
import { EXIT } from '../cli/failure.js';
import { type Interruption, listenForInterruption } from '../cli/interruption.js';
import { integerValue } from '../cli/option-values.js';
import { formatRate, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { type LiveHost, startHost } from '../live/host.js';
import { printReport, type RunReport } from '../run/run-report.js';
import { runHeadless } from './run.js';
import { addRunOptions, nextRunFolder, type RunOptions, settingsOf } from './run-options.js';
import { serveUntilInterrupted } from './serve.js';
import { addServingOptions, type ServingOptions } from './view.js';

const DEFAULT_SCENARIO = 'bridge-gap-v1';
const DEFAULT_WORLDS = 32;
/** Two episodes of the default scenario; with building it takes well under a minute on two cores. */
const DEFAULT_TICKS = 600;

type StartOptions = RunOptions & ServingOptions & { ticks: number; serve: boolean };

export function startCommand(): Command {
  const command = new Command('start').description(
    'Run a shipped scenario, print the results, then serve the viewer on the running batch.',
  );
  addRunOptions(command, { scenario: DEFAULT_SCENARIO, worlds: DEFAULT_WORLDS, policy: 'scripted' });
  addServingOptions(command);
  return command
    .option('--ticks <n>', 'ticks of every world before the results', integerValue(1, 1_000_000_000), DEFAULT_TICKS)
    .option('--no-serve', 'end after the results')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox start
  $ kinovox start --scenario tag-v1 --no-serve
Results go to a new folder under runs/; --out chooses another.`,
    )
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const interruption = listenForInterruption();
  // The scenario is looked up before a folder is made for its results.
  const { scenarioPath } = settingsOf(options, 'start', undefined);
  const out = options.out ?? nextRunFolder(scenarioName(scenarioPath));
  const settings = { ...settingsOf(options, 'start', out), scenarioPath };
  printLine(`${scenarioName(scenarioPath)}: ${options.worlds} worlds, ${options.ticks} ticks each, policy ${options.policy}.`);
  if (!options.serve) {
    const { ticks } = options;
    // The folder was made to claim its name.
    const onAbandoned = options.out === undefined ? () => rmdirSync(out) : undefined;
    await runHeadless(settings, { ticks, json: false, rowHashes: false, onAbandoned }, interruption);
    return;
  }
  await runAndServe(options, settings, interruption);
}

/** The batch runs in its thread from the beginning, so that what is served is the batch that was measured. */
async function runAndServe(options: StartOptions, settings: ReturnType<typeof settingsOf>, interruption: Interruption): Promise<void> {
  const { ticks, host, port, speed } = options;
  const progress = createProgress(scenarioName(settings.scenarioPath), ticks);
  let resolve: (report: RunReport) => void = () => undefined;
  const reported = new Promise<RunReport>((done) => (resolve = done));
  let live: LiveHost;
  let report: RunReport | undefined;
  try {
    live = await startHost({
      source: { batch: { settings, headlessTicks: ticks, ticksPerSecond: speed, maxTicks: 0 } },
      host,
      port,
      onProgress: (done, rate) => progress.update(done, `${formatRate(rate)} agent-steps/s`),
      onReport: (report) => resolve(report),
    });
    report = (await Promise.race([reported, interruption.signalled, live.failed])) ?? undefined;
  } finally {
    progress.stop();
  }
  if (report === undefined) {
    const directory = await live.close();
    process.stderr.write(`Interrupted. The results so far are in ${directory}\n`);
    process.exitCode = EXIT.interrupted;
    return;
  }
  printReport(report);
  await serveUntilInterrupted(live, interruption, {
    json: false,
    what: `The batch goes on, ${speed === 0 ? 'as fast as it can' : `${speed} ticks/s`}; watch it:`,
  });
}

function scenarioName(path: string): string {
  return path
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.scenario\.json$/, '');
}
