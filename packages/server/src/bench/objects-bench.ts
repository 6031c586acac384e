/** The engine `cpu` beside the same rules written with objects, in short turns on one thread; observations and resets included. */
import type { CompiledScenario } from '@kinovox/env';
import { objectActivity } from './activity-meter.js';
import { createCpuSubject } from './bench-load.js';
import type { Activity } from './bench-report.js';
import { ObjectBatch } from './object-engine.js';
import { Vec3 } from './object-shapes.js';
import { compareInTurns } from './turns.js';

export interface ObjectsResult {
  /** Agent-steps per second of both. */
  cpu: number;
  objects: number;
  vsObjects: number;
  /** Of the object version. */
  activity: Activity;
}

export const OBJECTS_NOTE =
  'objects: the same rules with an object per world, player, vector and box; state and goal observations and resets included. It keeps no hash, events or edit lists and knows no liquids; its header lists every difference.';

/** Ticks of a turn: the object version is slower by about this ratio. */
const CPU_TICKS = 8;
const OBJECT_TICKS = 1;
const TURNS_PER_ROUND = 8;
const ACTIVITY_TICKS = 32;

export function benchAgainstObjects(
  compiled: CompiledScenario,
  worlds: number,
  rounds: number,
  onProgress?: (done: number) => void,
): ObjectsResult {
  const { program } = compiled;
  const subject = createCpuSubject(compiled, worlds);
  const batch = new ObjectBatch(program, compiled.playableLevels('train'), goalRegion(), worlds);
  let tick = 0;
  const step = () => void batch.step(subject.ring[tick++ % subject.ring.length]);
  const result = compareInTurns(
    [
      { turn: () => subject.play(CPU_TICKS) },
      {
        turn() {
          for (let t = 0; t < OBJECT_TICKS; t++) step();
          return OBJECT_TICKS * worlds * program.numAgents;
        },
      },
    ],
    { rounds, turnsPerRound: TURNS_PER_ROUND, onRound: (done) => onProgress?.(done) },
  );
  const activity = objectActivity(batch, step, ACTIVITY_TICKS);
  subject.engine.dispose();
  return { cpu: result.rate(0), objects: result.rate(1), vsObjects: result.ratio(0, 1), activity };
}

/** The far plot of the benchmark's scenario. */
function goalRegion(): { min: Vec3; max: Vec3 } {
  return { min: new Vec3(28, 3, 12), max: new Vec3(31, 15, 20) };
}
