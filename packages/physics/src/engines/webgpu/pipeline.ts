/** One kernel of the device, compiled; what the driver does not take becomes one error that names it and says where. */
/// <reference types="@webgpu/types" />
import { EngineError } from '@kinovox/world';

export interface KernelSource {
  name: string;
  code: string;
  layout: GPUPipelineLayout | 'auto';
  /** Id of the scenario that it belongs to, where it belongs to one. */
  programId?: string | undefined;
  /** What to do without it. */
  otherwise?: string;
}

/** @throws EngineError for a kernel that the driver does not take. */
export async function compileKernel(
  device: GPUDevice,
  { name, code, layout, programId, otherwise = 'Use the engine "cpu", and report this with your driver\'s version.' }: KernelSource,
): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label: name, code });
  try {
    return await device.createComputePipelineAsync({ label: name, layout, compute: { module, entryPoint: 'main' } });
  } catch (cause) {
    // The pipeline only says that the text is bad; where and how is told by the text's own report.
    const [first] = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error');
    const said = first === undefined ? (cause as Error).message : `line ${first.lineNum}: ${first.message}`;
    throw new EngineError(
      'gpu-kernel',
      `The driver must compile the kernel "${name}"${programId === undefined ? '' : ` of ${programId}`}; it said: ${said.slice(0, 300)}. ${otherwise}`,
      { cause },
    );
  }
}
