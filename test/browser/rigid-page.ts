/** The page of the rigid tier's browser test: plays the pinned world. */
import { createRigidPlay, playRigid, type RigidRun } from '../physics/rigid-play.js';

Object.assign(window, {
  async playPinned(seed: number, ticks: number): Promise<RigidRun> {
    const engine = await createRigidPlay(seed);
    const run = await playRigid(engine, ticks);
    engine.dispose();
    return run;
  },
});
