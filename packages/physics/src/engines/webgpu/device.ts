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

/**
 * What Mesa's driver on the CPU is told before it starts; no other driver reads this. Kernels are large and run short there, so what counts is the time to
 * compile them: optimising takes minutes, and four lanes compile in half the time of the eight that it takes by itself.
 */
const SOFTWARE_DRIVER = { GALLIVM_PERF: 'nopt', LP_NATIVE_VECTOR_WIDTH: '128' };
/** How long a wait for the device is a busy one, and how long the naps are after that. */
const BUSY_MS = 20;
const NAP_MS = 1;

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

/** What happens to a device for as long as it lives; one watch, however many engines share the device. */
export interface DeviceWatch {
  /** Why the device was lost; undefined while it is there. */
  lost: string | undefined;
  /** Errors that nobody asked for, in order. */
  failures: string[];
}

const watches = new WeakMap<GPUDevice, DeviceWatch>();

/** The watch of a device. A listener per engine would stay with the device for good, and the engine with it. */
export function watchDevice(device: GPUDevice): DeviceWatch {
  const known = watches.get(device);
  if (known !== undefined) return known;
  const watch: DeviceWatch = { lost: undefined, failures: [] };
  watches.set(device, watch);
  void device.lost.then(({ message, reason }) => {
    watch.lost = message || reason;
  });
  device.addEventListener('uncapturederror', (event) => watch.failures.push((event as GPUUncapturedErrorEvent).error.message));
  return watch;
}

/** What hands out adapters: `navigator.gpu`, or Dawn's root object, kept alive for the life of the process. */
export async function gpuRoot(): Promise<GPU | undefined> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own !== undefined) return own;
  if (kept.__kinovoxGpu !== undefined) return kept.__kinovoxGpu;
  if (typeof process === 'undefined') return undefined;
  for (const [name, value] of Object.entries(SOFTWARE_DRIVER)) process.env[name] ??= value;
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

/**
 * Waits for what a device does. In Node, Dawn asks in a busy loop whether the device is done; where that computes on the CPU, the loop takes a core from it,
 * so that it naps between its questions once the wait has become a long one.
 */
export async function waitForDevice<T>(software: boolean, work: () => Promise<T>): Promise<T> {
  // Browsers neither ask in a loop nor let their main thread sleep.
  if (!software || typeof setImmediate !== 'function') return work();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const begin = performance.now();
  let isDone = false;
  const nap = () => {
    if (isDone) return;
    if (performance.now() - begin > BUSY_MS) Atomics.wait(cell, 0, 0, NAP_MS);
    setImmediate(nap);
  };
  setImmediate(nap);
  try {
    return await work();
  } finally {
    isDone = true;
  }
}
