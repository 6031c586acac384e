/** gpu.js runs in the mode that was asked for, or says why not. */
import { assertMode, createGpuJs, EngineError, type GpuJsMode, UsageError } from '@kinovox/physics';
import { describe, expect, it, vi } from 'vitest';
import { MODES } from './modes.js';

const SQUARES = 'function squares(a) { return a[this.thread.x] * a[this.thread.x]; }';

describe('a gpu.js runtime', () => {
  it.each(MODES)('computes in the mode %s that it was asked for', async (mode) => {
    const runtime = await createGpuJs({ mode });
    const kernel = runtime.kernel(SQUARES, { output: [4] });
    expect(await kernel.run(Float32Array.of(1, -2, 3, 4096))).toEqual(Float32Array.of(1, 4, 9, 16777216));
    expect((kernel.shortcut.kernel.constructor as { mode?: string }).mode).toBe(mode);
    expect(runtime).toMatchObject({ mode, software: mode === 'webgpu' && runtime.software });
    expect(runtime.device).not.toBe('');
    await runtime.destroy();
  });
  it.skipIf(!MODES.includes('webgpu'))('works again after another runtime was destroyed, through the same device', async () => {
    const first = await createGpuJs({ mode: 'webgpu' });
    await first.kernel(SQUARES, { output: [1] }).run(Float32Array.of(2));
    await first.destroy();
    const second = await createGpuJs({ mode: 'webgpu' });
    expect(await second.kernel(SQUARES, { output: [1] }).run(Float32Array.of(3))).toEqual(Float32Array.of(9));
    await second.destroy();
  });
  it('refuses what gpu.js would quietly run in another mode', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const runtime = await createGpuJs({ mode: 'webasm' });
    // Constants of type Array(2) exist on other modes alone: webasm falls back to cpu, with no more than a warning on the console.
    const settings = { output: [1], constants: { step: [3, 4] }, constantTypes: { step: 'Array(2)' as const } };
    const kernel = runtime.kernel('function f(a) { return a[this.thread.x] + this.constants.step[1]; }', settings);
    await expect(kernel.run(Float32Array.of(1))).rejects.toThrow(EngineError);
    await expect(kernel.run(Float32Array.of(1))).rejects.toThrow(/must run as "webasm"; it ran as "cpu" \(constant "step"/);
    expect(warn).toHaveBeenCalled();
    expect(() => assertMode(kernel.shortcut, 'cpu')).not.toThrow();
    await runtime.destroy();
    warn.mockRestore();
  });
  it('says so where Node has no WebGL', async () => {
    await expect(createGpuJs({ mode: 'webgl' })).rejects.toThrow(/"webgl" cannot run: this host has no WebGL/);
  });
  it('names the mode that was meant', async () => {
    await expect(createGpuJs({ mode: 'webgp' as GpuJsMode })).rejects.toThrow(UsageError);
    await expect(createGpuJs({ mode: 'webgp' as GpuJsMode })).rejects.toThrow(/got "webgp"\. Did you mean "webgpu"\?/);
  });
  it('never takes a software driver by itself', async () => {
    const runtime = await createGpuJs();
    expect(runtime.software).toBe(false);
    await runtime.destroy();
  });
  it('goes on in webasm where there is no adapter, and says so where webgpu was asked for', async () => {
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: { requestAdapter: async () => null } }, configurable: true });
    try {
      const runtime = await createGpuJs();
      expect(runtime.mode).toBe('webasm');
      expect(await runtime.kernel(SQUARES, { output: [1] }).run(Float32Array.of(5))).toEqual(Float32Array.of(25));
      await runtime.destroy();
      await expect(createGpuJs({ mode: 'webgpu' })).rejects.toThrow(/"webgpu" cannot run: this host has no GPU adapter/);
    } finally {
      delete (globalThis as { navigator?: unknown }).navigator;
    }
  });
  it.each(MODES)('reports a kernel that %s cannot run', async (mode) => {
    const runtime = await createGpuJs({ mode });
    const kernel = runtime.kernel('function f(a) { return nothingOfThatName(a[this.thread.x]); }', { output: [1] });
    await expect(kernel.run(Float32Array.of(1))).rejects.toThrow(`did not run as "${mode}"`);
    await runtime.destroy();
  });
});
