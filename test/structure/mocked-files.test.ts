/** Unit tests share one registry of modules: what replaces modules says so in its name, and runs by itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['world', 'physics', 'env', 'planning', 'agents', 'viewer', 'structure'];
const REPLACES = /\bvi\s*\.\s*(mock|doMock|resetModules)\(|^WebAssembly\.\w+ = /m;

it('files that replace modules, or look on as they load, are named *.mocked.test.ts', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(`${TESTS}${folder}`, { recursive: true, encoding: 'utf8' }).flatMap((name) =>
      name.endsWith('.test.ts') ? [`${folder}/${name}`] : [],
    ),
  );
  expect(files.length).toBeGreaterThan(100);
  const replacing = files.filter((file) => REPLACES.test(readFileSync(`${TESTS}${file}`, 'utf8')));
  expect(replacing.length).toBeGreaterThan(0);
  expect(replacing.filter((file) => !file.endsWith('.mocked.test.ts'))).toEqual([]);
});
