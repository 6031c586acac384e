/**
 * gpu.js in one of its modes, in Node and in a browser: the only place that imports it. A mode that cannot run here is an error, and so is a
 * kernel that ran in another mode than asked for: gpu.js itself falls back without a word. Nothing is loaded before the first call.
 *
 * Limits, all of gpu.js: values are f32 (`cpu`: f64 inside a kernel, f32 in its output), so integers are exact up to 2^24; a kernel writes one
 * value (or up to four) at its own place; array arguments are uploaded on every call; a kernel cannot read the buffer it writes.
 * Modes are not bit-identical to one another unless every intermediate is an exact f32.
 * @source https://github.com/gpujs/gpu.js, 2.24.1
 */
import { didYouMean, EngineError, UsageError } from '@kinovox/world';
import type { GPU, IGPUKernelSettings, Input, KernelOutput, KernelVariable } from 'gpu.js';
import { findGpu, gpuRoot } from '../engines/webgpu/device.js';

export const GPU_JS_MODES = ['webgpu', 'webgl', 'webasm', 'cpu'] as const;
export type GpuJsMode = (typeof GPU_JS_MODES)[number];

export interface GpuJsOptions {
  /** `auto` (default): a real GPU through `webgpu`, else `webasm`, else `cpu`. Never a software driver, never WebGL. */
  mode?: GpuJsMode | 'auto';
}

export interface GpuJsRuntime {
  readonly mode: GpuJsMode;
  /** What computes, in words for a person. */
  readonly device: string;
  /** True for a GPU driver that computes on the CPU: for tests, never for speed. */
  readonly software: boolean;
  /** gpu.js itself, for what this interface leaves out. Assert with `assertMode` what runs through it. */
  readonly gpu: GPU;
  /** A flat array with its size, [x], [x, y] or [x, y, z], as a kernel argument. */
  input(value: Float32Array | Uint8Array, size: readonly number[]): Input;
  /** `source` is a function or its text; text survives a minifier. @throws GpuJsKernel.run reports what gpu.js finds in the source. */
  kernel(source: string | ((...args: never[]) => unknown), settings: IGPUKernelSettings): GpuJsKernel;
  /**
   * Several kernel calls as one plan: `plan` is run once, with a handle for each argument (name them all: gpu.js counts
   * them), and may only call `shortcut`s of this runtime's kernels; what lies between stays on the device.
   */
  pipeline(plan: (...args: never[]) => unknown): GpuJsPipeline;
  /** Frees every kernel's buffers. The device itself is shared by the process and stays. */
  destroy(): Promise<void>;
}

export interface GpuJsKernel {
  /** @throws EngineError when the source cannot be translated, the device refuses, or another mode ran. */
  run(...args: KernelVariable[]): Promise<KernelOutput>;
  /** As `run`, at once: in the modes `cpu` and `webasm`, which compute where they are called. @throws EngineError in the others. */
  runSync(...args: KernelVariable[]): KernelOutput;
  /** What gpu.js returns from `createKernel`: for `createPipeline` and settings. */
  readonly shortcut: GpuJsShortcut;
  destroy(): void;
}

export interface GpuJsPipeline {
  /** What the plan returns, read back: one output or an array of them. @throws EngineError as `GpuJsKernel.run` does. */
  run(...args: KernelVariable[]): Promise<KernelOutput | KernelOutput[]>;
  destroy(): Promise<void>;
}

/** As much of gpu.js' kernel as `assertMode` looks at. */
export interface GpuJsShortcut {
  (...args: KernelVariable[]): unknown;
  kernel: { constructor: unknown; fallbackReason?: string | null };
  destroy(removeCanvasReferences?: boolean): void;
}

/** @throws UsageError when the mode is unknown or cannot run on this host. */
export async function createGpuJs(options: GpuJsOptions = {}): Promise<GpuJsRuntime> {
  const asked = options.mode ?? 'auto';
  if (asked !== 'auto' && !GPU_JS_MODES.includes(asked))
    throw new UsageError(
      'gpujs-mode',
      `A gpu.js mode must be one of auto, ${GPU_JS_MODES.join(', ')}; got "${asked}".${didYouMean(asked, GPU_JS_MODES)}`,
    );
  const found = asked === 'auto' || asked === 'webgpu' ? await findGpu() : undefined;
  // gpu.js asks `navigator.gpu`, and looks for it when it is loaded.
  if (found !== undefined) await offerNavigatorGpu();
  const library = await loadLibrary();
  const canWasm = library.GPU.isWebAssemblySupported;
  const mode = asked !== 'auto' ? asked : found !== undefined && !found.software ? 'webgpu' : canWasm ? 'webasm' : 'cpu';
  if (mode === 'webgpu' && found === undefined)
    throw refusal(mode, 'this host has no GPU adapter', 'Install a Vulkan driver and its loader (libvulkan1), or use "webasm".');
  if (mode === 'webasm' && !canWasm) throw refusal(mode, 'this host has no WebAssembly', 'Use "cpu".');
  const internal = mode === 'webgl' ? webGlOf(library) : mode;
  const gpu = new library.GPU({ mode: internal });
  return {
    mode,
    device: mode === 'webgpu' ? ((found?.description || found?.vendor) ?? mode) : mode === 'webgl' ? `WebGL (${internal})` : 'the CPU',
    software: mode === 'webgpu' && found?.software === true,
    gpu,
    input: (value, size) => library.input(value, [...size] as [number]),
    kernel(source, settings) {
      const shortcut = gpu.createKernel(source as string, settings) as unknown as GpuJsShortcut;
      return {
        shortcut,
        async run(...args) {
          const result = await reporting(mode, async () => shortcut(...args));
          assertMode(shortcut, mode);
          return result as KernelOutput;
        },
        runSync(...args) {
          if (mode !== 'cpu' && mode !== 'webasm')
            throw new EngineError('gpujs-sync', `A gpu.js kernel must be awaited in the mode "${mode}"; got a synchronous call. Use run.`);
          let result: unknown;
          try {
            result = shortcut(...args);
          } catch (cause) {
            throw new EngineError('gpujs-kernel', `A gpu.js kernel did not run as "${mode}": ${sentenceOf(cause)}`, { cause });
          }
          assertMode(shortcut, mode);
          return result as KernelOutput;
        },
        destroy: () => shortcut.destroy(true),
      };
    },
    pipeline(plan) {
      // Without threads: a pool of workers would outlive the call.
      const planned = gpu.createPipeline(plan as () => unknown, { threads: false });
      return {
        async run(...args) {
          const result = await reporting(mode, async () => planned(...args));
          refuseOther(planned.backend ?? 'nothing', mode, planned.fallbackReason);
          return result as KernelOutput | KernelOutput[];
        },
        destroy: () => planned.destroy(),
      };
    },
    destroy: () => gpu.destroy(),
  };
}

/** Holds a kernel that has run to its mode. @throws EngineError naming the mode that really ran. */
export function assertMode(shortcut: GpuJsShortcut, mode: GpuJsMode): void {
  refuseOther((shortcut.kernel.constructor as { mode?: string }).mode ?? 'nothing', mode, shortcut.kernel.fallbackReason);
}

function refuseOther(ran: string, mode: GpuJsMode, reason: string | null | undefined): void {
  if (ran === mode || (mode === 'webgl' && WEBGL.includes(ran))) return;
  throw new EngineError(
    'gpujs-mode',
    `A gpu.js kernel must run as "${mode}"; it ran as "${ran}"${reason ? ` (${reason})` : ''}. Its results are not returned; ask for "${ran}" if that is what you want.`,
  );
}

async function reporting(mode: GpuJsMode, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (cause) {
    throw new EngineError('gpujs-kernel', `A gpu.js kernel did not run as "${mode}": ${sentenceOf(cause)}`, { cause });
  }
}

/** What kernels on WebGL call themselves: `gpu`, whichever version they run on. */
const WEBGL = ['gpu', 'webgl2', 'webgl', 'headlessgl'];

interface Library {
  GPU: typeof GPU;
  input(value: Float32Array | Uint8Array, size: number[]): Input;
}

async function loadLibrary(): Promise<Library> {
  const module = (await import('gpu.js')) as unknown as Partial<Library> & { default?: Library };
  return (module.GPU === undefined ? module.default : module) as Library;
}

/** Which of gpu.js' WebGL modes works here. */
function webGlOf(library: Library): 'webgl2' | 'webgl' | 'headlessgl' {
  const { GPU: gpu } = library;
  if (gpu.isWebGL2Supported) return 'webgl2';
  if (gpu.isWebGLSupported) return 'webgl';
  if (gpu.isHeadlessGLSupported) return 'headlessgl';
  throw refusal('webgl', 'this host has no WebGL: browsers have, Node has not', 'Use "webgpu", "webasm" or "cpu".');
}

/** In Node: makes Dawn's root object, which `device.ts` keeps alive, what `navigator.gpu` answers. In a browser it is there already. */
async function offerNavigatorGpu(): Promise<void> {
  const host = globalThis as { navigator?: { gpu?: unknown } };
  if (host.navigator?.gpu !== undefined) return;
  const property = { value: await gpuRoot(), configurable: true, writable: true };
  if (host.navigator === undefined)
    Object.defineProperty(globalThis, 'navigator', {
      value: Object.defineProperty({}, 'gpu', property),
      configurable: true,
      writable: true,
    });
  else Object.defineProperty(host.navigator, 'gpu', property);
}

function refusal(mode: GpuJsMode, why: string, next: string): UsageError {
  return new UsageError('gpujs-mode', `The gpu.js mode "${mode}" cannot run: ${why}. ${next}`);
}

/** The first lines of what gpu.js says: it appends the whole kernel to a compiler's message. */
function sentenceOf(cause: unknown): string {
  const text = (cause instanceof Error ? cause.message : String(cause)).split('--- generated')[0].trim().slice(0, 400);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
