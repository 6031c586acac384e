// Bundles the built server into python/kinovox/_server, for the wheel: `serve` and its worker threads, the shipped scenarios, and the examples.
// Folders are those of the repository, so that what is found beside a module there is found here. Run after `npm run build`.
// Left out: the packages webgpu and gpu.js, which bring native code; what needs them says so.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleForNode } from '../bundle-for-node.js';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const out = at('python/kinovox/_server');
const entries = {
  'serve-main': 'packages/server/dist/serve-main.js',
  'engine-worker': 'packages/env/dist/engine-worker.js',
  'rigid-worker': 'packages/env/dist/rigid-worker.js',
};
for (const path of Object.values(entries))
  if (!existsSync(at(path))) throw new Error(`${path} must be built before it is bundled; got nothing there. Run "npm run build".`);

rmSync(out, { recursive: true, force: true });
const output = await bundleForNode({
  root: at('.'),
  out: `${out}/packages/server/dist`,
  entries: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, at(path)])),
});
mkdirSync(`${out}/scenarios`);
cpSync(at('scenarios'), `${out}/scenarios`, { recursive: true, filter: (path) => !path.endsWith('/schema') });
cpSync(at('python/examples'), `${out}/examples`, { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
cpSync(at('LICENSE'), `${out}/LICENSE`);
writeFileSync(`${out}/THIRD-PARTY-LICENSES.txt`, licensesOf(output.flatMap((chunk) => Object.keys(chunk.modules ?? {}))));
const { version, engines } = JSON.parse(readFileSync(at('packages/server/package.json'), 'utf8'));
// Without it Node would take the modules for CommonJS.
writeFileSync(
  `${out}/package.json`,
  `${JSON.stringify({ name: 'kinovox-server', version, private: true, type: 'module', engines }, null, 2)}\n`,
);

/** The licences of the packages that the bundle holds modules of. @throws where one has none. */
function licensesOf(modules) {
  const folders = new Set(modules.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined && license === undefined) throw new Error(`${name} must have a licence to be bundled; got none in ${folder}.`);
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8')}`;
  });
  return `${texts.join(`\n${'-'.repeat(80)}\n`)}\n`;
}
