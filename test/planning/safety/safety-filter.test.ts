/** The safety filter in the real engine: random play over ledges, lava, trapdoors and a bridge that come and go. */
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, createEnv, loadScenario } from '@kinovox/env';
import { createWalkerMotion } from '@kinovox/physics';
import { createSafetyFilter, createWalkerValue, type SafetyIntervention } from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_WORD, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { flippedMeasure, ledges, playClosedLoop, summary } from '../../bench/safety/closed-loop.js';

const kit = {
  loadScenario,
  createBatchEnv,
  createPolicy,
  runPolicies,
  createSafetyFilter,
  createWalkerValue,
  EVENT,
  EVENT_WORDS,
  MAX_EVENTS_PER_TICK,
};
/** Compiled once, so that its levels are made once. */
const LOOP = { episodes: 30, ticks: 150, seed: 1, compiled: ledges(kit) };

describe('random play over ledges', () => {
  it('harms nobody who starts safe while the filter enforces', async () => {
    const episodes = await playClosedLoop(kit, { ...LOOP, mode: 'enforce' });
    const { startSafe, harmed, intervened, interventionRate, blockSwitches } = summary(episodes);
    expect(startSafe).toBeGreaterThan(20);
    expect(harmed).toBe(0);
    expect(blockSwitches).toBeGreaterThan(100);
    // It interferes, and leaves most actions alone.
    expect(intervened).toBeGreaterThan(50);
    expect(interventionRate).toBeLessThan(0.2);
  });

  it('ends in harm most of the time without the filter, and the monitor foretells all of it', async () => {
    const [off, monitor] = [await playClosedLoop(kit, { ...LOOP, mode: 'off' }), await playClosedLoop(kit, { ...LOOP, mode: 'monitor' })];
    expect(monitor.map(({ harmedAt }) => harmedAt)).toEqual(off.map(({ harmedAt }) => harmedAt));
    const harmed = monitor.filter(({ harmedAt }) => harmedAt !== undefined);
    expect(harmed.length).toBeGreaterThan(LOOP.episodes / 2);
    for (const { flaggedAt, harmedAt } of harmed) expect(flaggedAt).toBeLessThanOrEqual(harmedAt!);
    expect(off.every(({ flaggedAt }) => flaggedAt === undefined)).toBe(true);
  });
});

describe('a walker apart from its world', () => {
  it('moves as in it, to the last bit', async () => {
    const env = await createBatchEnv({ scenario: LOOP.compiled, numWorlds: 1, seed: 3, observe: false });
    env.reset();
    const { state, program } = env.engine;
    const motion = createWalkerMotion(program);
    const actions = new Float32Array(env.actionLength);
    for (let tick = 0; tick < 60; tick++) {
      const row = actions.subarray(0, ACTION_FIELDS);
      row[ACTION_WORD.forward] = Math.sin(tick / 7);
      row[ACTION_WORD.strafe] = Math.cos(tick / 5);
      row[ACTION_WORD.jump] = +(tick % 9 === 0);
      row[ACTION_WORD.turn] = 0.2;
      motion.take(state, 0, 0);
      motion.step(row);
      env.stepSync(actions);
      const { posX, posY, posZ, velX, velY, velZ } = motion.words;
      expect([posX, posY, posZ, velX, velY, velZ]).toEqual(
        [state.posX, state.posY, state.posZ, state.velX, state.velY, state.velZ].map((words) => words[0]),
      );
    }
    env.close();
  });
});

describe('a safety filter', () => {
  /** A walker in the middle of a table of 9 x 9 that stands 7 high. */
  const table = {
    version: 1,
    id: 'table-v1',
    title: 'A table',
    world: {
      size: [24, 16, 24],
      terrain: { generator: 'empty' },
      edits: [
        { fill: 'stone', from: [0, 0, 0], to: [23, 0, 23] },
        { fill: 'stone', from: [8, 1, 8], to: [16, 7, 16] },
      ],
    },
    agents: [{ id: 'ada', body: 'walker', spawn: { at: [12, 8, 12], yawDeg: 0 } }],
    task: {
      reach: {
        agents: 'ada',
        region: [
          [0, 1, 0],
          [1, 2, 1],
        ],
      },
    },
    episode: { maxTicks: 400 },
  };

  it('stops a sprinter at the edge, and passes every action before', async () => {
    const env = await createEnv({ scenario: table as never });
    env.reset({ seed: 1 });
    const { engine } = env.batch;
    const told: SafetyIntervention[] = [];
    const filter = createSafetyFilter(engine, {
      mode: 'enforce',
      onIntervention: (intervention) =>
        told.push({ ...intervention, raw: intervention.raw.slice(), applied: intervention.applied.slice() }),
    });
    const row = new Float32Array(ACTION_FIELDS);
    for (let tick = 0; tick < 80; tick++) {
      row.fill(0);
      row[ACTION_WORD.forward] = 1;
      row[ACTION_WORD.sprint] = 1;
      filter.filter(row);
      env.batch.stepSync(row);
    }
    expect(engine.state.posY[0]).toBe(8 * 65536);
    // The way of 4.5 m to the edge, and up to 0.3 m over it.
    expect(engine.state.posZ[0] / 65536).toBeLessThan(8.2);
    expect(told.length).toBeGreaterThan(0);
    expect(told[0].tick).toBeGreaterThan(12);
    expect(told[0].raw[ACTION_WORD.sprint]).toBe(1);
    expect(told[0].applied[ACTION_WORD.sprint]).toBe(0);
    expect(told[0].reason).toBe('fall');
    expect(told[0].sentence).toMatch(/does not pass: it leads to a fall within \d+ ticks/);
    env.close();
  });

  it('lets it fall with a value of the wrong sign: what must not pass is what passes', async () => {
    const env = await createEnv({ scenario: table as never });
    env.reset({ seed: 1 });
    const right = createSafetyFilter(env.batch.engine, { mode: 'monitor' });
    const wrong = createSafetyFilter(env.batch.engine, { mode: 'enforce' }, flippedMeasure(kit));
    const row = new Float32Array(ACTION_FIELDS);
    for (let tick = 0; tick < 80; tick++) {
      row.fill(0);
      row[ACTION_WORD.forward] = 1;
      row[ACTION_WORD.sprint] = 1;
      const before = right.intervened;
      right.filter(row);
      if (right.intervened > before) wrong.filter(row);
      env.batch.stepSync(row);
    }
    expect(wrong.seen).toBeGreaterThan(5);
    expect(wrong.intervened).toBe(0);
    expect(env.batch.engine.state.posY[0]).toBe(65536);
    env.close();
  });

  it('lets a body fall as far as it may', async () => {
    const env = await createEnv({ scenario: table as never });
    env.reset({ seed: 1 });
    const filter = createSafetyFilter(env.batch.engine, { mode: 'enforce', maxFall: 9 });
    const row = new Float32Array(ACTION_FIELDS);
    for (let tick = 0; tick < 80; tick++) {
      row.fill(0);
      row[ACTION_WORD.forward] = 1;
      filter.filter(row);
      env.batch.stepSync(row);
    }
    expect(env.batch.engine.state.posY[0]).toBe(65536);
    expect(filter.intervened).toBe(0);
    env.close();
  });

  it('lets a body fall just as far as it may, and no further', async () => {
    const env = await createEnv({ scenario: table as never });
    for (const [maxFall, foot, passes] of [
      [7, 65536, true],
      [6.9, 8 * 65536, false],
    ] as const) {
      env.reset({ seed: 1 });
      const filter = createSafetyFilter(env.batch.engine, { mode: 'enforce', maxFall });
      const row = new Float32Array(ACTION_FIELDS);
      for (let tick = 0; tick < 80; tick++) {
        row.fill(0);
        row[ACTION_WORD.forward] = 1;
        filter.filter(row);
        env.batch.stepSync(row);
      }
      expect(filter.intervened === 0).toBe(passes);
      expect(env.batch.engine.state.posY[0]).toBe(foot);
    }
    env.close();
  });

  it('is refused with a sentence where it cannot see what comes', async () => {
    const env = await createEnv({ scenario: { ...table, randomisation: { actionDelayTicks: [0, 3] } } as never });
    expect(() => createSafetyFilter(env.batch.engine, { mode: 'enforce' })).toThrow(/carried out at once; got delays in table-v1/);
    expect(createSafetyFilter(env.batch.engine, { mode: 'off' }).mode).toBe('off');
    expect(() => createSafetyFilter(env.batch.engine, { mode: 'enfore' as never })).toThrow(/Did you mean "enforce"/);
    expect(() => createSafetyFilter(env.batch.engine, { mode: 'monitor', margin: 2 })).toThrow(
      /margin of a safety filter must be in 0..0.5; got 2/,
    );
    env.close();
  });
});
