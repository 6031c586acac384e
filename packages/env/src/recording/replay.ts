/**
 * Replay: simulates a recording again from its seeds and actions and compares every tick's state hash and events with what was recorded.
 * Nothing decides anew: no policy, model or planner is asked.
 */
import { type Engine, hashWorldInto, RULES_VERSION } from '@kinovox/physics';
import { formatHash } from '@kinovox/world';
import { type EventRecord, readEvents, storedEvents } from '../event-record.js';
import type { EpisodeRecordEntry, KeyframeEntry, TickEntry } from './format.js';
import { Recording, readRecording } from './reader.js';
import { createRecordedWorld, type RecordedWorld } from './recorded-world.js';

export interface ReplayOptions {
  /** Compare hashes and events; default true. */
  verify?: boolean | undefined;
  /** Called after every tick with the engine, whose one world is in the state of that tick. */
  onTick?: ((engine: Engine, tick: TickEntry, episode: EpisodeRecordEntry) => void) | undefined;
  /** Rules to compare with; default those of this build. */
  rulesVersion?: number | undefined;
}

/** Where what was simulated first differs from what was recorded. */
export interface ReplayMismatch {
  episode: number;
  /** Tick of the episode; 0 is its start. */
  tick: number;
  what: 'level' | 'state' | 'events' | 'end';
  recorded: string;
  simulated: string;
}

export interface ReplayReport {
  ticks: number;
  episodes: number;
  /** Whether every state hash was recomputed and equal. */
  verified: boolean;
  mismatch: ReplayMismatch | undefined;
  /** Whether the file holds the whole run. */
  complete: boolean;
  /** What was found, in a sentence or two. */
  sentence: string;
}

/**
 * @param source path, bytes or opened recording.
 * @throws as `readRecording` for a file that is damaged, cut or altered.
 */
export async function replayRecording(source: string | Uint8Array | Recording, options: ReplayOptions = {}): Promise<ReplayReport> {
  const recording = source instanceof Recording ? source : readRecording(source);
  const rulesVersion = options.rulesVersion ?? RULES_VERSION;
  const world = await createRecordedWorld(recording, { rulesVersion });
  const verify = (options.verify ?? true) && world.sameRules;
  const run = new ReplayRun(world, verify);
  let ticks = 0;
  let episodes = 0;
  for (const entry of recording.entries()) {
    if (entry.type === 'episode') {
      run.beginEpisode(entry);
      episodes++;
    } else if (entry.type === 'keyframe') run.keyframe(entry);
    else if (entry.type === 'tick') {
      run.tick(entry);
      ticks++;
      options.onTick?.(world.engine, entry, run.episode!);
    }
    if (run.mismatch !== undefined) break;
  }
  world.engine.dispose();
  const { mismatch } = run;
  const verified = verify && mismatch === undefined;
  return {
    ticks,
    episodes,
    verified,
    mismatch,
    complete: recording.finished,
    sentence: `${verdict(recording, ticks, verify, mismatch, rulesVersion)} ${recording.describe()}`,
  };
}

function verdict(recording: Recording, ticks: number, verify: boolean, mismatch: ReplayMismatch | undefined, rulesVersion: number): string {
  if (mismatch !== undefined) {
    return `The replay differs from tick ${mismatch.tick} of episode ${mismatch.episode} on (${mismatch.what}): recorded ${mismatch.recorded}, simulated ${mismatch.simulated}.`;
  }
  if (recording.header.rulesVersion !== rulesVersion) {
    return `The recording was made under rules version ${recording.header.rulesVersion} and this is ${rulesVersion}: it was played from its keyframes and cannot be verified.`;
  }
  return verify ? `All ${ticks} state hashes were recomputed and are equal.` : `${ticks} ticks were played without verification.`;
}

class ReplayRun {
  episode: EpisodeRecordEntry | undefined;
  mismatch: ReplayMismatch | undefined;
  readonly #world: RecordedWorld;
  readonly #verify: boolean;
  readonly #lanes = new Uint32Array(2);
  #base: KeyframeEntry | undefined;
  #opening = false;

  constructor(world: RecordedWorld, verify: boolean) {
    this.#world = world;
    this.#verify = verify;
  }

  beginEpisode(entry: EpisodeRecordEntry): void {
    this.episode = entry;
    this.#opening = true;
  }

  /** An episode's first keyframe begins it; later ones are where other rules are brought back on the recorded path. */
  keyframe(frame: KeyframeEntry): void {
    const entry = this.episode!;
    if (!this.#opening) {
      if (!this.#verify) this.#world.restore(frame, this.#base!);
      else this.#world.clearActions();
      return;
    }
    this.#opening = false;
    this.#base = frame;
    if (this.#verify && entry.tick === 0) {
      // The level, spawns and inventories are made again from the seed; then the keyframe must be that state.
      this.#startFromSeed(frame, entry);
      this.#compareHash(entry, 0, 'level');
      if (this.mismatch !== undefined) return;
    }
    this.#world.restore(frame, frame);
    if (this.#verify) this.#compareHash(entry, entry.tick, 'state');
  }

  tick(tick: TickEntry): void {
    const { engine } = this.#world;
    const before = engine.state.numEvents[0];
    this.#world.step(tick);
    if (!this.#verify) return;
    this.#compareHash(tick, tick.tick, 'state');
    if (this.mismatch !== undefined) return;
    const events = readEvents(engine, 0, storedEvents(engine, 0, false).stored, before);
    this.#compare('events', tick.tick, listEvents(tick.events), listEvents(events));
    this.#compare('end', tick.tick, tick.ended ? 'ended' : 'running', engine.outputs.ended[0] === 1 ? 'ended' : 'running');
  }

  /** Puts the world at the episode before, so that the engine's own reset leads to this one. */
  #startFromSeed(frame: KeyframeEntry, entry: EpisodeRecordEntry): void {
    const { engine } = this.#world;
    engine.reset(undefined, [entry.rowSeed]);
    if (entry.episode === 0) return;
    this.#world.restore(frame, frame);
    engine.state.episode[0] = entry.episode - 1;
    engine.reset();
  }

  #compareHash(recorded: { hash0: number; hash1: number }, tick: number, what: ReplayMismatch['what']): void {
    hashWorldInto(this.#lanes, this.#world.engine.state, 0);
    this.#compare(what, tick, formatHash(recorded.hash0, recorded.hash1), formatHash(this.#lanes[0], this.#lanes[1]));
  }

  #compare(what: ReplayMismatch['what'], tick: number, recorded: string, simulated: string): void {
    if (this.mismatch === undefined && recorded !== simulated)
      this.mismatch = { episode: this.episode!.episode, tick, what, recorded, simulated };
  }
}

function listEvents(events: readonly EventRecord[]): string {
  return (
    events.map((event) => `${event.id} ${event.kind} ${event.agent} ${event.data0} ${event.data1} ${event.cause}`).join('; ') || 'none'
  );
}
