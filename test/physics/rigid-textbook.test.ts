/** Props obey textbook mechanics, within tolerances that `test/bench/textbook-physics.js` states and justifies; the same checks see wrong laws. */
import { compileScenario } from '@kinovox/env';
import { createRigidEngine } from '@kinovox/physics';
import { parseScenario } from '@kinovox/world';
import { beforeAll, describe, expect, it } from 'vitest';
import { deviationOf, textbookChecks } from '../bench/textbook-physics.js';

type Row = Awaited<ReturnType<typeof textbookChecks>>[number];
let rows: Row[] = [];

beforeAll(async () => {
  const rapier = await import('@dimforge/rapier3d');
  await rapier.init();
  rows = await textbookChecks({ compileScenario, parseScenario, createRigidEngine }, rapier);
});

const named = (part: string): Row => {
  const found = rows.find(({ check }) => check.includes(part));
  if (found === undefined) throw new Error(`no check is named "${part}"`);
  return found;
};

describe('props', () => {
  it.each([
    'free fall, speed',
    'free fall, way',
    'below the friction angle',
    'above it, acceleration',
    'elastic impact of 1 kg on 3 kg',
    'elastic impact, speed of the striking',
    'elastic impact, momentum',
    'inelastic impact of 1 kg on 3 kg',
    'inelastic impact, speed of the striking',
    'inelastic impact, momentum',
    'bounce with restitution 0.5',
    'bounce with restitution 0.9',
    'pendulum',
    'height of the topmost',
    'farthest aside',
    'after 60 s, speed',
    'acceleration of the second',
    'gap between them',
    'drift of height',
  ])('agree with the formula: %s', (part) => {
    const row = named(part);
    expect(deviationOf(row), JSON.stringify(row)).toBeLessThanOrEqual(row.tolerance);
  });

  it('are all of the checks', () => {
    expect(rows).toHaveLength(19);
    for (const { source, because } of rows) expect(source.length + because.length).toBeGreaterThan(10);
  });
});

describe('the tolerances', () => {
  // What a plausible mistake would give in place of the formula.
  it.each<[string, string, (expected: number) => number]>([
    ['free fall, speed', "a walker's gravity, 0.08 block/tick^2", () => 0.08 * 400 * 2],
    ['free fall, way', 'one step in three', (way) => (way * 481) / 480 + 0.1],
    ['above it, acceleration', 'friction 1 % too strong', (a) => a - 0.01 * 0.5 * 9.80665 * Math.cos(0.49)],
    ['elastic impact of 1 kg on 3 kg', 'a restitution of 0.95', (v) => (v * 1.95) / 2],
    ['inelastic impact of 1 kg on 3 kg', 'a bounce', (v) => v * 1.05],
    ['bounce with restitution 0.5', 'e in place of e^2', (h) => h * 2],
    ['pendulum', 'the period of a mass on a string', (t) => t * Math.sqrt(1.5)],
    ['acceleration of the second', 'without friction', (a) => a + 0.2 * 9.80665],
    ['drift of height', 'thrust for a gravity of 9.81', () => (0.00335 * 100) / 2],
  ])('of "%s" see %s', (part, _, mistaken) => {
    const row = named(part);
    expect(deviationOf({ ...row, measured: mistaken(row.expected) })).toBeGreaterThan(row.tolerance);
  });
});
