/** Before tests that run on the build: refuses one that is older than its sources, whose results would be of yesterday. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));

/** @throws Error naming a source that was changed since its package was compiled. */
export default function requireNewestBuild(): void {
  for (const name of readdirSync(packages)) {
    // The viewer is a page.
    const made = name === 'viewer' ? 'index.html' : '.tsbuildinfo';
    const built = statSync(`${packages}${name}/dist/${made}`, { throwIfNoEntry: false });
    if (built === undefined) throw new Error(`packages/${name} must be built before these tests run. Run "npm run build".`);
    const folder = `${packages}${name}/src`;
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (/\.(ts|css)$/.test(path) && statSync(`${folder}/${path}`).mtimeMs > built.mtimeMs)
        throw new Error(
          `These tests run on the build, which must be newer than its sources; got packages/${name}/src/${path}, changed since. Run "npm run build".`,
        );
  }
}
