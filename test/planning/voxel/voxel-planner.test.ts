/** Plans over certified moves: what is played is what was foreseen, word by word; edits are planned around without planning all anew; budgets end searches. */
import { FIRST_ITEM, VoxelPlanner, WALKER_WORDS } from '@kinovox/planning';
import { INVENTORY_SLOTS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { play, walkerOf } from './walk.js';

const SUCCEEDED = 1;

describe.each(['reach-maze-v1', 'parkour-v1', 'dig-tunnel-v1'])('plans in %s', (id) => {
  it('are solved, and played open loop they differ in no word and succeed', async () => {
    const { start } = await walkerOf(id, 0);
    for (const seed of [3, 4, 5]) {
      const { env, planner, query } = await start(seed);
      const plan = planner.plan(query, 'goal');
      expect(plan.status).toBe('solved');
      expect(await play(env, plan)).toEqual({ differing: 0, ended: true, status: SUCCEEDED });
      env.close();
    }
  });
});

describe('a plan', () => {
  it('differs from what is played when one tick of it is played otherwise', async () => {
    const { first } = await walkerOf('parkour-v1', 1);
    const plan = first.planner.plan(first.query, 'goal');
    const actions = plan.actions.slice();
    actions[12 * 11] += 0.01;
    actions[12 * 11 + 1] += 0.01;
    expect((await play(first.env, { ...plan, actions })).differing).toBeGreaterThan(0);
  });

  it('jumps, and none without jumping leads across', async () => {
    const { first, compiled } = await walkerOf('parkour-v1', 2);
    const plan = first.planner.plan(first.query, 'goal');
    expect(plan.moves.filter(({ primitive }) => primitive.kind === 'jump').length).toBeGreaterThan(2);
    const { createLibrary } = await import('@kinovox/planning');
    const program = { ...compiled.program, bodies: compiled.program.bodies.slice() };
    program.bodies[1] = 0;
    const lame = createLibrary(program, 0);
    if (lame === undefined) throw new Error('no library');
    expect(new VoxelPlanner(program, 0, first.level, lame).plan({ ...first.query, mayPlace: false }, 'goal')).toMatchObject({
      status: 'infeasible',
    });
  });

  it('bridges a ravine with the blocks that the walker has, and finds no way with too few', async () => {
    const { first } = await walkerOf('bridge-gap-v1', 0);
    const words = first.query.words.slice();
    words[FIRST_ITEM + INVENTORY_SLOTS] = 16;
    const plan = first.planner.plan({ ...first.query, words }, 'goal');
    expect(plan.status).toBe('solved');
    const bridges = plan.moves.filter(({ primitive }) => primitive.kind === 'bridge');
    expect(bridges.length).toBeGreaterThanOrEqual(6);
    expect(words[FIRST_ITEM + INVENTORY_SLOTS] - plan.states.subarray(-WALKER_WORDS)[FIRST_ITEM + INVENTORY_SLOTS]).toBe(bridges.length);
    words[FIRST_ITEM + INVENTORY_SLOTS] = bridges.length - 1;
    expect(first.planner.plan({ ...first.query, words }, 'goal').status).not.toBe('solved');
  });

  it('ends with its budget in a part of the way that is at rest, the same each time', async () => {
    const { first } = await walkerOf('reach-maze-v1', 1);
    const plan = first.planner.plan({ ...first.query, expansions: 400 }, 'goal');
    expect(plan).toMatchObject({ status: 'partial', expansions: 400 });
    expect(plan.moves.length).toBeGreaterThan(3);
    const end = plan.states.subarray(-WALKER_WORDS);
    expect([end[3], end[5]]).toEqual([0, 0]);
    expect(first.planner.plan({ ...first.query, expansions: 400 }, 'goal').actions).toEqual(plan.actions);
    expect((await play(first.env, plan)).differing).toBe(0);
  });
});

describe('an edit', () => {
  it('is planned around as if planned anew, with fewer cells looked at', async () => {
    const { first, library } = await walkerOf('reach-maze-v1', 6);
    const { planner, query, level } = first;
    const before = planner.plan(query, 'goal');
    expect(before.status).toBe('solved');
    let fewer = 0;
    const middle = before.moves[Math.floor(before.moves.length / 2)].cell;
    // A wall in the way, as high as those of the maze, and then the air that was there.
    const edited = level.voxels.slice();
    const [sizeX, , sizeZ] = level.size;
    const at = (y: number) => (y * sizeZ + middle[2]) * sizeX + middle[0];
    for (let up = 0; up < 3; up++) edited[at(middle[1] + up)] = level.voxels[at(middle[1] - 1)];
    for (const voxels of [edited, level.voxels]) {
      planner.update(voxels);
      const again = planner.plan(query, 'goal');
      const fresh = new VoxelPlanner(first.env.engine.program, 0, { ...level, voxels }, library);
      const anew = fresh.plan({ ...query, isGoal: query.isGoal }, 'goal');
      expect([again.status, again.foreseen]).toEqual([anew.status, anew.foreseen]);
      expect(again.foreseen).toBe(voxels === edited ? anew.foreseen : before.foreseen);
      if (again.goalExpansions < anew.goalExpansions) fewer++;
      expect(planner.map.renewed).toBeLessThan(planner.map.computed / 10);
    }
    expect(fewer).toBeGreaterThan(0);
  });
});
