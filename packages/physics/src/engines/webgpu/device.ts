/** The GPU: `navigator.gpu` in a browser, the `webgpu` package (Dawn) in Node. */
/// <reference types="@webgpu/types" />
import { UsageError } from '@kinovox/world';

export interface GpuAdapter {
  adapter: GPUAdapter;
  vendor: string;
  description: string;
  /** A driver that computes on the CPU: for tests, never for speed. */
  software: boolean;
}

/** Holds Dawn's root object: a device whose root is collected brings the process down. */
const kept = globalThis as { __kinovoxGpu?: GPU };

/** The adapter of this host, or undefined when there is none. */
export async function findGpu(): Promise<GpuAdapter | undefined> {
  const gpu = await gpuRoot();
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null || adapter === undefined) return undefined;
  const { vendor, description, architecture } = adapter.info;
  // Dawn's null backend answers with empty words and computes nothing.
  if (vendor === '' && description === '' && architecture === '') return undefined;
  // Mesa's and Google's own devices compute on the CPU; a real card has its maker's name, whoever wrote the driver.
  const software =
    /^(mesa|google)$/i.test(vendor) ||
    /swiftshader|llvmpipe|lavapipe|software/i.test(`${vendor} ${description} ${architecture} ${adapter.info.device}`);
  // Browsers say little: vendor and architecture stand for the name then.
  return { adapter, vendor, description: description || `${vendor} ${architecture}`.trim(), software };
}

/** @throws UsageError when the host has no adapter. */
export async function requireGpu(): Promise<GpuAdapter> {
  const found = await findGpu();
  if (found !== undefined) return found;
  throw new UsageError(
    'no-gpu',
    'The engine "webgpu" needs a GPU adapter; this host has none. Install a Vulkan driver and its loader (libvulkan1), or use the engine "cpu".',
  );
}

/** A device, and what it is. Engines may share one, and with it the kernels that it has compiled. */
export interface OpenGpu {
  device: GPUDevice;
  description: string;
  software: boolean;
}

/** Opens a device with the largest buffers that the adapter has. @throws UsageError when the host has no adapter. */
export async function openGpu(): Promise<OpenGpu> {
  const { adapter, description, vendor, software } = await requireGpu();
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  return { device, description: description || vendor, software };
}

/** What hands out adapters: `navigator.gpu`, or Dawn's root object, kept alive for the life of the process. */
export async function gpuRoot(): Promise<GPU | undefined> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own !== undefined) return own;
  if (kept.__kinovoxGpu !== undefined) return kept.__kinovoxGpu;
  if (typeof process === 'undefined') return undefined;
  // Kernels are large: Mesa's driver on the CPU takes minutes to optimise them, for less than it gains. No other driver reads this.
  process.env.GALLIVM_PERF ??= 'nopt';
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch {
    return undefined;
  }
  Object.assign(globalThis, dawn.globals);
  kept.__kinovoxGpu = dawn.create([]);
  return kept.__kinovoxGpu;
}
