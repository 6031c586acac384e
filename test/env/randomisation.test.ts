/** Domain randomisation: what an episode draws, what it does to bodies, and where it is written down. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  type BatchEnv,
  type BatchEnvOptions,
  compileScenario,
  createAsyncBatchEnv,
  createBatchEnv,
  createBatchEnvSync,
  createEnvSync,
  createIdleSource,
  readRecording,
  recordRow,
  replayRecording,
} from '@kinovox/env';
import { parseScenario, type ScenarioInput, scenarioHash } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { bridge, randomActions, stroll } from './sample-scenarios.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-randomisation-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

type Ranges = NonNullable<ScenarioInput['randomisation']>;
const drawn = (randomisation: Ranges, base: ScenarioInput = stroll): ScenarioInput => ({ ...base, randomisation });
const everything: Ranges = { speed: [0.5, 1.5], jump: [0.8, 1.2], friction: [0.3, 1.2], actionDelayTicks: [0, 4] };

function open(scenario: ScenarioInput, options: Partial<BatchEnvOptions> = {}): BatchEnv {
  const env = createBatchEnvSync({ scenario, seed: 5, ...options });
  env.reset();
  return env;
}

/** Z of the first agent after each of some ticks of running north and some of letting go. */
function run(scenario: ScenarioInput, ticks: number, rest = 0): number[] {
  const env = open(scenario);
  const zs: number[] = [];
  for (let t = 0; t < ticks + rest; t++) {
    const actions = new Float32Array(env.actionLength);
    if (t < ticks) actions[0] = 1;
    env.stepSync(actions);
    zs.push(env.engine.state.posZ[0] / 65536);
  }
  return zs;
}
const speedAt = (zs: number[], t: number) => zs[t - 1] - zs[t];

describe('the draws of an episode', () => {
  it('lie in their ranges and reach into both ends of them', () => {
    const env = open(drawn(everything, bridge), { numWorlds: 200 });
    const rows = Array.from({ length: 200 }, (_, row) => env.drawnIn(row).randomisation!);
    const expectSpread = (values: number[], [low, high]: readonly [number, number]) => {
      // Draws are whole numbers of 1/4096.
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1 / 4096);
      expect(Math.max(...values)).toBeLessThanOrEqual(high + 1 / 4096);
      expect(Math.min(...values)).toBeLessThan(low + 0.1 * (high - low));
      expect(Math.max(...values)).toBeGreaterThan(high - 0.1 * (high - low));
    };
    expectSpread(
      rows.flatMap(({ speed }) => speed),
      everything.speed!,
    );
    expectSpread(
      rows.flatMap(({ jump }) => jump),
      everything.jump!,
    );
    expectSpread(
      rows.map(({ friction }) => friction),
      everything.friction!,
    );
    expect([...new Set(rows.flatMap(({ actionDelayTicks }) => actionDelayTicks))].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(rows[0].speed[0]).not.toBe(rows[0].speed[1]);
  });

  it('follow from the seed of the episode alone', () => {
    const scenario = drawn(everything, bridge);
    const batch = open(scenario, { numWorlds: 8 });
    const single = open(scenario, { seed: 5 + 6 });
    expect(single.drawnIn(0)).toEqual(batch.drawnIn(6));
    expect(batch.drawnIn(5)).not.toEqual(batch.drawnIn(6));
    const first = single.drawnIn(0);
    single.reset();
    expect(single.drawnIn(0)).not.toEqual(first);
    single.reset({ seed: 11 });
    expect(single.drawnIn(0)).toEqual(first);
  });

  it('are none, and no hash moves, where a scenario declares none', () => {
    const plain = compileScenario(parseScenario(stroll, 'stroll'));
    expect(plain.program.randomisation).toBeUndefined();
    expect(plain.program.scenarioHash).toBe(scenarioHash(parseScenario(stroll, 'stroll')));
    expect(compileScenario(parseScenario(drawn({}), 'stroll')).program.randomisation).toBeUndefined();
    const neutral = drawn({ speed: [1, 1], jump: [1, 1], friction: [1, 1], actionDelayTicks: [0, 0] });
    expect(run(neutral, 30, 10)).toEqual(run(stroll, 30, 10));
    expect(open(stroll).drawnIn(0)).toEqual({ parameters: {} });
  });

  it('are told at a reset, to each agent what concerns it', () => {
    const env = createEnvSync({ scenario: drawn(everything, bridge), seed: 9 });
    const { infos } = env.reset();
    const { parameters, randomisation } = env.batch.drawnIn(0);
    expect(Object.keys(parameters)).toEqual(['gap']);
    for (const [slot, id] of env.possibleAgents.entries())
      expect(infos[id].drawn).toEqual({
        parameters,
        randomisation: {
          speed: randomisation!.speed[slot],
          jump: randomisation!.jump[slot],
          friction: randomisation!.friction,
          actionDelayTicks: randomisation!.actionDelayTicks[slot],
        },
      });
    expect(createEnvSync({ scenario: stroll }).reset().infos.ada.drawn).toBeUndefined();
  });

  it('are written into a recording, which replays exactly', async () => {
    const env = open(drawn(everything, bridge), { numWorlds: 2 });
    const file = path.join(folder, 'drawn.kvr');
    const recorder = recordRow(env, 1, file);
    const told = [env.drawnIn(1)];
    for (let t = 0; t < 150; t++) {
      const { ended } = env.stepSync(randomActions(env.actionLength, 3, t));
      if (ended[1] === 1) told.push(env.drawnIn(1));
    }
    recorder.close();
    const written = [...readRecording(file).entries()].filter((entry) => entry.type === 'episode');
    expect(written.map(({ parameters, randomisation }) => ({ parameters, randomisation }))).toEqual(told);
    expect(told.length).toBeGreaterThan(1);
    expect((await replayRecording(file)).sentence).toMatch(/All 150 state hashes were recomputed and are equal/);
  });
});

describe('what is drawn', () => {
  it('makes a walker faster in proportion to its speed', () => {
    const [slow, fast] = [run(drawn({ speed: [0.5, 0.5] }), 30), run(drawn({ speed: [1.5, 1.5] }), 30)];
    expect(speedAt(fast, 29) / speedAt(slow, 29)).toBeCloseTo(3, 2);
  });

  it('makes ground that grips less slow to speed up on and slow to stop on, at the same top speed', () => {
    const [firm, loose] = [run(stroll, 40, 20), run(drawn({ friction: [0.2, 0.2] }), 40, 20)];
    expect(speedAt(loose, 39) / speedAt(firm, 39)).toBeCloseTo(1, 1);
    expect(speedAt(loose, 2)).toBeLessThan(0.7 * speedAt(firm, 2));
    const glide = (zs: number[]) => zs[39] - zs[59];
    expect(glide(loose)).toBeGreaterThan(4 * glide(firm));
  });

  it('makes a jump as high as the square of its factor', () => {
    const height = (scenario: ScenarioInput) => {
      const env = open(scenario);
      const actions = new Float32Array(env.actionLength);
      actions[2] = 1;
      let top = 0;
      for (let t = 0; t < 20; t++) {
        env.stepSync(actions);
        top = Math.max(top, env.engine.state.posY[0] / 65536);
      }
      return top - 2;
    };
    const [usual, low] = [height(stroll), height(drawn({ jump: [0.7, 0.7] }))];
    // Air takes some of it.
    expect(low / usual).toBeGreaterThan(0.45);
    expect(low / usual).toBeLessThan(0.55);
  });

  it('lets an action take effect as many ticks later as its delay', () => {
    const path = (scenario: ScenarioInput) => {
      const env = open(scenario);
      const zs: number[] = [];
      for (let t = 0; t < 40; t++) {
        const actions = new Float32Array(env.actionLength);
        // A body stands on its ground after one tick.
        if (t >= 5) actions.set([Math.sin(t), Math.cos(t)]);
        env.stepSync(actions);
        zs.push(env.engine.state.posX[0], env.engine.state.posZ[0]);
      }
      return zs;
    };
    const [prompt, late] = [path(stroll), path(drawn({ actionDelayTicks: [3, 3] }))];
    expect(late.slice(6)).toEqual(prompt.slice(0, -6));
    expect(late).not.toEqual(prompt);
  });

  it('holds back nothing from the episode before', () => {
    // An episode ends while actions are under way: the next one starts at rest.
    const scenario = drawn({ actionDelayTicks: [4, 4] }, { ...stroll, episode: { maxTicks: 10, variants: 4 } });
    const env = open(scenario);
    const actions = new Float32Array(env.actionLength);
    actions[0] = 1;
    for (let t = 0; t < 10; t++) env.stepSync(actions);
    const start = env.engine.state.posZ[0];
    for (let t = 0; t < 4; t++) env.stepSync(actions);
    expect(env.engine.state.posZ[0]).toBe(start);
    env.stepSync(actions);
    expect(env.engine.state.posZ[0]).toBeLessThan(start);
  });
});

describe('a snapshot in the middle of a delay', () => {
  const scenario = drawn({ actionDelayTicks: [3, 3] });
  const ahead = (env: BatchEnv) => {
    for (let t = 0; t < 10; t++) env.stepSync(randomActions(env.actionLength, 8, t));
    return env.stateHash();
  };

  it('holds the actions under way, in a restored row and in a fork', () => {
    const env = open(scenario);
    for (let t = 0; t < 7; t++) env.stepSync(randomActions(env.actionLength, 7, t));
    const snapshot = env.snapshot(0);
    const fork = env.forkSync(0);
    const expected = ahead(env);
    expect(ahead(fork)).toBe(expected);
    env.restore(0, snapshot);
    expect(ahead(env)).toBe(expected);
    // Without them the future is another.
    env.restore(0, { ...snapshot, pending: new Float32Array(snapshot.pending!.length) });
    expect(ahead(env)).not.toBe(expected);
  });
});

describe('the engines', () => {
  /** Nothing in it can change a block. */
  const idleHands: ScenarioInput = { ...stroll, agents: [{ ...stroll.agents[0], can: { dig: false, place: false, use: false } }] };

  it('agree on what is drawn: workers and rigid give the hashes of cpu', async () => {
    const scenario = drawn(everything, bridge);
    const hashes = (env: BatchEnv) => {
      env.reset();
      const seen: string[] = [];
      for (let t = 0; t < 100; t++) {
        env.stepSync(randomActions(env.actionLength, 2, t));
        seen.push(env.stateHash());
      }
      env.close();
      return seen;
    };
    const cpu = hashes(createBatchEnvSync({ scenario, numWorlds: 6, seed: 3 }));
    for (const engine of ['workers', 'rigid'] as const)
      expect(hashes(await createBatchEnv({ scenario, numWorlds: 6, seed: 3, engine })), engine).toEqual(cpu);
    expect(hashes(createBatchEnvSync({ scenario: { ...scenario, randomisation: undefined }, numWorlds: 6, seed: 3 }))).not.toEqual(cpu);
    const batch = await createAsyncBatchEnv({ scenario, numWorlds: 6, seed: 3, engine: 'cpu' });
    await batch.reset();
    for (let t = 0; t < 100; t++) await batch.step(randomActions(batch.actionLength, 2, t));
    expect(await batch.stateHash()).toBe(cpu[99]);
    expect(batch.drawnIn(2).randomisation).toBeDefined();
  });

  it('refuse what they cannot do: gpujs any draw, and advance a delay', async () => {
    await expect(createBatchEnv({ scenario: drawn({ speed: [1, 2] }, idleHands), engine: 'gpujs' })).rejects.toThrow(
      'The engine "gpujs" must get a scenario without "randomisation"',
    );
    (await createBatchEnv({ scenario: idleHands, engine: 'gpujs' })).close();
    const batch = await createAsyncBatchEnv({ scenario: drawn({ actionDelayTicks: [0, 2] }), engine: 'cpu' });
    await batch.reset();
    await expect(batch.advance(createIdleSource(), 3)).rejects.toThrow('must have a scenario without "randomisation.actionDelayTicks"');
    const prompt = await createAsyncBatchEnv({ scenario: drawn({ speed: [1, 2] }), engine: 'cpu' });
    await prompt.reset();
    await prompt.advance(createIdleSource(), 3);
  });
});

describe('a scenario with ranges that cannot be', () => {
  const refused = (randomisation: unknown, agents?: unknown) => () =>
    parseScenario({ ...stroll, randomisation, ...(agents === undefined ? {} : { agents }) }, 'here');

  it('is refused with the path and the limit', () => {
    expect(refused({ speed: [2, 1] })).toThrow('randomisation.speed must have its lower bound first');
    expect(refused({ sped: [1, 2] })).toThrow('Did you mean "speed"?');
    expect(refused({ actionDelayTicks: [0, 21] })).toThrow(/randomisation\.actionDelayTicks\[1\].*20/);
    expect(refused({ friction: [0, 1] })).toThrow(/randomisation\.friction\[0\]/);
    expect(refused({ speed: [1, 2], friction: [1, 2] })).toThrow('must have its highest speed and friction come to at most 3.8');
    const quick = [{ ...stroll.agents[0], body: { type: 'walker', speedScale: 2 } }];
    expect(refused({ speed: [1, 2] }, quick)).toThrow('must have its highest speed and friction come to at most 3.8');
    expect(refused({ speed: [1, 1.9] }, quick)).not.toThrow();
  });
});
