/**
 * Progress on stderr, so that stdout holds results alone: a bar on a terminal, otherwise a plain line per quarter.
 * `CI` set to anything but 0 or false counts as no terminal.
 */
import { Presets, SingleBar } from 'cli-progress';
import { standUp } from './standing-bars.js';

export interface Progress {
  /** @param note a few words beside the bar. */
  update(done: number, note?: string): void;
  /** Ends it; the bar is left standing. */
  stop(): void;
}

/** Whether a person watches this stream. */
export function isInteractive(stream: { isTTY?: boolean }): boolean {
  const ci = process.env.CI;
  return stream.isTTY === true && (ci === undefined || ci === '' || ci === '0' || ci === 'false');
}

/** @param quiet no progress at all. */
export function createProgress(label: string, total: number, options: { quiet?: boolean } = {}): Progress {
  if (options.quiet === true || total <= 0) return { update: () => undefined, stop: () => undefined };
  return isInteractive(process.stderr) ? barProgress(label, total) : lineProgress(label, total);
}

function barProgress(label: string, total: number): Progress {
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `${label} {bar} {percentage} %  {value}/{total}  {note}`,
      hideCursor: true,
      clearOnComplete: false,
      barsize: 28,
    },
    Presets.rect,
  );
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note) => bar.update(done, note === undefined ? {} : { note }),
    stop: standUp(bar),
  };
}

function lineProgress(label: string, total: number): Progress {
  let quarters = 0;
  return {
    update(done, note) {
      const reached = Math.min(4, Math.floor((4 * done) / total));
      if (reached <= quarters) return;
      quarters = reached;
      process.stderr.write(`${label}: ${25 * reached} % (${done} of ${total}${note === undefined || note === '' ? '' : `, ${note}`})\n`);
    },
    stop: () => undefined,
  };
}
