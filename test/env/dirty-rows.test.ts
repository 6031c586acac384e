/**
 * Nothing of what a row played before survives a reset or a restore: rows that were played hard give what fresh ones give, in states, rewards, ends and
 * observations. Every shipped scenario, on both tiers, with random actions of every kind.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, DISCRETE_ACTIONS, randomU32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge, nightMeadow, stroll, talk } from './sample-scenarios.js';

const FOLDER = 'scenarios';
const shipped = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.scenario.json'))
  .map((name) => loadScenario(join(FOLDER, name)));
/** A crowd is the same code for longer; conformance plays it. */
const MOST_AGENTS = 16;
const compiled = [
  ...shipped.filter(({ base }) => base.agents.length <= MOST_AGENTS),
  ...[bridge, stroll, talk, nightMeadow].map((scenario) => loadScenario(scenario)),
];
const TICKS = 90;

/** Actions of tick t for every agent of a world, drawn from `key`: keys, hands, slots and messages. */
function drawInto(out: Float32Array, at: number, env: BatchEnv, key: number, t: number): void {
  const draw = (i: number, k: number) => randomU32(key, 11, t >> 2, i, 99, k) / 4294967296;
  for (let a = 0; a < env.numAgents; a++) {
    if (env.actionProfile === 'discrete') out[at + a] = Math.floor(draw(a, 0) * DISCRETE_ACTIONS.length);
    else for (const [k, { min, max }] of ACTION_SPEC.entries()) out[at + a * ACTION_FIELDS + k] = min + draw(a, k) * (max - min);
  }
}

/** Everything that row `row` shows in `ticks` steps; all rows get the same actions. */
function shown(env: BatchEnv, row: number, key: number, ticks: number): string[] {
  const perRow = env.actionLength / env.numWorlds;
  const actions = new Float32Array(env.actionLength);
  const { size } = env.observations;
  const [first, end] = [row * env.numAgents, (row + 1) * env.numAgents];
  const numTerms = env.engine.program.rewards.length;
  return Array.from({ length: ticks }, (_, t) => {
    for (let r = 0; r < env.numWorlds; r++) drawInto(actions, r * perRow, env, key, t);
    const { rewards, rewardTerms, terminated, truncated, ended, endStatus, observations, finalObservations } = env.stepSync(actions);
    return JSON.stringify([
      env.rowHashes()[row],
      [...rewards.subarray(first, end)],
      [...rewardTerms.subarray(first * numTerms, end * numTerms)],
      [...terminated.subarray(first, end)],
      [...truncated.subarray(first, end)],
      ended[row],
      endStatus[row],
      [...observations.vector.subarray(first * size, end * size)],
      [
        ...observations.crop.subarray(
          (first * observations.crop.length) / (env.numWorlds * env.numAgents),
          (end * observations.crop.length) / (env.numWorlds * env.numAgents),
        ),
      ],
      ended[row] === 1 ? [...finalObservations.subarray(first * size, end * size)] : [],
    ]);
  });
}

const make = async (scenario: (typeof compiled)[number], numWorlds: number, seed: number) => {
  const env = await createBatchEnv({ scenario, numWorlds, seed });
  env.reset();
  return env;
};

it('both tiers take part', () => {
  expect(new Set(shipped.map(({ program }) => program.numProps > 0)).size).toBe(2);
});

describe.each(compiled.map((scenario) => [scenario.scenario.id, scenario] as const))('rows of %s that were played', (_, scenario) => {
  it('give after a reset to a seed what a new environment gives', async () => {
    const fresh = shown(await make(scenario, 1, 77), 0, 5, TICKS);
    const used = await make(scenario, 3, 1);
    shown(used, 0, 8, 50);
    used.reset({ seeds: [0, 77, 0], mask: Uint8Array.of(0, 1, 0) });
    expect(shown(used, 1, 5, TICKS)).toEqual(fresh);
  });

  it('go on after a restore as the row of the snapshot does', async () => {
    const original = await make(scenario, 2, 31);
    shown(original, 0, 6, 37);
    const snapshot = original.snapshot(1);
    const used = await make(scenario, 2, 500);
    shown(used, 0, 9, 61);
    used.restore(0, snapshot);
    const wanted = shown(original, 1, 7, TICKS);
    expect(shown(used, 0, 7, TICKS)).toEqual(wanted);
    // The control: another row does not.
    expect(shown(original, 0, 7, 1)).not.toEqual(wanted.slice(0, 1));
  });
});
