/** Achievements: which parts of a task are, what counts as reached in an episode, and Crafter's score of the rates. */
import { achievementScore, createBatchEnv, createEnv, type EpisodeRecord } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, INTERACT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const ada = { agents: 'ada' };
const PARTS = [
  { name: 'planks', crafted: { ...ada, item: 'oak_planks' } },
  { name: 'kept a log', holds: { ...ada, item: 'oak_log', atLeast: 2 } },
  { name: 'sticks', crafted: { ...ada, item: 'stick' } },
  { name: 'table', crafted: { ...ada, item: 'crafting_table' } },
];

const camp = (task: object, more: object = {}): ScenarioInput =>
  ({
    version: 1,
    id: 'camp-v1',
    title: 'A camp',
    world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 3 } },
    agents: [
      { id: 'ada', team: 'red', body: 'walker', spawn: { at: [8, 3, 8] }, inventory: { oak_log: 2 } },
      { id: 'bob', team: 'blue', body: 'walker', spawn: { at: [4, 3, 4] } },
    ],
    task,
    rewards: [{ name: 'achievements', on: 'progress', value: 1 }],
    episode: { maxTicks: 12, variants: 1 },
    survival: { hunger: { everyTicks: 0 }, recipes: { only: ['oak_planks', 'stick', 'crafting_table'] } },
    ...more,
  }) as ScenarioInput;

const namesOf = async (task: object) => (await createBatchEnv({ scenario: camp(task) })).episodes.achievements;
const column = (name: string) => ACTION_SPEC.findIndex((field) => field.name === name);

/** Ada makes planks all the time, in every row; nobody else does anything. */
function planksFor(numWorlds: number): Float32Array {
  const actions = new Float32Array(numWorlds * 2 * ACTION_FIELDS);
  for (let row = 0; row < numWorlds; row++) {
    actions[row * 2 * ACTION_FIELDS + column('interact')] = INTERACT.craft;
    actions[row * 2 * ACTION_FIELDS + column('argument')] = 1;
  }
  return actions;
}

describe('achievements', () => {
  it('are the named parts that all, any and count collect, four or more, and no promises', async () => {
    expect(await namesOf({ all: PARTS })).toEqual(PARTS.map(({ name }) => name));
    expect(await namesOf({ count: { of: PARTS, atLeast: 3 } })).toHaveLength(4);
    expect(await namesOf({ all: [PARTS[0], { any: PARTS.slice(1) }, { name: 'alive', never: { below: { ...ada, y: 1 } } }] })).toHaveLength(
      4,
    );
    expect(await namesOf({ all: PARTS.slice(0, 3) })).toEqual([]);
    expect(await namesOf({ sequence: PARTS })).toEqual([]);
  });

  it('carry their team where teams have tasks, and a number where a name comes twice', async () => {
    const perTeam = { red: { all: PARTS }, blue: { all: PARTS } };
    expect((await namesOf({ perTeam })).slice(3, 5)).toEqual(['red: table', 'blue: planks']);
    expect(await namesOf({ all: [...PARTS, PARTS[0]].map((part) => ({ ...part })) })).toEqual([
      'planks',
      'kept a log',
      'sticks',
      'table',
      'planks (2)',
    ]);
  });

  it.each(['same-step', 'next-step'] as const)(
    'count as reached once they were satisfied at any tick of their own episode (%s)',
    async (autoreset) => {
      const env = await createBatchEnv({ scenario: camp({ all: PARTS }), numWorlds: 3, autoreset });
      const records: EpisodeRecord[] = [];
      env.onEpisodeEnd = (record) => records.push(record);
      env.reset();
      const planks = planksFor(3);
      const nothing = new Float32Array(planks.length);
      // The first episode of each row makes planks at tick 2, by which the logs are gone; the second one does nothing.
      for (let tick = 1; records.length < 6; tick++) env.stepSync(tick === 2 ? planks : nothing);
      expect(records.slice(0, 3).map(({ achieved }) => achieved)).toEqual(Array(3).fill(['planks', 'kept a log']));
      expect(records.slice(3).map(({ achieved }) => achieved)).toEqual(Array(3).fill(['kept a log']));
      expect(env.episodes.achievementRates).toEqual([0.5, 1, 0, 0]);
      expect(env.episodes.achievementScore).toBeCloseTo((51 * 101) ** (1 / 4) - 1, 9);
    },
  );

  it('count at the last tick too', async () => {
    const env = await createBatchEnv({ scenario: camp({ all: [...PARTS, { name: 'dawn', elapsed: { ticks: 12 } }] }) });
    const records: EpisodeRecord[] = [];
    env.onEpisodeEnd = (record) => records.push(record);
    env.reset();
    while (records.length === 0) env.stepSync(new Float32Array(2 * ACTION_FIELDS));
    expect(records[0].achieved).toEqual(['kept a log', 'dawn']);
  });

  it('go with a row into snapshots and forks', async () => {
    const env = await createBatchEnv({ scenario: camp({ all: PARTS }), numWorlds: 2 });
    env.reset();
    env.stepSync(planksFor(2));
    const fork = await env.fork(0);
    expect(fork.achievedOf(0)).toEqual(['planks']);
    env.reset({ mask: Uint8Array.of(0, 1) });
    expect([env.achievedOf(0), env.achievedOf(1)]).toEqual([['planks'], []]);
    env.restore(1, env.snapshot(0));
    expect(env.achievedOf(1)).toEqual(['planks']);
  });

  it('pay each its share once by progress, and let the episode run on where time is a part', async () => {
    const task = { all: [{ name: 'planks', crafted: { ...ada, item: 'oak_planks' } }, { elapsed: { ticks: 12 } }] };
    const env = await createEnv({ scenario: camp(task) });
    env.reset();
    let sum = 0;
    let ticks = 0;
    for (let done = false; !done; ticks++) {
      const step = env.step({ ada: { interact: INTERACT.craft, argument: 1 } });
      sum += step.rewards.ada;
      done = step.terminations.ada;
      if (step.truncations.ada) throw new Error('The task was not achieved.');
    }
    expect([ticks, sum]).toEqual([12, 1]);
  });
});

describe("Crafter's score", () => {
  it('is the geometric mean of the rates in percent, shifted by one', () => {
    expect(achievementScore([1, 1, 1])).toBeCloseTo(100, 9);
    expect(achievementScore([0, 0])).toBe(0);
    expect(achievementScore([1, 0])).toBeCloseTo(Math.sqrt(101) - 1, 9);
    expect(achievementScore([])).toBe(0);
    // Rare skills weigh more than in a mean: 1 % of two beats 2 % of one.
    expect(achievementScore([0.01, 0.01])).toBeGreaterThan(achievementScore([0.02, 0]));
  });
});
