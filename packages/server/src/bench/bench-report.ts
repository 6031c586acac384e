/** What `kinovox bench` returns: rows by engine, worlds and agents, ratios within the run, and the reasons for what is missing. Rates are agent-steps per second. */
import type { CTwinFigures } from './c-twin-bench.js';

export interface Activity {
  /** Share of agent-steps in which the agent moved more than 1/1000 block. */
  movingShare: number;
  collisionsPer1000: number;
  editsPer1000: number;
  resetsPer1000: number;
}

export type RowEngine = 'cpu' | 'workers' | 'webgpu';

/** One batch size on one engine. Figures are null where they were not taken, and where too little happened; `reason` then says which. */
export interface BenchRow {
  engine: RowEngine;
  worlds: number;
  agents: number;
  /** `BatchEnv.step` without observations; then with them; then with the shipped random policy deciding as well. Resets included. */
  stepOnly: number | null;
  withObservations: number | null;
  withPolicy: number | null;
  /** Wall time of a step with observations. */
  p50Ms: number | null;
  p99Ms: number | null;
  /** State of a world: words, cells and solidity. */
  bytesPerWorld: number | null;
  /** What happened under the actions of the first two columns, and under the policy. */
  activity: Activity | null;
  policyActivity: Activity | null;
  /** Bytes that a step with observations must read and write at least, per agent, and the rate at which this machine can copy as many. */
  bytesPerAgentStep: number | null;
  boundByMemory: number | null;
  /** `withObservations` by `boundByMemory`. */
  shareOfBound: number | null;
  /** Processor time by wall time while the columns were measured: near the number of threads on an idle machine. */
  processorShare: number | null;
  reason?: string;
}

export const RATIOS = ['vsObjects', 'vsC', 'vsPrismarine', 'vsPrismarineStub', 'workersVsCpu', 'costGrowth256To16384'] as const;
export type RatioName = (typeof RATIOS)[number];

/** What each ratio shall reach; `most` for a cost. */
export const BARS: Partial<Record<RatioName, { least: number } | { most: number }>> = {
  vsObjects: { least: 9 },
  vsC: { least: 0.5 },
  vsPrismarine: { least: 300 },
  workersVsCpu: { least: 1.7 },
  costGrowth256To16384: { most: 1.5 },
};

export interface BenchReport {
  commit: string;
  device: string;
  date: string;
  scenario: string;
  /** Adapter of the rows of `webgpu`; null without any. */
  gpu: string | null;
  /** Few sizes in short turns: charts pass such a report over. */
  quick: boolean;
  /** Worlds and agents at which ratios were taken. */
  ratioWorlds: number;
  ratioAgents: number;
  rows: BenchRow[];
  /** Null where it was not taken; `reasons` then has a sentence under its name. */
  ratios: Record<RatioName, number | null>;
  /** Why a ratio, an engine (`workers`, `webgpu`) or the rays are missing. */
  reasons: Record<string, string>;
  /** Figures behind the ratios. */
  objects: { withObservations: number; activity: Activity } | null;
  cTwin: CTwinFigures | null;
  prismarine: { world: number; stub: number; cpu: number } | null;
  /** Bytes per second that are read and written by a copy, by threads. */
  copyBytesPerSecond: { oneThread: number; allThreads: number; threads: number };
  /** Rays per second of the camera, 64 x 64 pixels, on one thread and on a GPU; null where not taken, which `reasons.webgpuRays` explains. */
  rays: { scenario: string; channels: readonly string[]; raysPerSecond: number; webgpuRaysPerSecond: number | null }[] | null;
  notes: string[];
}

/** A row in which less happens than this is no result. */
export const LEAST_ACTIVITY = { movingShare: 0.5, editsPer1000: 1, resetsPer1000: 1 } as const;

/** Why what happened is too little to be a result; undefined when it is enough. */
export function idlenessOf(activity: Activity): string | undefined {
  const found = (Object.keys(LEAST_ACTIVITY) as (keyof typeof LEAST_ACTIVITY)[]).filter((name) => activity[name] < LEAST_ACTIVITY[name]);
  if (found.length === 0) return undefined;
  return `no result: ${found.map((name) => `${name} is ${activity[name].toFixed(2)}, below ${LEAST_ACTIVITY[name]}`).join('; ')}`;
}

/** Whether a ratio reaches its bar; undefined without a bar or a ratio. */
export function meetsBar(name: RatioName, ratio: number | null): boolean | undefined {
  const bar = BARS[name];
  if (bar === undefined || ratio === null) return undefined;
  return 'least' in bar ? ratio >= bar.least : ratio <= bar.most;
}

/** A row without figures. */
export function emptyRow(engine: RowEngine, worlds: number, agents: number, reason: string | undefined): BenchRow {
  return {
    engine,
    worlds,
    agents,
    stepOnly: null,
    withObservations: null,
    withPolicy: null,
    p50Ms: null,
    p99Ms: null,
    bytesPerWorld: null,
    activity: null,
    policyActivity: null,
    bytesPerAgentStep: null,
    boundByMemory: null,
    shareOfBound: null,
    processorShare: null,
    ...(reason === undefined ? {} : { reason }),
  };
}
