// Sentences about how an episode ended.
import { explainOutcome } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import type { Moment } from './monitor-oracle.js';
import { bodyAt, createBench, createScenario, quietMoment, stepBench } from './monitor-worlds.js';

/** The sentence after the moments have passed. */
function explain(task: object, moments: Partial<Moment>[], maxTicks = moments.length, taskIndex = 0): string {
  const bench = createBench(createScenario(task, maxTicks), 1);
  for (const [i, moment] of moments.entries()) stepBench(bench, 0, quietMoment(moment), i + 1);
  return explainOutcome(bench.program, { registers: bench.state.register, tick: moments.length, task: taskIndex });
}

const reach = (agent: string, x: number, name?: string) => ({
  reach: {
    agents: agent,
    region: [
      [x, 0, 0],
      [x, 7, 7],
    ],
  },
  ...(name === undefined ? {} : { name }),
});
const ADA_IN_FIVE: Partial<Moment> = { bodies: [bodyAt(5, 1, 1), ...quietMoment().bodies.slice(1)] };
const BOB_LOW: Partial<Moment> = { bodies: [quietMoment().bodies[0], bodyAt(3, 0.5, 3), quietMoment().bodies[2]] };
const BELOW = { below: { agents: 'red', y: 1, quantifier: 'any' } };

describe('explainOutcome', () => {
  it.each<[string, string, string]>([
    [
      'who broke an invariant, and when',
      explain({ all: [reach('ada', 7), { never: BELOW, name: 'never below y 1' }] }, [{}, {}, BOB_LOW, {}]),
      'Failed at tick 3: "never below y 1" was broken by bob.',
    ],
    [
      'an invariant without a name',
      explain({ never: BELOW }, [BOB_LOW]),
      'Failed at tick 1: "never: any of red fell below y = 1 m" was broken by bob.',
    ],
    [
      'a missed deadline',
      explain({ within: { goal: reach('ada', 7, 'ada reaches the far bank'), ticks: 2 } }, [{}, {}, {}]),
      'Failed at tick 3: "ada reaches the far bank" was not achieved by tick 2.',
    ],
    [
      'what came too early',
      explain({ before: { first: reach('ada', 5, 'ada first'), then: reach('cyn', 6, 'cyn arrives') } }, [{}]),
      'Failed at tick 1: "cyn arrives" came before "ada first", done by cyn.',
    ],
    [
      'what did not last',
      explain({ until: { hold: reach('ada', 5, 'ada waits'), goal: reach('bob', 7, 'bob arrives') } }, [ADA_IN_FIVE, {}]),
      'Failed at tick 2: "ada waits" did not last until "bob arrives"; it was broken by ada.',
    ],
    [
      'a step that cannot be done any more',
      explain({ sequence: [reach('ada', 5, 'a'), { within: { goal: reach('ada', 7, 'b'), ticks: 2 } }] }, [ADA_IN_FIVE, {}, {}]),
      'Failed at tick 3: step 2 of 2 can no longer be done, as "b" was not achieved by tick 2.',
    ],
    [
      'lost alternatives',
      explain(
        {
          any: [{ within: { goal: reach('ada', 7, 'a'), ticks: 1 } }, { within: { goal: reach('bob', 7, 'b'), ticks: 2 } }],
          name: 'either',
        },
        [{}, {}, {}],
      ),
      'Failed at tick 3: every alternative of "either" is lost, the last as "b" was not achieved by tick 2.',
    ],
    [
      'the step that was open',
      explain({ sequence: [reach('ada', 5, 'x'), reach('ada', 7, 'ada reaches the far bank'), reach('ada', 5, 'y')] }, [
        ADA_IN_FIVE,
        {},
        {},
      ]),
      'Out of time at tick 3: step 2 of 3 ("ada reaches the far bank") was still open; progress 0.33.',
    ],
    [
      'the parts that were open',
      explain({ all: [reach('ada', 5, 'a'), reach('bob', 5, 'b'), reach('cyn', 5, 'c'), { never: BELOW }] }, [ADA_IN_FIVE]),
      'Out of time at tick 1: 2 of 3 parts ("b", "c") were still open; progress 0.33.',
    ],
    [
      'the one part that was open',
      explain({ all: [reach('ada', 5, 'a'), { within: { goal: reach('bob', 5, 'b'), ticks: 90 } }] }, [ADA_IN_FIVE]),
      'Out of time at tick 1: "b" was still open; progress 0.50.',
    ],
    [
      'how often something happened',
      explain({ count: { of: [reach('ada', 5)], atLeast: 4 }, name: 'four visits' }, [ADA_IN_FIVE, {}, ADA_IN_FIVE]),
      'Out of time at tick 3: "four visits", which had happened 2 times, was still open; progress 0.50.',
    ],
    [
      'an episode that ended before its time',
      explain(reach('ada', 7, 'a'), [{}], 9),
      'Ended early at tick 1: "a" was still open; progress 0.00.',
    ],
    ['a success', explain(reach('ada', 5, 'a'), [{}, ADA_IN_FIVE]), 'Succeeded at tick 2: "a".'],
    [
      'the task of another team',
      explain({ perTeam: { red: reach('ada', 5, 'a'), blue: reach('cyn', 5, 'c') } }, [ADA_IN_FIVE], 1, 1),
      'Out of time at tick 1: "c" was still open; progress 0.00.',
    ],
  ])('tells %s', (_, sentence, expected) => {
    expect(sentence).toBe(expected);
  });
});
