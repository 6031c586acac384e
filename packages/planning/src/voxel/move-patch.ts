/** The small patch on which moves are rolled out: nothing but the cells that a move stands on. */
import type { ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, INVENTORY_SLOTS } from '@kinovox/world';
import { BLOCK, type ClassSpeeds, HALF, misses, type SweptCells, standingWords } from './primitives.js';
import { FIRST_ITEM, WALKER_WORDS, WalkerEngine } from './walker-engine.js';

/** Side and height of the patch, and where moves begin in it. */
const SIDE = 15;
const HEIGHT = 12;
export const ORIGIN = [7, 6, 7] as const;

/** Cells from where a move begins. */
export type Offset = readonly [number, number, number];

/** What a move passes, as `Primitive` has it. */
export interface Passed {
  readonly swept: SweptCells;
  readonly feet: Map<string, Offset>;
  readonly path: Int32Array;
}

export class MovePatch {
  readonly engine: WalkerEngine;
  private readonly voxels = new Uint8Array(SIDE * HEIGHT * SIDE);
  private readonly words = new Int32Array(WALKER_WORDS);

  /** @param ground palette entry of what is stood on. @param item that places it, one of which is carried; 0 or less: none. */
  constructor(
    program: ScenarioProgram,
    slot: number,
    private readonly ground: number,
    private readonly item: number,
    private readonly speeds: ClassSpeeds,
  ) {
    this.engine = new WalkerEngine(program, slot, { size: [SIDE, HEIGHT, SIDE], voxels: this.voxels });
  }

  /** Whether recorded controls lead from the exact start to the exact end, in classes of motion. @param passed filled with what is passed. */
  ends(from: number, to: number, end: Offset, actions: Float32Array, solids: readonly Offset[], passed?: Passed): boolean {
    const { engine } = this;
    this.begin(from, solids);
    for (let at = 0; at < actions.length; at += ACTION_FIELDS) {
      const [x, y, z] = [engine.word('posX'), engine.word('posY'), engine.word('posZ')];
      engine.step(actions.subarray(at, at + ACTION_FIELDS));
      const [atX, atY, atZ] = [engine.word('posX'), engine.word('posY'), engine.word('posZ')];
      if (passed === undefined) continue;
      passed.swept.add(x, y, z, atX, atY, atZ);
      const cell: Offset = [(atX >> 16) - ORIGIN[0], (atY >> 16) - ORIGIN[1], (atZ >> 16) - ORIGIN[2]];
      passed.feet.set(cell.join(), cell);
      const start = [ORIGIN[0] * BLOCK + HALF, ORIGIN[1] * BLOCK, ORIGIN[2] * BLOCK + HALF];
      passed.path.set([atX - start[0], atY - start[1], atZ - start[2]], (3 * at) / ACTION_FIELDS);
    }
    return misses(engine, ORIGIN[0] + end[0], ORIGIN[1] + end[1], ORIGIN[2] + end[2], this.speeds[to]) === undefined;
  }

  /** Puts the body to the start, at the speed of a class. */
  begin(from: number, solids: readonly Offset[]): void {
    this.voxels.fill(0);
    for (const [x, y, z] of solids) this.voxels[((ORIGIN[1] + y) * SIDE + ORIGIN[2] + z) * SIDE + ORIGIN[0] + x] = this.ground;
    standingWords(this.words, ...ORIGIN, this.speeds[from]);
    this.words[FIRST_ITEM] = Math.max(0, this.item);
    this.words[FIRST_ITEM + INVENTORY_SLOTS] = this.item > 0 ? 1 : 0;
    this.engine.begin(this.words, this.voxels);
  }
}
