// Test projects: `unit` runs on the TypeScript sources in seconds, `mocked` likewise, with modules replaced; `slow` holds statistics and fuzzing; `browser` drives Chromium.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));
const alias = {
  '@kinovox/world': source('world'),
  '@kinovox/physics': source('physics'),
  '@kinovox/env': source('env'),
  '@kinovox/planning': source('planning'),
  '@kinovox/agents': source('agents'),
};
const project = (name: string, timeout: number, test: object) => ({
  resolve: { alias },
  test: { name, testTimeout: timeout, hookTimeout: timeout, ...test },
});

const UNIT = ['test/{world,physics,env,planning,agents,viewer,structure}/**/*.test.ts'];
const SLOW = ['test/{conformance,differential,fuzz,examples,server}/**/*.test.ts'];
const cores = availableParallelism();

export default defineConfig({
  test: {
    // Tests wait for programs that they start: one file more than there are cores keeps those busy.
    maxWorkers: cores + 1,
    // In CI the counts are read back from this file for the closing line.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/artifacts/results.json' },
    projects: [
      // Files share what they import, which is half of their time; those that replace modules must not.
      project('unit', 60_000, { include: UNIT, exclude: ['**/*.mocked.test.ts'], isolate: false }),
      project('mocked', 60_000, { include: UNIT.map((glob) => glob.replace('.test.ts', '.mocked.test.ts')) }),
      project('slow', 600_000, { include: SLOW }),
      // After all others: Chromium draws in software, in threads of its own, and starves beside them.
      project('browser', 300_000, { include: ['test/browser/**/*.test.ts'], sequence: { groupOrder: 1 }, maxWorkers: cores }),
    ],
  },
});
