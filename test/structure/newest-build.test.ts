import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { staleBuild } from '../newest-build.js';

const packages = `${mkdtempSync(join(tmpdir(), 'kinovox-build-'))}/`;
const touch = (path: string, seconds: number) => {
  mkdirSync(dirname(packages + path), { recursive: true });
  writeFileSync(packages + path, '');
  utimesSync(packages + path, seconds, seconds);
};

describe('a build', () => {
  afterAll(() => rmSync(packages, { recursive: true }));

  it('is stale while a package has none', () => {
    touch('one/src/deep/file.ts', 1000);
    expect(staleBuild(packages)).toBe('packages/one must be built before these tests run. Run "npm run build".');
  });

  it('is that of the sources until one is changed; other files are none', () => {
    touch('one/dist/.tsbuildinfo', 1001);
    touch('viewer/src/page.css', 1000);
    touch('viewer/dist/index.html', 1001);
    touch('one/src/deep/notes.md', 1002);
    touch('notes.txt', 1002);
    expect(staleBuild(packages)).toBeUndefined();
    touch('viewer/src/page.css', 1002);
    expect(staleBuild(packages)).toContain('got packages/viewer/src/page.css, changed since. Run "npm run build".');
    touch('viewer/dist/index.html', 1003);
    touch('one/src/deep/file.ts', 1002);
    expect(staleBuild(packages)).toContain('got packages/one/src/deep/file.ts, changed since. Run "npm run build".');
  });
});
