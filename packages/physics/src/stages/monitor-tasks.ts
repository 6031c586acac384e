/** The monitor stage: remembers where every root stood, then evaluates the task formulas of each world. */
import { nodeProgress, nodeStatus } from '../monitor/program.js';
import { runMonitors } from '../monitor/run-monitor.js';
import type { TickContext } from './context.js';

/** Monitors of worlds [w0, w1). */
export function monitorTasks(c: TickContext, w0: number, w1: number): void {
  const { state, program } = c;
  const { roots } = program.monitor;
  for (let w = w0; w < w1; w++) {
    for (let r = 0; r < roots.length; r++) {
      c.lastStatus[w * roots.length + r] = nodeStatus(state, program.monitor, w, roots[r]);
      c.lastProgress[w * roots.length + r] = nodeProgress(state, program.monitor, w, roots[r]);
    }
    runMonitors(state, c.buffers, program, w, c.outputs);
  }
}
