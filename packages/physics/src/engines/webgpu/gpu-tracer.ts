/** Pictures of a batch whose state lies in the host's memory, traced by a GPU: the state is copied over, the pictures are read back. */
/// <reference types="@webgpu/types" />
import type { BatchState } from '../../batch-state.js';
import type { CameraSpec, LidarSpec } from '../../camera/optics.js';
import type { PictureBuffers } from '../../observe/pictures.js';
import type { ScenarioProgram } from '../../program.js';
import { requireGpu } from './device.js';
import { DevicePictures } from './device-pictures.js';

export interface GpuTracerOptions {
  program: ScenarioProgram;
  state: BatchState;
  camera?: CameraSpec | undefined;
  lidar?: LidarSpec | undefined;
  /** As in `WebGpuOptions`. */
  specialise?: boolean | undefined;
}

export class GpuTracer {
  /** Adapter that computes, in words, and whether it is a driver that computes on the CPU. */
  readonly device: string;
  readonly software: boolean;
  readonly #state: BatchState;
  readonly #gpu: GPUDevice;
  readonly #data: GPUBuffer;
  readonly #voxels: GPUBuffer;
  readonly #pictures: DevicePictures | undefined;

  private constructor(parts: {
    description: string;
    software: boolean;
    state: BatchState;
    gpu: GPUDevice;
    data: GPUBuffer;
    voxels: GPUBuffer;
    pictures: DevicePictures | undefined;
  }) {
    this.device = parts.description;
    this.software = parts.software;
    this.#state = parts.state;
    this.#gpu = parts.gpu;
    this.#data = parts.data;
    this.#voxels = parts.voxels;
    this.#pictures = parts.pictures;
  }

  /** @throws UsageError without a GPU adapter, and when the pictures of a world do not fit in a binding. */
  static async create({ program, state, camera, lidar, specialise }: GpuTracerOptions): Promise<GpuTracer> {
    const { adapter, description, vendor, software } = await requireGpu();
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const gpu = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
    const storage = (words: number) =>
      gpu.createBuffer({ size: Math.max(16, 4 * words), usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    const data = storage(state.arena.length);
    const voxels = storage(voxelWords(state).length);
    const count = state.layout.numWorlds;
    const pictures = await DevicePictures.create(gpu, {
      context: { program, state },
      camera,
      lidar,
      count,
      data,
      voxels,
      ended: 0,
      autoreset: false,
      specialise: specialise ?? !software,
    });
    return new GpuTracer({ description: description || vendor, software, state, gpu, data, voxels, pictures });
  }

  /** Copies the state over. */
  upload(): void {
    // A copy: Dawn reads no shared memory.
    this.#gpu.queue.writeBuffer(this.#data, 0, this.#state.arena.slice() as Int32Array<ArrayBuffer>);
    this.#gpu.queue.writeBuffer(this.#voxels, 0, voxelWords(this.#state));
  }

  /** Traces every agent's pictures of the state that was copied last, `times` over. @returns when the device is done. */
  async trace(times = 1): Promise<void> {
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let k = 0; k < times; k++) this.#pictures?.encode(pass, 'current');
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
    await this.#gpu.queue.onSubmittedWorkDone();
  }

  /** Reads the pictures back. */
  async pull(out: PictureBuffers): Promise<void> {
    await this.#pictures?.pull('current', out, 0);
  }

  dispose(): void {
    this.#pictures?.dispose();
    this.#data.destroy();
    this.#voxels.destroy();
    this.#gpu.destroy();
  }
}

/** Cells as the device holds them: four to a word, or one where they do not fill whole words. */
function voxelWords({ voxels, cellsPerWorld }: BatchState): Int32Array<ArrayBuffer> {
  return cellsPerWorld % 4 === 0 ? new Int32Array(voxels.slice().buffer) : Int32Array.from(voxels);
}
