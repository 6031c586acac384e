/**
 * A world with a clock of its own: a fork of a batch row, or a recording. A watcher's commands move the clock.
 * Data flow: `tick` (called often) -> ticks that are due -> feed -> posts.
 */
import type { RowPlans, Status } from '@kinovox/world';
import type { Teleop } from '../run/teleop.js';
import type { DecisionSource } from './decision-book.js';
import { Pacer } from './pacer.js';
import { type FromPlayers, type PlayerCommand, playerChannel } from './thread-messages.js';
import { TickRate } from './tick-rate.js';
import type { WorldFeed } from './world-feed.js';

/** Ticks per second at speed 1. */
const TICKS_PER_SECOND = 20;

/** What a player plays. */
export interface Playable {
  readonly world: number;
  readonly forked: boolean;
  readonly feed: WorldFeed;
  /** Recordings: frame, counted from the beginning. Otherwise the tick of the episode. */
  readonly position: number;
  /** Recordings: frames in all. Otherwise 0. */
  readonly length: number;
  /** One tick. @returns false when there is none left. */
  advance(): boolean;
  /** Whether policies think before every tick. */
  readonly thinks?: boolean;
  /** Whether `advance` may be called; false while policies must think first. Absent: always. */
  readonly isReady?: boolean;
  /** Lets policies think for the next tick, so that `isReady`. What it throws, `advance` throws too. */
  prepare?(): Promise<void>;
  /** @throws KinovoxError where there is nothing to seek in. */
  seek(position: number): void;
  close(): void;
  /** What the agents mean to do in the state as it stands. Absent: there are no policies here. @param sliceSlots as of `PolicyRun.plans`. */
  plans?(sliceSlots: readonly number[]): RowPlans;
  /** People at its agents. Absent: nobody plays in it. */
  readonly teleop?: Teleop;
  /** What a person says, heard in the next tick. @returns undefined, or why nobody hears it. Absent: nobody can. */
  hear?(slot: number | undefined, text: string): string | undefined;
  /** Absent: no language agent is known of. */
  readonly decisions?: DecisionSource | undefined;
}

export class Player {
  readonly playable: Playable;
  readonly #channel: string;
  readonly #post: (message: FromPlayers) => void;
  readonly #pacer = new Pacer(TICKS_PER_SECOND);
  readonly #rate = new TickRate();
  #speed = 1;
  #playing: boolean;

  constructor(id: number, playable: Playable, playing: boolean, post: (message: FromPlayers) => void) {
    this.playable = playable;
    this.#channel = playerChannel(id);
    this.#playing = playing;
    this.#post = post;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** Runs what is due, at most `budgetMs`. @returns time until the next tick is due; infinite while it stands. */
  tick(nowMs: number, budgetMs: number): number {
    if (!this.#playing) return Number.POSITIVE_INFINITY;
    const due = this.#pacer.ticksDue(nowMs);
    const end = nowMs + budgetMs;
    for (let n = 0; n < due; n++) {
      // The world waits for those who think; what failed is thrown by the next tick.
      if (this.playable.isReady === false) {
        void this.playable.prepare?.().catch(() => undefined);
        break;
      }
      if (!this.playable.advance()) {
        this.#stand();
        return Number.POSITIVE_INFINITY;
      }
      this.#rate.count();
      if (performance.now() >= end) break;
    }
    return this.#pacer.waitMs(performance.now());
  }

  /** @throws KinovoxError for a command that cannot be carried out. */
  command(command: PlayerCommand): void | Promise<void> {
    switch (command.command) {
      case 'play':
        this.#playing = true;
        this.#pacer.restart();
        break;
      case 'pause':
        this.#stand();
        return;
      case 'speed':
        this.#speed = command.value;
        this.#pacer.ticksPerSecond = command.value * TICKS_PER_SECOND;
        break;
      case 'step':
        if (this.playable.thinks === true) return this.#stepThinking(command.value);
        for (let n = 0; n < command.value; n++) if (!this.playable.advance()) break;
        this.#stand();
        return;
      case 'seek':
        this.playable.seek(command.value);
        this.playable.feed.beginStream(command.stream);
        this.postWorld();
    }
    this.postStatus();
  }

  postWorld(keepFrame = false): void {
    const { decisions, feed, world } = this.playable;
    const post = feed.take();
    if (post === undefined) return;
    const fresh = decisions?.fresh({ world, stream: feed.stream });
    if (fresh !== undefined) post.reliable.push({ event: 'decisions', bytes: fresh });
    this.#post({ kind: 'world', channel: this.#channel, post: { ...post, keepFrame: post.keepFrame || keepFrame } });
  }

  postStatus(): void {
    this.#post({ kind: 'status', channel: this.#channel, status: this.status() });
  }

  status(): Status {
    const { world, feed, forked, position, length } = this.playable;
    return {
      world,
      stream: feed.stream,
      playing: this.#playing,
      speed: this.#speed,
      forked,
      position,
      length,
      ticksPerSecond: this.#playing ? this.#rate.perSecond() : 0,
      taken: this.playable.teleop?.taken(0) ?? [],
    };
  }

  /** Steps of a world whose policies think before each. */
  async #stepThinking(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      // Another command, or the clock, may have gone on meanwhile: every tick is thought for.
      while (this.playable.isReady === false) await this.playable.prepare?.();
      if (!this.playable.advance()) break;
    }
    this.#stand();
  }

  /** The last frame before a pause must arrive, or a world at rest would be drawn a moment too early. */
  #stand(): void {
    this.#playing = false;
    this.postWorld(true);
    this.postStatus();
  }
}
