/** What fails in any stage of a tick, or in what agents are shown, is kept to its world: told, truncated, and no other row changes. */
import { execFileSync } from 'node:child_process';
import { createBatchEnvSync } from '@kinovox/env';
import { EVENT, type ScenarioInput } from '@kinovox/world';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as monitor from '../../packages/physics/src/monitor/program.js';
import * as context from '../../packages/physics/src/stages/context.js';
import * as events from '../../packages/physics/src/stages/events.js';
import { STAGES } from '../../packages/physics/src/tick.js';
import { bridge, nightMeadow, randomActions } from '../env/sample-scenarios.js';

vi.mock('../../packages/physics/src/stages/context.js', { spy: true });
vi.mock('../../packages/physics/src/stages/events.js', { spy: true });
vi.mock('../../packages/physics/src/monitor/program.js', { spy: true });
const { enterWorld } = await vi.importActual<typeof context>('../../packages/physics/src/stages/context.js');
const { nodeProgress } = await vi.importActual<typeof monitor>('../../packages/physics/src/monitor/program.js');
const { pushEvent } = await vi.importActual<typeof events>('../../packages/physics/src/stages/events.js');

/** Every stage has something to do in it. */
const busy: ScenarioInput = {
  ...nightMeadow,
  world: { ...nightMeadow.world, edits: [...(nightMeadow.world.edits ?? []), { set: 'lever', at: [9, 3, 10] }] },
  mechanisms: [
    {
      id: 'gate',
      when: { all: [{ lever: [9, 3, 10] }] },
      effects: [
        {
          region: [
            [2, 3, 2],
            [2, 4, 2],
          ],
          on: 'air',
          off: 'iron_door',
        },
      ],
    },
  ],
  messages: { symbols: ['hey'], everyTicks: 1 },
};
const NUM_WORLDS = 70;
const TICKS = 24;
/** The last of a pass of 64 worlds, and one in the middle. */
const ROWS = [63, 20];
const AT = 9;

const stagesByName = new Map(STAGES.map((stage) => [stage.name, stage.run]));

afterEach(() => {
  vi.mocked(context.enterWorld).mockImplementation(enterWorld);
  vi.mocked(events.pushEvent).mockImplementation(pushEvent);
  vi.mocked(monitor.nodeProgress).mockImplementation(nodeProgress);
  for (const stage of STAGES) stage.run = stagesByName.get(stage.name)!;
});

function play(before?: (t: number) => void) {
  const env = createBatchEnvSync({ scenario: busy, numWorlds: NUM_WORLDS, seed: 5, engine: 'cpu' });
  env.reset();
  const told: { row: number; message: string; t: number }[] = [];
  for (let t = 0; t < TICKS; t++) {
    before?.(t);
    const actions = randomActions(env.actionLength, 3, t);
    for (let i = 9; i < actions.length; i += 11) actions[i] = t % 2;
    const { ended, truncated, terminated, rewards } = env.stepSync(actions);
    for (const crash of env.takeCrashes()) {
      told.push({ ...crash, t });
      const both = [2 * crash.row, 2 * crash.row + 1];
      expect([ended[crash.row], ...both.map((i) => [truncated[i], terminated[i], rewards[i]])]).toEqual([1, [1, 0, 0], [1, 0, 0]]);
    }
  }
  return { env, told, hashes: env.rowHashes() };
}

let untouched: ReturnType<typeof play> | undefined;
const whole = () => (untouched ??= play());

function differing(hashes: readonly string[]): number[] {
  return hashes.flatMap((hash, row) => (hash === whole().hashes[row] ? [] : [row]));
}

/** Has a stage fail as it comes to a row in tick AT. */
function failIn(name: string, row: number): (t: number) => void {
  let now = -1;
  let running = '';
  for (const stage of STAGES) {
    const run = stagesByName.get(stage.name)!;
    stage.run = (c, w0, w1) => {
      running = stage.name;
      run(c, w0, w1);
    };
  }
  vi.mocked(context.enterWorld).mockImplementation((c, w) => {
    enterWorld(c, w);
    if (now === AT && running === name && w === row) throw new Error(`${name} of ${w}`);
  });
  return (t) => {
    now = t;
  };
}

/** `clear` only fills arrays with zeros. */
const CAN_FAIL = STAGES.map(({ name }) => name).filter((name) => name !== 'clear');

describe('a world that fails in a stage', () => {
  it.each(CAN_FAIL)('%s is told, truncated and started anew, and no other row changes', (name) => {
    expect(whole().told).toEqual([]);
    for (const row of ROWS) {
      const crashed = play(failIn(name, row));
      expect(crashed.told).toEqual([{ row, message: `${name} of ${row}`, t: AT }]);
      expect(differing(crashed.hashes)).toEqual([row]);
      expect(crashed.env.rowInfo(row)).toMatchObject({ episode: 1, tick: TICKS - AT - 1 });
    }
  });

  it('begins the next episode as any end leads to it', () => {
    const [row] = ROWS;
    const crashed = play(failIn('interact', row));
    const alone = createBatchEnvSync({ scenario: busy, numWorlds: 1, seed: 5 + row, engine: 'cpu' });
    alone.reset();
    alone.reset();
    for (let t = AT + 1; t < TICKS; t++) {
      const actions = randomActions(crashed.env.actionLength, 3, t);
      for (let i = 9; i < actions.length; i += 11) actions[i] = t % 2;
      alone.stepSync(actions.slice(row * 22, (row + 1) * 22));
    }
    expect(alone.rowHashes()[0]).toBe(crashed.hashes[row]);
  });

  it('may fail in the middle of a world, wherever something is told', () => {
    const kinds = new Map<number, number>();
    vi.mocked(events.pushEvent).mockImplementation((...args) => {
      if (args[3] !== EVENT.reset) kinds.set(args[3], (kinds.get(args[3]) ?? 0) + 1);
      return pushEvent(...args);
    });
    play();
    expect(kinds.size).toBeGreaterThanOrEqual(8);
    for (const kind of kinds.keys()) {
      const rows: number[] = [];
      vi.mocked(events.pushEvent).mockImplementation((...args) => {
        if (args[3] === kind && rows.length < 2 && !rows.includes(args[2])) {
          rows.push(args[2]);
          throw new Error(`event ${kind}`);
        }
        return pushEvent(...args);
      });
      const crashed = play();
      const told = crashed.told.map(({ row, message }) => [row, message]);
      expect(told).toEqual(rows.map((row) => [row, `event ${kind}`]));
      expect(differing(crashed.hashes).filter((row) => !rows.includes(row))).toEqual([]);
    }
  });

  it('is the failure of the whole batch where no world was entered', () => {
    const stage = STAGES.find(({ name }) => name === 'push')!;
    stage.run = () => {
      throw new Error('no table');
    };
    expect(() => play()).toThrow('no table');
  });
});

describe('a world that cannot be shown', () => {
  it('is blank, and cut short by the next tick', () => {
    const row = ROWS[1];
    const env = createBatchEnvSync({ scenario: bridge, numWorlds: NUM_WORLDS, seed: 5, engine: 'cpu' });
    env.reset();
    let showing = false;
    for (const stage of STAGES) {
      const run = stagesByName.get(stage.name)!;
      stage.run = (c, w0, w1) => {
        showing = false;
        run(c, w0, w1);
        showing = stage.name === 'score';
      };
    }
    const told: unknown[] = [];
    const blank: number[] = [];
    for (let t = 0; t < AT + 3; t++) {
      vi.mocked(monitor.nodeProgress).mockImplementation((...args) => {
        if (showing && t === AT && args[2] === row) throw new Error('no eyes');
        return nodeProgress(...args);
      });
      const { ended, observations } = env.stepSync(new Float32Array(env.actionLength));
      const { vector } = observations;
      const size = vector.length / NUM_WORLDS;
      for (let w = 0; w < NUM_WORLDS; w++) if (vector.subarray(w * size, (w + 1) * size).every((value) => value === 0)) blank.push(t, w);
      for (const crash of env.takeCrashes()) told.push({ ...crash, t, ended: [...ended].flatMap((end, w) => (end ? [w] : [])) });
    }
    expect(blank).toEqual([AT, row]);
    expect(told).toEqual([{ row, message: 'no eyes', t: AT + 1, ended: [row] }]);
    env.close();
  });
});

describe('a world that fails in a thread of the engine workers', () => {
  it('is told with its row by the batch, and no other row changes', () => {
    const dist = (name: string) => JSON.stringify(new URL(`../../packages/${name}`, import.meta.url).href);
    // Preloaded by every thread: its own list of stages gets a planted one. A thread has the environment as it was when the thread began.
    const plant = `data:text/javascript,${encodeURIComponent(`
      import { STAGES } from ${dist('physics/dist/tick.js')};
      const stage = STAGES.find(({ name }) => name === 'sweep');
      const { run } = stage;
      stage.run = (c, w0, w1) => {
        const planted = (process.env.PLANTED ?? '').split(',').filter(Boolean).map(Number);
        for (const w of planted)
          if (w >= w0 && w < w1 && c.state.tick[w] === 4 && c.state.episode[w] === 0) {
            run(c, w0, w + 1);
            throw new Error('planted in ' + w);
          }
        run(c, w0, w1);
      };`)}`;
    const played = execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { createBatchEnv } = await import(${dist('env/dist/index.js')});
         const run = async (engine, planted) => {
           process.env.PLANTED = planted.join(',');
           const threads = engine === 'workers' ? 3 : undefined;
           const env = await createBatchEnv({ scenario: 'scenarios/reach-flat-v1.scenario.json', numWorlds: 300, engine, threads });
           env.reset();
           const told = [];
           const ended = [];
           for (let t = 0; t < 8; t++) {
             ended.push(env.stepSync(new Float32Array(env.actionLength).fill(0.5)).ended.join(''));
             for (const crash of env.takeCrashes()) told.push({ ...crash, t });
           }
           const hashes = env.rowHashes();
           env.close();
           return { told, ended, hashes };
         };
         const rows = [3, 150, 299];
         const all = Array.from({ length: 300 }, (_, row) => row);
         console.log(JSON.stringify([await run('workers', []), await run('workers', rows), await run('cpu', rows), await run('workers', all)]));`,
      ],
      { encoding: 'utf8', timeout: 60_000, env: { ...process.env, KINOVOX_BUNDLES: '0', NODE_OPTIONS: `--import=${plant}` } },
    );
    const [undisturbed, crashed, crashedOnCpu, all] = JSON.parse(played) as { hashes: string[]; told: unknown[]; ended: string[] }[];
    expect(crashed.told).toEqual([3, 150, 299].map((row) => ({ row, message: `planted in ${row}`, t: 3 })));
    expect(crashed).toEqual(crashedOnCpu);
    expect(crashed.hashes.flatMap((hash, row) => (hash === undisturbed.hashes[row] ? [] : [row]))).toEqual([3, 150, 299]);
    expect(all.told).toHaveLength(300);
  });
});
