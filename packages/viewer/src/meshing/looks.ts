/**
 * How each palette entry is drawn: its shape, its texture layers and its glow. Derived from the block registry.
 */
import { BLOCK_BY_ID, type BlockType } from '@kinovox/world';
import { LOOK_COLUMNS, SHAPE } from './shapes.js';

/** What a texture layer shows. */
export interface TileSpec {
  block: BlockType;
  /** 0xRRGGBB. */
  color: number;
  face: 'top' | 'side' | 'bottom';
}

export interface Looks {
  /** `[P, LOOK_COLUMNS]`: SHAPE, texture layer of the face to +y, of the sides, of the face to -y, glow 0..255. */
  table: Uint16Array;
  /** One texture layer each. */
  tiles: TileSpec[];
}

const SHAPE_BY_NAME: Readonly<Record<string, number>> = {
  air: SHAPE.none,
  ladder: SHAPE.ladder,
  vine: SHAPE.vine,
  torch: SHAPE.torch,
  lever: SHAPE.lever,
  lever_on: SHAPE.leverOn,
  stone_button: SHAPE.button,
  stone_button_pressed: SHAPE.button,
  iron_bars: SHAPE.cutout,
  oak_sapling: SHAPE.cross,
  short_grass: SHAPE.cross,
};

/** The looks of a palette given as registry ids; ids unknown to this version are drawn as stone. */
export function createLooks(registryIds: readonly number[]): Looks {
  const table = new Uint16Array(registryIds.length * LOOK_COLUMNS);
  const tiles: TileSpec[] = [];
  const layerByKey = new Map<string, number>();
  const layerOf = (block: BlockType, color: number, face: TileSpec['face']): number => {
    const faceMatters = block.name.endsWith('_log') || block.name === 'grass_block' || block.name === 'crafting_table';
    const key = `${block.name}:${color}:${faceMatters ? face : ''}`;
    const known = layerByKey.get(key);
    if (known !== undefined) return known;
    layerByKey.set(key, tiles.length);
    tiles.push({ block, color, face });
    return tiles.length - 1;
  };
  registryIds.forEach((id, i) => {
    const block = BLOCK_BY_ID.get(id) ?? BLOCK_BY_ID.get(2)!;
    const shape = shapeOf(block);
    if (shape === SHAPE.none) return;
    table.set(
      [
        shape,
        layerOf(block, block.colorTop, 'top'),
        layerOf(block, block.colorSide, 'side'),
        layerOf(block, block.colorBottom, 'bottom'),
        glowOf(block),
      ],
      i * LOOK_COLUMNS,
    );
  });
  return { table, tiles };
}

export function shapeOf(block: BlockType): number {
  const named = SHAPE_BY_NAME[block.name];
  if (named !== undefined) return named;
  if (block.name.endsWith('_pressure_plate')) return SHAPE.plate;
  if (block.name.endsWith('_pressure_plate_pressed')) return SHAPE.pressedPlate;
  if (block.name.startsWith('wheat_crop')) return SHAPE.cross;
  if (block.name.endsWith('_door_open')) return SHAPE.openDoor;
  if (block.liquid !== 'none') return SHAPE.liquid;
  return block.opaque ? SHAPE.opaque : SHAPE.translucent;
}

/** Light levels from 8 up glow by themselves, the pads' 7 only a little, and lava less than its level, or its pattern would wash out. */
function glowOf(block: BlockType): number {
  if (block.liquid !== 'none') return block.light * 5;
  return block.light >= 8 ? 200 : block.light >= 3 ? 40 : 0;
}
