/** Builds the page into `dist`, which the server hands out. Types of the same package lie in `dist/types` and are left alone. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: './',
  resolve: { alias: { '@kinovox/world': here('../world/src/index.ts') } },
  plugins: [{ name: 'clear-assets', apply: 'build', buildStart: () => rmSync(here('dist/assets'), { recursive: true, force: true }) }],
  build: { outDir: here('dist'), emptyOutDir: false, target: 'es2022', chunkSizeWarningLimit: 1500 },
  worker: { format: 'es' },
});
