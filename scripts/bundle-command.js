// Bundles the built `kinovox` command into packages/server/dist/command, which starts in half the time: Node finds and reads a thousand modules one by one.
// Run after the build of the packages; bin/kinovox.js takes the bundle unless a package was built since.
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForNode } from './bundle-for-node.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = `${root}packages/server/dist/command`;

/** Modules look for worker threads, scenarios and the page beside themselves: in the bundle they go on to look where their file is. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(`${root}packages/`) || !code.includes('import.meta.url')) return null;
    return { code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(relative(out, id))}, import.meta.url).href`), map: null };
  },
};

await bundleForNode({ root, out, entries: { main: `${dirname(out)}/main.js` }, plugins: [keepPlaces] });
