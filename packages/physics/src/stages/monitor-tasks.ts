/** The monitor stage: remembers where every root stood, then evaluates the task formulas of each world and says which achievements are satisfied. */
import { NODE_STATUS, nodeProgress, nodeStatus } from '../monitor/program.js';
import { runMonitors } from '../monitor/run-monitor.js';
import { enterWorld, type TickContext } from './context.js';

/** Monitors of worlds [w0, w1). */
export function monitorTasks(c: TickContext, w0: number, w1: number): void {
  const { state, program } = c;
  const { achievements, roots } = program.monitor;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    for (let r = 0; r < roots.length; r++) {
      c.lastStatus[w * roots.length + r] = nodeStatus(state, program.monitor, w, roots[r]);
      c.lastProgress[w * roots.length + r] = nodeProgress(state, program.monitor, w, roots[r]);
    }
    runMonitors(state, c.buffers, program, w, c.outputs);
    for (let g = 0; g < achievements.length; g++)
      c.outputs.achieved[w * achievements.length + g] =
        nodeStatus(state, program.monitor, w, achievements[g]) === NODE_STATUS.satisfied ? 1 : 0;
  }
}
