import { createPolicy, createTeamPlanner, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { EVENT, EVENT_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const scenario = (id: string) => loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);

async function envOf(id: string, numWorlds = 1) {
  return createBatchEnv({ scenario: scenario(id), numWorlds, seed: 4, split: 'test', autoreset: 'disabled' });
}

describe('planner:lacam', () => {
  it('does the same in every row as in a world alone, and in every run', async () => {
    const hashes = async (numWorlds: number) => {
      const env = await envOf('corridor-swap-v1', numWorlds);
      env.reset({ seed: 4 });
      const run = runPolicies(env, createPolicy('planner:lacam'));
      for (let tick = 0; tick < 120; tick++) env.stepSync(run.act());
      const rows = env.rowHashes();
      env.close();
      return rows;
    };
    const [three, again] = [await hashes(3), await hashes(3)];
    expect(three).toEqual(again);
    expect(new Set(three).size).toBe(3);
    expect((await hashes(1))[0]).toBe(three[0]);
  });
  it('plays what it planned: its log, replayed open-loop, ends in the same state, and nobody was touched', async () => {
    const env = await envOf('corridor-swap-v1');
    env.reset({ seed: 4 });
    const run = runPolicies(env, createPolicy('planner:lacam'));
    const log: Float32Array[] = [];
    let touches = 0;
    for (let ended = false; !ended; ) {
      log.push(run.act().slice());
      ended = (await env.step(log[log.length - 1])).ended[0] === 1;
      const { events, eventCount } = env.engine.buffers;
      for (let k = 0; k < eventCount[0]; k++) if (events[k * EVENT_WORDS] === EVENT.touched) touches++;
    }
    expect(touches).toBe(0);
    expect(env.episodes.successRate).toBe(1);
    const hash = env.rowHashes()[0];
    env.reset({ seed: 4 });
    for (const actions of log) await env.step(actions);
    expect(env.rowHashes()[0]).toBe(hash);
    env.close();
  });
  it('pays for its planning in ticks', async () => {
    const env = await envOf('alcove-v1');
    const firstMove = (expansionsPerTick: number) => {
      env.reset({ seed: 4 });
      const run = runPolicies(env, createTeamPlanner({ expansionsPerTick }));
      for (let tick = 0; tick < 400; tick++) {
        if (run.act().some((x) => x !== 0)) return tick;
        env.stepSync(run.actions);
      }
      return -1;
    };
    expect(firstMove(1e9)).toBeLessThanOrEqual(1);
    expect(firstMove(10)).toBeGreaterThan(10);
    env.close();
  });
  it('sends rovers below and quadcopters above, so that none of eight comes near another', async () => {
    const env = await envOf('mixed-crossing-v1');
    env.reset({ seed: 4 });
    const run = runPolicies(env, createPolicy('planner:lacam'));
    let highestRover = 0;
    let lowestCopter = Number.POSITIVE_INFINITY;
    for (let tick = 0; tick < 200; tick++) {
      env.stepSync(run.act());
      const heights = [...env.engine.state.posY.subarray(0, 8)].map((y) => y / 65536);
      highestRover = Math.max(highestRover, ...heights.slice(0, 4));
      if (tick > 20) lowestCopter = Math.min(lowestCopter, ...heights.slice(4));
    }
    expect(highestRover).toBeLessThan(3);
    expect(lowestCopter).toBeGreaterThan(4);
    env.close();
  });
  it('refuses cars by name', async () => {
    const env = await envOf('car-park-v1');
    env.reset();
    expect(() => runPolicies(env, createPolicy('planner:lacam'))).toThrow('got a car at agents "');
    env.close();
  });
});
