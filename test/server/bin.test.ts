// What `kinovox` starts: the bundle, the modules where a package was compiled after it, or a sentence where nothing is built.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { BIN, freshFolder } from './command.js';

const packages = freshFolder();
const bin = `${packages}/server/bin/kinovox.js`;
const run = () => promisify(execFile)(process.execPath, [bin]);

function write(path: string, text: string, seconds: number): void {
  const file = `${packages}/${path}`;
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, seconds, seconds);
}

describe('the entry of the command', () => {
  afterAll(() => rmSync(packages, { recursive: true }));
  cpSync(BIN, bin, { recursive: true });
  write('server/package.json', '{ "type": "module" }', 1000);
  // What the entry asks whether the bundle is the newest.
  mkdirSync(`${packages}/server/node_modules/@kinovox`, { recursive: true });
  symlinkSync(fileURLToPath(new URL('../../packages/env', import.meta.url)), `${packages}/server/node_modules/@kinovox/env`);

  it('says what to do where nothing is built', async () => {
    await expect(run()).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^kinovox is not built yet\. Run "npm run build"/),
    });
  });

  it('starts the modules where there is no bundle', async () => {
    write('server/dist/main.js', 'console.log("modules")', 1000);
    expect((await run()).stdout).toBe('modules\n');
  });

  it('starts the bundle, until any package is compiled again', async () => {
    write('server/dist/bundled/main.js', 'console.log("bundle")', 2000);
    expect((await run()).stdout).toBe('bundle\n');
    write('world/dist/.tsbuildinfo', '', 1999);
    expect((await run()).stdout).toBe('bundle\n');
    write('world/dist/.tsbuildinfo', '', 2001);
    expect((await run()).stdout).toBe('modules\n');
  });
});
