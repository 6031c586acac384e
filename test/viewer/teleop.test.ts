// A person's hands: from keys to messages, from messages to the actions of an agent, tick by tick.
import { createHumanFactory, createPolicy, createSafePolicy, type Hands, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { ACTION_WORD, HandsSchema, INTERACT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { loadAssignment } from '../../packages/server/src/run/policy-driver.js';
import { Teleop } from '../../packages/server/src/run/teleop.js';
import { HandsState } from '../../packages/viewer/src/teleop/hands-state.js';
import { smallScenario, walkerAt } from '../agents/small-worlds.js';

const LAWN = smallScenario({
  layers: [Array.from({ length: 9 }, () => '#'.repeat(14))],
  agents: [walkerAt('ada', [3, 1, 3]), walkerAt('bob', [8, 1, 4])],
  task: {
    reach: {
      agents: 'all',
      region: [
        [11, 1, 0],
        [13, 2, 8],
      ],
    },
  },
  maxTicks: 300,
});
const IDLE = new HandsState().take(0);
const hands = (rest: Partial<Hands>): Hands => ({ ...IDLE, ...rest });

describe('keys and mouse', () => {
  it('hold what is held, tell presses and angles once, and always make a message that the schema takes', () => {
    const state = new HandsState();
    for (const code of ['KeyW', 'KeyD', 'Space', 'ShiftLeft', 'KeyE', 'Digit3']) expect(state.keyDown(code)).toBe(true);
    state.mouse(100, -50);
    const first = HandsSchema.parse(state.take(0.05));
    expect(first).toMatchObject({ forward: 1, strafe: 1, jump: true, sprint: true, use: true, slot: 3, attack: false });
    expect([Math.sign(first.turn), Math.sign(first.look)]).toEqual([-1, 1]);
    expect(HandsSchema.parse(state.take(0.05))).toEqual({ ...first, use: false, slot: 0, turn: 0, look: 0 });
    state.keyUp('KeyW');
    state.keyDown('KeyS');
    expect(state.take(0.05).forward).toBe(-1);
    state.mouse(1e6, 1e6);
    HandsSchema.parse(state.take(0.05));
    state.keyDown('KeyW');
    state.release();
    expect(state.take(0.05)).toEqual(IDLE);
  });

  it('tell a key that was only tapped, no repeated press, and turn by arrows with time, but not for long at once', () => {
    const state = new HandsState();
    state.keyDown('KeyF');
    state.keyUp('KeyF');
    expect([state.take(0.05).attack, state.take(0.05).attack]).toEqual([true, false]);
    state.keyDown('KeyE', true);
    expect(state.take(0.05).use).toBe(false);
    state.keyDown('ArrowLeft');
    const { turn } = state.take(0.05);
    expect(turn).toBeGreaterThan(0);
    expect(state.take(0.1).turn).toBeCloseTo(2 * turn, 9);
    expect(state.take(60).turn).toBeLessThan(0.6);
    expect(state.keyDown('KeyT')).toBe(false);
  });
});

describe('people at agents', () => {
  const clocked = () => {
    const clock = { ms: 0 };
    return { clock, teleop: new Teleop(() => clock.ms) };
  };

  it('belong to who came first, until they let go or fall silent', () => {
    const { clock, teleop } = clocked();
    expect(teleop.steer(0, 1, 7, IDLE)).toBeUndefined();
    expect(teleop.steer(0, 1, 8, IDLE)).toBe('Somebody else plays this agent.');
    expect(teleop.steer(0, 1, 8, null)).toBeUndefined();
    expect([teleop.taken(0), teleop.taken(1)]).toEqual([[1], []]);
    expect(teleop.steer(0, 1, 7, null)).toBeUndefined();
    expect(teleop.steer(0, 1, 8, hands({ forward: 1 }))).toBeUndefined();
    clock.ms = 1000;
    expect(teleop.take(0, 1)).toMatchObject({ forward: 1 });
    clock.ms = 1001;
    expect([teleop.take(0, 1), teleop.taken(0)]).toEqual([undefined, []]);
  });

  it('lose no press and no angle between ticks, and repeat none', () => {
    const { teleop } = clocked();
    teleop.steer(0, 0, 1, hands({ turn: 0.2, use: true, slot: 4, jump: true }));
    teleop.steer(0, 0, 1, hands({ turn: 0.3, attack: true, forward: 1 }));
    expect(teleop.take(0, 0)).toEqual(hands({ turn: 0.5, use: true, slot: 4, jump: true, attack: true, forward: 1 }));
    expect(teleop.take(0, 0)).toEqual(hands({ attack: true, forward: 1 }));
    for (let n = 0; n < 3; n++) teleop.steer(0, 0, 1, hands({ look: 3 }));
    expect(teleop.take(0, 0)?.look).toBe(Math.PI);
  });
});

describe('the policy human', () => {
  const play = (steer: (teleop: Teleop, tick: number) => void) => {
    const teleop = new Teleop(() => 0);
    const env = createBatchEnvSync({ scenario: loadScenario(LAWN), numWorlds: 2, seed: 3 });
    env.reset();
    const run = runPolicies(env, { ada: createHumanFactory(teleop), default: createPolicy('idle') });
    const log: number[][] = [];
    for (let tick = 0; tick < 20; tick++) {
      steer(teleop, tick);
      log.push([...(env.stepSync(run.act()) && run.actions)]);
    }
    const { posX, posZ } = env.engine.state;
    /** Of ada, along the ground. */
    const at = (row: number) => [posX[row * 2], posZ[row * 2]];
    return { run, log, at, hashes: env.rowHashes() };
  };

  it('does in its world what the person does, and idles in the other', () => {
    const walked = play((teleop) => teleop.steer(0, 0, 1, hands({ forward: 1 })));
    const idle = play(() => undefined);
    expect([walked.run.played, idle.run.thinks]).toEqual([[0], false]);
    expect(walked.hashes[0]).not.toBe(idle.hashes[0]);
    expect(walked.hashes[1]).toBe(idle.hashes[1]);
    expect(Math.hypot(...walked.at(0).map((q16, axis) => q16 - walked.at(1)[axis])) / 65536).toBeGreaterThan(1);
  });

  it('acts in columns that give the same hashes without a person', () => {
    const played = play((teleop, tick) => teleop.steer(0, 0, 1, hands({ forward: 1, turn: 0.1, jump: tick % 5 === 0, attack: tick > 10 })));
    expect(played.log[12][ACTION_WORD.interact]).toBe(INTERACT.dig);
    const env = createBatchEnvSync({ scenario: loadScenario(LAWN), numWorlds: 2, seed: 3 });
    env.reset();
    for (const actions of played.log) env.stepSync(Float32Array.from(actions));
    expect(env.rowHashes()).toEqual(played.hashes);
  });

  it('is refused where no person can be, goes behind a safety filter, and is named as every other', () => {
    const env = createBatchEnvSync({ scenario: loadScenario(LAWN) });
    expect(() => runPolicies(env, createHumanFactory())).toThrow('must be played by a person in the viewer');
    const safe = createSafePolicy(createHumanFactory(new Teleop()), 'off');
    expect(runPolicies(env, safe).played).toEqual([0, 1]);
    expect(Object.keys(loadAssignment('ada=human,default=scripted'))).toEqual(['ada', 'default']);
  });
});
