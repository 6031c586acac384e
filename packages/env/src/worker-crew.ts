/**
 * The threads of the `workers` engine in Node. A batch that nobody closes keeps no process alive, and a thread that dies is noticed even while
 * the caller's thread waits for it and gets no events: on Linux by its entry among the process's tasks, elsewhere when it shows no progress.
 */
import * as fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type Control, type Crew, threadIdOf } from '@kinovox/physics';
import { invariant, type Scenario, type Split } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import { threadEntry } from './newest-bundle.js';

/** What a worker compiles for itself. Plain data. */
export interface CrewMember {
  control: Control;
  k: number;
  scenario: Scenario;
  files: ReadonlyMap<string, Uint8Array>;
  split: Split;
  /** Of each worker's own levels. */
  maxPoolBytes: number | undefined;
  observation: CompiledScenario['observation'];
  shaping: CompiledScenario['shaping'];
  idleProps: number;
  farProps: number;
  withoutProps: boolean;
}

const ENTRY = threadEntry('./engine-worker.js', import.meta.url);
const TASKS = '/proc/self/task';
const CAN_LOOK = fs.existsSync(TASKS);

/** Whether the system says that a thread of this process, by its id there, is gone; undefined where it cannot say. */
export function isGone(id: number): boolean | undefined {
  return CAN_LOOK && id !== 0 ? !fs.existsSync(`${TASKS}/${id}`) : undefined;
}

/** What every worker of a batch is handed. @throws InvariantError when the module that it runs is not built. */
export function crewMember(compiled: CompiledScenario, split: Split, control: Control, entry: URL): Omit<CrewMember, 'k'> {
  invariant(fs.existsSync(entry), `The module of a worker must lie at ${entry.pathname}; got nothing there. Run the build.`);
  const { scenario, files, maxPoolBytes, observation, shaping, idleProps, farProps, withoutProps } = compiled;
  // Every level has all structures, so that the first to be built reads all files.
  if (scenario.world.structures.some((structure) => 'file' in structure && !files.has(structure.file)))
    compiled.playableLevels(split).get(0);
  return { control, scenario, files, split, maxPoolBytes, observation, shaping, idleProps, farProps, withoutProps };
}

/** Starts the workers of a batch; each compiles the scenario for itself. */
export function launchCrew(compiled: CompiledScenario, split: Split, control: Control): Crew {
  const member = crewMember(compiled, split, control, ENTRY);
  const faults: (string | undefined)[] = [];
  const workers = Array.from({ length: control.numWorkers }, (_, k) => {
    const workerData: CrewMember = { ...member, k };
    // Flags of the process, such as --input-type, are for its own entry: a thread that got them would not start.
    const worker = new Worker(ENTRY, { workerData, name: `kinovox-worker-${k + 1}`, execArgv: [] });
    worker.on('error', (error) => {
      faults[k] = `its thread ended: ${error.message}`;
    });
    worker.on('exit', (code) => {
      faults[k] ??= `its thread ended with code ${code}`;
    });
    worker.unref();
    return worker;
  });
  return {
    send(batch) {
      for (const worker of workers) worker.postMessage(batch);
    },
    faultOf(k) {
      if (faults[k] !== undefined) return faults[k];
      return isGone(threadIdOf(control, k)) ? 'its thread is gone' : undefined;
    },
    dispose() {
      for (const worker of workers) void worker.terminate();
    },
  };
}
