/** Plans over certified moves: what is played is what was foreseen, word by word; edits are planned around without planning all anew; budgets end searches. */
import { type Box, FIRST_ITEM, type KeepOut, planHolds, touchZone, VoxelPlanner, WALKER_WORDS, WalkerEngine } from '@kinovox/planning';
import { INVENTORY_SLOTS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { play, walkerOf } from './walk.js';

const SUCCEEDED = 1;

describe.each(['reach-maze-v1', 'parkour-v1', 'dig-tunnel-v1'])('plans in %s', (id) => {
  it('are solved, and played open loop they differ in no word and succeed', async () => {
    const { start } = await walkerOf(id, 0);
    for (const seed of [3, 4, 5]) {
      const { env, planner, query } = await start(seed);
      const plan = planner.plan(query);
      expect(plan.status).toBe('solved');
      expect(await play(env, plan)).toEqual({ differing: 0, ended: true, status: SUCCEEDED });
      env.close();
    }
  });
});

describe('a plan', () => {
  it('differs from what is played when one tick of it is played otherwise', async () => {
    const { first } = await walkerOf('parkour-v1', 1);
    const plan = first.planner.plan(first.query);
    const actions = plan.actions.slice();
    actions[12 * 11] += 0.01;
    actions[12 * 11 + 1] += 0.01;
    expect((await play(first.env, { ...plan, actions })).differing).toBeGreaterThan(0);
  });

  it('jumps, and none without jumping leads across', async () => {
    const { first, compiled } = await walkerOf('parkour-v1', 2);
    const plan = first.planner.plan(first.query);
    expect(plan.moves.filter(({ primitive }) => primitive.kind === 'jump').length).toBeGreaterThan(2);
    const { createLibrary } = await import('@kinovox/planning');
    const program = { ...compiled.program, bodies: compiled.program.bodies.slice() };
    program.bodies[1] = 0;
    const lame = createLibrary(program, 0);
    if (lame === undefined) throw new Error('no library');
    expect(new VoxelPlanner(program, 0, first.level, lame).plan({ ...first.query, mayPlace: false })).toMatchObject({
      status: 'infeasible',
    });
  });

  it('bridges a ravine with the blocks that the walker has, and finds no way with too few', async () => {
    const { first } = await walkerOf('bridge-gap-v1', 0);
    const words = first.query.words.slice();
    words[FIRST_ITEM + INVENTORY_SLOTS] = 16;
    const plan = first.planner.plan({ ...first.query, words });
    expect(plan.status).toBe('solved');
    const bridges = plan.moves.filter(({ primitive }) => primitive.kind === 'bridge');
    expect(bridges.length).toBeGreaterThanOrEqual(6);
    expect(words[FIRST_ITEM + INVENTORY_SLOTS] - plan.states.subarray(-WALKER_WORDS)[FIRST_ITEM + INVENTORY_SLOTS]).toBe(bridges.length);
    words[FIRST_ITEM + INVENTORY_SLOTS] = bridges.length - 1;
    expect(first.planner.plan({ ...first.query, words }).status).not.toBe('solved');
  });

  it('leads through no cell that is forbidden, not even in a jump over it', async () => {
    const { first } = await walkerOf('reach-flat-v1', 3);
    const { planner, query, level } = first;
    const open = planner.plan(query);
    expect(open.status).toBe('solved');
    // A strip of three cells, which a jump crosses, before the region in the direction in which it is further.
    const { states } = open;
    const axis = [0, 2].reduce((best, k) => {
      const way = (at: number) => Math.abs((states.at(at - WALKER_WORDS)! - states[at]) >> 16);
      return way(k) > way(best) ? k : best;
    });
    const [from, to] = [states[axis] >> 16, states.at(axis - WALKER_WORDS)! >> 16];
    const middle = (from + to) >> 1;
    expect(Math.abs(to - from)).toBeGreaterThan(6);
    const isIn = (cell: readonly number[]) => Math.abs(cell[axis] - middle) <= 1;
    const side = Math.max(...level.size) - 1;
    const across = (from: number): Box => {
      const low = [0, 0, 0];
      const high = [side, side, side];
      [low[axis], high[axis], low[2 - axis]] = [middle - 1, middle + 1, from];
      return [low[0], low[1], low[2], high[0], high[1], high[2]];
    };
    const keepOut = (from: number): KeepOut => [[{ box: across(from), inside: true }]];
    expect(planner.plan({ ...query, keepOut: keepOut(0) }).status).toBe('infeasible');
    // With a gap in it at one end of the level, the way leads through the gap.
    const gap = (cell: readonly number[]) => cell[2 - axis] < 3;
    const gapped = planner.plan({ ...query, keepOut: keepOut(3) });
    expect(gapped.status).toBe('solved');
    const cells = (plan: typeof open) =>
      Array.from({ length: plan.states.length / WALKER_WORDS }, (_, t) => [0, 1, 2].map((k) => plan.states[t * WALKER_WORDS + k] >> 16));
    expect(cells(gapped).filter((cell) => isIn(cell) && !gap(cell))).toEqual([]);
    expect(cells(open).filter((cell) => isIn(cell) && !gap(cell)).length).toBeGreaterThan(0);
  });

  it('holds in its own level, and not where the ground ahead is gone', async () => {
    const { first } = await walkerOf('reach-maze-v1', 3);
    const { planner, query, level } = first;
    const plan = planner.plan(query);
    const engine = new WalkerEngine(first.env.engine.program, 0, level);
    expect([0, 10, 50].map((tick) => planHolds(engine, plan, tick, level.voxels))).toEqual([true, true, true]);
    const [x, y, z] = plan.moves[plan.moves.length - 2].cell;
    const dug = level.voxels.slice();
    dug[planner.map.cellOf(x, y - 1, z)] = level.voxels[planner.map.cellOf(x, y, z)];
    expect(planHolds(engine, plan, 10, dug)).toBe(false);
  });

  it('ends with its budget in a part of the way that is at rest, the same each time', async () => {
    const { first } = await walkerOf('reach-maze-v1', 1);
    const plan = first.planner.plan({ ...first.query, expansions: 400 });
    expect(plan).toMatchObject({ status: 'partial', expansions: 400 });
    expect(plan.moves.length).toBeGreaterThan(3);
    const end = plan.states.subarray(-WALKER_WORDS);
    expect([end[3], end[5]]).toEqual([0, 0]);
    expect(first.planner.plan({ ...first.query, expansions: 400 }).actions).toEqual(plan.actions);
    expect((await play(first.env, plan)).differing).toBe(0);
  });
});

describe('where bodies stand all over the goal', () => {
  it('a plan is a part of the way, and says that none leads on', async () => {
    const { first } = await walkerOf('reach-flat-v1', 3);
    const { box } = first.query;
    if (box === undefined) throw new Error('no goal');
    const zone = touchZone(box.map((at, k) => (k < 3 ? at : at + 1) * 65536) as unknown as Box);
    const plan = first.planner.plan({ ...first.query, bodies: [zone] });
    expect(plan.status).toBe('partial');
    expect(plan.reason).toMatch(/^No chain of moves leads on to the goal/);
    // A budget that ends says nothing of the kind.
    const short = first.planner.plan({ ...first.query, bodies: [zone], expansions: Math.floor(plan.expansions / 2) });
    expect([short.status, short.reason]).toEqual(['partial', undefined]);
  });
});

describe('an edit', () => {
  it('is planned around as if planned anew, with fewer cells looked at', async () => {
    const { first, library } = await walkerOf('reach-maze-v1', 6);
    const { planner, query, level } = first;
    const before = planner.plan(query);
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
      const again = planner.plan(query);
      const fresh = new VoxelPlanner(first.env.engine.program, 0, { ...level, voxels }, library);
      const anew = fresh.plan(query);
      expect([again.status, again.foreseen]).toEqual([anew.status, anew.foreseen]);
      expect(again.foreseen).toBe(voxels === edited ? anew.foreseen : before.foreseen);
      if (again.goalExpansions < anew.goalExpansions) fewer++;
      expect(planner.map.renewed).toBeLessThan(planner.map.computed / 10);
    }
    expect(fewer).toBeGreaterThan(0);
  });
});
