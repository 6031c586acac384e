/**
 * The survival benchmark: one world and the same pursuits without the `survival` section, with it, and with it and eight mobs, with resets and observations.
 * A round is one episode. Within it the engines take turns of a few ticks, so that a slow moment of the machine hits all. The result is the ratios, medians
 * over rounds, of processor time: it leaves out the time in which other programs run, wall time does not.
 */
import { compileScenario } from '@kinovox/env';
import { createCpuEngine, type Engine } from '@kinovox/physics';
import { ACTION_FIELDS, parseScenario } from '@kinovox/world';
import { type ActivityMeter, createActivityMeter } from './activity-meter.js';
import type { Activity } from './bench-report.js';
import { createEventMeter, type EventMeter } from './event-meter.js';
import { currentCommit, currentDevice, median, quantile } from './figures.js';
import { writePursuits } from './pursuits.js';
import { survivalBenchScenario } from './survival-scenario.js';

export interface SurvivalBenchOptions {
  /** Worlds of each engine; default 1024. */
  worlds?: number;
  /** Rounds whose median counts; default 5. */
  rounds?: number;
  /** Told after each round. */
  onProgress?(done: number, total: number): void;
}

export interface SurvivalActivity extends Activity {
  craftsPer1000: number;
  attacksPer1000: number;
  deathsPer1000: number;
  grownPer1000: number;
  /** Share of mob slots in which a living mob moved. */
  mobsMovingShare: number;
}

export interface SurvivalBenchRow {
  rules: 'plain' | 'survival' | 'mobs';
  /** Agent-steps per second of processor time. */
  withObservations: number;
  /** Wall time of a tick. */
  p50Ms: number;
  p99Ms: number;
  /** Processor time of a tick as a multiple of the plain one's. */
  ratio: number;
  bytesPerWorld: number;
  activity: SurvivalActivity;
}

export interface SurvivalBenchReport {
  commit: string;
  device: string;
  date: string;
  worlds: number;
  agents: number;
  /** Most that a survival tick may cost, as a multiple of a plain one. */
  bar: number;
  rows: SurvivalBenchRow[];
  ok: boolean;
  notes: string[];
}

const BAR = 2.5;
const SEED = 7;
/** Ticks that an engine steps before the next one has its turn. */
const TURN_TICKS = 64;
/** A row in which less happens than this is no result. */
const LEAST: Record<SurvivalBenchRow['rules'], Partial<SurvivalActivity>> = {
  plain: { movingShare: 0.5, editsPer1000: 1, resetsPer1000: 1 },
  survival: { movingShare: 0.5, editsPer1000: 1, resetsPer1000: 1, craftsPer1000: 1, attacksPer1000: 1, grownPer1000: 0.1 },
  mobs: { movingShare: 0.5, editsPer1000: 1, resetsPer1000: 1, craftsPer1000: 1, attacksPer1000: 1, mobsMovingShare: 0.1 },
};

interface Contestant {
  rules: SurvivalBenchRow['rules'];
  engine: Engine;
  meter: ActivityMeter;
  events: EventMeter;
  actions: Float32Array;
  tick: number;
  /** Wall time of each tick, and processor time of each round. */
  tickMs: number[];
  roundMs: number[];
}

export async function benchSurvival(options: SurvivalBenchOptions = {}): Promise<SurvivalBenchReport> {
  const { worlds = 1024, rounds = 5 } = options;
  const contestants = (['plain', 'survival', 'mobs'] as const).map((rules) => createContestant(rules, worlds));
  const [plain] = contestants;
  const { numAgents, maxTicks } = plain.engine.program;
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) {
      // The first round warms up the compiler and is not counted.
      if (round === 1) {
        contestant.tickMs = [];
        contestant.roundMs = [];
      }
      contestant.roundMs.push(0);
    }
    for (let tick = 0; tick < maxTicks; tick += TURN_TICKS) for (const contestant of contestants) takeTurn(contestant);
    options.onProgress?.(round + 1, rounds + 1);
  }
  const notes: string[] = [];
  const rows = contestants.map((contestant): SurvivalBenchRow => {
    const { rules, engine, tickMs, roundMs } = contestant;
    // Activity is counted in ticks of its own, so that counting costs the measured ones nothing. Two episodes long.
    const activity = countActivity(contestant, 2 * maxTicks);
    for (const [name, least] of Object.entries(LEAST[rules])) {
      const value = activity[name as keyof SurvivalActivity];
      if (value < least) notes.push(`Not a result: ${name} of ${rules} is ${value.toFixed(2)}, below ${least}.`);
    }
    return {
      rules,
      withObservations: (worlds * numAgents * maxTicks * 1000) / median(roundMs),
      p50Ms: quantile(tickMs, 0.5),
      p99Ms: quantile(tickMs, 0.99),
      ratio: median(roundMs.map((ms, round) => ms / plain.roundMs[round])),
      bytesPerWorld: Math.round((engine.state.arena.byteLength + engine.state.voxels.byteLength + engine.state.rows.byteLength) / worlds),
      activity,
    };
  });
  const survival = rows[1];
  if (survival.ratio > BAR) notes.push(`A survival tick must cost at most ${BAR} plain ones; it costs ${survival.ratio.toFixed(2)}.`);
  return {
    commit: currentCommit(),
    device: currentDevice(),
    date: new Date().toISOString(),
    worlds,
    agents: numAgents,
    bar: BAR,
    rows,
    ok: notes.length === 0,
    notes,
  };
}

function createContestant(rules: SurvivalBenchRow['rules'], worlds: number): Contestant {
  const compiled = compileScenario(parseScenario(survivalBenchScenario(rules), `bench-${rules}-v1`));
  const { program } = compiled;
  const variants = compiled.variantSource('train');
  // Levels are made before the clock starts: they are part of loading, and reused by every later reset.
  for (let v = 0; v < program.numVariants; v++) variants.get(v);
  const engine = createCpuEngine({ program, variants, numWorlds: worlds, seed: 1 });
  return {
    rules,
    engine,
    meter: createActivityMeter(engine),
    events: createEventMeter(engine),
    actions: new Float32Array(worlds * program.numAgents * ACTION_FIELDS),
    tick: 0,
    tickMs: [],
    roundMs: [],
  };
}

/** Steps an engine by TURN_TICKS and adds to its last round what they took: decoding and the step, not the choice of actions. */
function takeTurn(contestant: Contestant): void {
  const { engine, actions, tickMs, roundMs } = contestant;
  for (let t = 0; t < TURN_TICKS; t++) {
    writePursuits(engine, actions, contestant.tick++, SEED);
    const start = performance.now();
    const before = process.cpuUsage();
    engine.decode(actions);
    engine.step();
    const { user, system } = process.cpuUsage(before);
    tickMs.push(performance.now() - start);
    roundMs[roundMs.length - 1] += (user + system) / 1000;
  }
}

function countActivity(contestant: Contestant, ticks: number): SurvivalActivity {
  const { engine, actions, meter, events } = contestant;
  for (let t = 0; t < ticks; t++) {
    writePursuits(engine, actions, contestant.tick++, SEED);
    engine.decode(actions);
    meter.before();
    events.before();
    engine.step();
    meter.after();
    events.after();
  }
  return { ...meter.activity(), ...events.activity() };
}
