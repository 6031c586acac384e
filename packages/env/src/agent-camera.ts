/**
 * A camera that is asked when a picture is wanted, for those who look now and then: nothing is traced in between, and the observation stays as it is.
 * The pixels are those of the observation's camera with the same spec.
 */
import { type CameraSpec, createImages, createRayCamera, type Engine, renderAgentInto } from '@kinovox/physics';

export type PictureSpec = Omit<CameraSpec, 'channels'>;

export interface AgentCamera {
  /** What an agent sees now: `[H, W, 3]` u8, row by row from the top left. A view that the next call overwrites. @param row of the batch. */
  rgb(row: number, slot: number): Uint8Array;
}

/** @param engine whose state is in the host's memory. */
export function createAgentCamera({ program, state }: Pick<Engine, 'program' | 'state'>, spec: PictureSpec): AgentCamera {
  const camera = createRayCamera(program, state, { ...spec, channels: ['rgb'] });
  const images = createImages(camera.spec.channels, camera.size);
  return {
    rgb(row, slot) {
      renderAgentInto(camera, images, 0, row, slot);
      return images.rgb;
    },
  };
}
