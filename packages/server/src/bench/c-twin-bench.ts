/**
 * The engine `cpu` beside a native C build of the very same rules: both play the same worlds with the same actions, in turns, one at a time.
 * The twin stands in `test/bench/c-twin` of a checkout and is built by this benchmark alone. Its hashes must equal the engine's after every turn.
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
  /** Turns whose median counts; one more warms up. */
  rounds: number;
  /** Ticks per turn. */
  ticks: number;
  /** Told after each turn that counts. */
  onProgress?(done: number): void;
}

export interface CTwinFigures {
  compiler: string;
  flags: string;
  /** Agent-steps per second, with observations and resets. */
  cpu: number;
  c: number;
  /** Seconds that one core takes for 2^28 dependent rounds of `mix32` in C: figures of two machines compare by it. */
  calibrationSeconds: number;
  /** Ticks after which hashes of state, cells, observations, rewards and ends were equal. */
  equalTicks: number;
}

/** A ratio, or the sentence why it was not taken. */
export type CTwinResult =
  | { status: 'measured'; vsC: number | null; figures: CTwinFigures; notes: string[] }
  | { status: 'absent'; reason: string };

/** The C figures of earlier runs, a JSON object to a line. */
const RECORDS = fileURLToPath(new URL('../../../../test/bench/results/c-twin.jsonl', import.meta.url));
const TWIN = new URL('../../../../test/bench/c-twin/twin.js', import.meta.url);
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

/** What a line of the records says; lines of other scenarios and sizes are passed over. */
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
    const rates: { cpu: number[]; c: number[] } = { cpu: [], c: [] };
    const steps = numWorlds * program.numAgents * ticks;
    const calibrations: number[] = [];
    let tick = 0;
    // The first turns warm up, and last until every world was reset once.
    const warmUp = Math.max(1, Math.ceil((program.maxTicks + 1) / ticks));
    for (let turn = 0; turn < warmUp + rounds; turn++) {
      if (turn >= warmUp) calibrations.push(await twin.calibrate());
      const cSeconds = await twin.step(ticks);
      const start = performance.now();
      for (let t = 0; t < ticks; t++, tick++) {
        engine.decode(ring[tick % ring.length]);
        engine.step();
      }
      const cpuSeconds = (performance.now() - start) / 1000;
      const mine = module.hashOf(engine);
      const its = await twin.hash();
      if (mine.hash !== its.hash || mine.checksum !== its.checksum) {
        return {
          status: 'absent',
          reason: `the C twin must play the same game; after ${tick} ticks its hash is ${its.hash} (${its.checksum}) and the engine's ${mine.hash} (${mine.checksum})`,
        };
      }
      if (turn >= warmUp) {
        rates.cpu.push(steps / cpuSeconds);
        rates.c.push(steps / cSeconds);
        options.onProgress?.(turn + 1 - warmUp);
      }
    }
    const figures: CTwinFigures = {
      compiler: module.compilerVersion() ?? module.COMPILER,
      flags: module.FLAGS.join(' '),
      cpu: median(rates.cpu),
      c: median(rates.c),
      calibrationSeconds: median(calibrations),
      equalTicks: tick,
    };
    const { numAgents: agents, id: scenario } = program;
    const judged = judgeTwin({ scenario, worlds: numWorlds, agents, ...figures }, readRecords());
    return {
      status: 'measured',
      vsC: judged.counts ? figures.cpu / figures.c : null,
      figures,
      notes: [
        `c: the same rules, layout and passes, translated and built by ${figures.compiler} with ${figures.flags}; hashes equal after ${tick} ticks with resets. cpu ${formatRate(figures.cpu)}, C ${formatRate(figures.c)} in turns; 2^28 dependent mix32 take ${figures.calibrationSeconds.toFixed(3)} s.`,
        ...(judged.sentence === undefined ? [] : [judged.sentence]),
      ],
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
    return { counts: true, sentence: 'c: no figure of this scenario and size was recorded before, so the C build is held to none.' };
  const share = perLoop(run) / Math.max(...alike.map(perLoop));
  if (share >= LEAST_SHARE) return { counts: true };
  return {
    counts: false,
    sentence: `vsC is null: the C build reaches ${share.toFixed(2)} of its best recorded figure, scaled by the calibration loop; it must reach ${LEAST_SHARE}. Run again on a quiet machine.`,
  };
}

function readRecords(): CTwinRecord[] {
  if (!existsSync(RECORDS)) return [];
  return readFileSync(RECORDS, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CTwinRecord);
}
