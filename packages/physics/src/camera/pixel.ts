/**
 * What a camera writes for a traced ray, a channel each, and the ray of an agent all by itself, as a thread of a device traces it.
 * Written in the subset that kernels are translated from.
 */
import { AGENT_FLAG } from '@kinovox/world';
import { turned } from './optics.js';
import { BODY, BODY_COLUMNS, placeEyeOf, type Scene } from './scene.js';
import { shadeRay } from './shade.js';
import { HIT, HIT_KIND, traceRay } from './trace.js';

/** Depth where nothing is seen, millimetres. */
export const SKY_DEPTH_MM = 65535;
/** Values of the channel `face`: 0 nothing, then outward normals -x, +x, -y, +y, -z, +z. */
export const FACE_VALUES = 7;

/** Ray number `ray` of slot a of world w, after `placeWorld`. @param directions of the ray table. */
export function traceRayOf(s: Scene, directions: Int32Array, w: number, a: number, ray: number): void {
  placeEyeOf(s, w, a);
  aimAt(s, directions[3 * ray], directions[3 * ray + 1], directions[3 * ray + 2]);
  traceRay(s, w, s.aim[0], s.aim[1], s.aim[2]);
}

/** Turns a direction of the eye's frame into the world, into `s.aim`. */
export function aimAt(s: Scene, x: number, y: number, z: number): void {
  const { aim, basis } = s;
  aim[0] = turned(basis, x, y, z, 0);
  aim[1] = turned(basis, x, y, z, 1);
  aim[2] = turned(basis, x, y, z, 2);
}

/** Whether slot a of world w sees anything: those who have left get zeros, as in the rest of their observation. */
export function isSeeing(s: Scene, w: number, a: number): boolean {
  return (s.state.flags[w * s.program.numAgents + a] & AGENT_FLAG.alive) !== 0;
}

/** Q16 blocks to millimetres: 1000 / 65536 = 125 / 8192. Bound: 2^22 * 125 stays below 2^29. */
export function depthOf(s: Scene): number {
  return s.hit[HIT.kind] === HIT_KIND.none ? SKY_DEPTH_MM : Math.imul(s.hit[HIT.time], 125) >> 13;
}

export function blockOf(s: Scene): number {
  return s.hit[HIT.kind] === HIT_KIND.block ? s.program.blocks.registryId[s.hit[HIT.palette]] : 0;
}

export function faceOf(s: Scene): number {
  return s.hit[HIT.kind] === HIT_KIND.none ? 0 : 1 + s.hit[HIT.face];
}

export function bodyOf(s: Scene): number {
  return s.hit[HIT.kind] === HIT_KIND.body ? s.bodies[s.hit[HIT.palette] * BODY_COLUMNS + BODY.id] : 0;
}

/** 0xRRGGBB. */
export function colorOf(s: Scene, w: number): number {
  return shadeRay(s, w, s.aim[0], s.aim[1], s.aim[2]);
}
