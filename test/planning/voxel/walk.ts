/** A walker of a shipped scenario on a test level, its state as words, and plans played in the environment. */
import { type BatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import {
  type Box,
  createLibrary,
  FIRST_ITEM,
  type Library,
  type VoxelPlan,
  VoxelPlanner,
  type VoxelQuery,
  WALKER_FIELDS,
  WALKER_WORD,
  WALKER_WORDS,
} from '@kinovox/planning';
import { ACTION_FIELDS, INVENTORY_SLOTS } from '@kinovox/world';

const libraries = new Map<string, Library>();

export function readWalker(env: BatchEnv): Int32Array {
  const { state } = env.engine;
  const words = new Int32Array(WALKER_WORDS);
  WALKER_FIELDS.forEach((name, k) => {
    words[k] = state[name][0];
  });
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    words[FIRST_ITEM + k] = state.inventoryItem[k];
    words[FIRST_ITEM + INVENTORY_SLOTS + k] = state.inventoryCount[k];
  }
  return words;
}

/** The planner of a scenario's first agent on a level of the test split, and the query for the region that its task asks to reach. */
export async function walkerOf(id: string, seed: number) {
  const compiled = loadScenario(new URL(`../../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
  const library = libraries.get(id) ?? createLibrary(compiled.program, 0);
  if (library === undefined) throw new Error(`${id} has no library`);
  libraries.set(id, library);
  const start = async (levelSeed: number) => {
    const env = await createBatchEnv({
      scenario: compiled,
      split: 'test',
      seed: levelSeed,
      autoreset: 'disabled',
      observe: false,
      actionProfile: 'native',
    });
    env.reset({ seed: levelSeed });
    const { state, program } = env.engine;
    const { protectedCells, unbuildableCells } = state.variants[0];
    const level = { size: program.size, voxels: state.voxels.slice(0, state.cellsPerWorld), protectedCells, unbuildableCells };
    const planner = new VoxelPlanner(program, 0, level, library);
    const region = JSON.parse(
      /"region":(\[\[.*?\]\])/.exec(JSON.stringify(compiled.resolve('test', state.variant[0]).task))?.[1] ?? 'null',
    );
    const query: VoxelQuery = { words: readWalker(env), box: region.flat() as Box, keepOut: [], mayDig: true, mayPlace: true };
    return { env, planner, query, level };
  };
  return { compiled, library, start, first: await start(seed) };
}

/** Plays a plan open loop. @returns how many words differed from the foreseen ones, at all ticks together, and whether the episode ended. */
export async function play(env: BatchEnv, plan: VoxelPlan): Promise<{ differing: number; ended: boolean; status: number }> {
  let differing = 0;
  for (let tick = 0; tick < plan.actions.length / ACTION_FIELDS; tick++) {
    const { ended, endStatus } = await env.step(plan.actions.subarray(tick * ACTION_FIELDS, (tick + 1) * ACTION_FIELDS));
    const words = readWalker(env);
    for (let k = 0; k < WALKER_WORDS; k++)
      // Who has succeeded is marked as having left: that is the task's, not the plan's.
      if (!(ended[0] === 1 && k === WALKER_WORD.flags) && words[k] !== plan.states[(tick + 1) * WALKER_WORDS + k]) differing++;
    if (ended[0] === 1) return { differing, ended: true, status: endStatus[0] };
  }
  return { differing, ended: false, status: 0 };
}
