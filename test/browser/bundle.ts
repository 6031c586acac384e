/** A page of the browser tests as one script or more, built from the sources as an application would. What only Node has is left out: it is never reached. */
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface BundleOptions {
  /** Packages that the page does without. */
  external: readonly string[];
  /** Parts that are loaded later as files of their own; default: all in one. */
  split?: boolean;
}

/** @param page file of this folder. @returns scripts by name, the page's own first. */
export async function bundle(page: string, { external, split = false }: BundleOptions): Promise<Map<string, string>> {
  const source = (name: string) => `${root}packages/${name}/src/index.ts`;
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@kinovox/world': source('world'), '@kinovox/physics': source('physics') } },
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      rolldownOptions: {
        input: `${root}test/browser/${page}`,
        external: [...external],
        ...(split ? {} : { output: { codeSplitting: false } }),
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code] as const] : [])));
}

/** The same as the one script that it is. */
export async function bundleScript(page: string, external: readonly string[]): Promise<string> {
  const [script] = (await bundle(page, { external })).values();
  return script;
}
