/** What `start` and `view` do once there is something to watch: print the URL, wait for Ctrl-C, end cleanly. */
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import type { Interruption } from '../cli/interruption.js';
import { printJson, printLine } from '../cli/print.js';
import type { LiveHost } from '../live/host.js';

export interface ServeOptions {
  json: boolean;
  /** First line: what is shown. */
  what: string;
}

/** @returns when the user ends it; rejects when a thread of the host fails. */
export async function serveUntilInterrupted(host: LiveHost, interruption: Interruption, { json, what }: ServeOptions): Promise<void> {
  if (json)
    printJson({
      url: host.url,
      controlUrl: host.controlUrl,
      token: host.access.token,
      scenario: host.source.scenario.id,
      worlds: host.source.numWorlds,
      mode: host.source.mode,
    });
  else {
    printLine();
    printLine(`${what}`);
    printLine(`  watch     ${colors.cyan(host.url)}`);
    printLine(`  control   ${colors.cyan(host.controlUrl)}  ${colors.dim('(pause, step, speed: keep the token to yourself)')}`);
    printLine(colors.dim('  Ctrl-C ends it.'));
  }
  await Promise.race([interruption.signalled, host.failed]);
  const directory = await host.close();
  if (!json) process.stderr.write(directory === undefined ? 'Stopped.\n' : `Stopped. The results are in ${directory}\n`);
  process.exitCode = EXIT.done;
}
