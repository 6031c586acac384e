/**
 * The cells of a squad's lattice that leave no room, as the blocks are now, and whether they have changed. A cell that a clock opens and shuts is a wall while
 * it is shut only for a while: then it counts as open, and who comes waits before it.
 */
import type { Lattice } from '@kinovox/planning';
import type { AgentView } from '../agent-view.js';
import { Ground, type KeepOut } from '../navigation/ground.js';
import type { SquadKind } from './squad-kind.js';

/** Changes after which a cell that a clock opens and shuts counts as open. */
const MOST_CHANGES = 6;

export class SquadWalls {
  readonly #kind: SquadKind;
  readonly #view: AgentView;
  readonly #ground: Ground;
  readonly #lattice: Lattice;
  readonly #size: readonly [number, number, number];
  /** Layer of the lattice that is left to rovers; -1: none. */
  #layerOfOthers = -1;
  /** As last read, 1 = no room, the version of the map that they were read from, and the height of their ground in blocks. */
  #walls = new Uint8Array(0);
  #version = -1;
  #level = 0;
  /** How often each of those has changed in this episode, if a clock does it. */
  readonly #changes = new Map<number, number>();

  /** @param view of any member. @param size cells of the lattice along x, y, z; one along y where nobody flies. */
  constructor(kind: SquadKind, view: AgentView, lattice: Lattice, size: readonly [number, number, number]) {
    this.#kind = kind;
    this.#view = view;
    this.#ground = new Ground(view);
    this.#lattice = lattice;
    this.#size = size;
  }

  /**
   * An episode begins, or time has jumped.
   * @param levelOfOthers of quadcopters, who leave a layer to rovers: height in blocks at which those drive, or undefined.
   */
  reset(levelOfOthers: number | undefined): void {
    this.#layerOfOthers = levelOfOthers === undefined ? -1 : Math.floor(levelOfOthers / this.#lattice.cell);
    this.#walls = new Uint8Array(0);
    this.#version = -1;
    this.#changes.clear();
    for (const cell of this.#clocked()) this.#changes.set(cell, 0);
  }

  /** Whether cells that were free when last read are no longer, or the other way round; asked again, only for changes since. */
  hasChanged(): boolean {
    const { mapVersion } = this.#view;
    if (mapVersion === this.#version) return false;
    this.#version = mapVersion;
    if (this.#walls.length === 0) return false;
    const walls = this.#readAll();
    let changed = false;
    for (let i = 0; i < walls.length; i++) {
      if (walls[i] === this.#walls[i] || this.#comesAndGoes(i)) continue;
      const changes = this.#changes.get(i);
      if (changes !== undefined) this.#changes.set(i, changes + 1);
      changed = true;
    }
    this.#walls = walls;
    return changed;
  }

  /** `[Y, Z, X]` 1 = no way leads there; the caller's own. @param level height of the ground in blocks. @param keepOut of all members. */
  read(level: number, keepOut: KeepOut): Uint8Array<ArrayBuffer> {
    this.#ground.keepOut = keepOut;
    this.#level = level;
    this.#walls = this.#readAll();
    return this.#walls.map((wall, i) => (this.#comesAndGoes(i) ? 0 : wall));
  }

  /** Whether a clock has opened and shut the cell so often that ways no longer lead around it. */
  #comesAndGoes(cell: number): boolean {
    return this.#changes.get(cell) === MOST_CHANGES;
  }

  /** Cells in which blocks come and go by a clock alone. */
  #clocked(): number[] {
    const clocked = new Set<number>();
    const others: number[] = [];
    for (const { when, mode, effects } of this.#view.level?.mechanisms ?? []) {
      const triggers = 'all' in when ? when.all : when.any;
      const cells = effects.flatMap(({ region }) => this.#cellsOf(region));
      if (mode !== 'hold' || triggers.length > 1 || !('clock' in triggers[0])) others.push(...cells);
      else for (const cell of cells) clocked.add(cell);
    }
    for (const cell of others) clocked.delete(cell);
    return [...clocked];
  }

  /** Cells of the lattice that a region of blocks reaches into. */
  #cellsOf(region: readonly (readonly number[])[]): number[] {
    const cells: number[] = [];
    const [sizeX, sizeY, sizeZ] = this.#size;
    const [low, high] = region.map((corner) => corner.map((at) => Math.floor(at / this.#lattice.cell)));
    for (let y = sizeY === 1 ? 0 : low[1]; y <= (sizeY === 1 ? 0 : high[1]); y++)
      for (let z = low[2]; z <= high[2]; z++)
        for (let x = low[0]; x <= high[0]; x++) if (x < sizeX && y < sizeY && z < sizeZ) cells.push((y * sizeZ + z) * sizeX + x);
    return cells;
  }

  /** Cells that leave no room. */
  #readAll(): Uint8Array<ArrayBuffer> {
    const [sizeX, sizeY, sizeZ] = this.#size;
    const walls = new Uint8Array(sizeX * sizeY * sizeZ);
    for (let y = 0, i = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++, i++) walls[i] = this.#isFree(x, y, z, this.#level) ? 0 : 1;
    return walls;
  }

  /** Whether all blocks of a cell leave room, and on the ground hold a body up. */
  #isFree(x: number, y: number, z: number, level: number): boolean {
    const { cell } = this.#lattice;
    const flies = this.#kind === 'quadcopter';
    if (flies && this.#layerOfOthers === y) return false;
    for (let dz = 0; dz < cell; dz++)
      for (let dx = 0; dx < cell; dx++) {
        const [bx, bz] = [x * cell + dx, z * cell + dz];
        if (this.#kind === 'walker' && !this.#ground.isFooting(bx, level, bz)) return false;
        if (
          this.#kind === 'rover' &&
          (this.#ground.isKeptOut(bx, level, bz) || !this.#ground.isFree(bx, level, bz) || !this.#ground.isSolid(bx, level - 1, bz))
        )
          return false;
        for (let by = y * cell; flies && by < (y + 1) * cell; by++)
          if (!this.#ground.isFree(bx, by, bz) || this.#ground.isKeptOut(bx, by, bz)) return false;
      }
    return true;
  }
}
