/** The module of a planning thread: one request after another. */
import { parentPort } from 'node:worker_threads';
import { createLibrary, type Library, planSquad, VoxelPlanner } from '@kinovox/planning';
import { invariant } from '@kinovox/world';
import type { PlanReply, PlanRequest } from './plan-thread.js';

type Program = (PlanRequest & { kind: 'program' })['program'];

/** Programs by their number, each with the libraries of its slots: bodies are certified once. */
const programs = new Map<number, { program: Program; libraries: Map<number, Library> }>();
const planners = new Map<number, VoxelPlanner>();
const answer = (reply: PlanReply) => parentPort!.postMessage(reply);

parentPort!.on('message', (asked: PlanRequest) => {
  switch (asked.kind) {
    case 'squad': {
      const { request, problem, expansions, seed, improveShare } = asked;
      return answer({ request, result: planSquad(problem, { expansions }, { seed, improveShare }) });
    }
    case 'program':
      programs.set(asked.id, { program: asked.program, libraries: new Map() });
      return;
    case 'open': {
      const { program, libraries } = found(programs, asked.program);
      let library = libraries.get(asked.slot);
      if (library === undefined) {
        library = createLibrary(program, asked.slot);
        invariant(library !== undefined, 'A walker that is planned for must have moves.');
        libraries.set(asked.slot, library);
      }
      planners.set(asked.planner, new VoxelPlanner(program, asked.slot, asked.level, library));
      return;
    }
    case 'walk': {
      const planner = found(planners, asked.planner);
      planner.update(asked.voxels);
      return answer({ request: asked.request, result: planner.plan(asked.query) });
    }
    case 'shut':
      planners.delete(asked.planner);
  }
});

function found<T>(things: ReadonlyMap<number, T>, id: number): T {
  const thing = things.get(id);
  invariant(thing !== undefined, `A planning thread must be told of number ${id} before it is used.`);
  return thing;
}
