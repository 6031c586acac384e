/**
 * Records one row of a batch as it is stepped: actions, events, state hashes, keyframes.
 * Keyframes stand at every episode's start and every 200 ticks; after each, actions are written anew, so playing can begin there.
 */
import { hashWorldInto, RULES_VERSION } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, AGENT_FLAG } from '@kinovox/world';
import type { BatchEnv } from '../batch-env.js';
import type { RowObserver } from '../batch-options.js';
import { readEvents, storedEvents } from '../event-record.js';
import { checkedColumns } from './checked-columns.js';
import { type AgentColumns, FORMAT_VERSION, KEYFRAME_TICKS, OUTCOME_END, type RecordingHeader } from './format.js';
import { RecordingWriter, type WriterOptions } from './writer.js';

export interface RecordOptions extends WriterOptions {
  /** Anything to keep in the header: policy, command line. */
  notes?: Record<string, unknown> | undefined;
}

/**
 * Begins to record a row: at once when the environment was reset before, otherwise with its first reset.
 * @throws UsageError when the file exists or cannot be made.
 */
export function recordRow(env: BatchEnv, row: number, path: string, options: RecordOptions = {}): RowRecorder {
  return new RowRecorder(env, row, path, options);
}

export class RowRecorder implements RowObserver {
  readonly writer: RecordingWriter;
  readonly #env: BatchEnv;
  readonly #stop: () => void;
  /** Action words of the tick before. */
  readonly #words: Int32Array;
  readonly #texts = new Set<number>();
  /** Cells at the last full keyframe. */
  #baseVoxels: Uint8Array = new Uint8Array(0);
  #columns: AgentColumns | undefined;
  #numEvents = 0;
  #sinceKeyframe = 0;

  constructor(env: BatchEnv, row: number, path: string, options: RecordOptions) {
    this.#env = env;
    this.#words = new Int32Array(env.numAgents * ACTION_WORDS);
    this.writer = new RecordingWriter(path, headerOf(env, row, options.notes), options);
    this.#stop = env.observeRow(row, this);
    if (env.started) this.onEpisode(env, row);
  }

  /**
   * Adds learner's columns to the next tick. A sum of log-probabilities that is left out is that of the tokens.
   * @throws ShapeError naming the column that does not have a value per agent, or whose values do not fit.
   */
  addColumns(columns: AgentColumns): void {
    this.#columns = { ...this.#columns, ...checkedColumns(columns, this.#env.agentIds) };
  }

  onEpisode(env: BatchEnv, row: number): void {
    const { state } = env.engine;
    const { episode, variant, rowSeed, tick } = env.rowInfo(row);
    const lanes = new Uint32Array(2);
    hashWorldInto(lanes, state, row);
    this.#numEvents = state.numEvents[row];
    this.writer.write({
      type: 'episode',
      episode,
      variant,
      rowSeed,
      groupId: env.groupIds[row],
      tick,
      ...env.drawnIn(row),
      hash0: lanes[0],
      hash1: lanes[1],
    });
    this.#keyframe(row, true);
    if (tick > 0) this.#writeGone(row, tick);
  }

  onTick(env: BatchEnv, row: number, ended: boolean): void {
    const { engine } = env;
    const { state, outputs } = engine;
    const resetInStep = ended && env.autoreset === 'same-step';
    const tick = ended ? outputs.endTicks[row] : state.tick[row];
    const lanes = new Uint32Array(2);
    if (ended) lanes.set(outputs.endHash.subarray(2 * row, 2 * row + 2));
    else hashWorldInto(lanes, state, row);
    const { count, stored } = storedEvents(engine, row, resetInStep);
    this.#writeTexts(row);
    if (this.#columns !== undefined) this.writer.write({ type: 'columns', tick, columns: this.#columns });
    this.#columns = undefined;
    this.#writeOutcomes(row, tick);
    this.writer.write({
      type: 'tick',
      tick,
      ended,
      hash0: lanes[0],
      hash1: lanes[1],
      changes: this.#changes(row),
      events: readEvents(engine, row, stored, this.#numEvents),
      eventsDropped: count - stored,
    });
    this.#numEvents += count;
    if (!ended && ++this.#sinceKeyframe >= KEYFRAME_TICKS) this.#keyframe(row, false);
  }

  /** Stops recording and finishes the file. */
  close(): void {
    this.#stop();
    this.writer.close();
  }

  /** Pairs of index and word that changed since the tick before. */
  #changes(row: number): Int32Array {
    const words = this.#env.engine.buffers.actionWords;
    const first = row * this.#words.length;
    const changes: number[] = [];
    for (let i = 0; i < this.#words.length; i++) {
      const word = words[first + i];
      if (word === this.#words[i]) continue;
      changes.push(i, word);
      this.#words[i] = word;
    }
    return Int32Array.from(changes);
  }

  /** Rewards and ends of the tick: what a learner needs of it, whatever rules a later build has. */
  #writeOutcomes(row: number, tick: number): void {
    const { engine, numAgents } = this.#env;
    const { rewardTerms, terminated, truncated } = engine.outputs;
    const width = numAgents * engine.program.rewards.length;
    const rewards: [number, number][] = [];
    for (let k = 0; k < width; k++) if (rewardTerms[row * width + k] !== 0) rewards.push([k, rewardTerms[row * width + k]]);
    const ends: [number, number][] = [];
    for (let a = 0; a < numAgents; a++) {
      const i = row * numAgents + a;
      const bits = (terminated[i] === 1 ? OUTCOME_END.terminated : 0) | (truncated[i] === 1 ? OUTCOME_END.truncated : 0);
      if (bits !== 0) ends.push([a, bits]);
    }
    if (rewards.length > 0 || ends.length > 0) this.writer.write({ type: 'outcomes', tick, rewards, ends });
  }

  /** Who had ended before the recording joined the episode. */
  #writeGone(row: number, tick: number): void {
    const { engine, numAgents } = this.#env;
    const { flags, respawnTimer } = engine.state;
    const ends: [number, number][] = [];
    for (let a = 0; a < numAgents; a++) {
      const i = row * numAgents + a;
      const isLive = (flags[i] & (AGENT_FLAG.alive | AGENT_FLAG.done)) === AGENT_FLAG.alive || respawnTimer[i] > 0;
      if (!isLive) ends.push([a, OUTCOME_END.before]);
    }
    if (ends.length > 0) this.writer.write({ type: 'outcomes', tick, rewards: [], ends });
  }

  #writeTexts(row: number): void {
    const words = this.#env.engine.buffers.actionWords;
    for (let a = 0; a < this.#env.numAgents; a++) {
      const word = words[(row * this.#env.numAgents + a) * ACTION_WORDS + ACTION_WORD.textHash];
      if (word === 0 || this.#texts.has(word)) continue;
      const text = this.#env.texts.get(word);
      if (text === undefined) continue;
      this.#texts.add(word);
      this.writer.write({ type: 'text', word, text });
    }
  }

  #keyframe(row: number, full: boolean): void {
    const { engine } = this.#env;
    const snapshot = engine.snapshot(row);
    const { words, voxels, variant } = snapshot;
    const rigid = snapshot.rigid ?? new Uint8Array(0);
    const tick = engine.state.tick[row];
    if (full) this.#baseVoxels = voxels;
    this.writer.write({
      type: 'keyframe',
      tick,
      variant,
      words,
      voxels: full ? voxels : undefined,
      cells: full ? undefined : changedCells(this.#baseVoxels, voxels),
      rigid,
    });
    this.#words.fill(0);
    this.#sinceKeyframe = 0;
  }
}

/** Pairs of cell and palette index where `after` differs. */
function changedCells(before: Uint8Array, after: Uint8Array): Int32Array {
  const cells: number[] = [];
  for (let cell = 0; cell < after.length; cell++) if (before[cell] !== after[cell]) cells.push(cell, after[cell]);
  return Int32Array.from(cells);
}

function headerOf(env: BatchEnv, row: number, notes: Record<string, unknown> | undefined): RecordingHeader {
  const { compiled, engine } = env;
  return {
    formatVersion: FORMAT_VERSION,
    rulesVersion: RULES_VERSION,
    scenarioHash: compiled.program.scenarioHash,
    scenario: compiled.scenario,
    files: Object.fromEntries([...compiled.files].map(([path, bytes]) => [path, toBase64(bytes)])),
    engine: engine.name,
    split: env.split,
    seed: env.seed,
    row,
    agentIds: [...env.agentIds],
    actionProfile: env.actionProfile,
    layout: engine.state.layout.fields.map((field) => ({ id: field.id, words: field.wordsPerWorld })),
    palette: [...compiled.palette.names],
    rewardTerms: compiled.program.rewards.map(({ name }) => name),
    ...(notes === undefined ? {} : { notes }),
  };
}

/** Base64 without Node's Buffer, for browsers. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
