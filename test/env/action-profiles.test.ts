import {
  assertConforms,
  checkBatchEnv,
  checkEnv,
  createBatchEnv,
  createBatchEnvSync,
  createEnv,
  createEnvSync,
  discreteChoices,
  type Env,
  MINERL_COLUMNS,
  spaceContains,
  WAYPOINT_SPEC,
} from '@kinovox/env';
import { ACTION_FIELDS, type ScenarioInput, ShapeError, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { stroll, talk } from './sample-scenarios.js';

/** A walker on open ground, facing north (-z), with planks in hand. */
const field: ScenarioInput = {
  ...stroll,
  id: 'sample-field-v1',
  world: { size: [32, 10, 32], terrain: { generator: 'flat', ground: 2 } },
  agents: [{ id: 'ada', body: 'walker', spawn: { at: [16, 2, 16] }, inventory: { planks: 8 } }],
  task: {
    reach: {
      agents: 'all',
      region: [
        [0, 2, 0],
        [1, 3, 1],
      ] as never,
    },
  },
  episode: { maxTicks: 1200, variants: 1 },
};
const survival: ScenarioInput = {
  ...field,
  id: 'sample-larder-v1',
  survival: {},
  agents: [
    { id: 'ada', body: 'walker', spawn: { at: [16, 2, 16], yawDeg: -90 }, inventory: { bread: 2 } },
    { id: 'bob', team: 'other', body: 'walker', spawn: { at: [18, 2, 16], yawDeg: 90 } },
  ],
};

const positionOf = (env: Env, slot = 0) =>
  (['posX', 'posY', 'posZ'] as const).map((name) => env.batch.engine.state[name][slot] / 65536) as [number, number, number];
const open = (scenario: ScenarioInput, actionProfile?: 'native' | 'discrete' | 'minerl' | 'waypoint') => {
  const env = createEnvSync({ scenario, actionProfile });
  env.reset({ seed: 1 });
  return env;
};

describe('action profiles', () => {
  it("are the scenario's unless the environment asks for another", () => {
    expect(createEnvSync({ scenario: talk }).metadata.actionProfile).toBe('discrete');
    expect(createEnvSync({ scenario: talk, actionProfile: 'minerl' }).metadata.actionProfile).toBe('minerl');
    expect(createEnvSync({ scenario: { ...field, actions: { profile: 'waypoint' } } }).metadata.actionProfile).toBe('waypoint');
    expect(() => createEnvSync({ scenario: field, actionProfile: 'minrl' as never })).toThrow(UsageError);
    expect(() => createEnvSync({ scenario: field, actionProfile: 'minrl' as never })).toThrow('Did you mean "minerl"?');
  });

  it('lead to the same states for the same keys', () => {
    const keys = [
      { native: { forward: 1, sprint: 1 }, minerl: { forward: 1, sprint: 1 }, discrete: 'sprint' },
      { native: { strafe: -1 }, minerl: { left: 1 }, discrete: 'left' },
      { native: { forward: -1 }, minerl: { back: 1 }, discrete: 'back' },
      { native: { turn: Math.PI / 12 }, minerl: { camera: [0, -15] }, discrete: 'turn-left' },
      { native: { forward: 1, jump: 1 }, minerl: { forward: 1, jump: 1 }, discrete: 'jump-forward' },
      { native: { look: -Math.PI / 12 }, minerl: { camera: [15, 0] }, discrete: 'look-down' },
      { native: { interact: 1 }, minerl: { attack: 1 }, discrete: 'dig' },
      { native: { interact: 2 }, minerl: { use: 1 }, discrete: 'place' },
      { native: { slot: 3 }, minerl: { 'hotbar.3': 1 }, discrete: 'slot-3' },
    ] as const;
    const envs = { native: open(field), minerl: open(field, 'minerl'), discrete: open(field, 'discrete') };
    const hashes: string[][] = [];
    for (let t = 0; t < 120; t++) {
      const key = keys[(t >> 2) % keys.length];
      hashes.push(
        (['native', 'minerl', 'discrete'] as const).map((profile) => {
          envs[profile].step({ ada: key[profile] as never });
          return envs[profile].stateHash();
        }),
      );
    }
    for (const [native, minerl, discrete] of hashes) expect([minerl, discrete]).toEqual([native, native]);
    expect(new Set(hashes.map(([native]) => native)).size).toBe(hashes.length);
  });

  it('give a batch rows of the width that its space says', () => {
    for (const [profile, width] of [
      ['native', ACTION_FIELDS],
      ['minerl', MINERL_COLUMNS.length],
      ['waypoint', WAYPOINT_SPEC.length],
    ] as const) {
      const batch = createBatchEnvSync({ scenario: field, numWorlds: 3, actionProfile: profile });
      batch.reset();
      expect(batch.actionLength).toBe(3 * width);
      expect(batch.spaces.actionRow).toMatchObject({ kind: 'box', shape: [width] });
      const idle = new Float32Array(batch.actionLength);
      batch.codec.writeIdle(idle);
      batch.stepSync(idle);
      expect(() => batch.stepSync(new Float32Array(1))).toThrow(ShapeError);
    }
  });
});

describe('conformance', () => {
  it.each([
    ['minerl', field],
    ['waypoint', field],
    ['minerl', survival],
    ['discrete', survival],
  ] as const)('holds in the profile %s', async (actionProfile, scenario) => {
    assertConforms(await checkEnv((options) => createEnv({ scenario, actionProfile, ...options }), { ticks: 40, fixedLevel: true }));
    assertConforms(
      await checkBatchEnv((options) => createBatchEnv({ scenario, actionProfile, ...options }), { ticks: 40, fixedLevel: true }),
    );
  });
});

describe('the minerl profile', () => {
  it('has exactly the names of MineRL', () => {
    const env = open(field, 'minerl');
    const action = env.actionSpace('ada');
    if (action.kind !== 'dict') throw new Error('not a dictionary');
    const hotbar = Array.from({ length: 9 }, (_, i) => `hotbar.${i + 1}`);
    const names = [
      'ESC',
      'attack',
      'back',
      'camera',
      'drop',
      'forward',
      ...hotbar,
      'inventory',
      'jump',
      'left',
      'pickItem',
      'right',
      'sneak',
      'sprint',
      'swapHands',
      'use',
    ];
    expect(Object.keys(action.spaces).sort()).toEqual([...names].sort());
    const idle = Object.fromEntries(names.map((name) => [name, name === 'camera' ? [0, 0] : 0]));
    expect(spaceContains(action, idle)).toBe(true);
    const before = env.stateHash();
    const twin = open(field);
    env.step({ ada: { ...idle, ESC: 1, inventory: 1, pickItem: 1, swapHands: 1 } });
    twin.step();
    expect(env.stateHash()).toBe(twin.stateHash());
    expect(env.stateHash()).not.toBe(before);
  });

  it('strikes what stands in the aim, and digs where nothing does', () => {
    const env = open(survival, 'minerl');
    const health = () => env.batch.engine.state.health[1];
    const full = health();
    for (let t = 0; t < 20 && health() === full; t++) env.step({ ada: { attack: 1 } });
    expect(health()).toBeLessThan(full);
    const native = open(survival);
    const dug = open(survival, 'minerl');
    for (let t = 0; t < 12; t++) {
      // Looking at the ground.
      native.step({ ada: t === 0 ? { look: -1.4 } : { interact: 1 } });
      dug.step({ ada: t === 0 ? { camera: [(1.4 * 180) / Math.PI, 0] } : { attack: 1 } });
    }
    expect(dug.batch.engine.state.digProgress[0]).toBeGreaterThan(0);
    expect(dug.batch.engine.state.digProgress[0]).toBe(native.batch.engine.state.digProgress[0]);
  });

  it('refuses other names and cameras, with the nearest name', () => {
    const env = open(field, 'minerl');
    expect(() => env.step({ ada: { forwards: 1 } })).toThrow('Did you mean "forward"?');
    expect(() => env.step({ ada: { camera: [1] } })).toThrow(/\[pitch, yaw\]/);
    expect(() => env.step({ ada: 3 })).toThrow(/minerl profile/);
  });

  it('counts a camera that is not finite, and does not turn', () => {
    const env = open(field, 'minerl');
    env.step({ ada: { camera: [0, Number.NaN] } });
    expect(env.batch.invalidActions).toBe(1);
    expect(env.batch.engine.state.yaw[0]).toBe(open(field).batch.engine.state.yaw[0]);
  });
});

describe('the waypoint profile', () => {
  const goTo = (env: Env, x: number, z: number, seconds: number, ticks: number) => {
    for (let t = 0; t < ticks; t++) env.step({ ada: { x, y: 2, z, time: Math.max(0, seconds - t / 20) } });
  };

  it('is there on time, and stands', () => {
    for (const [x, z, seconds] of [
      [16.5, 8.5, 4],
      [24.5, 16.5, 3],
      [10.5, 22.5, 5],
    ]) {
      const env = open(field, 'waypoint');
      const start = positionOf(env);
      const ticks = seconds * 20;
      goTo(env, x, z, seconds, ticks / 2);
      const half = positionOf(env);
      // Half of the time, half of the way, but for the start.
      const share = Math.hypot(half[0] - start[0], half[2] - start[2]) / Math.hypot(x - start[0], z - start[2]);
      expect(share).toBeGreaterThan(0.45);
      expect(share).toBeLessThan(0.55);
      for (let t = ticks / 2; t < ticks + 10; t++) env.step({ ada: { x, y: 2, z, time: Math.max(0, seconds - t / 20) } });
      const [endX, , endZ] = positionOf(env);
      expect(Math.hypot(endX - x, endZ - z)).toBeLessThan(0.05);
      const { velX, velZ } = env.batch.engine.state;
      expect(Math.hypot(velX[0], velZ[0]) / 65536).toBeLessThan(0.01);
    }
  });

  it('is as fast as the body can be where the time does not suffice, and no faster', () => {
    const env = open(field, 'waypoint');
    const runner = open(field);
    for (let t = 0; t < 30; t++) {
      env.step({ ada: { x: 16.5, y: 2, z: 2.5, time: 0.05 } });
      runner.step({ ada: { forward: 1, sprint: 1 } });
    }
    const [, , z] = positionOf(env);
    expect(Math.abs(z - positionOf(runner)[2])).toBeLessThan(0.3);
  });

  it('jumps onto a block in its way', () => {
    const step: ScenarioInput = {
      ...field,
      world: { ...field.world, edits: [{ fill: 'stone', from: [0, 2, 12], to: [31, 2, 12] }] } as never,
    };
    const env = open(step, 'waypoint');
    goTo(env, 16.5, 10.5, 4, 100);
    expect(positionOf(env)[2]).toBeLessThan(11);
  });

  it('brakes and stands without a place, and passes hands on', () => {
    const env = open(field, 'waypoint');
    goTo(env, 16.5, 4.5, 1, 10);
    for (let t = 0; t < 30; t++) env.step({ ada: { look: t === 0 ? -1.2 : 0, interact: 1 } });
    expect(Math.abs(env.batch.engine.state.velZ[0])).toBeLessThan(200);
    expect(env.batch.engine.state.pitch[0]).toBeLessThan(0);
    expect(env.batch.engine.state.digProgress[0]).toBeGreaterThan(0);
  });

  it('mirrors: a place to the east is reached as one to the west is', () => {
    const path = (x: number) => {
      const env = open(field, 'waypoint');
      return Array.from({ length: 40 }, (_, t) => {
        env.step({ ada: { x, y: 2, z: 12.5, time: 2 - t / 20 } });
        return positionOf(env);
      });
    };
    const east = path(20.5);
    const west = path(12.5);
    for (let t = 0; t < 40; t++) {
      expect(east[t][0] - 16.5).toBeCloseTo(16.5 - west[t][0], 3);
      expect(east[t][2]).toBeCloseTo(west[t][2], 3);
    }
  });

  it('counts a place that is not finite and stands', () => {
    const env = open(field, 'waypoint');
    env.step({ ada: { x: Number.POSITIVE_INFINITY, y: 2, z: 3, time: 1 } });
    expect(env.batch.invalidActions).toBe(1);
  });
});

describe('the discrete profile with survival', () => {
  it('has the other slots, the interactions of survival, and a choice per recipe', () => {
    const env = open(survival, 'discrete');
    const { space } = env.batch.codec;
    if (space.kind !== 'discrete') throw new Error('not discrete');
    const names = discreteChoices(env.batch.engine.program).map(({ name }) => name);
    expect(space.names).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['slot-9', 'attack', 'eat', 'drop', 'give', 'sleep', 'craft-stick']));
    expect(names.slice(0, 20)).toEqual(discreteChoices({ survival: undefined }).map(({ name }) => name));
  });

  it('crafts', () => {
    const carpenter = { ...survival, agents: [{ ...survival.agents[0], inventory: { oak_log: 1 } }, survival.agents[1]] } as ScenarioInput;
    const env = open(carpenter, 'discrete');
    const recipe = discreteChoices(env.batch.engine.program).find(({ name }) => /^craft-.*planks/.test(name))!.name;
    for (let t = 0; t < 40; t++) env.step({ ada: recipe });
    const { inventoryCount } = env.batch.engine.state;
    expect(inventoryCount.subarray(0, 9).reduce((a, b) => a + b, 0)).toBeGreaterThan(1);
  });
});
