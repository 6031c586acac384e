/**
 * Ray camera and lidar: pictures of a world as an eye in it sees them, in integers, the same on every engine, row and host.
 * Data flow: spec -> ray table; per picture: eye -> scene -> a ray per pixel (packets by default, or the plain loop) -> channels.
 * Depth is the distance along the ray; where nothing is within `farM`, as the sky, it is SKY_DEPTH_MM and every other channel but rgb is 0.
 * Water, glass and ice are looked through: they tint rgb, and the other channels show what is behind.
 */
import type { BatchState } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { type CameraChannel, type CameraSpec, createCameraRays, createLidarRays, type LidarSpec, type RayTable, turned } from './optics.js';
import { BODY, BODY_COLUMNS, COUNT, createScene, placeEye, placeEyeOf, type Scene } from './scene.js';
import { shadeRay } from './shade.js';
import { HIT, HIT_KIND, traceRay } from './trace.js';
import { chooseRowBodies, preparePacket, tracePacketRay } from './trace-packet.js';

/** Depth where nothing is seen, millimetres. */
export const SKY_DEPTH_MM = 65535;
/** Values of the channel `face`: 0 nothing, then outward normals -x, +x, -y, +y, -z, +z. */
export const FACE_VALUES = 7;

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
  return {
    spec,
    rays,
    size: rays.columns * rays.rows,
    scene: sceneFor(program, state, rays, spec.farM, spec.channels.includes('rgb'), agentColors),
  };
}

/** The beams of a lidar, as a camera with depth alone whose rows are the rings. */
export function createLidar(program: ScenarioProgram, state: BatchState, spec: LidarSpec): RayCamera {
  const rays = createLidarRays(spec);
  const camera: CameraSpec = { width: rays.columns, height: rays.rows, fovDeg: 360, farM: spec.farM, channels: ['depth'] };
  return { spec: camera, rays, size: rays.columns * rays.rows, scene: sceneFor(program, state, rays, spec.farM, false) };
}

function sceneFor(
  program: ScenarioProgram,
  state: BatchState,
  rays: RayTable,
  farM: number,
  wantsColor: boolean,
  agentColors?: readonly number[],
): Scene {
  const scene = createScene(program, state, agentColors);
  scene.counts[COUNT.spreadQ16] = rays.spreadQ16;
  // 64 blocks less one unit: times stay below what rays never reach.
  scene.counts[COUNT.rangeQ16] = Math.min(Math.round(farM * 65536), (64 << 16) - 1);
  scene.counts[COUNT.wantsColor] = wantsColor ? 1 : 0;
  return scene;
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

/** The picture of slot a of world w into `out` from pixel `at` on. @param level whether the eye keeps to the horizon. */
export function renderAgentInto(
  camera: RayCamera,
  out: ImageBuffers,
  at: number,
  w: number,
  a: number,
  level = false,
  method: TraceMethod = 'packet',
): void {
  placeEyeOf(camera.scene, w, a, level);
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
  placeEye(camera.scene, w, eye.xQ16, eye.yQ16, eye.zQ16, eye.yaw, eye.pitch, -1);
  tracePicture(camera, out, at, w, method);
}

/** Nothing seen, for agents that have left: zeros, as in the rest of their observation. */
export function clearPicture(camera: RayCamera, out: ImageBuffers, at: number): void {
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
  const { basis } = scene;
  const isPacket = method === 'packet';
  if (isPacket) preparePacket(scene, w, rays);
  for (let row = 0, ray = 0, pixel = at; row < rays.rows; row++) {
    const numBodies = isPacket ? chooseRowBodies(scene, row) : 0;
    for (let column = 0; column < rays.columns; column++, ray += 3, pixel++) {
      const x = directions[ray];
      const y = directions[ray + 1];
      const z = directions[ray + 2];
      const dx = turned(basis, x, y, z, 0);
      const dy = turned(basis, x, y, z, 1);
      const dz = turned(basis, x, y, z, 2);
      if (isPacket) tracePacketRay(scene, w, dx, dy, dz, column, numBodies);
      else traceRay(scene, w, dx, dy, dz);
      writePixel(scene, out, pixel, w, dx, dy, dz);
    }
  }
}

function writePixel(s: Scene, out: ImageBuffers, pixel: number, w: number, dx: number, dy: number, dz: number): void {
  const { hit } = s;
  const kind = hit[HIT.kind];
  // Q16 blocks to millimetres: 1000 / 65536 = 125 / 8192. Bound: 2^22 * 125 stays below 2^29.
  if (out.depth.length > 0) out.depth[pixel] = kind === HIT_KIND.none ? SKY_DEPTH_MM : Math.imul(hit[HIT.time], 125) >> 13;
  if (out.block.length > 0) out.block[pixel] = kind === HIT_KIND.block ? s.program.blocks.registryId[hit[HIT.palette]] : 0;
  if (out.face.length > 0) out.face[pixel] = kind === HIT_KIND.none ? 0 : 1 + hit[HIT.face];
  if (out.body.length > 0) out.body[pixel] = kind === HIT_KIND.body ? s.bodies[hit[HIT.palette] * BODY_COLUMNS + BODY.id] : 0;
  if (out.rgb.length > 0) {
    const color = shadeRay(s, w, dx, dy, dz);
    out.rgb[3 * pixel] = (color >> 16) & 255;
    out.rgb[3 * pixel + 1] = (color >> 8) & 255;
    out.rgb[3 * pixel + 2] = color & 255;
  }
}
