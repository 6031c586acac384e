import { loadScenarioText, MAX_SCENARIO_LENGTH, parseScenario, ScenarioError, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario } from './scenario-samples.js';

/** biome-ignore lint/suspicious/noExplicitAny: mutations write what the types forbid. */
type Loose = any;

function errorOf(run: () => unknown): ScenarioError {
  try {
    run();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('expected a ScenarioError, but nothing was thrown');
}

/** The message after one mutation of a valid scenario. */
function messageAfter(mutate: (scenario: Loose) => void, scenario: ScenarioInput = bridgeScenario()): string {
  parseScenario(scenario, 'valid.scenario.json');
  mutate(scenario);
  return errorOf(() => parseScenario(scenario, 'scenarios/x.scenario.json')).message;
}

describe('a valid scenario', () => {
  it('gets its defaults filled', () => {
    const scenario = parseScenario(bridgeScenario(), 'bridge.json');
    expect(scenario.agents[0].body).toEqual({ type: 'walker', speedScale: 1, jump: true, sprint: true });
    expect(scenario.agents[0].can).toEqual({ dig: true, place: true, use: true, message: true });
    expect(scenario.agents[0].spawn).toMatchObject({ yawDeg: 0 });
    expect(scenario.rewards).toEqual([{ name: 'success', on: 'success', value: 1, agents: 'all' }]);
    expect(scenario.messages).toMatchObject({ enabled: false, symbols: [], rangeMetres: 512 });
    expect(scenario.observation).toEqual({ nearestAgents: 3, crop: 0, goals: 4, inventory: true, messages: 4 });
    expect(scenario.episode.variants).toBe(1024);
    expect(scenario.world.diggable).toBe('all');
  });

  it('parses to itself again', () => {
    for (const input of [bridgeScenario(), fullScenario()]) {
      const once = parseScenario(input, 'once');
      expect(parseScenario(once, 'twice')).toEqual(once);
    }
  });

  it('may use every part of the format', () => {
    expect(parseScenario(fullScenario(), 'full').messages.enabled).toBe(true);
  });
});

describe('an unknown name', () => {
  const cases: [string, (scenario: Loose) => void, string][] = [
    [
      'body',
      (s) => (s.agents[1].body = 'wlaker'),
      'agents[1].body must name a body; got "wlaker" at scenarios/x.scenario.json. Did you mean "walker"?',
    ],
    ['body type', (s) => (s.agents[1].body = { type: 'wlker' }), 'Did you mean "walker"?'],
    [
      'key of a vehicle that another vehicle has',
      (s) => (s.agents[1].body = { type: 'rigid', vehicle: 'quadcopter', stiffness: 3 }),
      'agents[1].body must have only known keys; got "stiffness" at scenarios/x.scenario.json. Known keys: type, vehicle, size, massKg, armLength,',
    ],
    ['key of a car', (s) => (s.agents[1].body = { type: 'rigid', vehicle: 'car', stifness: 3 }), 'Did you mean "stiffness"?'],
    [
      'key',
      (s) => (s.agents[1].bodyy = 'walker'),
      'agents[1] must have only known keys; got "bodyy" at scenarios/x.scenario.json. Did you mean "body"?',
    ],
    [
      'key of the root',
      (s) => (s.episod = {}),
      'the scenario must have only known keys; got "episod" at scenarios/x.scenario.json. Did you mean "episode"?',
    ],
    [
      'predicate',
      (s) => (s.task.all[0] = { reech: {} }),
      'task.all[0] must have only known keys; got "reech" at scenarios/x.scenario.json. Did you mean "reach"?',
    ],
    ['combinator', (s) => (s.task = { sequense: [] }), 'Did you mean "sequence"?'],
    [
      'key of a predicate',
      (s) => (s.task.all[0].reach.regoin = 1),
      'task.all[0].reach must have only known keys; got "regoin" at scenarios/x.scenario.json. Did you mean "region"?',
    ],
    [
      'block',
      (s) => (s.world.edits[0].fill = 'stoen'),
      'world.edits[0].fill must be a block of the registry; got "stoen" at scenarios/x.scenario.json. Did you mean "stone"?',
    ],
    ['block of the terrain', (s) => (s.world.terrain.top = 'gras_block'), 'world.terrain.top must be a block of the registry'],
    [
      'item',
      (s) => (s.agents[0].inventory = { plank: 3 }),
      'agents[0].inventory.plank must be an item of the registry; got "plank" at scenarios/x.scenario.json. Did you mean "planks"?',
    ],
    ['agent or team', (s) => (s.task.all[0].reach.agents = 'bulders'), 'Did you mean "builders"?'],
    [
      'parameter',
      (s) => (s.world.edits[0].size[0].param = 'gapwidth'),
      'world.edits[0].size[0].param must be a declared parameter; got "gapwidth" at scenarios/x.scenario.json. Did you mean "gapWidth"?',
    ],
    ['generator', (s) => (s.world.terrain.generator = 'flatt'), 'Did you mean "flat"?'],
    [
      'key of an edit',
      (s) => (s.world.edits = [{ fil: 'air', from: [0, 0, 0], to: [1, 1, 1] }]),
      'world.edits[0] must have only known keys; got "fil" at scenarios/x.scenario.json. Did you mean "fill"?',
    ],
  ];
  it.each(cases)('of a %s is refused with the nearest one', (_, mutate, expected) => {
    expect(messageAfter(mutate)).toContain(expected);
  });

  const fullCases: [string, (scenario: Loose) => void, string][] = [
    [
      'a clock that is always on',
      (s) => (s.mechanisms[1].when.any[0] = { clock: { everyTicks: 40, onTicks: 40 } }),
      'mechanisms[1].when.any[0].clock.onTicks must be fewer than everyTicks, 40; got 40',
    ],
    [
      'mechanism',
      (s) => (s.mechanisms[1].when.any[0].mechanism = 'gaet'),
      'must be the id of a mechanism; got "gaet" at scenarios/x.scenario.json. Did you mean "gate"?',
    ],
    [
      'symbol',
      (s) => (s.parameters.word.choice[1] = 'rihgt'),
      'must be one of "messages.symbols"; got "rihgt" at scenarios/x.scenario.json. Did you mean "right"?',
    ],
    [
      'team with a task',
      (s) => (s.task.perTeam.bleu = { alive: { agents: 'all' } }),
      'must name a team of an agent; got "bleu" at scenarios/x.scenario.json. Did you mean "blue"?',
    ],
    [
      'prop',
      (s) => (s.task.perTeam.red.sequence[1].count.of[2].propIn.prop = 'crates'),
      'must be the id of a prop; got "crates" at scenarios/x.scenario.json. Did you mean "crate"?',
    ],
    [
      'prop of a stack',
      (s) => (s.task.perTeam.red.sequence[1].count.of[2] = { stacked: { props: ['crate-0', 'crat'] } }),
      'must be the id of a prop; got "crat" at scenarios/x.scenario.json.',
    ],
    [
      'whole entry in a stack',
      (s) => (s.task.perTeam.red.sequence[1].count.of[2] = { stacked: { props: ['crate-0', 'crate'] } }),
      'must be one prop, not a counted entry of several; got "crate" at scenarios/x.scenario.json. Write "crate-0".',
    ],
    [
      'prop in a speed',
      (s) => (s.task.perTeam.red.sequence[1].count.of[2] = { speedBelow: { of: 'crates', metresPerSecond: 1 } }),
      'got "crates"',
    ],
    ['palette character', (s) => s.world.structures[0].layers[0].splice(0, 1, '#?'), 'must use characters of its "palette"; got "?"'],
    ['drawn block', (s) => s.parameters.wall.choice.push('glas'), 'got "glas"'],
  ];
  it.each(fullCases)('of a %s is refused with the nearest one', (_, mutate, expected) => {
    expect(messageAfter(mutate, fullScenario())).toContain(expected);
  });
});

describe('a wrong value', () => {
  const cases: [string, (scenario: Loose) => void, string][] = [
    [
      'two predicates in one object',
      (s) => (s.task.all[0].near = { agents: 'all', of: 'ada', metres: 2 }),
      'task.all[0] must have only one of the keys',
    ],
    ['two kinds of spawn', (s) => (s.agents[0].spawn.at = [1, 2, 3]), 'agents[0].spawn must have only one of the keys'],
    ['no kind of spawn', (s) => (s.agents[0].spawn = {}), 'agents[0].spawn must have "at", "atMetres" or "region"; got {}'],
    ['an edit without extent', (s) => delete s.world.edits[0].size, 'world.edits[0] must have "size" or "to"'],
    [
      'a missing field',
      (s) => delete s.world.size,
      'world.size must be given; got nothing at scenarios/x.scenario.json. It is: Size [x, y, z] in blocks',
    ],
    ['a number as text', (s) => (s.episode.maxTicks = '12'), 'episode.maxTicks must be a number; got "12"'],
    [
      'a number out of range',
      (s) => (s.agents[0].body = { type: 'walker', speedScale: 9 }),
      'agents[0].body.speedScale must be at most 2; got 9',
    ],
    ['another version', (s) => (s.version = 2), 'version must be 1; got 2'],
    [
      'an id without version',
      (s) => (s.id = 'bridge'),
      'id must be lower-case words joined by hyphens that end in -v1, -v2, ...; got "bridge"',
    ],
    [
      'a region outside the world',
      (s) => (s.task.all[0].reach.region[1][0] = 99),
      'task.all[0].reach.region[1] must lie in the world of size [32,24,32]',
    ],
    [
      'a region with its corners swapped',
      (s) => s.task.all[0].reach.region.reverse(),
      'task.all[0].reach.region must have its lower corner first',
    ],
    ['a spawn outside the world', (s) => (s.agents[1].spawn.at = [4, 8, 32]), 'agents[1].spawn.at must lie in the world'],
    ['an agent id twice', (s) => (s.agents[1].id = 'ada'), 'agents must have each agent id once; got "ada"'],
    ['an agent named like a team of others', (s) => (s.agents[0].id = 'builders'), 'must use each name for one thing'],
    ['several agents in one cell', (s) => (s.agents[1].count = 2), 'agents[1].spawn must be a region'],
    [
      'too many agents',
      (s) => {
        s.agents[0].count = 200;
        s.agents.push({ ...s.agents[0], id: 'cid' });
      },
      'must have at most 256 agents after counted entries are expanded; got 401',
    ],
    ['a parameter whose extreme leaves the world', (s) => (s.parameters.gapWidth.int = [2, 50]), 'This is so when gapWidth = 50.'],
    [
      'a parameter with its bounds swapped',
      (s) => (s.parameters.gapWidth.int = [5, 2]),
      'parameters.gapWidth.int must have its lower bound first',
    ],
    [
      'a file outside the folder',
      (s) => (s.world.structures = [{ file: '../secret.schem', at: [0, 0, 0] }]),
      'must stay inside the folder of the scenario',
    ],
    ['an absolute file', (s) => (s.world.structures = [{ file: '/etc/x.map', at: [0, 0, 0] }]), 'must be a relative path'],
    ['terrain that does not fit', (s) => (s.world.terrain.ground = 25), "at most the world's height, 24"],
    [
      'a symbol while messages are off',
      (s) => (s.task = { said: { agents: 'ada', symbol: 'go' } }),
      'must not be asked for while messages are off',
    ],
    ['messages without content', (s) => (s.messages = {}), 'messages must declare a symbol or allow free text'],
    ['more items than slots', (s) => (s.agents[0].inventory = { dirt: 576, stone: 1 }), 'agents[0].inventory must fit 9 slots'],
    ['an even crop', (s) => (s.observation = { crop: 4 }), 'observation.crop must be 0 or an odd number; got 4'],
  ];
  it.each(cases)('is refused: %s', (_, mutate, expected) => {
    expect(messageAfter(mutate)).toContain(expected);
  });

  it('is reported together with all the others', () => {
    const error = errorOf(() => {
      const scenario: Loose = bridgeScenario();
      scenario.agents[0].body = 'wlaker';
      scenario.episode.maxTicks = 0;
      scenario.world.sise = [];
      parseScenario(scenario, 'many.json');
    });
    expect(error.issues.map((issue) => issue.path).sort()).toEqual(['agents[0].body', 'episode.maxTicks', 'world']);
    expect(error.message.split('\n')).toHaveLength(4);
  });

  it('is refused for what a formula may not exceed: depth 8 and 256 parts', () => {
    const nested = (depth: number): Loose => (depth === 1 ? { alive: { agents: 'all' } } : { all: [nested(depth - 1)] });
    const wide = (parts: number): Loose => ({
      all: Array.from({ length: parts }, () => ({ all: Array.from({ length: 15 }, () => ({ alive: { agents: 'all' } })) })),
    });
    const withTask = (task: Loose) => () => parseScenario({ ...bridgeScenario(), task }, 'x');
    expect(withTask(nested(8))).not.toThrow();
    expect(errorOf(withTask(nested(9))).message).toContain('must be at most 8 levels deep; got 9');
    expect(withTask(wide(15))).not.toThrow();
    expect(errorOf(withTask(wide(16))).message).toContain('must have at most 256 parts; got 257');
  });

  it('does not exhaust the stack, however deep it is', () => {
    let deep: Loose = 1;
    for (let i = 0; i < 100_000; i++) deep = { all: [deep] };
    expect(errorOf(() => parseScenario({ ...bridgeScenario(), task: deep }, 'x')).code).toBe('too-deep');
  });
});

describe('scenario text', () => {
  it('that is valid JSON is parsed', () => {
    expect(loadScenarioText(JSON.stringify(bridgeScenario()), 'x').id).toBe('bridge-gap-v1');
  });

  it.each([
    ['{\n  "version": 1,\n  "id" "x"\n}', 'x.json:3:8', '"\\"x\\""'],
    ['{"a": [1, 2,]}', 'x.json:1:13', '"]}"'],
    ['{"a": tru}', 'x.json:1:7', '"tru}"'],
    ['{"a": 1', 'x.json:1:8', 'the end of the text'],
    ['', 'x.json:1:1', 'the end of the text'],
    ['{"a": "\t"}', 'x.json:1:7', ''],
    ['{} x', 'x.json:1:4', '"x"'],
  ])('%j is refused with the position of its error', (text, position, found) => {
    const { message, code } = errorOf(() => loadScenarioText(text, 'x.json'));
    expect(code).toBe('json-syntax');
    expect(message).toContain(`${position}.`);
    expect(message).toContain(found);
  });

  it('that is too long is refused before it is parsed', () => {
    expect(errorOf(() => loadScenarioText(' '.repeat(MAX_SCENARIO_LENGTH + 1), 'x')).code).toBe('too-long');
  });
});
