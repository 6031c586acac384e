/**
 * Greedy meshing of one chunk: visible faces from bit masks along each axis, merged into rectangles of equal look and occlusion.
 * Data flow: padded cells -> column masks per axis -> face masks per slice -> rectangles -> quads.
 * A face is drawn unless its neighbour is opaque, or is the same translucent block.
 * Source: greedy merging after M. Lysenko, "Meshing in a Minecraft Game" (2012); ambient occlusion of corners after the same author's
 * "Ambient occlusion for Minecraft-like worlds" (2013).
 */
import { CHUNK, PADDED, PADDED_CELLS } from './chunk.js';
import { MeshBuffers, type MeshData } from './mesh-buffers.js';
import { FIRST_THIN, LOOK, LOOK_COLUMNS, SHAPE } from './shapes.js';
import { addThinShape } from './thin-shapes.js';

export interface ChunkMesh {
  /** Opaque and cut-out faces. */
  opaque: MeshData;
  /** Glass, ice and liquids. */
  translucent: MeshData;
}

/** Steps in padded cells along x, y, z. */
const STRIDE = [1, PADDED * PADDED, PADDED] as const;
/** Per normal axis: the axes u and v of its slices; v is up on the sides. */
const U_AXIS = [2, 0, 0] as const;
const V_AXIS = [1, 2, 1] as const;
/** Whether u x v points along the axis. */
const RIGHT_HANDED = [false, false, true] as const;
/** Bits 1..16 of a column: the cells of the chunk itself. */
const INNER = 0x1fffe;
/** How much lower a liquid's surface lies than its cell, in blocks. */
const SURFACE_DROP = 2 / 16;
const SURFACE_FLAG = 1 << 16;

/** @param padded cells of `copyPadded`. @param looks `[P, LOOK_COLUMNS]` of `createLooks`. */
export function meshChunk(padded: Uint8Array, looks: Uint16Array): ChunkMesh {
  const opaque = new MeshBuffers();
  const translucent = new MeshBuffers();
  const shapes = Uint8Array.from(padded, (index) => looks[index * LOOK_COLUMNS + LOOK.shape]);
  const opaqueColumns = columnsOf((cell) => shapes[cell] === SHAPE.opaque);
  meshCubes({ padded, shapes, looks, owner: opaqueColumns, blocker: opaqueColumns, out: opaque });
  for (const index of seeThroughKinds(padded, shapes)) {
    const owner = columnsOf((cell) => padded[cell] === index);
    const blocker = owner.map((column, i) => column | opaqueColumns[i]);
    const out = looks[index * LOOK_COLUMNS + LOOK.shape] === SHAPE.cutout ? opaque : translucent;
    meshCubes({ padded, shapes, looks, owner, blocker, out });
  }
  forInnerCells((cell, x, y, z) => {
    if (shapes[cell] >= FIRST_THIN)
      addThinShape(opaque, shapes, cell, x, y, z, looks.subarray(padded[cell] * LOOK_COLUMNS, (padded[cell] + 1) * LOOK_COLUMNS));
  });
  return { opaque: opaque.finish(), translucent: translucent.finish() };
}

interface CubePass {
  padded: Uint8Array;
  shapes: Uint8Array;
  looks: Uint16Array;
  /** Column masks of the cells whose faces are drawn. */
  owner: Uint32Array;
  /** Column masks of the cells that hide them. */
  blocker: Uint32Array;
  out: MeshBuffers;
}

const COLUMNS_PER_AXIS = PADDED * PADDED;

/** Bit masks of cells along each axis: word `axis * 324 + v * 18 + u`, bit = padded coordinate along the axis. */
function columnsOf(includes: (cell: number) => boolean): Uint32Array {
  const columns = new Uint32Array(3 * COLUMNS_PER_AXIS);
  let cell = 0;
  for (let y = 0; y < PADDED; y++) {
    for (let z = 0; z < PADDED; z++) {
      for (let x = 0; x < PADDED; x++, cell++) {
        if (!includes(cell)) continue;
        columns[y * PADDED + z] |= 1 << x;
        columns[COLUMNS_PER_AXIS + z * PADDED + x] |= 1 << y;
        columns[2 * COLUMNS_PER_AXIS + y * PADDED + x] |= 1 << z;
      }
    }
  }
  return columns;
}

function seeThroughKinds(padded: Uint8Array, shapes: Uint8Array): number[] {
  const kinds = new Set<number>();
  for (let cell = 0; cell < PADDED_CELLS; cell++) if (shapes[cell] >= SHAPE.cutout && shapes[cell] < FIRST_THIN) kinds.add(padded[cell]);
  return [...kinds].sort((a, b) => a - b);
}

function forInnerCells(visit: (cell: number, x: number, y: number, z: number) => void): void {
  for (let y = 0; y < CHUNK; y++)
    for (let z = 0; z < CHUNK; z++) for (let x = 0; x < CHUNK; x++) visit(((y + 1) * PADDED + z + 1) * PADDED + x + 1, x, y, z);
}

function meshCubes(pass: CubePass): void {
  /** `[slice, v]` faces by bit u, all in padded coordinates. */
  const rows = new Uint32Array(PADDED * PADDED);
  for (let axis = 0; axis < 3; axis++) {
    for (const sign of [1, -1] as const) {
      if (!collectFaces(pass, axis, sign, rows)) continue;
      for (let slice = 1; slice <= CHUNK; slice++) mergeSlice(pass, axis, sign, slice, rows.subarray(slice * PADDED, (slice + 1) * PADDED));
    }
  }
}

/** Fills `rows` with the visible faces of one direction; false when there are none. */
function collectFaces({ owner, blocker }: CubePass, axis: number, sign: 1 | -1, rows: Uint32Array): boolean {
  rows.fill(0);
  let any = 0;
  for (let v = 1; v <= CHUNK; v++) {
    for (let u = 1; u <= CHUNK; u++) {
      const column = axis * COLUMNS_PER_AXIS + v * PADDED + u;
      const hidden = sign > 0 ? blocker[column] >>> 1 : blocker[column] << 1;
      let faces = owner[column] & ~hidden & INNER;
      any |= faces;
      while (faces !== 0) {
        const slice = 31 - Math.clz32(faces & -faces);
        faces &= faces - 1;
        rows[slice * PADDED + v] |= 1 << u;
      }
    }
  }
  return any !== 0;
}

/** Merges the faces of one slice into rectangles; consumes `rows`. */
function mergeSlice(pass: CubePass, axis: number, sign: 1 | -1, slice: number, rows: Uint32Array): void {
  const u1 = STRIDE[U_AXIS[axis]];
  const v1 = STRIDE[V_AXIS[axis]];
  const keyAt = (u: number, v: number) => faceKey(pass, slice * STRIDE[axis] + u * u1 + v * v1, axis, sign);
  for (let v = 1; v <= CHUNK; v++) {
    while (rows[v] !== 0) {
      const u = 31 - Math.clz32(rows[v] & -rows[v]);
      const key = keyAt(u, v);
      let width = 1;
      if (mergesAlongU(key)) while (rows[v] & (1 << (u + width)) && keyAt(u + width, v) === key) width++;
      const bits = ((1 << width) - 1) << u;
      rows[v] &= ~bits;
      let height = 1;
      if (mergesAlongV(key, axis)) {
        while (v + height <= CHUNK && (rows[v + height] & bits) === bits && rowHasKey(keyAt, u, v + height, width, key)) {
          rows[v + height] &= ~bits;
          height++;
        }
      }
      addRectangle(pass, axis, sign, slice, u, v, width, height, key);
    }
  }
}

function rowHasKey(keyAt: (u: number, v: number) => number, u: number, v: number, width: number, key: number): boolean {
  for (let i = 0; i < width; i++) if (keyAt(u + i, v) !== key) return false;
  return true;
}

/** Palette index, the occlusion of corners 00, 10, 11, 01 in two bits each from bit 8, and SURFACE_FLAG where a liquid has its surface. */
function faceKey({ padded, shapes }: CubePass, cell: number, axis: number, sign: 1 | -1): number {
  const front = cell + sign * STRIDE[axis];
  const u = STRIDE[U_AXIS[axis]];
  const v = STRIDE[V_AXIS[axis]];
  const hides = (at: number) => (shapes[at] === SHAPE.opaque ? 1 : 0);
  const left = hides(front - u);
  const right = hides(front + u);
  const low = hides(front - v);
  const high = hides(front + v);
  const surface = shapes[cell] === SHAPE.liquid && padded[cell + STRIDE[1]] !== padded[cell] ? SURFACE_FLAG : 0;
  return (
    padded[cell] |
    (cornerLight(left, low, hides(front - u - v)) << 8) |
    (cornerLight(right, low, hides(front + u - v)) << 10) |
    (cornerLight(right, high, hides(front + u + v)) << 12) |
    (cornerLight(left, high, hides(front - u + v)) << 14) |
    surface
  );
}

/** Light left at a corner, 0..3, from the three cells around it in front of the face. */
export function cornerLight(side0: number, side1: number, corner: number): number {
  return side0 && side1 ? 0 : 3 - side0 - side1 - corner;
}

const corner = (key: number, i: number) => (key >> (8 + 2 * i)) & 3;

/** Stretching a face along u is right only when its occlusion does not change along u. */
function mergesAlongU(key: number): boolean {
  return corner(key, 0) === corner(key, 1) && corner(key, 3) === corner(key, 2);
}

function mergesAlongV(key: number, axis: number): boolean {
  if (key & SURFACE_FLAG && V_AXIS[axis] === 1) return false;
  return corner(key, 0) === corner(key, 3) && corner(key, 1) === corner(key, 2);
}

function addRectangle(
  { looks, out }: CubePass,
  axis: number,
  sign: 1 | -1,
  slice: number,
  u: number,
  v: number,
  width: number,
  height: number,
  key: number,
): void {
  const uAxis = U_AXIS[axis];
  const vAxis = V_AXIS[axis];
  const surface = (key & SURFACE_FLAG) !== 0;
  const low = [0, 0, 0];
  low[axis] = slice - 1 + (sign > 0 ? 1 : 0) - (surface && axis === 1 && sign > 0 ? SURFACE_DROP : 0);
  low[uAxis] = u - 1;
  low[vAxis] = v - 1;
  const tall = height - (surface && vAxis === 1 ? SURFACE_DROP : 0);
  const outward = RIGHT_HANDED[axis] === sign > 0;
  // Corners 00, 10, 11, 01, or the other way round so that they run counter-clockwise as seen from outside.
  const order = outward ? [0, 1, 2, 3] : [0, 3, 2, 1];
  const corners: number[] = [];
  const uvs: number[] = [];
  const occlusion: number[] = [];
  for (const i of order) {
    const point = [...low];
    const du = i === 1 || i === 2 ? width : 0;
    const dv = i >= 2 ? tall : 0;
    point[uAxis] += du;
    point[vAxis] += dv;
    corners.push(...point);
    uvs.push(du, dv);
    occlusion.push(corner(key, i));
  }
  const normal: [number, number, number] = [0, 0, 0];
  normal[axis] = sign;
  const look = (key & 255) * LOOK_COLUMNS;
  const layer = looks[look + (axis !== 1 ? LOOK.side : sign > 0 ? LOOK.top : LOOK.bottom)];
  out.quad(corners, normal, uvs, layer, occlusion, looks[look + LOOK.glow] / 255);
}
