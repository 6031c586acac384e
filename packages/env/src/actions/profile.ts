/**
 * Action profiles: ways to say what an agent does in a tick. Each becomes rows of ACTION_SPEC's columns, the native profile, before the engine sees it,
 * so recordings, replays and hashes know nothing of profiles.
 * Data flow: actions of a profile, `[B, A, width]` -> ActionCodec.expand -> native rows `[B, A, F]` -> Engine.decode.
 */
import type { Engine } from '@kinovox/physics';
import { didYouMean, UsageError } from '@kinovox/world';
import type { BoxSpace, DictSpace, DiscreteSpace } from '../spaces.js';
import { createDiscreteCodec } from './discrete.js';
import { createMinerlCodec } from './minerl.js';
import { createNativeCodec } from './native.js';
import { createWaypointCodec } from './waypoint.js';

/**
 * `native`: ACTION_SPEC's columns; `discrete`: one choice of a table; `minerl`: MineRL's action dictionary by its exact names;
 * `waypoint`: a place and the time to be there, followed under the body's limits.
 */
export const ACTION_PROFILES = ['native', 'discrete', 'minerl', 'waypoint'] as const;
export type ActionProfile = (typeof ACTION_PROFILES)[number];

export interface ActionCodec {
  readonly profile: ActionProfile;
  /** Numbers per agent in a batch's actions. */
  readonly width: number;
  /** One agent's action as `Env.step` takes it. */
  readonly space: BoxSpace | DiscreteSpace | DictSpace;
  /** One agent's row of a batch's actions. */
  readonly row: BoxSpace | DiscreteSpace;
  /** Choices so far that are none; each acted as idle. */
  readonly numInvalid: number;
  /** @param actions `[B, A, width]`. @returns `[B, A, F]` native rows, valid until the next call; the native profile returns `actions`. */
  expand(actions: Float32Array): Float32Array;
  /** Makes every row of `[B, A, width]` idle. */
  writeIdle(out: Float32Array): void;
  /**
   * Writes the action of agent `index` (row * A + slot) as `Env.step` takes it.
   * @returns the message that came with it, if any. @throws ShapeError for what is no action of the profile.
   */
  write(out: Float32Array, index: number, action: unknown, agentId: string): number | string | undefined;
}

/** What codecs read of an engine; those of `minerl` and `waypoint` look at the state, which must be in host memory. */
export type CodecHost = Pick<Engine, 'program' | 'numWorlds' | 'state' | 'actionMask'>;

/** @throws UsageError for an unknown profile. */
export function createActionCodec(profile: ActionProfile, host: CodecHost): ActionCodec {
  if (!ACTION_PROFILES.includes(profile))
    throw new UsageError(
      'unknown-action-profile',
      `actionProfile must be one of ${ACTION_PROFILES.join(', ')}; got "${String(profile)}".${didYouMean(String(profile), ACTION_PROFILES)}`,
    );
  return CREATORS[profile](host);
}

const CREATORS: Readonly<Record<ActionProfile, (host: CodecHost) => ActionCodec>> = {
  native: createNativeCodec,
  discrete: createDiscreteCodec,
  minerl: createMinerlCodec,
  waypoint: createWaypointCodec,
};
