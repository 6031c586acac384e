/**
 * The rigid benchmark: world-steps per second of the engine `rigid` beside the same scene in cannon-es and in jolt-physics, and over two threads beside one. Rounds are
 * whole episodes with their resets and turns alternate, so that a slow moment of the machine hits all; ratios are within a round. Besides: what a fork and a checkpoint cost.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { compileScenario, createBatchEnv, createEngine } from '@kinovox/env';
import {
  ANGULAR_DAMPING,
  CHECKPOINT_TICKS,
  type Engine,
  HALF_WIDTH_Q16,
  HEIGHT_Q16,
  hashBatch,
  PROP_GRAVITY,
  SUBSTEPS,
} from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, invariant, PROP_WORDS, parseScenario, TICKS_PER_SECOND } from '@kinovox/world';
import { currentCommit, currentDevice, median } from './figures.js';
import { CRATE_KG, CRATE_SIZE, EPISODE_TICKS, GROUND, NUM_CRATES, rigidBenchScenario } from './rigid-scenario.js';
import { type Contestant, compareInTurns } from './turns.js';

export interface RigidBenchOptions {
  /** Worlds beside the other libraries; default 8. */
  worlds?: number;
  /** Worlds over which one thread and two are compared; default 128, or `worlds` where those are more. */
  poolWorlds?: number;
  /** Rounds that count; default 9. */
  rounds?: number;
  /** Compare with the other libraries; default true. They are installed where they are missing. */
  peers?: boolean;
  /** Told after each part of the work. */
  onProgress?(done: number, total: number, next: string): void;
}

export interface RigidBenchRow {
  engine: string;
  /** Ticks of 1/20 s of a world per second of wall time, resets included. */
  worldSteps: number;
  /** The same by moving bodies. */
  bodySteps: number;
}

export interface RigidBenchReport {
  commit: string;
  device: string;
  date: string;
  worlds: number;
  /** Worlds over which one thread and two are compared. */
  poolWorlds: number;
  bodies: number;
  episodeTicks: number;
  rows: RigidBenchRow[];
  /** Rate of `rigid` by that of another library, and of two threads by that of one; null where it was not taken. */
  ratios: Record<RigidRatio, number | null>;
  /** A fork of one world to one of its own, and of a world of a fork that has many, milliseconds. */
  forkMs: number;
  forkOfManyMs: number;
  /** A checkpoint of a world, and its share of the time of a tick over threads, which take one every CHECKPOINT_TICKS. */
  checkpointMs: number;
  checkpointShare: number;
  bars: { poolVsRigid: number; forkMs: number };
  /** Processor time by wall time of the turns in one thread: near 1 on an idle machine. */
  processorShare: number;
  /** By ratio, why it was not taken. */
  reasons: Partial<Record<RigidRatio, string>>;
  notes: string[];
}

export const RIGID_RATIOS = ['vsCannon', 'vsJolt', 'poolVsRigid'] as const;
export type RigidRatio = (typeof RIGID_RATIOS)[number];

const POOL_BAR = 1.6;
const FORK_BAR_MS = 5;
const THREADS = 2;
/** Threads are handed a share of every tick: with few worlds in it, the handing over is what would be measured. */
const POOL_WORLDS = 128;
/** One thread and two take turns of this many ticks: the fewer, the more alike the moments of the machine that both get. */
const POOL_TURN_TICKS = 16;
const FORKS = 20;
const FORKED_WORLDS = 16;
/** A processor share below this is that of a busy machine. */
const IDLE_SHARE = 0.93;
/** How far the middle of the heap may lie from ours in the end, metres: libraries differ in friction, and heaps are chaotic, but not in where the ground is. */
const HEAP_TOLERANCE = 0.6;
const METRE = 1 / 65536;
const WALKER_HALF = [HALF_WIDTH_Q16 * METRE, (HEIGHT_Q16 * METRE) / 2, HALF_WIDTH_Q16 * METRE];

const MODULE = new URL('../../../../test/bench/rigid/peers.js', import.meta.url);

interface Peer {
  episode(): number;
  centres(): number[][];
  dispose(): void;
}
interface PeersModule {
  createPeers(scene: object, numWorlds: number): Promise<Record<'cannon' | 'jolt', Peer>>;
  PACKAGES: Record<'cannon-es' | 'jolt-physics', string>;
}

export async function benchRigid({
  worlds = 8,
  poolWorlds = Math.max(worlds, POOL_WORLDS),
  rounds = 9,
  peers: wanted = true,
  onProgress,
}: RigidBenchOptions = {}): Promise<RigidBenchReport> {
  const total = 3 * rounds + 4;
  onProgress?.(0, total, 'worlds');
  const scenario = rigidBenchScenario();
  const compiled = compileScenario(parseScenario(scenario, scenario.id));
  const settings = { numWorlds: worlds, seed: 1, split: 'train' } as const;
  const one = await createEngine('rigid', compiled, settings);
  const reasons: RigidBenchReport['reasons'] = {};
  const notes: string[] = [];
  let pool: { alone: Engine; over: Engine } | undefined;
  if (availableParallelism() < THREADS) reasons.poolVsRigid = 'this machine runs one thread at once';
  else {
    const wide = { ...settings, numWorlds: poolWorlds };
    pool = {
      alone: await createEngine('rigid', compiled, wide),
      over: await createEngine('rigid', compiled, { ...wide, threads: THREADS }),
    };
  }
  const actions = walkAhead(worlds);
  const { path, heights } = recordEpisode(one, actions);
  onProgress?.(1, total, 'cannon-es and jolt-physics');
  const peers = !wanted
    ? { reason: 'not asked for' }
    : await loadPeers(sceneOf(compiled.program.props.friction[0], compiled.program.props.restitution[0], scenario, path), worlds);
  if ('reason' in peers) reasons.vsCannon = reasons.vsJolt = peers.reason;
  const named: { name: string; contestant: Contestant; ratio?: RigidRatio }[] = [
    { name: 'rigid', contestant: { turn: () => playEpisode(one, actions, worlds) } },
  ];
  if ('cannon' in peers) {
    named.push({ name: `cannon-es ${peers.versions['cannon-es']}`, contestant: { turn: () => peers.cannon.episode() }, ratio: 'vsCannon' });
    named.push({
      name: `jolt-physics ${peers.versions['jolt-physics']}`,
      contestant: { turn: () => peers.jolt.episode() },
      ratio: 'vsJolt',
    });
  }
  try {
    onProgress?.(2, total, 'turns');
    const share = sharedProcessor(named[0].contestant);
    const result = compareInTurns(
      named.map(({ contestant }) => contestant),
      { rounds, turnsPerRound: 1, onRound: (done) => onProgress?.(1 + done, total, 'turns') },
    );
    const processorShare = median(share.values);
    const rows = named.map(({ name }, k) => ({ engine: name, worldSteps: result.rate(k) }));
    if ('cannon' in peers)
      for (const name of ['cannon', 'jolt'] as const) {
        const [ours, theirs] = [mean(heights), mean(peers[name].centres().map(([, y]) => y))];
        if (!(Math.abs(ours - theirs) < HEAP_TOLERANCE)) {
          reasons[name === 'cannon' ? 'vsCannon' : 'vsJolt'] =
            `its heap lies at ${theirs.toFixed(2)} m in the mean and ours at ${ours.toFixed(2)} m: not the same scene`;
        }
      }
    const ratios: RigidBenchReport['ratios'] = { vsCannon: null, vsJolt: null, poolVsRigid: null };
    named.forEach(({ ratio }, k) => {
      if (ratio !== undefined && reasons[ratio] === undefined) ratios[ratio] = result.ratio(0, k);
    });
    const soFar = rounds + 3;
    if (pool !== undefined) {
      onProgress?.(soFar, total, 'threads');
      const { alone, over } = pool;
      const wide = walkAhead(poolWorlds);
      const threads = compareInTurns(
        [alone, over].map((engine) => ({ turn: () => playTicks(engine, wide, POOL_TURN_TICKS) * poolWorlds })),
        {
          rounds,
          // Each thread compiles for itself: for some 1,000 ticks one of a pool takes half as long again.
          warmUpRounds: rounds,
          turnsPerRound: EPISODE_TICKS / POOL_TURN_TICKS,
          onRound: (done) => onProgress?.(soFar + done, total, 'threads'),
        },
      );
      invariant(hashBatch(over.state) === hashBatch(alone.state), 'One thread and two must end in one state.');
      rows.push({ engine: `rigid, ${poolWorlds} worlds`, worldSteps: threads.rate(0) });
      rows.push({ engine: `rigid, ${poolWorlds} worlds, ${THREADS} threads`, worldSteps: threads.rate(1) });
      ratios.poolVsRigid = threads.ratio(1, 0);
    }
    onProgress?.(total - 1, total, 'forks');
    const costs = await measureForks(compiled);
    const rate = result.rate(0);
    if (processorShare < IDLE_SHARE)
      notes.push(
        `The machine was busy: one thread had ${(100 * processorShare).toFixed(0)} % of a processor. Absolute figures, and the ratio of two threads, are too low.`,
      );
    onProgress?.(total, total, '');
    return {
      commit: currentCommit(),
      device: currentDevice(),
      date: new Date().toISOString(),
      worlds,
      poolWorlds,
      bodies: NUM_CRATES,
      episodeTicks: EPISODE_TICKS,
      rows: rows.map((row) => ({ ...row, bodySteps: row.worldSteps * NUM_CRATES })),
      ratios,
      ...costs,
      checkpointShare: costs.checkpointMs / CHECKPOINT_TICKS / (1000 / rate),
      bars: { poolVsRigid: POOL_BAR, forkMs: FORK_BAR_MS },
      processorShare,
      reasons,
      notes,
    };
  } finally {
    one.dispose();
    pool?.alone.dispose();
    pool?.over.dispose();
    if ('cannon' in peers) for (const peer of [peers.cannon, peers.jolt]) peer.dispose();
  }
}

/** `[W, A, F]` actions by which every walker walks into the heap and on. */
function walkAhead(worlds: number): Float32Array {
  const actions = new Float32Array(worlds * ACTION_FIELDS);
  const forward = ACTION_SPEC.findIndex(({ name }) => name === 'forward');
  for (let w = 0; w < worlds; w++) actions[w * ACTION_FIELDS + forward] = 1;
  return actions;
}

/** One episode of every world, with its reset. @returns world-steps. */
function playEpisode(engine: Engine, actions: Float32Array, worlds: number): number {
  playTicks(engine, actions, EPISODE_TICKS);
  invariant(engine.outputs.ended[0] === 1, `An episode of the rigid benchmark must take ${EPISODE_TICKS} ticks.`);
  return worlds * EPISODE_TICKS;
}

function playTicks(engine: Engine, actions: Float32Array, ticks: number): number {
  for (let t = 0; t < ticks; t++) {
    engine.decode(actions);
    engine.step();
  }
  return ticks;
}

/** What others have to do likewise: where the walker goes, and where the crates lie before the last tick, by height. */
function recordEpisode(engine: Engine, actions: Float32Array): { path: number[][]; heights: number[] } {
  const { posX, posY, posZ, prop } = engine.state;
  const path: number[][] = [];
  let heights: number[] = [];
  for (let t = 0; t < EPISODE_TICKS; t++) {
    heights = Array.from({ length: NUM_CRATES }, (_, p) => prop[p * PROP_WORDS + 1] * METRE);
    path.push([posX[0] * METRE, posY[0] * METRE + WALKER_HALF[1], posZ[0] * METRE]);
    engine.decode(actions);
    engine.step();
  }
  return { path, heights };
}

function sceneOf(friction: number, restitution: number, scenario: ReturnType<typeof rigidBenchScenario>, path: number[][]): object {
  const crates = scenario.props!.map(({ spawn }) => {
    const [x, y, z] = (spawn as { atMetres: [number, number, number] }).atMetres;
    return { size: [CRATE_SIZE, CRATE_SIZE, CRATE_SIZE], centre: [x, y, z], massKg: CRATE_KG, friction, restitution };
  });
  return {
    size: scenario.world.size,
    groundY: GROUND,
    gravity: PROP_GRAVITY,
    tickSeconds: 1 / TICKS_PER_SECOND,
    substeps: SUBSTEPS,
    angularDamping: ANGULAR_DAMPING,
    crates,
    walker: { half: WALKER_HALF, path },
  };
}

async function loadPeers(
  scene: object,
  worlds: number,
): Promise<(Record<'cannon' | 'jolt', Peer> & { versions: PeersModule['PACKAGES'] }) | { reason: string }> {
  if (!existsSync(MODULE)) return { reason: 'the comparison is not here: it stands in test/bench/rigid of a checkout' };
  try {
    const module: PeersModule = await import(MODULE.href);
    return { ...(await module.createPeers(scene, worlds)), versions: module.PACKAGES };
  } catch (error) {
    return { reason: (error as Error).message.split('\n')[0] };
  }
}

/** Notes the processor time by wall time of a contestant's turns. */
function sharedProcessor(contestant: Contestant): { values: number[] } {
  const values: number[] = [];
  const turn = contestant.turn.bind(contestant);
  contestant.turn = () => {
    const [wall, used] = [performance.now(), process.cpuUsage()];
    const steps = turn();
    const { user, system } = process.cpuUsage(used);
    values.push((user + system) / 1000 / (performance.now() - wall));
    return steps;
  };
  return { values };
}

async function measureForks(
  compiled: ReturnType<typeof compileScenario>,
): Promise<Pick<RigidBenchReport, 'forkMs' | 'forkOfManyMs' | 'checkpointMs'>> {
  const env = await createBatchEnv({ scenario: compiled, engine: 'rigid', seed: 1 });
  try {
    env.reset();
    const actions = walkAhead(1);
    for (let t = 0; t < EPISODE_TICKS / 2; t++) env.stepSync(actions);
    const timed = async (times: number, work: () => Promise<void> | void) => {
      const took: number[] = [];
      for (let k = 0; k < times; k++) {
        const start = performance.now();
        await work();
        took.push(performance.now() - start);
      }
      return median(took);
    };
    const forkOf = (numWorlds: number) => async () => {
      (await env.fork(0, { numWorlds })).close();
    };
    const forkMs = await timed(FORKS, forkOf(1));
    const forkOfManyMs = (await timed(Math.ceil(FORKS / 4), forkOf(FORKED_WORLDS))) / FORKED_WORLDS;
    const checkpointMs = await timed(5 * FORKS, () => {
      env.engine.snapshot(0);
    });
    return { forkMs, forkOfManyMs, checkpointMs };
  } finally {
    env.close();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
