/** The version of this package. */
import { existsSync, readFileSync } from 'node:fs';

/** Beside the built files, and, bundled in the Python wheel, above the bundle. */
const PLACES = ['../../package.json', '../../../package.json'];

export function packageVersion(): string {
  const file = PLACES.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  return file === undefined ? 'unknown' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
