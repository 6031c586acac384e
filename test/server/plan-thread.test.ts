// planner:lacam and planner:voxel in a thread: the same runs as inline, and a free event loop meanwhile.
import { createTeamPlanner, createVoxelFactory, type PolicyFactory, runPolicies, type WalkPlanning } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import type { GridProblem } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';
import { createPlanThread } from '../../packages/server/src/run/plan-thread.js';

async function worldOf(policy: PolicyFactory, id = 'corridor-swap-v1') {
  const env = await createBatchEnv({
    scenario: new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname,
    split: 'test',
    seed: 5,
    numWorlds: 2,
    observe: false,
  });
  env.reset({ seed: 5 });
  return { env, run: runPolicies(env, policy) };
}

async function hashesOf(policy: PolicyFactory, id: string, numTicks: number): Promise<string[]> {
  const { env, run } = await worldOf(policy, id);
  const hashes: string[] = [];
  for (let tick = 0; tick < numTicks; tick++) {
    if (run.thinks) await run.think();
    await env.step(run.act());
    hashes.push(env.stateHash());
  }
  env.close();
  return hashes;
}

describe('planner:lacam in a thread', () => {
  it.each([
    ['corridor-swap-v1', 100],
    ['mixed-crossing-v1', 40],
  ])('gives the hashes of %s that it gives inline, tick by tick', async (id, numTicks) => {
    const thread = createPlanThread();
    const inThread = await hashesOf(createTeamPlanner({ plan: thread.plan, expansions: 4000 }), id, numTicks);
    expect(thread.numPlans).toBeGreaterThanOrEqual(2);
    await thread.close();
    const inline = await hashesOf(createTeamPlanner({ expansions: 4000 }), id, numTicks);
    expect(inThread).toEqual(inline);
    expect(new Set(inline).size).toBeGreaterThan(numTicks / 2);
  });

  it('leaves the caller free while it plans', async () => {
    const thread = createPlanThread();
    const { env, run } = await worldOf(createTeamPlanner({ plan: thread.plan, expansions: 2000 }));
    let turns = 0;
    const thought = run.think().then(() => turns);
    setImmediate(() => turns++);
    expect(await thought).toBe(1);
    env.close();
    await thread.close();
  });

  it('says that it must be awaited, and why a plan did not come', async () => {
    const thread = createPlanThread();
    const { env, run } = await worldOf(createTeamPlanner({ plan: thread.plan }));
    expect(run.thinks).toBe(true);
    expect(() => run.act()).toThrow(/Await PolicyRun\.think\(\) in every tick/);
    const pending = run.think();
    const failed = expect(pending).rejects.toThrow(/planning thread ended/);
    await thread.close();
    await failed;
    env.close();
  });

  it('outlives a thread that crashed: a plan asked for before that thread has gone comes from another', async () => {
    const thread = createPlanThread();
    const problem: GridProblem = {
      kind: 'grid',
      name: 'row',
      grid: { size: [3, 1, 1], blocked: new Uint8Array(3) },
      moves: 4,
      agents: [{ name: 'ada', start: [0, 0, 0], goal: [2, 0, 0] }],
      timing: 'steps',
      radius: 0,
    };
    const broken = { ...problem, grid: undefined } as unknown as GridProblem;
    await expect(thread.plan(broken, 100, 0, 0)).rejects.toThrow();
    expect((await thread.plan(problem, 100, 0, 0)).status).toBe('solved');
    expect((await thread.plan(problem, 100, 0, 0)).status).toBe('solved');
    await thread.close();
    await expect(thread.plan(problem, 100, 0, 0)).rejects.toThrow(/it was closed/);
    expect(thread.numPlans).toBe(2);
  });

  it('is no thread for policies that need none', async () => {
    const { env, run } = await worldOf(createTeamPlanner());
    expect(run.thinks).toBe(false);
    env.close();
  });
});

describe('planner:voxel in a thread', () => {
  it.each([
    ['reach-flat-v1', 180, undefined],
    ['dig-tunnel-v1', 120, 400],
    ['corridor-swap-v1', 60, undefined],
  ])('gives the hashes of %s that it gives inline, tick by tick', async (id, numTicks, expansionsPerTick) => {
    const paid = expansionsPerTick === undefined ? {} : { expansionsPerTick };
    const thread = createPlanThread();
    const there = createVoxelFactory({ ...paid, plan: thread.walk });
    const inThread = await hashesOf(there, id, numTicks);
    await thread.close();
    const here = createVoxelFactory(paid);
    expect(inThread).toEqual(await hashesOf(here, id, numTicks));
    expect(thread.numPlans).toBeGreaterThanOrEqual(2);
    expect(there.tally).toEqual(here.tally);
    expect(here.tally.plannedTicks).toBeGreaterThan(numTicks / 2);
    expect(new Set(inThread).size).toBeGreaterThan(numTicks / 3);
  });

  it('differs where the thread is given another level than the one that is played', async () => {
    const thread = createPlanThread();
    const emptied: WalkPlanning = (program, slot, level) => {
      const planner = thread.walk(program, slot, level);
      return {
        ...planner,
        plan: (voxels, query) =>
          planner.plan(
            voxels.map((_, cell) => (cell < voxels.length / 2 ? voxels[0] : 0)),
            query,
          ),
      };
    };
    const there = createVoxelFactory({ plan: emptied });
    const wrong = await hashesOf(there, 'reach-maze-v1', 40);
    const right = await hashesOf(createVoxelFactory({ plan: thread.walk }), 'reach-maze-v1', 40);
    await thread.close();
    expect(wrong).not.toEqual(right);
  });

  it('says that it must be awaited, and why a plan did not come', async () => {
    const thread = createPlanThread();
    const { env, run } = await worldOf(createVoxelFactory({ plan: thread.walk }), 'reach-flat-v1');
    expect(run.thinks).toBe(true);
    expect(() => run.act()).toThrow(/planner:voxel in a thread must be awaited/);
    const pending = run.think();
    const failed = expect(pending).rejects.toThrow(/planning thread ended/);
    await thread.close();
    await failed;
    env.close();
  });
});
