/** `kinovox view`: serves the viewer on a live batch or on the recordings of a run. */

import { UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { listenForInterruption } from '../cli/interruption.js';
import { integerValue, speedValue } from '../cli/option-values.js';
import { startHost } from '../live/host.js';
import { recordingsOf } from '../run/run-output.js';
import { addRunOptions, type RunOptions, settingsOf } from './run-options.js';
import { serveUntilInterrupted } from './serve.js';

export interface ServingOptions {
  host: string;
  port: number;
  speed: number;
}

/** Options of everything that serves. */
export function addServingOptions(command: Command): Command {
  return command
    .option('--port <n>', 'port to listen on; 0 picks a free one', integerValue(0, 65_535), 4747)
    .option('--host <address>', 'address to bind; other than loopback, watching needs the token as well', '127.0.0.1')
    .option('--speed <ticks/s>', 'ticks per second and world of a live batch, or max', speedValue, 20);
}

const DEFAULT_WORLDS = 16;

export function viewCommand(): Command {
  const command = new Command('view')
    .description('Serve the viewer on a live batch or on the recordings of a run.')
    .argument('[run folder]', 'folder that "kinovox run --out" wrote, or a .kvr file');
  addRunOptions(command, { scenario: undefined, worlds: DEFAULT_WORLDS, policy: 'scripted' });
  addServingOptions(command);
  return command
    .option('--ticks <n>', 'stop the batch after so many ticks and let it stand', integerValue(1, 1_000_000_000))
    .option('--json', 'print one JSON object with the URL, then serve')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox view --scenario plates-and-door-v1          sixteen live worlds at 20 ticks/s
  $ kinovox view --scenario tag-v1 --worlds 256 --speed max
  $ kinovox view runs/bridge-gap-v1-1                   scrub through recorded rows
Watching is open on this machine. Pausing, stepping and speed need the token in the printed control URL;
they fork the row that you watch into a world of its own, and the batch goes on.`,
    )
    .action(view);
}

async function view(folder: string | undefined, options: RunOptions & ServingOptions & { ticks?: number; json?: true }): Promise<void> {
  const { host, port, speed } = options;
  if ((folder === undefined) === (options.scenario === undefined)) {
    throw new UsageError(
      'view-what',
      `"kinovox view" must get a run folder or --scenario; got ${folder === undefined ? 'neither' : 'both'}. See "kinovox view --help".`,
    );
  }
  const interruption = listenForInterruption();
  const json = options.json === true;
  if (folder !== undefined) {
    const recordings = recordingsOf(folder);
    const live = await startHost({ source: { recordings }, host, port });
    await serveUntilInterrupted(live, interruption, {
      json,
      what: `Showing ${recordings.length} ${recordings.length === 1 ? 'recording' : 'recordings'} of ${live.source.scenario.id}.`,
    });
    return;
  }
  const settings = settingsOf(options, 'view');
  const live = await startHost({
    source: { batch: { settings, headlessTicks: 0, ticksPerSecond: speed, maxTicks: options.ticks ?? 0 } },
    host,
    port,
  });
  await serveUntilInterrupted(live, interruption, {
    json,
    what: `Showing ${settings.numWorlds} live worlds of ${live.source.scenario.id}, ${speed === 0 ? 'as fast as they go' : `${speed} ticks/s`}.`,
  });
}
