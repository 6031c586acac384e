/**
 * The GPU of the differential tests: one device for a whole test file, so that each kernel is compiled once.
 * A software driver is enough. With KINOVOX_REQUIRE_GPU=1 (as in CI) a missing adapter is a failure, otherwise the tests are skipped, loudly.
 */
import { existsSync } from 'node:fs';
import { findGpu, type OpenGpu, openGpu } from '@kinovox/physics';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;

/** The device, or undefined where there is none and none is required. @throws Error where one is required. */
export async function testGpu(): Promise<OpenGpu | undefined> {
  if ((await findGpu()) !== undefined) return openGpu();
  const sentence = 'No GPU adapter: the engine "webgpu" is NOT tested. Run scripts/prepare-vulkan.sh to install a software driver.';
  if (process.env.KINOVOX_REQUIRE_GPU === '1') throw new Error(`KINOVOX_REQUIRE_GPU=1 asks for one. ${sentence}`);
  console.warn(sentence);
  return undefined;
}
