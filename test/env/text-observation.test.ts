import { createEnvSync, type Env } from '@kinovox/env';
import { ResetNeededError, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge, talk } from './sample-scenarios.js';

const walk = (env: Env, ticks: number, action: object = { forward: 1 }) => {
  for (let t = 0; t < ticks; t++) env.step({ ada: action as never });
};

describe('Env.text', () => {
  it('tells everything first, and then what changed; a transcript is a prefix of every later one', () => {
    const env = createEnvSync({ scenario: bridge });
    env.reset({ seed: 4 });
    const first = env.text('ada');
    for (const part of [
      'You are ada of team builders',
      'Others: bob.',
      'inventory: 64 oak_planks, 6 oak_planks',
      'goal 1: at ',
      'bob: at 4.5 6.0 12.5',
    ])
      expect(first).toContain(part);
    let before = env.transcript('ada');
    expect(before).toBe(first);
    for (let turn = 0; turn < 6; turn++) {
      walk(env, 5, turn < 3 ? { forward: 1 } : {});
      const text = env.text('ada');
      expect(env.transcript('ada')).toBe(before + text);
      expect(text.length).toBeLessThan(first.length / 2);
      expect(text).not.toContain('bob: ');
      before = env.transcript('ada');
    }
    expect(env.text('ada')).toMatch(/^\[1\.5 s\] nothing new\n$/);
  });

  it('is made of the observation alone: what is not observed is not told', () => {
    const env = createEnvSync({ scenario: bridge, observation: { nearestAgents: 0, inventory: false } });
    env.reset({ seed: 4 });
    const text = env.text('ada');
    expect(text).not.toContain('bob: at');
    expect(text).not.toContain('inventory');
    const seeing = createEnvSync({ scenario: bridge, observation: { crop: 3 } });
    seeing.reset({ seed: 4 });
    expect(seeing.text('ada')).toMatch(/nearest grass_block: block \d+ 5 \d+/);
  });

  it('tells events and messages once, in names', () => {
    const env = createEnvSync({ scenario: { ...(talk as ScenarioInput), actions: { profile: 'native' } } as ScenarioInput });
    env.reset({ seed: 1 });
    const [one, two] = env.possibleAgents;
    env.text(two);
    const { symbols } = env.batch.compiled.scenario.messages;
    env.step({ [one]: { message: symbols[0] } });
    for (let t = 0; t < 10; t++) env.step();
    const turn = env.text(two);
    expect(turn).toContain(`* ${one} says "${symbols[0]}"`);
    for (let t = 0; t < 3; t++) env.step();
    expect(env.text(two)).not.toContain('says');
    const dig = createEnvSync({ scenario: bridge });
    dig.reset({ seed: 4 });
    dig.text('ada');
    walk(dig, 1, { look: -1.5 });
    walk(dig, 40, { interact: 1 });
    expect(dig.text('ada')).toContain('* you dug grass_block');
  });

  it('begins anew with each episode, and after a restored snapshot', () => {
    const env = createEnvSync({ scenario: bridge });
    expect(() => env.text('ada')).toThrow(ResetNeededError);
    env.reset({ seed: 4 });
    const first = env.text('ada');
    const snapshot = env.snapshot();
    walk(env, 10);
    env.text('ada');
    env.restore(snapshot);
    expect(env.transcript('ada')).toBe('');
    expect(env.text('ada')).toBe(first);
    env.reset({ seed: 4 });
    expect(env.text('ada')).toBe(first);
    expect(() => env.text('adda')).toThrow('Did you mean "ada"?');
  });

  it('does not depend on who else is asked, or when', () => {
    const asked = createEnvSync({ scenario: bridge });
    const quiet = createEnvSync({ scenario: bridge });
    for (const env of [asked, quiet]) env.reset({ seed: 9 });
    for (let t = 0; t < 20; t++) {
      walk(asked, 1);
      walk(quiet, 1);
      asked.text('bob');
    }
    expect(asked.text('ada')).toBe(quiet.text('ada'));
    expect(asked.stateHash()).toBe(quiet.stateHash());
  });
});
