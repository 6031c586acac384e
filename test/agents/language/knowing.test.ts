/** Skills that change nothing but what is known: scan, findBlocks, inspect, plan, validatePlan, explainConflict, setGoal, chat. */
import { SKILLS, type SkillRun, skillsFor } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';
import { walkerAt } from '../small-worlds.js';
import { plain, Stage, smallStage } from './call-skill.js';

const two = [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [6, 1, 6])];

describe('scan, findBlocks and inspect', () => {
  const wall = [
    ...plain(8, 8),
    ['........', '........', '..DDD...', ...Array.from({ length: 5 }, () => '........')],
    ['........', '........', '..DDD...', ...Array.from({ length: 5 }, () => '........')],
  ];

  it('names what is in sight, and not what is behind a wall', () => {
    const agents = [walkerAt('ada', [3, 1, 0]), walkerAt('bob', [3, 1, 4]), walkerAt('eve', [7, 1, 0])];
    const { facts, sentence } = smallStage({ layers: wall, agents }).done('scan', { radius: 8 });
    expect(facts.bodies).toMatchObject([{ name: 'eve', kind: 'agent', metres: 4 }]);
    expect(sentence).not.toContain('bob');
    expect(facts.blocks).toMatchObject([{ block: 'dirt' }, { block: 'stone' }]);
    expect(facts.ways).toEqual([
      { side: 'north', steps: 0, before: 'the edge of the world' },
      { side: 'south', steps: 1, before: 'dirt at 3 1 2' },
      { side: 'east', steps: 4, before: 'the edge of the world' },
      { side: 'west', steps: 3, before: 'the edge of the world' },
    ]);
  });

  it('finds the nearest blocks of a kind, and refuses where there are none', () => {
    const stage = smallStage({ layers: wall });
    expect(stage.done('findBlocks', { block: 'dirt', count: 2 }).facts).toMatchObject({
      within: 6,
      total: 6,
      cells: [
        [2, 1, 2],
        [2, 2, 2],
      ],
    });
    expect(stage.refused('findBlocks', { block: 'dirt', maxDistance: 1 }, 'not-found').facts.total).toBe(6);
    expect(stage.refused('findBlocks', { block: 'drit' }, 'unknown-block').sentence).toContain('Did you mean "dirt"?');
  });

  it('tells what is known of a block, a body and an item', () => {
    const stage = smallStage({ layers: wall, agents: two, rest: { survival: {} } as never });
    expect(stage.done('inspect', { x: 2, y: 1, z: 2 }).facts).toMatchObject({
      block: 'dirt',
      canDig: true,
      drops: 'dirt',
      isSolid: true,
      canStand: false,
    });
    expect(stage.done('inspect', { x: 1, y: 1, z: 1 }).facts).toMatchObject({ block: 'air', canDig: false, canStand: true });
    expect(stage.done('inspect', { target: 'bob' }).facts).toMatchObject({ name: 'bob', team: 'team', body: 'walker' });
    expect(stage.done('inspect', { item: 'bread' }).facts).toMatchObject({ food: 5, held: 0 });
    expect(stage.done('inspect', { item: 'iron_pickaxe' }).facts.recipes).toEqual([
      '1 iron_pickaxe from 3 iron_ingot, 2 stick at a crafting_table',
    ]);
    stage.refused('inspect', {}, 'no-place');
    stage.refused('inspect', { target: 'bob', item: 'bread' }, 'no-place');
    stage.refused('inspect', { item: 'braed' }, 'unknown-item');
    stage.refused('inspect', { target: 'zed' }, 'unknown-target');
    stage.refused('inspect', { x: 99, y: 1, z: 1 }, 'outside-world');
  });
});

describe('plan and validatePlan', () => {
  it('plans a way that moveTo then walks tick by tick as foreseen', () => {
    const stage = smallStage({ layers: [['LLLLLLL'], ['##.####']], agents: [walkerAt('ada', [0, 2, 0])] });
    const { facts } = stage.done('plan', { x: 6, y: 2, z: 0 });
    const way = facts.way as number[][];
    expect(way[way.length - 1]).toEqual([6.5, 2, 0.5, facts.ticks]);
    expect(stage.view.tick).toBe(0);
    expect(stage.done('moveTo', { x: 6, y: 2, z: 0 }).facts).toMatchObject({ asPlanned: true, ticks: facts.ticks });
    expect([stage.view.x(), stage.view.z()]).toEqual([6.5, 0.5]);
    // Planned from here, but left before the plan is played: it walks.
    stage.done('plan', { x: 0, y: 2, z: 0 });
    stage.done('moveTo', { x: 5, y: 2, z: 0 });
    expect(stage.done('moveTo', { x: 0, y: 2, z: 0 }).facts.asPlanned).toBeUndefined();
  });

  it('leaves the way that one is on as it is', () => {
    const stage = smallStage({ layers: plain(8, 8) });
    const moveTo = SKILLS.find(({ name }) => name === 'moveTo')!;
    stage.run(moveTo.begin(stage.body, moveTo.parameters.parse({ x: 7, y: 1, z: 7 })) as SkillRun, 12);
    const ahead = [...stage.body.navigator.ahead];
    expect(ahead.length).toBeGreaterThan(2);
    stage.done('validatePlan', { waypoints: [{ x: 7, y: 1, z: 7, tick: 300 }] });
    stage.done('inspect', { x: 1, y: 0, z: 1 });
    expect(stage.body.navigator.ahead).toEqual(ahead);
  });

  it('refuses what blocks the way, and worlds where moves are not certified', () => {
    const stage = smallStage({ layers: [['L'.repeat(12)], ['##........##']], agents: [walkerAt('ada', [0, 2, 0])] });
    expect(stage.refused('plan', { x: 11, y: 2, z: 0 }, 'gap').facts.gapBlocks).toBe(8);
    stage.refused('plan', { x: 5, y: 3, z: 0 }, 'no-standing-room');
    stage.refused('plan', { x: 50, y: 3, z: 0 }, 'outside-world');
    const alive = smallStage({ layers: plain(4, 4), rest: { survival: {} } as never });
    expect(alive.refused('plan', { x: 3, y: 1, z: 3 }, 'no-certified-moves').facts.because).toBe('survival');
    expect(alive.refused('validatePlan', { waypoints: [{ x: 3, y: 1, z: 3, tick: 200 }] }, 'no-certified-moves').code).toBe(
      'no-certified-moves',
    );
    expect(skillsFor(alive.view).map(({ name }) => name)).not.toContain('plan');
  });

  it('judges waypoints with times: right, or what is wrong first and by how much', () => {
    const layers = [
      plain(10, 3)[0],
      ['.....#....', '.....#....', '.....#....'],
      ['.....#....', '.....#....', '.....#....'],
      ['.....#....', '.....#....', '.....#....'],
    ];
    const stage = smallStage({ layers });
    const to = (...waypoints: number[][]) => ({ waypoints: waypoints.map(([x, y, z, tick]) => ({ x, y, z, tick })) });
    const { facts } = stage.done('validatePlan', to([3, 1, 0, 60], [3, 1, 2, 100]));
    expect((facts.spareTicks as number[]).every((ticks) => ticks > 0)).toBe(true);
    expect(stage.refused('validatePlan', to([3, 1, 0, 60], [5, 1, 0, 90]), 'in-block').facts).toMatchObject({
      waypoint: 1,
      block: 'stone',
    });
    expect(stage.refused('validatePlan', to([3, 4, 0, 60]), 'no-footing').facts.below).toBe('air');
    expect(stage.refused('validatePlan', to([3, 1, 0, 3]), 'too-fast').facts).toMatchObject({ metres: 3, givenTicks: 3, leastTicks: 5 });
    expect(stage.refused('validatePlan', to([3, 1, 0, 60], [2, 1, 0, 60]), 'wrong-order').facts.afterTick).toBe(60);
    expect(stage.refused('validatePlan', to([8, 1, 0, 400]), 'unreachable').facts.because).toBe('wall');
    expect(stage.refused('validatePlan', to([3, 1, 0, 7]), 'late').facts.lateTicks as number).toBeGreaterThan(0);
    stage.refused('validatePlan', to([30, 1, 0, 700]), 'outside-world');
    // The same with a search that may look at less: what it has not found is not called impossible.
    const hurried = new Stage(stage.env, 0, 0, { searchNodes: 2, libraries: stage.body.libraries });
    const { sentence, facts: spent } = hurried.refused('plan', { x: 3, y: 1, z: 2 }, 'budget-spent');
    expect(sentence).toBe('No plan to 3 1 2 within 2 expansions; plan to a nearer cell.');
    expect(spent.expansions).toBe(2);
    expect(hurried.body.intentions.plan).toBeUndefined();
    const judged = hurried.refused('validatePlan', to([3, 1, 0, 60], [3, 1, 2, 100]), 'budget-spent');
    expect(judged.facts).toMatchObject({ waypoint: 0, expansions: 2 });
    expect(judged.sentence).toContain('set a waypoint in between');
  });
});

describe('explainConflict', () => {
  it('names whom one would meet, where and when, by plans or by motion', () => {
    const stage = smallStage({ layers: plain(12, 1), agents: [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [8, 1, 0])] });
    expect(stage.done('explainConflict').facts.conflicts).toEqual([]);
    const way = { waypoints: [{ x: 8.5, y: 1, z: 0.5, tick: 40 }] };
    const [met] = stage.done('explainConflict', way).facts.conflicts as Record<string, unknown>[];
    expect(met).toMatchObject({ with: 'bob', knownBy: 'its motion' });
    expect(met.inTicks as number).toBeGreaterThan(30);
    stage.plans = [
      {
        slot: 1,
        planner: 'skill',
        status: '',
        path: [
          [8.5, 1, 0.5, 0],
          [0.5, 1, 0.5, 40],
        ],
        exact: false,
        rollouts: [],
        cells: [],
      },
    ];
    const [sooner] = stage.done('explainConflict', way).facts.conflicts as Record<string, unknown>[];
    expect(sooner).toMatchObject({ with: 'bob', knownBy: 'its plan' });
    expect(sooner.inTicks as number).toBeLessThan(met.inTicks as number);
  });
});

describe('chat and setGoal', () => {
  const messages = { symbols: ['go-left', 'go-right'], everyTicks: 10, maxLength: 20 };

  it('says symbols, or free text that holds one, as the scenario allows', () => {
    const stage = smallStage({ layers: plain(8, 8), agents: two, rest: { messages } as never });
    expect(stage.done('chat', { text: 'go-left' }).facts).toMatchObject({ symbol: 'go-left' });
    // In the same tick the second would take the place of the first.
    expect(stage.refused('chat', { text: 'go-right' }, 'too-soon').facts).toMatchObject({ waitTicks: 10, everyTicks: 10 });
    stage.idle(1);
    expect(stage.refused('chat', { text: 'go-left' }, 'too-soon').facts).toMatchObject({ waitTicks: 9, everyTicks: 10 });
    stage.idle(9);
    expect(stage.refused('chat', { text: 'jump!' }, 'no-symbol').facts.symbols).toEqual(messages.symbols);
    expect(stage.refused('chat', { text: 'please go-right now, my friend' }, 'too-long').facts).toMatchObject({
      length: 30,
      maxLength: 20,
    });
    expect(stage.done('chat', { text: 'go-right now' }).sentence).toBe('You said "go-right now" (go-right); all others hear it.');
    stage.idle(2);
    expect(stage.env.engine.state.messageCount[1]).toBe(2);
  });

  it('refuses where nobody talks, or not this agent', () => {
    const silent = smallStage({ layers: plain(8, 8), agents: two });
    silent.refused('chat', { text: 'go-left' }, 'no-messages');
    expect(skillsFor(silent.view).map(({ name }) => name)).not.toContain('chat');
    const mute = [walkerAt('ada', [0, 1, 0], { can: { message: false } }), two[1]];
    smallStage({ layers: plain(8, 8), agents: mute, rest: { messages } as never }).refused('chat', { text: 'go-left' }, 'may-not-speak');
    const stage = smallStage({ layers: plain(8, 8), agents: two, rest: { messages } as never });
    stage.body.say = () => false;
    stage.refused('chat', { text: 'go-left' }, 'not-said');
  });

  it('keeps a goal in words until it is taken away', () => {
    const stage = smallStage({ layers: plain(3, 3) });
    stage.done('setGoal', { goal: ' reach  the\nfar bank ' });
    expect(stage.body.intentions.goal).toBe('reach the far bank');
    stage.done('setGoal', { goal: '' });
    expect(stage.body.intentions.goal).toBeUndefined();
  });
});

describe('SKILLS', () => {
  it('has the twenty-one verbs, each with a schema that describes every field', () => {
    expect(SKILLS.map(({ name }) => name)).toEqual(
      'moveTo follow lookAt dig placeBlock use craft attack pickUp carryTo give chat wait scan findBlocks inspect plan validatePlan explainConflict setGoal build'.split(
        ' ',
      ),
    );
    for (const { name, parameters } of SKILLS) {
      const { properties, type, additionalProperties } = JSON.parse(JSON.stringify(parameters.toJSONSchema?.({ io: 'input' }) ?? {}));
      expect([name, type, additionalProperties]).toEqual([name, 'object', false]);
      for (const field of Object.values(properties as Record<string, { description?: string }>))
        expect(field.description, name).toMatch(/\.$/);
    }
  });

  it('offers only those that the scenario leaves a use for', () => {
    const bare = smallStage({ layers: plain(3, 3), rest: { world: { diggable: 'none' } } as never });
    const offered = skillsFor(bare.view).map(({ name }) => name);
    for (const name of ['craft', 'attack', 'give', 'chat', 'follow', 'dig', 'pickUp', 'carryTo', 'explainConflict'])
      expect(offered).not.toContain(name);
    for (const name of ['moveTo', 'wait', 'plan', 'build']) expect(offered).toContain(name);
  });
});
