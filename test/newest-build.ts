/** Tests that run on the build refuse one that is older than its sources, whose results would be of yesterday. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../packages/', import.meta.url));

/** What is not built, or was changed since, in a sentence; undefined: the build is that of the sources. @param packages their folder, with a slash at its end. */
export function staleBuild(packages = PACKAGES): string | undefined {
  for (const entry of readdirSync(packages, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const { name } = entry;
    // The viewer is a page.
    const made = name === 'viewer' ? 'index.html' : '.tsbuildinfo';
    const built = statSync(`${packages}${name}/dist/${made}`, { throwIfNoEntry: false });
    if (built === undefined) return `packages/${name} must be built before these tests run. Run "npm run build".`;
    const folder = `${packages}${name}/src`;
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (/\.(ts|css)$/.test(path) && statSync(`${folder}/${path}`).mtimeMs > built.mtimeMs)
        return `These tests run on the build, which must be newer than its sources; got packages/${name}/src/${path}, changed since. Run "npm run build".`;
  }
}

/** Before such tests. @throws Error naming a source that was changed since its package was compiled. */
export default function requireNewestBuild(): void {
  const stale = staleBuild();
  if (stale !== undefined) throw new Error(stale);
}
