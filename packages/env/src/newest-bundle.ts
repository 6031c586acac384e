/**
 * The build bundles what starts often, threads and the command, into `dist/bundled` of their package: Node reads hundreds of modules one by one, and a bundle at once.
 * A bundle that is older than what is in it is passed over, so that `tsc -b` alone is enough to run what was changed.
 */
// All of it by name: a page that bundles this package has none.
import * as fs from 'node:fs';

/**
 * Whether the bundle, at `packages/NAME/dist/bundled/FILE`, is there, and nothing in it was compiled or installed after it was made. Published packages have none.
 * With `KINOVOX_BUNDLES=0` it counts as missing: for debuggers and preloads, which look for modules.
 */
export function isNewestBundle(bundle: URL): boolean {
  const madeMs = process.env.KINOVOX_BUNDLES === '0' ? undefined : modifiedMs(bundle);
  if (madeMs === undefined) return false;
  const packages = new URL('../../../', bundle);
  const folders = fs.readdirSync(packages, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const notes = [
    ...folders.map(({ name }) => new URL(`${name}/dist/.tsbuildinfo`, packages)),
    new URL('../node_modules/.package-lock.json', packages),
  ];
  return notes.every((note) => (modifiedMs(note) ?? 0) <= madeMs);
}

/**
 * The file of a thread: the bundle of its module, or the module.
 * @param path of the compiled module, relative to the one that starts the thread
 * @param from `import.meta.url` of that; when run from the sources, as tests do, the built module is the thread's
 */
export function threadEntry(path: string, from: string): URL {
  const [, dist, rest] = /^(file:.*\/packages\/\w+\/)(?:src\/(?=.*\.ts$)|dist\/)(.*)$/.exec(from) ?? [];
  const module = new URL(path, dist === undefined ? from : `${dist}dist/${rest}`);
  if (dist === undefined) return module;
  const bundle = new URL(`dist/bundled/${path.slice(path.lastIndexOf('/') + 1)}`, dist);
  return isNewestBundle(bundle) ? bundle : module;
}

function modifiedMs(url: URL): number | undefined {
  return fs.statSync(url, { throwIfNoEntry: false })?.mtimeMs;
}
