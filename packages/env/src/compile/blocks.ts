/**
 * Block rules per palette index, from the registry. Factors are computed as exact fractions, so every host gets the same integers.
 * Source of the two ground factors: Minecraft 1.20 (LivingEntity.travel): drag = slipperiness * 0.91, grip = (0.6 / slipperiness)^3.
 */
import type { BlockTables } from '@kinovox/physics';
import { BLOCK_BY_ID, BLOCKS, type BlockType, ITEMS, itemByName, type Palette, ScenarioError } from '@kinovox/world';

const ONE_Q14 = 16384;
const LIQUID_KIND = { none: 0, water: 1, lava: 2 } as const;
/** Codes of `BlockTables.usable`; buttons wait for their rules. */
const USABLE_KIND = { none: 0, lever: 1, door: 2, button: 0 } as const;
const PLATE_NAME = /_pressure_plate(_pressed)?$/;
const BOUNCY_NAME = 'slime_block';

/** `diggable` as in the scenario's `world`: blocks outside it get no dig time. */
export function compileBlocks(palette: Palette, diggable: 'all' | 'none' | readonly string[]): BlockTables {
  const size = palette.names.length;
  const tables: BlockTables = {
    registryId: Uint16Array.from(palette.registryIds),
    solid: new Uint8Array(size),
    replaceable: new Uint8Array(size),
    liquid: new Uint8Array(size),
    climbable: new Uint8Array(size),
    targetable: new Uint8Array(size),
    groundDragQ14: new Int32Array(size),
    groundGripQ14: new Int32Array(size),
    bouncy: new Uint8Array(size),
    digTicks: new Int32Array(size),
    dropItem: new Uint16Array(size),
    usedState: new Uint8Array(size),
    usable: new Uint8Array(size),
    signal: new Uint8Array(size),
    plate: new Uint8Array(size),
    plateState: new Uint8Array(size),
  };
  for (let p = 0; p < size; p++) {
    const block = BLOCK_BY_ID.get(palette.registryIds[p])!;
    const isPlate = PLATE_NAME.test(block.name);
    const otherState = stateIndex(palette, block, p);
    const mayDig =
      diggable === 'all' ||
      (diggable !== 'none' && (diggable.includes(block.name) || (block.variantOf !== undefined && diggable.includes(block.variantOf))));
    tables.solid[p] = block.solid ? 1 : 0;
    tables.replaceable[p] = block.replaceable ? 1 : 0;
    tables.liquid[p] = LIQUID_KIND[block.liquid];
    tables.climbable[p] = block.climbable ? 1 : 0;
    tables.targetable[p] = block.name !== 'air' && block.liquid === 'none' ? 1 : 0;
    tables.groundDragQ14[p] = groundDragQ14(block.slipperiness);
    tables.groundGripQ14[p] = groundGripQ14(block.slipperiness);
    tables.bouncy[p] = block.name === BOUNCY_NAME ? 1 : 0;
    tables.digTicks[p] = mayDig ? block.digTicks : -1;
    tables.dropItem[p] = block.drops === null ? 0 : itemByName(block.drops).id;
    tables.usable[p] = otherState === p ? 0 : USABLE_KIND[block.usable];
    tables.usedState[p] = tables.usable[p] === 0 ? p : otherState;
    tables.signal[p] = (isPlate || block.usable === 'lever') && block.variantOf !== undefined ? 1 : 0;
    tables.plate[p] = isPlate ? 1 : 0;
    tables.plateState[p] = isPlate ? otherState : p;
  }
  return tables;
}

/** Palette index that a placed item becomes, by item id; 0 (air) where an item cannot be placed in this world. */
export function compilePlacedByItem(palette: Palette): Uint8Array {
  const table = new Uint8Array(ITEMS[ITEMS.length - 1].id + 1);
  for (const item of ITEMS) {
    if (item.places === null) continue;
    const index = palette.names.indexOf(item.places);
    if (index > 0) table[item.id] = index;
  }
  return table;
}

/** `slipperiness * 0.91` in Q14, rounded to nearest; ordinary ground gives the walker's GROUND_DRAG_Q14. Slipperiness has three decimals. */
export function groundDragQ14(slipperiness: number): number {
  return Math.floor((thousandths(slipperiness) * 91 * ONE_Q14 * 2 + 100_000) / 200_000);
}

/** `(0.6 / slipperiness)^3` in Q14, rounded to nearest. Bound: the numerator is below 2^43, exact in a double. */
export function groundGripQ14(slipperiness: number): number {
  const s = thousandths(slipperiness);
  const cube = s * s * s;
  return Math.floor((2 * 600 * 600 * 600 * ONE_Q14 + cube) / (2 * cube));
}

function thousandths(slipperiness: number): number {
  const s = Math.round(slipperiness * 1000);
  if (s >= 600 && s <= 989) return s;
  throw new ScenarioError(
    'slipperiness',
    `A block's slipperiness must be 0.6..0.989 (the rules hold drag below one); got ${slipperiness}. Mend the block registry.`,
  );
}

/** The palette index of the block's other state (lever <-> lever_on), or its own where there is none in this world. */
function stateIndex(palette: Palette, block: BlockType, own: number): number {
  const other = block.variantOf !== undefined ? block.variantOf : BLOCKS.find((candidate) => candidate.variantOf === block.name)?.name;
  const index = other === undefined ? -1 : palette.names.indexOf(other);
  return index < 0 ? own : index;
}
