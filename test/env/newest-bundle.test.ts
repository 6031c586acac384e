// Which file a thread is started from: the bundle, or the module where a package was compiled after it.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { isNewestBundle, threadEntry } from '../../packages/env/src/newest-bundle.js';

const root = mkdtempSync(join(tmpdir(), 'kinovox-bundle-'));
const at = (path: string) => pathToFileURL(`${root}/packages/${path}`);
const touch = (path: string, seconds: number) => {
  const file = `${root}/packages/${path}`;
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, seconds, seconds);
};
const started = (from: string) => threadEntry('./a-thread.js', at(from).href).href;

describe('the file of a thread', () => {
  afterAll(() => rmSync(root, { recursive: true }));

  it('is the built module where there is no bundle, also for sources', () => {
    touch('one/dist/.tsbuildinfo', 1000);
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/deep/a-thread.js').href);
    expect(started('one/src/deep/starter.ts')).toBe(at('one/dist/deep/a-thread.js').href);
  });

  it('is the bundle, until a package is compiled again', () => {
    touch('one/dist/bundled/a-thread.js', 2000);
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/bundled/a-thread.js').href);
    expect(started('one/src/deep/starter.ts')).toBe(at('one/dist/bundled/a-thread.js').href);
    vi.stubEnv('KINOVOX_BUNDLES', '0');
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/deep/a-thread.js').href);
    vi.unstubAllEnvs();
    touch('two/dist/.tsbuildinfo', 2001);
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/deep/a-thread.js').href);
    expect(isNewestBundle(at('one/dist/bundled/a-thread.js'))).toBe(false);
  });

  it('is the module where packages were installed after the bundle was made; files beside the packages say nothing', () => {
    touch('two/dist/.tsbuildinfo', 1999);
    touch('notes.txt', 3000);
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/bundled/a-thread.js').href);
    touch('../node_modules/.package-lock.json', 2001);
    expect(started('one/dist/deep/starter.js')).toBe(at('one/dist/deep/a-thread.js').href);
  });

  it('lies beside what starts it in any other folder', () => {
    for (const folder of ['app/server', 'packages/app/src/vendor'])
      expect(threadEntry('./a-thread.js', `file:///${folder}/starter.js`).href).toBe(`file:///${folder}/a-thread.js`);
  });
});
