/** What agents see as pictures and lidar, where the scenario asks for it: the engine's buffers under the names of the observation. */
import {
  type CameraChannel,
  type CameraSpec,
  type Engine,
  FACE_VALUES,
  FIRST_BODY_ID,
  type ImageBuffers,
  type LidarSpec,
  type PictureBuffers,
} from '@kinovox/physics';
import { CAMERA_CHANNELS } from '@kinovox/world';

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

/** The engine's pictures, current or last of ended episodes; undefined where the scenario has none. */
export function imagesOf({ program }: Pick<Engine, 'program'>, pictures: PictureBuffers): ImageObservations | undefined {
  const { camera, lidar } = program.observation;
  if (camera === undefined && lidar === undefined) return undefined;
  return { camera: camera && pictures.camera, lidar: lidar && pictures.lidar.depth };
}

/** A picture of all agents. */
export interface PictureArray extends PictureSpace {
  /** `[B, A, ...shape]`; `finals` holds the last ones of ended episodes, with same-step autoreset. Views that the next step overwrites. */
  values: Uint8Array | Uint16Array;
  finals: Uint8Array | Uint16Array;
}

/** All pictures of an engine, in the order of `pictureSpaces`; none where the scenario has none. */
export function pictureArrays({ program, observations }: Pick<Engine, 'program' | 'observations'>): PictureArray[] {
  const { pictures, finalPictures } = observations;
  const { camera, lidar } = program.observation;
  const arrayOf = (name: PictureName, from: PictureBuffers) => (name === 'lidar' ? from.lidar.depth : from.camera[channelOf(name)]);
  return pictureSpaces(camera, lidar).map((space) => ({
    ...space,
    values: arrayOf(space.name, pictures),
    finals: arrayOf(space.name, finalPictures),
  }));
}

/** The pictures of agent `index` (row * A + slot). */
export function viewPictures({ observation }: Engine['program'], { camera, lidar }: ImageObservations, index: number): PictureViews {
  const views: PictureViews = {};
  for (const { name, shape } of pictureSpaces(observation.camera, observation.lidar)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const all = name === 'lidar' ? lidar! : camera![channelOf(name)];
    views[name] = all.subarray(index * size, (index + 1) * size);
  }
  return views;
}

function channelOf(name: Exclude<PictureName, 'lidar'>): CameraChannel {
  return CAMERA_CHANNELS.find((channel) => CHANNEL_SPACES[channel].name === name)!;
}
