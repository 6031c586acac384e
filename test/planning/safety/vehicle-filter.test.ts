/** The safety filter of rovers and quadcopters in the rigid engine, and the grids and distances that it is made of. */
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { POSE } from '@kinovox/physics';
import { createSafetyFilter, createStateValue, solveStraightWay, solveTurningWay } from '@kinovox/planning';
import { ACTION_WORD, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK, PROP_WORDS, VEHICLE_WORD, VEHICLE_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { summary } from '../../bench/safety/closed-loop.js';
import { arena, playVehicles } from '../../bench/safety/closed-loop-vehicles.js';
import { measureModel } from '../../bench/safety/model-error.js';

const kit = {
  loadScenario,
  createBatchEnv,
  createPolicy,
  runPolicies,
  createSafetyFilter,
  createStateValue,
  ACTION_WORD,
  EVENT,
  EVENT_WORDS,
  MAX_EVENTS_PER_TICK,
  VEHICLE_WORD,
  VEHICLE_WORDS,
};
/** Compiled once, so that levels are made once. */
const ARENAS = { rover: arena(kit, 'rover'), quadcopter: arena(kit, 'quadcopter') };

describe.each(['rover', 'quadcopter'] as const)('a %s that plays at random while blocks come and go', (vehicle) => {
  const loop = { vehicle, episodes: 6, ticks: 100, seed: 3, compiled: ARENAS[vehicle] };

  it('is not harmed where it starts safe while the filter enforces', async () => {
    const { startSafe, harmed, intervened, interventionRate, blockSwitches } = summary(
      await playVehicles(kit, { ...loop, mode: 'enforce' }),
    );
    expect(startSafe).toBeGreaterThan(3);
    expect(harmed).toBe(0);
    expect(blockSwitches).toBeGreaterThan(20);
    expect(intervened).toBeGreaterThan(10);
    expect(interventionRate).toBeLessThan(0.4);
  });

  it('is harmed without it as under a monitor, which foretells all of it, and with a value of the wrong sign', async () => {
    const ticks = vehicle === 'rover' ? 200 : 100;
    const off = await playVehicles(kit, { ...loop, ticks, mode: 'off' });
    const monitor = await playVehicles(kit, { ...loop, ticks, mode: 'monitor' });
    expect(monitor.map(({ harmedAt }) => harmedAt)).toEqual(off.map(({ harmedAt }) => harmedAt));
    const harmed = monitor.filter(({ startValue, harmedAt }) => startValue > 0.05 && harmedAt !== undefined);
    expect(harmed.length).toBeGreaterThan(0);
    for (const { flaggedAt, harmedAt } of harmed) expect(flaggedAt).toBeLessThanOrEqual(harmedAt!);
    const flipped = summary(await playVehicles(kit, { ...loop, ticks, mode: 'flipped' }));
    expect(flipped.harmed).toBeGreaterThan(0);
  });

  it('keeps, while it brakes, what its value was at the start, to less than the margin', async () => {
    const { brakes, drop, ticks, tick } = await measureModel(kit, { vehicle, episodes: 8, brakes: 3, seed: 5, compiled: ARENAS[vehicle] });
    expect(brakes).toBeGreaterThan(2);
    expect(drop.most).toBeLessThan(0.05);
    expect(ticks).toBeGreaterThan(100);
    expect(tick.p99).toBeLessThan(0.05);
  });
});

describe('ways on while braking, from grids', () => {
  it('are those of the closed form before a wall, never less, and at most 4 % and 0.03 m more', () => {
    const way = solveStraightWay(2, 0.25, 10);
    for (let speed = 0; speed <= 10; speed += 0.37) {
      const exact = (speed * speed) / (2 * 1.75);
      expect(way.at(speed)).toBeGreaterThanOrEqual(exact - 1e-6);
      expect(way.at(speed)).toBeLessThan(exact * 1.04 + 0.03);
    }
    expect(way.at(-3)).toBe(0);
  });

  it('hold the worst turn while wheels brake, to a centimetre', () => {
    const [deceleration, creep, turnRate] = [3.2, 0.3, 2.2];
    const way = solveTurningWay(deceleration, creep, turnRate, 3);
    for (const speed of [0.3, 1.2, 2.8])
      for (let angle = 0; angle <= Math.PI; angle += Math.PI / 6) {
        // Turns towards the direction as fast as it may, then goes straight.
        let [v, left, gone, most] = [speed, angle, 0, 0];
        for (let t = 0; t < 4; t += 2e-3) {
          gone += v * Math.cos(left) * 2e-3;
          most = Math.max(most, gone);
          left = Math.max(0, left - turnRate * 2e-3);
          v -= deceleration * Math.min(1, v / creep) * 2e-3;
        }
        expect(way.at(angle, speed)).toBeGreaterThan(most - 0.01);
        expect(way.at(angle, speed)).toBeLessThan(most + 0.2);
        expect(way.at(-angle, speed)).toBeCloseTo(way.at(angle, speed), 6);
      }
  });
});

describe('a safety filter of vehicles', () => {
  it('stops a rover that drives at a hole, and its slice is negative there', async () => {
    const env = await createBatchEnv({ scenario: ARENAS.rover, numWorlds: 1, seed: 1, split: 'test', observe: false, engine: 'rigid' });
    env.reset();
    const filter = createSafetyFilter(env.engine, { mode: 'enforce' });
    const { state } = env.engine;
    const row = new Float32Array(env.actionLength);
    // Yaw 0 looks to -z: the terrace ends at z = 6.
    for (let tick = 0; tick < 90; tick++) {
      row.fill(0);
      row[ACTION_WORD.forward] = 1;
      filter.filter(row);
      env.stepSync(row);
    }
    expect(filter.intervened).toBeGreaterThan(0);
    expect(state.posY[0] / 65536).toBeGreaterThan(8.2);
    const z = state.posZ[0] / 65536;
    expect(z).toBeLessThan(8);
    expect(filter.valueOf(0, 0)).toBeGreaterThan(0);
    const { origin, nodes, spacing, values } = filter.sliceOf(0, 0, 17, 0.5);
    const x = state.posX[0] / 65536;
    expect(values[(nodes * nodes - 1) / 2]).toBeCloseTo(filter.valueOf(0, 0), 5);
    let beyond = 0;
    // A slice moves the body as it is: to the engine's own words.
    const [posX, posZ] = [state.posX[0], state.posZ[0]];
    for (let k = 0; k < nodes * nodes; k += 7) {
      state.posX[0] = (origin[0] + (k % nodes) * spacing) * 65536;
      state.posZ[0] = (origin[1] + Math.floor(k / nodes) * spacing) * 65536;
      if (Number.isFinite(values[k])) expect(values[k]).toBeCloseTo(filter.valueOf(0, 0), 5);
    }
    state.posX[0] = posX;
    state.posZ[0] = posZ;
    expect(new Set(values).size).toBeGreaterThan(10);
    for (let k = 0; k < nodes * nodes; k++) {
      const [atX, atZ] = [origin[0] + (k % nodes) * spacing, origin[1] + Math.floor(k / nodes) * spacing];
      if (Math.abs(atX - x) > 1 || atZ >= 6) continue;
      expect(values[k]).toBeLessThan(0);
      beyond++;
    }
    expect(beyond).toBeGreaterThan(3);
    env.close();
  });

  it('says what it would not pass, and refuses bodies that it knows nothing of', async () => {
    const env = await createBatchEnv({
      scenario: ARENAS.quadcopter,
      numWorlds: 1,
      seed: 1,
      split: 'test',
      observe: false,
      engine: 'rigid',
    });
    env.reset();
    const run = runPolicies(env, createPolicy('safe:monitor:random'));
    const told = [];
    for (let tick = 0; tick < 300 && told.length === 0; tick++) {
      env.stepSync(run.act());
      told.push(...run.interventions);
    }
    expect(told[0].sentence).toMatch(
      /would not pass: it leads (into a block, or out of the world,|to where a block may appear) within \d+ ticks/,
    );
    expect(run.plans(0, [0]).slices[0].value).toBeGreaterThan(-1);
    const { program } = env.engine;
    const bodies = (change: object) => ({
      ...env.engine,
      state: env.engine.state,
      program: { ...program, vehicles: { ...program.vehicles!, bodies: [{ ...program.vehicles!.bodies[0], ...change }] } },
    });
    expect(() => createSafetyFilter(bodies({ vehicle: 'car' }) as never, { mode: 'monitor' })).toThrow(/agent 0 of .* is a car/);
    expect(() => createSafetyFilter(bodies({ assist: 'rate' }) as never, { mode: 'monitor' })).toThrow(
      /hold themselves level; got assist "rate"/,
    );
    expect(createSafetyFilter(bodies({ vehicle: 'car' }) as never, { mode: 'off' }).mode).toBe('off');
    const refusals: [change: object, sentence: RegExp][] = [
      [{ maxTiltDeg: 31 }, /maxTiltDeg of at most 30; got 31/],
      [{ maxClimb: 2.6 }, /maxClimb of at most 2.5 m\/s; got 2.6/],
      [{ motorLag: 0.09 }, /motorLag of at most 0.08 s; got 0.09/],
      [{ maxThrust: 5 }, /can brake while they lean, with four times maxThrust of \d+\.\d N or more; got 20 N/],
      [{ size: [2, 0.14, 2] }, /lean and level fast enough/],
      [{ maxYawRateDeg: 361 }, /maxYawRateDeg of at most 360; got 361/],
    ];
    for (const [change, sentence] of refusals)
      expect(() => createSafetyFilter(bodies(change) as never, { mode: 'monitor' })).toThrow(sentence);
    expect(createSafetyFilter(bodies({ maxYawRateDeg: 360 }) as never, { mode: 'monitor' }).mode).toBe('monitor');
    env.close();
  });

  it('refuses rovers that hardly brake or tip over, and calls one that lies over unsafe', async () => {
    const env = await createBatchEnv({ scenario: ARENAS.rover, numWorlds: 1, seed: 1, split: 'test', observe: false, engine: 'rigid' });
    env.reset();
    const { program, state } = env.engine;
    const filterOf = (change: object) =>
      createSafetyFilter(
        {
          ...env.engine,
          state,
          program: { ...program, vehicles: { ...program.vehicles!, bodies: [{ ...program.vehicles!.bodies[0], ...change }] } },
        } as never,
        { mode: 'enforce' },
      );
    expect(() => filterOf({ motorForce: 5 })).toThrow(/brake with at least 0.3 m\/s\^2; got 0.17/);
    expect(() => filterOf({ wheelRadius: 0.5, suspensionLength: 0.3, stiffness: 60 })).toThrow(
      /do not tip over.*got 4.41 m\/s\^2 x 0.76 m/,
    );
    const filter = filterOf({});
    expect(filter.valueOf(0, 0)).toBeGreaterThan(0.05);
    const pose = program.vehicles!.firstProp * PROP_WORDS;
    // Rolled on its side: a right angle about z.
    state.prop[pose + POSE.qz] = state.prop[pose + POSE.qw] = Math.round(16384 / Math.SQRT2);
    expect(filter.valueOf(0, 0)).toBe(-1);
    env.close();
  });

  it('reads the sticks of a rover as the engine does, NaN too', async () => {
    const env = await createBatchEnv({ scenario: ARENAS.rover, numWorlds: 1, seed: 1, split: 'test', observe: false, engine: 'rigid' });
    env.reset();
    const filter = createSafetyFilter(env.engine, { mode: 'enforce' });
    let least = Number.POSITIVE_INFINITY;
    const row = new Float32Array(env.actionLength);
    for (let tick = 0; tick < 90; tick++) {
      row.fill(0);
      row[ACTION_WORD.forward] = 1;
      row[ACTION_WORD.strafe] = Number.NaN;
      filter.filter(row);
      env.stepSync(row);
      least = Math.min(least, env.engine.state.posY[0] / 65536);
    }
    expect(filter.intervened).toBeGreaterThan(0);
    expect(least).toBeGreaterThan(8.2);
    env.close();
  });

  it('knows no way of a quadcopter whose lean alone is faster than the grids, whatever its climb takes from that', async () => {
    const env = await createBatchEnv({
      scenario: ARENAS.quadcopter,
      numWorlds: 1,
      seed: 1,
      split: 'test',
      observe: false,
      engine: 'rigid',
    });
    env.reset();
    const { program, state } = env.engine;
    const value = createStateValue(program, { maxFall: 3, horizonTicks: 100 }, 0);
    const pose = program.vehicles!.firstProp * PROP_WORDS;
    const first = state.prop.slice(pose, pose + PROP_WORDS);
    const kindAt = (speed: number, up: number) => {
      state.prop.set(first, pose);
      state.prop[pose + POSE.vx] = Math.round((speed / 20) * 65536);
      state.prop[pose + POSE.vy] = Math.round((up / 20) * 65536);
      value.take(state, 0, 0);
      value.valueAfter();
      return value.harm.kind;
    };
    expect(kindAt(12.5, 0)).not.toBe('speed');
    expect(kindAt(12.9, 0)).toBe('speed');
    // What the brake of its sinking takes from the speed to one side does not count for that side's way.
    expect(kindAt(12.7, -4)).not.toBe('speed');
    expect(kindAt(13.05, -4)).toBe('speed');
    env.close();
  });
});
