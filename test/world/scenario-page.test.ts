import { describeFormula, parseScenario, renderScenarioPage } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario } from './scenario-samples.js';

/** biome-ignore lint/suspicious/noExplicitAny: bodies are swapped without their types. */
type Loose = any;

describe('the page of a scenario', () => {
  it('has the fixed headings in order', () => {
    for (const input of [bridgeScenario(), fullScenario()]) {
      const page = renderScenarioPage(parseScenario(input, 'x'));
      expect([...page.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual([
        'Description',
        'Actions',
        'Observations',
        'Reward',
        'Start',
        'End',
        'Parameters',
        'Versions',
      ]);
      expect(page).not.toMatch(/undefined|\[object|NaN/);
    }
  });

  it('states task, parameters and limits from the data', () => {
    const page = renderScenarioPage(parseScenario(bridgeScenario(), 'x'));
    expect(page).toContain(
      'The task is achieved once builders stood in [20, 8, 0]..[31, 12, 31] and it never happened that builders fell below y = 4 m.',
    );
    expect(page).toContain('| `gapWidth` | 2..5 |');
    expect(page).toContain('truncated after 1200 ticks (60 s)');
  });
});

describe('the page of a scenario with vehicles', () => {
  const withBody = (body: Loose) => {
    const scenario = { ...bridgeScenario() } as Loose;
    scenario.agents = scenario.agents.map((agent: Loose) => ({ ...agent, body, inventory: undefined }));
    return renderScenarioPage(parseScenario(scenario, 'x'));
  };

  it('tells what the stick is to each, and no deeds of hands', () => {
    const car = withBody({ type: 'rigid', vehicle: 'car' });
    expect(car).toContain('| `forward` | -1..1 | 1 | Throttle; negative brakes, then reverses. |');
    expect(car).not.toMatch(/`interact`|`slot`|Walk along/);
    expect(car).toMatch(/\| builders \| car \|/);
    expect(car).toContain('- of a vehicle, in its own frame');
    const copter = withBody({ type: 'rigid', vehicle: 'quadcopter' });
    expect(copter).toContain('Tilt ahead; negative tilts back.');
    expect(copter).not.toContain('Rate of pitch');
    expect(withBody({ type: 'rigid', vehicle: 'quadcopter', assist: 'rate' })).toContain('Rate of pitch, positive nose down.');
  });

  it('lists no health, no items and no deeds of hands of those who have none', () => {
    const page = (...bodies: Loose[]) => {
      const scenario = { ...bridgeScenario(), actions: { profile: 'discrete' } } as Loose;
      scenario.agents = scenario.agents.map((agent: Loose, k: number) => ({
        ...agent,
        body: bodies[k % bodies.length],
        inventory: undefined,
      }));
      return renderScenarioPage(parseScenario(scenario, 'x'));
    };
    const car = page({ type: 'rigid', vehicle: 'car' });
    expect(car).toContain('- own state: position, velocity, heading\n');
    expect(car).not.toMatch(/the inventory|held item|`dig`|`jump`|`slot-1`/);
    expect(car).toContain(
      'To a car 8 of the 20 choices per tick are moves of their own: `idle`, `forward`, `back`, `left`, `right`, `sneak-forward`, `turn-left`, `turn-right`.',
    );
    const mixed = page({ type: 'rigid', vehicle: 'car' }, 'walker');
    expect(mixed).toContain('heading; of a walker also health and held item');
    expect(mixed).toMatch(/One of 20 choices per tick: .*`dig`/);
    expect(page('walker')).toMatch(/heading, health, held item\n[\s\S]*- the inventory/);
  });

  it('says nothing of vehicles where all walk', () => {
    const page = withBody('walker');
    expect(page).toMatch(/`interact` .* 4 throws it/);
    expect(page).not.toMatch(/vehicle|Throttle/);
  });
});

describe('a formula in English', () => {
  const alive = { alive: { agents: 'all', quantifier: 'all' } };
  const reach = {
    reach: {
      agents: ['ada', 'bob'],
      region: [
        [1, 2, 3],
        [1, 2, 3],
      ],
      each: true,
      quantifier: 'all',
    },
  };
  it.each([
    [alive, 'every agent lived'],
    [reach, 'ada and bob stood in [1, 2, 3], each at a tick of its own'],
    [{ near: { agents: 'red', of: [1, 2, 3], metres: 2, quantifier: 'any' } }, 'any of red came within 2 m of the cell [1, 2, 3]'],
    [
      { any: [alive, { all: [reach, alive] }] },
      'every agent lived or (ada and bob stood in [1, 2, 3], each at a tick of its own and every agent lived)',
    ],
    [{ sequence: [{ elapsed: { ticks: 20 } }, alive] }, 'first 20 ticks (1 s) passed, then every agent lived'],
    [
      { until: { hold: alive, goal: { triggered: { mechanism: 'gate' } } } },
      'every agent lived at every tick until mechanism gate was active',
    ],
    [{ before: { first: alive, then: reach } }, 'every agent lived before ada and bob stood in [1, 2, 3], each at a tick of its own'],
    [{ within: { goal: alive, ticks: 1 } }, 'every agent lived within 1 tick (0.05 s) of the start'],
    [{ count: { of: [alive, alive], atLeast: 3 } }, 'it happened at least 3 times that every agent lived, or that every agent lived'],
    [{ not: { touched: { agents: 'ada', by: 'red', quantifier: 'all' } } }, 'it was not so that red touched ada'],
    [{ never: { ...alive, goal: 'All live.' } }, 'it never happened that All live'],
    [{ said: { agents: 'ada', symbol: { param: 'word', times: 1, plus: 0 }, quantifier: 'any' } }, 'any of ada said "{word}"'],
    [{ elapsed: { ticks: { param: 'n', times: 2, plus: -5 } } }, '{2 x n - 5} ticks passed'],
  ])('reads well: %j', (formula, sentence) => {
    expect(describeFormula(formula)).toBe(sentence);
  });
});
