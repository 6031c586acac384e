/**
 * Ctrl-C and SIGTERM: the first asks the command to end cleanly, a second one ends at once.
 * Commands look at `requested` between units of work, or wait for it.
 */
import { EXIT } from './failure.js';
import { takeDownBars } from './standing-bars.js';

export interface Interruption {
  readonly requested: boolean;
  /** Resolves at the first signal. */
  readonly signalled: Promise<void>;
  /** Stops listening. */
  dispose(): void;
}

export function listenForInterruption(): Interruption {
  let requested = false;
  let resolve: () => void = () => undefined;
  const signalled = new Promise<void>((done) => (resolve = done));
  const onSignal = () => {
    if (requested) {
      takeDownBars();
      process.exit(EXIT.interrupted);
    }
    requested = true;
    resolve();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    get requested() {
      return requested;
    },
    signalled,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** The process that started this one has ended, where it holds the other end of stdin. */
export function stdinEnded(): Promise<void> {
  return new Promise((resolve) =>
    process.stdin
      .once('end', resolve)
      .once('error', () => resolve())
      .resume(),
  );
}
