/** A file that agent-steps are written to, one after another: JSON lines, or Parquet. A file that exists is not touched. */
import * as fs from 'node:fs';
import type { AgentStep, StepColumn } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import { ParquetStepFile } from './parquet-file.js';

export interface StepFile {
  add(step: AgentStep): void;
  /** Writes what is left. Nothing can be added any more. */
  close(): void;
}

/** @param path ends in .jsonl or .parquet. @throws UsageError for another ending, or a file that exists or cannot be made. */
export function createStepFile(path: string, columns: readonly StepColumn[]): StepFile {
  const create = path.endsWith('.jsonl')
    ? () => new JsonLinesFile(path)
    : path.endsWith('.parquet')
      ? () => new ParquetStepFile(path, columns)
      : undefined;
  if (create === undefined) throw new UsageError('export-format', `--out must end in .jsonl or .parquet; got "${path}".`);
  try {
    fs.closeSync(fs.openSync(path, 'wx'));
  } catch (cause) {
    throw new UsageError(
      'export-file',
      `--out must be a new file in a folder that can be written; got "${path}" (${cause instanceof Error ? cause.message : cause}). Give another path.`,
      { cause },
    );
  }
  return create();
}

class JsonLinesFile implements StepFile {
  readonly #path: string;
  #lines: string[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  add(step: AgentStep): void {
    this.#lines.push(JSON.stringify(step));
    if (this.#lines.length >= 4096) this.#flush();
  }

  close(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#lines.length > 0) fs.appendFileSync(this.#path, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}
