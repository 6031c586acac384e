/** Building by the name of a blueprint: from layers and from a schematic, with what is missing and what is in the way. */
import { skillsFor, toolsOf } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { parseScenario, renderScenarioPage, type ScenarioInput, writeSchematic } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from '../small-worlds.js';
import { plain, Stage } from './call-skill.js';

const HUT = {
  layers: [
    ['SS', 'S.'],
    ['P.', '..'],
  ],
  palette: { S: 'stone', P: 'oak_planks' },
};
/** The same as a file would hold it, with air that says nothing. */
const FILE = writeSchematic({ size: [2, 1, 1], palette: ['air', 'oak_planks'], cells: Uint16Array.from([0, 1]), notes: [] });

function stageOf(blueprints: object, inventory: Record<string, number> = {}, layers = plain(8, 4)): Stage {
  const scenario = smallScenario({
    layers,
    agents: [walkerAt('ada', [0, 1, 0], { inventory })],
    task: { elapsed: { ticks: 100_000 } },
    maxTicks: 20_000,
    rest: { world: { blueprints } } as unknown as Partial<ScenarioInput>,
  });
  return new Stage(createBatchEnvSync({ scenario: loadScenario(scenario, { readFile: () => FILE }), autoreset: 'disabled' }));
}

const blockAt = ({ view }: Stage, cell: [number, number, number]) => view.palette.names[view.blockAt(...cell)];

describe('build by a blueprint', () => {
  it('builds it where the scenario has it, or where it is asked to', () => {
    const stage = stageOf({ hut: { ...HUT, at: [4, 1, 1] } }, { stone: 6, oak_planks: 2 });
    expect(stage.done('build', { blueprint: 'hut' }).facts).toMatchObject({ placed: 4, wanted: 4 });
    expect(
      [
        [4, 1, 1],
        [5, 1, 1],
        [4, 1, 2],
        [4, 2, 1],
        [5, 1, 2],
      ].map((cell) => blockAt(stage, cell as never)),
    ).toEqual(['stone', 'stone', 'stone', 'oak_planks', 'air']);
    expect(stage.done('build', { blueprint: 'hut' }).facts).toEqual({ placed: 0, wanted: 4 });
    expect(stage.done('build', { blueprint: 'hut', x: 1, y: 1, z: 2 }).facts.placed).toBe(4);
    expect(blockAt(stage, [1, 2, 2])).toBe('oak_planks');
  });

  it('reads schematics beside the scenario, whose air leaves what is there', () => {
    const stage = stageOf({ sign: { file: 'sign.schem' } }, { oak_planks: 1 }, [['########', '####.###', '########', '########']]);
    // Its air lies on the stone of the floor, its plank in the hole beside.
    expect(stage.done('build', { blueprint: 'sign', x: 3, y: 0, z: 1 }).facts).toMatchObject({ placed: 1, wanted: 1 });
    expect([blockAt(stage, [3, 0, 1]), blockAt(stage, [4, 0, 1])]).toEqual(['stone', 'oak_planks']);
  });

  it('says by kind and number what is missing, and which cells are taken', () => {
    const layers = [...plain(8, 4), ['........', '....DD..', '........', '........']];
    const stage = stageOf({ hut: { ...HUT, at: [4, 1, 1] }, wall: HUT }, { stone: 1 }, layers);
    const taken = stage.refused('build', { blueprint: 'hut' }, 'occupied');
    expect(taken.sentence).toBe('dirt is at 4 1 1, where stone is to stand, and 1 other cell is taken too; dig them first.');
    expect(taken.facts).toMatchObject({
      numBlocked: 2,
      blocked: [
        { at: [4, 1, 1], by: 'dirt', wanted: 'stone' },
        { at: [5, 1, 1], by: 'dirt', wanted: 'stone' },
      ],
    });
    const lacking = stage.refused('build', { blueprint: 'wall', x: 2, y: 1, z: 2 }, 'missing-blocks');
    expect(lacking.facts).toMatchObject({ missing: { stone: 2, oak_planks: 1 }, held: { stone: 1 }, cellsLeft: 4 });
    expect(lacking.sentence).toBe('4 cells to fill lack 2 stone, 1 oak_planks; you hold 1 stone.');
  });

  it('refuses names that are none, a place that is missing or outside, and neither or both of cells and name', () => {
    const stage = stageOf({ hut: HUT }, { stone: 9, oak_planks: 9 });
    expect(stage.refused('build', { blueprint: 'hud' }, 'unknown-blueprint').sentence).toContain('Did you mean "hut"?');
    expect(stage.refused('build', { blueprint: 'hut' }, 'no-place').facts.size).toEqual([2, 2, 2]);
    expect(stage.refused('build', { blueprint: 'hut', x: 1, y: 1 }, 'no-place').sentence).toContain('got a part of it');
    stage.refused('build', { blueprint: 'hut', x: 7, y: 1, z: 3 }, 'outside-world');
    stage.refused('build', {}, 'one-of');
    stage.refused('build', { blueprint: 'hut', cells: [{ x: 1, y: 1, z: 1, block: 'stone' }] }, 'one-of');
    stage.refused('build', { x: 1, y: 1, z: 1, cells: [{ x: 1, y: 1, z: 1, block: 'stone' }] }, 'one-of');
    const without = stageOf({}).refused('build', { blueprint: 'hut' }, 'unknown-blueprint');
    expect(without.sentence).toContain('This scenario has none; give cells.');
  });

  it('is told to the model with sizes, materials and place', () => {
    const told = (stage: Stage) => toolsOf(skillsFor(stage.view)).find(({ name }) => name === 'build')!.description;
    expect(told(stageOf({ hut: { ...HUT, at: [4, 1, 1] } }))).toContain(
      'Blueprints: hut (2 x 2 x 2 cells: 3 stone, 1 oak_planks; at 4 1 1).',
    );
    expect(told(stageOf({}))).not.toContain('Blueprints');
  });

  it('is named on the page of its scenario', () => {
    const scenario = (rest: object) =>
      renderScenarioPage(parseScenario(smallScenario({ layers: plain(4, 4), task: { elapsed: { ticks: 5 } }, rest })));
    expect(scenario({ world: { blueprints: { hut: HUT, sign: { file: 'sign.schem' } } } })).toContain(
      'Agents know blueprints: `hut`, `sign`.',
    );
    expect(scenario({})).not.toContain('blueprints');
    expect(scenario({ messages: { enabled: false, teamPlans: false } })).toContain('- not the ways that others of the team mean to go');
  });

  it('is refused at load where the scenario cannot mean it', () => {
    expect(() => stageOf({ hut: { ...HUT, at: [40, 1, 1] } })).toThrow(/world\.blueprints\.hut\.at/);
    expect(() => stageOf({ hut: { layers: [['..']], palette: {} } })).toThrow('must have 1..1024 blocks other than air; got 0');
    expect(() => stageOf({ hut: { ...HUT, layers: [['SX']] } })).toThrow(/world\.blueprints\.hut\.layers/);
    expect(() => stageOf({ hut: { file: '../up.schem' } })).toThrow('must stay inside the folder');
  });
});
