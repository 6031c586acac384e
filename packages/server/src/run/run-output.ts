/** What a run writes: manifest, metrics, recordings; and finding the recordings of a run again. */
import { closeSync, existsSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LanguageEntry } from '@kinovox/agents';
import { type BatchEnv, type RowRecorder, RunDirectory, readRunDirectory, recordRow } from '@kinovox/env';
import type { SafetyIntervention } from '@kinovox/planning';
import { UsageError } from '@kinovox/world';
import type { RunReport } from './run-report.js';
import type { RunSettings } from './run-settings.js';

/** Decisions of language agents, a JSON line each. */
export const DECISIONS = 'decisions.jsonl';

/** Decisions of one recording alone, beside it. */
export function decisionsBeside(recording: string): string {
  return `${recording.replace(/\.kvr$/, '')}.${DECISIONS}`;
}

export class RunOutput {
  readonly path: string;
  readonly #directory: RunDirectory;
  readonly #recorders: readonly RowRecorder[];
  /** Row of each recorder. */
  readonly #rows: readonly number[];
  readonly #numAgents: number;
  /** Opened when there is something to write. */
  #decisions: number | undefined;

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

  /** What language agents were told, asked and did in a tick. */
  noteLanguage(entries: readonly LanguageEntry[]): void {
    if (entries.length === 0) return;
    this.#decisions ??= openSync(join(this.path, DECISIONS), 'a');
    writeFileSync(this.#decisions, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  /** Hands everything so far to the operating system, so that a kill loses little. */
  flush(): void {
    this.#directory.flush();
    for (const recorder of this.#recorders) recorder.writer.flush();
  }

  finish(report: RunReport): void {
    for (const recorder of this.#recorders) recorder.close();
    if (this.#decisions !== undefined) closeSync(this.#decisions);
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
