// Mobs as an author writes them: kinds that fit the schema's ranges, problems that are told all at once, and a page that says what lives there.
import {
  MOB_KINDS,
  MOB_NAMES,
  type Mob,
  mobsOf,
  parseScenario,
  renderScenarioPage,
  ScenarioError,
  type ScenarioInput,
  SurvivalSchema,
  scenarioHash,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const meadow = (survival: unknown): ScenarioInput =>
  ({
    version: 1,
    id: 'meadow-v1',
    title: 'A meadow',
    world: { size: [16, 12, 16], terrain: { generator: 'flat', ground: 3 } },
    agents: [{ id: 'ada', team: 'red', body: 'walker', spawn: { at: [2, 3, 2] } }],
    task: { alive: { agents: 'ada' } },
    episode: { maxTicks: 100 },
    survival,
  }) as ScenarioInput;

const problems = (...mobs: unknown[]): string[] => {
  try {
    parseScenario(meadow({ mobs }), 'meadow');
  } catch (error) {
    if (error instanceof ScenarioError) return error.issues.map(({ code, path }) => `${code} ${path}`);
    throw error;
  }
  return [];
};

describe('kinds of mob', () => {
  it('say only what an author may say too', () => {
    const written = MOB_NAMES.map((kind) => {
      const { summary, color, ...rest } = MOB_KINDS[kind];
      expect([summary.endsWith('.'), color >= 0 && color <= 0xffffff]).toEqual([true, true]);
      const { enemies, damage, trades, guardMetres, ...all } = rest;
      const own =
        rest.behaviour === 'guard' ? { enemies, damage, guardMetres } : rest.behaviour === 'hostile' ? { enemies, damage } : { trades };
      return { kind, ...all, ...(rest.behaviour === 'passive' ? {} : own) };
    });
    expect(problems(...written)).toEqual([]);
    const spelled = mobsOf(SurvivalSchema.parse({ mobs: written }));
    expect(spelled).toEqual(mobsOf(SurvivalSchema.parse({ mobs: MOB_NAMES.map((kind) => ({ kind })) })));
  });

  it('take what an entry says, and lose what their behaviour has no use for', () => {
    const [mob] = mobsOf(SurvivalSchema.parse({ mobs: [{ kind: 'zombie', behaviour: 'passive', speed: 0.5, count: 3 }] })) as Mob[];
    expect([mob.name, mob.behaviour, mob.damage, mob.enemies, mob.speed, mob.wanderSpeed, mob.count, mob.max]).toEqual([
      'zombie',
      'passive',
      0,
      [],
      0.5,
      0.5,
      3,
      3,
    ]);
  });
});

describe('the checks of survival.mobs', () => {
  it('pass kinds as they are', () => expect(problems(...MOB_NAMES.map((kind) => ({ kind })))).toEqual([]));

  it('refuse what does not fit, each with its path', () => {
    expect(problems({ kind: 'cow' }, { kind: 'cow' })).toEqual(['duplicate-name survival.mobs']);
    expect(problems({ kind: 'cow', max: 40 }, { kind: 'pig', count: 30 })).toEqual(['limit survival.mobs']);
    expect(problems({ kind: 'cow', count: 3, max: 2 })).toEqual(['limit survival.mobs[0].count']);
    expect(problems({ kind: 'cow', wanderSpeed: 5 })).toEqual(['mob-speed survival.mobs[0].wanderSpeed']);
    expect(problems({ kind: 'cow', drops: [{ item: 'apple', least: 3 }] })).toEqual(['drop-range survival.mobs[0].drops[0].least']);
    expect(
      problems({
        kind: 'cow',
        spawn: {
          region: [
            [0, 0, 0],
            [16, 1, 1],
          ],
        },
      }),
    ).toEqual(['outside-world survival.mobs[0].spawn.region[1]']);
    expect(problems({ kind: 'zombie', friends: 'blue' })).toEqual(['unknown-team survival.mobs[0].friends']);
    expect(problems({ kind: 'zombie', enemies: [] })).toEqual(['mob-enemies survival.mobs[0].enemies']);
    expect(problems({ kind: 'zombie', enemies: [], damage: 0 })).toEqual([]);
    expect(problems({ kind: 'zombie', behaviour: 'guard' })).toEqual(['mob-guard survival.mobs[0].guardMetres']);
    for (const [key, value] of Object.entries({ damage: 2, enemies: ['agents'], friends: 'red', guardMetres: 3 }))
      expect(problems({ kind: 'cow', [key]: value })).toEqual([`mob-behaviour survival.mobs[0].${key}`]);
    expect(problems({ kind: 'cow', trades: [{ wants: 'coal', gives: 'apple' }] })).toEqual(['mob-behaviour survival.mobs[0].trades']);
  });

  it('suggest the name that was meant', () => {
    const mob = {
      kind: 'villager',
      spawn: { on: ['gras_block'] },
      drops: [{ item: 'bred' }],
      trades: [{ wants: 'emerld', gives: 'iron_pickaxx' }],
    };
    expect(() => parseScenario(meadow({ mobs: [mob] }), 'meadow')).toThrow(
      /"grass_block"[\s\S]*"bread"[\s\S]*"emerald"[\s\S]*"iron_pickaxe"/,
    );
    expect(() => parseScenario(meadow({ mobs: [{ kind: 'zombi' }] }), 'meadow')).toThrow(/zombie/);
  });
});

it('mobs are in the hash of a scenario, and only where they are written', () => {
  const hash = (survival: unknown) => scenarioHash(parseScenario(meadow(survival), 'meadow'));
  expect(hash({ mobs: [] })).not.toBe(hash({}));
  expect(hash({ mobs: [{ kind: 'cow' }] })).not.toBe(hash({ mobs: [{ kind: 'pig' }] }));
  expect(Object.keys(SurvivalSchema.parse({}))).not.toContain('mobs');
});

it('the page names the mobs', () => {
  const page = renderScenarioPage(
    parseScenario(
      meadow({
        mobs: [
          { kind: 'zombie', count: 2, max: 5, spawn: { everyTicks: 40 } },
          {
            kind: 'villager',
            name: 'carla',
            spawn: {
              region: [
                [4, 3, 4],
                [6, 3, 6],
              ],
            },
            trades: [{ wants: 'coal', gives: 'apple' }],
          },
        ],
      }),
      'meadow',
    ),
  );
  expect(page).toContain('2 `zombie` at the start, one more every 40 ticks (2 s) in light 0..7 up to 5; hostile, 10 hearts');
  expect(page).toContain('1 `carla` (villager) in [4, 3, 4]..[6, 3, 6] at the start; trader, 10 hearts, gives 1 apple for 1 coal.');
  expect(page).toContain('- the 4 nearest mobs');
});
