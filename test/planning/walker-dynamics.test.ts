/** The dynamics `walker`: its step is the engine's. */
import { createBatchEnv } from '@kinovox/env';
import { createDynamics, numStates, readWalkerState } from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, AGENT_FLAG, drawU32, type StateFieldName } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

/** Keys that are held for some ticks, and a view that wanders. */
function drawKeys(tick: number, out: Float32Array): void {
  const held = Math.floor(tick / 7);
  const draw = (purpose: number, n: number) => drawU32(held, purpose) % n;
  out.fill(0);
  out[ACTION_WORD.forward] = (draw(1, 5) - 1) / 3;
  out[ACTION_WORD.strafe] = (draw(2, 5) - 2) / 2;
  out[ACTION_WORD.jump] = draw(3, 3) === 0 ? 1 : 0;
  out[ACTION_WORD.sprint] = draw(4, 2);
  out[ACTION_WORD.sneak] = draw(5, 6) === 0 ? 1 : 0;
  out[ACTION_WORD.turn] = (drawU32(tick, 6) % 1001) / 1000 - 0.5;
  out[ACTION_WORD.look] = (drawU32(tick, 7) % 1001) / 5000 - 0.1;
}

describe('the dynamics of a walker', () => {
  it.each(['reach-maze-v1', 'parkour-v1', 'water-crossing-v1'])('foresee 1,000 random ticks in %s with residual exactly 0', async (id) => {
    const env = await createBatchEnv({
      scenario: new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname,
      split: 'test',
      autoreset: 'disabled',
      observe: false,
    });
    const { state, program } = env.engine;
    const actions = new Float32Array(ACTION_FIELDS);
    const read = (out: Float64Array) => readWalkerState(out, (word: StateFieldName) => state[word][0]);
    let compared = 0;
    let residual = 0;
    let moved = 0;
    for (let seed = 0; compared < 1000; seed++) {
      env.reset({ seed });
      const level = { size: program.size, voxels: state.voxels.slice(0, state.cellsPerWorld) };
      const dynamics = createDynamics('walker', { program, slot: 0, level });
      const [foreseen, real] = [new Float64Array(numStates(dynamics)), new Float64Array(numStates(dynamics))];
      read(foreseen);
      for (let ended = false; !ended && compared < 1000; ) {
        drawKeys(compared, actions);
        ended = (await env.step(actions)).ended[0] === 1;
        dynamics.stepInto(foreseen, foreseen, Float64Array.from(actions));
        read(real);
        if (ended) break;
        compared++;
        for (let k = 0; k < real.length; k++) residual = Math.max(residual, Math.abs(real[k] - foreseen[k]));
        moved += Math.abs(real[3]) + Math.abs(real[5]);
      }
    }
    env.close();
    expect([compared, residual]).toEqual([1000, 0]);
    expect(moved).toBeGreaterThan(500);
  });

  it('part from the world where the level is another', async () => {
    const env = await createBatchEnv({
      scenario: new URL('../../scenarios/reach-flat-v1.scenario.json', import.meta.url).pathname,
      observe: false,
    });
    env.reset({ seed: 0 });
    const { state, program } = env.engine;
    const level = { size: program.size, voxels: new Uint8Array(state.cellsPerWorld) };
    const dynamics = createDynamics('walker', { program, slot: 0, level });
    const foreseen = new Float64Array(numStates(dynamics));
    readWalkerState(foreseen, (word: StateFieldName) => state[word][0]);
    const y = foreseen[1];
    // Hands and messages are held at rest.
    expect(ACTION_SPEC.flatMap(({ name }, k) => (dynamics.controlHigh[k] === 0 ? [name] : []))).toEqual([
      'interact',
      'slot',
      'message',
      'argument',
    ]);
    for (let tick = 0; tick < 10; tick++) dynamics.stepInto(foreseen, foreseen, dynamics.neutral);
    expect(foreseen[1]).toBeLessThan(y - 1);
    expect(foreseen[8] & AGENT_FLAG.onGround).toBe(0);
    env.close();
  });

  it('must be told where they are', () => {
    expect(() => createDynamics('walker')).toThrow(/must be given a program, slot and level/);
  });
});
