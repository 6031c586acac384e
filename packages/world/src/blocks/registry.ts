/**
 * Block registry: what every block type is to the rules, the camera and the viewer.
 * Data flow: table.ts holds the rows; this file gives them a type, checks them once, and looks them up by name or id.
 * Limits: ids are u16 and never reused; a block is a full cube or nothing; a block state (an open door) is an id of its own.
 */
import { didYouMean, invariant, ScenarioError } from '../errors.js';
import { BLOCK_ROWS } from './table.js';

export type Liquid = 'none' | 'water' | 'lava';
export type BlockUse = 'none' | 'lever' | 'door' | 'button';
export type BlockPattern = 'plain' | 'speckle' | 'planks' | 'bricks' | 'grain' | 'ore' | 'grid' | 'leaves' | 'liquid' | 'stripes';

export interface BlockType {
  /** u16, never reused; air is 0 and bedrock 1. */
  readonly id: number;
  /** snake_case; Minecraft's own name where it has the block. */
  readonly name: string;
  /** Collides as a full cube; otherwise it does not collide at all. */
  readonly solid: boolean;
  /** Placing a block here overwrites it. */
  readonly replaceable: boolean;
  readonly liquid: Liquid;
  /** A walker whose feet are in the cell can climb. */
  readonly climbable: boolean;
  /** Factor of horizontal speed kept per tick on top of it, before the 0.91 of air; 0.6 for most blocks. */
  readonly slipperiness: number;
  /** Ticks (1/20 s) to dig it by hand; 0 at once, -1 never. */
  readonly digTicks: number;
  /** Item that digging gives, or null. */
  readonly drops: string | null;
  /** Health points per second: in a non-solid cell while the body overlaps it, on a solid one while standing on it. */
  readonly damagePerSecond: number;
  /** Emitted light level, 0..15. */
  readonly light: number;
  /** Hides what is behind it: stops light, and neighbours need no face against it. */
  readonly opaque: boolean;
  /** 0xRRGGBB of the face to +y, of the four sides, of the face to -y. */
  readonly colorTop: number;
  readonly colorSide: number;
  readonly colorBottom: number;
  /** Procedural texture drawn over the colours. */
  readonly pattern: BlockPattern;
  /** The block whose state this is: `oak_door` for `oak_door_open`. */
  readonly variantOf?: string;
  /** Item that puts it down, where that has a name of its own: `wheat_seeds` for `wheat_crop`; the block then has no item. */
  readonly placedBy?: string;
  /** What the `use` action does to it; an iron door answers to mechanisms only, so it is `none`. */
  readonly usable: BlockUse;
  readonly description: string;
}

/** Registry ids that code may name: both are in every palette. */
export const AIR_ID = 0;
export const BEDROCK_ID = 1;

/** Every block, by ascending id. */
export const BLOCKS: readonly BlockType[] = checkRows(BLOCK_ROWS);
export const BLOCK_BY_NAME: ReadonlyMap<string, BlockType> = new Map(BLOCKS.map((block) => [block.name, block]));
export const BLOCK_BY_ID: ReadonlyMap<number, BlockType> = new Map(BLOCKS.map((block) => [block.id, block]));

/**
 * The block of that name.
 * @param path where the name was written, such as `world.edits[0].fill`; named in the error.
 * @throws ScenarioError `unknown-block` with the nearest name.
 */
export function blockByName(name: string, path?: string): BlockType {
  const block = BLOCK_BY_NAME.get(name);
  if (block !== undefined) return block;
  const hint = didYouMean(name, BLOCK_BY_NAME.keys()) || ' docs/blocks.md lists every block.';
  const message = `A block must be a name of the block registry; got ${JSON.stringify(name)}${path === undefined ? '' : ` at ${path}`}.${hint}`;
  throw new ScenarioError('unknown-block', message, path === undefined ? [] : [{ code: 'unknown-block', path, message }]);
}

function checkRows(rows: readonly BlockType[]): readonly BlockType[] {
  const names = new Map(rows.map((row) => [row.name, row]));
  invariant(names.size === rows.length, 'Two blocks have the same name.');
  const sorted = [...rows].sort((a, b) => a.id - b.id);
  for (let i = 0; i < sorted.length; i++) {
    const { id, name, variantOf } = sorted[i];
    invariant(Number.isInteger(id) && id >= 0 && id <= 0xffff, `Block ${name} has an id outside u16.`);
    invariant(i === 0 || sorted[i - 1].id < id, `Block ${name} reuses the id ${id}.`);
    invariant(variantOf === undefined || names.has(variantOf), `Block ${name} is a state of an unknown block.`);
  }
  invariant(names.get('air')?.id === AIR_ID && names.get('bedrock')?.id === BEDROCK_ID, 'Air must be block 0 and bedrock block 1.');
  return Object.freeze(sorted.map((row) => Object.freeze(row)));
}
