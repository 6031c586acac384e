/**
 * The engine benchmark: agent-steps per second with resets and observations included, beside the same rules written with objects, in one run.
 * Rounds of the two alternate, so that a slow moment of the machine hits both; figures are medians over rounds.
 */
import { availableParallelism } from 'node:os';
import { compileScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { parseScenario } from '@kinovox/world';
import { createActivityMeter, objectActivity } from './activity-meter.js';
import { benchScenario } from './bench-scenario.js';
import { benchAgainstC, type CTwinFigures } from './c-twin-bench.js';
import { currentCommit, currentDevice, median, quantile } from './figures.js';
import { ObjectBatch, Vec3 } from './object-engine.js';
import { randomActionRing } from './random-actions.js';
import { benchWorkers, WORKERS_BAR } from './workers-bench.js';

export interface BenchOptions {
  /** Worlds of the engine; default 4096. */
  worlds?: number;
  /** Agents per world; default 2. */
  agents?: number;
  /** Rounds whose median counts; default 5. */
  rounds?: number;
  /** Ticks per round; default 128. */
  ticks?: number;
  /** Told after each round. */
  onProgress?(done: number, total: number): void;
}

export interface Activity {
  /** Share of agent-steps in which the agent moved more than 1/1000 block. */
  movingShare: number;
  collisionsPer1000: number;
  editsPer1000: number;
  resetsPer1000: number;
}

export interface BenchRow {
  engine: string;
  worlds: number;
  agents: number;
  /** Agent-steps per second; null with a reason in `notes` where not taken. */
  stepOnly: number | null;
  withObservations: number;
  p50Ms: number | null;
  p99Ms: number | null;
  bytesPerWorld: number | null;
  activity: Activity | null;
}

export interface BenchReport {
  commit: string;
  device: string;
  date: string;
  scenario: string;
  rows: BenchRow[];
  /** `vsC`: the engine `cpu` by a native C build of the same rules; null where not taken, with the reason in `notes`. `workersVsCpu`: with two threads. */
  ratios: { vsObjects: number | null; vsC: number | null; workersVsCpu: number | null };
  /** The figures behind `vsC`. */
  cTwin: CTwinFigures | null;
  notes: string[];
}

/** A row in which less happens than this is no result. */
const LEAST_ACTIVITY = { movingShare: 0.5, editsPer1000: 1, resetsPer1000: 1 };
/** The object version is stepped this many times fewer ticks per round: it is slow, and its figure steadies as early. */
const OBJECT_TICK_DIVISOR = 4;
/** Ticks in which the activity of the object version is counted. */
const OBJECT_ACTIVITY_TICKS = 32;

export async function benchEngines(options: BenchOptions = {}): Promise<BenchReport> {
  const { worlds = 4096, agents = 2, rounds = 5, ticks = 128 } = options;
  const compiled = compileScenario(parseScenario(benchScenario(agents), 'bench-hills-v1'));
  const { program } = compiled;
  const variants = compiled.variantSource('train');
  // Levels are made before the clock starts: they are part of loading, and reused by every later reset.
  for (let v = 0; v < program.numVariants; v++) variants.get(v);

  const observed = createCpuEngine({ program, variants, numWorlds: worlds, seed: 1 });
  const bare = createCpuEngine({ program, variants, numWorlds: worlds, seed: 1, observe: false });
  const objects = new ObjectBatch(program, variants, goalRegion(), worlds);
  const ring = randomActionRing(worlds * agents, 64, 7);
  const meter = createActivityMeter(observed);

  let tick = 0;
  const run = (step: () => void, count = ticks): number => {
    const times: number[] = [];
    for (let t = 0; t < count; t++) {
      const start = performance.now();
      step();
      times.push(performance.now() - start);
      tick++;
    }
    for (const time of times) allTimes.push(time);
    return times.reduce((sum, time) => sum + time, 0);
  };
  let allTimes: number[] = [];
  const engineStep = (engine: typeof observed) => () => {
    engine.decode(ring[tick & 63]);
    engine.step();
  };
  const objectStep = () => void objects.step(ring[tick & 63]);

  const figures: { observed: number[]; bare: number[]; objects: number[] } = { observed: [], bare: [], objects: [] };
  let observedTimes: number[] = [];
  const total = rounds + 1;
  // Then as many turns beside C.
  const numTurns = total + rounds + total;
  for (let round = 0; round < total; round++) {
    // The first round warms up the compiler and is not counted.
    allTimes = [];
    const observedMs = run(engineStep(observed));
    observedTimes = round === 0 ? [] : observedTimes.concat(allTimes);
    const bareMs = run(engineStep(bare));
    const objectTicks = Math.max(1, Math.ceil(ticks / OBJECT_TICK_DIVISOR));
    const objectsMs = run(objectStep, objectTicks);
    if (round > 0) {
      figures.observed.push((worlds * agents * ticks * 1000) / observedMs);
      figures.bare.push((worlds * agents * ticks * 1000) / bareMs);
      figures.objects.push((worlds * agents * objectTicks * 1000) / objectsMs);
    }
    options.onProgress?.(round + 1, numTurns);
  }
  // Activity is counted in ticks of its own, so that counting costs the measured ones nothing. Two episodes long.
  for (let t = 0; t < 2 * program.maxTicks; t++) {
    meter.before();
    engineStep(observed)();
    tick++;
    meter.after();
  }
  const activity = meter.activity();
  const objectsActivity = objectActivity(
    objects,
    () => {
      objectStep();
      tick++;
    },
    OBJECT_ACTIVITY_TICKS,
  );
  const notes: string[] = [];
  for (const [engine, measured] of Object.entries({ cpu: activity, objects: objectsActivity })) {
    for (const [name, least] of Object.entries(LEAST_ACTIVITY)) {
      const value = measured[name as keyof Activity];
      if (value < least) notes.push(`Not a result: ${name} of ${engine} is ${value.toFixed(2)}, below ${least}.`);
    }
  }
  const beside = await benchAgainstC({
    program,
    variants,
    numWorlds: worlds,
    ring,
    rounds,
    ticks,
    onProgress: (done) => options.onProgress?.(total + done, numTurns),
  });
  if (beside.status === 'measured') notes.push(...beside.notes);
  else notes.push(`vsC is null: ${beside.reason}.`);
  const crew =
    availableParallelism() < 2
      ? undefined
      : benchWorkers({
          compiled,
          numWorlds: worlds,
          ring,
          rounds,
          ticks,
          onProgress: (done) => options.onProgress?.(total + rounds + done, numTurns),
        });
  if (crew === undefined) notes.push('workersVsCpu is null: this machine runs one thread at once.');
  else
    notes.push(
      `workers: ${crew.threads} threads, ${Math.round(crew.workers)} agent-steps/s beside ${Math.round(crew.cpu)} of cpu in turns; ${crew.ratio >= WORKERS_BAR ? 'reaches' : 'below'} the bar of ${WORKERS_BAR}, which is for ${crew.threads} idle cores.`,
    );
  const withObservations = median(figures.observed);
  const rows: BenchRow[] = [
    {
      engine: 'cpu',
      worlds,
      agents,
      stepOnly: median(figures.bare),
      withObservations,
      p50Ms: quantile(observedTimes, 0.5),
      p99Ms: quantile(observedTimes, 0.99),
      bytesPerWorld: Math.round(
        (observed.state.arena.byteLength + observed.state.voxels.byteLength + observed.state.rows.byteLength) / worlds,
      ),
      activity,
    },
    {
      engine: 'objects',
      worlds,
      agents,
      stepOnly: null,
      withObservations: median(figures.objects),
      p50Ms: null,
      p99Ms: null,
      bytesPerWorld: null,
      activity: objectsActivity,
    },
  ];
  notes.push(
    'objects: the same rules with an object per world, player, vector and box; state and goal observations and resets included, its step alone is not taken. It keeps no hash, events or edit lists and knows no liquids; its header lists every difference.',
  );
  return {
    commit: currentCommit(),
    device: currentDevice(),
    date: new Date().toISOString(),
    scenario: program.id,
    rows,
    ratios: {
      vsObjects: withObservations / median(figures.objects),
      vsC: beside.status === 'measured' ? beside.vsC : null,
      workersVsCpu: crew?.ratio ?? null,
    },
    cTwin: beside.status === 'measured' ? beside.figures : null,
    notes,
  };
}

function goalRegion(): { min: Vec3; max: Vec3 } {
  return { min: new Vec3(28, 3, 12), max: new Vec3(31, 15, 20) };
}
