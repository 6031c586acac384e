/** What defines a run: together with the rules version these give every hash of it. Plain data, so that threads can be handed it. */
import type { AsyncEngineName } from '@kinovox/env';
import type { Split } from '@kinovox/world';

export interface RunSettings {
  /** Path of the scenario. */
  scenarioPath: string;
  numWorlds: number;
  /** Row r plays seed + r. */
  seed: number;
  split: Split;
  /** Name of the policy that acts for every agent. */
  policy: string;
  engine: AsyncEngineName;
  /** Threads of the engine `workers`; undefined: as many as the machine runs at once. */
  threads?: number | undefined;
  /** Folder of the results; undefined writes none. */
  out: string | undefined;
  /** Rows to record, ascending; they need `out`. */
  recordRows: readonly number[];
  /** Kept in the run directory: what was typed, word by word. */
  command: readonly string[];
}
