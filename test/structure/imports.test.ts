/** The house rules that code can check: who may import whom, no cycles, nothing nondeterministic inside a tick. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Each package may import the ones named, as `docs/architecture.md` says. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  world: ['zod', 'fflate'],
  physics: ['@kinovox/world', '@dimforge/rapier3d', 'webgpu', 'gpu.js'],
  env: ['@kinovox/world', '@kinovox/physics', 'node:'],
  planning: ['@kinovox/world', '@kinovox/physics', 'fast-xml-parser', 'yaml', 'zod'],
  agents: ['@kinovox/world', '@kinovox/env', '@kinovox/planning', 'zod', 'openai', '@anthropic-ai/sdk', 'fast-png'],
  server: [
    '@kinovox/world',
    '@kinovox/physics',
    '@kinovox/env',
    '@kinovox/planning',
    '@kinovox/agents',
    'node:',
    'cli-progress',
    'cli-table3',
    'commander',
    'picocolors',
    '@modelcontextprotocol/server',
    '@modelcontextprotocol/server/stdio',
    'hyparquet-writer',
    'prom-client',
    'socket.io',
    'socket.io-client',
    'ws',
    'zod',
  ],
  viewer: ['@kinovox/world', 'three', 'three/', 'lil-gui', 'socket.io-client', 'uplot', 'uplot/'],
};
const FORBIDDEN_NAMES = /(^|[-/])(utils?|helpers?|managers?|common|misc)([-./]|$)/;
const NONDETERMINISTIC =
  /\bMath\.(random|sin|cos|tan|exp|pow|log|atan2?|hypot)\b|\bDate\.now\b|\bnew Date\b|\bperformance\.|\bsetTimeout\b|\bawait\b|\*\*/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.ts$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

interface Import {
  from: string;
  typeOnly: boolean;
}

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?from\s+)?['"]([^'"]+)['"]/g;
  for (const match of text.matchAll(pattern)) found.push({ from: match[3], typeOnly: match[2] !== undefined });
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push({ from: match[1], typeOnly: false });
  return found;
}

const packages = Object.keys(MAY_IMPORT);
const files = packages.flatMap((name) =>
  sources(join(ROOT, 'packages', name, 'src')).map((path) => ({ name, path, text: readFileSync(path, 'utf8') })),
);
const place = (path: string) => relative(ROOT, path);

function disallowed(name: string, text: string): string[] {
  return importsOf(text)
    .map((entry) => entry.from)
    .filter(
      (from) =>
        !from.startsWith('.') &&
        !MAY_IMPORT[name].some(
          (allowed) => from === allowed || ((allowed.endsWith('/') || allowed.endsWith(':')) && from.startsWith(allowed)),
        ),
    );
}

/** A cycle of value imports through `start`, or undefined. Types vanish when compiled, so they may point both ways. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | undefined => {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe('the packages', () => {
  it('import only what their row in the architecture names', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(({ name, path, text }) => disallowed(name, text).map((from) => `${place(path)} imports ${from}`))).toEqual([]);
  });
  it('would be caught importing upwards', () => {
    expect(disallowed('world', "import { createEnv } from '@kinovox/env';\nimport { x } from './x.js';")).toEqual(['@kinovox/env']);
  });
  it('let gpu.js in through one file', () => {
    const importers = files.filter(({ text }) => importsOf(text).some((entry) => entry.from === 'gpu.js' && !entry.typeOnly));
    expect(importers.map(({ path }) => place(path))).toEqual(['packages/physics/src/gpujs/runtime.ts']);
  });
  it('install one Dawn, and the stand-in instead of the package gl', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string; resolved?: string; link?: boolean }>;
    };
    const named = (name: string) => Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
    expect(named('webgpu').map(([, entry]) => entry.version)).toEqual(['0.6.2']);
    expect(named('gl').map(([, entry]) => [entry.resolved, entry.link])).toEqual([['stand-ins/gl', true]]);
  });
  it('have no cycle of imports between their files', () => {
    const graph = new Map(
      files.map(({ path, text }) => [
        path,
        importsOf(text)
          .filter((entry) => entry.from.startsWith('.') && !entry.typeOnly)
          .map((entry) => resolve(dirname(path), entry.from.replace(/\.js$/, '.ts'))),
      ]),
    );
    expect(findCycle(graph)?.map(place)).toBeUndefined();
  });
  it('would be caught in a cycle', () => {
    expect(
      findCycle(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
    ).toEqual(['a', 'b', 'c', 'a']);
  });
  it('name every file by what it is', () => {
    expect(files.map(({ path }) => place(path)).filter((path) => FORBIDDEN_NAMES.test(path))).toEqual([]);
    expect(FORBIDDEN_NAMES.test('packages/world/src/string-utils.ts')).toBe(true);
  });
  it('keep every source file below 800 lines, tables apart', () => {
    expect(
      files.filter(({ text, path }) => text.split('\n').length > 800 && !path.endsWith('table.ts')).map(({ path }) => place(path)),
    ).toEqual([]);
  });
});

describe('the stages of a tick', () => {
  const inTick = files.filter(({ path }) => /physics\/src\/(stages|monitor|bodies|tick)/.test(path));
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  it('use no clock, no floating-point functions and no promises', () => {
    expect(inTick.length).toBeGreaterThan(15);
    expect(inTick.filter(({ text }) => NONDETERMINISTIC.test(code(text))).map(({ path }) => place(path))).toEqual([]);
  });
  it('would be caught using a clock', () => expect(NONDETERMINISTIC.test(code('const t = Date.now();'))).toBe(true));
});
