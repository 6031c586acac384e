/** Masks of a whole batch: the same as one by one, into an array of the caller, and true to what agents can do. */
import { createBatchEnvSync } from '@kinovox/env';
import { ACTION_FIELDS, INTERACT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const WORLDS = 3;
const INTERACT_COLUMN = 7;
const ARGUMENT_COLUMN = 10;

const scenario = {
  version: 1,
  id: 'masks-v1',
  title: 'Masks',
  world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 3 } },
  agents: [
    { id: 'ada', body: 'walker', spawn: { at: [4, 3, 4] }, inventory: { oak_log: 8 } },
    { id: 'bob', body: 'walker', team: 'others', spawn: { at: [11, 3, 11] }, inventory: { apple: 2 } },
  ],
  survival: { hunger: { everyTicks: 5 } },
  task: { elapsed: { ticks: 90 } },
  episode: { maxTicks: 100 },
} as unknown as ScenarioInput;

function createBatch() {
  const env = createBatchEnvSync({ scenario, numWorlds: WORLDS, seed: 3 });
  env.reset();
  return env;
}

describe('the masks of a batch', () => {
  it('are those of each agent, in an array of the caller that is used again', () => {
    const env = createBatch();
    const { engine } = env;
    const out = new Uint8Array(WORLDS * 2 * engine.actionMaskSize).fill(9);
    const actions = new Float32Array(env.actionLength);
    for (let t = 0; t < 60; t++) {
      for (let i = 0; i < WORLDS * 2; i++) {
        actions[i * ACTION_FIELDS + INTERACT_COLUMN] = [INTERACT.craft, INTERACT.drop, INTERACT.eat, INTERACT.none][(t + i) % 4];
        actions[i * ACTION_FIELDS + ARGUMENT_COLUMN] = 1 + ((t + i) % 3);
      }
      env.stepSync(actions);
      expect(env.actionMasks(out)).toBe(out);
      const one = Array.from({ length: WORLDS * 2 }, (_, i) => [...engine.actionMask(i >> 1, i & 1)]).flat();
      expect([...out]).toEqual(one);
    }
    expect([...env.actionMasks()]).toEqual([...out]);
  });

  it('allow the recipes that the inventory gives, and food to the hungry', () => {
    const env = createBatch();
    const { actionMaskSize, program } = env.engine;
    const planks = INTERACT.sleep + 2 + program.survival!.recipeNames.indexOf('oak_planks');
    const masks = () => Array.from({ length: 2 }, (_, a) => env.actionMasks().subarray(a * actionMaskSize, (a + 1) * actionMaskSize));
    const [ada, bob] = masks();
    expect([ada[INTERACT.craft], ada[planks], bob[INTERACT.craft], bob[planks], bob[INTERACT.eat]]).toEqual([1, 1, 0, 0, 0]);
    for (let t = 0; t < 6; t++) env.stepSync(new Float32Array(env.actionLength));
    expect([masks()[0][INTERACT.eat], masks()[1][INTERACT.eat]]).toEqual([0, 1]);
  });

  it('are refused an array of another length, and before the first reset', () => {
    const env = createBatch();
    expect(() => env.actionMasks(new Uint8Array(7))).toThrow(/3 worlds x 2 agents x \d+ choices = \d+ bytes; got 7/);
    const fresh = createBatchEnvSync({ scenario, numWorlds: WORLDS, seed: 3 });
    expect(() => fresh.actionMasks()).toThrow(/reset/);
  });
});
