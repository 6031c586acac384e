/** No item appears or vanishes outside a rule, over 10^6 random agent-steps without mobs and with mobs: the long run of the unit test of that name. */
import { EVENT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { auditVillage, VILLAGE_MOBS } from '../physics/survival-village.js';

/** Agent-steps of each run. */
const STEPS = 500_000;
const TICKS = 12_500;

describe('items over 10^6 random agent-steps', () => {
  for (const [what, survival, mustHappen] of [
    ['without mobs', {}, EVENT.lost],
    ['with mobs', { mobs: VILLAGE_MOBS }, EVENT.traded],
  ] as const) {
    it(`change as the events say ${what}, seeds 101 to 110`, () => {
      const runs = Array.from({ length: 10 }, (_, k) => auditVillage(101 + k, TICKS, survival));
      expect(runs.reduce((sum, { steps }) => sum + steps, 0)).toBe(STEPS);
      const seen = (kind: number) => runs.reduce((sum, run) => sum + run.seen[kind], 0);
      expect(seen(EVENT.died), 'agents must die for this test').toBeGreaterThan(100);
      expect(seen(EVENT.gained), 'items must change hands for this test').toBeGreaterThan(1000);
      expect(seen(mustHappen)).toBeGreaterThan(0);
    });
  }
});
