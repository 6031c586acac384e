// Test projects: `unit`, and `mocked` with modules replaced, run in seconds; `slow` holds statistics, fuzzing and programs, `browser` drives Chromium. Tests
// run on the built packages, as users have them, and Node reads those fastest. Only those that replace modules, and `unit` after a change, are on the sources.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { staleBuild } from './test/newest-build.js';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));
const alias = {
  '@kinovox/world': source('world'),
  '@kinovox/physics': source('physics'),
  '@kinovox/env': source('env'),
  '@kinovox/planning': source('planning'),
  '@kinovox/agents': source('agents'),
};
const limits = (timeout: number) => ({ testTimeout: timeout, hookTimeout: timeout });
const onSources = (name: string, timeout: number, test: object) => ({ resolve: { alias }, test: { name, ...limits(timeout), ...test } });

/** Takes a module of a package's sources from its build. */
const built = {
  name: 'built',
  enforce: 'pre' as const,
  async resolveId(this: Resolver, asked: string, importer: string | undefined) {
    const found = await this.resolve(asked, importer, { skipSelf: true });
    // The viewer is a page: what its tests read of it has no build.
    const [, folder, path] = /^(.*\/packages\/(?!viewer\/)\w+)\/src\/(.*)\.ts$/.exec(found?.id ?? '') ?? [];
    return folder === undefined ? found : { id: `${folder}/dist/${path}.js` };
  },
};
interface Resolver {
  resolve(asked: string, importer: string | undefined, options: { skipSelf: true }): Promise<{ id: string } | null>;
}
/** Node itself reads the build, which takes less time than what vitest transforms, and runs faster. */
const onBuild = (name: string, timeout: number, test: object) => ({
  plugins: [built],
  test: {
    name,
    ...limits(timeout),
    globalSetup: 'test/newest-build.ts',
    server: { deps: { external: [/\/packages\/\w+\/dist\//] } },
    ...test,
  },
});

const UNIT = ['test/{world,physics,env,planning,agents,viewer,structure}/**/*.test.ts'];
const SLOW = ['test/{conformance,differential,fuzz,examples,server}/**/*.test.ts'];
const mocked = (globs: readonly string[]) => globs.map((glob) => glob.replace('.test.ts', '.mocked.test.ts'));
const MOCKED = '**/*.mocked.test.ts';
const cores = availableParallelism();
const onNewest = staleBuild() === undefined ? onBuild : onSources;

export default defineConfig({
  test: {
    // Tests wait for programs that they start: one file more than there are cores keeps those busy.
    maxWorkers: cores + 1,
    // In CI the counts are read back from this file for the closing line.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/artifacts/results.json' },
    projects: [
      // Files share what they import, which is half of their time; those that replace modules must not.
      onNewest('unit', 60_000, { include: UNIT, exclude: [MOCKED], isolate: false }),
      onSources('mocked', 60_000, { include: mocked(UNIT) }),
      onBuild('slow', 600_000, { include: SLOW, exclude: [MOCKED] }),
      onSources('slow-mocked', 600_000, { include: mocked(SLOW) }),
      // After all others: Chromium draws in software, in threads of its own, and starves beside them.
      onBuild('browser', 300_000, { include: ['test/browser/**/*.test.ts'], sequence: { groupOrder: 1 }, maxWorkers: cores }),
    ],
  },
});
