/**
 * Turns what happens in one row into wire messages for those who watch it.
 * Data flow: ticks of an engine -> events and edits are kept -> `take` numbers and encodes them, with the level and the frame as they stand.
 * A post that spans a reset carries: the rest of the old episode's events, the level of now, the new episode's events. Episodes that
 * begin and end within one post were never shown and leave no messages.
 */
import { type Engine, MAX_EDITS_PER_TICK } from '@kinovox/physics';
import {
  EDIT_WORDS,
  EVENT,
  EVENT_WORDS,
  encodeEdits,
  encodeEvents,
  encodeFrame,
  encodeLevel,
  type LevelInfo,
  MAX_EVENTS_PER_TICK,
  type NodeInfo,
} from '@kinovox/world';
import { readFrame } from './frame-reader.js';
import type { RowTotals } from './reward-totals.js';
import type { WorldPost } from './thread-messages.js';

export interface FeedSource {
  engine: Engine;
  row: number;
  /** Number of the world on the wire. */
  world: number;
  nodes: readonly NodeInfo[];
  describeLevel(variant: number, seed: string): LevelInfo;
  totals(): RowTotals;
}

interface Change {
  episode: number;
  tick: number;
  /** First event id; -1 for edits. */
  firstId: number;
  words: Int32Array;
}

export class WorldFeed {
  readonly #source: FeedSource;
  #stream: number;
  #sequence = 0;
  /** Episode of the last level sent; -1 before the first. */
  #sentEpisode = -1;
  #needsLevel = true;
  #needsFrame = true;
  #changes: Change[] = [];
  /** Events of the running episode that were already kept or passed. */
  #numEvents: number;

  constructor(source: FeedSource, stream: number) {
    this.#source = source;
    this.#stream = stream;
    this.#numEvents = source.engine.state.numEvents[source.row];
  }

  get stream(): number {
    return this.#stream;
  }

  /** Number of the episode as it stands. */
  get episode(): number {
    return this.#source.engine.state.episode[this.#source.row];
  }

  /** A new line of time begins here: a fork, a release or a seek. */
  beginStream(stream: number): void {
    this.#stream = stream;
    this.#sequence = 0;
    this.#needsLevel = true;
    this.#needsFrame = true;
    this.#changes = [];
    this.#numEvents = this.#source.engine.state.numEvents[this.#source.row];
  }

  /** An episode began in the state as it stands. */
  onEpisode(): void {
    const { engine, row } = this.#source;
    const { state } = engine;
    this.#needsLevel = true;
    this.#needsFrame = true;
    this.#numEvents = state.numEvents[row];
    // The reset is the episode's event 0; it stands behind the old episode's events in the tick's list.
    if (state.tick[row] === 0)
      this.#changes.push({
        episode: state.episode[row],
        tick: 0,
        firstId: 0,
        words: Int32Array.of(EVENT.reset, -1, state.variant[row], state.episode[row], 0),
      });
  }

  /**
   * A tick passed.
   * @param ended the episode ended with it; with `resetInStep` the state is already the next episode's.
   * @param episode number of the episode that the tick belongs to.
   */
  onTick(episode: number, tick: number, ended: boolean, resetInStep: boolean): void {
    const { engine, row } = this.#source;
    const { buffers } = engine;
    const numEvents = buffers.eventCount[row] - (ended && resetInStep ? 1 : 0);
    const stored = Math.min(numEvents, MAX_EVENTS_PER_TICK);
    const at = row * MAX_EVENTS_PER_TICK * EVENT_WORDS;
    if (stored > 0)
      this.#changes.push({ episode, tick, firstId: this.#numEvents, words: buffers.events.slice(at, at + stored * EVENT_WORDS) });
    this.#numEvents += numEvents;
    this.#keepEdits(episode, tick);
  }

  /** `onTick` with events that a recording kept: a restored keyframe empties the engine's list. */
  onRecordedTick(episode: number, tick: number, firstId: number, eventWords: Int32Array): void {
    if (eventWords.length > 0) this.#changes.push({ episode, tick, firstId, words: eventWords });
    this.#numEvents = firstId + eventWords.length / EVENT_WORDS;
    this.#keepEdits(episode, tick);
  }

  /** Everything since the last take, encoded; undefined when nothing happened. */
  take(): WorldPost | undefined {
    if (!this.#needsFrame && !this.#needsLevel && this.#changes.length === 0) return undefined;
    const post: WorldPost = { reliable: [], frame: undefined, keepFrame: this.#needsLevel };
    const { episode } = this.#position();
    const changes = this.#changes;
    this.#changes = [];
    if (this.#needsLevel) {
      for (const change of changes)
        if (change.episode === this.#sentEpisode && change.episode !== episode && change.firstId >= 0) this.#append(post, change);
      post.reliable.push({ event: 'level', bytes: this.#encodeLevel() });
      // The level holds the edits already.
      for (const change of changes) if (change.episode === episode && change.firstId >= 0) this.#append(post, change);
    } else for (const change of changes) this.#append(post, change);
    post.frame = this.encodeFrame();
    this.#needsLevel = false;
    this.#needsFrame = false;
    this.#sentEpisode = episode;
    return post;
  }

  /** The level as it stands, for one who joins. Take first, so that its number is that of the last message. */
  joinLevel(): Uint8Array {
    return this.#encodeLevel();
  }

  encodeFrame(): Uint8Array {
    const { engine, row, nodes } = this.#source;
    return encodeFrame(readFrame(engine, row, this.#position(), this.#source.totals(), nodes));
  }

  #keepEdits(episode: number, tick: number): void {
    const { engine, row } = this.#source;
    const { buffers } = engine;
    this.#needsFrame = true;
    const numEdits = buffers.editCount[row];
    if (numEdits < 0 || numEdits > MAX_EDITS_PER_TICK) this.#needsLevel = true;
    else if (numEdits > 0) {
      const at = row * MAX_EDITS_PER_TICK * EDIT_WORDS;
      this.#changes.push({ episode, tick, firstId: -1, words: buffers.edits.slice(at, at + numEdits * EDIT_WORDS) });
    }
  }

  #position() {
    const { engine, row, world } = this.#source;
    const { state } = engine;
    return { stream: this.#stream, world, episode: state.episode[row], tick: state.tick[row] };
  }

  #append(post: WorldPost, { episode, tick, firstId, words }: Change): void {
    const position = { stream: this.#stream, world: this.#source.world, episode, tick, sequence: ++this.#sequence };
    if (firstId < 0) post.reliable.push({ event: 'edits', bytes: encodeEdits({ ...position, cells: words }) });
    else post.reliable.push({ event: 'events', bytes: encodeEvents({ ...position, firstId, rows: words }) });
  }

  #encodeLevel(): Uint8Array {
    const { engine, row } = this.#source;
    const { state } = engine;
    const seed = ((BigInt(state.seedHigh[row] >>> 0) << 32n) | BigInt(state.seedLow[row] >>> 0)).toString();
    return encodeLevel({
      ...this.#position(),
      sequence: this.#sequence,
      info: this.#source.describeLevel(state.variant[row], seed),
      voxels: state.voxels.subarray(row * state.cellsPerWorld, (row + 1) * state.cellsPerWorld),
    });
  }
}
