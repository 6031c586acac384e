/** Skills where there are props to carry, and those of vehicles; on the rigid tier. */
import { skillsFor } from '@kinovox/agents';
import type { ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { smallScenario } from '../small-worlds.js';
import { plain, rigidStage } from './call-skill.js';

const box = (id: string, at: [number, number, number], massKg = 8) =>
  ({ id, shape: { box: [0.5, 0.5, 0.5] }, massKg, spawn: { at } }) as never;
const yard = (rest: Partial<ScenarioInput>, size = 14) =>
  smallScenario({ layers: plain(size, size), task: { elapsed: { ticks: 100_000 } }, maxTicks: 20_000, height: 10, rest });
const driver = (vehicle: string, at: [number, number, number]) =>
  [{ id: 'ada', body: { type: 'rigid', vehicle }, spawn: { at, yawDeg: -90 } }] as unknown as ScenarioInput['agents'];

describe('pickUp and carryTo with props', () => {
  it('takes a prop in hand, brings it to a cell and puts it down', async () => {
    const stage = await rigidStage(yard({ props: [box('red', [5, 1, 5]), box('blue', [8, 1, 2])], carrying: {} }));
    expect(stage.done('pickUp', { what: 'red' }).facts.prop).toBe('red');
    expect(stage.refused('pickUp', { what: 'blue' }, 'hand-full').facts.carried).toBe('red');
    stage.refused('carryTo', { what: 'blue', x: 2, y: 1, z: 2 }, 'hand-full');
    const { facts } = stage.done('carryTo', { what: 'red', x: 9, y: 1, z: 9 });
    expect(facts.offMetres as number).toBeLessThan(0.75);
    expect(stage.done('inspect', { target: 'red' }).facts).toMatchObject({ kind: 'prop', massKg: 8, sizeMetres: [0.5, 0.5, 0.5] });
    expect((stage.done('scan', { radius: 12 }).facts.bodies as { name: string }[]).map(({ name }) => name).sort()).toEqual(['blue', 'red']);
  });

  it('refuses what is too heavy, and where nothing is carried', async () => {
    const heavy = await rigidStage(yard({ props: [box('rock', [5, 1, 5], 90)], carrying: {} }));
    expect(heavy.refused('pickUp', { what: 'rock' }, 'too-heavy').facts).toMatchObject({ massKg: 90, maxMassKg: 25 });
    heavy.refused('carryTo', { what: 'rock', x: 2, y: 1, z: 2 }, 'too-heavy');
    heavy.others = (actions) => actions.fill(0);
    const none = await rigidStage(yard({ props: [box('red', [5, 1, 5])] }));
    none.refused('pickUp', { what: 'red' }, 'cannot-carry');
    none.refused('carryTo', { what: 'red', x: 2, y: 1, z: 2 }, 'cannot-carry');
    expect(skillsFor(none.view).map(({ name }) => name)).not.toContain('carryTo');
    const light = await rigidStage(yard({ props: [box('red', [5, 1, 5])], carrying: {} }));
    light.others = (actions) => actions.fill(0);
    light.refused('pickUp', { what: 'red' }, 'stuck');
    light.refused('carryTo', { what: 'red', x: 2, y: 1, z: 2 }, 'stuck');
  });

  it('says when a prop does not come to lie where it should', async () => {
    const stage = await rigidStage(yard({ props: [box('red', [5, 1, 5])], carrying: {} }));
    stage.done('pickUp', { what: 'red' });
    // Somebody presses its key: what it holds falls at once, wherever it is.
    stage.others = (actions) => {
      if (stage.view.carried() >= 0) actions[7] = stage.view.tick % 2 === 0 ? 3 : 0;
    };
    expect(stage.refused('carryTo', { what: 'red', x: 11, y: 1, z: 11 }, 'missed').facts.prop).toBe('red');
  });
});

describe('vehicles', () => {
  it.each(['rover', 'car', 'quadcopter'])('a %s goes to a cell, waits and looks about', async (vehicle) => {
    const stage = await rigidStage(yard({ agents: driver(vehicle, [2, 1, 2]) }, 24));
    stage.idle(20);
    const y = vehicle === 'quadcopter' ? 4 : 1;
    const { facts } = stage.done('moveTo', { x: 14, y, z: 12 });
    const [x, , z] = facts.at as number[];
    expect(Math.hypot(x - 14.5, z - 12.5)).toBeLessThan(0.7);
    expect(stage.done('wait', { ticks: 20 }).facts.ticks).toBe(20);
    expect(Math.hypot(stage.view.x() - x, stage.view.z() - z)).toBeLessThan(0.4);
    if (vehicle === 'car') stage.refused('lookAt', { x: 2, y: 1, z: 2 }, 'cannot-turn');
    else {
      stage.done('lookAt', { x: 2, y: 1, z: 2 });
      const [dx, dz] = [2 - stage.view.x(), 2 - stage.view.z()];
      const [lx, , lz] = stage.view.lookVector();
      expect((lx * dx + lz * dz) / Math.hypot(dx, dz) / Math.hypot(lx, lz)).toBeGreaterThan(0.99);
    }
    stage.refused('moveTo', { x: 14, y: 0, z: 12 }, 'no-standing-room');
    const names = skillsFor(stage.view).map(({ name }) => name);
    for (const name of ['moveTo', 'wait', 'scan']) expect(names).toContain(name);
    for (const name of ['dig', 'placeBlock', 'follow', 'use', 'plan', 'build']) expect(names).not.toContain(name);
    stage.others = (actions) => actions.fill(0);
    stage.refused('moveTo', { x: 20, y, z: 20 }, 'stuck');
  });
});
