/** The dynamics of rovers, cars and quadcopters: their step is that of the rigid tier, in order and out of order. */
import { type BatchEnv, createBatchEnv } from '@kinovox/env';
import { loadRapier, type Rapier, readVehicleState, type ScenarioProgram } from '@kinovox/physics';
import { createDynamics, type Dynamics } from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_WORD, drawU32, PROP_WORDS } from '@kinovox/world';
import { beforeAll, describe, expect, it } from 'vitest';

const TICKS = 1000;
/** Metres between middles within which props may touch. */
const REACH = 3;

let rapier: Rapier;
beforeAll(async () => {
  rapier = await loadRapier();
});

const urlOf = (id: string) => new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname;

/** A stick that is held for some ticks. */
function drawStick(tick: number, out: Float32Array): void {
  const held = Math.floor(tick / 9);
  const share = (purpose: number) => (drawU32(held, purpose) % 2001) / 1000 - 1;
  out.fill(0);
  out[ACTION_WORD.forward] = Math.min(1, share(1) + 0.3);
  out[ACTION_WORD.strafe] = drawU32(held, 2) % 3 === 0 ? share(3) : 0;
  out[ACTION_WORD.turn] = 0.26 * share(4);
  out[ACTION_WORD.look] = 0.26 * share(5);
  out[ACTION_WORD.sneak] = drawU32(held, 6) % 8 === 0 ? 1 : 0;
  out[ACTION_WORD.jump] = drawU32(held, 7) % 4 === 0 ? 1 : 0;
}

/** Whether another prop than that of agent 0 is within reach of it. */
function isMet({ engine: { state, program } }: BatchEnv): boolean {
  const own = program.vehicles!.firstProp;
  const at = (p: number, axis: number) => state.prop[p * PROP_WORDS + axis] / 65536;
  for (let p = 0; p < program.numProps; p++)
    if (p !== own && Math.hypot(at(p, 0) - at(own, 0), at(p, 1) - at(own, 1), at(p, 2) - at(own, 2)) < REACH) return true;
  return false;
}

interface Stretch {
  program: ScenarioProgram;
  size: readonly [number, number, number];
  dynamics: Dynamics;
  /** `[N + 1]` states of the world, `[N]` actions between them. */
  states: Float64Array[];
  actions: Float64Array[];
}

/** Random ticks of agent 0 in test levels; stretches end with the episode, or where something comes within reach. All others brake. */
async function play(id: string, name: string, most: number, each: (stretch: Stretch) => void): Promise<void> {
  const env = await createBatchEnv({ scenario: urlOf(id), split: 'test', engine: 'rigid', autoreset: 'disabled', observe: false });
  const { state, program } = env.engine;
  const row = new Float32Array(program.numAgents * ACTION_FIELDS);
  let ticks = 0;
  for (let seed = 0; ticks < most; seed++) {
    env.reset({ seed });
    const level = { size: program.size, voxels: state.voxels.slice(0, state.cellsPerWorld) };
    const dynamics = createDynamics(name, { program, slot: 0, level });
    const states = [readVehicleState(rapier, env.engine, 0, 0)];
    const actions: Float64Array[] = [];
    for (let ended = isMet(env); !ended && ticks < most; ticks++) {
      drawStick(ticks, row.subarray(0, ACTION_FIELDS));
      for (let a = 1; a < program.numAgents; a++) row[a * ACTION_FIELDS + ACTION_WORD.sneak] = 1;
      ended = (await env.step(row)).ended[0] === 1 || isMet(env);
      if (ended) break;
      actions.push(Float64Array.from(row.subarray(0, ACTION_FIELDS)));
      states.push(readVehicleState(rapier, env.engine, 0, 0));
    }
    if (actions.length > 0) each({ program, size: program.size, dynamics, states, actions });
  }
  env.close();
}

function residual(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
}

const LONG = process.env.KINOVOX_LONG === '1';

describe.each([
  ...(LONG ? [['rover', 'rover-slalom-v1']] : []),
  ['rover', 'rover-crossing-v1'],
  ['car', 'car-park-v1'],
  ['quadcopter', 'quad-window-v1'],
])('the dynamics of a %s in %s', (name, id) => {
  it('foresee 1,000 random ticks with residual exactly 0, against walls too, and go back to any of them', async () => {
    let compared = 0;
    let most = 0;
    let again = 0;
    let touching = 0;
    let moved = 0;
    await play(id, name, TICKS, ({ dynamics, states, actions }) => {
      const foreseen = states[0].slice();
      const contact = foreseen.length - 1;
      for (const [k, action] of actions.entries()) {
        dynamics.stepInto(foreseen, foreseen, action);
        most = Math.max(most, residual(foreseen, states[k + 1]));
        moved += Math.hypot(...states[k + 1].subarray(7, 10));
        touching += foreseen[contact] > 0 ? 1 : 0;
        compared++;
      }
      for (let draw = 0; draw < actions.length; draw++) {
        const k = drawU32(draw, 11) % actions.length;
        // Contacts are not kept for so many.
        if (states[k][contact] > 0) continue;
        dynamics.stepInto(foreseen, states[k], actions[k]);
        again = Math.max(again, residual(foreseen, states[k + 1]));
      }
    });
    expect([compared, most, again]).toEqual([TICKS, 0, 0]);
    expect(moved).toBeGreaterThan(300);
    expect(touching).toBeGreaterThan(100);
  });
});

describe('the dynamics of a vehicle', () => {
  it('refuse states that are not finite, and steps after they are closed', async () => {
    await play('rover-slalom-v1', 'rover', 3, ({ dynamics, states, actions }) => {
      const out = new Float64Array(states[0].length);
      const wrong = states[0].slice();
      wrong[8] = Number.NaN;
      expect(() => dynamics.stepInto(out, wrong, actions[0])).toThrow(/must be finite; got NaN at component 8 \(vy\)/);
      dynamics.stepInto(out, states[0], actions[0]);
      expect(out).toEqual(states[1]);
      dynamics.close!();
      dynamics.close!();
      expect(() => dynamics.stepInto(out, states[0], actions[0])).toThrow(/before it is closed/);
    });
  });

  it('go on from contacts that were left for other states, and show where nothing is kept of them', async () => {
    let kept = 0;
    let unknown = 0;
    let count = 0;
    await play('car-park-v1', 'car', 300, ({ dynamics, states, actions }) => {
      const foreseen = states[0].slice();
      const away = states[0].slice();
      const contact = away.length - 1;
      for (const [k, action] of actions.entries()) {
        if (states[k][contact] > 0) {
          count++;
          away.set(states[k]);
          away[contact] = 1;
          dynamics.stepInto(away, away, action);
          away[contact] = states[k + 1][contact];
          unknown = Math.max(unknown, residual(away, states[k + 1]));
        } else dynamics.stepInto(away, states[0], actions[0]);
        dynamics.stepInto(foreseen, foreseen, action);
        kept = Math.max(kept, residual(foreseen, states[k + 1]));
      }
    });
    expect(count).toBeGreaterThan(20);
    expect(kept).toBe(0);
    expect(unknown).toBeGreaterThan(0);
  });

  it('part from the world where the state is rounded, or the level is another', async () => {
    let rounded = 0;
    let fallen = 0;
    await play('rover-crossing-v1', 'rover', 40, ({ program, size, dynamics, states, actions }) => {
      const air = createDynamics('rover', { program, slot: 0, level: { size, voxels: new Uint8Array(size[0] * size[1] * size[2]) } });
      // As agents see it, in the midst of motion.
      const coarse = states[20].map((value) => Math.round(value * 65536) / 65536);
      const falling = states[0].slice();
      for (const [k, action] of actions.entries()) {
        if (k >= 20) dynamics.stepInto(coarse, coarse, action);
        air.stepInto(falling, falling, action);
        if (k >= 20) rounded = Math.max(rounded, residual(coarse, states[k + 1]));
        fallen = Math.max(fallen, residual(falling, states[k + 1]));
      }
    });
    expect(rounded).toBeGreaterThan(0);
    expect(rounded).toBeLessThan(0.01);
    expect(fallen).toBeGreaterThan(1);
  });

  it('must be told where they are, and whose', async () => {
    expect(() => createDynamics('car')).toThrow(/"car" must be given a program, slot and level/);
    const env = await createBatchEnv({ scenario: urlOf('mixed-crossing-v1'), observe: false });
    const { program, state } = env.engine;
    const level = { size: program.size, voxels: state.voxels };
    expect(() => createDynamics('quadcopter', { program, slot: 0, level })).toThrow(/got slot 0 of mixed-crossing-v1, a rover/);
    env.close();
  });
});
