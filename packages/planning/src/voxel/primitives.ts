/**
 * Moves of a walker that are certified by rolling out the engine: each begins and ends in a state that is known to the last bit, so that moves which follow
 * each other in the search follow each other in the world. A state is the middle of a cell, on the ground, at rest or running in one of eight directions
 * with the speed that comes back after every cell. The heading is 0 at both ends: walking does not need it.
 * A move holds wherever the cells that the body sweeps are free and those it stands on are solid; the patch on which it was rolled out had nothing else.
 */
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '@kinovox/physics';
import { AGENT_FLAG } from '@kinovox/world';
import { WALKER_WORD, WALKER_WORDS, type WalkerEngine } from './walker-engine.js';

export const BLOCK = 65536;
export const HALF = BLOCK / 2;
/** Speed down that a standing body carries into each tick: gravity once, with drag. */
export const STANDING_SPEED = -5138;

/** Headings this near to 0, 2^-32 turn, have a sine of 0 in the engine's table: at 2^14 it is 2^14 * 2 pi * 2^14 / 2^32 < 1/2 in Q14. */
export const FACING = 1 << 14;

/** Directions by their number, x and z; the odd ones are diagonals. */
export const DIRECTIONS = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
] as const;

/** Class of a state: 0 at rest, 1 + d running in direction d. */
export const REST = 0;
export const NUM_CLASSES = 1 + DIRECTIONS.length;

export type PrimitiveKind = 'walk' | 'start' | 'run' | 'turn' | 'stop' | 'step-up' | 'drop' | 'jump' | 'bridge';

export interface Primitive {
  readonly kind: PrimitiveKind;
  readonly from: number;
  readonly to: number;
  /** Cells from start to end. */
  readonly dx: number;
  readonly dy: number;
  readonly dz: number;
  readonly ticks: number;
  /** `[ticks, ACTION_FIELDS]` */
  readonly actions: Float32Array;
  /** x, y, z of the cells that must let the body pass, from the start's feet cell. */
  readonly free: Int8Array;
  /** The same of the cells in which the middle of the feet ends a tick, but for the first one: what tasks look at. */
  readonly feet: Int8Array;
  /** `[ticks, 3]` the feet at the end of each tick, 1/65536 block from the middle of the start's floor. */
  readonly path: Int32Array;
  /** As `free`, of those that must be ground. */
  readonly solid: Int8Array;
  /** Tick in which a block is placed into the last cell of `solid`; -1 for none. */
  readonly placeTick: number;
}

/** Horizontal speeds of a class, Q16 as stored between ticks. */
export type ClassSpeeds = readonly (readonly [number, number])[];

/** Words of a walker in the middle of a cell's floor. */
export function standingWords(out: Int32Array, x: number, y: number, z: number, speed: readonly [number, number]): Int32Array {
  out.fill(0, 0, WALKER_WORDS);
  out[WALKER_WORD.posX] = x * BLOCK + HALF;
  out[WALKER_WORD.posY] = y * BLOCK;
  out[WALKER_WORD.posZ] = z * BLOCK + HALF;
  out[WALKER_WORD.velX] = speed[0];
  out[WALKER_WORD.velY] = STANDING_SPEED;
  out[WALKER_WORD.velZ] = speed[1];
  out[WALKER_WORD.flags] = AGENT_FLAG.alive | AGENT_FLAG.onGround | AGENT_FLAG.collidedVertically;
  out[WALKER_WORD.health] = 20;
  return out;
}

/** What is wrong with a state as the end of a move, in a word; undefined where it is exactly the class's. */
export function misses(
  engine: WalkerEngine,
  x: number,
  y: number,
  z: number,
  speed: readonly [number, number],
  health = 20,
): string | undefined {
  if (engine.word('posX') !== x * BLOCK + HALF || engine.word('posZ') !== z * BLOCK + HALF) return 'middle';
  if (engine.word('posY') !== y * BLOCK) return 'height';
  if (engine.word('velX') !== speed[0] || engine.word('velZ') !== speed[1] || engine.word('velY') !== STANDING_SPEED) return 'speed';
  if ((engine.word('flags') & AGENT_FLAG.onGround) === 0) return 'ground';
  if (engine.word('fallDistance') !== 0 || engine.word('jumpCooldown') !== 0 || Math.abs(engine.word('yaw')) > FACING) return 'turned';
  return engine.word('health') < health ? 'hurt' : undefined;
}

/** Collects the cells that a body passes: the engine moves it along y, then x, then z. */
export class SweptCells {
  private readonly cells = new Map<string, readonly [number, number, number]>();

  constructor(
    private readonly originX: number,
    private readonly originY: number,
    private readonly originZ: number,
  ) {}

  add(x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): void {
    this.box(x0, x0, Math.min(y0, y1), Math.max(y0, y1), z0, z0);
    this.box(Math.min(x0, x1), Math.max(x0, x1), y1, y1, z0, z0);
    this.box(x1, x1, y1, y1, Math.min(z0, z1), Math.max(z0, z1));
  }

  offsets(): Int8Array {
    return Int8Array.from([...this.cells.values()].flat());
  }

  private box(xLow: number, xHigh: number, yLow: number, yHigh: number, zLow: number, zHigh: number): void {
    for (let y = yLow >> 16; y <= (yHigh + HEIGHT_Q16 - 1) >> 16; y++)
      for (let z = (zLow - HALF_WIDTH_Q16) >> 16; z <= (zHigh + HALF_WIDTH_Q16 - 1) >> 16; z++)
        for (let x = (xLow - HALF_WIDTH_Q16) >> 16; x <= (xHigh + HALF_WIDTH_Q16 - 1) >> 16; x++)
          this.cells.set(`${x} ${y} ${z}`, [x - this.originX, y - this.originY, z - this.originZ]);
  }
}

/** Heading of a direction, radians: 0 is -z, positive counter-clockwise seen from above. */
export function headingOf(dx: number, dz: number): number {
  return Math.atan2(0 - dx, 0 - dz);
}
