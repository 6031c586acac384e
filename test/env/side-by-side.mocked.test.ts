/** Both tiers side by side: equal where no prop is in reach, told where one is. */
import { createPolicy, runPolicies } from '@kinovox/agents';
import {
  type BatchEnvOptions,
  type CompiledScenario,
  createBatchEnv,
  createBatchEnvSync,
  loadScenario,
  type SideBySideOptions,
  stepSideBySide,
  withoutProps,
  withPropsOutOfReach,
} from '@kinovox/env';
import { type BatchState, HASH_PARTS, type HashPart, hashBatch, hashPartsInto, hashWorld, hasMovingProp } from '@kinovox/physics';
import { formatHash, type ScenarioInput, STATE_SPEC, type StateFieldName } from '@kinovox/world';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as far from '../../packages/env/src/compile/far-props.js';
import { actionStreams, busyActions, createBusyWorld } from '../physics/busy-world.js';
import { arena, crateAt, walkerAt } from '../physics/rigid-worlds.js';

vi.mock('../../packages/env/src/compile/far-props.js', { spy: true });
const { farPropSpawns } = await vi.importActual<typeof far>('../../packages/env/src/compile/far-props.js');

afterEach(() => {
  vi.mocked(far.farPropSpawns).mockImplementation(farPropSpawns);
});

const compare = (scenario: SideBySideOptions['scenario'], rest: Partial<SideBySideOptions> = {}, policy = 'random') =>
  stepSideBySide({
    scenario,
    ticks: 120,
    numWorlds: 2,
    decide: (env) => {
      const run = runPolicies(env, createPolicy(policy));
      return () => run.act();
    },
    ...rest,
  });
/** Walks ahead on both sides. */
const ahead: Partial<SideBySideOptions> = {
  decide: (env) => {
    const actions = Float32Array.from({ length: env.actionLength }, (_, k) => (k % 11 === 0 ? 1 : 0));
    return () => actions;
  },
};
const field = (maxTicks = 50): ScenarioInput => arena([], [walkerAt(8.5, 16.5)], { episode: { maxTicks, variants: 3 } });

describe('both tiers', () => {
  it('are equal over episodes where props are out of reach, of which one is always in motion', async () => {
    const result = await compare(field());
    expect(result).toMatchObject({ props: 'out-of-reach', numProps: 3, worlds: 2, ticks: 120, episodes: 4, crashes: 0 });
    expect(result).toMatchObject({ firstDivergence: null, maxPositionError: 0, movingShare: 1 });
    expect(result.firstTickByPart).toEqual({ agents: null, voxels: null, monitors: null, rest: null });
    expect(result.leastPropDistance).toBeGreaterThanOrEqual(8);
  });

  it('part where a prop stands in the way, and agents are what differs', async () => {
    vi.mocked(far.farPropSpawns).mockImplementation((resolved, count) =>
      farPropSpawns(resolved, count).map((spawn, k) => ({
        ...spawn,
        exact: [(12 << 16) + 32768, (4 << 16) + 32768 + k * 65536, (16 << 16) + 32768],
        drift: undefined,
      })),
    );
    const result = await compare(field(100), ahead);
    expect(result.leastPropDistance).toBeLessThan(1);
    expect(result.firstDivergence).toMatchObject({ row: 0, episode: 0, parts: expect.arrayContaining(['agents']) });
    expect(result.firstDivergence!.tick).toBe(result.firstDivergence!.episodeTick);
    expect(result.firstTickByPart.agents).toBeGreaterThan(5);
    expect(result.firstTickByPart.agents).toBeLessThan(40);
    expect(result.firstTickByPart.voxels).toBeNull();
    expect(result.maxPositionError).toBeGreaterThan(1);
  });

  it('part in a scenario with props of its own when the first is pushed, and in monitors that read it', async () => {
    const push = arena([crateAt(12.5, 4.5, 16.5, { massKg: 10 })], [walkerAt(8.5, 16.5)], {
      task: {
        propIn: {
          prop: 'crate',
          region: [
            [15, 4, 12],
            [20, 6, 20],
          ],
        },
      },
      episode: { maxTicks: 200, variants: 2 },
    });
    const result = await compare(push, ahead);
    expect(result).toMatchObject({ props: 'own', numProps: 1, crashes: 0 });
    const { agents, monitors } = result.firstTickByPart;
    expect(agents).toBeGreaterThan(5);
    expect(monitors).toBeGreaterThan(agents!);
    expect(result.firstDivergence).toMatchObject({ tick: agents });
    // Episodes that end with the crate on its place end on both sides.
    expect(result.episodes).toBeGreaterThan(1);
    const idle = await compare(push, {}, 'idle');
    expect(idle).toMatchObject({ firstDivergence: null, maxPositionError: 0 });
  });

  it('are refused for vehicles, which one of them does not have', async () => {
    const rover = { ...walkerAt(8.5, 16.5), body: { type: 'rigid' as const, vehicle: 'rover' as const } };
    await expect(compare(arena([], [rover]))).rejects.toThrow(/that both tiers can move; got vehicles in rigid-arena-v1/);
  });

  it('have room for props above the highest world, and refuse too many', async () => {
    const world = { size: [16, 128, 16] as [number, number, number], terrain: { generator: 'flat' as const, ground: 4 } };
    const twin = withPropsOutOfReach(loadScenario({ ...field(500), world, agents: [walkerAt(8.5, 8.5)] }), 16);
    const env = await createBatchEnv({ scenario: twin, observe: false });
    env.reset();
    for (let t = 0; t < 100; t++) env.stepSync(new Float32Array(env.actionLength));
    expect(env.engine.outputs.truncated[0]).toBe(0);
    expect(hasMovingProp(env.engine.state, twin.program, 0)).toBe(true);
    env.close();
    expect(() => withPropsOutOfReach(loadScenario(field()), 17)).toThrow(/farProps must be an integer in 0\.\.16; got 17/);
  });
});

describe('a scenario whose props are taken away', () => {
  it('has nothing true of them, whatever is asked', async () => {
    const everywhere: [[number, number, number], [number, number, number]] = [
      [0, 0, 0],
      [31, 15, 31],
    ];
    const asked = [
      { inside: { prop: 'crate', region: everywhere } },
      { propIn: { prop: 'crate', region: everywhere } },
      { near: { agents: 'all', of: 'crate', metres: 30 } },
      { sees: { agents: 'all', target: 'crate', rangeMetres: 20 } },
      { upright: { prop: 'crate', tiltDeg: 10 } },
      { speedBelow: { of: 'crate', metresPerSecond: 9 } },
    ];
    for (const task of asked) {
      const compiled = loadScenario(arena([crateAt(12.5, 4.5, 16.5)], undefined, { task }));
      for (const [scenario, status] of [
        [withoutProps(compiled), 0],
        [compiled, 1],
      ] as const) {
        const env = await createBatchEnv({ scenario, observe: false, autoreset: 'disabled' });
        env.reset();
        env.stepSync(new Float32Array(env.actionLength));
        expect(env.engine.outputs.rootStatus[0], JSON.stringify(task)).toBe(status);
        expect(env.engine.outputs.rootProgress[0]).toBe(status << 14);
        env.close();
      }
    }
  });
});

describe('a scenario with props out of reach', () => {
  it('keeps levels, seeds and hash, and is the same object when asked for twice', () => {
    const plain = loadScenario(field());
    const twin = withPropsOutOfReach(plain);
    expect(twin.program.scenarioHash).toBe(plain.program.scenarioHash);
    expect(twin.program.numProps).toBe(3);
    expect(twin.variantSource('test').get(1).voxels).toEqual(plain.variantSource('test').get(1).voxels);
    expect(loadScenario(twin)).toBe(twin);
    expect(() => createBatchEnvSync({ scenario: twin, engine: 'cpu' })).toThrow(/without props; got 3/);
  });

  it('keeps what the source was compiled to observe', () => {
    const plain = loadScenario(field(), { observation: { crop: 3 } });
    const twin = withPropsOutOfReach(plain);
    expect(plain.program.observation.crop).toBe(3);
    expect(twin.program.observation.crop).toBe(3);
    expect(withPropsOutOfReach(loadScenario(field())).program.observation.crop).not.toBe(3);
    expect(loadScenario(plain, { observation: { crop: 5 } }).program.observation.crop).toBe(5);
  });

  it('is played in threads as in one', async () => {
    const plain = loadScenario(field());
    const twin = withPropsOutOfReach(plain);
    const one = await playedBy(twin, { engine: 'rigid' });
    for (const threads of [1, 2]) expect(await playedBy(twin, { engine: 'rigid', threads })).toEqual(one);
    // Threads that compile other props than the batch has say so.
    const unlike = { ...twin, farProps: 1 };
    await expect(playedBy(unlike, { engine: 'rigid', threads: 2 })).rejects.toThrow(
      /must compile the scenario that its batch plays, \w+ with 3 props in (\d+) words of state; got \w+ with 1 props in (?!\1)\d+ words/,
    );
    await expect(playedBy({ ...plain, farProps: 1 }, { engine: 'workers', threads: 2 })).rejects.toThrow(/with 0 props .* with 1 props/);
  });
});

describe('a scenario without its props', () => {
  it('is played in threads as in one', async () => {
    const twin = withoutProps(loadScenario(arena([crateAt(12.5, 4.5, 16.5)])));
    expect(await playedBy(twin, { engine: 'workers', threads: 2 })).toEqual(await playedBy(twin, { engine: 'cpu' }));
    expect(loadScenario(twin, { idleProps: 1 }).program.numProps).toBe(0);
    await expect(playedBy({ ...twin, withoutProps: false }, { engine: 'workers', threads: 2 })).rejects.toThrow(
      /with 0 props .* with 1 props/,
    );
  });
});

/** Hashes of a batch of four worlds that walk ahead, tick by tick. */
async function playedBy(scenario: CompiledScenario, options: Pick<BatchEnvOptions, 'engine' | 'threads'>): Promise<string[]> {
  const env = await createBatchEnv({ scenario, numWorlds: 4, ...options });
  try {
    env.reset();
    const actions = ahead.decide!(env);
    return Array.from({ length: 60 }, () => {
      env.stepSync(actions());
      return hashBatch(env.engine.state);
    });
  } finally {
    env.close();
  }
}

describe('the parts of the state hash', () => {
  it('sum to the hash of the world, and each holds its own fields', () => {
    const { engine } = createBusyWorld({ seed: 5 });
    const [stream] = actionStreams(1, () => 5);
    for (let t = 0; t < 60; t++) {
      busyActions(engine, 0, stream);
      engine.step();
    }
    const { state } = engine;
    const before = partsOf(state);
    expect(sumOf(before)).toBe(hashWorld(state, 0));
    const words: [StateFieldName, HashPart][] = [
      ['posX', 'agents'],
      ['inventoryCount', 'agents'],
      ['register', 'monitors'],
      ['status', 'monitors'],
      ['mechanism', 'rest'],
      ['numEvents', 'rest'],
      ['seedLow', 'rest'],
    ];
    for (const [name, part] of words) {
      if (state[name].length === 0) continue;
      state[name][0] ^= 1;
      const after = partsOf(state);
      expect(HASH_PARTS.filter((one) => after[one] !== before[one])).toEqual([part]);
      expect(sumOf(after)).toBe(hashWorld(state, 0));
      state[name][0] ^= 1;
    }
    state.voxelHash[0] ^= 1;
    expect(HASH_PARTS.filter((one) => partsOf(state)[one] !== before[one])).toEqual(['voxels']);
    expect(STATE_SPEC.filter(({ width }) => width === 'props').map(({ name }) => name)).toEqual(['prop']);
  });
});

function partsOf(state: BatchState): Record<HashPart, string> {
  const lanes = new Uint32Array(2 * HASH_PARTS.length);
  hashPartsInto(lanes, state, 0);
  return Object.fromEntries(HASH_PARTS.map((part, k) => [part, formatHash(lanes[2 * k], lanes[2 * k + 1])])) as Record<HashPart, string>;
}

/** The hash whose lanes are the sums of the parts' lanes; lane 1 is written first. */
function sumOf(parts: Record<HashPart, string>): string {
  const lane = (at: number) => Object.values(parts).reduce((sum, hash) => (sum + Number.parseInt(hash.slice(at, at + 8), 16)) >>> 0, 0);
  return formatHash(lane(8), lane(0));
}
