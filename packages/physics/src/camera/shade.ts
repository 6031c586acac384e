/** Colour of a traced ray, 0xRRGGBB: texture or body, light of sun, sky and lamps, fog, and the veil of what is seen through. */
import { mulQ14 } from '@kinovox/world';
import { blend, DAY, skyColor } from './day.js';
import { BODY, BODY_COLUMNS, BODY_KIND, COUNT, EYE, LAMP_COLUMNS, type Scene } from './scene.js';
import { HIT, HIT_KIND, texelAt } from './trace.js';

/** Least light of a block that glows, Q8: it is as bright by night as by day. */
const FULL_LIGHT_Q8 = 256;
/** Colour and reach of water around the eye: what it does to blocks farther than this, Q16, is full. */
const WATER_COLOR = 0x1f4f9e;
const WATER_REACH = 16 << 16;
const SKIN = 0xd9a77f;
const HAIR = 0x4a3524;
const EYE_COLOR = 0x16161a;

/** Colour of the ray (dx, dy, dz), Q14, whose result is in `s.hit`. */
export function shadeRay(s: Scene, w: number, dx: number, dy: number, dz: number): number {
  const { hit, day } = s;
  const kind = hit[HIT.kind];
  const time = kind === HIT_KIND.none ? s.rangeQ16 : hit[HIT.time];
  let color =
    kind === HIT_KIND.block ? blockColor(s, w, dx, dy, dz) : kind === HIT_KIND.body ? bodyColor(s, dx, dy, dz) : skyColor(day, dx, dy, dz);
  // Fog: from two fifths of the range on, growing with the square of the rest, so that surfaces fade before they end.
  const start = Math.trunc((s.rangeQ16 * 2) / 5);
  if (kind !== HIT_KIND.none && time > start) {
    const t = Math.trunc((((time - start) >> 6) << 8) / ((s.rangeQ16 - start) >> 6));
    color = blend(color, day.sky[fogEntry(dy)], Math.imul(t, t) >> 8);
  }
  const left = hit[HIT.left];
  if (left < 256) {
    const r = hit[HIT.veilR] + (Math.imul((color >> 16) & 255, left) >> 8);
    const g = hit[HIT.veilG] + (Math.imul((color >> 8) & 255, left) >> 8);
    const b = hit[HIT.veilB] + (Math.imul(color & 255, left) >> 8);
    color = (least(r, 255) << 16) | (least(g, 255) << 8) | least(b, 255);
  }
  if (s.program.blocks.liquid[s.eye[EYE.palette]] === 1) {
    const under = blend(0, WATER_COLOR, 64 + ((day.numbers[DAY.daylight] * 3) >> 2));
    color = blend(color, under, 72 + Math.trunc(((least(time, WATER_REACH) >> 8) * 160) / (WATER_REACH >> 8)));
  }
  return color;
}

/** Fog has the colour of the sky behind it, near the horizon at most. */
function fogEntry(dy: number): number {
  const at = (dy + 16384 + 64) >> 7;
  return at < 96 ? 96 : at > 256 ? 256 : at;
}

function blockColor(s: Scene, w: number, dx: number, dy: number, dz: number): number {
  const { hit, looks } = s;
  const p = hit[HIT.palette];
  const face = hit[HIT.face];
  const x = hit[HIT.x];
  const y = hit[HIT.y];
  const z = hit[HIT.z];
  let texel = hit[HIT.texel];
  if (texel === -1) texel = texelAt(s, p, face, hit[HIT.time], x, y, z, dx, dy, dz);
  if (looks.light[p] > 7) return texel & 0xffffff;
  const light = lightOf(s, hit[HIT.time], dx, dy, dz, face);
  return lit(texel, Math.imul(light, shadeOfCorners(s, w, face, x, y, z, dx, dy, dz)) >> 8);
}

/**
 * How much of the light the corners of a face keep, Q8: full blocks beside them take some, blended over the face.
 * Corner values are those of block games since 2010: two sides and the diagonal, the diagonal hidden where both sides stand.
 */
function shadeOfCorners(s: Scene, w: number, face: number, x: number, y: number, z: number, dx: number, dy: number, dz: number): number {
  const axis = face >> 1;
  const ahead = (face & 1) === 1 ? 1 : -1;
  // The face's two axes: u and v, and the fraction of the hit along each, Q8.
  const time = s.hit[HIT.time];
  const fx = fraction(s.eye[0] + mulQ14(time, dx) - (x << 16));
  const fy = fraction(s.eye[1] + mulQ14(time, dy) - (y << 16));
  const fz = fraction(s.eye[2] + mulQ14(time, dz) - (z << 16));
  const u = axis === 0 ? fz : fx;
  const v = axis === 1 ? fz : fy;
  const ox = axis === 0 ? x + ahead : x;
  const oy = axis === 1 ? y + ahead : y;
  const oz = axis === 2 ? z + ahead : z;
  const left = fullAt(s, w, axis, ox, oy, oz, -1, 0);
  const right = fullAt(s, w, axis, ox, oy, oz, 1, 0);
  const low = fullAt(s, w, axis, ox, oy, oz, 0, -1);
  const high = fullAt(s, w, axis, ox, oy, oz, 0, 1);
  const a = corner(left, low, fullAt(s, w, axis, ox, oy, oz, -1, -1));
  const b = corner(right, low, fullAt(s, w, axis, ox, oy, oz, 1, -1));
  const c = corner(left, high, fullAt(s, w, axis, ox, oy, oz, -1, 1));
  const d = corner(right, high, fullAt(s, w, axis, ox, oy, oz, 1, 1));
  const bottom = Math.imul(a, 256 - u) + Math.imul(b, u);
  const top = Math.imul(c, 256 - u) + Math.imul(d, u);
  return (Math.imul(bottom >> 8, 256 - v) + Math.imul(top >> 8, v)) >> 8;
}

/** 1 where the cell beside a face, `along` u and v from the one before it, is a full opaque block. */
function fullAt(s: Scene, w: number, axis: number, x: number, y: number, z: number, u: number, v: number): number {
  const cx = axis === 0 ? x : x + u;
  const cy = axis === 1 ? y : y + v;
  const cz = axis === 0 ? z + u : axis === 1 ? z + v : z;
  if (cx < 0 || cy < 0 || cz < 0 || cx >= s.sizeX || cy >= s.sizeY || cz >= s.sizeZ) return 0;
  return s.looks.look[s.state.voxels[w * s.state.cellsPerWorld + (cy * s.sizeZ + cz) * s.sizeX + cx]] === 1 ? 1 : 0;
}

function corner(side: number, other: number, diagonal: number): number {
  return 256 - 46 * (side + other + (side === 1 && other === 1 ? 1 : diagonal));
}

function bodyColor(s: Scene, dx: number, dy: number, dz: number): number {
  const { bodies, eye, hit } = s;
  const at = hit[HIT.palette] * BODY_COLUMNS;
  const face = hit[HIT.face];
  const time = hit[HIT.time];
  const y = eye[1] + mulQ14(time, dy);
  // Share of the height, and of the width from the middle, Q8.
  const height = Math.trunc((y - bodies[at + 1]) / ((bodies[at + 4] - bodies[at + 1]) >> 8));
  const alongX = face === 4 || face === 5;
  const off = alongX
    ? 2 * (eye[0] + mulQ14(time, dx)) - bodies[at] - bodies[at + 3]
    : 2 * (eye[2] + mulQ14(time, dz)) - bodies[at + 2] - bodies[at + 5];
  const width = alongX ? bodies[at + 3] - bodies[at] : bodies[at + 5] - bodies[at + 2];
  const aside = Math.trunc((off < 0 ? 0 - off : off) / ((width >> 8) + 1));
  return lit(partColor(s, at, face, height, aside), lightOf(s, time, dx, dy, dz, face));
}

/** Legs, trunk, head and eyes of who walks; frames of props. */
function partColor(s: Scene, at: number, face: number, height: number, aside: number): number {
  const { bodies } = s;
  const color = bodies[at + BODY.color];
  const kind = bodies[at + BODY.kind];
  if (kind === BODY_KIND.prop) return aside > 226 || height < 30 || height > 226 ? blend(color, 0, 70) : color;
  const isFront = face === bodies[at + BODY.front];
  const skin = kind === BODY_KIND.mob ? blend(color, 0xffffff, 48) : SKIN;
  if (face === 3) return kind === BODY_KIND.mob ? color : HAIR;
  if (height > 192) {
    if (isFront && height > 214 && height < 230 && aside > 70 && aside < 150) return EYE_COLOR;
    if (kind === BODY_KIND.walker && (height > 240 || (!isFront && height > 214))) return HAIR;
    return skin;
  }
  if (height < 102) return aside < 18 ? blend(color, 0, 170) : blend(color, 0, 112);
  return aside > 178 ? blend(color, 0, 44) : color;
}

/** Light on a face where the ray meets it at `time`, Q8: that of sky and sun, or a lamp's where it is brighter, 14 for each step of its light. */
function lightOf(s: Scene, time: number, dx: number, dy: number, dz: number, face: number): number {
  const light = s.day.faceLight[face];
  const numLamps = s.counts[COUNT.lamps];
  if (numLamps === 0) return light;
  const { eye, lamps } = s;
  const x = (eye[0] + mulQ14(time, dx)) >> 8;
  const y = (eye[1] + mulQ14(time, dy)) >> 8;
  const z = (eye[2] + mulQ14(time, dz)) >> 8;
  let best = 0;
  for (let k = 0, at = 0; k < numLamps; k++, at += LAMP_COLUMNS) {
    const left = lamps[at + 3] - distance(lamps[at], x) - distance(lamps[at + 1], y) - distance(lamps[at + 2], z);
    if (left > best) best = left;
  }
  const lamp = (best * 14) >> 8;
  return lamp > light ? lamp : light;
}

function lit(color: number, light: number): number {
  const l = least(light, FULL_LIGHT_Q8);
  return (
    ((Math.imul((color >> 16) & 255, l) >> 8) << 16) | ((Math.imul((color >> 8) & 255, l) >> 8) << 8) | (Math.imul(color & 255, l) >> 8)
  );
}

function fraction(v: number): number {
  return v < 0 ? 0 : v > 65535 ? 256 : v >> 8;
}

function distance(a: number, b: number): number {
  return a < b ? b - a : a - b;
}

function least(a: number, b: number): number {
  return a < b ? a : b;
}
