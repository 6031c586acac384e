/**
 * The recording file, format 2. Little endian throughout.
 * File = head (40 bytes) + records. Head: magic (8), format version u32, state u32 (0 open, 1 finished), length of the finished file f64,
 * final chain 2 x u32, number of ticks u32, reserved u32; the last five are zero while the file is open.
 * Record = payload length u32, type and 24-bit head check u32 (type in the low byte), payload, chain 2 x u32.
 * Types: header (first), episode, tick, keyframe, text, columns, outcomes, end (last of a finished file). Unknown types are skipped, so that a reader outlives additions.
 */

import type { Drawn } from '@kinovox/physics';
import type { ParameterValues } from '@kinovox/world';
import type { ActionProfile } from '../actions/profile.js';
import type { EventRecord } from '../event-record.js';

export const FORMAT_VERSION = 2;
export const MAGIC = Uint8Array.of(0x4b, 0x56, 0x58, 0x52, 0x45, 0x43, 0x0d, 0x0a);
export const HEAD_BYTES = 40;
export const RECORD_HEAD_BYTES = 8;
export const CHAIN_BYTES = 8;
/** Largest payload: a full keyframe of the largest world stays below it. */
export const MAX_PAYLOAD_BYTES = 1 << 28;
/** Ticks between keyframes. */
export const KEYFRAME_TICKS = 200;

export const RECORD_TYPE = { header: 1, episode: 2, tick: 3, keyframe: 4, text: 5, columns: 6, end: 7, outcomes: 8 } as const;

/** Everything needed to build the same worlds again. Stored as deflated JSON. */
export interface RecordingHeader {
  formatVersion: number;
  /** RULES_VERSION of the engine that recorded. */
  rulesVersion: number;
  scenarioHash: string;
  /** The parsed scenario, defaults filled. */
  scenario: object;
  /** Structure files by path, base64. */
  files: Record<string, string>;
  engine: string;
  split: string;
  /** Seed of the run, and the row that was recorded. */
  seed: number;
  row: number;
  agentIds: string[];
  actionProfile: ActionProfile;
  /** State fields in the order of keyframe words: id and words. */
  layout: { id: number; words: number }[];
  /** Block names in palette order, which keyframe voxels index. */
  palette: string[];
  /** Reward terms by index in `outcomes` entries; absent in files of builds that wrote none. */
  rewardTerms?: string[];
  /** Anything the caller wants kept: policy, command line. */
  notes?: Record<string, unknown>;
}

/** The beginning of an episode. A full keyframe follows it. */
export interface EpisodeRecordEntry {
  type: 'episode';
  /** Number of the episode in its row. */
  episode: number;
  variant: number;
  rowSeed: number;
  /** Group of the row, -1 without. */
  groupId: number;
  /** Tick at which the recording joins the episode: 0, or later when a row is recorded from its middle. */
  tick: number;
  /** Values that the variant drew. */
  parameters: ParameterValues;
  /** What the episode drew of the scenario's `randomisation`; absent where it has none. */
  randomisation?: Drawn;
  hash0: number;
  hash1: number;
}

export interface TickEntry {
  type: 'tick';
  /** Tick of the episode, from 1. */
  tick: number;
  /** Whether the episode ended with it. */
  ended: boolean;
  /** State hash after the tick, before any reset. */
  hash0: number;
  hash1: number;
  /** Words of `[A, ACTION_WORDS]` that differ from the tick before; at an episode's first tick, from 0. Pairs of index and word. */
  changes: Int32Array;
  events: EventRecord[];
  /** Events beyond MAX_EVENTS_PER_TICK, which were counted but not kept. */
  eventsDropped: number;
}

export interface KeyframeEntry {
  type: 'keyframe';
  tick: number;
  variant: number;
  /** Words of every field, in the order of the header's layout. */
  words: Int32Array;
  /** Palette indices of all cells; undefined in a frame that lists the cells changed since the episode's first keyframe. */
  voxels: Uint8Array | undefined;
  /** Pairs of cell and palette index, in place of `voxels`. */
  cells: Int32Array | undefined;
  /** Opaque state of rigid bodies; empty on the batch tier. */
  rigid: Uint8Array;
}

export interface TextEntry {
  type: 'text';
  /** Hash word that actions and messages carry. */
  word: number;
  text: string;
}

/**
 * What a learner or an agent adds to a tick, one value per agent, null for agents that have none: written before the tick that it belongs to.
 * What the environment knows (agent, role, group, rules version, rewards, events with their parents) is recorded without it.
 */
export interface AgentColumns {
  groupId?: number;
  role?: (string | null)[];
  /** Version of the policy that acted. */
  policyVersion?: (string | number | null)[];
  /** What the policy chose, in its own terms: a choice, a row of its action profile. */
  decision?: (number | number[] | null)[];
  /** Log-probability of what was chosen under the policy that chose: the sum over its tokens, where it wrote tokens. */
  behaviourLogProb?: (number | null)[];
  /** Of actions that a safety filter did not let pass, or in `monitor` would not have: the native row as it was decided, and why. What was carried out is in the tick. */
  rawAction?: (number[] | null)[];
  safety?: (string | null)[];
  tokenIds?: (number[] | null)[];
  /** One per token of `tokenIds`. */
  tokenLogProbs?: (number[] | null)[];
}

/** What a tick gave to agents: rewards that are not zero, and who ended. Written before its tick, where there is anything. */
export interface OutcomesEntry {
  type: 'outcomes';
  tick: number;
  /** Pairs of index in `[A, W]` and f32 reward. */
  rewards: [index: number, value: number][];
  /** Pairs of slot and OUTCOME_END bits. */
  ends: [slot: number, bits: number][];
}
/** Bits of an agent's end; `before` stands for one that had ended before the recording joined the episode. */
export const OUTCOME_END = { terminated: 1, truncated: 2, before: 4 } as const;

export interface ColumnsEntry {
  type: 'columns';
  /** Tick that the columns belong to. */
  tick: number;
  columns: AgentColumns;
}

export interface EndEntry {
  type: 'end';
  ticks: number;
  episodes: number;
  events: number;
}

export type RecordingEntry = EpisodeRecordEntry | TickEntry | KeyframeEntry | TextEntry | ColumnsEntry | OutcomesEntry | EndEntry;
