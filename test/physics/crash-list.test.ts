/** What failed is told once, of the right world, and never fills the memory; threads that share only marks tell what one thread would. */
import { describe, expect, it } from 'vitest';
import { Containment } from '../../packages/physics/src/engines/containment.js';
import { CrashList, MAX_CRASHES } from '../../packages/physics/src/engines/crash-list.js';
import { collectCrashes, createControl, noteCrashes } from '../../packages/physics/src/engines/workers/control.js';

describe('a list of crashes', () => {
  it('keeps the latest, tells each once, and shares one empty list', () => {
    const list = new CrashList();
    expect(list.take()).toBe(list.take());
    for (let row = 0; row < MAX_CRASHES + 3; row++) list.note(row, new Error(`no ${row}`));
    const told = list.take();
    expect(told).toHaveLength(MAX_CRASHES);
    expect([told[0], told[MAX_CRASHES - 1]]).toEqual([3, MAX_CRASHES + 2].map((row) => ({ row, message: `no ${row}` })));
    expect(list.take()).toEqual([]);
  });

  it('stays bounded where what is shown fails in every world', () => {
    const numWorlds = MAX_CRASHES + 5;
    const containment = new Containment(new Uint8Array(numWorlds));
    for (let tick = 0; tick < 3; tick++) {
      for (let row = 0; row < numWorlds; row++) containment.fail(row, 'asked');
      for (let row = 0; row < numWorlds; row++) containment.forget(row);
      for (let row = 0; row < numWorlds; row++) containment.failNext(row, 'no eyes');
      containment.beginPass(0, numWorlds);
      for (let row = 0; row < numWorlds; row++) containment.forget(row);
    }
    expect(containment.take()).toHaveLength(MAX_CRASHES);
  });
});

describe('workers with slices of one world', () => {
  it.each([
    [0, 1, 2],
    [2, 1, 0],
  ])('tell the rows of worlds that fail twice in a tick, in the order %i, %i, %i', (...order) => {
    const control = createControl(3);
    const twice = (k: number) => ['in a stage', 'shown last'].map((message) => ({ row: k + 1, message: `${message}, of ${k + 1}` }));
    for (const k of order) noteCrashes(control, k, k === 1 ? [] : twice(k));
    const crashes = new CrashList();
    collectCrashes(control, crashes);
    expect(crashes.take()).toEqual([...twice(0), ...twice(2)]);
  });

  it('tell the rows of as many failures as a list holds, if not why of each', () => {
    const control = createControl(2);
    const list = new CrashList();
    for (let n = 0; n < MAX_CRASHES; n++) list.note(n >> 1, 'x'.repeat(400));
    noteCrashes(control, 1, [{ row: 900, message: 'own' }]);
    noteCrashes(control, 0, list.take());
    const crashes = new CrashList();
    collectCrashes(control, crashes);
    const told = crashes.take();
    expect(told.map(({ row }) => row)).toEqual([...Array.from({ length: MAX_CRASHES - 1 }, (_, n) => (n + 1) >> 1), 900]);
    expect(told[MAX_CRASHES - 2].message).toBe('One of 1024 failures in this tick, too many to tell why of each.');
    expect(told[MAX_CRASHES - 1].message).toBe('own');
  });
});

describe('a world that could not be shown to a worker', () => {
  const threads = () => {
    const failed = new Uint8Array(8);
    return { first: new Containment(failed), worker: new Containment(failed) };
  };

  it('is told in the next tick', () => {
    const { worker } = threads();
    worker.failNext(5, new Error('no eyes'));
    expect(worker.take()).toEqual([]);
    worker.beginPass(4, 8);
    expect(worker.take()).toEqual([{ row: 5, message: 'no eyes' }]);
  });

  it('is not, once the first thread had its row begin anew', () => {
    const { first, worker } = threads();
    worker.failNext(5, new Error('no eyes'));
    first.forget(5);
    worker.beginPass(4, 8);
    expect(worker.take()).toEqual([]);
  });

  it('is told for what failed since', () => {
    const { first, worker } = threads();
    worker.failNext(5, new Error('no eyes'));
    worker.failNext(6, new Error('no ears'));
    first.forget(5);
    first.forget(6);
    first.fail(5, new Error('no idea'));
    worker.failNext(6, new Error('no nose'));
    worker.beginPass(4, 8);
    expect(first.take()).toEqual([{ row: 5, message: 'no idea' }]);
    expect(worker.take()).toEqual([{ row: 6, message: 'no nose' }]);
  });
});
