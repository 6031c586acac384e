import type { AgentPlan, Plans } from '@kinovox/world';
import * as THREE from 'three';
import { describe, expect, it } from 'vitest';
import type { PlanPanel } from '../../packages/viewer/src/hud/plan-panel.js';
import { PlanWatch } from '../../packages/viewer/src/plan-watch.js';
import { bandsOf, dotsOf, linesOf, sliceOf } from '../../packages/viewer/src/scene/plan-shapes.js';

const path: AgentPlan['path'] = [
  [1, 2, 3, 10],
  [1, 2, 7, 50],
  [1, 4, 7, 90],
];

describe('the shapes of plans', () => {
  it('are a band of the given width along the way, which fades with time', () => {
    const band = bandsOf([{ path, color: new THREE.Color(1, 0, 0), width: 0.2 }], 10);
    const position = band.getAttribute('position');
    expect(position.count).toBe(6);
    for (let k = 0; k < 6; k += 2) expect(Math.abs(position.getX(k) - position.getX(k + 1))).toBeCloseTo(0.2);
    const alpha = [0, 2, 4].map((k) => band.getAttribute('color').getW(k));
    expect(alpha[0]).toBeGreaterThan(alpha[1]);
    expect(alpha[1]).toBeGreaterThan(alpha[2]);
    expect(band.index!.count).toBe(12);
  });
  it('have a dot for each second, where the agent will be', () => {
    expect(dotsOf(path, 10).map(({ y, z }) => [Math.round(y * 10) / 10, z])).toEqual([
      [2.1, 5],
      [2.1, 7],
      [3.1, 7],
      [4.1, 7],
    ]);
    expect(dotsOf(path, 10).every(({ x }) => x === 1)).toBe(true);
  });
  it('leave out the squares of a slice in which nobody fits', () => {
    const slice = {
      slot: 0,
      mode: 'enforce',
      value: 1,
      margin: 0.05,
      sentence: '',
      y: 2,
      origin: [0, 0] as [number, number],
      spacing: 1,
      nodes: 3,
    };
    expect(sliceOf({ ...slice, values: Array(9).fill(1) }).index!.count).toBe(24);
    expect(sliceOf({ ...slice, values: [null, ...Array(8).fill(1)] }).index!.count).toBe(18);
    const colors = sliceOf({ ...slice, values: [-1, 0, 1, 1, 1, 1, 1, 1, 1] }).getAttribute('color');
    expect(colors.getX(0)).toBeGreaterThan(colors.getZ(0));
    expect(colors.getZ(2)).toBeGreaterThan(colors.getX(2));
  });
  it('join the points of what was tried', () => {
    const points: AgentPlan['rollouts'][number] = [
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 0],
    ];
    expect(linesOf([{ points, color: new THREE.Color(1, 1, 1) }]).getAttribute('position').count).toBe(4);
  });
});

describe('the watch of plans', () => {
  const plans = (episode: number, tick: number): Plans => ({
    world: 2,
    stream: 7,
    episode,
    tick,
    agents: [],
    conflicts: [],
    slices: [],
    omitted: 0,
  });
  const create = (ok = true) => {
    const wishes: unknown[] = [];
    const said: string[] = [];
    const panel = { root: { hidden: true }, show: () => said.push('shown'), say: (sentence: string) => said.push(sentence) };
    const watch = new PlanWatch(
      async (wish) => {
        wishes.push(wish);
        return ok ? { ok } : { ok: false, sentence: 'There are none.' };
      },
      undefined,
      panel as unknown as PlanPanel,
    );
    return { watch, wishes, said, panel };
  };

  it('asks while it is on, and again for another world and another agent', () => {
    const { watch, wishes } = create();
    watch.watch(2);
    expect(wishes).toEqual([]);
    watch.setOn(true);
    watch.follow(3);
    watch.watch(4);
    watch.setOn(false);
    watch.follow(1);
    expect(wishes).toEqual([
      { world: 2, on: true, slot: 0 },
      { world: 2, on: true, slot: 3 },
      { world: 4, on: true, slot: 3 },
      { world: 4, on: false, slot: 3 },
    ]);
  });
  it('shows what belongs to the stream and episode that are shown, and nothing else', () => {
    const { watch } = create();
    const at = (stream: number, episode: number) => ({ stream, world: 2, episode, tick: 5 });
    watch.watch(2);
    watch.setOn(true);
    watch.receive(plans(1, 5));
    watch.draw(at(7, 1), undefined);
    expect(watch.shown?.tick).toBe(5);
    watch.receive(plans(1, 9));
    // The old ones stay until the next picture.
    expect(watch.shown?.tick).toBe(5);
    watch.draw(at(7, 1), undefined);
    expect(watch.shown?.tick).toBe(9);
    watch.draw(at(8, 1), undefined);
    expect(watch.shown).toBeUndefined();
    watch.draw(at(7, 2), undefined);
    expect(watch.shown).toBeUndefined();
  });
  it('says why there are none', async () => {
    const { watch, said } = create(false);
    watch.watch(2);
    watch.setOn(true);
    watch.draw(undefined, undefined);
    await Promise.resolve();
    watch.draw(undefined, undefined);
    expect(said).toEqual(['Waiting for plans…', 'There are none.']);
  });
});
