// Built modules of the packages and what they import from npm, bundled for Node into one folder.
import { build } from 'vite';

/** Packages that bring native code, or that a user may add: who needs one finds it beside the bundle, or says that it is missing. */
const OUTSIDE = ['webgpu', 'gpu.js', 'node-llama-cpp', 'bufferutil', 'utf-8-validate'];

/**
 * @param root the project
 * @param out folder, which is emptied
 * @param entries paths of modules by the name of their bundle
 * @returns the chunks
 */
export async function bundleForNode({ root, out, entries, plugins = [] }) {
  const { output } = await build({
    configFile: false,
    logLevel: 'warn',
    root,
    plugins,
    ssr: { noExternal: true, external: OUTSIDE },
    build: {
      ssr: true,
      target: 'node20',
      outDir: out,
      emptyOutDir: true,
      minify: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: entries,
        // One folder: modules look for their worker threads beside themselves.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  return output;
}
