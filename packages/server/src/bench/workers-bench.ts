/** The engine `workers` with two threads beside `cpu`: the same batch with the same actions, in alternating turns of one run, observations and resets included. */
import { type CompiledScenario, createEngineSync } from '@kinovox/env';
import { hashBatch } from '@kinovox/physics';
import { invariant } from '@kinovox/world';
import { median } from './figures.js';

/** Threads that are measured, and how many times `cpu` they shall reach on as many idle cores. */
const THREADS = 2;
export const WORKERS_BAR = 1.7;

export interface WorkersBenchOptions {
  compiled: CompiledScenario;
  numWorlds: number;
  /** Actions of the ticks, over and over. */
  ring: readonly Float32Array[];
  /** Turns of each engine that count; one more warms up. */
  rounds: number;
  /** Ticks of a turn. */
  ticks: number;
  onProgress?(done: number): void;
}

export interface WorkersFigures {
  threads: number;
  /** Agent-steps per second, medians over turns. */
  cpu: number;
  workers: number;
  /** Median over pairs of neighbouring turns. */
  ratio: number;
}

/** @throws InvariantError when the engines do not end in the same state. */
export function benchWorkers({ compiled, numWorlds, ring, rounds, ticks, onProgress }: WorkersBenchOptions): WorkersFigures {
  const settings = { numWorlds, seed: 1, split: 'train' } as const;
  const cpu = createEngineSync('cpu', compiled, settings);
  const workers = createEngineSync('workers', compiled, { ...settings, threads: THREADS });
  const figures: { cpu: number[]; workers: number[]; ratio: number[] } = { cpu: [], workers: [], ratio: [] };
  /** Agent-steps per second of a turn. */
  const turn = (engine: typeof cpu, round: number): number => {
    const start = performance.now();
    for (let t = 0; t < ticks; t++) {
      engine.decode(ring[(round * ticks + t) % ring.length]);
      engine.step();
    }
    return (numWorlds * compiled.program.numAgents * ticks * 1000) / (performance.now() - start);
  };
  try {
    for (let round = 0; round <= rounds; round++) {
      const alone = turn(cpu, round);
      const together = turn(workers, round);
      if (round > 0) {
        figures.cpu.push(alone);
        figures.workers.push(together);
        figures.ratio.push(together / alone);
      }
      onProgress?.(round + 1);
    }
    invariant(hashBatch(workers.state) === hashBatch(cpu.state), 'The engines workers and cpu must end in one state.');
  } finally {
    workers.dispose();
    cpu.dispose();
  }
  return { threads: THREADS, cpu: median(figures.cpu), workers: median(figures.workers), ratio: median(figures.ratio) };
}
