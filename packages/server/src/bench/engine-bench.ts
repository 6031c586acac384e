/**
 * The engine benchmark: agent-steps per second by engine, worlds and agents, and ratios within the run. Ratios come first, on one size: they compare across machines.
 * What is missing has a reason. Levels are made before any clock starts.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CompiledScenario } from '@kinovox/env';
import { findGpu } from '@kinovox/physics';
import { actionRing, compileBenchScenario } from './bench-load.js';
import { type BenchReport, emptyRow, idlenessOf, RATIOS, type RatioName, type RowEngine } from './bench-report.js';
import { measureRow } from './bench-row.js';
import { benchAgainstC, type CTwinRecord } from './c-twin-bench.js';
import { measureCopyBandwidth } from './copy-bandwidth.js';
import { measureDeviceRow } from './device-row.js';
import { currentCommit, currentDevice, median } from './figures.js';
import { benchGrowth, GROWTH_WORLDS } from './growth-bench.js';
import { benchAgainstObjects, OBJECTS_NOTE } from './objects-bench.js';
import { benchAgainstPrismarine } from './prismarine-bench.js';
import { benchRays } from './ray-bench.js';
import { countTouchedBytes, type TouchedBytes } from './touched-bytes.js';
import { benchWorkers, WORKERS_BAR } from './workers-bench.js';

export interface BenchOptions {
  /** Only rows of this many worlds, and ratios at it; default: WORLDS, and ratios at 4096. */
  worlds?: number;
  /** Fewer sizes, shorter turns, fewer rounds: about a minute. */
  quick?: boolean;
  /** Rounds of each ratio; default 5, with `quick` 3. */
  rounds?: number;
  /** Install prismarine-physics where it is missing. */
  prismarine?: boolean;
  /** What the C build is held to; default: the figures kept in test/bench/results. */
  cTwinRecords?: readonly CTwinRecord[];
  /** Told after each part: parts done, weighted by their length, and what comes next. */
  onProgress?(done: number, total: number, next: string): void;
}

export const WORLDS = [1, 16, 256, 1024, 4096, 16_384] as const;
export const AGENTS = [1, 2, 8] as const;
const QUICK_WORLDS = [1, 256, 4096] as const;
const QUICK_AGENTS = [2] as const;
const RATIO_WORLDS = 4096;
const RATIO_AGENTS = 2;
/** Ticks per round beside C and beside the workers. */
const ROUND_TICKS = 128;
/** Share of a processor that one thread has on an idle machine, at least. */
const IDLE_SHARE = 0.93;

/** A part of the benchmark; its weight is about its seconds on an idle machine. */
interface Part {
  name: string;
  weight: number;
  run(report: BenchReport): Promise<void> | void;
}

export async function benchEngines(options: BenchOptions = {}): Promise<BenchReport> {
  const quick = options.quick === true;
  const compiledBy = new Map<number, CompiledScenario>();
  const compiled = (agents: number) => {
    const made = compiledBy.get(agents) ?? compileBenchScenario(agents);
    compiledBy.set(agents, made);
    return made;
  };
  const ratioWorlds = options.worlds ?? RATIO_WORLDS;
  const report: BenchReport = {
    commit: currentCommit(),
    device: currentDevice(),
    date: new Date().toISOString(),
    scenario: compiled(RATIO_AGENTS).program.id,
    gpu: null,
    quick,
    ratioWorlds,
    ratioAgents: RATIO_AGENTS,
    rows: [],
    ratios: Object.fromEntries(RATIOS.map((name) => [name, null])) as Record<RatioName, null>,
    reasons: {},
    objects: null,
    cTwin: null,
    prismarine: null,
    copyBytesPerSecond: { oneThread: 0, allThreads: 0, threads: 0 },
    rays: null,
    notes: [],
  };
  const parts = [
    ...ratioParts(options, ratioWorlds, options.rounds ?? (quick ? 3 : 5), () => compiled(RATIO_AGENTS)),
    ...(await rowParts(report, options, quick, compiled)),
    raysPart(),
    // The last: code that has seen arrays which note their accesses stays slow.
    memoryPart(compiled),
  ];
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  let done = 0;
  for (const part of parts) {
    options.onProgress?.(done, total, part.name);
    await part.run(report);
    collectGarbage();
    done += part.weight;
  }
  options.onProgress?.(total, total, '');
  noteBusyMachine(report);
  return report;
}

function ratioParts(options: BenchOptions, worlds: number, rounds: number, compiled: () => CompiledScenario): Part[] {
  return [
    {
      name: 'beside objects',
      weight: rounds,
      run(report) {
        const { cpu, objects, vsObjects, activity } = benchAgainstObjects(compiled(), worlds, rounds);
        const idle = idlenessOf(activity);
        report.objects = { withObservations: objects, activity };
        if (idle === undefined) report.ratios.vsObjects = vsObjects;
        else report.reasons.vsObjects = `the object version gives ${idle}`;
        report.notes.push(`${OBJECTS_NOTE} cpu ${Math.round(cpu)}, objects ${Math.round(objects)} agent-steps/s in turns.`);
      },
    },
    {
      name: 'beside C',
      weight: 8 + 3 * rounds,
      async run(report) {
        const { program } = compiled();
        const result = await benchAgainstC({
          program,
          variants: compiled().playableLevels('train'),
          numWorlds: worlds,
          ring: actionRing(worlds * program.numAgents),
          rounds,
          ticks: ROUND_TICKS,
          ...(options.cTwinRecords === undefined ? {} : { records: options.cTwinRecords }),
        });
        if (result.status === 'absent') {
          report.reasons.vsC = result.reason;
          return;
        }
        report.ratios.vsC = result.vsC;
        report.cTwin = result.figures;
        report.notes.push(...result.notes);
        if (result.vsC === null) report.reasons.vsC = result.refusal ?? 'not taken';
      },
    },
    {
      name: 'beside prismarine-physics',
      weight: 4 + rounds,
      async run(report) {
        const install = options.prismarine === true;
        const result = await benchAgainstPrismarine({ compiled: compiled(), worlds, rounds, install });
        if (result.status === 'absent') {
          report.reasons.vsPrismarine = report.reasons.vsPrismarineStub = result.reason;
          return;
        }
        report.ratios.vsPrismarine = result.vsWorld;
        report.ratios.vsPrismarineStub = result.vsStub;
        report.prismarine = result.figures;
        report.notes.push(result.note);
      },
    },
    {
      name: 'growth of cost with worlds',
      weight: 2 + rounds,
      run(report) {
        if (options.worlds !== undefined) {
          report.reasons.costGrowth256To16384 = `it compares ${GROWTH_WORLDS.join(' with ')} worlds, and one size was asked for`;
          return;
        }
        const { ratio, rates } = benchGrowth(compiled(), rounds);
        report.ratios.costGrowth256To16384 = ratio;
        report.notes.push(
          `growth: ${rates.map(Math.round).join(' and ')} agent-steps per second of processor time at ${GROWTH_WORLDS.join(' and ')} worlds, in turns.`,
        );
      },
    },
    {
      name: 'workers beside cpu',
      weight: 2 * rounds,
      run(report) {
        if (availableParallelism() < 2) {
          report.reasons.workersVsCpu = 'this machine runs one thread at once';
          return;
        }
        const ring = actionRing(worlds * compiled().program.numAgents);
        const crew = benchWorkers({ compiled: compiled(), numWorlds: worlds, ring, rounds, ticks: ROUND_TICKS });
        report.ratios.workersVsCpu = crew.ratio;
        report.notes.push(
          `workers: ${crew.threads} threads, ${Math.round(crew.workers)} agent-steps/s beside ${Math.round(crew.cpu)} of cpu in turns; the bar of ${WORKERS_BAR} is for ${crew.threads} idle cores.`,
        );
      },
    },
  ];
}

async function rowParts(
  report: BenchReport,
  options: BenchOptions,
  quick: boolean,
  compiled: (agents: number) => CompiledScenario,
): Promise<Part[]> {
  const sizes = options.worlds === undefined ? (quick ? QUICK_WORLDS : WORLDS) : [options.worlds];
  const engines: RowEngine[] = ['cpu'];
  if (availableParallelism() < 2) report.reasons.workers = 'not run: this machine runs one thread at once';
  else engines.push('workers');
  const gpu = await realGpu();
  if ('refusal' in gpu) report.reasons.webgpu = `not run: ${gpu.refusal}`;
  else {
    engines.push('webgpu');
    report.gpu = gpu.name;
  }
  return engines.flatMap((engine) =>
    (quick ? QUICK_AGENTS : AGENTS).flatMap((agents) =>
      sizes.map(
        (worlds): Part => ({
          name: `${engine}, ${worlds} worlds x ${agents} agents`,
          weight: (quick ? 1 : 2) + (worlds * agents) / 10_000,
          async run({ rows }) {
            const request = { engine, worlds, compiled: compiled(agents), turnMs: quick ? 60 : 120 };
            const measure = engine === 'webgpu' ? measureDeviceRow : measureRow;
            rows.push(await measure(request).catch((error: Error) => emptyRow(engine, worlds, agents, `not run: ${error.message}`)));
          },
        }),
      ),
    ),
  );
}

function raysPart(): Part {
  return {
    name: 'rays of the camera',
    weight: 3,
    async run(report) {
      const { rows, webgpuReason } = await benchRays();
      report.rays = rows.map(({ scenario, channels, packetRaysPerSecond, webgpuRaysPerSecond }) => ({
        scenario,
        channels,
        raysPerSecond: packetRaysPerSecond,
        webgpuRaysPerSecond,
      }));
      if (webgpuReason !== null) report.reasons.webgpuRays = `not run: ${webgpuReason}`;
    },
  };
}

/** Writes the bound by memory into the rows. */
function memoryPart(compiled: (agents: number) => CompiledScenario): Part {
  return {
    name: 'memory',
    weight: 5,
    async run(report) {
      const copy = await measureCopyBandwidth();
      report.copyBytesPerSecond = copy;
      const touched = new Map<number, TouchedBytes>();
      for (const row of report.rows) {
        if (row.withObservations === null) continue;
        const bytes = touched.get(row.agents) ?? countTouchedBytes(compiled(row.agents), true);
        touched.set(row.agents, bytes);
        // Of a device's own memory nothing is measured here.
        if (row.engine === 'webgpu') continue;
        row.bytesPerAgentStep = Math.round(bytes.read + bytes.written);
        row.boundByMemory = (row.engine === 'cpu' ? copy.oneThread : copy.allThreads) / row.bytesPerAgentStep;
        row.shareOfBound = row.withObservations / row.boundByMemory;
      }
      report.notes.push(
        'memory: bytes that a step with observations reads before it writes them, and bytes that it writes, each once a tick and resets included, counted on the stages themselves; the bound is the rate at which as many bytes were copied in this run, by one thread for cpu and by all for workers. Small batches stay in caches and may go beyond it.',
      );
    },
  };
}

/** Says so where other programs ran beside the benchmark: rows are in wall time, and are too low then. */
function noteBusyMachine({ rows, notes }: BenchReport): void {
  const shares = rows.flatMap(({ engine, processorShare }) => (engine === 'cpu' && processorShare !== null ? [processorShare] : []));
  if (shares.length === 0) return;
  const share = median(shares);
  if (share < IDLE_SHARE)
    notes.unshift(
      `This machine was busy: one thread had a processor ${(100 * share).toFixed(0)} % of the time. Rows are in wall time and too low; ratios, taken in turns, hold better.`,
    );
}

/** The GPU of this machine, or why there are no rows for the engine `webgpu`. */
async function realGpu(): Promise<{ name: string } | { refusal: string }> {
  const found = await findGpu();
  if (found === undefined) return { refusal: 'this machine has no GPU adapter' };
  const name = found.description || found.vendor;
  if (found.software) return { refusal: `the adapter here, ${name}, computes on the processor: it is for tests and never for speed` };
  return { name };
}

/** Batches are large: their memory is given back between the parts, and not within the next one's time. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
