/** The module of a planning thread: one request after another. */
import { parentPort } from 'node:worker_threads';
import { planSquad } from '@kinovox/planning';
import type { PlanReply, PlanRequest } from './plan-thread.js';

parentPort!.on('message', ({ request, problem, expansions, seed, improveShare }: PlanRequest) => {
  parentPort!.postMessage({ request, result: planSquad(problem, { expansions }, { seed, improveShare }) } satisfies PlanReply);
});
