/** Which blocks a scenario can ever contain, over all its variants and whatever its agents do. */

import { ITEM_BY_NAME, itemByName } from '../blocks/items.js';
import { BLOCK_BY_NAME, BLOCKS } from '../blocks/registry.js';
import { DROPS } from '../survival/drops.js';
import { GROWS_INTO, OAK_TREE, TILLED } from '../survival/growth.js';
import { mobsOf } from '../survival/mob-entries.js';
import { recipesOf, type SurvivalSettings } from '../survival/schema.js';
import { terrainBlocks } from '../terrain/generate.js';
import { createPalette, type Palette } from '../voxels/palette.js';
import { readBlueprints } from './blueprints.js';
import type { ReadFile } from './files.js';
import { type AnyFormula, formulasOfTask, visitFormula } from './formula-walk.js';
import { extremeAssignments, isParameterRef, substitute } from './parameters.js';
import type { Scenario } from './schema.js';
import { readStructure, type StructureSource } from './structures.js';

/**
 * The palette of every world of the scenario: terrain, structures, edits, mechanisms, blocks that items place, drops, and all states of those blocks.
 * A resolved scenario names its palette, so that all variants share one.
 * @param readFile needed when a structure is a `.schem` file.
 * @throws ScenarioError when a file cannot be read, or there are more than 256 blocks.
 */
export function scenarioPalette(scenario: Scenario, readFile?: ReadFile): Palette {
  if (scenario.resolved !== undefined) return createPalette(scenario.resolved.palette);
  const names = new Set<string>();
  const add = (value: unknown) => {
    for (const name of namesOf(value, scenario.parameters)) names.add(name);
  };
  const { world } = scenario;
  for (const values of extremeAssignments(scenario.parameters)) {
    const terrain = substitute(world.terrain, values);
    if (terrain.generator !== 'empty') for (const name of terrainBlocks(terrain)) names.add(name);
  }
  for (const [i, structure] of world.structures.entries()) {
    if ('wall' in structure) [structure.wall, structure.floor].forEach(add);
    else if ('layers' in structure) Object.values(structure.palette).forEach(add);
    else for (const name of readStructure(structure as StructureSource, readFile, `world.structures[${i}]`).palette) names.add(name);
  }
  for (const { blocks } of readBlueprints(scenario, readFile).values()) for (const { block } of blocks) names.add(block);
  for (const edit of world.edits) {
    if ('fill' in edit) add(edit.fill);
    if ('set' in edit) add(edit.set);
    if ('scatter' in edit) [edit.scatter, edit.in, edit.on].forEach(add);
    if ('hollow' in edit) [edit.hollow, edit.inside].forEach(add);
  }
  for (const mechanism of scenario.mechanisms) for (const effect of mechanism.effects) [effect.on, effect.off].forEach(add);
  for (const agent of scenario.agents) for (const item of Object.keys(agent.inventory)) addPlaced(item, names);
  for (const { formula } of formulasOfTask(scenario.task)) addMentioned(formula, scenario, names);
  for (const reward of scenario.rewards) if (typeof reward.on === 'object') addMentioned(reward.on as AnyFormula, scenario, names);
  if (scenario.survival !== undefined) addSurvival(scenario.survival, names);
  close(names);
  return createPalette(names);
}

/** Blocks and items that a formula asks for can be asked of the palette. */
function addMentioned(root: AnyFormula, scenario: Scenario, names: Set<string>): void {
  visitFormula(root, [], (formula, kind) => {
    const body = formula[kind];
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    const fields = body as { block?: unknown; item?: unknown; pattern?: { block: unknown }[] };
    const blocks = [fields.block, ...(fields.pattern ?? []).map((entry) => entry.block)];
    for (const block of blocks) for (const name of namesOf(block, scenario.parameters)) names.add(name);
    for (const item of namesOf(fields.item, scenario.parameters)) addPlaced(item, names);
  });
}

/** Blocks that the rules of survival can bring into any world: what recipes, drops, mobs and traders give, what grows and what is tilled. */
function addSurvival(settings: SurvivalSettings, names: Set<string>): void {
  for (const recipe of recipesOf(settings)) addPlaced(recipe.output, names);
  for (const { block } of OAK_TREE) names.add(block);
  for (const name of [...Object.keys(GROWS_INTO), ...Object.keys(TILLED), ...Object.values(TILLED)]) names.add(name);
  for (const drops of Object.values(DROPS)) for (const drop of drops) addPlaced(drop.item, names);
  for (const { drops, trades } of mobsOf(settings)) {
    for (const { item } of drops) addPlaced(item, names);
    for (const { gives } of trades) addPlaced(gives, names);
  }
}

/** A name, or every name that a parameter may hold. */
function namesOf(value: unknown, parameters: Scenario['parameters']): string[] {
  if (typeof value === 'string') return [value];
  if (!isParameterRef(value)) return [];
  const parameter = parameters[value.param];
  return parameter !== undefined && 'choice' in parameter ? parameter.choice.filter((choice) => typeof choice === 'string') : [];
}

function addPlaced(item: string, names: Set<string>): void {
  const { places } = itemByName(item);
  if (places !== null) names.add(places);
}

/** Adds what digging drops and placing gives back, and the other states of each block, until nothing is new. */
function close(names: Set<string>): void {
  // A Set visits what is added during the visit, so one loop reaches the closure.
  for (const name of names) {
    const block = BLOCK_BY_NAME.get(name);
    if (block === undefined) continue;
    const places = block.drops === null ? null : (ITEM_BY_NAME.get(block.drops)?.places ?? null);
    if (places !== null) names.add(places);
    const base = block.variantOf ?? block.name;
    names.add(base);
    for (const other of BLOCKS) if (other.variantOf === base) names.add(other.name);
  }
}
