/** Levels of scenarios as planning problems, and the judge that plays a walker's plan in the world. */
import { gridOfLevel, judgeWalk, openLevel, planWalk, walkerOf } from '@kinovox/agents';
import { createLibrary, type Library, planSquad, type StateTrajectory, validatePlan, WALKER_STATE_NAMES } from '@kinovox/planning';
import { ACTION_FIELDS, AGENT_FLAG, type ScenarioInput } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from './small-worlds.js';

const opened: { env: { close(): void } }[] = [];
const level = async (id: string, seed = 3) => {
  const one = await openLevel(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname, { seed, split: 'test' });
  opened.push(one);
  return one;
};
type Cell = [number, number, number];

const small = async (layers: string[][], task: ScenarioInput['task'], ada: Cell, bob: Cell) => {
  const one = await openLevel(smallScenario({ layers, task, agents: [walkerAt('ada', ada), walkerAt('bob', bob)] }), {
    seed: 0,
    split: 'train',
  });
  opened.push(one);
  return one;
};
afterAll(() => {
  for (const { env } of opened) env.close();
});

const NX = WALKER_STATE_NAMES.length;

const libraries = new Map<string, Library | undefined>();
const planned = async (id: string, expansions: number) => {
  const one = await level(id);
  if (!libraries.has(id)) libraries.set(id, createLibrary(one.env.compiled.program, 0));
  return { one, result: await planWalk(one, { expansions }, libraries.get(id)) };
};

describe('a plan for the walker of a scenario', () => {
  it.each(['reach-flat-v1', 'dig-tunnel-v1'])(
    'of %s is played by the world state by state, and ends where the task is done',
    async (id) => {
      const one = await level(id);
      const result = await planWalk(one, { expansions: 100_000 });
      expect(result.status).toBe('solved');
      expect(await judgeWalk(one, result.trajectories)).toEqual({ valid: true });
      expect(result.stats.expansions).toBeGreaterThan(10);
    },
  );

  it('is refused for whatever is wrong with it first', async () => {
    const { one, result } = await planned('reach-flat-v1', 100_000);
    const [plan] = result.trajectories as readonly StateTrajectory[];
    const numTicks = plan.controls.length / ACTION_FIELDS;
    const judged = async (change: (copy: { states: Float64Array; controls: Float64Array; robot: string; dt: number }) => void) => {
      const copy = { ...plan, states: plan.states.slice(), controls: plan.controls.slice() };
      change(copy);
      const verdict = await judgeWalk(one, [copy]);
      return verdict.valid ? 'valid' : [verdict.violation.constraint, verdict.violation.step];
    };
    const cut = (from: { states: Float64Array; controls: Float64Array }, ticks: number) => {
      from.states = from.states.slice(0, (ticks + 1) * NX);
      from.controls = from.controls.slice(0, ticks * ACTION_FIELDS);
    };
    const longer = (values: Float64Array, by: number) => Float64Array.from([...values, ...values.slice(values.length - by)]);
    expect(await judged(() => {})).toBe('valid');
    // The least that a state can be off by.
    expect(await judged(({ states }) => (states[20 * NX] += 1 / 65536))).toEqual(['step', 19]);
    const lastFlags = numTicks * NX + WALKER_STATE_NAMES.indexOf('flags');
    expect(await judged(({ states }) => (states[lastFlags] = 123456.5))).toEqual(['step', numTicks - 1]);
    expect(await judged(({ states }) => (states[lastFlags] ^= AGENT_FLAG.sneaking))).toEqual(['step', numTicks - 1]);
    expect(await judged(({ states }) => (states[0] += 1 / 65536))).toEqual(['start', 0]);
    expect(await judged(({ controls }) => (controls[30 * ACTION_FIELDS] -= 0.5))).toEqual(['step', 30]);
    expect(await judged(({ controls }) => (controls[30 * ACTION_FIELDS] = 1.5))).toEqual(['control-bound', 30]);
    expect(await judged(({ controls }) => (controls[30 * ACTION_FIELDS] = Number.NaN))).toEqual(['shape', 0]);
    expect(await judged((copy) => cut(copy, numTicks - 30))).toEqual(['goal', numTicks - 30]);
    expect(await judged((copy) => (copy.robot = 'eve'))).toEqual(['shape', 0]);
    expect(await judged((copy) => (copy.dt = 0.1))).toEqual(['shape', 0]);
    const further = await judged((copy) => {
      copy.states = longer(copy.states, NX);
      copy.controls = longer(copy.controls, ACTION_FIELDS);
    });
    expect(further).toEqual(['step', numTicks]);
  });

  it('goes to the places of a sequence one after the other, and is judged by the task itself', async () => {
    const floor = Array.from({ length: 9 }, () => '#'.repeat(16));
    const place = (at: Cell) => ({ reach: { agents: 'ada', region: [at, at] as [Cell, Cell] } });
    const order: Cell[] = [
      [1, 1, 1],
      [14, 1, 1],
      [14, 1, 7],
      [2, 1, 7],
    ];
    // It begins at the first place, and must see the task notice that.
    const task = { all: [{ sequence: order.map(place) }, { never: place([8, 1, 1]) }] } as ScenarioInput['task'];
    const open = async () => {
      const one = await openLevel(smallScenario({ layers: [floor], task, agents: [walkerAt('ada', [1, 1, 1])] }), {
        seed: 0,
        split: 'train',
      });
      opened.push(one);
      return one;
    };
    const one = await open();
    const library = createLibrary(one.env.compiled.program, 0);
    const result = await planWalk(one, { expansions: 20_000 }, library);
    expect(result.status).toBe('solved');
    expect(await judgeWalk(one, result.trajectories)).toEqual({ valid: true });
    const [{ states, controls, ...rest }] = result.trajectories as readonly StateTrajectory[];
    const cells = Array.from({ length: states.length / NX }, (_, k) => [0, 1, 2].map((c) => Math.floor(states[k * NX + c])).join());
    const first = order.map((at) => cells.indexOf(at.join()));
    expect([...first].sort((a, b) => a - b)).toEqual(first);
    expect(cells).not.toContain('8,1,1');
    // The last place alone is not what was asked for.
    const direct = await openLevel(smallScenario({ layers: [floor], task: place(order[3]), agents: [walkerAt('ada', [1, 1, 1])] }), {
      seed: 0,
      split: 'train',
    });
    opened.push(direct);
    const short = await planWalk(direct, { expansions: 20_000 }, library);
    expect(await judgeWalk(one, short.trajectories)).toMatchObject({ valid: false, violation: { constraint: 'goal' } });
    // Where the budget ends on the way to a later place, the plan is a part, at rest.
    const spent = result.stats.expansions;
    const part = await planWalk(await open(), { expansions: Math.floor(spent / 2) }, library);
    expect([part.status, part.stats.expansions <= spent / 2]).toEqual(['partial', true]);
    expect(part.reason).toMatch(/^Place [234] of the sequence: /);
    expect(await judgeWalk(one, part.trajectories, ['goal'])).toEqual({ valid: true });
    expect([rest.start, controls.length / ACTION_FIELDS]).toEqual([0, states.length / NX - 1]);
    expect(() => gridOfLevel(one)).toThrow(/Use --planner voxel, which goes to one after the other/);
  });

  it('is a timeout where the budget ends before any part of a way', async () => {
    const { result } = await planned('reach-flat-v1', 1);
    expect(result).toMatchObject({ status: 'timeout', trajectories: [], stats: { expansions: 1 } });
    expect(result.stats.more!.goalCells).toBeGreaterThan(1);
    // Making the library takes longer, and counts.
    expect(await planWalk(await level('reach-flat-v1'), { ms: 1 })).toMatchObject({
      status: 'timeout',
      stats: { expansions: 0 },
      reason: 'The budget of 1 ms was spent on certifying the moves of the body.',
    });
  });
});

describe('a plan for the team of a scenario', () => {
  it('is made on the cells of its level, and judged as on every grid', async () => {
    const { problem, reason } = gridOfLevel(await level('alcove-v1'));
    expect([problem?.agents.map(({ name }) => name), reason]).toEqual([['ada', 'bob'], undefined]);
    const result = planSquad(problem!, { expansions: 2000 });
    expect(result.status).toBe('solved');
    expect(validatePlan(problem!, result.trajectories)).toEqual({ valid: true });
  });

  it('says who has no way, and takes agents that are not asked for as obstacles', async () => {
    expect(gridOfLevel(await level('bridge-gap-v1')).reason).toMatch(/no way .*"ada"/);
    const alone = gridOfLevel(await level('alcove-v1'), 1).problem!;
    const both = gridOfLevel(await level('alcove-v1')).problem!;
    const [x, , z] = both.agents[1].start;
    const cell = z * alone.grid.size[0] + x;
    expect([alone.agents.length, alone.grid.blocked[cell], both.grid.blocked[cell]]).toEqual([1, 1, 0]);
  });

  it('gives as many their goals as can have one: somebody takes another cell where that makes room', async () => {
    const floor = ['#########', '#########', '#########', '#########', '#########'];
    const reach = (from: Cell, to: Cell) => ({ reach: { agents: 'ada', region: [from, to] as [Cell, Cell] } });
    const near = { near: { agents: 'bob', of: [6, 1, 2] as Cell, metres: 0.6 } };
    // The nearest of Ada's two cells is the only one of Bob's; both boxes hold more than one cell.
    const { problem, reason } = gridOfLevel(await small([floor], { all: [reach([6, 1, 2], [7, 1, 2]), near] }, [4, 1, 2], [4, 1, 0]));
    expect([reason, problem?.agents.map(({ goal }) => [goal[0], goal[2]])]).toEqual([
      undefined,
      [
        [7, 2],
        [6, 2],
      ],
    ]);
    const narrow = gridOfLevel(await small([floor], { all: [reach([6, 1, 2], [6, 1, 2]), near] }, [4, 1, 2], [4, 1, 0]));
    expect(narrow.reason).toMatch(/no room left, for "bob"/);
  });

  it('refuses zones that are not for all where these may bar the way, and takes them where they do not', async () => {
    const hall = ['#########', '#########', '#########'];
    const bob = {
      reach: {
        agents: 'bob',
        region: [
          [8, 1, 1],
          [8, 1, 1],
        ] as [Cell, Cell],
      },
    };
    const never = (to: Cell) => ({ never: { reach: { agents: 'ada', region: [[4, 1, 0], to] as [Cell, Cell] } } });
    const across = await small([hall], { all: [bob, never([4, 1, 2])] }, [1, 1, 0], [1, 1, 2]);
    expect(() => gridOfLevel(across)).toThrow(/keep out of the same places .* no way for "bob"/);
    const beside = await small([hall], { all: [bob, never([4, 1, 1])] }, [1, 1, 0], [1, 1, 2]);
    expect(gridOfLevel(beside).reason).toBeUndefined();
  });

  it('asks for bodies that plan on one grid', async () => {
    expect(walkerOf(await level('reach-flat-v1')).name).toBe('walker');
    const mixed = await level('mixed-crossing-v1');
    expect(() => gridOfLevel(mixed)).toThrow(/of one kind; got a rover and a quadcopter/);
    const team = await level('alcove-v1');
    expect(() => walkerOf(team)).toThrow(/one agent; got 2 in alcove-v1/);
    expect(() => gridOfLevel(team, 3)).toThrow(/Ask for at most 2/);
  });
});

describe('a scenario that is not about reaching places', () => {
  it.each([
    ['build-tower-v1', /got the goal "a brick tower .*" \(built\) in build-tower-v1\. Play it by a policy/],
    ['rover-slalom-v1', /\(sequence\)/],
    ['plates-and-door-v1', /a world with mechanisms/],
    ['corridor-swap-changing-v1', /a world with mechanisms.*--policy planner:lacam\.$/],
  ])('is refused, with its goal and the policy to use: %s', async (id, sentence) => {
    await expect(level(id)).rejects.toThrow(sentence);
  });
});
