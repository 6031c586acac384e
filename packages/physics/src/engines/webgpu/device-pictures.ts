/**
 * Pictures and lidar of a shard, on the device: traced after each tick, kept there, and read back, packed, when asked for.
 * Pictures lie in buffers of whole worlds, each within a binding.
 */
/// <reference types="@webgpu/types" />
import { UsageError } from '@kinovox/world';
import { createLidar, createRayCamera, type ImageBuffers, type RayCamera } from '../../camera/camera.js';
import type { CameraChannel, CameraSpec, LidarSpec } from '../../camera/optics.js';
import type { PictureBuffers } from '../../observe/pictures.js';
import type { TickContext } from '../../stages/context.js';
import {
  assembleCamera,
  type CameraKernel,
  CHANNELS,
  PICTURE_MODE_WORDS,
  PICTURE_WORDS,
  RAYS_PER_GROUP,
  WORLDS_PER_GROUP,
} from './camera-kernel.js';
import { compileKernel } from './pipeline.js';

/** Most bytes of pictures in a buffer: the least binding that WebGPU promises. */
const BUFFER_BYTES = 128 * 2 ** 20;
/** Most workgroups of a dispatch along an axis. */
const MOST_GROUPS = 65535;

/** Which pictures: those of every row, or of rows that ended in this tick, before they go on. */
export type PictureKind = 'current' | 'final';

export interface DevicePicturesOptions {
  context: Pick<TickContext, 'program' | 'state'>;
  camera: CameraSpec | undefined;
  lidar: LidarSpec | undefined;
  /** Worlds of the shard. */
  count: number;
  /** The shard's state and cells. */
  data: GPUBuffer;
  voxels: GPUBuffer;
  /** Place of `outputs.ended` in `data`, words. */
  ended: number;
  /** See `AssembleOptions.specialise`. */
  specialise: boolean;
  /** Whether rows go on in the step that ends them: then their last pictures are kept too. */
  autoreset: boolean;
}

export class DevicePictures {
  readonly #device: GPUDevice;
  readonly #eyes: readonly DeviceCamera[];

  private constructor(device: GPUDevice, eyes: readonly DeviceCamera[]) {
    this.#device = device;
    this.#eyes = eyes;
  }

  /** Undefined without camera and lidar. @throws UsageError when the pictures of one world do not fit in a binding. */
  static async create(device: GPUDevice, options: DevicePicturesOptions): Promise<DevicePictures | undefined> {
    const { camera, lidar } = options;
    const { program, state } = options.context;
    const eyes: DeviceCamera[] = [];
    if (camera !== undefined) eyes.push(await DeviceCamera.create(device, 'camera', createRayCamera(program, state, camera), options));
    if (lidar !== undefined) eyes.push(await DeviceCamera.create(device, 'lidar', createLidar(program, state, lidar), options));
    return eyes.length === 0 ? undefined : new DevicePictures(device, eyes);
  }

  /** Traces all pictures, in a pass that is open. */
  encode(pass: GPUComputePassEncoder, kind: PictureKind): void {
    for (const eye of this.#eyes) eye.encode(pass, kind);
  }

  /** Reads pictures back into `out`, whose world `first` is the shard's first. */
  async pull(kind: PictureKind, out: PictureBuffers, first: number): Promise<void> {
    for (const eye of this.#eyes) await eye.pull(this.#device, kind, out[eye.name], first);
  }

  get bytes(): number {
    return this.#eyes.reduce((sum, eye) => sum + eye.bytes, 0);
  }

  dispose(): void {
    for (const eye of this.#eyes) eye.dispose();
  }
}

/** Pictures of worlds [first, first + count) of the shard. */
interface Sheet {
  first: number;
  count: number;
  pictures: GPUBuffer;
  place: GPUBindGroup;
  rays: GPUBindGroup;
}

/** A channel of a sheet: where it begins, bytes. */
interface Section {
  channel: CameraChannel;
  at: number;
  bytesPerWorld: number;
}

class DeviceCamera {
  readonly name: keyof PictureBuffers;
  readonly #camera: RayCamera;
  readonly #place: GPUComputePipeline;
  readonly #rays: GPUComputePipeline;
  readonly #buffers: GPUBuffer[];
  readonly #sheets: Readonly<Record<PictureKind, readonly Sheet[]>>;
  readonly #sections: readonly Section[];
  #staging: GPUBuffer | undefined;

  private constructor(parts: {
    name: keyof PictureBuffers;
    camera: RayCamera;
    place: GPUComputePipeline;
    rays: GPUComputePipeline;
    buffers: GPUBuffer[];
    sheets: Record<PictureKind, Sheet[]>;
    sections: Section[];
  }) {
    this.name = parts.name;
    this.#camera = parts.camera;
    this.#place = parts.place;
    this.#rays = parts.rays;
    this.#buffers = parts.buffers;
    this.#sheets = parts.sheets;
    this.#sections = parts.sections;
  }

  static async create(
    device: GPUDevice,
    name: keyof PictureBuffers,
    camera: RayCamera,
    options: DevicePicturesOptions,
  ): Promise<DeviceCamera> {
    const { context, count, autoreset } = options;
    const { numAgents, id } = context.program;
    const kernel = assembleCamera(camera, options.specialise);
    const pixelsPerWorld = numAgents * camera.size;
    const bytesPerWorld = pixelsPerWorld * camera.spec.channels.reduce((sum, channel) => sum + CHANNELS[channel].bytes, 0);
    const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    const perSheet = Math.max(1, Math.min(count, Math.floor(Math.min(BUFFER_BYTES, limit) / bytesPerWorld)));
    const { sections, bytes } = sectionsOf(camera.spec.channels, perSheet * pixelsPerWorld, pixelsPerWorld);
    if (bytes > limit) {
      throw new UsageError(
        'gpu-memory',
        `Pictures of a world must fit in a binding of ${limit} bytes; got ${bytes} for ${numAgents} agents of ${id}. Use smaller pictures, fewer channels, or the engine "cpu".`,
      );
    }
    const buffers: GPUBuffer[] = [];
    const buffer = (size: number, usage: number): GPUBuffer => {
      const made = device.createBuffer({ size: Math.max(16, size), usage });
      buffers.push(made);
      return made;
    };
    const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
    const tables = buffer(4 * kernel.tables.length, STORAGE | COPY_DST);
    device.queue.writeBuffer(tables, 0, kernel.tables as Int32Array<ArrayBuffer>);
    const scenes = buffer(4 * kernel.sceneWords * count, STORAGE | COPY_DST);
    for (let w = 0; w < count; w++)
      device.queue.writeBuffer(scenes, 4 * kernel.sceneWords * w, kernel.freshScene as Int32Array<ArrayBuffer>);
    const { place, rays } = await compile(device, name, kernel, id);
    const sheet = (kind: PictureKind, first: number): Sheet => {
      const sheetCount = Math.min(perSheet, count - first);
      const pictures = buffer(bytes, STORAGE | COPY_SRC);
      const mode = buffer(4 * PICTURE_MODE_WORDS, UNIFORM | COPY_DST);
      const words = new Uint32Array(PICTURE_MODE_WORDS);
      words[PICTURE_WORDS.firstWorld] = first;
      words[PICTURE_WORDS.worlds] = sheetCount;
      words[PICTURE_WORDS.rays] = sheetCount * pixelsPerWorld;
      words[PICTURE_WORDS.ended] = kind === 'final' ? options.ended + 1 : 0;
      for (const { channel, at } of sections) words[PICTURE_WORDS.channels + Object.keys(CHANNELS).indexOf(channel)] = at / 4;
      device.queue.writeBuffer(mode, 0, words);
      const bound = [options.data, options.voxels, tables, scenes, pictures, mode].map((one, binding) => ({
        binding,
        resource: { buffer: one },
      }));
      return {
        first,
        count: sheetCount,
        pictures,
        place: device.createBindGroup({ layout: place.layout, entries: bound.filter(({ binding }) => binding !== 4) }),
        rays: device.createBindGroup({ layout: rays.layout, entries: bound }),
      };
    };
    const sheets: Record<PictureKind, Sheet[]> = { current: [], final: [] };
    for (let first = 0; first < count; first += perSheet) {
      sheets.current.push(sheet('current', first));
      if (autoreset) sheets.final.push(sheet('final', first));
    }
    return new DeviceCamera({ name, camera, place: place.pipeline, rays: rays.pipeline, buffers, sheets, sections });
  }

  encode(pass: GPUComputePassEncoder, kind: PictureKind): void {
    const pixelsPerWorld = this.#camera.scene.program.numAgents * this.#camera.size;
    for (const { count, place, rays } of this.#sheets[kind]) {
      pass.setPipeline(this.#place);
      pass.setBindGroup(0, place);
      pass.dispatchWorkgroups(Math.ceil(count / WORLDS_PER_GROUP));
      const groups = Math.ceil((count * pixelsPerWorld) / RAYS_PER_GROUP);
      const across = Math.min(groups, MOST_GROUPS);
      pass.setPipeline(this.#rays);
      pass.setBindGroup(0, rays);
      pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    }
  }

  async pull(device: GPUDevice, kind: PictureKind, out: ImageBuffers, first: number): Promise<void> {
    for (const sheet of this.#sheets[kind]) {
      this.#staging ??= device.createBuffer({ size: sheet.pictures.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      const staging = this.#staging;
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(sheet.pictures, 0, staging, 0, sheet.pictures.size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, sheet.pictures.size);
      const range = staging.getMappedRange(0, sheet.pictures.size);
      for (const { channel, at, bytesPerWorld } of this.#sections) {
        const host = out[channel];
        const bytes = new Uint8Array(host.buffer, host.byteOffset, host.byteLength);
        bytes.set(new Uint8Array(range, at, sheet.count * bytesPerWorld), (first + sheet.first) * bytesPerWorld);
      }
      staging.unmap();
    }
  }

  get bytes(): number {
    return this.#buffers.reduce((sum, { size }) => sum + size, 0);
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#staging?.destroy();
  }
}

/** Channels one after another, each of whole groups of rays. */
function sectionsOf(channels: readonly CameraChannel[], pixels: number, pixelsPerWorld: number): { sections: Section[]; bytes: number } {
  const padded = Math.ceil(pixels / RAYS_PER_GROUP) * RAYS_PER_GROUP;
  let bytes = 0;
  const sections = channels.map((channel) => {
    const section = { channel, at: bytes, bytesPerWorld: pixelsPerWorld * CHANNELS[channel].bytes };
    bytes += padded * CHANNELS[channel].bytes;
    return section;
  });
  return { sections, bytes };
}

interface Compiled {
  layout: GPUBindGroupLayout;
  pipeline: GPUComputePipeline;
}

/** What each binding is to `place` and to `rays`: see the head of their text. */
const BINDINGS = {
  place: { 0: 'read-only-storage', 1: 'read-only-storage', 2: 'read-only-storage', 3: 'storage', 5: 'uniform' },
  rays: { 0: 'read-only-storage', 1: 'read-only-storage', 2: 'read-only-storage', 3: 'read-only-storage', 4: 'storage', 5: 'uniform' },
} as const;

async function compile(
  device: GPUDevice,
  name: string,
  kernel: CameraKernel,
  programId: string,
): Promise<{ place: Compiled; rays: Compiled }> {
  const one = async (part: 'place' | 'rays'): Promise<Compiled> => {
    const label = `${name}-${part}`;
    const layout = device.createBindGroupLayout({
      entries: Object.entries(BINDINGS[part]).map(([binding, type]) => ({
        binding: Number(binding),
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
    return { layout, pipeline: await compileKernel(device, { name: label, code: kernel[part], layout: pipelineLayout, programId }) };
  };
  const [place, rays] = await Promise.all([one('place'), one('rays')]);
  return { place, rays };
}
