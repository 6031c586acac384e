/**
 * A thread that plans for teams (`planner:lacam`), so that whoever shows a world or answers its watchers is not held up. What is asked is a copy of the
 * problem, and the budget counts expansions, so the plans are those that would be made here.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SquadPlanning } from '@kinovox/agents';
import type { GridProblem, PlanResult } from '@kinovox/planning';
import { invariant } from '@kinovox/world';

/** To the thread. */
export interface PlanRequest {
  readonly request: number;
  readonly problem: GridProblem;
  readonly expansions: number;
  readonly seed: number;
  readonly improveShare: number;
}

/** From the thread. */
export interface PlanReply {
  readonly request: number;
  readonly result: PlanResult;
}

export interface PlanThread {
  /** Rejects when the thread fails, or is closed. */
  readonly plan: SquadPlanning;
  /** Plans that it has made. */
  readonly numPlans: number;
  /** Ends the thread; no plan is made from then on. */
  close(): Promise<void>;
}

/** When run from the sources, as tests do, the built one. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? '../../dist/run/plan-thread-entry.js' : './plan-thread-entry.js', import.meta.url);

/** A thread that nobody waits for keeps no process alive. It starts with the first plan. */
export function createPlanThread(): PlanThread {
  const waiting = new Map<number, { resolve: (result: PlanResult) => void; reject: (error: Error) => void }>();
  let worker: Worker | undefined;
  let requests = 0;
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
  return {
    plan: (problem, expansions, seed, improveShare) =>
      new Promise((resolve, reject) => {
        invariant(!closed, 'A planning thread must be open when it is asked for a plan; it was closed. Create another.');
        worker ??= started();
        const request = requests++;
        waiting.set(request, { resolve, reject });
        worker.ref();
        worker.postMessage({ request, problem, expansions, seed, improveShare } satisfies PlanRequest);
      }),
    get numPlans() {
      return numPlans;
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
