/**
 * Plays a recording at any place: the nearest keyframe before it is restored and the ticks between are simulated again.
 * Places are frames: each episode's first state is one, and each tick one more, so frames run from 0 to numFrames - 1 without gaps.
 */
import type { Engine } from '@kinovox/physics';
import { formatHash, ShapeError } from '@kinovox/world';
import type { CompiledScenario } from '../compile-scenario.js';
import type { EventRecord } from '../event-record.js';
import { type AgentColumns, type EpisodeRecordEntry, type KeyframeEntry, RECORD_TYPE, type TickEntry } from './format.js';
import { Recording, readRecording } from './reader.js';
import { createRecordedWorld, type RecordedWorld } from './recorded-world.js';

/** What a frame is. */
export interface FramePlace {
  frame: number;
  /** Number of the episode in the recorded row. */
  episode: number;
  variant: number;
  /** Tick of the episode. */
  tick: number;
  /** Recorded state hash, 16 hexadecimal digits. */
  stateHash: string;
}

interface KeyframePlace {
  frame: number;
  /** Record of the keyframe, and of the full one that it refers to. */
  record: number;
  base: number;
}

/** Opens a recording for playing. @throws as `readRecording`. */
export async function openRecording(source: string | Uint8Array | Recording): Promise<RecordingPlayer> {
  const recording = source instanceof Recording ? source : readRecording(source);
  return new RecordingPlayer(recording, await createRecordedWorld(recording));
}

export class RecordingPlayer {
  readonly recording: Recording;
  readonly numFrames: number;
  /** Text of messages by the hash word that message rings carry. */
  readonly texts = new Map<number, string>();
  readonly #world: RecordedWorld;
  /** Record of each frame: an episode or a tick. */
  readonly #frames: number[] = [];
  readonly #keyframes: KeyframePlace[] = [];
  readonly #keyframeFrames: number[] = [];
  readonly #keyframeByFrame = new Map<number, KeyframePlace>();
  /** Frame at which each episode begins. */
  readonly #episodeFrames: number[] = [];
  readonly #episodes: EpisodeRecordEntry[] = [];
  readonly #columns = new Map<number, AgentColumns>();
  #frame = -1;

  /** Use `openRecording`. */
  constructor(recording: Recording, world: RecordedWorld) {
    this.recording = recording;
    this.#world = world;
    let base = -1;
    for (let record = 0; record < recording.numRecords; record++) {
      const type = recording.typeAt(record);
      if (type === RECORD_TYPE.episode) {
        this.#episodeFrames.push(this.#frames.length);
        this.#episodes.push(recording.entryAt(record) as EpisodeRecordEntry);
        this.#frames.push(record);
        base = -1;
      } else if (type === RECORD_TYPE.tick) this.#frames.push(record);
      else if (type === RECORD_TYPE.keyframe) {
        if (base < 0) base = record;
        const place = { frame: this.#frames.length - 1, record, base };
        this.#keyframes.push(place);
        this.#keyframeFrames.push(place.frame);
        this.#keyframeByFrame.set(place.frame, place);
      } else this.#index(record);
    }
    // A run that was killed between an episode and its keyframe leaves an episode that cannot be shown.
    const last = this.#episodeFrames[this.#episodeFrames.length - 1];
    if (last !== undefined && !this.#keyframeByFrame.has(last)) {
      this.#frames.length = last;
      this.#episodeFrames.pop();
      this.#episodes.pop();
    }
    this.numFrames = this.#frames.length;
  }

  /** The engine whose one world shows the frame; read its state, do not step it. */
  get engine(): Engine {
    return this.#world.engine;
  }

  get compiled(): CompiledScenario {
    return this.#world.compiled;
  }

  /** Whether states between keyframes are those that were recorded; false under other rules, where they may drift until the next keyframe. */
  get exact(): boolean {
    return this.#world.sameRules;
  }

  /** Frame being shown; -1 before the first seek. */
  get frame(): number {
    return this.#frame;
  }

  /** First frame of each episode. */
  get episodeFrames(): readonly number[] {
    return this.#episodeFrames;
  }

  /** What the recording says of each episode, in the order of `episodeFrames`. */
  get episodes(): readonly EpisodeRecordEntry[] {
    return this.#episodes;
  }

  /** Shows a frame. @throws ShapeError for one that does not exist. */
  seek(frame: number): FramePlace {
    const place = this.placeAt(frame);
    const start = this.#keyframeBefore(frame);
    const canGoOn = this.#frame >= start.frame && this.#frame <= frame;
    if (!canGoOn) {
      this.#restore(start);
      this.#frame = start.frame;
    }
    while (this.#frame < frame) {
      this.#frame++;
      this.#world.step(this.recording.entryAt(this.#frames[this.#frame]) as TickEntry);
      const here = this.#keyframeByFrame.get(this.#frame);
      if (here !== undefined) this.#restore(here);
    }
    return place;
  }

  /** What a frame is, without showing it. @throws ShapeError for one that does not exist. */
  placeAt(frame: number): FramePlace {
    if (!Number.isInteger(frame) || frame < 0 || frame >= this.numFrames) {
      throw new ShapeError(
        'frame',
        `A frame must be an integer in 0..${this.numFrames - 1}; got ${frame} for ${this.recording.where}. Ask numFrames for their number.`,
      );
    }
    const entry = this.recording.entryAt(this.#frames[frame]) as TickEntry | EpisodeRecordEntry;
    const { episode, variant } = this.#episodeOf(frame);
    return { frame, episode, variant, tick: entry.tick, stateHash: formatHash(entry.hash0, entry.hash1) };
  }

  /** Frame of an episode's tick. @throws ShapeError when the recording does not hold it. */
  frameOf(episode: number, tick: number): number {
    for (let i = this.#episodes.length - 1; i >= 0; i--) {
      const first = this.#episodes[i];
      if (first.episode !== episode || tick < first.tick) continue;
      const frame = this.#episodeFrames[i] + tick - first.tick;
      if (frame < (this.#episodeFrames[i + 1] ?? this.numFrames)) return frame;
    }
    throw new ShapeError(
      'frame',
      `A recording must hold the tick asked for; got tick ${tick} of episode ${episode} for ${this.recording.where}. episodeFrames and numFrames say what it holds.`,
    );
  }

  /** Events of a frame's tick; none at an episode's start. */
  eventsAt(frame: number): EventRecord[] {
    this.placeAt(frame);
    const entry = this.recording.entryAt(this.#frames[frame]) as TickEntry | EpisodeRecordEntry;
    return entry.type === 'tick' ? entry.events : [];
  }

  /** Learner's columns of a frame's tick. */
  columnsAt(frame: number): AgentColumns | undefined {
    return this.#columns.get(frame);
  }

  close(): void {
    this.#world.engine.dispose();
  }

  #index(record: number): void {
    const entry = this.recording.entryAt(record);
    if (entry?.type === 'text') this.texts.set(entry.word, entry.text);
    else if (entry?.type === 'columns') this.#columns.set(this.#frames.length, entry.columns);
  }

  #restore({ record, base }: KeyframePlace): void {
    this.#world.restore(this.recording.entryAt(record) as KeyframeEntry, this.recording.entryAt(base) as KeyframeEntry);
  }

  /** The last keyframe at or before a frame. */
  #keyframeBefore(frame: number): KeyframePlace {
    return this.#keyframes[lastAtOrBefore(this.#keyframeFrames, frame)];
  }

  #episodeOf(frame: number): EpisodeRecordEntry {
    return this.#episodes[lastAtOrBefore(this.#episodeFrames, frame)];
  }
}

/** Index of the last of ascending numbers that is at most `value`; 0 when none is. */
function lastAtOrBefore(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
