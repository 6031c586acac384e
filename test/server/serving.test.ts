// Commands that serve: what they print, how they end, and what they leave.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunDirectory } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { DIGGERS, eventually, freshFolder, kinovox, startKinovox } from './command.js';
import { WatchingClient } from './watching-client.js';

const WORLD = ['--scenario', DIGGERS, '--policy', 'random', '--worlds', '4', '--seed', '3'];

describe('kinovox start', () => {
  it('ends after the results with --no-serve, in a new folder under runs/', async () => {
    const cwd = freshFolder();
    const { code, stdout, stderr } = await startKinovox(['start', ...WORLD, '--ticks', '170', '--no-serve'], { cwd }).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('state hash');
    expect(stderr).toContain('100 % (170 of 170');
    const run = readRunDirectory(join(cwd, 'runs/diggers-v1-1'));
    expect(run.manifest.status).toBe('finished');
    expect(run.recordings).toHaveLength(1);
  });

  it('prints the same results when it serves, then the URL of the batch that goes on, and ends cleanly at SIGTERM', async () => {
    const out = join(freshFolder(), 'run');
    const { child, ended, output } = startKinovox(['start', ...WORLD, '--ticks', '170', '--port', '0', '--out', out]);
    const url = await eventually('a URL', () => /watch\s+(http:\S+)/.exec(output().stdout)?.[1]);
    const headless = JSON.parse((await kinovox('run', ...WORLD, '--ticks', '170', '--json')).stdout);
    expect(output().stdout).toContain(headless.stateHash);
    const client = new WatchingClient(url);
    expect((await client.greet()).ok).toBe(true);
    expect(await client.ask('watch', { world: 2 })).toEqual({ ok: true });
    await eventually('live frames', () => client.frames.length > 5);
    client.close();
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`The results are in ${out}`);
    const run = readRunDirectory(out);
    expect(run.manifest.status).toBe('finished');
    expect((run.manifest.summary as { ticks: number }).ticks).toBeGreaterThan(170);
    expect((await kinovox('replay', out, '--verify')).code).toBe(0);
  });

  it('says where the results are when it is interrupted before they are complete', async () => {
    const out = join(freshFolder(), 'run');
    const { child, ended } = startKinovox(['start', ...WORLD, '--ticks', '100000000', '--port', '0', '--out', out]);
    await eventually('the run to begin', () => {
      try {
        return readFileSync(join(out, 'metrics.jsonl')).length > 200;
      } catch {
        return false;
      }
    });
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain(out);
    expect(readRunDirectory(out).manifest.status).toBe('interrupted');
  });
});

describe('kinovox view', () => {
  it('prints one JSON object with URL and token, and serves a live batch', async () => {
    const { child, ended, output } = startKinovox(['view', ...WORLD, '--port', '0', '--json']);
    const { url, token, mode, worlds } = await eventually('JSON', () => output().stdout.endsWith('\n') && JSON.parse(output().stdout));
    expect({ mode, worlds }).toEqual({ mode: 'batch', worlds: 4 });
    const client = new WatchingClient(url);
    expect(await client.greet(token)).toMatchObject({ ok: true, welcome: { canControl: true } });
    client.close();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('plays, seeks and steps a recording', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox('run', ...WORLD, '--ticks', '250', '--out', out, '--record', '0,3');
    const { child, ended, output } = startKinovox(['view', out, '--port', '0', '--json']);
    const { url, token } = await eventually('JSON', () => output().stdout.endsWith('\n') && JSON.parse(output().stdout));
    const client = new WatchingClient(url);
    const hello = await client.greet(token);
    expect(hello).toMatchObject({ ok: true, welcome: { mode: 'recording', numWorlds: 2, policy: 'random' } });
    if (!hello.ok) throw new Error(hello.sentence);
    const [first, second] = hello.welcome.recordings;
    expect([first.name, second.name]).toEqual([expect.stringContaining('row 0'), expect.stringContaining('row 3')]);
    expect(second.episodeStarts.length).toBeGreaterThan(1);
    await client.ask('watch', { world: 1 });
    await eventually('the first frame', () => client.lastFrame?.tick === 0);
    const control = (command: object) => client.ask('control', { world: 1, ...command });
    expect(await control({ command: 'seek', value: 120 })).toEqual({ ok: true });
    await eventually('tick 120', () => client.lastFrame?.tick === 120 && client.lastStatus?.position === 120);
    expect(await control({ command: 'step', value: 5 })).toEqual({ ok: true });
    await eventually('tick 125', () => client.lastFrame?.tick === 125);
    const atFirst = client.lastFrame!;
    expect(await control({ command: 'seek', value: 10 })).toEqual({ ok: true });
    await eventually('tick 10', () => client.lastFrame?.tick === 10);
    expect(await control({ command: 'seek', value: 125 })).toEqual({ ok: true });
    await eventually('tick 125 again', () => client.lastFrame?.tick === 125);
    expect(client.lastFrame!.agents).toEqual(atFirst.agents);
    expect(client.lastFrame!.returns).toEqual(atFirst.returns);
    expect(await control({ command: 'speed', value: 16 })).toEqual({ ok: true });
    expect(await control({ command: 'play' })).toEqual({ ok: true });
    await eventually('its end', () => client.lastStatus?.playing === false && client.lastStatus.position === client.lastStatus.length);
    expect(client.lastFrame!.episode).toBe(second.episodeStarts.length - 1);
    expect(client.gap()).toBeUndefined();
    client.close();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('says that a port is taken', async () => {
    const { child, ended, output } = startKinovox(['view', ...WORLD, '--port', '0', '--json']);
    const { url } = await eventually('JSON', () => output().stdout.endsWith('\n') && JSON.parse(output().stdout));
    const second = await kinovox('view', ...WORLD, '--port', new URL(url).port);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('--port must be free');
    child.kill('SIGINT');
    await ended;
  });
});
