// Chromium for the browser tests: found on this machine, or the reason why the tests are skipped.
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** `KINOVOX_CHROMIUM` names another executable. */
export const chromiumPath = [process.env.KINOVOX_CHROMIUM, ...PATHS].find((path) => path !== undefined && path !== '' && existsSync(path));

/** The built page. */
export const viewerDir = fileURLToPath(new URL('../../packages/viewer/dist', import.meta.url));

/** Why the browser tests cannot run here; undefined when they can. */
export function skipReason(): string | undefined {
  if (chromiumPath === undefined)
    return `there is no Chromium (looked at ${PATHS.join(', ')}). On Debian or Ubuntu: apt-get install chromium; elsewhere set KINOVOX_CHROMIUM to its path`;
  if (!existsSync(`${viewerDir}/index.html`)) return 'the page is not built. Run: npm run build:viewer';
  return undefined;
}

/** Headless Chromium that draws WebGL in software. @param more further arguments. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--mute-audio',
    '--hide-scrollbars',
    ...more,
  ];
  return chromium.launch({ executablePath: chromiumPath, args });
}

/** Path for a screenshot among the test artifacts. */
export function artifact(name: string): string {
  const folder = fileURLToPath(new URL('../artifacts', import.meta.url));
  mkdirSync(folder, { recursive: true });
  return `${folder}/${name}`;
}
