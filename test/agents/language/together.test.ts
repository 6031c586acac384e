/** A shipped scenario for two, solved by calls of skills alone, in the order in which two models that talk would make them. */
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { Stage } from './call-skill.js';

describe('bridge-gap-v1', () => {
  it.each([1, 2, 5])('is bridged by two who place their planks in turn and then cross (seed %i)', (seed) => {
    const env = createBatchEnvSync({ scenario: loadScenario('scenarios/bridge-gap-v1.scenario.json'), autoreset: 'disabled' });
    const ada = new Stage(env, 0, seed);
    const bob = new Stage(env, 1, null);
    const far = { x: 29, y: 8, z: 9 };
    const { facts } = ada.refused('moveTo', far, 'gap');
    const [width, z] = [facts.gapBlocks as number, (facts.at as number[])[2]];
    expect(facts).toMatchObject({ jumpBlocks: 0, bridgeBlocks: width, blocksHeld: 5, below: 'lava', axis: 'x' });
    const place = (x: number) => ({ x, y: 7, z, item: 'planks' });
    for (let x = 13; x < 18; x++) ada.done('placeBlock', place(x));
    expect(ada.refused('placeBlock', place(18), 'not-held').facts.held).toEqual({});
    ada.done('moveTo', { x: 8, y: 8, z: z + 2 });
    for (let x = 18; x < 13 + width; x++) bob.done('placeBlock', place(x));
    bob.done('moveTo', far);
    // The episode ends as soon as she is among the goal's cells, before she has come to rest.
    expect(() => ada.call('moveTo', { ...far, z: 11 }, 600)).toThrow('has not ended');
    expect(env.engine.state.status[0]).toBe(1);
  });
});
