/** The gpu.js modes that run on this machine; `webgpu` where there is an adapter, which may be a software driver. */
import { existsSync } from 'node:fs';
import { findGpu, type GpuJsMode } from '@kinovox/physics';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;

export const MODES: readonly GpuJsMode[] = (await findGpu()) === undefined ? ['cpu', 'webasm'] : ['cpu', 'webasm', 'webgpu'];
