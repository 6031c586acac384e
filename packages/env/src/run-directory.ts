/**
 * A run on disk: `run.json` (what was run, and how it ended), `metrics.jsonl` (one line per ended episode), `recordings/row-R.kvr`.
 * `run.json` is replaced atomically; the others only grow, so a killed run leaves a directory that is readable up to its last whole record.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as nodePath from 'node:path';
import { RULES_VERSION } from '@kinovox/physics';
import { ProtocolError, UsageError } from '@kinovox/world';
import type { BatchEnv } from './batch-env.js';
import type { EpisodeRecord } from './episode-statistics.js';

export const RUN_FORMAT_VERSION = 1;
const MANIFEST = 'run.json';
const METRICS = 'metrics.jsonl';
const RECORDINGS = 'recordings';
const RECORDING_NAME = /^row-(\d+)\.kvr$/;
/** Lines of metrics kept before they are handed to the operating system. */
const FLUSH_LINES = 64;

export type RunStatus = 'running' | 'finished' | 'interrupted';

export interface RunManifest {
  formatVersion: number;
  rulesVersion: number;
  status: RunStatus;
  /** What was run, word by word. */
  command: string[];
  scenario: string;
  scenarioHash: string;
  seed: number;
  split: string;
  worlds: number;
  agents: number;
  engine: string;
  policy: string;
  /** Process and machine that wrote it; they tell a running run from a killed one. */
  pid: number;
  host: string;
  startedAt: string;
  endedAt?: string;
  /** Results of the whole run, as its command prints them. */
  summary?: Record<string, unknown>;
}

export interface RunOptions {
  command: readonly string[];
  policy: string;
}

/** The directory of a run being written. */
export class RunDirectory {
  readonly path: string;
  #manifest: RunManifest;
  readonly #metrics: number;
  #lines: string[] = [];
  #closed = false;

  /**
   * Creates the directory.
   * @throws UsageError when the path holds files already, or cannot be made.
   */
  static create(path: string, env: BatchEnv, options: RunOptions): RunDirectory {
    assertFree(path);
    try {
      makeFolder(nodePath.resolve(path, RECORDINGS));
    } catch (cause) {
      throw new UsageError(
        'run-directory',
        `A run directory must be a path that can be made; got "${path}" (${cause instanceof Error ? cause.message : cause}). Choose another with --out.`,
        { cause },
      );
    }
    return new RunDirectory(path, {
      formatVersion: RUN_FORMAT_VERSION,
      rulesVersion: RULES_VERSION,
      status: 'running',
      command: [...options.command],
      scenario: env.compiled.program.id,
      scenarioHash: env.compiled.program.scenarioHash,
      seed: env.seed,
      split: env.split,
      worlds: env.numWorlds,
      agents: env.numAgents,
      engine: env.engineName,
      policy: options.policy,
      pid: process.pid,
      host: os.hostname(),
      startedAt: new Date().toISOString(),
    });
  }

  private constructor(path: string, manifest: RunManifest) {
    this.path = path;
    this.#manifest = manifest;
    this.#writeManifest();
    this.#metrics = fs.openSync(nodePath.join(path, METRICS), 'a');
  }

  get manifest(): Readonly<RunManifest> {
    return this.#manifest;
  }

  /** Where the recording of a row belongs. */
  recordingPath(row: number): string {
    return nodePath.join(this.path, RECORDINGS, `row-${row}.kvr`);
  }

  /** Adds an ended episode to the metrics. */
  addEpisode(record: EpisodeRecord): void {
    if (this.#closed)
      throw new UsageError('run-closed', `A run must be open to get episodes; got one for "${this.path}" after its end. Open another run.`);
    this.#lines.push(JSON.stringify(record));
    if (this.#lines.length >= FLUSH_LINES) this.flush();
  }

  /** Hands all lines so far to the operating system, whole lines at a time. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const bytes = new TextEncoder().encode(`${this.#lines.join('\n')}\n`);
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.#metrics, bytes, done, bytes.length - done);
    this.#lines = [];
  }

  /** Ends the run: `finished`, or `interrupted` when somebody stopped it in good order. */
  close(status: Exclude<RunStatus, 'running'>, summary: Record<string, unknown>): void {
    if (this.#closed) return;
    this.#closed = true;
    this.flush();
    fs.closeSync(this.#metrics);
    this.#manifest = { ...this.#manifest, status, endedAt: new Date().toISOString(), summary };
    this.#writeManifest();
  }

  /** To a new file and then in the place of the old, so that a reader sees one of the two. */
  #writeManifest(): void {
    const target = nodePath.join(this.path, MANIFEST);
    const draft = `${target}.${process.pid}.tmp`;
    fs.writeFileSync(draft, `${JSON.stringify(this.#manifest, null, 2)}\n`);
    fs.renameSync(draft, target);
  }
}

/** A run read back. */
export interface StoredRun {
  path: string;
  /** `status` is `interrupted` for a run whose process is gone without having ended it. */
  manifest: RunManifest;
  episodes: EpisodeRecord[];
  /** Whether a half-written last line of the metrics was left out. */
  cutLine: boolean;
  recordings: { row: number; path: string }[];
}

/** @throws UsageError when there is no run at the path; ProtocolError when its files are damaged, naming file and line. */
export function readRunDirectory(path: string): StoredRun {
  const manifest = readManifest(path);
  const { episodes, cutLine } = readMetrics(nodePath.join(path, METRICS));
  const status = manifest.status === 'running' && !isAlive(manifest) ? 'interrupted' : manifest.status;
  return { path, manifest: { ...manifest, status }, episodes, cutLine, recordings: listRecordings(path) };
}

function readManifest(path: string): RunManifest {
  const file = nodePath.join(path, MANIFEST);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(
      'no-run',
      `A run directory must hold a ${MANIFEST}; got "${path}" (${cause instanceof Error ? cause.message : cause}). Give the directory that a run printed.`,
      { cause },
    );
  }
  let manifest: RunManifest;
  try {
    manifest = JSON.parse(text) as RunManifest;
  } catch (cause) {
    throw new ProtocolError(
      'run-manifest',
      `${file} must be JSON; got text that is not (${cause instanceof Error ? cause.message : cause}). The file was altered; run again.`,
      { cause },
    );
  }
  if (manifest.formatVersion !== RUN_FORMAT_VERSION) {
    throw new ProtocolError(
      'run-format',
      `${file} must have format version ${RUN_FORMAT_VERSION}; got ${manifest.formatVersion}. Read it with the Kinovox version that wrote it.`,
    );
  }
  return manifest;
}

function readMetrics(file: string): { episodes: EpisodeRecord[]; cutLine: boolean } {
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const lines = text.split('\n');
  // What stands behind the last line break was not written whole.
  const cutLine = lines.pop() !== '';
  const episodes = lines.map((line, i) => {
    try {
      return JSON.parse(line) as EpisodeRecord;
    } catch (cause) {
      throw new ProtocolError(
        'run-metrics',
        `${file}:${i + 1} must be a JSON object; got ${JSON.stringify(line.slice(0, 40))}. The file was altered; remove the line to read the rest.`,
        { cause },
      );
    }
  });
  return { episodes, cutLine };
}

function listRecordings(path: string): { row: number; path: string }[] {
  const folder = nodePath.join(path, RECORDINGS);
  if (!fs.existsSync(folder)) return [];
  const found = fs.readdirSync(folder).flatMap((name) => {
    const match = RECORDING_NAME.exec(name);
    return match === null ? [] : [{ row: Number(match[1]), path: nodePath.join(folder, name) }];
  });
  return found.sort((a, b) => a.row - b.row);
}

/** Whether the process that wrote the manifest still runs; on another machine it is taken to. */
function isAlive({ pid, host }: RunManifest): boolean {
  if (host !== os.hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function assertFree(path: string): void {
  if (!fs.existsSync(path)) return;
  const isEmpty = fs.statSync(path).isDirectory() && fs.readdirSync(path).length === 0;
  if (!isEmpty)
    throw new UsageError(
      'run-exists',
      `A run directory must be new or empty; got "${path}", which holds files. Choose another with --out.`,
    );
}

/** Creates a folder and its parents. Node's own recursion never ends where a folder exists in which none can be made, as in /proc. */
function makeFolder(path: string): void {
  if (fs.existsSync(path)) return;
  makeFolder(nodePath.dirname(path));
  fs.mkdirSync(path);
}
