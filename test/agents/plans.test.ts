/** What policies say of their plans: that it is so, that it is bounded, and that asking changes nothing. */
import { createMppiFactory, createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { createSafetyFilter } from '@kinovox/planning';
import { type AgentPlan, RowPlansSchema } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { findConflicts, type MovingBody } from '../../packages/agents/src/plans/conflicts.js';
import { thinned } from '../../packages/agents/src/plans/way.js';

const scenario = (id: string) => loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
const start = async (id: string, policy: string, numWorlds = 1) => {
  const env = await createBatchEnv({ scenario: scenario(id), numWorlds, seed: 3, autoreset: 'disabled' });
  env.reset({ seed: 3 });
  const run = runPolicies(env, createPolicy(policy));
  const { state, program } = env.engine;
  const at = (row: number, slot: number) =>
    [state.posX, state.posY, state.posZ].map((axis) => axis[row * program.numAgents + slot] / 65536);
  return { env, run, at };
};

describe('plans of policies', () => {
  it.each([
    ['planner:lacam', 'corridor-swap-v1'],
    ['planner:voxel', 'reach-maze-v1'],
    ['safe:enforce:random', 'parkour-v1'],
  ])('of %s asked for or not, leave %s the same', async (policy, id) => {
    const play = async (asks: boolean) => {
      const { env, run } = await start(id, policy);
      for (let tick = 0; tick < 30; tick++) {
        env.stepSync(run.act());
        if (asks && tick % 10 === 5) RowPlansSchema.parse(run.plans(0, [0]));
      }
      const hashes = env.rowHashes();
      env.close();
      return hashes;
    };
    expect(await play(true)).toEqual(await play(false));
  });

  it('of a team keep no cell for two at once, begin where agents are and end apart', async () => {
    const { env, run, at } = await start('corridor-swap-v1', 'planner:lacam', 2);
    for (let tick = 0; tick < 120; tick++) {
      env.stepSync(run.act());
      if (tick % 10 !== 9) continue;
      const { agents, conflicts, tick: now } = run.plans(1);
      expect(now).toBe(tick + 1);
      expect(agents).toHaveLength(6);
      expect(conflicts).toEqual([]);
      const held = agents.flatMap(({ cells }) => cells.filter((cell) => cell.held));
      expect(held.length).toBeGreaterThanOrEqual(6);
      // The cell that one is leaving may be the next one's already; all others have one owner.
      const ahead = agents.flatMap(({ cells }) =>
        cells
          .slice(1)
          .filter((cell) => cell.held)
          .map((cell) => cell.at.join()),
      );
      expect(new Set(ahead).size).toBe(ahead.length);
      expect(new Set(agents.map(({ path }) => path.at(-1)!.slice(0, 3).join())).size).toBe(6);
      for (const { slot, path } of agents) {
        at(1, slot).forEach((metres, axis) => {
          expect(path[0][axis]).toBeCloseTo(metres, 1);
        });
        expect(path.every(([, , , at], k) => k === 0 || at >= path[k - 1][3])).toBe(true);
      }
    }
    env.close();
  });

  it('of a team that plans anew on its way keep no cell for two at once, and say why', async () => {
    const { env, run } = await start('corridor-swap-changing-v1', 'planner:lacam');
    const causes = new Set<string>();
    for (let tick = 0; tick < 130; tick++) {
      env.stepSync(run.act());
      if (tick % 2 === 1) continue;
      const { agents } = run.plans(0);
      expect(agents).toHaveLength(6);
      // One may come through a cell twice.
      const ahead = agents.flatMap(({ cells }) => [
        ...new Set(
          cells
            .slice(1)
            .filter((cell) => cell.held)
            .map((cell) => cell.at.join()),
        ),
      ]);
      expect(new Set(ahead).size).toBe(ahead.length);
      for (const { path, cells, status } of agents) {
        causes.add(/made because (.*?)\./.exec(status)?.[1] ?? status);
        // What is its own already takes no longer than going there.
        const [last] = cells.filter(({ held }) => held).slice(-1);
        expect(last.from - (tick + 1)).toBeLessThanOrEqual(6 * 4);
        expect(path.every(([, , , at], k) => k === 0 || at >= path[k - 1][3])).toBe(true);
      }
    }
    expect([...causes]).toEqual(['there was none', 'goals, blocks or others have changed']);
    env.close();
  });

  it('of walkers on errands say what for', async () => {
    const { env, run } = await start('warehouse-v1', 'planner:lacam');
    for (let tick = 0; tick < 20; tick++) env.stepSync(run.act());
    const { agents } = RowPlansSchema.parse(run.plans(0));
    expect(agents).toHaveLength(100);
    expect(agents.filter(({ status }) => /^Cell \d+ of \d+, to fetch a block/.test(status)).length).toBeGreaterThan(20);
    env.close();
  });

  it('of one walker say exactly where it will be', async () => {
    const { env, run, at } = await start('reach-maze-v1', 'planner:voxel');
    for (let tick = 0; tick < 5; tick++) env.stepSync(run.act());
    const [{ path, exact, status }] = run.plans(0).agents;
    expect(exact).toBe(true);
    expect(status).toMatch(/^Tick 5 of \d+ of a plan to the goal, made because there was none\.$/);
    let seen = 0;
    for (let tick = 6; tick < 60; tick++) {
      env.stepSync(run.act());
      const point = path.find((one) => one[3] === tick);
      if (point === undefined) continue;
      seen++;
      at(0, 0).forEach((metres, axis) => {
        expect(Math.abs(point[axis] - metres)).toBeLessThan(0.006);
      });
    }
    expect(seen).toBeGreaterThan(5);
    env.close();
  });

  it('of MPPI begin at the vehicle and come with some of what was tried', async () => {
    const env = await createBatchEnv({ scenario: scenario('rover-slalom-v1'), numWorlds: 1, seed: 2, autoreset: 'disabled' });
    env.reset({ seed: 2 });
    const run = runPolicies(env, createMppiFactory({ numSequences: 64 }));
    expect(run.plans(0).agents).toEqual([]);
    for (let tick = 0; tick < 12; tick++) env.stepSync(run.act());
    const [{ path, rollouts, planner }] = run.plans(0).agents;
    expect(planner).toBe('mppi');
    expect(path.map(([, , , tick]) => tick)).toEqual([11, 14, 17, 20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 51]);
    expect(Math.abs(path[0][2] - env.engine.state.posZ[0] / 65536)).toBeLessThan(0.2);
    expect(new Set(rollouts.map((way) => way.at(-1)!.join())).size).toBe(8);
    env.close();
  });

  it('are over after a reset, and absent where policies make none', async () => {
    const { env, run } = await start('corridor-swap-v1', 'planner:lacam');
    for (let tick = 0; tick < 3; tick++) env.stepSync(run.act());
    expect(run.plans(0).agents).toHaveLength(6);
    env.reset({ seed: 4 });
    expect(run.plans(0).agents).toEqual([]);
    env.close();
    const random = await start('corridor-swap-v1', 'random');
    random.env.stepSync(random.run.act());
    expect(random.run.plans(0, [0])).toEqual({ tick: 1, agents: [], conflicts: [], slices: [], omitted: 0 });
    random.env.close();
  });

  it('of a safety filter are its values: in the middle that of the agent, over the edge harm', async () => {
    const { env, run } = await start('parkour-v1', 'safe:monitor:scripted');
    for (let tick = 0; tick < 10; tick++) env.stepSync(run.act());
    const [slice] = run.plans(0, [0]).slices;
    const filter = createSafetyFilter(env.engine, { mode: 'monitor' });
    expect(slice.values[(slice.nodes ** 2 - 1) / 2]).toBeCloseTo(filter.valueOf(0, 0), 2);
    expect(slice.value).toBeCloseTo(filter.valueOf(0, 0), 2);
    const values = slice.values.filter((value) => value !== null);
    expect(Math.min(...values)).toBeLessThan(0);
    expect(Math.max(...values)).toBe(1);
    env.close();
  });
});

describe('what would meet', () => {
  const body = (slot: number, path: AgentPlan['path'], squad?: number): MovingBody => ({
    slot,
    at: [path[0][0], path[0][1], path[0][2]],
    velocity: [0, 0, 0],
    half: 0.3,
    below: 0,
    above: 1.8,
    plan: { slot, planner: 'test', status: '', path, exact: true, rollouts: [], cells: [], ...(squad === undefined ? {} : { squad }) },
  });
  const east: AgentPlan['path'] = [
    [0, 2, 5, 100],
    [10, 2, 5, 150],
  ];
  const west: AgentPlan['path'] = [
    [10, 2, 5, 100],
    [0, 2, 5, 150],
  ];

  it('is found at its first tick, between the two', () => {
    // 10 m apart, nearing by 0.4 m a tick, and 0.58 m is too near.
    expect(findConflicts([body(0, east), body(1, west)], 100).conflicts).toEqual([{ at: [5, 2, 5], slots: [0, 1], tick: 124 }]);
  });
  it('is nothing for those who were planned together, pass on another level, or stand side by side', () => {
    expect(findConflicts([body(0, east, 1), body(1, west, 1)], 100).conflicts).toEqual([]);
    expect(findConflicts([body(0, east, 1), body(1, west, 2)], 100).conflicts).toHaveLength(1);
    const above = west.map(([x, , z, tick]) => [x, 4, z, tick] as AgentPlan['path'][number]);
    expect(findConflicts([body(0, east), body(1, above)], 100).conflicts).toEqual([]);
    const beside = east.map(([x, y, , tick]) => [x, y, 5.6, tick] as AgentPlan['path'][number]);
    expect(findConflicts([body(0, east), body(1, beside)], 100).conflicts).toEqual([]);
  });
  it('counts what is over the limit', () => {
    const many = Array.from({ length: 12 }, (_, k) => body(k, k % 2 === 0 ? east : west));
    const { conflicts, omitted } = findConflicts(many, 100);
    expect(conflicts.length + omitted).toBe(36);
    const more = Array.from({ length: 24 }, (_, k) => body(k, k % 2 === 0 ? east : west));
    const cut = findConflicts(more, 100);
    expect([cut.conflicts.length, cut.omitted]).toEqual([64, 144 - 64]);
  });
  it('thins long ways and keeps their ends', () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });
});
