/**
 * What agents see as pictures and lidar, where the scenario asks for it: traced by the thread that steps the world, from the state that its
 * observation is taken from. Rows that end have the last pictures of their episode beside the first ones of the next.
 */
import type { BatchState } from '../batch-state.js';
import { createImages, createLidar, createRayCamera, type ImageBuffers, renderWorldInto } from '../camera/camera.js';
import type { ScenarioProgram } from '../program.js';

/** Pictures of all agents: B worlds, A agents; H x W pixels, or R rings x N beams. */
export interface PictureBuffers {
  /** `[B, A, H, W]` per channel, `[B, A, H, W, 3]` for rgb; channels that the scenario leaves out are empty. */
  camera: ImageBuffers;
  /** `[B, A, R, N]` millimetres, in `depth`; 65535 where nothing is within range. Empty without a lidar. */
  lidar: ImageBuffers;
}

export function createPictureBuffers({ observation, numAgents }: ScenarioProgram, numWorlds: number): PictureBuffers {
  const { camera, lidar } = observation;
  const eyes = numWorlds * numAgents;
  return {
    camera: createImages(camera?.channels ?? [], eyes * (camera === undefined ? 0 : camera.width * camera.height)),
    lidar: createImages(lidar === undefined ? [] : ['depth'], eyes * (lidar === undefined ? 0 : lidar.beams * lidar.ringsDeg.length)),
  };
}

/** Traces the pictures of all agents of worlds [w0, w1) into `out`; agents that have left get zeros. */
export type PictureTracer = (w0: number, w1: number, out: PictureBuffers) => void;

/** A tracer with scratch of its own, for one thread; undefined where the scenario asks for no pictures. */
export function createPictureTracer(program: ScenarioProgram, state: BatchState): PictureTracer | undefined {
  const { camera, lidar } = program.observation;
  if (camera === undefined && lidar === undefined) return undefined;
  const cameraRays = camera && createRayCamera(program, state, camera);
  const lidarRays = lidar && createLidar(program, state, lidar);
  return (w0, w1, out) => {
    for (let w = w0; w < w1; w++) {
      if (cameraRays !== undefined) renderWorldInto(cameraRays, out.camera, w);
      if (lidarRays !== undefined) renderWorldInto(lidarRays, out.lidar, w);
    }
  };
}
