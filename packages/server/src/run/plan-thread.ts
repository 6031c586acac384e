/**
 * A thread that plans for teams (`planner:lacam`) and for walkers (`planner:voxel`), so that whoever shows a world or answers its watchers is not held up.
 * What is asked is a copy of the problem, or of the level as it is, and budgets count expansions, so the plans are those that would be made here.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SquadPlanning, WalkPlanning } from '@kinovox/agents';
import { type CompiledScenario, threadEntry } from '@kinovox/env';
import type { GridProblem, PlanResult, VoxelPlan, VoxelQuery, WalkerLevel } from '@kinovox/planning';
import { invariant } from '@kinovox/world';

type Program = CompiledScenario['program'];

/** To the thread. Programs and planners of walks have numbers of their own, which are told before they are used. */
export type PlanRequest =
  | {
      readonly kind: 'squad';
      readonly request: number;
      readonly problem: GridProblem;
      readonly expansions: number;
      readonly seed: number;
      readonly improveShare: number;
    }
  | { readonly kind: 'program'; readonly id: number; readonly program: Program }
  | { readonly kind: 'open'; readonly planner: number; readonly program: number; readonly slot: number; readonly level: WalkerLevel }
  | { readonly kind: 'walk'; readonly request: number; readonly planner: number; readonly voxels: Uint8Array; readonly query: VoxelQuery }
  | { readonly kind: 'shut'; readonly planner: number };

/** From the thread. */
export interface PlanReply {
  readonly request: number;
  readonly result: PlanResult | VoxelPlan;
}

export interface PlanThread {
  /** Plans for a team. Rejects when the thread fails, or is closed. */
  readonly plan: SquadPlanning;
  /** Makes planners for walkers, whose plans reject likewise. */
  readonly walk: WalkPlanning;
  /** Plans that it has made. */
  readonly numPlans: number;
  /** Ends the thread; no plan is made from then on. */
  close(): Promise<void>;
}

const ENTRY = threadEntry('./plan-thread-entry.js', import.meta.url);

interface Waiting {
  resolve(result: PlanResult | VoxelPlan): void;
  reject(error: Error): void;
}

/** A thread that nobody waits for keeps no process alive. It starts with the first plan. */
export function createPlanThread(): PlanThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  /** Numbers of the programs that the present thread knows. */
  let programs = new WeakMap<Program, number>();
  let requests = 0;
  let numbers = 0;
  let numPlans = 0;
  let closed = false;
  // A thread that crashes tells `error` and then `exit`, and meanwhile another may have started, whose requests are none of its business.
  const fail = (thread: Worker, error: Error) => {
    if (worker !== thread) return;
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const started = (): Worker => {
    invariant(existsSync(ENTRY), `The module of a planning thread must lie at ${ENTRY.pathname}; got nothing there. Run the build.`);
    const thread = new Worker(ENTRY, { name: 'kinovox-plan', execArgv: [] });
    programs = new WeakMap();
    thread.on('message', ({ request, result }: PlanReply) => {
      if (worker !== thread) return;
      const asked = waiting.get(request);
      waiting.delete(request);
      if (waiting.size === 0) thread.unref();
      numPlans++;
      asked?.resolve(result);
    });
    thread.on('error', (error) => fail(thread, error));
    thread.on('exit', (code) => fail(thread, new Error(`The planning thread ended with code ${code}.`)));
    return thread;
  };
  const ask = <Result extends PlanResult | VoxelPlan>(send: (thread: Worker, request: number) => void): Promise<Result> =>
    new Promise((resolve, reject) => {
      invariant(!closed, 'A planning thread must be open when it is asked for a plan; it was closed. Create another.');
      worker ??= started();
      const request = requests++;
      waiting.set(request, { resolve: resolve as Waiting['resolve'], reject });
      worker.ref();
      send(worker, request);
    });
  const tell = (thread: Worker, message: PlanRequest, transfer: ArrayBuffer[] = []) => thread.postMessage(message, transfer);
  const numberOf = (thread: Worker, program: Program): number => {
    let id = programs.get(program);
    if (id === undefined) {
      id = numbers++;
      programs.set(program, id);
      tell(thread, { kind: 'program', id, program });
    }
    return id;
  };
  return {
    plan: (problem, expansions, seed, improveShare) =>
      ask((thread, request) => tell(thread, { kind: 'squad', request, problem, expansions, seed, improveShare })),
    walk: (program, slot, level) => {
      const planner = numbers++;
      let openedIn: Worker | undefined;
      return {
        plan: (voxels, query) =>
          ask((thread, request) => {
            const copy = new Uint8Array(voxels);
            if (openedIn !== thread)
              tell(thread, { kind: 'open', planner, program: numberOf(thread, program), slot, level: { ...level, voxels: copy } });
            openedIn = thread;
            tell(thread, { kind: 'walk', request, planner, voxels: copy, query }, [copy.buffer]);
          }),
        close() {
          if (openedIn !== undefined && openedIn === worker) tell(openedIn, { kind: 'shut', planner });
          openedIn = undefined;
        },
      };
    },
    get numPlans() {
      return numPlans;
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
