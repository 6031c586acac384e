/** What is going on before the first tick, on stderr: a step that takes no time is not shown. */
import type { SetupProgress } from '@kinovox/physics';
import { createProgress, type Progress } from '../cli/progress.js';

/** A step of the setup that takes longer is shown. */
const SHOWN_AFTER_MS = 500;
const SETUP_LABELS = {
  kernels: 'compiling kernels (the driver keeps them for the next run)',
  levels: 'building levels',
} as const;

/** @param quiet nothing is shown. `stop` ends it for good, and may be called again. */
export function setupProgress(quiet: boolean): { update: SetupProgress; stop(): void } {
  let shown: { what: string; since: number; progress: Progress | undefined } | undefined;
  let stopped = false;
  const stop = () => shown?.progress?.stop();
  return {
    update(what, done, of) {
      if (quiet || stopped) return;
      if (shown?.what !== what) {
        stop();
        shown = { what, since: performance.now(), progress: undefined };
      }
      if (shown.progress === undefined && performance.now() - shown.since < SHOWN_AFTER_MS) return;
      shown.progress ??= createProgress(SETUP_LABELS[what], of);
      shown.progress.update(done);
    },
    stop() {
      if (!stopped) stop();
      stopped = true;
    },
  };
}
