/** Policies by name, and what holds for all of them: determinism, independence of rows, assignments, and what agents may know. */
import { createPolicy, POLICY_NAMES, type Policy, type PolicyFactory, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, DISCRETE_ACTIONS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { play, smallScenario } from './small-worlds.js';

const shipped = (id: string) => loadScenario(`scenarios/${id}.scenario.json`);

/** Actions of the first ticks of some rows of a batch. */
function actionsOf(name: string, id: string, numWorlds: number, seed: number, ticks: number, row: number): Float32Array[] {
  const env = createBatchEnvSync({ scenario: shipped(id), numWorlds, seed });
  env.reset();
  const run = runPolicies(env, createPolicy(name));
  const width = env.numAgents * ACTION_FIELDS;
  return Array.from({ length: ticks }, () => {
    const actions = run.act().slice(row * width, (row + 1) * width);
    env.stepSync(run.actions);
    return actions;
  });
}

/** Plays what a function writes. */
function playing(act: Policy['act']): PolicyFactory {
  return { name: 'test', create: () => ({ reset: () => {}, act }) };
}

describe('createPolicy', () => {
  it('knows every name of the list', () => {
    for (const name of POLICY_NAMES) expect(createPolicy(name).name).toBe(name);
  });

  it('suggests the nearest name for an unknown one', () => {
    expect(() => createPolicy('greddy')).toThrow(
      /must be one of scripted, greedy, chase, random, idle, planner:lacam, .*; got "greddy"\. Did you mean "greedy"\?/,
    );
    expect(() => createPolicy('lacam')).toThrow(/; got "lacam"\. Did you mean "planner:lacam"\?/);
    expect(() => createPolicy('toString')).toThrow(/must be one of/);
  });
});

describe('every policy', () => {
  it.each(POLICY_NAMES)('%s gives row 5 of 8 the actions of a single world with its seed', (name) => {
    const inBatch = actionsOf(name, 'bridge-gap-v1', 8, 100, 90, 5);
    const alone = actionsOf(name, 'bridge-gap-v1', 1, 105, 90, 0);
    expect(inBatch).toEqual(alone);
  });

  it.each(POLICY_NAMES)('%s stays in the ranges of the action spec', (name) => {
    for (const actions of actionsOf(name, 'relay-code-v1', 2, 3, 120, 1)) {
      actions.forEach((value, i) => {
        const { min, max } = ACTION_SPEC[i % ACTION_FIELDS];
        expect(value).toBeGreaterThanOrEqual(min - 1e-6);
        expect(value).toBeLessThanOrEqual(max + 1e-6);
      });
    }
  });
});

describe('the random policy', () => {
  it('moves in more than half of the ticks, digs and places now and then, and differs between seeds and agents', () => {
    const rows = actionsOf('random', 'bridge-gap-v1', 1, 1, 800, 0);
    const moving = rows.filter((row) => Math.abs(row[ACTION_WORD.forward]) + Math.abs(row[ACTION_WORD.strafe]) > 0.2).length;
    expect(moving / rows.length).toBeGreaterThan(0.5);
    for (const hands of [1, 2, 3]) expect(rows.filter((row) => row[ACTION_WORD.interact] === hands).length).toBeGreaterThan(20);
    expect(actionsOf('random', 'bridge-gap-v1', 1, 2, 20, 0)).not.toEqual(rows.slice(0, 20));
    expect(rows[0].slice(0, ACTION_FIELDS)).not.toEqual(rows[0].slice(ACTION_FIELDS));
  });
});

describe('the idle policy', () => {
  it('writes nothing but zeros', () => {
    for (const row of actionsOf('idle', 'tag-v1', 1, 0, 5, 0)) expect(row.every((value) => value === 0)).toBe(true);
  });
});

describe('the greedy policy', () => {
  it('crosses an open field and stays behind the walls of a maze', () => {
    expect(play(shipped('reach-flat-v1'), createPolicy('greedy')).succeeded).toBe(true);
    expect(play(shipped('reach-maze-v1'), createPolicy('greedy')).succeeded).toBe(false);
  });
});

describe('the scripted policy', () => {
  it('plays an episode the same way twice, also when the policies have played before', () => {
    const scenario = shipped('plates-and-door-v1');
    const first = play(scenario, createPolicy('scripted'), 7);
    const env = createBatchEnvSync({ scenario, seed: 6, autoreset: 'disabled', observe: false });
    const run = runPolicies(env, createPolicy('scripted'));
    for (const seed of [6, 7]) {
      env.reset({ seed });
      while (env.stepSync(run.act()).ended[0] === 0);
    }
    expect(env.rowHashes()[0]).toBe(first.hash);
  });

  it('continues after a restored snapshot and still succeeds', () => {
    const env = createBatchEnvSync({ scenario: shipped('parkour-v1'), seed: 2, autoreset: 'disabled', observe: false });
    env.reset();
    const run = runPolicies(env, createPolicy('scripted'));
    for (let t = 0; t < 60; t++) env.stepSync(run.act());
    const snapshot = env.snapshot(0);
    for (let t = 0; t < 12; t++) env.stepSync(run.act());
    env.restore(0, snapshot);
    while (env.stepSync(run.act()).ended[0] === 0);
    expect(env.episodes.successRate).toBe(1);
  });
});

describe('hidden goals', () => {
  const relay = shipped('relay-code-v1');
  const pit = (column: number, row: number) => [9 + 3 * column, 5 + 3 * row];

  it('show an agent neither goals nor the level', () => {
    const env = createBatchEnvSync({ scenario: relay, observe: false });
    env.reset();
    const seen: Record<string, [number, boolean]> = {};
    const look = playing((view) => {
      seen[view.roster[view.slot].id] = [view.goals().length, view.level !== undefined];
    });
    runPolicies(env, look).act();
    expect(seen.scout).toEqual([1, true]);
    expect(seen.runner).toEqual([0, false]);
  });

  it('leave the scripted runner where it is when nobody tells it anything', () => {
    const { env, succeeded } = play(relay, { scout: createPolicy('idle'), default: createPolicy('scripted') });
    expect(succeeded).toBe(false);
    expect(env.engine.state.posX[1] >> 16).toBeGreaterThanOrEqual(27);
  });

  it('make the runner believe its scout: a lie sends it to the pad that was named', () => {
    const symbols = relay.scenario.messages.symbols;
    const [column, row] = [4, 0];
    const liar = playing((view, out) => {
      if (view.tick % 10 === 0) out[ACTION_WORD.message] = 1 + symbols.indexOf(view.tick % 20 === 0 ? `column-${column}` : `row-${row}`);
    });
    const ended = [0, 1, 2].map((seed) => play(relay, { scout: liar, default: createPolicy('scripted') }, seed).env.engine.state);
    for (const state of ended) expect([state.posX[1] >> 16, state.posZ[1] >> 16]).toEqual(pit(column, row));
  });
});

describe('the discrete profile', () => {
  const scenario = loadScenario(
    smallScenario({ layers: [['####', '####']], task: { elapsed: { ticks: 60 } }, rest: { actions: { profile: 'discrete' } } }),
  );

  it('gets random choices of the whole table, and idle ones', () => {
    const env = createBatchEnvSync({ scenario, numWorlds: 8, autoreset: 'disabled', observe: false });
    env.reset();
    const run = runPolicies(env, createPolicy('random'));
    const seen = new Set<number>();
    for (let t = 0; t < 60; t++) {
      for (const choice of run.act()) seen.add(choice);
      env.stepSync(run.actions);
    }
    expect(run.actions).toHaveLength(8);
    expect(seen.size).toBe(DISCRETE_ACTIONS.length);
    expect(env.invalidActions).toBe(0);
    expect(
      runPolicies(env, createPolicy('idle'))
        .act()
        .every((choice) => choice === 0),
    ).toBe(true);
  });

  it('is refused by policies that plan motions', () => {
    expect(() => runPolicies(createBatchEnvSync({ scenario, observe: false }), createPolicy('scripted'))).toThrow(
      /"scripted" must have the native action profile/,
    );
  });
});

describe('assignments', () => {
  const env = createBatchEnvSync({ scenario: shipped('tag-v1'), observe: false });
  const idle = createPolicy('idle');

  it('go by id, role or team with a default for the rest', () => {
    env.reset();
    const run = runPolicies(env, { chasers: playing((_, out) => out.fill(1)), default: idle });
    expect(Array.from(run.act())).toEqual([...new Array(2 * ACTION_FIELDS).fill(1), ...new Array(ACTION_FIELDS).fill(0)]);
  });

  it('refuse names that nobody has, agents left out, and lists of another length', () => {
    expect(() => runPolicies(env, { chasrs: idle, default: idle })).toThrow(/got "chasrs"\. Did you mean "chasers"\?/);
    expect(() => runPolicies(env, { chasers: idle })).toThrow(/none for "runner"/);
    expect(() => runPolicies(env, [idle])).toThrow(/one for each of 3 agents; got 1/);
  });
});

describe('a policy that fails in one world', () => {
  const failing = (at: number): PolicyFactory =>
    playing((view, out) => {
      if (view.row === 1 && view.tick === at) throw new Error('no idea');
      out[ACTION_WORD.forward] = 1;
    });
  const played = (at: number) => {
    const env = createBatchEnvSync({ scenario: shipped('tag-v1'), numWorlds: 3, seed: 8 });
    env.reset();
    const told: string[] = [];
    const run = runPolicies(env, { runner: failing(at), default: createPolicy('idle') }, (row, slot, error) => {
      told.push(`${row} ${slot} ${(error as Error).message}`);
      env.cutShort(row, error);
    });
    for (let t = 0; t < 12; t++) env.stepSync(run.act());
    return { told, crashes: env.takeCrashes(), hashes: env.rowHashes(), episodes: [0, 1, 2].map((row) => env.rowInfo(row).episode) };
  };

  it('loses that world alone, which goes on with its next episode', () => {
    const [whole, broken] = [played(-1), played(7)];
    expect(whole.told).toEqual([]);
    expect(broken.told).toEqual(['1 2 no idea']);
    expect(broken.crashes).toEqual([{ row: 1, message: 'no idea' }]);
    expect(broken.episodes).toEqual([0, 1, 0]);
    expect([broken.hashes[0], broken.hashes[2]]).toEqual([whole.hashes[0], whole.hashes[2]]);
    expect(broken.hashes[1]).not.toBe(whole.hashes[1]);
  });

  it('ends the run where nobody is there to be told', () => {
    const env = createBatchEnvSync({ scenario: shipped('tag-v1'), numWorlds: 2 });
    env.reset();
    expect(() => runPolicies(env, failing(0)).act()).toThrow('no idea');
  });
});
