/**
 * The GPU of the differential tests: one device for a whole test file, so that each kernel is compiled once.
 * A software driver is enough. With KINOVOX_REQUIRE_GPU=1 (as in CI) a missing adapter is a failure, otherwise the tests are skipped, loudly.
 */
import { existsSync } from 'node:fs';
import { findGpu, type OpenGpu, openGpu } from '@kinovox/physics';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;
// What a software driver gains by optimising kernels is less than what it costs.
process.env.GALLIVM_PERF ??= 'nopt';

/** The device, or undefined where there is none and none is required. @throws Error where one is required. */
export async function testGpu(): Promise<OpenGpu | undefined> {
  if ((await findGpu()) !== undefined) return openGpu();
  const sentence = 'No GPU adapter: the engine "webgpu" is NOT tested. Run scripts/prepare-vulkan.sh to install a software driver.';
  if (process.env.KINOVOX_REQUIRE_GPU === '1') throw new Error(`KINOVOX_REQUIRE_GPU=1 asks for one. ${sentence}`);
  console.warn(sentence);
  return undefined;
}

/** While the device is waited for, this thread is asked again and again whether it is done: it naps between, and leaves the core to the driver. */
export async function calmly<T>(work: () => Promise<T>): Promise<T> {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let done = false;
  const nap = () => {
    if (done) return;
    Atomics.wait(cell, 0, 0, 2);
    setImmediate(nap);
  };
  setImmediate(nap);
  try {
    return await work();
  } finally {
    done = true;
  }
}
