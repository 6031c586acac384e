/** A run tells of episodes whose bodies could no longer be simulated, and why. */
import { findScenario } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { createRunSession } from '../../packages/server/src/run/run-session.js';

const settings = {
  scenarioPath: findScenario('push-crate-v1'),
  numWorlds: 2,
  seed: 0,
  split: 'train' as const,
  policy: 'idle',
  engine: 'rigid' as const,
  out: undefined,
  recordRows: [],
  command: [],
};

describe('the report of a run', () => {
  it('names the prop that was too fast, its world and the tick; and says nothing where all went well', async () => {
    const rapier = await import('@dimforge/rapier3d');
    const session = await createRunSession(settings);
    for (let t = 0; t < 3; t++) session.step();
    expect(session.report('finished')).not.toHaveProperty('unstable');
    const snapshot = session.env.engine.snapshot(1);
    const world = rapier.World.restoreSnapshot(snapshot.rigid!);
    world.forEachRigidBody((body) => {
      if (body.isDynamic()) body.setLinvel({ x: 0, y: 5000, z: 0 }, true);
    });
    session.env.engine.restore(1, { ...snapshot, rigid: world.takeSnapshot() });
    world.free();
    for (let t = 0; t < 3; t++) session.step();
    const { unstable, episodes } = session.report('finished');
    expect(unstable).toEqual({ count: 1, first: { row: 1, tick: 4, message: 'prop "crate" was faster than 390 m/s' } });
    expect(episodes).toBe(1);
    session.env.close();
  });
});
