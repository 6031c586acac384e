import {
  levelSeed,
  parseScenario,
  type ResolvedScenario,
  resolveScenario,
  type Scenario,
  ScenarioError,
  SPLITS,
  scenarioHash,
  scenarioPalette,
  selectAgents,
  UNBOUNDED_VARIANTS,
  variantCount,
  variantOfSeed,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario, readSampleFile } from './scenario-samples.js';

const bridge = () => parseScenario(bridgeScenario(), 'bridge');
const full = () => parseScenario(fullScenario(), 'full');
const resolveFull = (variant = 0) => resolveScenario(full(), 'train', variant, { readFile: readSampleFile });

describe('a resolved scenario', () => {
  it('is a valid scenario that parses to itself', () => {
    for (const scenario of [bridge(), full()]) {
      for (const variant of [0, 1, 17]) {
        const resolved = resolveScenario(scenario, 'validation', variant, { readFile: readSampleFile });
        expect(parseScenario(JSON.parse(JSON.stringify(resolved)), 'resolved')).toEqual(JSON.parse(JSON.stringify(resolved)));
      }
    }
  });

  it('holds literals in place of parameters and records what was drawn', () => {
    const resolved = resolveFull();
    expect(JSON.stringify({ ...resolved, resolved: null })).not.toContain('"param"');
    expect(resolved.parameters).toEqual({});
    const { height, doorX, wall } = resolved.resolved.parameters;
    expect(resolved.world.edits[1]).toMatchObject({ fill: wall, size: [3, height, 1] });
    const { perTeam } = resolved.task as Extract<ResolvedScenario['task'], { perTeam: unknown }>;
    expect(perTeam.red).toMatchObject({
      sequence: [
        {},
        {},
        {
          within: {
            ticks: Number(height) * 100,
            goal: {
              reach: {
                region: [
                  [doorX, 2, 9],
                  [Number(doorX) + 1, 3, 10],
                ],
              },
            },
          },
        },
      ],
    });
  });

  it('expands counted entries, in slot order, and their names in selectors', () => {
    const resolved = resolveFull();
    expect(resolved.agents.map((agent) => agent.id)).toEqual(['bot-0', 'bot-1', 'bot-2', 'guide']);
    expect(resolved.props.map((prop) => prop.id)).toEqual(['crate-0', 'crate-1']);
    expect(JSON.stringify(resolved.task)).toContain('"agents":["bot-0","bot-1","bot-2"]');
    expect(resolved.rewards[2].agents).toEqual(['bot-0', 'bot-1', 'bot-2', 'guide']);
    expect(resolved.agents.every((agent) => !('count' in agent))).toBe(true);
  });

  it('names items without aliases and adds them up', () => {
    expect(resolveFull().agents[0].inventory).toEqual({ oak_planks: 10 });
  });

  it('is the same each time, and leaves the scenario as it was', () => {
    const scenario = full();
    const before = JSON.stringify(scenario);
    const once = resolveScenario(scenario, 'test', 5, { readFile: readSampleFile });
    expect(resolveScenario(scenario, 'test', 5, { readFile: readSampleFile })).toEqual(once);
    expect(JSON.stringify(scenario)).toBe(before);
  });

  it('draws every value of a parameter', () => {
    const scenario = bridge();
    const seen = new Set(Array.from({ length: 64 }, (_, v) => resolveScenario(scenario, 'train', v).resolved.parameters.gapWidth));
    expect([...seen].sort()).toEqual([2, 3, 4, 5]);
  });
});

describe('splits', () => {
  it('draw different parameters and different terrain seeds', () => {
    const scenario = bridge();
    const drawn = SPLITS.map((split) =>
      Array.from({ length: 32 }, (_, v) => resolveScenario(scenario, split, v).resolved.parameters.gapWidth).join(),
    );
    expect(new Set(drawn).size).toBe(3);
    const seeds = SPLITS.flatMap((split) =>
      Array.from({ length: 300 }, (_, v) => JSON.stringify(levelSeed(resolveScenario(scenario, split, v)))),
    );
    expect(new Set(seeds).size).toBe(900);
  });

  it('have as many variants as the scenario says', () => {
    expect(variantCount(bridge())).toBe(1024);
    expect(variantCount(full())).toBe(32);
    const unbounded = parseScenario({ ...bridgeScenario(), episode: { maxTicks: 1, variants: 'unbounded' } }, 'x');
    expect(variantCount(unbounded)).toBe(UNBOUNDED_VARIANTS);
    expect(resolveScenario(unbounded, 'train', UNBOUNDED_VARIANTS - 1).resolved.variant).toBe(UNBOUNDED_VARIANTS - 1);
  });

  it('refuse a variant that they do not have', () => {
    for (const variant of [-1, 32, 0.5, Number.NaN]) expect(() => resolveScenario(full(), 'train', variant)).toThrow(ScenarioError);
    expect(() => resolveScenario(full(), 'tset' as 'test', 0)).toThrow(/must be one of train, validation, test/);
  });

  it('name a variant in range for every seed', () => {
    const scenario = full();
    const variants = Array.from({ length: 500 }, (_, seed) => variantOfSeed(scenario, seed, 0));
    expect(Math.max(...variants)).toBe(31);
    expect(Math.min(...variants)).toBe(0);
  });
});

describe('the scenario hash', () => {
  it('ignores titles and the order of keys', () => {
    const scenario = bridge();
    const reversed = Object.fromEntries(Object.entries({ ...scenario, title: 'Other', tags: ['x'] }).reverse()) as Scenario;
    expect(scenarioHash(reversed)).toBe(scenarioHash(scenario));
  });

  it('changes with any value that can change a level', () => {
    const scenario = bridge();
    const changed = [
      { ...scenario, episode: { ...scenario.episode, maxTicks: 1201 } },
      { ...scenario, agents: [...scenario.agents].reverse() },
      { ...scenario, world: { ...scenario.world, edits: [] } },
    ];
    expect(new Set([scenario, ...changed].map(scenarioHash)).size).toBe(4);
  });
});

describe('the palette of a scenario', () => {
  it('holds every block of every variant, what items place, and the states of those blocks', () => {
    const { names } = scenarioPalette(full(), readSampleFile);
    expect(names).toEqual(
      expect.arrayContaining([
        'stone',
        'bricks',
        'glass',
        'cobblestone',
        'oak_planks',
        'iron_block',
        'glowstone',
        'lever',
        'lever_on',
        'stone_pressure_plate_pressed',
        'dirt',
      ]),
    );
    expect(names).not.toContain('obsidian');
  });

  it('is the same for all variants and for a resolved scenario', () => {
    const whole = scenarioPalette(full(), readSampleFile).names;
    for (const variant of [0, 1, 2, 3]) expect(scenarioPalette(resolveFull(variant) as Scenario).names).toEqual(whole);
  });
});

describe('a selector', () => {
  it('selects by id, list, team, role and "all", in slot order', () => {
    const { agents } = resolveFull();
    expect(selectAgents(agents, 'guide')).toEqual([3]);
    expect(selectAgents(agents, 'red')).toEqual([0, 1, 2]);
    expect(selectAgents(agents, 'runner')).toEqual([0, 1, 2]);
    expect(selectAgents(agents, ['guide', 'bot-1', 'guide'])).toEqual([1, 3]);
    expect(selectAgents(agents, 'all')).toEqual([0, 1, 2, 3]);
    expect(selectAgents(full().agents, 'bot')).toEqual([0, 1, 2]);
    expect(selectAgents(agents, 'nobody')).toEqual([]);
  });
});
