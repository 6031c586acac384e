/** One client's batch: requests in, one reply each. Knows nothing of sockets. */
import {
  ASYNC_ENGINE_NAMES,
  AsyncBatchEnv,
  BatchEnv,
  type BatchEnvOptions,
  createAsyncBatchEnv,
  createBatchEnv,
  type ObservationChoice,
  type RowSnapshot,
  RowTexts,
  readMessages,
  type StepResult,
} from '@kinovox/env';
import { type Crash, findGpu, RULES_VERSION } from '@kinovox/physics';
import {
  BATCH_HEADER_BYTES,
  BATCH_KIND,
  BATCH_MAGIC,
  BATCH_PROTOCOL,
  type BatchRequest,
  BatchRequestSchema,
  describeIssue,
  didYouMean,
  EngineError,
  MAX_SNAPSHOTS,
  type MakeBatch,
  ProtocolError,
  ResetNeededError,
  ShapeError,
  UsageError,
} from '@kinovox/world';
import { seatOpponents } from './opponents.js';
import { ResultArrays } from './result-arrays.js';
import type { MemorySizes, SharedMemoryOffer } from './shared-memory.js';
import { specOf } from './spec.js';

export interface SessionHost {
  /** Path of the scenario that a client names. @throws UsageError with the nearest name. */
  scenarioPath(name: string): string;
  /** First seed of a batch whose client gives none. */
  readonly seed: number;
  /** @throws UsageError for more worlds than the server may hold. */
  admit(numWorlds: number): void;
  /** Offers memory that the client can map, or says why there is none. */
  shareMemory(sizes: MemorySizes): Promise<SharedMemoryOffer>;
  /** The batch is gone, and the memory with it. */
  freeMemory(): void;
  onStep(env: ServedBatch, milliseconds: number): void;
  onCrash(numWorlds: number): void;
  onRestart(numThreads: number): void;
  onEpisode(scenario: string, outcome: string): void;
}

/** Worlds in memory, or on a device. */
export type ServedBatch = BatchEnv | AsyncBatchEnv;

/** JSON, or the parts of a binary message: views that the next request overwrites. */
export type Reply = string | readonly Uint8Array[];

/** What those do who want opponents on a device: policies of the server look at worlds in every tick. */
const OPPONENTS_ELSEWHERE = 'or play those agents yourself, in the rows of your actions';
/** Crashes that are kept until they are asked for. */
const MAX_CRASHES = 64;
/** Bytes of snapshots that a client may hold. */
const MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024;

interface Batch {
  env: ServedBatch;
  results: ResultArrays;
  actions: Float32Array;
  snapshots: Map<number, RowSnapshot>;
  snapshotBytes: number;
  /** Those that the client has not asked for. */
  crashes: Crash[];
  /** Rows whose observations were asked for in words. */
  texts: Map<number, RowTexts>;
}

export class BatchSession {
  readonly #host: SessionHost;
  #batch: Batch | undefined;
  #numSnapshots = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  get numWorlds(): number {
    return this.#batch?.env.numWorlds ?? 0;
  }

  /** Answers a JSON request. @throws KinovoxError naming what the client must change. */
  async request(text: string): Promise<Reply> {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (cause) {
      throw new ProtocolError('not-json', `A text message must be JSON; got ${JSON.stringify(text.slice(0, 60))}.`, { cause });
    }
    const parsed = BatchRequestSchema.safeParse(data);
    if (!parsed.success)
      throw new ProtocolError(
        'request',
        `A request must be one of the protocol's. ${describeIssue(parsed.error)} See docs/batch-protocol.md.`,
      );
    const request = parsed.data;
    if (request.type === 'make') return this.#make(request);
    if (request.type === 'close') {
      this.close();
      return JSON.stringify({ type: 'closed' });
    }
    return this.#ask(request, this.#need());
  }

  /** Actions of a step that arrived as one message. @throws ProtocolError unless it is a step of this batch. */
  async step(message: Uint8Array): Promise<readonly Uint8Array[]> {
    const { actions } = this.#need();
    const bytes = BATCH_HEADER_BYTES + actions.byteLength;
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (message.byteLength !== bytes)
      throw new ProtocolError(
        'step-length',
        `A step of this batch must have ${bytes} bytes, ${actions.length} actions after the header; got ${message.byteLength}. See "actions" in the spec.`,
      );
    if (
      view.getUint32(0, true) !== BATCH_MAGIC ||
      view.getUint16(4, true) !== BATCH_PROTOCOL ||
      view.getUint16(6, true) !== BATCH_KIND.step
    )
      throw new ProtocolError(
        'step-header',
        `A step must begin with "KVXB", version ${BATCH_PROTOCOL} and kind 1. See docs/batch-protocol.md.`,
      );
    // A copy: a message may lie at an odd address.
    new Uint8Array(actions.buffer).set(message.subarray(BATCH_HEADER_BYTES));
    return this.advance(view.getUint32(8, true));
  }

  /** Where a transport puts the actions of the next `advance`. */
  get actions(): Float32Array {
    return this.#need().actions;
  }

  /** Steps the batch with what lies in `actions`. */
  async advance(step: number): Promise<readonly Uint8Array[]> {
    const batch = this.#need();
    const { env, actions } = batch;
    const began = performance.now();
    const { ended } = await this.#tick(env, actions);
    this.#host.onStep(env, performance.now() - began);
    const crashes = env instanceof BatchEnv ? env.takeCrashes() : [];
    const restarts = env instanceof BatchEnv ? env.takeRestarts().length : 0;
    if (restarts > 0) this.#host.onRestart(restarts);
    const { results } = batch;
    results.noteEnded(ended, crashes, env.autoreset === 'same-step');
    if (crashes.length > 0) {
      this.#host.onCrash(crashes.length);
      batch.crashes = [...batch.crashes, ...crashes].slice(-MAX_CRASHES);
    }
    return results.afterStep(step);
  }

  /** One step. Where it fails for another reason than the caller's, nobody knows how far it came: the batch goes, so that no wrong result is given. */
  async #tick(env: ServedBatch, actions: Float32Array): Promise<StepResult> {
    try {
      return await env.step(actions);
    } catch (error) {
      if (error instanceof ShapeError || error instanceof ResetNeededError || error instanceof UsageError) throw error;
      this.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(
        'batch-failed',
        `A tick of this batch failed: ${reason} Its worlds are lost, those of other clients are not. Make the batch anew.`,
        { cause: error },
      );
    }
  }

  /** Frees the batch. */
  close(): void {
    this.#batch?.env.close();
    this.#batch = undefined;
    this.#host.freeMemory();
  }

  async #make(request: MakeBatch): Promise<string> {
    const { scenario, numWorlds, seed = this.#host.seed, split, engine, threads, actionProfile, observation, autoreset, repeat } = request;
    this.close();
    this.#host.admit(numWorlds);
    const options: Omit<BatchEnvOptions, 'engine'> = {
      actionProfile: actionProfile as 'native' | undefined,
      observation: observation as ObservationChoice | undefined,
      scenario: this.#host.scenarioPath(scenario),
      numWorlds,
      seed,
      split,
      threads,
      autoreset,
      ...(repeat > 1 ? { repeat } : {}),
      ...(request.deliver.includes('way') ? { shaping: true } : {}),
    };
    if (!(ASYNC_ENGINE_NAMES as readonly string[]).includes(engine))
      throw new UsageError(
        'unknown-engine',
        `engine must be one of ${ASYNC_ENGINE_NAMES.join(', ')}; got "${engine}".${didYouMean(engine, ASYNC_ENGINE_NAMES)}`,
      );
    if (engine === 'webgpu' && repeat > 1)
      throw new UsageError(
        'repeat-engine',
        `repeat must be 1 with the engine "webgpu", which cannot hold single rows; got ${repeat}. Make the batch with "cpu" or "workers", or send a step for every tick for which its actions are to be held.`,
      );
    const env: ServedBatch =
      engine === 'webgpu'
        ? await createAsyncBatchEnv({ ...options, engine })
        : await createBatchEnv({ ...options, engine: engine as 'auto' });
    const { id } = env.compiled.program;
    env.onEpisodeEnd = (record) => this.#host.onEpisode(id, record.outcome);
    let opponents: (string | null)[] | undefined;
    try {
      opponents =
        request.opponents === undefined ? undefined : seatOpponents(inMemory(env, 'Opponents', OPPONENTS_ELSEWHERE), request.opponents);
    } catch (error) {
      env.close();
      throw error;
    }
    const extras = new Set(request.deliver);
    const results = new ResultArrays(env, extras);
    const batch: Batch = {
      env,
      results,
      actions: new Float32Array(env.actionLength),
      snapshots: new Map(),
      snapshotBytes: 0,
      crashes: [],
      texts: new Map(),
    };
    this.#batch = batch;
    if (!(env instanceof BatchEnv))
      env.onEngineSwitch = () => {
        // The device was lost: what the batch gives lies elsewhere from now on.
        batch.results = new ResultArrays(env, extras);
      };
    const sizes = { stepBytes: BATCH_HEADER_BYTES + batch.actions.byteLength, resultBytes: results.maxBytes };
    const offer = request.transport === 'shared-memory' ? await this.#host.shareMemory(sizes) : {};
    const note = await softwareNote(env.engineName);
    return JSON.stringify({ type: 'spec', ...specOf(env, results), ...(opponents && { opponents }), ...note, ...offer });
  }

  async #ask(request: Exclude<BatchRequest, { type: 'make' | 'close' }>, batch: Batch): Promise<Reply> {
    const { env } = batch;
    switch (request.type) {
      case 'reset': {
        const { seed, seeds, mask, groupSize, groupId } = request;
        await env.reset({ seed, seeds, groupSize, groupId, mask: mask === undefined ? undefined : Uint8Array.from(mask) });
        return batch.results.afterReset();
      }
      case 'say': {
        const symbols = request.messages.map(({ row, slot, text }) => inMemory(env, 'Words').say(row, slot, text));
        return JSON.stringify({ type: 'said', symbols });
      }
      case 'hear': {
        const { engine, texts, compiled, agentIds } = inMemory(env, 'Messages');
        const { symbols } = compiled.scenario.messages;
        for (const row of request.rows) env.rowInfo(row);
        const messages = request.rows.map((row) => agentIds.map((_, slot) => readMessages(engine, row, slot, symbols, texts)));
        return JSON.stringify({ type: 'heard', messages });
      }
      case 'text': {
        const slots = request.slots ?? env.agentIds.map((_, slot) => slot);
        const texts = request.rows.map((row) => slots.map((slot) => textOf(batch, row, slot)));
        return JSON.stringify({ type: 'texts', texts });
      }
      case 'episodes':
        return JSON.stringify({ type: 'episodes', episodes: request.rows.map((row) => episodeOf(env, row)) });
      case 'snapshot': {
        const ids: number[] = [];
        for (const row of request.rows) ids.push(this.#keep(batch, await env.snapshot(row)));
        return JSON.stringify({ type: 'snapshots', ids });
      }
      case 'restore': {
        if (request.rows.length !== request.snapshots.length)
          throw new ShapeError(
            'restore-rows',
            `restore must have a snapshot for each row; got ${request.rows.length} rows and ${request.snapshots.length} snapshots.`,
          );
        // All are looked up before any row is touched.
        const snapshots = request.snapshots.map((snapshotId) => held(batch, snapshotId));
        if (env instanceof AsyncBatchEnv) await env.restoreRows(request.rows, snapshots);
        else for (const [k, row] of request.rows.entries()) env.restore(row, snapshots[k]);
        return batch.results.afterReset();
      }
      case 'drop':
        for (const snapshotId of request.snapshots) {
          batch.snapshotBytes -= bytesOfSnapshot(held(batch, snapshotId));
          batch.snapshots.delete(snapshotId);
        }
        return JSON.stringify({ type: 'dropped', held: batch.snapshots.size });
      case 'hashes':
        return JSON.stringify({ type: 'hashes', rows: await env.rowHashes() });
      case 'crashes':
        return JSON.stringify({ type: 'crashes', crashes: batch.crashes.splice(0) });
    }
  }

  #keep(batch: Batch, snapshot: RowSnapshot): number {
    const bytes = bytesOfSnapshot(snapshot);
    if (batch.snapshots.size >= MAX_SNAPSHOTS || batch.snapshotBytes + bytes > MAX_SNAPSHOT_BYTES)
      throw new UsageError(
        'snapshots',
        `A client must hold at most ${MAX_SNAPSHOTS} snapshots and ${MAX_SNAPSHOT_BYTES / 2 ** 20} MiB of them; got one more. Drop those that you do not need.`,
      );
    batch.snapshotBytes += bytes;
    batch.snapshots.set(++this.#numSnapshots, snapshot);
    return this.#numSnapshots;
  }

  #need(): Batch {
    if (this.#batch === undefined)
      throw new ResetNeededError(
        'make-needed',
        'A batch must be made before it is reset or stepped; got none. Send {"type":"make",...} first.',
      );
    return this.#batch;
  }
}

/** What a client learns before it asks for anything. */
export function greeting(): string {
  return JSON.stringify({ type: 'hello', protocol: BATCH_PROTOCOL, rulesVersion: RULES_VERSION });
}

/** A sentence where worlds run on a driver that computes on the CPU: right, but slower than the engines in memory. */
async function softwareNote(engineName: string): Promise<{ engineNote?: string }> {
  const found = engineName === 'webgpu' ? await findGpu() : undefined;
  if (found?.software !== true) return {};
  return { engineNote: `The only GPU adapter, ${found.description}, computes on the CPU: use the engine "cpu" or "workers" for speed.` };
}

/** The batch where its worlds lie in memory. @throws UsageError for one on a device. */
function inMemory(env: ServedBatch, what: string, instead = 'symbols may go through the action column "message"'): BatchEnv {
  if (env instanceof BatchEnv) return env;
  throw new UsageError(
    'on-device',
    `${what} must have worlds in memory; got a batch on "${env.engineName}". Make it with engine "cpu" or "workers"; ${instead}.`,
  );
}

function textOf(batch: Batch, row: number, slot: number): string {
  const env = inMemory(batch.env, 'Text observations');
  // Checks the row and the slot, and that there is an episode.
  env.returnOf(row, slot);
  if (!env.started) throw new ResetNeededError('reset-needed', 'A batch must be reset before it is told of in text; got no reset yet.');
  let texts = batch.texts.get(row);
  if (texts === undefined) batch.texts.set(row, (texts = new RowTexts(env, row, { keepsText: false })));
  return texts.text(slot);
}

/** What a row plays, and what its episode drew. */
function episodeOf(env: ServedBatch, row: number): object {
  const { rowSeed, episode, variant, tick } = env.rowInfo(row);
  return { row, rowSeed, episode, variant, tick, groupId: env.groupIds[row], ...env.drawnIn(row) };
}

function held(batch: Batch, id: number): RowSnapshot {
  const snapshot = batch.snapshots.get(id);
  if (snapshot === undefined)
    throw new UsageError(
      'unknown-snapshot',
      `A snapshot must be one that this connection holds; got number ${id}. It was dropped, or is another batch's.`,
    );
  return snapshot;
}

function bytesOfSnapshot({ world, returns, achieved, pending }: RowSnapshot): number {
  return (
    (pending?.byteLength ?? 0) +
    world.words.byteLength +
    world.voxels.byteLength +
    (world.rigid?.byteLength ?? 0) +
    returns.byteLength +
    achieved.byteLength
  );
}
