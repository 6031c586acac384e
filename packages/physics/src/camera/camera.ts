/**
 * Ray camera and lidar: pictures of a world as an eye in it sees them, in integers, the same on every engine, row and host.
 * Data flow: spec -> ray table; per picture: eye -> scene -> a ray per pixel (packets by default, or the plain loop) -> channels.
 * Depth is the distance along the ray; where nothing is within `farM`, as the sky, it is SKY_DEPTH_MM and every other channel but rgb is 0.
 * Water, glass and ice are looked through: they tint rgb, and the other channels show what is behind.
 */
import type { BatchState } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { type CameraChannel, type CameraSpec, createCameraRays, createLidarRays, type LidarSpec, type RayTable } from './optics.js';
import { aimAt, blockOf, bodyOf, colorOf, depthOf, faceOf, isSeeing } from './pixel.js';
import { createScene, placeEye, placeEyeOf, placeWorld, type Scene } from './scene.js';
import { traceRay } from './trace.js';
import { chooseRowBodies, preparePacket, tracePacketRay } from './trace-packet.js';

/** Pictures of a number of eyes, each channel row by row from the top left; channels that are not asked for are empty. */
export interface ImageBuffers {
  /** `[..., H, W]` millimetres along the ray, SKY_DEPTH_MM where nothing is. */
  depth: Uint16Array;
  /** `[..., H, W]` block id of the registry; 0 for bodies and sky. */
  block: Uint16Array;
  /** `[..., H, W]` FACE_VALUES of the surface. */
  face: Uint8Array;
  /** `[..., H, W]` 0 nobody, 1 + agent slot, 257 + mob slot, 513 + prop. */
  body: Uint16Array;
  /** `[..., H, W, 3]` 0..255. */
  rgb: Uint8Array;
}

/** Where a free camera stands: metres and radians, as everywhere outside the rules. */
export interface FreeEye {
  xQ16: number;
  yQ16: number;
  zQ16: number;
  /** i32, 2^32 per turn. */
  yaw: number;
  pitch: number;
}

export type TraceMethod = 'packet' | 'plain';

export interface RayCamera {
  readonly spec: CameraSpec;
  readonly rays: RayTable;
  /** Pixels of a picture. */
  readonly size: number;
  readonly scene: Scene;
}

/** A camera for the worlds of a batch. @param agentColors 0xRRGGBB per agent; absent: a colour per team. */
export function createRayCamera(program: ScenarioProgram, state: BatchState, spec: CameraSpec, agentColors?: readonly number[]): RayCamera {
  const rays = createCameraRays(spec);
  const lens = { spreadQ16: rays.spreadQ16, rangeQ16: rangeOf(spec.farM), wantsColor: spec.channels.includes('rgb'), keepsLevel: false };
  return { spec, rays, size: rays.columns * rays.rows, scene: createScene(program, state, lens, agentColors) };
}

/** The beams of a lidar, as a camera with depth alone whose rows are the rings. */
export function createLidar(program: ScenarioProgram, state: BatchState, spec: LidarSpec): RayCamera {
  const rays = createLidarRays(spec);
  const lens = { spreadQ16: rays.spreadQ16, rangeQ16: rangeOf(spec.farM), wantsColor: false, keepsLevel: true };
  const camera: CameraSpec = { width: rays.columns, height: rays.rows, fovDeg: 360, farM: spec.farM, channels: ['depth'] };
  return { spec: camera, rays, size: rays.columns * rays.rows, scene: createScene(program, state, lens) };
}

/** 64 blocks less one unit: times stay below what rays never reach. */
function rangeOf(farM: number): number {
  return Math.min(Math.round(farM * 65536), (64 << 16) - 1);
}

export function createImages(channels: readonly CameraChannel[], numPixels: number): ImageBuffers {
  const size = (channel: CameraChannel) => (channels.includes(channel) ? numPixels : 0);
  return {
    depth: new Uint16Array(size('depth')),
    block: new Uint16Array(size('block')),
    face: new Uint8Array(size('face')),
    body: new Uint16Array(size('body')),
    rgb: new Uint8Array(3 * size('rgb')),
  };
}

/** The pictures of all agents of world w into `out`, which holds `[B, A, size]` pixels; those who have left get zeros. */
export function renderWorldInto(camera: RayCamera, out: ImageBuffers, w: number): void {
  const { scene, size } = camera;
  const { numAgents } = scene.program;
  placeWorld(scene, w);
  for (let a = 0; a < numAgents; a++) {
    const at = (w * numAgents + a) * size;
    if (!isSeeing(scene, w, a)) {
      clearPicture(camera, out, at);
      continue;
    }
    placeEyeOf(scene, w, a);
    tracePicture(camera, out, at, w, 'packet');
  }
}

/** The picture of slot a of world w into `out` from pixel `at` on. */
export function renderAgentInto(
  camera: RayCamera,
  out: ImageBuffers,
  at: number,
  w: number,
  a: number,
  method: TraceMethod = 'packet',
): void {
  placeWorld(camera.scene, w);
  placeEyeOf(camera.scene, w, a);
  tracePicture(camera, out, at, w, method);
}

/** The picture of a free eye in world w into `out` from pixel `at` on. */
export function renderFreeInto(
  camera: RayCamera,
  out: ImageBuffers,
  at: number,
  w: number,
  eye: FreeEye,
  method: TraceMethod = 'packet',
): void {
  placeWorld(camera.scene, w);
  placeEye(camera.scene, w, eye.xQ16, eye.yQ16, eye.zQ16, eye.yaw, eye.pitch, 0);
  tracePicture(camera, out, at, w, method);
}

function clearPicture(camera: RayCamera, out: ImageBuffers, at: number): void {
  const end = at + camera.size;
  if (out.depth.length > 0) out.depth.fill(0, at, end);
  if (out.block.length > 0) out.block.fill(0, at, end);
  if (out.face.length > 0) out.face.fill(0, at, end);
  if (out.body.length > 0) out.body.fill(0, at, end);
  if (out.rgb.length > 0) out.rgb.fill(0, 3 * at, 3 * end);
}

function tracePicture(camera: RayCamera, out: ImageBuffers, at: number, w: number, method: TraceMethod): void {
  const { rays, scene } = camera;
  const { directions } = rays;
  const { aim } = scene;
  const isPacket = method === 'packet';
  if (isPacket) preparePacket(scene, w, rays);
  for (let row = 0, ray = 0, pixel = at; row < rays.rows; row++) {
    const numBodies = isPacket ? chooseRowBodies(scene, row) : 0;
    for (let column = 0; column < rays.columns; column++, ray += 3, pixel++) {
      aimAt(scene, directions[ray], directions[ray + 1], directions[ray + 2]);
      if (isPacket) tracePacketRay(scene, w, aim[0], aim[1], aim[2], column, numBodies);
      else traceRay(scene, w, aim[0], aim[1], aim[2]);
      writePixel(scene, out, pixel, w);
    }
  }
}

function writePixel(s: Scene, out: ImageBuffers, pixel: number, w: number): void {
  if (out.depth.length > 0) out.depth[pixel] = depthOf(s);
  if (out.block.length > 0) out.block[pixel] = blockOf(s);
  if (out.face.length > 0) out.face[pixel] = faceOf(s);
  if (out.body.length > 0) out.body[pixel] = bodyOf(s);
  if (out.rgb.length > 0) {
    const color = colorOf(s, w);
    out.rgb[3 * pixel] = (color >> 16) & 255;
    out.rgb[3 * pixel + 1] = (color >> 8) & 255;
    out.rgb[3 * pixel + 2] = color & 255;
  }
}
