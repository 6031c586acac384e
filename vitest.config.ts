// Test projects: `unit` runs on the TypeScript sources in seconds; `slow` holds statistics and fuzzing; `browser` drives Chromium.
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
const project = (name: string, include: string[], testTimeout: number) => ({ resolve: { alias }, test: { name, include, testTimeout, hookTimeout: testTimeout } });

export default defineConfig({
  test: {
    // Vitest leaves a core free: on two, half of the machine would wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // In CI the counts are read back from this file for the closing line.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/artifacts/results.json' },
    projects: [
      project('unit', ['test/{world,physics,env,planning,agents,viewer}/**/*.test.ts', 'test/structure/**/*.test.ts'], 60_000),
      project('slow', ['test/{conformance,differential,fuzz,examples,server}/**/*.test.ts'], 600_000),
      { ...project('browser', ['test/browser/**/*.test.ts'], 300_000) },
    ],
  },
});
