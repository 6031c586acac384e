import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { startKinovox } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'kinovox-render-'));
const run = join(folder, 'run');
const SMALL = ['--width', '48', '--height', '32'];
const render = (...args: string[]) => startKinovox(['render', ...args, ...SMALL], { cwd: folder }).ended;
const read = (name: string) => decode(readFileSync(join(folder, name)));

describe('kinovox render', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    const { code } = await startKinovox(['run', '--scenario', 'bridge-gap-v1', '--worlds', '1', '--ticks', '60', '--out', run, '--json'])
      .ended;
    expect(code).toBe(0);
  }, 120_000);

  it('writes the same PNG of a tick from a recording as from the run that it records', async () => {
    expect((await render(run, '--ticks', '40', '--out', 'recorded.png')).code).toBe(0);
    const live = await render('bridge-gap-v1', '--ticks', '40', '--out', 'live.png', '--json');
    expect(JSON.parse(live.stdout)).toMatchObject({ out: 'live.png', pictures: 1, firstTick: 40, width: 48, height: 32 });
    const picture = read('recorded.png');
    expect([picture.width, picture.height, picture.channels]).toEqual([48, 32, 3]);
    expect(new Set(picture.data).size).toBeGreaterThan(20);
    expect(read('live.png').data).toEqual(picture.data);
  });

  it('shows another picture to another agent and to a free camera', async () => {
    await render(run, '--ticks', '40', '--agent', 'bob', '--out', 'bob.png');
    await render(run, '--ticks', '40', '--free', '16,16,34,0,-25', '--out', 'free.png');
    const pictures = ['recorded.png', 'bob.png', 'free.png'].map((name) => read(name).data.toString());
    expect(new Set(pictures).size).toBe(3);
  });

  it('writes a folder of pictures, one per n ticks', async () => {
    expect((await render(run, '--ticks', '0-40', '--every', '20', '--out', 'frames')).code).toBe(0);
    expect(readdirSync(join(folder, 'frames'))).toEqual(['frame-00000.png', 'frame-00001.png', 'frame-00002.png']);
  });

  it('makes a film, or says that ffmpeg is missing', async () => {
    const { code, stderr } = await render(run, '--ticks', '0-8', '--out', 'film.mp4');
    if (code === 0) expect(readFileSync(join(folder, 'film.mp4')).subarray(4, 8).toString()).toBe('ftyp');
    else {
      expect(code).toBe(2);
      expect(stderr).toMatch(/ffmpeg/);
      expect(stderr).toMatch(/folder/);
    }
  });

  it.each([
    ['an agent that is not there', ['--agent', 'bobb', '--out', 'x.png'], /--agent must name an agent.*"bobb".*Did you mean "bob"/],
    ['a tick beyond the recording', ['--ticks', '5000', '--out', 'x.png'], /--ticks must begin within the recording, 0\.\.60; got 5000/],
    ['a kind of file that it cannot write', ['--out', 'x.gif'], /--out must be a \.png file/],
    ['two eyes', ['--agent', 'bob', '--free', '1,2,3,0,0', '--out', 'x.png'], /--agent and --free/],
    ['a place that is no place', ['--free', '1,2', '--out', 'x.png'], /x,y,z,yaw,pitch/],
  ])('exits with 2 and one message for %s', async (_, args, message) => {
    const { code, stderr, stdout } = await render(run, ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'x.png'))).toBe(false);
  });
});
