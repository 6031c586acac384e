/** A recording that plays: frames of a file, each made by the rules from the recorded actions. */
import { basename } from 'node:path';
import { openRecording, readRecording, type RecordingPlayer } from '@kinovox/env';
import { EVENT, type RecordingInfo, type Split } from '@kinovox/world';
import type { Playable } from './player.js';
import { RewardTotals } from './reward-totals.js';
import { createLevelDescriber, describeScenario } from './scenario-info.js';
import { WorldFeed } from './world-feed.js';

export async function createRecordingPlayable(path: string, world: number, stream: number): Promise<RecordingPlayable> {
  return new RecordingPlayable(await openRecording(path), world, stream);
}

/** What a list of recordings says of one, without playing it. */
export async function describeRecording(path: string, world: number): Promise<{ info: RecordingInfo; player: RecordingPlayer }> {
  const recording = readRecording(path);
  const player = await openRecording(recording);
  const { header } = recording;
  const notes = [recording.finished ? '' : recording.describe(), player.exact ? '' : 'It was made under other rules: what is between keyframes may differ from what happened.'];
  return {
    info: {
      world,
      name: `row ${header.row}, seed ${header.seed + header.row} (${basename(path)})`,
      ticks: Math.max(0, player.numFrames - 1),
      episodeStarts: [...player.episodeFrames].slice(0, 100_000),
      note: notes.filter((note) => note !== '').join(' '),
    },
    player,
  };
}

export class RecordingPlayable implements Playable {
  readonly world: number;
  readonly forked = false;
  readonly feed: WorldFeed;
  readonly #player: RecordingPlayer;
  readonly #totals: RewardTotals;

  constructor(player: RecordingPlayer, world: number, stream: number) {
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
    this.feed.onRecordedTick(episode, tick, events[0]?.id ?? 0, Int32Array.from(events.flatMap((event) => [EVENT[event.kind], event.agent, event.data0, event.data1, (event.cause ?? -1) + 1])));
  }

  #episodeStart(frame: number): number {
    let start = 0;
    for (const first of this.#player.episodeFrames) if (first <= frame) start = first;
    return start;
  }
}
