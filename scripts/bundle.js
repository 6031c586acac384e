// Bundles what starts often, the `kinovox` command and threads, into `dist/bundled` of their packages: a start takes a half to a third of the time, since
// Node finds and reads hundreds of modules one by one. Run after the build of the packages; a package that is built later makes its users take the modules.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForNode } from './bundle-for-node.js';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Compiled modules by package. */
const ENTRIES = {
  env: ['engine-worker', 'rigid-worker'],
  server: ['main', 'run/plan-thread-entry', 'live/batch-worker', 'live/player-worker'],
};

/** Modules look for threads, scenarios and the page beside themselves: in the bundle they go on to look where their file is. */
const keepPlaces = (out) => ({
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(`${root}packages/`) || !code.includes('import.meta.url')) return null;
    return { code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(relative(out, id))}, import.meta.url).href`), map: null };
  },
});

for (const [name, modules] of Object.entries(ENTRIES)) {
  const dist = `${root}packages/${name}/dist`;
  const out = `${dist}/bundled`;
  const entries = Object.fromEntries(modules.map((path) => [path.slice(path.lastIndexOf('/') + 1), `${dist}/${path}.js`]));
  await bundleForNode({ root, out, entries, plugins: [keepPlaces(out)] });
}
