/**
 * What decides for all agents of a batch where the worlds are: in the host's memory by `fill`, on a device by the same arithmetic in WGSL, so that many
 * ticks run without a word crossing over. Both give the same actions bit for bit: only integers, and floats that are read from a table or scaled by powers of two.
 */
import type { BatchState } from '../batch-state.js';
import type { ObservationBuffers } from '../observe/observation.js';
import type { ScenarioProgram } from '../program.js';

/** What a source may look at: the state before a tick, and the whole observation of it. */
export interface SourceHost {
  program: ScenarioProgram;
  numWorlds: number;
  state: BatchState;
  observations: ObservationBuffers;
}

export interface ActionSource {
  readonly name: string;
  /** @throws UsageError for a program that it cannot play; `observing` tells whether observations are computed. */
  check(program: ScenarioProgram, observing: boolean): void;
  /** Writes the rows of all agents, `[B, A, F]` of ACTION_SPEC's columns; dead agents get zeros. A row that holds its action is left as the tick before left it. */
  fill(host: SourceHost, out: Float32Array): void;
  /** The twin for a device. */
  device(program: ScenarioProgram): DeviceSource;
}

export interface DeviceSource {
  /** Words that the code reads as `table[k]`. */
  table: Int32Array;
  /**
   * WGSL with a function `decide(w: i32, a: i32, i: i32)` for slot a of world w, i = w * NUM_AGENTS + a, called for the living, their row given as zeros.
   * It may read `data[STATE_<field> + ...]`, `data[OBSERVATION + i * OBSERVATION_SIZE + k]`, `table[k]`, and call `put(i, column, value)`,
   * `random_u32(low, high, tick, slot, purpose, draw)`.
   */
  code: string;
  /** Ticks of an episode for which a living agent's row is left as it is after each decision; default 1. */
  repeat?: number;
}
