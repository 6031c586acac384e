/**
 * Messages between the host (main thread: sockets) and its worker threads: one runs the batch, one runs players (forks and recordings).
 * Wire messages are encoded in the thread that knows the state; the host only routes them. A channel is one source of a world:
 * `row:5` of the batch, `player:3`. Everything is structured-cloned.
 */
import type { Hands } from '@kinovox/agents';
import type { RowSnapshot } from '@kinovox/env';
import type { BlockInfo, DecisionNote, RecordingInfo, ScenarioInfo, Split, Status } from '@kinovox/world';
import type { RunReport } from '../run/run-report.js';
import type { RunSettings } from '../run/run-settings.js';
import type { RowTotals } from './reward-totals.js';

/** What a channel's watchers are sent together, in order; the frame comes last. */
export interface WorldPost {
  reliable: { event: 'level' | 'edits' | 'events' | 'decisions'; bytes: Uint8Array }[];
  frame: Uint8Array | undefined;
  /** The frame must arrive: it is the first after a level or the last before a pause. */
  keepFrame: boolean;
}

/** What one who joins a channel is sent. */
export interface JoinPost {
  level: Uint8Array;
  frame: Uint8Array;
  /** Of language agents; undefined where there were none. */
  decisions: Uint8Array | undefined;
  status: Status;
}

/** What a welcome says of the source, whoever is welcomed. */
export interface SourceInfo {
  mode: 'batch' | 'recording';
  scenario: ScenarioInfo;
  palette: BlockInfo[];
  numWorlds: number;
  engine: string;
  policy: string;
  recordings: RecordingInfo[];
  /** Slots of agents for whom people decide. */
  played: number[];
  /** Slots of agents who hear what people say. */
  listeners: number[];
}

/** Everything that a fork needs to go on from a row. */
export interface ForkSeed {
  snapshot: RowSnapshot;
  totals: RowTotals;
  /** What language agents decided before, oldest first. */
  decisions: readonly DecisionNote[];
}

/** What somebody who plays an agent does. */
export interface Steering {
  slot: number;
  /** Number of the watcher. */
  person: number;
  /** null: they let go. */
  hands: Hands | null;
}

export interface BatchThreadData {
  settings: RunSettings;
  /** Ticks to run at full speed first, with a report at their end; 0 serves at once. */
  headlessTicks: number;
  /** Ticks per second and world after that; 0 = as fast as possible. */
  ticksPerSecond: number;
  /** Stop after so many ticks in all and stand still; 0 = never. */
  maxTicks: number;
}

export type ToBatch =
  | { kind: 'watch'; world: number; on: boolean }
  | { kind: 'begin-stream'; world: number; stream: number }
  | { kind: 'join'; world: number; request: number }
  | { kind: 'fork'; world: number; request: number }
  | { kind: 'hear'; world: number; request: number; slot: number | undefined; text: string }
  | ({ kind: 'steer'; world: number; request: number } & Steering)
  /** `slots`: whose slices; undefined ends it. */
  | { kind: 'plans'; world: number; slots: readonly number[] | undefined }
  | { kind: 'stop' };

export type FromBatch =
  | { kind: 'ready'; source: SourceInfo; table: Uint8Array }
  /** `atMs` is the clock of the thread. */
  | { kind: 'progress'; ticks: number; agentStepsPerSecond: number; atMs: number }
  | { kind: 'report'; report: RunReport }
  | { kind: 'world'; channel: string; post: WorldPost }
  | { kind: 'status'; channel: string; status: Status }
  | { kind: 'table'; bytes: Uint8Array }
  | { kind: 'plans'; channel: string; bytes: Uint8Array }
  | { kind: 'joined'; request: number; join: JoinPost }
  | { kind: 'forked'; request: number; seed: ForkSeed }
  /** `sentence` is undefined when the wish was carried out. */
  | { kind: 'done'; request: number; sentence: string | undefined }
  | { kind: 'finished' }
  | { kind: 'stopped'; directory: string | undefined }
  | Failed;

/** Commands of a watcher to its player. */
export type PlayerCommand =
  | { command: 'play' | 'pause' }
  | { command: 'step'; value: number }
  | { command: 'speed'; value: number }
  /** Begins a new stream. */
  | { command: 'seek'; value: number; stream: number };

export interface PlayerThreadData {
  /** Of forks. */
  settings: RunSettings | undefined;
  /** Recordings in the order of their numbers; empty for forks. */
  recordings: string[];
}

export type ToPlayers =
  | { kind: 'open-fork'; player: number; world: number; stream: number; split: Split; seed: ForkSeed; playing: boolean }
  | { kind: 'open-recording'; player: number; world: number; stream: number }
  | { kind: 'command'; player: number; request: number; command: PlayerCommand }
  | { kind: 'hear'; player: number; request: number; slot: number | undefined; text: string }
  | ({ kind: 'steer'; player: number; request: number } & Steering)
  | { kind: 'join'; player: number; request: number }
  | { kind: 'plans'; player: number; slots: readonly number[] | undefined }
  | { kind: 'close'; player: number };

export type FromPlayers =
  | { kind: 'ready'; source: SourceInfo | undefined }
  | { kind: 'opened'; player: number; sentence: string | undefined }
  | { kind: 'world'; channel: string; post: WorldPost }
  | { kind: 'status'; channel: string; status: Status }
  | { kind: 'plans'; channel: string; bytes: Uint8Array }
  | { kind: 'joined'; request: number; join: JoinPost }
  /** `sentence` is undefined when the command was carried out. */
  | { kind: 'done'; request: number; sentence: string | undefined }
  | Failed;

/** The thread cannot go on. */
export interface Failed {
  kind: 'failed';
  /** KinovoxError code, or undefined for a defect. */
  code: string | undefined;
  message: string;
}

export function rowChannel(world: number): string {
  return `row:${world}`;
}

/** Of those who also want the plans of a channel. */
export function plansChannel(channel: string): string {
  return `plans:${channel}`;
}

export function playerChannel(player: number): string {
  return `player:${player}`;
}
