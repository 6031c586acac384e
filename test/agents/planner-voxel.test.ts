/** The policy `planner:voxel`: walks by plans that come about as foreseen, and plans again when they do not. */
import { createPolicy, createVoxelFactory, runPolicies } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_WORD, INTERACT } from '@kinovox/world';
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

  it('brakes, running, before a hole that others dig in its way, and goes around', async () => {
    const at = (x: number, y: number, z: number) => [x, y, z];
    const env = await createBatchEnv({
      scenario: {
        version: 1,
        id: 'dam-v1',
        title: 'A dam over a pit',
        world: {
          size: [40, 14, 24],
          terrain: { generator: 'flat', ground: 8, top: 'dirt', body: 'dirt' },
          diggable: 'all',
          edits: [
            { fill: 'air', from: at(6, 1, 0), to: at(33, 7, 23) },
            { fill: 'dirt', from: at(6, 7, 11), to: at(33, 7, 11) },
            { fill: 'dirt', from: at(20, 1, 14), to: at(22, 7, 14) },
          ],
        },
        agents: [
          { id: 'ada', body: 'walker', spawn: { at: at(3, 8, 11), yawDeg: 0 } },
          ...[20, 21, 22].map((x) => ({ id: `digger-${x}`, body: 'walker', spawn: { at: at(x, 8, 14), yawDeg: 0 } })),
        ],
        task: { reach: { agents: 'ada', region: [at(36, 8, 10), at(38, 9, 12)] } },
        episode: { maxTicks: 300 },
      } as never,
      numWorlds: 1,
      seed: 3,
      autoreset: 'disabled',
      observe: false,
    });
    env.reset({ seed: 3 });
    const run = runPolicies(env, { ada: factory, default: createPolicy('idle') });
    const { state } = env.engine;
    const hash = state.voxelHash[0];
    let dugAt = -1;
    for (let tick = 0, ended = false; !ended; tick++) {
      const actions = run.act().slice();
      // Once each digger digs the dam before it: three blocks, and the walker is still before them.
      for (let k = 1; k <= 3; k++) {
        actions[k * ACTION_FIELDS + ACTION_WORD.interact] = INTERACT.dig;
        if (tick === 5) actions[k * ACTION_FIELDS + ACTION_WORD.look] = 0 - Math.atan2(2.12, 3);
      }
      ended = env.stepSync(actions).ended[0] === 1;
      if (dugAt < 0 && state.voxelHash[0] !== hash) {
        dugAt = tick;
        expect(Math.abs(state.velX[0])).toBeGreaterThan(6000);
      }
      expect(state.posY[0]).toBeGreaterThanOrEqual(8 * 65536);
    }
    expect(dugAt).toBeGreaterThan(5);
    expect(env.episodes.successes).toBe(1);
    env.close();
  });

  it.each([
    ['in its way', [20, 8, 11], 'plain'],
    ['where its goal is nearest', [36, 8, 11], 'plain'],
    ['in the only gap of a wall but one far off', [20, 8, 11], 'gap'],
  ])('goes around somebody who stands %s, and touches nobody', async (_, place, room) => {
    const at = (x: number, y: number, z: number) => [x, y, z];
    const env = await createBatchEnv({
      scenario: {
        version: 1,
        id: 'bystander-v1',
        title: 'Past somebody who stands',
        world: {
          size: [40, 12, 24],
          terrain: { generator: 'flat', ground: 8, top: 'dirt', body: 'dirt' },
          ...(room === 'gap'
            ? {
                edits: [
                  { fill: 'stone', from: at(20, 8, 0), to: at(20, 10, 23) },
                  { fill: 'air', from: at(20, 8, 11), to: at(20, 10, 11) },
                  { fill: 'air', from: at(20, 8, 3), to: at(20, 10, 3) },
                ],
              }
            : {}),
        },
        agents: [
          { id: 'ada', body: 'walker', spawn: { at: at(3, 8, 11), yawDeg: 0 } },
          { id: 'bob', body: 'walker', spawn: { at: place, yawDeg: 0 } },
        ],
        task: {
          all: [{ reach: { agents: 'ada', region: [at(36, 8, 10), at(38, 9, 12)] } }, { never: { touched: { agents: 'ada', by: 'bob' } } }],
        },
        episode: { maxTicks: 400 },
      } as never,
      numWorlds: 1,
      autoreset: 'disabled',
      observe: false,
    });
    env.reset({ seed: 3 });
    const before = { ...factory.tally };
    const run = runPolicies(env, { ada: factory, default: createPolicy('idle') });
    for (let ended = false; !ended; ) ended = env.stepSync(run.act()).ended[0] === 1;
    expect([env.episodes.successes, factory.tally.parted - before.parted]).toEqual([1, 0]);
    env.close();
  });

  it('stands while its planning is paid for, and then goes by one plan that comes about as foreseen', async () => {
    const paying = createVoxelFactory({ expansionsPerTick: 100 });
    const env = await createBatchEnv({
      scenario: new URL('../../scenarios/reach-flat-v1.scenario.json', import.meta.url).pathname,
      split: 'test',
      seed: 11,
      autoreset: 'disabled',
      observe: false,
    });
    const run = runPolicies(env, paying);
    env.reset({ seed: 11 });
    const { state } = env.engine;
    const start = [state.posX[0], state.posZ[0]];
    let stood = 0;
    for (let tick = 0, ended = false; !ended; tick++) {
      const actions = run.act();
      if (stood === tick && actions.every((value) => value === 0)) stood++;
      if (stood > tick) {
        expect([state.posX[0], state.posZ[0]]).toEqual(start);
        expect(run.plans(0).agents[0].status).toMatch(/stands until tick/);
      }
      ended = env.stepSync(actions).ended[0] === 1;
    }
    const { plans, parted, scriptedTicks, expansions } = paying.tally;
    expect([env.episodes.successes, plans, parted, scriptedTicks]).toEqual([1, 1, 0, 0]);
    expect(stood).toBe(Math.ceil(expansions / 100));
    expect(stood).toBeGreaterThan(3);
    expect(() => createVoxelFactory({ expansionsPerTick: 0 })).toThrow(/must be above 0; got 0/);
    env.close();
  });

  it('is known by its name, and its neighbours are suggested', () => {
    expect(createPolicy('planner:voxel').name).toBe('planner:voxel');
    expect(() => createPolicy('planner:vocsel')).toThrow(/Did you mean "voxel"/);
  });
});
