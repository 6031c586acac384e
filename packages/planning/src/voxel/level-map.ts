/**
 * Where a library's moves can be made in a level: per cell and shape (what must be free, what must be ground) the ticks of digging that it takes, worked
 * out when first asked for and kept until an edit touches a cell that the answer read.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { isOrdinary, type Library } from './library.js';
import type { Primitive } from './primitives.js';
import type { WalkerLevel } from './walker-engine.js';

/** A set of cells that must be free and ground, and the moves that ask for exactly it. */
export interface Shape {
  readonly id: number;
  readonly dx: number;
  readonly dy: number;
  readonly dz: number;
  readonly free: Int8Array;
  readonly solid: Int8Array;
  /** Cells that the feet of all the moves pass. */
  feet: Int8Array;
  /** The last cell of `solid` is placed by the move. */
  readonly places: boolean;
  /** Some move begins at rest along an axis, so that cells may be dug before it. */
  readonly digs: boolean;
  readonly primitives: Primitive[];
  /** Ticks of the shortest of the moves. */
  least: number;
}

/** Answers of `cost`. */
export const IMPOSSIBLE = -1;
const UNKNOWN = -2;
/** Cells that a move may have to dig first. */
const MOST_DUG = 3;
const MOST_DIG_TICKS = 4000;
/** Largest level, cells. */
export const MAX_LEVEL_CELLS = 400_000;

const FREE = 1;
const GROUND = 2;
const WALL = 3;

export class LevelMap {
  readonly shapes: readonly Shape[];
  readonly numCells: number;
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  /** Answers worked out when first asked for, and again after edits. */
  computed = 0;
  renewed = 0;
  private readonly kinds: Uint8Array;
  private readonly voxels: Uint8Array;
  private readonly answers: Int16Array;
  private readonly digTicks: Int32Array;
  private readonly replaceable: Uint8Array;

  constructor(
    program: ScenarioProgram,
    library: Library,
    readonly level: WalkerLevel,
  ) {
    [this.sizeX, this.sizeY, this.sizeZ] = level.size;
    this.numCells = this.sizeX * this.sizeY * this.sizeZ;
    const { solid, liquid, climbable } = program.blocks;
    this.kinds = Uint8Array.from(solid, (flag, entry) =>
      flag === 0 ? (liquid[entry] === 0 && climbable[entry] === 0 ? FREE : 0) : isOrdinary(program, entry) ? GROUND : WALL,
    );
    this.digTicks = program.blocks.digTicks;
    this.replaceable = program.blocks.replaceable;
    this.voxels = level.voxels.slice();
    this.shapes = shapesOf(library.primitives);
    this.answers = new Int16Array(this.numCells * this.shapes.length).fill(UNKNOWN);
  }

  /** Palette indices as the map knows them. Read only. */
  get cells(): Uint8Array {
    return this.voxels;
  }

  cellOf(x: number, y: number, z: number): number {
    return (y * this.sizeZ + z) * this.sizeX + x;
  }

  /** Ticks of digging before a move of the shape can begin in the cell; 0 for none, IMPOSSIBLE where it cannot be made. */
  cost(x: number, y: number, z: number, shape: Shape): number {
    const at = this.cellOf(x, y, z) * this.shapes.length + shape.id;
    const known = this.answers[at];
    if (known !== UNKNOWN) return known;
    this.computed++;
    return (this.answers[at] = this.work(x, y, z, shape));
  }

  /** Whether a body can stand in the middle of the cell. */
  isFooting(x: number, y: number, z: number): boolean {
    return this.kind(x, y, z) === FREE && this.kind(x, y + 1, z) === FREE && this.kind(x, y - 1, z) === GROUND;
  }

  isGround(x: number, y: number, z: number): boolean {
    return this.kind(x, y, z) === GROUND;
  }

  /** Cells that must be dug before a move of the shape, nearest to the eye first: x, y, z each. */
  cellsToDig(x: number, y: number, z: number, { free }: Shape): number[] {
    const found: [number, number][] = [];
    for (let k = 0; k < free.length; k += 3)
      if (this.kind(x + free[k], y + free[k + 1], z + free[k + 2]) > FREE && !(free[k] === 0 && free[k + 2] === 0 && free[k + 1] <= 1)) {
        const [dx, dy, dz] = [free[k], free[k + 1] + 0.5 - 1.62, free[k + 2]];
        found.push([k, dx * dx + dy * dy + dz * dz]);
      }
    found.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    return found.flatMap(([k]) => [x + free[k], y + free[k + 1], z + free[k + 2]]);
  }

  digTicksAt(x: number, y: number, z: number): number {
    return this.digTicks[this.voxels[this.cellOf(x, y, z)]];
  }

  /**
   * Takes over the cells as they are now; works out anew only what read one that changed.
   * @returns how many cells changed, and whether a move that was known to be impossible, or dear, is now possible, or cheaper.
   */
  update(voxels: Uint8Array): { changed: number; opened: boolean } {
    const edited: number[] = [];
    for (let cell = 0; cell < this.numCells; cell++) {
      if (voxels[cell] === this.voxels[cell]) continue;
      this.voxels[cell] = voxels[cell];
      edited.push(cell);
    }
    let opened = false;
    for (const cell of edited) if (this.renew(cell)) opened = true;
    return { changed: edited.length, opened };
  }

  private renew(cell: number): boolean {
    const { sizeX, sizeZ, shapes } = this;
    const x = cell % sizeX;
    const z = Math.floor(cell / sizeX) % sizeZ;
    const y = Math.floor(cell / (sizeX * sizeZ));
    let opened = false;
    for (const shape of shapes)
      for (const offsets of [shape.free, shape.solid])
        for (let k = 0; k < offsets.length; k += 3) {
          // The start from which the shape reads the edited cell here.
          const [sx, sy, sz] = [x - offsets[k], y - offsets[k + 1], z - offsets[k + 2]];
          if (!this.isInside(sx, sy, sz)) continue;
          const at = this.cellOf(sx, sy, sz) * shapes.length + shape.id;
          const before = this.answers[at];
          if (before === UNKNOWN) continue;
          const now = this.work(sx, sy, sz, shape);
          this.answers[at] = now;
          this.renewed++;
          if (now !== IMPOSSIBLE && (before === IMPOSSIBLE || now < before)) opened = true;
        }
    return opened;
  }

  /**
   * Ticks of digging. A walker that begins a move is where it is: what it dug to get there, and the block that it placed under itself, are not in the level
   * yet, so its own cells count as free and the cell below as ground where one can be placed.
   */
  private work(x: number, y: number, z: number, shape: Shape): number {
    const { free, solid, places, digs } = shape;
    for (let k = 0; k < solid.length; k += 3) {
      const [sx, sy, sz] = [x + solid[k], y + solid[k + 1], z + solid[k + 2]];
      if (places && k === solid.length - 3) {
        if (!this.isInside(sx, sy, sz)) return IMPOSSIBLE;
        const cell = this.cellOf(sx, sy, sz);
        if (this.replaceable[this.voxels[cell]] !== 1 || hasBit(this.level.unbuildableCells, cell)) return IMPOSSIBLE;
      } else if (this.kind(sx, sy, sz) !== GROUND && !(isUnderStart(solid, k) && this.isOpen(sx, sy, sz))) return IMPOSSIBLE;
    }
    let dug = 0;
    let ticks = 0;
    for (let k = 0; k < free.length; k += 3) {
      const [fx, fy, fz] = [x + free[k], y + free[k + 1], z + free[k + 2]];
      const kind = this.kind(fx, fy, fz);
      if (kind === FREE || (kind >= GROUND && free[k] === 0 && free[k + 2] === 0 && free[k + 1] >= 0 && free[k + 1] <= 1)) continue;
      if (kind < GROUND || !digs || !this.isInside(fx, fy, fz) || ++dug > MOST_DUG) return IMPOSSIBLE;
      const cell = this.cellOf(fx, fy, fz);
      const one = this.digTicks[this.voxels[cell]];
      if (one < 0 || hasBit(this.level.protectedCells, cell)) return IMPOSSIBLE;
      ticks += Math.max(1, one);
    }
    return ticks > MOST_DIG_TICKS ? IMPOSSIBLE : ticks;
  }

  private isOpen(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && this.replaceable[this.voxels[this.cellOf(x, y, z)]] === 1;
  }

  /** Outside the world: wall at the sides and below, free above. */
  private kind(x: number, y: number, z: number): number {
    if (x < 0 || z < 0 || y < 0 || x >= this.sizeX || z >= this.sizeZ) return WALL;
    return y >= this.sizeY ? FREE : this.kinds[this.voxels[this.cellOf(x, y, z)]];
  }

  private isInside(x: number, y: number, z: number): boolean {
    return x >= 0 && y >= 0 && z >= 0 && x < this.sizeX && y < this.sizeY && z < this.sizeZ;
  }
}

function shapesOf(primitives: readonly Primitive[]): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const primitive of primitives) {
    const { dx, dy, dz, free, feet, solid, placeTick, ticks } = primitive;
    const cells = (offsets: Int8Array) =>
      [...Array(offsets.length / 3).keys()]
        .map((k) => offsets.subarray(3 * k, 3 * k + 3).join())
        .sort()
        .join(' ');
    const key = `${dx} ${dy} ${dz} ${placeTick >= 0} ${cells(free)} / ${cells(solid)}`;
    const digs =
      primitive.from === 0 &&
      (dx === 0 || dz === 0) &&
      (primitive.kind === 'walk' || primitive.kind === 'step-up' || primitive.kind === 'drop');
    const known = shapes.get(key);
    if (known === undefined)
      shapes.set(key, {
        id: shapes.size,
        dx,
        dy,
        dz,
        free,
        solid,
        feet,
        places: placeTick >= 0,
        digs,
        primitives: [primitive],
        least: ticks,
      });
    else {
      known.primitives.push(primitive);
      known.least = Math.min(known.least, ticks);
      known.feet = inBoth(known.feet, feet);
      if (digs) shapes.set(key, Object.assign(known, { digs }));
    }
  }
  return [...shapes.values()];
}

function inBoth(one: Int8Array, other: Int8Array): Int8Array {
  const triples = (cells: Int8Array) => [...Array(cells.length / 3).keys()].map((k) => cells.subarray(3 * k, 3 * k + 3));
  const others = new Set(triples(other).map((cell) => cell.join()));
  return Int8Array.from(triples(one).flatMap((cell) => (others.has(cell.join()) ? [...cell] : [])));
}

function isUnderStart(offsets: Int8Array, k: number): boolean {
  return offsets[k] === 0 && offsets[k + 1] === -1 && offsets[k + 2] === 0;
}

function hasBit(bits: Uint32Array | undefined, cell: number): boolean {
  return bits !== undefined && (bits[cell >> 5] & (1 << (cell & 31))) !== 0;
}
