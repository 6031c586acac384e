/** What another process takes, as Linux tells it in /proc; undefined on other systems, and where there is no such process. */
import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** The kernel counts in hundredths of a second, whatever its own clock. */
const MS_PER_COUNT = 10;

/** Memory that it holds now. */
export function residentBytes(pid: number | undefined): number | undefined {
  const fields = statOf(pid, 'statm')?.split(' ');
  return fields === undefined ? undefined : Number(fields[1]) * PAGE_BYTES;
}

/** Processor time that it has taken, its own and the kernel's for it, milliseconds. */
export function processorMs(pid: number | undefined): number | undefined {
  // After the name, which stands in parentheses and may hold anything.
  const fields = statOf(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? undefined : MS_PER_COUNT * (Number(fields[11]) + Number(fields[12]));
}

/** The highest memory of a process, looked at twice a second: garbage collectors let it rise and fall, so that a single look tells little. */
export class MemoryWatch {
  readonly #pid: number | undefined;
  readonly #timer: NodeJS.Timeout;
  #highest: number | undefined;

  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), 500);
  }

  /** Bytes, since this was last asked; undefined where the system does not tell it. */
  takeHighest(): number | undefined {
    this.#look();
    const highest = this.#highest;
    this.#highest = undefined;
    return highest;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const bytes = residentBytes(this.#pid);
    if (bytes !== undefined) this.#highest = Math.max(bytes, this.#highest ?? 0);
  }
}

function statOf(pid: number | undefined, file: 'stat' | 'statm'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
