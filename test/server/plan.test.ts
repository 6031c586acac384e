// `kinovox plan` from outside: what is printed, what is written, and exit codes.
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freshFolder, kinovox } from './command.js';

const DOORS = fileURLToPath(new URL('../../examples/planning/doors.scen', import.meta.url));

describe('kinovox plan', () => {
  it('writes a plan that passes its own check, and refuses it once it is altered', async () => {
    const folder = freshFolder();
    const out = join(folder, 'plan.json');
    const planned = await kinovox('plan', '--problem', DOORS, '--planner', 'lacam', '--budget-expansions', '500', '--out', out, '--json');
    expect(planned.code).toBe(0);
    const report = JSON.parse(planned.stdout);
    expect(report).toMatchObject({ planner: 'lacam', agents: 4, status: 'solved', verdict: { valid: true }, out });
    expect(report.makespan).toBeGreaterThanOrEqual(11);
    expect(report.sumOfCosts).toBeGreaterThanOrEqual(4 * 8);
    expect(readdirSync(folder)).toEqual(['plan.json']);
    const checked = await kinovox('plan', '--problem', DOORS, '--check', out, '--json');
    expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([
      0,
      { verdict: { valid: true }, makespan: report.makespan, sumOfCosts: report.sumOfCosts },
    ]);
    const altered = JSON.parse(readFileSync(out, 'utf8'));
    altered.robots[1].states[3] = altered.robots[1].states[0];
    writeFileSync(out, JSON.stringify(altered));
    // Its actions say otherwise: then the file contradicts itself, and there is nothing to judge.
    expect((await kinovox('plan', '--problem', DOORS, '--check', out)).code).toBe(2);
    delete altered.robots[1].actions;
    writeFileSync(out, JSON.stringify(altered));
    const refused = await kinovox('plan', '--problem', DOORS, '--check', out);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/refused .*plan\.json\n\s+(move|pair|swap): agent-/);
  });

  it('plans for the walker and the team of a level, and judges both from their files', async () => {
    const folder = freshFolder();
    for (const [id, planner] of [
      ['reach-flat-v1', 'voxel'],
      ['alcove-v1', 'lacam'],
    ]) {
      const level = ['--problem', id, '--split', 'test', '--seed', '3'];
      const out = join(folder, `${id}.json`);
      const planned = await kinovox('plan', ...level, '--planner', planner, '--budget-expansions', '20000', '--out', out, '--json');
      const report = JSON.parse(planned.stdout);
      expect([planned.code, report]).toMatchObject([
        0,
        { problem: `${id} (test, seed 3)`, status: 'solved', verdict: { valid: true }, out },
      ]);
      const { code, stdout } = await kinovox('plan', ...level, '--check', out, '--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { verdict: { valid: true }, makespan: report.makespan }]);
      // A file need not say what its robots are, nor be JSON.
      const plain = JSON.parse(readFileSync(out, 'utf8'));
      for (const robot of plain.robots) delete robot.type;
      const yaml = join(folder, `${id}.yaml`);
      const rows = (of: number[][]) => of.map((row) => `      - [${row}]\n`).join('');
      const robots = plain.robots.map((one: { name: string; states: number[][]; actions: number[][] }) =>
        [`  - name: ${one.name}\n`, `    states:\n${rows(one.states)}`, `    actions:\n${rows(one.actions)}`].join(''),
      );
      writeFileSync(yaml, `dt: ${plain.dt}\nrobots:\n${robots.join('')}`);
      const read = await kinovox('plan', ...level, '--check', yaml, '--json');
      expect([read.code, read.stderr, JSON.parse(read.stdout)]).toMatchObject([0, '', { verdict: { valid: true } }]);
      // Another level asks for other ways.
      const other = await kinovox('plan', '--problem', id, '--split', 'test', '--seed', '4', '--check', out, '--json');
      expect([other.code, JSON.parse(other.stdout).verdict.valid]).toEqual([1, false]);
    }
  });

  it('writes nothing where there is no plan, and says why', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'p'));
    writeFileSync(join(folder, 'p/wall.map'), 'type octile\nheight 1\nwidth 3\nmap\n.@.\n');
    writeFileSync(join(folder, 'p/wall.scen'), 'version 1\n0\twall.map\t3\t1\t0\t0\t2\t0\t2\n');
    const out = join(folder, 'plan.json');
    const { code, stdout } = await kinovox('plan', '--problem', join(folder, 'p/wall.scen'), '--planner', 'lacam', '--out', out, '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { status: 'infeasible', verdict: null, makespan: null }]);
    expect(JSON.parse(stdout).reason).toMatch(/agent-0/);
    expect(existsSync(out)).toBe(false);
  });

  it('reads no file that is too large, and no name that is too long', async () => {
    const huge = join(freshFolder(), 'huge.json');
    writeFileSync(huge, '{');
    truncateSync(huge, 3 * 1024 ** 3);
    for (const [name, sentence] of [
      [huge, /A file must have at most 67,108,864 bytes; got 3,221,225,472/],
      [`/${'n'.repeat(300)}.json`, /A file must be readable; got ENAMETOOLONG/],
      ['n'.repeat(300), /must be a file, or the id of a shipped scenario; got "n{80}"/],
    ] as const) {
      const { code, stdout, stderr } = await kinovox('plan', '--problem', name, '--planner', 'lacam');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(sentence);
    }
  });

  it('ends with exit code 2 and one sentence on mistakes of the user', async () => {
    const cases: [string[], RegExp][] = [
      [['--problem', '/nowhere.yaml', '--planner', 'lacam'], /must be readable/],
      [['--problem', 'alcove-v2', '--planner', 'lacam'], /Did you mean "alcove-v1"\?/],
      [['--problem', 'build-tower-v1', '--planner', 'voxel'], /got the goal "a brick tower.*--policy scripted/],
      [['--problem', 'alcove-v1', '--planner', 'voxel'], /with one agent; got 2/],
      [['--problem', DOORS, '--planner', 'voxel'], /must be given a scenario/],
      [['--problem', DOORS, '--planner', 'lacam', '--split', 'test'], /must stand with a scenario/],
      [['--problem', DOORS], /must be told --planner NAME/],
      [['--problem', DOORS, '--planner', 'lacma'], /Did you mean "lacam"\?/],
      [['--problem', 'reach-flat-v1', '--planner', 'voxl'], /must be one of voxel, .*Did you mean "voxel"\?/],
      [['--problem', DOORS, '--planner', 'lacam', '--agents', '9'], /Ask for at most 4/],
      [['--problem', DOORS, '--check', DOORS], /plan/],
      [
        ['--problem', DOORS, '--check', DOORS, '--seed', '0', '--planner', 'lacam'],
        /without options of planning.* got --planner, --seed\./,
      ],
      [['--problem', DOORS, '--planner', 'lacam', '--out', '/nowhere/plan.json'], /got \/nowhere\/plan\.json, which lies in no folder/],
      [['--problem', DOORS, '--planner', 'lacam', '--out', '/dev/null'], /got \/dev\/null, which is there and no regular file/],
    ];
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await kinovox('plan', ...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(sentence);
    }
  });
});
