/** The gpu.js modes that run on this machine; `webgpu` where there is an adapter, which may be a software driver. */
import { existsSync } from 'node:fs';
import { findGpu, type GpuJsMode } from '@kinovox/physics';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;
// A software driver gains less by optimising a kernel than that costs.
process.env.GALLIVM_PERF ??= 'nopt';

export const MODES: readonly GpuJsMode[] = (await findGpu()) === undefined ? ['cpu', 'webasm'] : ['cpu', 'webasm', 'webgpu'];
