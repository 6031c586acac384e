/** A recording that plays: frames of a file, each made by the rules from the recorded actions. */
import { openRecording, RECORD_TYPE, type Recording, type RecordingPlayer } from '@kinovox/env';
import { RULES_VERSION } from '@kinovox/physics';
import { EVENT, type RecordingInfo, type Split } from '@kinovox/world';
import type { DecisionSource } from './decision-book.js';
import type { Playable } from './player.js';
import { type RecordedDecisions, readRecordedDecisions } from './recorded-decisions.js';
import { RewardTotals } from './reward-totals.js';
import { createLevelDescriber, describeScenario } from './scenario-info.js';
import { WorldFeed } from './world-feed.js';

export async function createRecordingPlayable(path: string, world: number, stream: number): Promise<RecordingPlayable> {
  const player = await openRecording(path);
  return new RecordingPlayable(player, world, stream, await readRecordedDecisions(path, player));
}

/** What a list of recordings says of one; its records are checked and counted, not decoded. */
export function describeRecording(recording: Recording, world: number): RecordingInfo {
  const { header } = recording;
  const exact = header.rulesVersion === RULES_VERSION;
  const notes = [
    recording.finished ? '' : recording.describe(),
    exact ? '' : 'It was made under other rules: what is between keyframes may differ from what happened.',
  ];
  const { numFrames, episodeStarts } = countFrames(recording);
  return {
    world,
    name: `row ${header.row}, seed ${header.seed + header.row}`,
    ticks: Math.max(0, numFrames - 1),
    episodeStarts: episodeStarts.slice(0, MAX_EPISODES),
    note: notes.filter((note) => note !== '').join(' '),
  };
}

/** Most episode starts that the wire takes. */
const MAX_EPISODES = 100_000;

/** Frames as `RecordingPlayer` numbers them: each episode's first state and each tick. */
function countFrames(recording: Recording): { numFrames: number; episodeStarts: number[] } {
  const episodeStarts: number[] = [];
  let numFrames = 0;
  let hasKeyframe = true;
  for (let record = 0; record < recording.numRecords; record++) {
    const type = recording.typeAt(record);
    if (type === RECORD_TYPE.episode) {
      episodeStarts.push(numFrames++);
      hasKeyframe = false;
    } else if (type === RECORD_TYPE.tick) numFrames++;
    else if (type === RECORD_TYPE.keyframe) hasKeyframe = true;
  }
  // A run that was killed between an episode and its keyframe leaves an episode that cannot be shown.
  return hasKeyframe ? { numFrames, episodeStarts } : { numFrames: numFrames - 1, episodeStarts: episodeStarts.slice(0, -1) };
}

export class RecordingPlayable implements Playable {
  readonly world: number;
  readonly forked = false;
  readonly feed: WorldFeed;
  readonly decisions: DecisionSource | undefined;
  readonly #player: RecordingPlayer;
  readonly #totals: RewardTotals;

  constructor(player: RecordingPlayer, world: number, stream: number, decisions?: RecordedDecisions) {
    this.decisions = decisions?.source(() => this.position);
    this.world = world;
    this.#player = player;
    const split = player.recording.header.split as Split;
    player.seek(0);
    this.#totals = new RewardTotals(player.engine);
    this.feed = new WorldFeed(
      {
        engine: player.engine,
        row: 0,
        world,
        nodes: describeScenario(player.compiled).nodes,
        describeLevel: createLevelDescriber(player.compiled, split),
        totals: () => this.#totals.read(0),
      },
      stream,
    );
  }

  get position(): number {
    return Math.max(0, this.#player.frame);
  }

  get length(): number {
    return Math.max(0, this.#player.numFrames - 1);
  }

  advance(): boolean {
    if (this.position >= this.length) return false;
    this.#show(this.position + 1);
    return true;
  }

  /** Positions beyond the end show the end. Rewards are counted anew from the start of the episode that is shown. */
  seek(position: number): void {
    const frame = Math.min(position, this.length);
    const first = this.#episodeStart(frame);
    this.#player.seek(first);
    this.#totals.clear(0);
    for (let at = first + 1; at <= frame; at++) {
      this.#player.seek(at);
      this.#totals.add();
    }
  }

  close(): void {
    this.#player.close();
  }

  #show(frame: number): void {
    const { episode, tick } = this.#player.seek(frame);
    if (this.#player.episodeFrames.includes(frame)) {
      this.#totals.clear(0);
      this.feed.onEpisode();
      return;
    }
    this.#totals.add();
    const events = this.#player.eventsAt(frame);
    this.feed.onRecordedTick(
      episode,
      tick,
      events[0]?.id ?? 0,
      Int32Array.from(events.flatMap((event) => [EVENT[event.kind], event.agent, event.data0, event.data1, (event.cause ?? -1) + 1])),
    );
  }

  #episodeStart(frame: number): number {
    let start = 0;
    for (const first of this.#player.episodeFrames) if (first <= frame) start = first;
    return start;
  }
}
