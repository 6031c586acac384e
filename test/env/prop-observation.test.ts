/** The observation group `props`, by hand-made worlds: what is near, in which order, and who carries it; and the contract with hands in it. */
import { assertConforms, checkBatchEnv, checkEnv, createBatchEnv, createEnv, nameObservation } from '@kinovox/env';
import { INTERACT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { arena, crateAt, walkerAt } from '../physics/rigid-worlds.js';

const props = [
  crateAt(14.5, 4.5, 16.5, { id: 'far', massKg: 40 }),
  crateAt(10, 4.25, 16.5, { id: 'near', shape: { box: [0.5, 0.5, 1] }, massKg: 5 }),
  crateAt(8.5, 4.45, 20.5, { id: 'ball', shape: { ball: 0.4 }, massKg: 3 }),
];
const scenario = (rest = {}) =>
  arena(props, [walkerAt(8.5, 16.5), walkerAt(8.5, 12.5, 0, 'bob')], { carrying: {}, observation: { props: 2 }, ...rest });

describe('the group props', () => {
  it('shows the nearest props first, with size, mass and the way to them', async () => {
    const env = await createEnv({ scenario: scenario(), seed: 1 });
    const { observations } = env.reset({ seed: 1 });
    const rows = nameObservation(observations.ada, env.batch.observations.groups).props!;
    expect(rows.map(({ prop }) => prop)).toEqual([1, 2]);
    const [near, ball] = rows;
    expect([near.dx, near.dy, near.dz]).toEqual([1.5, 0.25, 0]);
    expect([near.halfX, near.halfY, near.halfZ]).toEqual([0.25, 0.25, 0.5]);
    expect([near.shape, near.massKg, near.liftable, near.carried, near.mine]).toEqual([1, 5, 1, 0, 0]);
    expect([ball.shape, ball.dx, ball.dz]).toEqual([2, 0, 4]);
    env.close();
  });

  it('numbers every shape within its range', async () => {
    const shapes = [
      { box: [0.5, 0.5, 0.5] as [number, number, number] },
      { ball: 0.3 },
      { capsule: { radius: 0.2, height: 0.8 } },
      { ramp: [0.5, 0.5, 0.5] as [number, number, number] },
      { container: { size: [0.8, 0.5, 0.8] as [number, number, number], wall: 0.05 } },
    ];
    const five = shapes.map((shape, k) => crateAt(12 + 2 * k, 4.5, 16.5, { id: `prop-${k}`, shape }));
    const env = await createEnv({ scenario: arena(five, [walkerAt(8.5, 16.5)], { observation: { props: 5 } }), seed: 1 });
    const { observations } = env.reset({ seed: 1 });
    const rows = nameObservation(observations.ada, env.batch.observations.groups).props!;
    expect(rows.map(({ shape }) => shape)).toEqual([1, 2, 3, 4, 5]);
    const group = env.batch.observations.groups.find(({ name }) => name === 'props')!;
    expect(group.fields.find(({ name }) => name === 'shape')).toMatchObject({ high: 5 });
    env.close();
  });

  it('tells the carrier and everyone else apart, and what is too heavy', async () => {
    const env = await createEnv({ scenario: scenario({ observation: { props: 3 } }), seed: 1 });
    env.reset({ seed: 1 });
    env.step({ ada: { look: -0.75 } });
    const { observations } = env.step({ ada: { interact: INTERACT.use } });
    const of = (agent: 'ada' | 'bob') =>
      nameObservation(observations[agent], env.batch.observations.groups).props!.find(({ prop }) => prop === 1)!;
    expect([of('ada').carried, of('ada').mine]).toEqual([1, 1]);
    expect([of('bob').carried, of('bob').mine]).toEqual([1, 0]);
    expect(nameObservation(observations.ada, env.batch.observations.groups).props!.find(({ prop }) => prop === 0)!.liftable).toBe(0);
    expect(env.text('ada')).toMatch(/prop near: at .*, in your hands/);
    env.close();
  });

  it('has no more rows than there are props, and can be chosen by the environment', async () => {
    const env = await createBatchEnv({ scenario: scenario({ observation: {} }), numWorlds: 1, observation: { props: 16 } });
    expect(env.observations.groups.find(({ name }) => name === 'props')!.rows).toBe(3);
    env.close();
    const without = await createBatchEnv({ scenario: scenario({ observation: {} }), numWorlds: 1 });
    expect(without.observations.groups.some(({ name }) => name === 'props')).toBe(false);
    without.close();
  });

  it('conforms, with hands that carry', async () => {
    const short = scenario({ episode: { maxTicks: 40, variants: 2 } });
    assertConforms(await checkEnv((options) => createEnv({ scenario: short, ...options }), { ticks: 40, fixedLevel: true }));
    assertConforms(await checkBatchEnv((options) => createBatchEnv({ scenario: short, ...options }), { ticks: 40, fixedLevel: true }));
  });
});
