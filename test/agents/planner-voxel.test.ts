/** The policy `planner:voxel`: walks by plans that come about as foreseen, and plans again when they do not. */
import { createPolicy, createVoxelFactory, runPolicies } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import { describe, expect, it } from 'vitest';

const factory = createVoxelFactory();

async function episode(id: string, seed: number, disturb?: (tick: number, state: { velX: Int32Array; velZ: Int32Array }) => void) {
  const env = await createBatchEnv({
    scenario: new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname,
    split: 'test',
    seed,
    autoreset: 'disabled',
    observe: false,
  });
  const run = runPolicies(env, factory);
  const before = { ...factory.tally };
  env.reset({ seed });
  for (let tick = 0; ; tick++) {
    disturb?.(tick, env.engine.state);
    if ((await env.step(run.act())).ended[0] === 1) break;
  }
  const { tally } = factory;
  const { successes } = env.episodes;
  env.close();
  return {
    successes,
    plans: tally.plans - before.plans,
    parted: tally.parted - before.parted,
    scripted: tally.scriptedTicks - before.scriptedTicks,
  };
}

describe('planner:voxel', () => {
  it.each(['reach-flat-v1', 'parkour-v1', 'dig-tunnel-v1'])(
    'goes all the way in %s by one plan that comes about as foreseen',
    async (id) => {
      expect(await episode(id, 11)).toEqual({ successes: 1, plans: 1, parted: 0, scripted: 0 });
    },
  );

  it('notices that it was pushed, plans again and arrives', async () => {
    const pushed = await episode('reach-maze-v1', 12, (tick, state) => {
      if (tick === 50 || tick === 90) state.velX[0] += 3000;
    });
    expect(pushed.successes).toBe(1);
    expect(pushed.parted).toBeGreaterThan(0);
    expect(pushed.plans).toBeGreaterThan(1);
  });

  it('leaves water and ladders to the scripted policy, and goes the rest', async () => {
    const crossed = await episode('water-crossing-v1', 13);
    expect(crossed.successes).toBe(1);
    expect(crossed.scripted).toBeGreaterThan(0);
  });

  it('is known by its name, and its neighbours are suggested', () => {
    expect(createPolicy('planner:voxel').name).toBe('planner:voxel');
    expect(() => createPolicy('planner:vocsel')).toThrow(/Did you mean "voxel"/);
  });
});
