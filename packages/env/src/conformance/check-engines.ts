/** Checks that engines agree: the same rows, seeds and actions give the same hashes, observations and rewards on all of them, at every step. */
import type { Scenario } from '@kinovox/world';
import type { CheckedBatch, MakeBatch } from './check-batch-env.js';
import type { CheckOptions } from './check-env.js';
import { type CheckResult, expectThat, runChecks } from './check-result.js';
import { sampleRowActions } from './sampled-action.js';

const NUM_WORLDS = 3;
const SEED = 60;

/**
 * A result per engine but the first, which the others are held to.
 * @param makers by name of the engine; each with same-step autoreset, over the same scenario.
 */
export async function checkEngines(
  makers: Readonly<Record<string, MakeBatch>>,
  { ticks = 100 }: CheckOptions = {},
): Promise<CheckResult[]> {
  const [[first, makeFirst], ...others] = Object.entries(makers);
  return runChecks(
    others.map(([name, make]) => [
      `${name} gives what ${first} gives`,
      async () => {
        const options = { numWorlds: NUM_WORLDS, seed: SEED, split: 'train' as const };
        const envs = [await makeFirst(options), await make(options)];
        try {
          await compare(envs[0], envs[1], ticks);
        } finally {
          for (const env of envs) env.close();
        }
      },
    ]),
  );
}

/** Whether a scenario has one level only, so that splits cannot differ. */
export function hasFixedLevel({ parameters, world }: Pick<Scenario, 'parameters' | 'world'>): boolean {
  const isScattered = world.edits.some((edit) => 'scatter' in edit);
  return Object.keys(parameters).length === 0 && !isScattered && ['flat', 'empty'].includes(world.terrain.generator);
}

async function compare(a: CheckedBatch, b: CheckedBatch, ticks: number): Promise<void> {
  await a.reset();
  await b.reset();
  for (let t = 0; t <= ticks; t++) {
    const [hashes, others] = [await a.rowHashes(), await b.rowHashes()];
    const row = hashes.findIndex((hash, r) => hash !== others[r]);
    expectThat(
      row < 0,
      `states must be equal at every step; row ${row} differs after ${t} of ${ticks}: ${hashes[row]} and ${others[row]}.`,
    );
    const k = a.observations.vector.findIndex((value, i) => !Object.is(value, b.observations.vector[i]));
    expectThat(k < 0, `observations must be equal at every step; component ${k} differs after ${t} of ${ticks}.`);
    const actions = actionsFor(a, t);
    const [{ rewards: mine }, { rewards: theirs }] = [await a.stepSync(actions), await b.stepSync(actions)];
    const i = mine.findIndex((value, at) => !Object.is(value, theirs[at]));
    expectThat(i < 0, `rewards must be equal at every step; that of agent ${i} differs in step ${t + 1}.`);
  }
}

function actionsFor(env: CheckedBatch, tick: number): Float32Array {
  const actions = new Float32Array(env.actionLength);
  const perRow = env.actionLength / env.numWorlds;
  for (let row = 0; row < env.numWorlds; row++)
    actions.set(sampleRowActions(env.spaces.actionRow, env.numAgents, 70 + row, tick), row * perRow);
  return actions;
}
