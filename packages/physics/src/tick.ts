/**
 * The tick: every stage by name, in the one order that all engines follow. Each stage handles worlds [w0, w1) and reads what the stages before it wrote.
 */

import { accelerateWalkers } from './stages/accelerate.js';
import { beginTick, clearLists } from './stages/begin-tick.js';
import type { TickContext } from './stages/context.js';
import { applyDamage } from './stages/health.js';
import { interact } from './stages/interact.js';
import { runMechanisms } from './stages/mechanisms.js';
import { routeMessages } from './stages/messages.js';
import { moveMobs } from './stages/mobs/mobs.js';
import { monitorTasks } from './stages/monitor-tasks.js';
import { pushWalkers } from './stages/push.js';
import { score } from './stages/score.js';
import { settleAll } from './stages/survival/falling.js';
import { useHands } from './stages/survival/hands.js';
import { survive } from './stages/survival/survive.js';
import { sweepWalkers } from './stages/sweep.js';

export interface Stage {
  name: string;
  run(c: TickContext, w0: number, w1: number): void;
}

/**
 * Decoding comes before (`decode.ts`), resets and observations after (`engines/cpu.ts`).
 * The rigid tier runs the same stages and adds its own between `push` and `sweep`.
 */
export const STAGES: readonly Stage[] = [
  { name: 'clear', run: clearLists },
  { name: 'messages', run: routeMessages },
  { name: 'begin', run: beginTick },
  { name: 'accelerate', run: accelerateWalkers },
  { name: 'push', run: pushWalkers },
  { name: 'sweep', run: sweepWalkers },
  { name: 'interact', run: interact },
  { name: 'hands', run: useHands },
  { name: 'mobs', run: moveMobs },
  { name: 'damage', run: applyDamage },
  { name: 'survive', run: survive },
  { name: 'mechanisms', run: runMechanisms },
  { name: 'settle', run: settleAll },
  { name: 'monitors', run: monitorTasks },
  { name: 'score', run: score },
];

/** Worlds that go through a step together: enough to amortise a stage, few enough that their rows stay in cache. */
export const WORLDS_PER_PASS = 64;

/** The stages of one tick of worlds [w0, w1). */
export function runStages(c: TickContext, w0: number, w1: number, stages: readonly Stage[] = STAGES): void {
  // Indices, not iterators: a tick allocates nothing, an iterator would.
  for (let k = 0; k < stages.length; k++) stages[k].run(c, w0, w1);
}
