/**
 * What agents see as pictures and lidar, where the scenario asks for it: traced from the state after every step, in the engine's host.
 * Limit: with same-step autoreset, rows that ended show the first pictures of their next episode; the last ones of the old episode are not kept.
 */
import {
  type CameraChannel,
  type CameraSpec,
  clearPicture,
  createImages,
  createLidar,
  createRayCamera,
  type Engine,
  FACE_VALUES,
  FIRST_BODY_ID,
  type ImageBuffers,
  type LidarSpec,
  type RayCamera,
  renderAgentInto,
} from '@kinovox/physics';
import { AGENT_FLAG, CAMERA_CHANNELS, UsageError } from '@kinovox/world';

/** Pictures of all agents: B worlds, A agents; H x W pixels, or R rings x N beams. Views that the next step overwrites. */
export interface ImageObservations {
  /** `[B, A, H, W]` per channel, `[B, A, H, W, 3]` for rgb; channels that the scenario leaves out are empty. */
  camera: ImageBuffers | undefined;
  /** `[B, A, R, N]` millimetres; 65535 where nothing is within range. */
  lidar: Uint16Array | undefined;
}

/** One agent's pictures by the names that its observation has for them. */
export type PictureViews = Partial<Record<PictureName, Uint8Array | Uint16Array>>;
export const PICTURE_NAMES = ['cameraDepth', 'cameraBlock', 'cameraFace', 'cameraBody', 'cameraRgb', 'lidar'] as const;
export type PictureName = (typeof PICTURE_NAMES)[number];

/** Space of each channel: its type, highest value, and what a pixel holds beside its place. */
const CHANNEL_SPACES = {
  depth: { name: 'cameraDepth', dtype: 'uint16', high: 65535, values: [] },
  block: { name: 'cameraBlock', dtype: 'uint16', high: 65535, values: [] },
  face: { name: 'cameraFace', dtype: 'uint8', high: FACE_VALUES - 1, values: [] },
  body: { name: 'cameraBody', dtype: 'uint16', high: FIRST_BODY_ID.prop + 255, values: [] },
  rgb: { name: 'cameraRgb', dtype: 'uint8', high: 255, values: [3] },
} as const;

export interface PictureSpace {
  name: PictureName;
  dtype: 'uint8' | 'uint16';
  shape: number[];
  high: number;
}

/** What an observation holds beside its vector, in order. */
export function pictureSpaces(camera: CameraSpec | undefined, lidar: LidarSpec | undefined): PictureSpace[] {
  const spaces: PictureSpace[] = [];
  for (const channel of CAMERA_CHANNELS) {
    if (camera === undefined || !camera.channels.includes(channel)) continue;
    const { name, dtype, high, values } = CHANNEL_SPACES[channel];
    spaces.push({ name, dtype, shape: [camera.height, camera.width, ...values], high });
  }
  if (lidar !== undefined) spaces.push({ name: 'lidar', dtype: 'uint16', shape: [lidar.ringsDeg.length, lidar.beams], high: 65535 });
  return spaces;
}

export class ImageObserver {
  readonly images: ImageObservations;
  readonly #engine: Engine;
  readonly #camera: RayCamera | undefined;
  readonly #lidar: RayCamera | undefined;
  readonly #lidarImages: ImageBuffers | undefined;

  /** @throws UsageError on an engine whose state does not lie in the host's memory. */
  constructor(engine: Engine) {
    const { program, numWorlds, state } = engine;
    const { camera, lidar } = program.observation;
    if (engine.name === 'webgpu' && (camera ?? lidar) !== undefined)
      throw new UsageError(
        'pictures-on-webgpu',
        `Pictures and lidar must be traced where the state lies; got engine "webgpu", whose state is on the device, for ${program.id}. Use "cpu" or "workers".`,
      );
    this.#engine = engine;
    const numEyes = numWorlds * program.numAgents;
    if (camera !== undefined) this.#camera = createRayCamera(program, state, camera);
    if (lidar !== undefined) {
      this.#lidar = createLidar(program, state, lidar);
      this.#lidarImages = createImages(['depth'], numEyes * this.#lidar.size);
    }
    this.images = {
      camera: camera && createImages(camera.channels, numEyes * camera.width * camera.height),
      lidar: this.#lidarImages?.depth,
    };
  }

  /** Traces every eye of rows [from, to) anew; agents that are not alive get zeros. */
  update(from = 0, to = this.#engine.numWorlds): void {
    const { camera } = this.images;
    if (camera !== undefined) this.#trace(this.#camera!, camera, false, from, to);
    if (this.#lidarImages !== undefined) this.#trace(this.#lidar!, this.#lidarImages, true, from, to);
  }

  /** The pictures of agent `index` (row * A + slot). */
  view(index: number): PictureViews {
    const views: PictureViews = {};
    const { camera, lidar } = this.images;
    const { observation } = this.#engine.program;
    for (const { name, shape } of pictureSpaces(observation.camera, observation.lidar)) {
      const size = shape.reduce((a, b) => a * b, 1);
      const all = name === 'lidar' ? lidar! : camera![channelOf(name)];
      views[name] = all.subarray(index * size, (index + 1) * size);
    }
    return views;
  }

  #trace(camera: RayCamera, out: ImageBuffers, level: boolean, from: number, to: number): void {
    const { numAgents } = this.#engine.program;
    const { flags } = this.#engine.state;
    for (let w = from; w < to; w++) {
      for (let a = 0; a < numAgents; a++) {
        const i = w * numAgents + a;
        if ((flags[i] & AGENT_FLAG.alive) === 0) clearPicture(camera, out, i * camera.size);
        else renderAgentInto(camera, out, i * camera.size, w, a, level);
      }
    }
  }
}

function channelOf(name: Exclude<PictureName, 'lidar'>): CameraChannel {
  return CAMERA_CHANNELS.find((channel) => CHANNEL_SPACES[channel].name === name)!;
}
