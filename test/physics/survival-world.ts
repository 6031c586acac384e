// A walled ground with survival: what its tests need to act on it and to count what is in it.
import { type Engine, RECIPE_COLUMN, RECIPE_COLUMNS, type ScenarioProgram } from '@kinovox/physics';
import { INVENTORY_SLOTS, ITEMS, MAX_PILES, PILE_WORD, PILE_WORDS } from '@kinovox/world';
import { createGround, type Ground, itemId, standAt } from './fixture.js';

export const EDGE = 16;

/** Agents at (8, 1, 8), and as told, on bedrock. */
export function survivalGround(more: Partial<Ground> = {}) {
  return createGround({
    size: [EDGE, 12, EDGE],
    starts: [standAt(8, 1, 8)],
    survival: {},
    ...more,
    boxes: [['bedrock', [0, 0, 0], [EDGE - 1, 0, EDGE - 1]], ...(more.boxes ?? [])],
    extraBlocks: ['dirt', 'stone', 'sand', 'water', 'oak_log', 'oak_planks', 'iron_ore', ...(more.extraBlocks ?? [])],
  });
}

export function cellOf(x: number, y: number, z: number): number {
  return (y * EDGE + z) * EDGE + x;
}

/** Number of the recipe as the action column `argument` names it. */
export function recipeArgument(program: ScenarioProgram, name: string): number {
  const index = program.survival!.recipeNames.indexOf(name);
  if (index < 0) throw new Error(`No recipe ${name} among ${program.survival!.recipeNames.join(', ')}.`);
  return index + 1;
}

export function recipeTicks(program: ScenarioProgram, name: string): number {
  return program.survival!.recipes[(recipeArgument(program, name) - 1) * RECIPE_COLUMNS + RECIPE_COLUMN.ticks];
}

/** Item names and counts that agent i holds. */
export function holdings(engine: Engine, i = 0): Record<string, number> {
  const held: Record<string, number> = {};
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS; at++) {
    const { inventoryCount, inventoryItem } = engine.state;
    if (inventoryCount[at] === 0) continue;
    const { name } = ITEMS.find(({ id }) => id === inventoryItem[at])!;
    held[name] = (held[name] ?? 0) + inventoryCount[at];
  }
  return held;
}

/** Items that lie on the ground of world w, by id. */
export function piled(engine: Engine, w = 0): Map<number, number> {
  const { pile } = engine.state;
  const found = new Map<number, number>();
  for (let at = w * MAX_PILES * PILE_WORDS; at < (w + 1) * MAX_PILES * PILE_WORDS; at += PILE_WORDS) {
    if (pile[at] === 0) continue;
    const item = pile[at + PILE_WORD.item];
    found.set(item, (found.get(item) ?? 0) + pile[at + PILE_WORD.count]);
  }
  return found;
}

/** Every item in world w, held or on the ground, by id. */
export function stock(engine: Engine, w = 0): Map<number, number> {
  const total = piled(engine, w);
  const { inventoryCount, inventoryItem } = engine.state;
  const { numAgents } = engine.program;
  for (let at = w * numAgents * INVENTORY_SLOTS; at < (w + 1) * numAgents * INVENTORY_SLOTS; at++) {
    if (inventoryCount[at] === 0) continue;
    total.set(inventoryItem[at], (total.get(inventoryItem[at]) ?? 0) + inventoryCount[at]);
  }
  return total;
}

/** Puts items into a slot of agent i. */
export function hold(engine: Engine, i: number, slot: number, name: string, count: number): void {
  engine.state.inventoryItem[i * INVENTORY_SLOTS + slot] = itemId(name);
  engine.state.inventoryCount[i * INVENTORY_SLOTS + slot] = count;
}
