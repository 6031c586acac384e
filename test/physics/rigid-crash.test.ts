// A world whose physics fail is cut short and goes on with its next episode; the others do not notice.
import { createBatchEnv } from '@kinovox/env';
import { EVENT, EVENT_WORDS } from '@kinovox/world';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RigidWorld } from '../../packages/physics/src/rigid/rigid-world.js';

afterEach(() => vi.restoreAllMocks());

const SCENARIO = 'scenarios/push-crate-v1.scenario.json';

/** Has the k-th call of a world's step fail, k from 1. */
function failAt(k: number): void {
  const step = RigidWorld.prototype.step;
  let calls = 0;
  vi.spyOn(RigidWorld.prototype, 'step').mockImplementation(function (this: RigidWorld, ...args) {
    if (++calls === k) throw new Error('unreachable');
    step.apply(this, args);
  });
}

async function play(ticks: number) {
  const env = await createBatchEnv({ scenario: SCENARIO, numWorlds: 3, seed: 7, engine: 'rigid' });
  env.reset();
  const actions = new Float32Array(env.actionLength);
  for (let i = 0; i < actions.length; i += 11) actions[i] = 1;
  const told = [];
  for (let t = 0; t < ticks; t++) {
    const { ended, truncated } = env.stepSync(actions);
    for (const crash of env.takeCrashes()) told.push({ ...crash, t, ended: [...ended], truncated: truncated[crash.row * env.numAgents] });
  }
  const result = { hashes: env.rowHashes(), episodes: [0, 1, 2].map((row) => env.rowInfo(row).episode), told };
  env.close();
  return result;
}

describe('an episode whose bodies cannot be made', () => {
  it('is passed over once and told, and the row plays the one behind it', async () => {
    const play = async (failing: boolean) => {
      const build = RigidWorld.build;
      let following = false;
      vi.spyOn(RigidWorld, 'build').mockImplementation((...args) => {
        if (failing && following) {
          following = false;
          throw new Error('no bodies');
        }
        return build.apply(RigidWorld, args);
      });
      const env = await createBatchEnv({ scenario: SCENARIO, numWorlds: 2, seed: 7, engine: 'rigid' });
      env.reset();
      following = true;
      env.cutShort(0, 'enough');
      for (let t = 0; t < 12; t++) env.stepSync(new Float32Array(env.actionLength));
      const result = { told: env.takeCrashes(), episodes: [0, 1].map((row) => env.rowInfo(row).episode), hashes: env.rowHashes() };
      env.close();
      vi.restoreAllMocks();
      return result;
    };
    const whole = await play(false);
    const failed = await play(true);
    expect(whole.told).toEqual([{ row: 0, message: 'enough' }]);
    expect(failed.told).toEqual([...whole.told, { row: 0, message: 'no bodies' }]);
    expect([whole.episodes, failed.episodes]).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(failed.hashes[1]).toBe(whole.hashes[1]);
  });
});

describe('a world that crashes', () => {
  it('is told, truncated and started anew, and no other row changes', async () => {
    const untouched = await play(40);
    expect(untouched.told).toEqual([]);
    // Three worlds a tick: the fourteenth step is that of row 1 in the fifth tick.
    failAt(14);
    const crashed = await play(40);
    expect(crashed.told).toEqual([{ row: 1, message: 'unreachable', t: 4, ended: [0, 1, 0], truncated: 1 }]);
    expect(crashed.episodes).toEqual([0, 1, 0]);
    expect([crashed.hashes[0], crashed.hashes[2]]).toEqual([untouched.hashes[0], untouched.hashes[2]]);
    expect(crashed.hashes[1]).not.toBe(untouched.hashes[1]);
  });

  it('plays its next episode as if nothing had been', async () => {
    failAt(14);
    const crashed = await play(40);
    vi.restoreAllMocks();
    const env = await createBatchEnv({ scenario: SCENARIO, numWorlds: 1, seed: 8, engine: 'rigid' });
    env.reset();
    env.reset();
    const actions = new Float32Array(env.actionLength);
    for (let i = 0; i < actions.length; i += 11) actions[i] = 1;
    for (let t = 0; t < 35; t++) env.stepSync(actions);
    expect(env.rowHashes()[0]).toBe(crashed.hashes[1]);
    env.close();
  });

  it('leaves an event that names the reason', async () => {
    failAt(1);
    const env = await createBatchEnv({ scenario: SCENARIO, seed: 7, engine: 'rigid', autoreset: 'disabled' });
    env.reset();
    env.stepSync(new Float32Array(env.actionLength));
    const { events, eventCount } = env.engine.buffers;
    const kinds = Array.from({ length: eventCount[0] }, (_, k) => events[k * EVENT_WORDS]);
    expect(kinds).toContain(EVENT.unstable);
    env.close();
  });
});
