/** Working together: joint plans for doors, turns on a bridge, and what happens when one does not play along. */
import { AgentView, createPolicy, DoorPlanner, LevelCache, type PolicyFactory, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { EVENT_SPEC, EVENT_WORDS, MAX_EVENTS_PER_TICK, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { play, smallScenario, walkerAt } from './small-worlds.js';

/** A corridor with a door at x = 3: one plate before it and, if wanted, one behind. */
function corridor(plateBehind: boolean): ScenarioInput {
  const plates: [number, number, number][] = plateBehind
    ? [
        [1, 1, 0],
        [5, 1, 0],
      ]
    : [[1, 1, 0]];
  const scenario = smallScenario({
    layers: [
      ['#######', '#######', '#######'],
      ['...#...', '...#...', '...#...'],
      ['...#...', '...#...', '...#...'],
      ['...#...', '...#...', '...#...'],
    ],
    agents: [walkerAt('ada', [0, 1, 1]), walkerAt('bob', [2, 1, 1])],
    task: {
      reach: {
        agents: 'all',
        region: [
          [4, 1, 0],
          [6, 2, 2],
        ],
      },
    },
    maxTicks: 300,
    rest: {
      mechanisms: [
        {
          id: 'door',
          when: { any: plates.map((plate) => ({ plate })) },
          effects: [
            {
              region: [
                [3, 1, 1],
                [3, 2, 1],
              ],
              on: 'air',
              off: 'iron_door',
            },
          ],
        },
      ],
    },
  });
  return { ...scenario, world: { ...scenario.world, diggable: 'none', edits: plates.map((at) => ({ set: 'stone_pressure_plate', at })) } };
}

describe('the door planner', () => {
  const plannerOf = (scenario: ScenarioInput) => {
    const env = createBatchEnvSync({ scenario, observe: false });
    env.reset();
    const planner = new DoorPlanner(new AgentView(env, new LevelCache(env), 0, 0));
    planner.reset();
    return planner;
  };
  const goals = [0, 1].map((slot) => ({ slot, box: [4, 1, 0, 6, 2, 2] as const }));

  it('sends one to the plate so that the other can pass', () => {
    expect(plannerOf(corridor(true)).next(goals)).toEqual({ slot: 0, action: { kind: 'plate', cell: [1, 1, 0] } });
  });

  it('knows no plan where the last one could not follow', () => {
    expect(plannerOf(corridor(false)).next(goals)).toBeUndefined();
    expect(plannerOf(corridor(false)).next([goals[1]])).toBeUndefined();
  });

  it('has nothing to plan when all have arrived', () => {
    expect(plannerOf(corridor(true)).next([{ slot: 0, box: [0, 1, 0, 2, 2, 2] }])).toBeUndefined();
  });
});

describe('a team at a door', () => {
  it('gets both through when there is a plate on either side, and not otherwise', () => {
    expect(play(corridor(true)).succeeded).toBe(true);
    expect(play(corridor(false)).succeeded).toBe(false);
  });
});

describe('builders at a ravine', () => {
  const compiled = loadScenario('scenarios/bridge-gap-v1.scenario.json');
  const placed = EVENT_SPEC.find((kind) => kind.name === 'placed')!.id;

  it('both lay planks, one after the other, and nobody is pushed off', () => {
    const env = createBatchEnvSync({ scenario: compiled, seed: 11, autoreset: 'disabled', observe: false });
    env.reset();
    const run = runPolicies(env, createPolicy('scripted'));
    const builders: number[] = [];
    for (let ended = 0; ended === 0; ) {
      ended = env.stepSync(run.act()).ended[0];
      const { events, eventCount } = env.engine.buffers;
      for (let e = 0; e < Math.min(eventCount[0], MAX_EVENTS_PER_TICK); e++)
        if (events[e * EVENT_WORDS] === placed) builders.push(events[e * EVENT_WORDS + 1]);
    }
    expect(env.episodes.successRate).toBe(1);
    expect(builders.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(builders.slice(5).length).toBeGreaterThan(0);
    expect(new Set(builders.slice(5))).toEqual(new Set([1]));
  });

  it('do not get across while a mate wastes its planks', () => {
    const waster: PolicyFactory = {
      name: 'waster',
      create: () => ({
        reset: () => {},
        act: (view, out) => {
          out[6] = view.pitch > -1 ? -0.2 : 0;
          out[7] = 2;
        },
      }),
    };
    expect(play(compiled, { bob: waster, default: createPolicy('scripted') }).succeeded).toBe(false);
  });
});
