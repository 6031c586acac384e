/**
 * One scenario on `cpu`, `workers` and `webgpu` at once, with the same actions: what differs, if anything, and what happened while it ran.
 * Compared by hashes after the ticks asked for: state, voxels, and a running hash of every tick's rewards, ends and observations.
 */
import { createHash } from 'node:crypto';
import { type CompiledScenario, createEngineSync } from '@kinovox/env';
import {
  createWebGpuEngine,
  type Engine,
  hashBatch,
  type ObservationBuffers,
  type OpenGpu,
  type StepOutputs,
  type WebGpuEngine,
} from '@kinovox/physics';
import { AGENT_FLAG, EngineError, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { busyPlay, obstacles } from './busy-play.js';

/** What a run contained. A row of the table counts only if nothing that the scenario allows is 0. */
export interface Activity {
  /** Agent-ticks against a wall or another body. */
  collisions: number;
  /** World-ticks in which cells changed. */
  edits: number;
  /** Plates and levers that began or ceased to give a signal, and switches. */
  mechanisms: number;
  /** Episodes that ended in a step. */
  resets: number;
}

export interface Comparison extends Activity {
  id: string;
  ticks: number;
  engines: string[];
  /** First difference: engine, tick, and what differs. */
  difference?: string;
}

export interface CompareOptions {
  /** Ticks after which hashes are compared; the last one ends the run. */
  checkpoints: readonly number[];
  numWorlds: number;
  seed: number;
  /** Number of workers beside the caller's thread, one engine for each. */
  workers: readonly number[];
  gpu: OpenGpu | undefined;
  specialise?: boolean;
}

export async function compareEngines(compiled: CompiledScenario, options: CompareOptions): Promise<Comparison> {
  const { numWorlds, seed, workers, gpu, checkpoints } = options;
  const settings = { numWorlds, seed, split: 'train' } as const;
  const cpu = createEngineSync('cpu', compiled, settings);
  const runs = workers.map(
    (count) => new HostRun(`workers (${count})`, createEngineSync('workers', compiled, { ...settings, threads: count + 1 })),
  );
  const device =
    gpu === undefined
      ? undefined
      : await createWebGpuEngine({
          program: compiled.program,
          variants: compiled.playableLevels('train'),
          numWorlds,
          seed,
          gpu,
          specialise: options.specialise ?? false,
        });
  const reference = new HostRun('cpu', cpu);
  const others: Run[] = device === undefined ? runs : [...runs, new DeviceRun(device)];
  const row: Comparison = {
    id: compiled.program.id,
    ticks: 0,
    engines: [reference, ...others].map(({ name }) => name),
    collisions: 0,
    edits: 0,
    mechanisms: 0,
    resets: 0,
  };
  try {
    const play = busyPlay(cpu, seed);
    const last = checkpoints[checkpoints.length - 1];
    while (row.ticks < last && row.difference === undefined) {
      const actions = play();
      row.ticks++;
      reference.step(actions);
      try {
        await Promise.all(others.map((run) => run.step(actions)));
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'gpu-levels') throw error;
        row.difference = `webgpu differs from cpu in the levels that it draws after ${row.ticks} ticks`;
        return row;
      }
      count(row, cpu);
      if (!checkpoints.includes(row.ticks)) continue;
      const wanted = await reference.digests();
      for (const run of others) {
        const digests = await run.digests();
        for (const [what, digest] of Object.entries(wanted))
          if (digests[what] !== digest) row.difference ??= `${run.name} differs from cpu in ${what} after ${row.ticks} ticks`;
      }
    }
    return row;
  } finally {
    for (const run of [reference, ...others]) run.dispose();
  }
}

/** Why a row does not count; undefined when it does. What the program rules out is not asked for. */
export function whyNot(row: Comparison, engine: Pick<Engine, 'program'>): string | undefined {
  const cannot = obstacles(engine);
  const missing = [
    row.collisions === 0 && 'a collision',
    row.resets === 0 && 'an episode that ended',
    cannot.edits === undefined && row.edits === 0 && 'an edit',
    cannot.mechanisms === undefined && row.mechanisms === 0 && 'an event of a mechanism',
  ].filter((what) => what !== false);
  return missing.length === 0
    ? undefined
    : `${row.id} must contain ${missing.join(' and ')} to count; its run of ${row.ticks} ticks had none.`;
}

interface Run {
  readonly name: string;
  step(actions: Float32Array): void | Promise<void>;
  digests(): Promise<Record<string, string>>;
  dispose(): void;
}

/** Everything that a step gives, tick after tick. */
class Trace {
  readonly #results = createHash('sha1');
  readonly #seen = createHash('sha1');

  add(outputs: StepOutputs, observations: ObservationBuffers): void {
    const { rewards, rewardTerms, terminated, truncated, ended, endStatus, endTicks, endProgress, endHash, rootStatus, rootProgress } =
      outputs;
    for (const array of [
      rewards,
      rewardTerms,
      terminated,
      truncated,
      ended,
      endStatus,
      endTicks,
      endProgress,
      endHash,
      rootStatus,
      rootProgress,
    ])
      this.#results.update(bytesOf(array));
    for (const array of [observations.vector, observations.crop]) this.#seen.update(bytesOf(array));
    // Of rows that did not end, the last observation is an older one, and no promise.
    ended.forEach((flag, w) => {
      if (flag !== 1) return;
      for (const array of [observations.finalVector, observations.finalCrop]) {
        const perRow = array.length / ended.length;
        this.#seen.update(bytesOf(array.subarray(w * perRow, (w + 1) * perRow)));
      }
    });
  }

  digests(): Record<string, string> {
    return { 'rewards and ends': this.#results.copy().digest('hex'), observations: this.#seen.copy().digest('hex') };
  }
}

class HostRun implements Run {
  readonly #trace = new Trace();
  constructor(
    readonly name: string,
    readonly engine: Engine,
  ) {}

  step(actions: Float32Array): void {
    this.engine.decode(actions);
    this.engine.step();
    this.#trace.add(this.engine.outputs, this.engine.observations);
  }

  async digests(): Promise<Record<string, string>> {
    const { state } = this.engine;
    return { state: hashBatch(state), voxels: digest(state.voxels), invalid: String(this.engine.invalidActions), ...this.#trace.digests() };
  }

  dispose(): void {
    this.engine.dispose();
  }
}

class DeviceRun implements Run {
  readonly name = 'webgpu';
  readonly #trace = new Trace();
  constructor(readonly engine: WebGpuEngine) {}

  async step(actions: Float32Array): Promise<void> {
    await this.engine.step(actions);
    this.#trace.add(this.engine.outputs, this.engine.observations);
  }

  async digests(): Promise<Record<string, string>> {
    const { engine } = this;
    const voxels: Uint8Array[] = [];
    for (let w = 0; w < engine.numWorlds; w++) voxels.push((await engine.snapshot(w)).voxels);
    return {
      state: await engine.hash(),
      voxels: digest(...voxels),
      invalid: String(await engine.invalidActions()),
      ...this.#trace.digests(),
    };
  }

  dispose(): void {
    this.engine.dispose();
  }
}

function count(row: Activity, { state, buffers, outputs }: Engine): void {
  for (const flags of state.flags) if ((flags & AGENT_FLAG.collidedHorizontally) !== 0) row.collisions++;
  for (const edits of buffers.editCount) if (edits > 0) row.edits++;
  for (const ended of outputs.ended) row.resets += ended;
  for (let w = 0; w < buffers.eventCount.length; w++) {
    for (let k = 0; k < Math.min(buffers.eventCount[w], MAX_EVENTS_PER_TICK); k++) {
      const kind = buffers.events[(w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS];
      if (kind === EVENT.touched) row.collisions++;
      if (kind === EVENT.pressed || kind === EVENT.released || kind === EVENT.switched) row.mechanisms++;
    }
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function digest(...arrays: readonly ArrayBufferView[]): string {
  const hash = createHash('sha1');
  for (const array of arrays) hash.update(bytesOf(array));
  return hash.digest('hex');
}
