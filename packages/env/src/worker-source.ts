/** What a thread of a batch makes for itself before it steps: its place among the process's threads, and the compiled scenario. */
import * as fs from 'node:fs';
import { noteThreadId, type SliceSource } from '@kinovox/physics';
import { compileScenario } from './compile-scenario.js';
import type { CrewMember } from './worker-crew.js';

/** Tells the batch which of the process's threads this is, so that its end is noticed. */
export function noteOwnThread({ control, k }: CrewMember): void {
  noteThreadId(control, k, ownThreadId());
}

/** The scenario, compiled here: functions cannot travel between threads. */
export function sourceOf({ scenario, files, split, ...options }: CrewMember): SliceSource {
  const readFile = (path: string): Uint8Array => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Error(`a worker was handed the files of the scenario; "${path}" was not among them`);
    return bytes;
  };
  const { maxPoolBytes, observation, shaping, idleProps, farProps, withoutProps } = options;
  const given = { maxPoolBytes, observation, shaping, idleProps, farProps, withoutProps };
  const compiled = compileScenario(scenario, { readFile, ...given });
  return { program: compiled.program, variants: compiled.playableLevels(split) };
}

/** Calls `make` now, and gives or throws what it gave whenever it is asked for. */
export function attempt<T>(make: () => T): () => T {
  try {
    const made = make();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Id of this thread among the process's tasks; 0 where the system does not tell. */
function ownThreadId(): number {
  try {
    return Number(/\d+$/.exec(fs.readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}
