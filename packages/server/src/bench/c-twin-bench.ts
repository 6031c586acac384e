/**
 * The engine `cpu` beside a native C build of the very same rules: both play the same worlds with the same actions, in turns of a few ticks, one at a
 * time. Figures are medians over rounds, of processor time: it leaves out the time in which other programs run, wall time does not.
 * The twin stands in `test/bench/c-twin` of a checkout and is built by this benchmark alone. Its hashes must equal the engine's after every round.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCpuEngine, type Engine, type ScenarioProgram, type VariantSource } from '@kinovox/physics';
import { formatRate } from '../cli/print.js';
import { median } from './figures.js';

export interface CTwinOptions {
  program: ScenarioProgram;
  variants: VariantSource;
  numWorlds: number;
  /** Actions of some ticks, played round, each `[B, A, F]` f32. */
  ring: readonly Float32Array[];
  /** Rounds whose median counts. */
  rounds: number;
  /** Ticks per round. */
  ticks: number;
  /** Figures of earlier runs that the C build is held to; default: those kept in test/bench/results. */
  records?: readonly CTwinRecord[];
  /** Told after each round that counts. */
  onProgress?(done: number): void;
}

export interface CTwinFigures {
  worlds: number;
  agents: number;
  compiler: string;
  flags: string;
  /** Agent-steps per second of processor time, with observations and resets. */
  cpu: number;
  c: number;
  /** Seconds of processor time that one core takes for 2^28 dependent rounds of `mix32` in C: figures of two machines compare by it. */
  calibrationSeconds: number;
  /** Ticks after which hashes of state, cells, observations, rewards and ends were equal. */
  equalTicks: number;
}

/** A ratio, or the sentence why it was not taken. */
export type CTwinResult =
  | { status: 'measured'; vsC: number | null; refusal?: string; figures: CTwinFigures; notes: string[] }
  | { status: 'absent'; reason: string };

/** Reports of earlier runs, one to a line. */
const RECORDS = fileURLToPath(new URL('../../../../test/bench/results/engine.jsonl', import.meta.url));
const TWIN = new URL('../../../../test/bench/c-twin/twin.js', import.meta.url);
/** Few, so that a slow moment of the machine hits both. */
const TURN_TICKS = 16;
/** Share of the best recorded C figure that this run's must reach: a ratio to a C build that was hindered says nothing. */
const LEAST_SHARE = 0.9;

interface Twin {
  step(ticks: number): Promise<number>;
  hash(): Promise<TwinHash>;
  calibrate(): Promise<number>;
  close(): void;
}
interface TwinHash {
  hash: string;
  checksum: number;
}
interface TwinModule {
  COMPILER: string;
  FLAGS: readonly string[];
  compilerVersion(): string | undefined;
  createTwin(input: object): { twin: Twin } | { reason: string };
  hashOf(engine: Engine): TwinHash;
}

/** A C figure: of this run, or of an earlier one. */
export interface CTwinRecord {
  scenario: string;
  worlds: number;
  agents: number;
  c: number;
  calibrationSeconds: number;
}

export async function benchAgainstC(options: CTwinOptions): Promise<CTwinResult> {
  const { program, variants, numWorlds, ring, rounds, ticks } = options;
  if (!existsSync(TWIN)) return { status: 'absent', reason: 'the C twin is not here: it stands in test/bench/c-twin of a checkout' };
  let module: TwinModule;
  try {
    module = await import(TWIN.href);
  } catch (error) {
    return { status: 'absent', reason: `the C twin needs what a checkout installs: ${(error as Error).message.split('\n')[0]}` };
  }
  const seed = 1;
  const made = module.createTwin({ program, variants, numWorlds, seed, ring });
  if ('reason' in made) return { status: 'absent', reason: made.reason };
  const { twin } = made;
  try {
    const engine = createCpuEngine({ program, variants, numWorlds, seed });
    const steps = numWorlds * program.numAgents * ticks;
    const measured: { cpu: number; c: number; calibrationSeconds: number }[] = [];
    let tick = 0;
    // The first rounds warm up, and last until every world was reset once.
    const warmUp = Math.max(1, Math.ceil((program.maxTicks + 1) / ticks));
    for (let round = 0; round < warmUp + rounds; round++) {
      let cSeconds = 0;
      let cpuSeconds = 0;
      for (let left = ticks; left > 0; left -= TURN_TICKS) {
        const turn = Math.min(TURN_TICKS, left);
        cSeconds += await twin.step(turn);
        const before = process.cpuUsage();
        for (let t = 0; t < turn; t++, tick++) {
          engine.decode(ring[tick % ring.length]);
          engine.step();
        }
        const { user, system } = process.cpuUsage(before);
        cpuSeconds += (user + system) / 1e6;
      }
      const mine = module.hashOf(engine);
      const its = await twin.hash();
      if (mine.hash !== its.hash || mine.checksum !== its.checksum) {
        return {
          status: 'absent',
          reason: `the C twin must play the same game; after ${tick} ticks its hash is ${its.hash} (${its.checksum}) and the engine's ${mine.hash} (${mine.checksum})`,
        };
      }
      if (round >= warmUp) {
        measured.push({ cpu: steps / cpuSeconds, c: steps / cSeconds, calibrationSeconds: await twin.calibrate() });
        options.onProgress?.(measured.length);
      }
    }
    const medianOf = (of: (round: (typeof measured)[number]) => number) => median(measured.map(of));
    const { numAgents: agents, id: scenario } = program;
    const figures: CTwinFigures = {
      worlds: numWorlds,
      agents,
      compiler: module.compilerVersion() ?? module.COMPILER,
      flags: module.FLAGS.join(' '),
      cpu: medianOf(({ cpu }) => cpu),
      c: medianOf(({ c }) => c),
      calibrationSeconds: medianOf(({ calibrationSeconds }) => calibrationSeconds),
      equalTicks: tick,
    };
    const judged = judgeTwin({ scenario, ...figures }, options.records ?? readRecords());
    return {
      status: 'measured',
      vsC: judged.counts ? medianOf(({ cpu, c }) => cpu / c) : null,
      figures,
      notes: [
        `C: the same rules, layout and passes, translated and built by ${figures.compiler} with ${figures.flags}; hashes equal after ${tick} ticks with resets. cpu ${formatRate(figures.cpu)}, C ${formatRate(figures.c)} in turns; 2^28 dependent mix32 take ${figures.calibrationSeconds.toFixed(3)} s.`,
        ...(judged.counts && judged.sentence !== undefined ? [judged.sentence] : []),
      ],
      ...(judged.counts || judged.sentence === undefined ? {} : { refusal: judged.sentence }),
    };
  } finally {
    twin.close();
  }
}

/** Whether a C figure comes near the best that was recorded for its scenario and size, both scaled by the calibration loop. */
export function judgeTwin(run: CTwinRecord, records: readonly CTwinRecord[]): { counts: boolean; sentence?: string } {
  const perLoop = (one: CTwinRecord) => one.c * one.calibrationSeconds;
  const alike = records.filter((one) => one.scenario === run.scenario && one.worlds === run.worlds && one.agents === run.agents);
  if (alike.length === 0)
    return { counts: true, sentence: 'C: no figure of this scenario and size was recorded before, so the C build is held to none.' };
  const share = perLoop(run) / Math.max(...alike.map(perLoop));
  if (share >= LEAST_SHARE) return { counts: true };
  return {
    counts: false,
    sentence: `the C build reaches ${share.toFixed(2)} of its best recorded figure, scaled by the calibration loop; it must reach ${LEAST_SHARE}. Run again on a quiet machine.`,
  };
}

function readRecords(): CTwinRecord[] {
  return existsSync(RECORDS) ? parseRecords(readFileSync(RECORDS, 'utf8')) : [];
}

/** A kept report, as far as it matters here. The first ones had a single size, which stood in their first row. */
interface KeptReport {
  scenario: string;
  rows: { worlds: number; agents: number }[];
  cTwin?: (Omit<CTwinFigures, 'worlds' | 'agents'> & Partial<Pick<CTwinFigures, 'worlds' | 'agents'>>) | null;
}

/** The C figures of kept reports, one to a line; reports without one are passed over. */
export function parseRecords(text: string): CTwinRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KeptReport)
    .flatMap(({ scenario, rows: [first], cTwin }) => {
      if (cTwin == null) return [];
      const { worlds = first.worlds, agents = first.agents, c, calibrationSeconds } = cTwin;
      return [{ scenario, worlds, agents, c, calibrationSeconds }];
    });
}
