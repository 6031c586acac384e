/** The acceptance of a GPU where there is none: it says so in a sentence and fails. That it works at all is seen with --allow-software. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/gpu-report.js', import.meta.url));

it('the GPU report says that there is no adapter, and exits with 2', () => {
  const nowhere = '/nonexistent/icd.json';
  const env = { ...process.env, VK_ICD_FILENAMES: nowhere, VK_DRIVER_FILES: nowhere };
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--allow-software'], { env, encoding: 'utf8' });
  expect(stderr).toMatch(/There must be a GPU; this host has no adapter\. Install the Vulkan driver/);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
