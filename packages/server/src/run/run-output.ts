/** What a run writes: manifest, metrics, recordings; and finding the recordings of a run again. */
import { existsSync, statSync } from 'node:fs';
import { type BatchEnv, type RowRecorder, RunDirectory, readRunDirectory, recordRow } from '@kinovox/env';
import type { SafetyIntervention } from '@kinovox/planning';
import { UsageError } from '@kinovox/world';
import type { RunReport } from './run-report.js';
import type { RunSettings } from './run-settings.js';

export class RunOutput {
  readonly path: string;
  readonly #directory: RunDirectory;
  readonly #recorders: readonly RowRecorder[];
  /** Row of each recorder. */
  readonly #rows: readonly number[];
  readonly #numAgents: number;

  /** Creates the folder and begins to record. The environment must have been reset. @throws UsageError when the path holds files. */
  static open(path: string, env: BatchEnv, settings: RunSettings): RunOutput {
    const directory = RunDirectory.create(path, env, { command: settings.command, policy: settings.policy });
    const recorders = settings.recordRows.map((row) =>
      recordRow(env, row, directory.recordingPath(row), { notes: { policy: settings.policy } }),
    );
    env.onEpisodeEnd = (record) => directory.addEpisode(record);
    return new RunOutput(directory, recorders, settings.recordRows, env.numAgents);
  }

  private constructor(directory: RunDirectory, recorders: readonly RowRecorder[], rows: readonly number[], numAgents: number) {
    this.path = directory.path;
    this.#rows = rows;
    this.#numAgents = numAgents;
    this.#directory = directory;
    this.#recorders = recorders;
  }

  /** Before a step, where a safety filter looks at its actions: those that did not pass are recorded as they were decided. */
  noteSafety(interventions: readonly SafetyIntervention[]): void {
    for (const [k, recorder] of this.#recorders.entries()) {
      const rawAction: (number[] | null)[] = new Array(this.#numAgents).fill(null);
      const safety: (string | null)[] = new Array(this.#numAgents).fill(null);
      for (const { row, slot, raw, sentence } of interventions) {
        if (row !== this.#rows[k]) continue;
        rawAction[slot] = [...raw];
        safety[slot] = sentence;
      }
      recorder.addColumns({ rawAction, safety });
    }
  }

  /** Hands everything so far to the operating system, so that a kill loses little. */
  flush(): void {
    this.#directory.flush();
    for (const recorder of this.#recorders) recorder.writer.flush();
  }

  finish(report: RunReport): void {
    for (const recorder of this.#recorders) recorder.close();
    this.#directory.close(report.status, { ...report });
  }
}

/** Recording files of a run folder, by row, or the one file given. @throws UsageError when there is none. */
export function recordingsOf(path: string): string[] {
  if (existsSync(path) && statSync(path).isFile()) return [path];
  const { recordings } = readRunDirectory(path);
  if (recordings.length === 0)
    throw new UsageError(
      'no-recordings',
      `A run folder must hold recordings to be played; got none in "${path}". Run again with --record 0-3.`,
    );
  return recordings.map((recording) => recording.path);
}
