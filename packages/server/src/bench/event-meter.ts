/** Counts what survival does in a batch, per agent-step: crafts, attacks, deaths, growth, and mobs that move. */
import type { Engine } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import type { SurvivalActivity } from './survival-bench.js';

export type EventActivity = Pick<
  SurvivalActivity,
  'craftsPer1000' | 'attacksPer1000' | 'deathsPer1000' | 'grownPer1000' | 'mobsMovingShare'
>;

export interface EventMeter {
  /** Call before each step, and `after` behind it. */
  before(): void;
  after(): void;
  activity(): EventActivity;
}

export function createEventMeter(engine: Engine): EventMeter {
  const { state, buffers, numWorlds, program } = engine;
  const counts = new Map<number, number>();
  const mobX = state.mobPosX.slice();
  const mobZ = state.mobPosZ.slice();
  let steps = 0;
  let mobSteps = 0;
  let mobsMoving = 0;
  return {
    before() {
      mobX.set(state.mobPosX);
      mobZ.set(state.mobPosZ);
    },
    after() {
      steps += numWorlds * program.numAgents;
      mobSteps += mobX.length;
      for (let k = 0; k < mobX.length; k++)
        if (state.mobFlags[k] !== 0 && (state.mobPosX[k] !== mobX[k] || state.mobPosZ[k] !== mobZ[k])) mobsMoving++;
      for (let w = 0; w < numWorlds; w++) {
        for (let k = 0; k < Math.min(MAX_EVENTS_PER_TICK, buffers.eventCount[w]); k++) {
          const kind = buffers.events[(w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS];
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
        }
      }
    },
    activity() {
      const per1000 = (...kinds: number[]) => (1000 * kinds.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0)) / Math.max(1, steps);
      return {
        craftsPer1000: per1000(EVENT.crafted, EVENT.smelted),
        attacksPer1000: per1000(EVENT.attacked, EVENT.struck, EVENT.mobAttacked),
        deathsPer1000: per1000(EVENT.died, EVENT.slain),
        grownPer1000: per1000(EVENT.grew),
        mobsMovingShare: mobsMoving / Math.max(1, mobSteps),
      };
    },
  };
}
