import { createPolicy, createTeamPlanner, runPolicies } from '@kinovox/agents';
import { compileScenario, createBatchEnv, loadScenario } from '@kinovox/env';
import { EVENT, EVENT_WORDS, parseScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const scenario = (id: string) => loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);

async function envOf(id: string, numWorlds = 1) {
  return createBatchEnv({ scenario: scenario(id), numWorlds, seed: 4, split: 'test', autoreset: 'disabled' });
}

/** Walkers on a floor of 14 x 7 within walls, at y = 2. */
function hall(agents: ScenarioInput['agents'], task: ScenarioInput['task'], edits: ScenarioInput['world']['edits'] = []) {
  const scenario = {
    version: 1,
    id: 'hall-v1',
    title: 'A hall',
    world: {
      size: [16, 6, 9],
      terrain: { generator: 'flat', ground: 2 },
      edits: [{ fill: 'stone', from: [0, 2, 0], to: [15, 3, 8] }, { fill: 'air', from: [1, 2, 1], to: [14, 3, 7] }, ...edits],
    },
    agents,
    task,
    episode: { maxTicks: 300 },
  } as ScenarioInput;
  return compileScenario(parseScenario(scenario, scenario.id));
}
const walker = (id: string, x: number, z: number): ScenarioInput['agents'][number] => ({ id, body: 'walker', spawn: { at: [x, 2, z] } });
const reach = (agents: string, from: number[], to: number[]) => ({ reach: { agents, region: [from, to] } });

/** Whether the walkers of a hall get there by the planner. */
async function solves(compiled: ReturnType<typeof hall>, given: string[] = ['default']): Promise<boolean> {
  const env = await createBatchEnv({ scenario: compiled, numWorlds: 1, seed: 0, autoreset: 'disabled' });
  env.reset();
  const planner = createPolicy('planner:lacam');
  const run = runPolicies(env, { default: createPolicy('idle'), ...Object.fromEntries(given.map((id) => [id, planner])) });
  while ((await env.step(run.act())).ended[0] === 0);
  env.close();
  return env.episodes.successes === 1;
}

describe('where planner:lacam sends a walker', () => {
  const never = (...parts: object[]) => ({ all: parts }) as unknown as ScenarioInput['task'];
  it('is a cell of the region to which a way leads', async () => {
    const walled = [
      { fill: 'stone', from: [9, 2, 3], to: [11, 3, 5] },
      { fill: 'air', from: [10, 2, 4], to: [10, 3, 4] },
    ] as const;
    expect(await solves(hall([walker('ada', 2, 4)], never(reach('ada', [10, 2, 4], [14, 2, 4])), [...walled]))).toBe(true);
  });
  it('is left where one has no way, and the others go all the same', async () => {
    const shut = [{ fill: 'stone', from: [12, 2, 1], to: [12, 3, 7] }] as const;
    const task = { any: [reach('bob', [9, 2, 4], [9, 2, 4])] } as unknown as ScenarioInput['task'];
    const both = { all: [reach('ada', [14, 2, 4], [14, 2, 4]), reach('bob', [9, 2, 4], [9, 2, 4])] } as unknown as ScenarioInput['task'];
    expect(await solves(hall([walker('ada', 2, 2), walker('bob', 2, 6)], task, [...shut]))).toBe(true);
    const env = await createBatchEnv({ scenario: hall([walker('ada', 2, 2), walker('bob', 2, 6)], both, [...shut]), numWorlds: 1 });
    env.reset();
    const run = runPolicies(env, createPolicy('planner:lacam'));
    for (let tick = 0; tick < 120; tick++) env.stepSync(run.act());
    expect(Math.floor(env.engine.state.posX[1] / 65536)).toBe(9);
    env.close();
  });
  it('is reached around what the task forbids', async () => {
    const zone = { never: reach('ada', [6, 2, 1], [8, 3, 6]) };
    expect(await solves(hall([walker('ada', 2, 4)], never(reach('ada', [12, 2, 4], [12, 2, 4]), zone)))).toBe(true);
  });
  it('is near enough where the task says how near', async () => {
    const near = { near: { agents: 'ada', of: [12, 2, 4], metres: 1.2 } };
    expect(await solves(hall([walker('ada', 2, 4)], never(near)))).toBe(true);
  });
  it('is reached around somebody who stands in the way, and is no business of the planner', async () => {
    const untouched = { never: { touched: { agents: ['ada'], by: ['eve'], quantifier: 'any' } } };
    const task = never(reach('ada', [12, 2, 4], [12, 2, 4]), untouched);
    expect(await solves(hall([walker('ada', 2, 4), walker('eve', 6, 4)], task), ['ada'])).toBe(true);
  });
});

describe('on errands, planner:lacam', () => {
  const wool = (from: number[], to: number[]) => ({ fill: 'red_wool', from, to }) as never;
  const table = { fill: 'oak_planks', from: [13, 2, 2], to: [13, 2, 6] } as never;
  /** Boxes on a shelf to the west, a table to the east. */
  const store = (task: object[], edits: never[] = [wool([4, 3, 2], [4, 3, 5])]) => {
    const compiled = hall([walker('ada', 6, 2), walker('bob', 6, 6), walker('eve', 9, 4)], { all: task } as never, [
      { fill: 'oak_planks', from: [4, 2, 2], to: [4, 2, 6] } as never,
      table,
      ...edits,
    ]);
    return compiled;
  };
  const untouched = { never: { touched: { agents: 'all', by: 'all', quantifier: 'any' } } };
  const built = (atLeast: number) => ({ built: { region: [[13, 3, 2] as const, [13, 3, 6] as const], block: 'red_wool', atLeast } });
  const placed = (agents: string[], atLeast: number) => ({ placed: { agents, block: 'red_wool', atLeast } });

  it('has everybody fetch a box and put it on the table, and nobody is touched', async () => {
    expect(await solves(store([placed(['ada', 'bob', 'eve'], 1), built(3), untouched]))).toBe(true);
  });
  it('goes again where one is to bring more, and leaves those alone who are to bring nothing', async () => {
    expect(await solves(store([placed(['ada'], 2), built(2), untouched]))).toBe(true);
    expect(await solves(store([placed(['ada'], 2), built(3), untouched]))).toBe(false);
  });
  it('brings nothing where there are too few boxes', async () => {
    expect(await solves(store([placed(['ada', 'bob', 'eve'], 1), built(3)], [wool([4, 3, 2], [4, 3, 3])]))).toBe(false);
  });
});

describe('where blocks come and go by the clock, planner:lacam', () => {
  /** A mechanism that puts iron into a region when the clock says so. */
  const gate = (id: string, from: number[], to: number[], clock: { onTicks: number; fromTick: number }) => ({
    id,
    when: { any: [{ clock: { everyTicks: 20_000, ...clock } }] },
    effects: [{ region: [from, to], on: 'iron_block', off: 'air' }],
  });
  const gated = (onTicks: number) => {
    const { scenario } = hall(
      [walker('ada', 2, 2), walker('bob', 2, 6)],
      { all: [reach('ada', [13, 2, 2], [13, 2, 2]), reach('bob', [13, 2, 6], [13, 2, 6])] } as never,
      [
        { fill: 'stone', from: [7, 2, 1], to: [7, 3, 7] } as never,
        { fill: 'air', from: [7, 2, 2], to: [7, 3, 2] } as never,
        { fill: 'air', from: [7, 2, 6], to: [7, 3, 6] } as never,
      ],
    );
    const clock = { onTicks, fromTick: 10 };
    const mechanisms = [gate('north', [7, 2, 2], [7, 3, 2], clock), gate('south', [7, 2, 6], [7, 3, 6], clock)];
    return compileScenario(parseScenario({ ...(scenario as object), mechanisms }, 'gated'));
  };
  it('waits before gates that shut on its way, and goes on when they open', async () => {
    expect(await solves(gated(100))).toBe(true);
    expect(await solves(gated(9000))).toBe(false);
  });

  /** A hall with a dead end, one cell wide, from x = 8 to the east; boxes are to be brought to the west. */
  const store = (walkers: ScenarioInput['agents'], carriers: string[], boxes: number[][], shut: ReturnType<typeof gate>) => {
    const task = {
      all: [
        { placed: { agents: carriers, block: 'red_wool', atLeast: 1 } },
        {
          built: {
            region: [
              [1, 2, 2],
              [1, 2, 6],
            ],
            block: 'red_wool',
            atLeast: carriers.length,
          },
        },
      ],
    } as never;
    const { scenario } = hall(walkers, task, [
      { fill: 'stone', from: [8, 2, 1], to: [14, 3, 7] },
      { fill: 'air', from: [8, 2, 4], to: [13, 3, 4] },
      ...boxes.map((at) => ({ fill: 'red_wool' as const, from: at as never, to: at as never })),
    ]);
    return compileScenario(parseScenario({ ...(scenario as object), mechanisms: [shut] }, 'store'));
  };
  it('leaves a box that it can no longer reach, even where somebody stands beside it who cannot leave', async () => {
    const walkers = [walker('ada', 5, 4), walker('bob', 13, 4)];
    const shut = (onTicks: number) => gate('shut', [12, 2, 4], [12, 3, 4], { onTicks, fromTick: 1 });
    expect(await solves(store(walkers, ['ada'], [[14, 3, 4]], shut(30)))).toBe(true);
    expect(await solves(store(walkers, ['ada'], [[14, 3, 4]], shut(19_000)))).toBe(false);
  });
  it('takes another box where the way to its own has shut, and holds nobody else up', async () => {
    const boxes = [
      [14, 3, 4],
      [3, 2, 1],
      [3, 2, 7],
    ];
    const shut = gate('shut', [12, 2, 4], [12, 3, 4], { onTicks: 19_000, fromTick: 12 });
    expect(await solves(store([walker('ada', 8, 4), walker('bob', 5, 6)], ['ada', 'bob'], boxes, shut))).toBe(true);
  });
});

describe('planner:lacam', () => {
  it('moves those whom it is given, and nobody whom it was given before', async () => {
    const env = await createBatchEnv({
      scenario: hall([walker('ada', 2, 2), walker('bob', 2, 6)], reach('ada', [12, 2, 4], [12, 2, 4]) as never),
    });
    const planner = createPolicy('planner:lacam');
    env.reset();
    runPolicies(env, planner).act();
    const run = runPolicies(env, { ada: planner, bob: createPolicy('idle') });
    for (let tick = 0; tick < 20; tick++) {
      env.stepSync(run.act());
      expect([...run.actions.subarray(run.actions.length / 2)].every((x) => x === 0)).toBe(true);
    }
    env.close();
  });
  it('does the same in every row as in a world alone, and in every run', async () => {
    const hashes = async (numWorlds: number) => {
      const env = await envOf('corridor-swap-v1', numWorlds);
      env.reset({ seed: 4 });
      const run = runPolicies(env, createPolicy('planner:lacam'));
      for (let tick = 0; tick < 120; tick++) env.stepSync(run.act());
      const rows = env.rowHashes();
      env.close();
      return rows;
    };
    const [three, again] = [await hashes(3), await hashes(3)];
    expect(three).toEqual(again);
    expect(new Set(three).size).toBe(3);
    expect((await hashes(1))[0]).toBe(three[0]);
  });
  it('waits before gates that clocks shut just as often as it comes around, rather than going to and fro for ever', async () => {
    const env = await createBatchEnv({
      scenario: scenario('corridor-swap-changing-v1'),
      seed: 96,
      split: 'test',
      autoreset: 'disabled',
      observe: false,
    });
    const run = runPolicies(env, createPolicy('planner:lacam'));
    // What one episode has seen of its gates is nothing to the next.
    const ticks: number[] = [];
    for (let episode = 0; episode < 2; episode++) {
      env.reset({ seed: 96 });
      do ticks[episode] = env.engine.state.tick[0] + 1;
      while ((await env.step(run.act())).ended[0] === 0);
    }
    expect(env.episodes.successes).toBe(2);
    expect(ticks[1]).toBe(ticks[0]);
    env.close();
  });

  it.each(['corridor-swap-v1', 'corridor-swap-changing-v1'])(
    'plays what it planned: its log of %s, replayed open-loop, ends in the same state, and nobody was touched',
    async (id) => {
      const env = await envOf(id);
      env.reset({ seed: 4 });
      const run = runPolicies(env, createPolicy('planner:lacam'));
      const log: Float32Array[] = [];
      let touches = 0;
      for (let ended = false; !ended; ) {
        log.push(run.act().slice());
        ended = (await env.step(log[log.length - 1])).ended[0] === 1;
        const { events, eventCount } = env.engine.buffers;
        for (let k = 0; k < eventCount[0]; k++) if (events[k * EVENT_WORDS] === EVENT.touched) touches++;
      }
      expect(touches).toBe(0);
      expect(env.episodes.successRate).toBe(1);
      const hash = env.rowHashes()[0];
      env.reset({ seed: 4 });
      for (const actions of log) await env.step(actions);
      expect(env.rowHashes()[0]).toBe(hash);
      env.close();
    },
  );
  it('pays for its planning in ticks', async () => {
    const env = await envOf('alcove-v1');
    const firstMove = (expansionsPerTick: number) => {
      env.reset({ seed: 4 });
      const run = runPolicies(env, createTeamPlanner({ expansionsPerTick }));
      for (let tick = 0; tick < 400; tick++) {
        if (run.act().some((x) => x !== 0)) return tick;
        env.stepSync(run.actions);
      }
      return -1;
    };
    expect(firstMove(1e9)).toBeLessThanOrEqual(1);
    expect(firstMove(10)).toBeGreaterThan(10);
    env.close();
  });
  it('sends rovers below and quadcopters above, so that none of eight comes near another', async () => {
    const env = await envOf('mixed-crossing-v1');
    env.reset({ seed: 4 });
    const run = runPolicies(env, createPolicy('planner:lacam'));
    let highestRover = 0;
    let lowestCopter = Number.POSITIVE_INFINITY;
    for (let tick = 0; tick < 200; tick++) {
      env.stepSync(run.act());
      const heights = [...env.engine.state.posY.subarray(0, 8)].map((y) => y / 65536);
      highestRover = Math.max(highestRover, ...heights.slice(0, 4));
      if (tick > 20) lowestCopter = Math.min(lowestCopter, ...heights.slice(4));
    }
    expect(highestRover).toBeLessThan(3);
    expect(lowestCopter).toBeGreaterThan(4);
    env.close();
  });
  it('refuses cars by name', async () => {
    const env = await envOf('car-park-v1');
    env.reset();
    expect(() => runPolicies(env, createPolicy('planner:lacam'))).toThrow('got a car at agents "');
    env.close();
  });
});
