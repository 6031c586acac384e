// The kinovox command from outside: exit codes, what is printed where, and what is left on disk.
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording, readRunDirectory } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { DIGGERS, eventually, freshFolder, kinovox, startKinovox } from './command.js';

const RUN = ['run', '--scenario', DIGGERS, '--policy', 'random', '--seed', '11'];

describe('kinovox run', () => {
  it('prints one JSON object with the figures of the run, and nothing else on stdout', async () => {
    const { code, stdout } = await kinovox(...RUN, '--worlds', '4', '--ticks', '170', '--json', '--row-hashes');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      scenario: 'diggers-v1',
      seed: 11,
      split: 'train',
      worlds: 4,
      agents: 12,
      ticks: 170,
      policy: 'random',
      engine: 'cpu',
      status: 'finished',
      agentSteps: 4 * 12 * 170,
    });
    expect(report.episodes).toBeGreaterThanOrEqual(4);
    expect(report.successRate).toBeGreaterThanOrEqual(0);
    expect(report.successRate).toBeLessThanOrEqual(1);
    expect(report.meanReturn).toBeGreaterThan(0);
    expect(report.agentStepsPerSecond).toBeGreaterThan(0);
    expect(report.activity.movingShare).toBeGreaterThan(0.3);
    expect(report.activity.movingShare).toBeLessThanOrEqual(1);
    expect(report.activity.editsPer1000).toBeGreaterThan(0);
    expect(report.activity.resetsPer1000).toBeCloseTo((1000 * report.episodes) / report.agentSteps, 6);
    expect(report.stateHash).toMatch(/^[0-9a-f]{16}$/);
    expect(report.rowHashes).toHaveLength(4);
  });

  it('gives the same row hashes again and at another number of worlds, and others for another seed', async () => {
    const hashes = async (...args: string[]) =>
      JSON.parse((await kinovox(...RUN, '--ticks', '200', '--json', '--row-hashes', ...args)).stdout).rowHashes as string[];
    const [three, again, five, other] = await Promise.all([
      hashes('--worlds', '3'),
      hashes('--worlds', '3'),
      hashes('--worlds', '5'),
      hashes('--worlds', '3', '--seed', '12'),
    ]);
    expect(again).toEqual(three);
    expect(five.slice(0, 3)).toEqual(three);
    // Row r plays seed + r, so seed 12 begins where row 1 of seed 11 is.
    expect(other.slice(0, 2)).toEqual(three.slice(1));
    expect(other[2]).not.toBe(three[2]);
  });

  it('prints a table without a terminal, with progress on stderr', async () => {
    const { code, stdout, stderr } = await kinovox(...RUN, '--worlds', '2', '--ticks', '20');
    expect(code).toBe(0);
    expect(stdout).toContain('agent-steps/s');
    expect(stdout).toContain('state hash');
    expect(stderr).toContain('diggers-v1: 100 % (20 of 20');
  });

  it('leaves a finished run folder whose recordings verify', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox(...RUN, '--worlds', '3', '--ticks', '180', '--out', out, '--record', '0,2');
    const run = readRunDirectory(out);
    expect(run.manifest).toMatchObject({ status: 'finished', scenario: 'diggers-v1', policy: 'random', worlds: 3, seed: 11 });
    expect(run.manifest.command.slice(0, 2)).toEqual(['kinovox', 'run']);
    expect(run.recordings.map((recording) => recording.row)).toEqual([0, 2]);
    expect(run.episodes.length).toBe((run.manifest.summary as { episodes: number }).episodes);
    const { code, stdout } = await kinovox('replay', out, '--verify', '--json');
    expect(code).toBe(0);
    const replay = JSON.parse(stdout);
    expect(replay).toMatchObject({ ok: true, verified: true });
    expect(replay.recordings.map((recording: { ticks: number }) => recording.ticks)).toEqual([180, 180]);
  });

  it('refuses a run folder that holds files', async () => {
    const out = freshFolder();
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const { code, stderr } = await kinovox(...RUN, '--ticks', '5', '--out', out);
    expect(code).toBe(2);
    expect(stderr).toContain('must be new or empty');
  });
});

describe('a run that ends early', () => {
  it('finishes its folder at Ctrl-C and says where it is', async () => {
    const out = join(freshFolder(), 'run');
    const { child, ended } = startKinovox([...RUN, '--worlds', '4', '--ticks', '100000000', '--out', out]);
    await eventually(
      'the recording grows',
      () => existsSync(join(out, 'recordings/row-0.kvr')) && statSync(join(out, 'recordings/row-0.kvr')).size > 5000,
    );
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`The results so far are in ${out}`);
    expect(stdout).toContain('state hash');
    const run = readRunDirectory(out);
    expect(run.manifest.status).toBe('interrupted');
    expect(readRecording(join(out, 'recordings/row-0.kvr')).finished).toBe(true);
    expect((await kinovox('replay', out, '--verify')).code).toBe(0);
  });

  // 638 levels of about 10 ms: most of them are still to be built when the signal comes.
  const LONG_SETUP = ['--scenario', 'hunt-v1', '--worlds', '1024'];

  it('is over at once at SIGTERM while levels are built, and leaves no folder', async () => {
    const out = join(freshFolder(), 'run');
    const { child, ended, output } = startKinovox(['run', ...LONG_SETUP, '--ticks', '5', '--out', out]);
    await eventually('levels are built', () => output().stderr.includes('building levels'));
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toContain('Interrupted before the first tick; nothing was written.');
    expect(stderr).not.toContain('building levels: 100 %');
    expect(existsSync(out)).toBe(false);
  });

  it('gives the name of its folder back when Ctrl-C ends kinovox start before the first tick', async () => {
    const cwd = freshFolder();
    const { child, ended, output } = startKinovox(['start', '--no-serve', ...LONG_SETUP], { cwd });
    await eventually('levels are built', () => output().stderr.includes('building levels'));
    expect(readdirSync(join(cwd, 'runs'))).toEqual(['hunt-v1-1']);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(readdirSync(join(cwd, 'runs'))).toEqual([]);
  });

  it('leaves a folder that is readable up to its last whole record when it is killed', async () => {
    const out = join(freshFolder(), 'run');
    const { child, ended } = startKinovox([...RUN, '--worlds', '4', '--ticks', '100000000', '--out', out]);
    await eventually(
      'the recording grows',
      () => existsSync(join(out, 'recordings/row-0.kvr')) && statSync(join(out, 'recordings/row-0.kvr')).size > 20_000,
    );
    child.kill('SIGKILL');
    await ended;
    const run = readRunDirectory(out);
    expect(run.manifest.status).toBe('interrupted');
    const { code, stdout } = await kinovox('replay', out, '--verify', '--json');
    expect(code).toBe(0);
    const [recording] = JSON.parse(stdout).recordings;
    expect(recording).toMatchObject({ complete: false, verified: true });
    expect(recording.ticks).toBeGreaterThan(50);
    // Half a record more is still readable: it is left out.
    const cut = join(out, 'recordings/row-0.kvr');
    truncateSync(cut, statSync(cut).size - 3);
    expect(JSON.parse((await kinovox('replay', out, '--verify', '--json')).stdout).recordings[0].verified).toBe(true);
  });
});

describe('a host without a GPU', () => {
  const env = { VK_ICD_FILENAMES: join(freshFolder(), 'none.json') };
  const args = ['run', '--scenario', 'tag-v1', '--worlds', '2', '--ticks', '5', '--policy', 'random', '--json'];

  it('is told of at --engine webgpu with the next step, and exit code 2', async () => {
    const { code, stdout, stderr } = await startKinovox([...args, '--engine', 'webgpu'], { env }).ended;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /The engine "webgpu" needs a GPU adapter; this host has none. Install a Vulkan driver .*, or use the engine "cpu"\./,
    );
  });

  it('runs on cpu by itself, and says why', async () => {
    const { code, stdout } = await startKinovox(args, { env }).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'cpu', engineReason: 'this host has no GPU adapter' });
  });
});

describe('kinovox replay', () => {
  it('refuses a finished recording that was altered or cut, naming the byte and the tick', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox(...RUN, '--worlds', '1', '--ticks', '120', '--out', out);
    const original = join(out, 'recordings/row-0.kvr');
    const bytes = readFileSync(original);
    const altered = join(out, 'altered.kvr');
    const middle = bytes.length >> 1;
    const changed = Uint8Array.from(bytes);
    changed[middle] ^= 1;
    writeFileSync(altered, changed);
    const tampered = await kinovox('replay', altered, '--verify');
    expect(tampered.code).toBe(2);
    expect(tampered.stderr).toMatch(/at byte \d+ .*after tick \d+/);
    expect(tampered.stdout).toBe('');
    const short = join(out, 'short.kvr');
    copyFileSync(original, short);
    truncateSync(short, bytes.length - 100);
    const cut = await kinovox('replay', short, '--verify');
    expect(cut.code).toBe(2);
    expect(cut.stderr).toContain('cut short');
    expect((await kinovox('replay', original, '--verify')).code).toBe(0);
  });

  it('names the rows that were recorded when another is asked for', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox(...RUN, '--worlds', '2', '--ticks', '10', '--out', out, '--record', '1');
    const { code, stderr } = await kinovox('replay', out, '--row', '0');
    expect(code).toBe(2);
    expect(stderr).toContain('row-1.kvr');
  });
});

describe('kinovox validate', () => {
  it('accepts a good file and builds levels of every split', async () => {
    const { code, stdout } = await kinovox('validate', DIGGERS, '--levels', '3', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, files: [{ id: 'diggers-v1', ok: true, levels: 9, issues: [] }] });
  });

  it('exits with 2 and names path, value and next step of every problem', async () => {
    const folder = freshFolder();
    const bad = join(folder, 'bad-v1.scenario.json');
    writeFileSync(bad, readFileSync(DIGGERS, 'utf8').replace('"body": "walker"', '"body": "wlaker"').replace('"terrain"', '"terain"'));
    writeFileSync(join(folder, 'syntax.scenario.json'), '{ "version": 1, ');
    const { code, stdout } = await kinovox('validate', folder, DIGGERS);
    expect(code).toBe(2);
    expect(stdout).toContain('agents[0].body must name a body; got "wlaker"');
    expect(stdout).toContain('Did you mean "walker"?');
    expect(stdout).toContain('Did you mean "terrain"?');
    expect(stdout).toContain('syntax.scenario.json:1:');
    expect(stdout).toMatch(/ok .*diggers-v1/);
    const json = JSON.parse((await kinovox('validate', bad, '--json')).stdout);
    expect(json.files[0].issues.map((issue: { path: string }) => issue.path)).toContain('agents[0].body');
  });

  it('reports a missing structure file as a problem of the scenario', async () => {
    const folder = freshFolder();
    const file = join(folder, 'lost-v1.scenario.json');
    const scenario = JSON.parse(readFileSync(DIGGERS, 'utf8'));
    scenario.world.structures = [{ file: 'lost.schem', at: [0, 0, 0] }];
    writeFileSync(file, JSON.stringify(scenario));
    const { code, stdout } = await kinovox('validate', file);
    expect(code).toBe(2);
    expect(stdout).toContain('lost.schem');
  });
});

describe('mistakes on the command line', () => {
  const cases: [string, string[], string][] = [
    ['an unknown command', ['rnu'], 'Did you mean run?'],
    ['an unknown option', ['run', '--scneario', 'x'], 'Did you mean --scenario?'],
    ['a missing scenario', ['run'], '--scenario'],
    ['an unknown scenario', ['run', '--scenario', 'no-such-place-v1'], 'got "no-such-place-v1"'],
    ['an unknown policy', ['run', '--scenario', DIGGERS, '--policy', 'randm'], 'Did you mean "random"?'],
    ['a split that is none', ['run', '--scenario', DIGGERS, '--split', 'tset'], 'Did you mean "test"?'],
    ['too many worlds', ['run', '--scenario', DIGGERS, '--worlds', '100000'], 'from 1 to 65536'],
    ['rows beyond the batch', ['run', '--scenario', DIGGERS, '--worlds', '2', '--out', 'x', '--record', '5'], '0..1'],
    ['recording without a folder', ['run', '--scenario', DIGGERS, '--record', '0'], '--out'],
    ['a folder that is no run', ['replay', '/'], 'run.json'],
    [
      'a scenario to measure that is none',
      ['bench', '--scenarios', '--only', 'tag-v1', 'alcove-v2'],
      '--only must be the id of a shipped scenario or the path of a file; got "alcove-v2". Did you mean "alcove-v1"?',
    ],
    ['nothing to view', ['view'], 'run folder or --scenario'],
  ];
  for (const [name, args, part] of cases) {
    it(`exits with 2 and one message for ${name}`, async () => {
      const { code, stdout, stderr } = await kinovox(...args);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain(part);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  }

  it('teaches with --help: examples on stdout, exit code 0', async () => {
    for (const command of ['run', 'view', 'replay', 'validate', 'scenarios', 'bench', 'start']) {
      const { code, stdout, stderr } = await kinovox(command, '--help');
      expect([command, code, stderr]).toEqual([command, 0, '']);
      expect(stdout).toContain('Examples:');
    }
    expect((await kinovox('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});
