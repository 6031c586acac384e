/** Digging blocks of a kind: the nearest is chosen, kept until it is gone, and left alone for a while when there is no way to it. */
import type { AgentView } from '../agent-view.js';
import type { Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';
import { type Cell, digCell, type WorkStatus } from './hands.js';
import { isExposed } from './sight.js';
import { holdToolFor } from './tools.js';

/** What a block that lies hidden costs more than one in the open, in steps. */
const BURIED = 10;
/** Ticks for which a block without a way to it is left alone. */
const LEAVE_TICKS = 400;
/** Ticks for which one block is worked at, the way there included. */
const PATIENCE = 600;
/** Blocks without a way in a row after which the kind is given up for now: each took a search of all there is. */
const MOST_FAILURES = 3;

export class Quarry {
  readonly #view: AgentView;
  readonly #navigator: Navigator;
  #target: Cell | undefined;
  #block = 0;
  #chosenAt = 0;
  #failures = 0;
  /** Cell -> tick until which it is left alone. */
  readonly #left = new Map<number, number>();

  constructor(view: AgentView, navigator: Navigator) {
    this.#view = view;
    this.#navigator = navigator;
  }

  reset(): void {
    this.#target = undefined;
    this.#failures = 0;
    this.#left.clear();
  }

  /** The block that it is at. */
  get target(): Cell | undefined {
    return this.#target;
  }

  /** One tick of digging the nearest block of these palette entries to which there is a way. */
  dig(c: Controls, blocks: readonly number[]): WorkStatus {
    const view = this.#view;
    let target = this.#target;
    if (target !== undefined && (!blocks.includes(this.#block) || view.blockAt(...target) !== this.#block)) target = undefined;
    if (target !== undefined && view.tick - this.#chosenAt > PATIENCE) {
      this.#leave(target);
      target = undefined;
    }
    if (target === undefined) {
      target = this.#nearest(blocks);
      this.#chosenAt = view.tick;
      if (target !== undefined) this.#block = view.blockAt(...target);
    }
    this.#target = target;
    if (target === undefined) {
      c.displace(0, 0, false);
      return 'blocked';
    }
    holdToolFor(c, this.#block);
    if (digCell(c, this.#navigator, target) !== 'blocked') {
      this.#failures = 0;
      return 'working';
    }
    this.#leave(target);
    this.#target = undefined;
    if (++this.#failures < MOST_FAILURES) return 'working';
    this.#failures = 0;
    return 'blocked';
  }

  #leave([x, y, z]: Cell): void {
    this.#left.set(this.#navigator.ground.cell(x, y, z), this.#view.tick + LEAVE_TICKS);
  }

  /** Nearest cell with one of these palette entries that may be dug; of equals the least cell. */
  #nearest(blocks: readonly number[]): Cell | undefined {
    const view = this.#view;
    const { voxels, sizeX, sizeZ } = view;
    const [px, py, pz] = [view.x(), view.y(), view.z()];
    const wanted = new Uint8Array(view.palette.names.length);
    for (const block of blocks) if (view.blocks.digTicks[block] >= 0) wanted[block] = 1;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < voxels.length; cell++) {
      if (wanted[voxels[cell]] === 0) continue;
      const x = cell % sizeX;
      const row = (cell - x) / sizeX;
      const z = row % sizeZ;
      const y = (row - z) / sizeZ;
      let distance = Math.abs(x + 0.5 - px) + Math.abs(z + 0.5 - pz) + 2 * Math.abs(y + 0.5 - py);
      if (distance >= least || !view.mayDigAt(x, y, z) || (this.#left.get(cell) ?? -1) > view.tick) continue;
      if (!isExposed(view, x, y, z)) distance += BURIED;
      if (distance >= least) continue;
      least = distance;
      best = [x, y, z];
    }
    return best;
  }
}
