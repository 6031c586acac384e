/** Walkers and props by measure: speeds beside the momentum balance, and no walker in a prop; the bench of the same name keeps a larger sample. */
import * as rapier from '@dimforge/rapier3d';
import * as env from '@kinovox/env';
import * as physics from '@kinovox/physics';
import * as world from '@kinovox/world';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Separation } from '../../packages/physics/src/rigid/separate.js';
import { contactSpeeds, deepestOverlap } from '../bench/walker-contacts.js';

const kit = { ...world, ...physics, ...env };

describe('a walker among props', () => {
  beforeAll(() => rapier.init());

  it('and a crate of 0.1, 1 and 10 times its mass leave with the speeds of the momentum balance', async () => {
    const rows = await contactSpeeds(kit);
    expect(rows.map(({ massKg }: { massKg: number }) => massKg)).toEqual([6, 60, 600]);
    for (const { balance, crateAfter, walkerAfter } of rows) {
      expect(Math.abs(crateAfter / balance - 1)).toBeLessThan(0.01);
      expect(Math.abs(walkerAfter / balance - 1)).toBeLessThan(0.01);
    }
  });

  it('never ends a tick more than 0.02 m in one, in 20 random episodes', async () => {
    const found = await deepestOverlap(
      kit,
      rapier,
      Array.from({ length: 20 }, (_, seed) => seed),
    );
    expect(found.deepestMetres).toBeLessThan(0.005);
    expect(found.agentTicksBesideProps).toBeGreaterThan(10_000);
    expect(found.pushed).toBeGreaterThan(500);
    expect(found.pickedUp).toBeGreaterThan(50);
    expect(found.threw).toBeGreaterThan(3);
  });

  it('would be found in one without the separation', async () => {
    const off = vi.spyOn(Separation.prototype, 'run').mockImplementation(() => undefined);
    const found = await deepestOverlap(kit, rapier, [8, 15]);
    off.mockRestore();
    expect(found.deepestMetres).toBeGreaterThan(0.02);
  });
});
