/**
 * One ray through a scene: the nearest body, then the voxels before it by the grid traversal of Amanatides & Woo (Eurographics 1987), all in i32.
 * Crossing times are Q16 blocks: the time across a cell is one division, and the first crossing its share of that.
 * Error: each crossing adds up to one unit, so that depths are within 1 mm after 64 blocks. Directions are of unit length, so times are distances.
 * Mirrored scenes give mirrored rays: crossings at one time go x, y, z, and a cell on whose face the ray starts is entered at time 0.
 */
import { mix32, mulQ14 } from '@kinovox/world';
import { HOLE_ALPHA, TEXTURE_FACES, TEXTURE_LEVELS, TEXTURE_WORDS } from './block-textures.js';
import { LOOK } from './looks.js';
import { BODY, BODY_COLUMNS, COUNT, EYE, type Scene } from './scene.js';

/** Words of `Scene.hit`. A body's index is in `palette`, counted from 0. The veil is what clear blocks before the hit add: share left of what is behind, Q8, and colour. */
export const HIT = { kind: 0, palette: 1, face: 2, time: 3, x: 4, y: 5, z: 6, texel: 7, left: 8, veilR: 9, veilG: 10, veilB: 11 } as const;
export const HIT_KIND = { none: 0, block: 1, body: 2 } as const;
/** A crossing that no ray reaches. */
export const NEVER = 0x40000000;

/** Traces a ray of direction (dx, dy, dz), Q14, from the eye of world w into `s.hit`: every body is looked at, then every cell on the way. */
export function traceRay(s: Scene, w: number, dx: number, dy: number, dz: number): void {
  let limit = clearHit(s);
  const { eye, bodies } = s;
  for (let b = 0, n = s.counts[COUNT.bodies]; b < n; b++)
    if (bodies[b * BODY_COLUMNS + BODY.id] !== eye[EYE.self]) limit = meetBody(s, b, dx, dy, dz, limit);
  const deltaX = timeAcross(dx);
  const deltaY = timeAcross(dy);
  const deltaZ = timeAcross(dz);
  march(
    s,
    w,
    dx,
    dy,
    dz,
    startCell(eye[0], dx),
    startCell(eye[1], dy),
    startCell(eye[2], dz),
    firstCrossing(eye[0], dx, deltaX),
    firstCrossing(eye[1], dy, deltaY),
    firstCrossing(eye[2], dz, deltaZ),
    deltaX,
    deltaY,
    deltaZ,
    s.eye[EYE.palette],
    limit,
  );
}

/** Empties `s.hit`. @returns how far to look. */
export function clearHit(s: Scene): number {
  const { hit } = s;
  hit[HIT.kind] = HIT_KIND.none;
  hit[HIT.left] = 256;
  hit[HIT.veilR] = 0;
  hit[HIT.veilG] = 0;
  hit[HIT.veilB] = 0;
  return s.rangeQ16;
}

/** Looks whether body b is met within `limit`. @returns the time of the nearest so far. */
export function meetBody(s: Scene, b: number, dx: number, dy: number, dz: number, limit: number): number {
  const { bodies, hit, met } = s;
  const at = b * BODY_COLUMNS;
  if (meetBox(s, dx, dy, dz, bodies[at], bodies[at + 1], bodies[at + 2], bodies[at + 3], bodies[at + 4], bodies[at + 5]) === 0)
    return limit;
  // The first of two at one time keeps it.
  if (met[0] > limit || (hit[HIT.kind] === HIT_KIND.body && met[0] === limit)) return limit;
  hit[HIT.kind] = HIT_KIND.body;
  hit[HIT.palette] = b;
  hit[HIT.face] = met[1];
  hit[HIT.time] = met[0];
  return met[0];
}

/** Cell of a coordinate; on a boundary, the cell that the ray comes from. */
export function startCell(p: number, d: number): number {
  return d > 0 && (p & 65535) === 0 ? (p >> 16) - 1 : p >> 16;
}

/** Q16 time across a cell at speed |d| Q14. */
export function timeAcross(d: number): number {
  return d === 0 ? NEVER : Math.trunc(1073741824 / (d < 0 ? 0 - d : d));
}

/** Q16 time to the first boundary: its share of `across`. Bound: 65535 * 2^14 + 2^16 stays below 2^30 + 2^16. */
export function firstCrossing(p: number, d: number, across: number): number {
  if (d === 0) return NEVER;
  const part = d > 0 ? (0 - p) & 65535 : p & 65535;
  return (Math.imul(part, across >>> 16) + (Math.imul(part, across & 65535) >>> 16)) | 0;
}

/** Walks from cell (x, y, z) to the first surface within `limit`; leaves `s.hit` as it is where there is none. */
export function march(
  s: Scene,
  w: number,
  dx: number,
  dy: number,
  dz: number,
  x: number,
  y: number,
  z: number,
  nextX: number,
  nextY: number,
  nextZ: number,
  deltaX: number,
  deltaY: number,
  deltaZ: number,
  within: number,
  limit: number,
): void {
  const { sizeX, sizeY, sizeZ } = s;
  const { voxels } = s.state;
  const { look } = s.looks;
  const base = w * s.state.cellsPerWorld;
  const stepX = dx < 0 ? -1 : 1;
  const stepY = dy < 0 ? -1 : 1;
  const stepZ = dz < 0 ? -1 : 1;
  for (;;) {
    let time = 0;
    let face = 0;
    if (nextX <= nextY && nextX <= nextZ) {
      time = nextX;
      x += stepX;
      nextX += deltaX;
      face = dx > 0 ? 0 : 1;
      if (dx > 0 ? x >= sizeX : x < 0) return;
    } else if (nextY <= nextZ) {
      time = nextY;
      y += stepY;
      nextY += deltaY;
      face = dy > 0 ? 2 : 3;
      if (dy > 0 ? y >= sizeY : y < 0) return;
    } else {
      time = nextZ;
      z += stepZ;
      nextZ += deltaZ;
      face = dz > 0 ? 4 : 5;
      if (dz > 0 ? z >= sizeZ : z < 0) return;
    }
    if (time > limit) return;
    if (x < 0 || x >= sizeX || y < 0 || y >= sizeY || z < 0 || z >= sizeZ) continue;
    const p = voxels[base + Math.imul(Math.imul(y, sizeZ) + z, sizeX) + x];
    const kind = look[p];
    if (kind === LOOK.none) {
      within = 0;
      continue;
    }
    if (kind === LOOK.cube) {
      keepBlock(s, p, face, time, x, y, z);
      s.hit[HIT.texel] = -1;
      return;
    }
    if (kind === LOOK.clear) {
      if (p !== within && s.wantsColor) addVeil(s, p, face, time, x, y, z, dx, dy, dz);
      within = p;
      continue;
    }
    within = 0;
    if (meetThing(s, kind, p, face, time, x, y, z, dx, dy, dz, limit) === 1) return;
  }
}

function keepBlock(s: Scene, p: number, face: number, time: number, x: number, y: number, z: number): void {
  const { hit } = s;
  hit[HIT.kind] = HIT_KIND.block;
  hit[HIT.palette] = p;
  hit[HIT.face] = face;
  hit[HIT.time] = time;
  hit[HIT.x] = x;
  hit[HIT.y] = y;
  hit[HIT.z] = z;
}

/** Whether a thing that does not fill its cell is met in it. */
function meetThing(
  s: Scene,
  kind: number,
  p: number,
  face: number,
  time: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  limit: number,
): number {
  if (kind === LOOK.holes) {
    const texel = texelAt(s, p, face, time, x, y, z, dx, dy, dz);
    if (texel >>> 24 < HOLE_ALPHA) return 0;
    keepBlock(s, p, face, time, x, y, z);
    s.hit[HIT.texel] = texel;
    return 1;
  }
  if (kind === LOOK.box) {
    const { box } = s.looks;
    const at = 6 * p;
    const cx = x << 16;
    const cy = y << 16;
    const cz = z << 16;
    if (
      meetBox(s, dx, dy, dz, cx + box[at], cy + box[at + 1], cz + box[at + 2], cx + box[at + 3], cy + box[at + 4], cz + box[at + 5]) === 0
    )
      return 0;
    if (s.met[0] > limit) return 0;
    keepBlock(s, p, s.met[1], s.met[0], x, y, z);
    s.hit[HIT.texel] = -1;
    return 1;
  }
  return meetPlant(s, p, face, time, x, y, z, dx, dy, dz, limit);
}

/** The two crossed planes of a plant, from the place where the ray entered its cell. */
function meetPlant(
  s: Scene,
  p: number,
  face: number,
  time: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  limit: number,
): number {
  const lx = s.eye[0] + mulQ14(time, dx) - (x << 16);
  const ly = s.eye[1] + mulQ14(time, dy) - (y << 16);
  const lz = s.eye[2] + mulQ14(time, dz) - (z << 16);
  // Off each plane: x = z and x + z = 1.
  const first = planeTime(lx - lz, dx - dz);
  const second = planeTime(lx + lz - 65536, dx + dz);
  const near = first < second ? first : second;
  const far = first < second ? second : first;
  if (meetBlade(s, p, near, lx, ly, lz, dx, dy, dz, time, limit, face, x, y, z) === 1) return 1;
  return meetBlade(s, p, far, lx, ly, lz, dx, dy, dz, time, limit, face, x, y, z);
}

/** Time until `off` Q16 is gone at `rate` Q14; NEVER when it grows. Bound: |off| <= 2^16 + 2^11, times 2^14 below 2^31. */
function planeTime(off: number, rate: number): number {
  if (rate === 0 || off > 65536 || off < -65536) return NEVER;
  if (off === 0) return 0;
  if (off > 0 === rate > 0) return NEVER;
  return Math.trunc(((off < 0 ? 0 - off : off) << 14) / (rate < 0 ? 0 - rate : rate));
}

function meetBlade(
  s: Scene,
  p: number,
  after: number,
  lx: number,
  ly: number,
  lz: number,
  dx: number,
  dy: number,
  dz: number,
  time: number,
  limit: number,
  face: number,
  x: number,
  y: number,
  z: number,
): number {
  if (after > 131072 || time + after > limit) return 0;
  const u = lx + mulQ14(after, dx);
  const v = ly + mulQ14(after, dy);
  const across = lz + mulQ14(after, dz);
  if (u < 0 || u > 65535 || v < 0 || v > 65535 || across < 0 || across > 65535) return 0;
  const texel = readTexel(s, p, 1, u, v, time);
  if (texel >>> 24 < HOLE_ALPHA) return 0;
  keepBlock(s, p, face, time + after, x, y, z);
  s.hit[HIT.texel] = texel;
  return 1;
}

/** Lays the colour of a clear block's face over what is behind it. */
function addVeil(
  s: Scene,
  p: number,
  face: number,
  time: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
): void {
  const { hit } = s;
  const texel = texelAt(s, p, face, time, x, y, z, dx, dy, dz);
  const share = Math.imul(hit[HIT.left], texel >>> 24) >> 8;
  const lit = Math.imul(share, s.day.faceLight[face]) >> 8;
  hit[HIT.veilR] += Math.imul((texel >> 16) & 255, lit) >> 8;
  hit[HIT.veilG] += Math.imul((texel >> 8) & 255, lit) >> 8;
  hit[HIT.veilB] += Math.imul(texel & 255, lit) >> 8;
  hit[HIT.left] -= share;
}

/** Texel of face `face` of block p in cell (x, y, z), where a ray meets it at `time`. */
export function texelAt(
  s: Scene,
  p: number,
  face: number,
  time: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const lx = within16(s.eye[0] + mulQ14(time, dx) - (x << 16));
  const lz = within16(s.eye[2] + mulQ14(time, dz) - (z << 16));
  if (face === 2 || face === 3) {
    // One of eight ways to lie, by the cell.
    const way = s.looks.turns[p] === 1 ? mix32((Math.imul(x, 73856093) ^ Math.imul(z, 19349663)) | 0) & 7 : 0;
    const u = (way & 1) !== 0 ? 65535 - lx : lx;
    const v = (way & 2) !== 0 ? 65535 - lz : lz;
    return readTexel(s, p, face === 3 ? 0 : 2, (way & 4) !== 0 ? v : u, (way & 4) !== 0 ? u : v, time);
  }
  const ly = within16(s.eye[1] + mulQ14(time, dy) - (y << 16));
  return readTexel(s, p, 1, face < 2 ? lz : lx, ly, time);
}

/** Texel (u, v), Q16 of a face, as coarse as a pixel is wide at `time`. Bound: time >> 10 below 2^12, spread below 2^18. */
function readTexel(s: Scene, p: number, side: number, u: number, v: number, time: number): number {
  const pixel = Math.imul(time >> 10, s.spreadQ16) >> 6;
  let level = 0;
  let at = Math.imul(Math.imul(p, TEXTURE_FACES) + side, TEXTURE_WORDS);
  while (level < TEXTURE_LEVELS - 1 && pixel > 6144 << level) {
    at += 256 >> (2 * level);
    level++;
  }
  return s.textures[at + ((v >> (12 + level)) << (4 - level)) + (u >> (12 + level))];
}

function within16(v: number): number {
  return v < 0 ? 0 : v > 65535 ? 65535 : v;
}

/**
 * Where the ray from the eye enters a box, by slabs: time and face into `s.met`. A box that holds the eye is not met.
 * @returns 1 when it is met within 64 blocks.
 */
function meetBox(
  s: Scene,
  dx: number,
  dy: number,
  dz: number,
  x0: number,
  y0: number,
  z0: number,
  x1: number,
  y1: number,
  z1: number,
): number {
  const { eye, met } = s;
  const nearX = dx > 0 ? x0 - eye[0] : eye[0] - x1;
  const nearY = dy > 0 ? y0 - eye[1] : eye[1] - y1;
  const nearZ = dz > 0 ? z0 - eye[2] : eye[2] - z1;
  // Nothing to divide for a box behind the eye or around it.
  if (nearX <= 0 && nearY <= 0 && nearZ <= 0) return 0;
  const farX = dx > 0 ? x1 - eye[0] : eye[0] - x0;
  const farY = dy > 0 ? y1 - eye[1] : eye[1] - y0;
  const farZ = dz > 0 ? z1 - eye[2] : eye[2] - z0;
  if (farX < 0 || farY < 0 || farZ < 0) return 0;
  const inX = timeTo(nearX, dx);
  const inY = timeTo(nearY, dy);
  const inZ = timeTo(nearZ, dz);
  const enter = inX >= inY && inX >= inZ ? inX : inY >= inZ ? inY : inZ;
  if (enter >= FAR || enter > timeTo(farX, dx) || enter > timeTo(farY, dy) || enter > timeTo(farZ, dz)) return 0;
  met[0] = enter;
  met[1] = enter === inX ? (dx > 0 ? 0 : 1) : enter === inY ? (dy > 0 ? 2 : 3) : dz > 0 ? 4 : 5;
  return 1;
}

/** 64 blocks. */
const FAR = 1 << 22;

/** Q16 time to go `distance` Q16 at speed |d| Q14; FAR for 64 blocks and more, and 0 for what lies behind. Exact: the quotient, then that of the rest. */
function timeTo(distance: number, d: number): number {
  if (distance <= 0) return 0;
  const speed = d < 0 ? 0 - d : d;
  if (distance >= speed << 8) return FAR;
  const whole = Math.trunc(distance / speed);
  return (whole << 14) + Math.trunc(((distance - Math.imul(whole, speed)) << 14) / speed);
}
