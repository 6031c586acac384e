/** A thread of the `workers` engine: compiles the scenario for itself, gets the batch's shared arrays, and steps its slice until it is ended. */
import * as fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { noteThreadId, runSlice, type SharedBatch } from '@kinovox/physics';
import { compileScenario } from './compile-scenario.js';
import type { CrewMember } from './worker-crew.js';

const { control, k, scenario, files, split, maxPoolBytes, observation, shaping } = workerData as CrewMember;

noteThreadId(control, k, ownThreadId());
const source = attempt(() => {
  const readFile = (path: string): Uint8Array => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Error(`a worker was handed the files of the scenario; "${path}" was not among them`);
    return bytes;
  };
  const compiled = compileScenario(scenario, { readFile, maxPoolBytes, observation, shaping });
  return { program: compiled.program, variants: compiled.playableLevels(split) };
});
parentPort!.once('message', (batch: SharedBatch) => runSlice(control, k, source, batch));

/** Id of this thread among the process's tasks; 0 where the system does not tell. */
function ownThreadId(): number {
  try {
    return Number(/\d+$/.exec(fs.readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** Calls `make` now, and gives or throws what it gave whenever it is asked for. */
function attempt<T>(make: () => T): () => T {
  try {
    const made = make();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
