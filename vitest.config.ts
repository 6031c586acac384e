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
const project = (name: string, include: string[], testTimeout: number) => ({
  resolve: { alias },
  test: { name, include, testTimeout, hookTimeout: testTimeout },
});

const UNIT = ['test/{world,physics,env,planning,agents,viewer,structure}/**/*.test.ts'];
const unit = (name: string, test: object) => ({ resolve: { alias }, test: { name, testTimeout: 60_000, hookTimeout: 60_000, ...test } });

export default defineConfig({
  test: {
    // Tests in the browser wait a quarter of their time: one file more than there are cores keeps those busy.
    maxWorkers: availableParallelism() + 1,
    // In CI the counts are read back from this file for the closing line.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/artifacts/results.json' },
    projects: [
      // Files share what they import, which is half of their time; those that replace modules must not.
      unit('unit', { include: UNIT, exclude: ['**/*.mocked.test.ts'], isolate: false }),
      unit('mocked', { include: UNIT.map((glob) => glob.replace('.test.ts', '.mocked.test.ts')) }),
      project('slow', ['test/{conformance,differential,fuzz,examples,server}/**/*.test.ts'], 600_000),
      { ...project('browser', ['test/browser/**/*.test.ts'], 300_000) },
    ],
  },
});
