/**
 * Drawn moments on each tier, 20 of them, or 100 with KINOVOX_LONG_RIGID=1: what is restored from a snapshot goes on as the run did that it was taken from. State hashes (with monitors,
 * random streams, rigid bodies, joints, what is carried and vehicles), rewards, ends, returns, observations and late actions are equal in every tick of the suffix, resets included,
 * and a recording that begins there has the ticks and hashes of the run, and verifies.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPolicy, type PolicyRun, policyProfile, runPolicies } from '@kinovox/agents';
import {
  type BatchEnv,
  type CompiledScenario,
  createBatchEnv,
  loadScenario,
  type RowSnapshot,
  readRecording,
  recordRow,
  replayRecording,
} from '@kinovox/env';
import { hashWorld } from '@kinovox/physics';
import { formatHash, mix32, type ScenarioInput } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIGID_PLAY } from '../physics/rigid-play.js';
import { arena, crateAt, walkerAt } from '../physics/rigid-worlds.js';
import { CAR, COPTER, driver, field, ROVER } from '../physics/vehicle-worlds.js';

const POINTS = process.env.KINOVOX_LONG_RIGID === '1' ? 100 : 20;
const SUFFIX_TICKS = 15;
const RUN_TICKS = 140;
const ROWS = 2;
/** Short enough that runs and suffixes meet ends and resets. */
const MAX_TICKS = 50;

const shipped = (id: string): ScenarioInput => JSON.parse(readFileSync(`scenarios/${id}.scenario.json`, 'utf8'));
const short = (scenario: ScenarioInput): CompiledScenario =>
  loadScenario({ ...scenario, episode: { ...scenario.episode, maxTicks: MAX_TICKS } } as ScenarioInput);
/** Speed, jump, friction and a delay of actions that every episode draws. */
const drawn = (scenario: ScenarioInput): ScenarioInput => ({
  ...scenario,
  randomisation: { speed: [0.8, 1.2], jump: [0.9, 1.1], friction: [0.5, 1.2], actionDelayTicks: [0, 3] },
});
const withProps = readdirSync('scenarios')
  .filter((name) => name.endsWith('.scenario.json'))
  .map((name) => shipped(name.replace('.scenario.json', '')))
  .filter(({ props, agents }) => props !== undefined || agents.some(({ body }) => typeof body === 'object' && body.type === 'rigid'));

/** A door, a drawer and an arm that hangs on a chest, with walkers beside them; and one vehicle of each kind among crates. */
const jointed = arena(
  [
    {
      id: 'door',
      shape: { box: [0.1, 2, 1.5] },
      massKg: 20,
      joint: { hinge: { anchor: [0, 0, -0.75], limitsDeg: [-90, 90] } },
      spawn: { atMetres: [12.5, 5.05, 16.5] },
    },
    crateAt(12.5, 4.52, 20.5, { id: 'drawer', joint: { slider: { limitsMetres: [-1, 1], damping: 5 } } }),
    crateAt(14.5, 4.5, 16.5, { id: 'chest', massKg: 60 }),
    {
      id: 'arm',
      shape: { plank: { length: 1.5, width: 0.5 } },
      massKg: 6,
      joint: { hinge: { to: 'chest', anchor: [-0.75, 0, 0], axis: [0, 0, 1], limitsDeg: [-60, 60] } },
      spawn: { atMetres: [15.75, 5.2, 16.5] },
    },
  ],
  [walkerAt(11.5, 16.9), walkerAt(11.4, 20.5, -90, 'bob')],
  { id: 'jointed-v1' },
);
const driven = field([driver(CAR, [20, 4, 20]), driver(ROVER, [30, 4, 20], 0, 'bob'), driver(COPTER, [40, 4, 20], 0, 'cid')], {
  id: 'driven-v1',
  props: [crateAt(20.5, 4.5, 16.5), crateAt(30.5, 4.5, 17.5, { id: 'second' })],
});

const TIERS: Record<'cpu' | 'rigid', ScenarioInput[]> = {
  cpu: [
    drawn(shipped('plates-and-door-v1')),
    shipped('tag-v1'),
    shipped('relay-code-v1'),
    shipped('survival-team-v1'),
    shipped('night-watch-v1'),
  ],
  rigid: [drawn(RIGID_PLAY), RIGID_PLAY, jointed, driven, ...withProps],
};

interface Point {
  row: number;
  tick: number;
  snapshot: RowSnapshot;
}

describe.each(['cpu', 'rigid'] as const)('restored moments on %s', (engine) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kinovox-restore-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it(`go on as the run did in ${POINTS} of ${POINTS}, and so do recordings that begin there`, { timeout: 300_000 }, async () => {
    const scenarios = TIERS[engine].map(short);
    const wrong: string[] = [];
    let numEnds = 0;
    let numPoints = 0;
    for (const [s, compiled] of scenarios.entries()) {
      const share = Math.floor(((s + 1) * POINTS) / scenarios.length) - Math.floor((s * POINTS) / scenarios.length);
      const { trace, points } = await straightRun(compiled, engine, s, share);
      const other = await busyBatch(compiled, engine);
      for (const [k, { row, tick, snapshot }] of points.entries()) {
        const into = k % other.env.numWorlds;
        other.env.restore(into, snapshot);
        const path = join(folder, `${engine}-${s}-${k}.kvr`);
        const recorder = recordRow(other.env, into, path);
        const wanted = trace[row].slice(tick, tick + SUFFIX_TICKS + 1);
        const got = [momentOf(other.env, into, false)];
        for (let t = 0; t < SUFFIX_TICKS; t++) {
          other.env.stepSync(other.run.act());
          got.push(momentOf(other.env, into));
        }
        recorder.close();
        const hashes = [...readRecording(readFileSync(path)).entries()].flatMap((entry) =>
          entry.type === 'tick' ? [`${entry.tick} ${formatHash(entry.hash0, entry.hash1)}`] : [],
        );
        const isSame =
          got[0].hash === wanted[0].hash &&
          got.slice(1).every((moment, t) => JSON.stringify(moment) === JSON.stringify(wanted[t + 1])) &&
          hashes.every((line, t) => line === wanted[t + 1].recorded) &&
          hashes.length === SUFFIX_TICKS;
        // Playing a recording makes an engine: a tenth of them.
        const isVerified = k % 10 > 0 || (await replayRecording(path)).verified;
        if (!isSame || !isVerified) wrong.push(`${compiled.program.id} row ${row} tick ${tick}`);
        numEnds += wanted.slice(1).filter(({ ended }) => ended).length;
        numPoints++;
      }
      other.env.close();
    }
    expect(wrong).toEqual([]);
    expect(numPoints).toBe(POINTS);
    // Suffixes in which an episode ended and the next one began.
    expect(numEnds).toBeGreaterThan(POINTS / 20);
  });

  it('go on otherwise when a word of a random stream, of a monitor or of a pose was altered', async () => {
    const compiled = short(TIERS[engine][0]);
    const { trace, points } = await straightRun(compiled, engine, 7, 2);
    const [{ row, tick, snapshot }] = points;
    const other = await busyBatch(compiled, engine);
    const fields = other.env.engine.state.layout.fields;
    const names = ['seedLow', 'register', 'posX', 'velX'] as const;
    for (const name of names) {
      const at = fields
        .slice(
          0,
          fields.findIndex((field) => field.name === name),
        )
        .reduce((sum, field) => sum + field.wordsPerWorld, 0);
      const words = snapshot.world.words.slice();
      words[at] ^= 8192;
      other.env.restore(0, { ...snapshot, world: { ...snapshot.world, words } });
      expect(momentOf(other.env, 0).hash, name).not.toBe(trace[row][tick].hash);
      for (let t = 0; t < SUFFIX_TICKS; t++) other.env.stepSync(other.run.act());
      // The progress of a task is worked out anew in each tick.
      if (name !== 'register') expect(momentOf(other.env, 0).hash, name).not.toBe(trace[row][tick + SUFFIX_TICKS].hash);
    }
    if (engine === 'rigid') {
      // The words are right, and the bodies those of another moment.
      const { snapshot: another } = points[1];
      other.env.restore(0, { ...snapshot, world: { ...snapshot.world, rigid: another.world.rigid! } });
      other.env.stepSync(other.run.act());
      expect(momentOf(other.env, 0).hash).not.toBe(trace[row][tick + 1].hash);
    }
    other.env.close();
  });
});

/** What a row shows after a step. */
interface Moment {
  hash: string;
  ended: boolean;
  /** Tick and hash as a recording has them: of the ended episode where one ended. */
  recorded: string;
  episode: number;
  tick: number;
  returns: number[];
  outputs: number[];
  seen: number;
}

function momentOf(env: BatchEnv, row: number, isAfterStep = true): Moment {
  const { numAgents } = env;
  const { state, outputs, observations } = env.engine;
  const { episode, tick } = env.rowInfo(row);
  const first = row * numAgents;
  const ended = isAfterStep && outputs.ended[row] === 1;
  const hash = hashWorld(state, row);
  const ofAgents = (array: ArrayLike<number>, width = 1) => Array.from(array).slice(first * width, (first + numAgents) * width);
  const { rewards, rewardTerms, terminated, truncated, endStatus } = outputs;
  const numRoots = outputs.rootStatus.length / env.numWorlds;
  return {
    hash,
    ended,
    recorded: ended ? `${outputs.endTicks[row]} ${formatHash(outputs.endHash[2 * row], outputs.endHash[2 * row + 1])}` : `${tick} ${hash}`,
    episode,
    tick,
    returns: ofAgents(Array.from({ length: env.numWorlds * numAgents }, (_, i) => env.returnOf(Math.trunc(i / numAgents), i % numAgents))),
    outputs: [
      ...ofAgents(rewards),
      ...ofAgents(rewardTerms, rewardTerms.length / rewards.length),
      ...ofAgents(terminated),
      ...ofAgents(truncated),
      endStatus[row],
      ...outputs.rootStatus.slice(row * numRoots, (row + 1) * numRoots),
      ...outputs.rootProgress.slice(row * numRoots, (row + 1) * numRoots),
    ],
    seen: mixed(observations.vector.subarray(first * observations.size, (first + numAgents) * observations.size)),
  };
}

function mixed(values: Float32Array): number {
  return new Int32Array(values.buffer, values.byteOffset, values.length).reduce((hash, word) => mix32(hash ^ word), 1);
}

async function play(
  compiled: CompiledScenario,
  engine: 'cpu' | 'rigid',
  numWorlds: number,
  seed: number,
): Promise<{ env: BatchEnv; run: PolicyRun }> {
  const policy = createPolicy('random');
  const env = await createBatchEnv({ scenario: compiled, engine, numWorlds, seed, actionProfile: policyProfile(compiled, policy) });
  env.reset();
  return { env, run: runPolicies(env, policy) };
}

/** Rows played to the end, the moment after each tick (index 0 is the start), and snapshots of drawn moments. */
async function straightRun(
  compiled: CompiledScenario,
  engine: 'cpu' | 'rigid',
  key: number,
  count: number,
): Promise<{ trace: Moment[][]; points: Point[] }> {
  const { env, run } = await play(compiled, engine, ROWS, 300 + key);
  const draws = Array.from({ length: count }, (_, k) => {
    const word = mix32(mix32(key * 1000 + k + 1));
    return { row: word & 1, tick: (word >>> 1) % (RUN_TICKS - SUFFIX_TICKS) };
  });
  const trace: Moment[][] = Array.from({ length: ROWS }, (_, row) => [momentOf(env, row, false)]);
  const points: Point[] = [];
  for (let t = 0; t <= RUN_TICKS; t++) {
    for (const { row, tick } of draws) if (tick === t) points.push({ row, tick, snapshot: env.snapshot(row) });
    env.stepSync(run.act());
    trace.forEach((moments, row) => {
      moments.push(momentOf(env, row));
    });
  }
  env.close();
  return { trace, points };
}

/** A batch of other seeds that is under way. */
async function busyBatch(compiled: CompiledScenario, engine: 'cpu' | 'rigid'): Promise<{ env: BatchEnv; run: PolicyRun }> {
  const other = await play(compiled, engine, 2, 9000);
  for (let t = 0; t < 15; t++) other.env.stepSync(other.run.act());
  return other;
}

describe('groups and forks on rigid', () => {
  it('give members one first state, and the same future for the same actions', async () => {
    const { env, run } = await play(short(RIGID_PLAY), 'rigid', 4, 77);
    env.reset({ groupSize: 2, groupId: 5 });
    const pairs = () => env.rowHashes().map((hash, row, all) => hash === all[row ^ 1]);
    expect(pairs()).toEqual([true, true, true, true]);
    expect(env.rowHashes()[0]).not.toBe(env.rowHashes()[2]);
    expect([...env.groupIds]).toEqual([5, 5, 6, 6]);
    for (let t = 0; t < 40; t++) {
      const actions = run.act().slice();
      // One word of one member, once.
      if (t === 20) actions[0] = -actions[0] - 0.5;
      env.stepSync(actions);
      if (t < 20) expect(pairs()).toEqual([true, true, true, true]);
    }
    expect(pairs()).toEqual([false, false, true, true]);
    env.close();
  });

  it('go on as the row did, k of them, each with bodies of its own', async () => {
    const { env, run } = await play(short(RIGID_PLAY), 'rigid', 2, 78);
    for (let t = 0; t < 30; t++) env.stepSync(run.act());
    const fork = await env.fork(1, { numWorlds: 3 });
    const forked = runPolicies(fork, createPolicy('random'));
    // To the last tick of the episode but one.
    for (let t = 0; t < 19; t++) {
      env.stepSync(run.act());
      const actions = forked.act().slice();
      // The last fork is played otherwise from its tenth tick on.
      if (t >= 10) actions.fill(0, (2 * actions.length) / 3);
      fork.stepSync(actions);
      const [first, second, third] = fork.rowHashes();
      expect([first, second]).toEqual([env.rowHashes()[1], env.rowHashes()[1]]);
      expect(third === first).toBe(t < 10);
    }
    fork.close();
    env.close();
  });
});
