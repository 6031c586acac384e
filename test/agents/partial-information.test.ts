/** Agents that know a part of their level: what they are shown, what they see, and what that lets them do. */
import { readFileSync } from 'node:fs';
import { createPolicy, type Policy, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { play } from './small-worlds.js';

const shipped = (id: string) => loadScenario(`scenarios/${id}.scenario.json`);
const fileOf = (id: string) => JSON.parse(readFileSync(`scenarios/${id}.scenario.json`, 'utf8'));
const scripted = createPolicy('scripted');

describe('an agent that is shown parts of its task', () => {
  const place = shipped('agree-place-v1');

  it('has the goals of those parts, no level, and is told the numbers of those parts alone', () => {
    const env = createBatchEnvSync({ scenario: place, seed: 3, split: 'test', observe: false });
    env.reset();
    const { row, column } = place.parametersOf('test', env.engine.state.variant[0]) as Record<string, number>;
    const seen: Record<string, unknown[]> = {};
    const goals: Record<string, string> = {};
    const look: Policy['act'] = (view) => {
      const { id } = view.roster[view.slot];
      seen[id] = [view.goals().map(({ x, z }) => [x, z]), view.level, view.knownParameters];
      goals[id] = view.textFrame().goal;
    };
    runPolicies(env, { name: 'look', create: () => ({ reset: () => {}, act: look }) }).act();
    expect(seen.ada).toEqual([[[16, 4 * row + 6]], undefined, { row }]);
    expect(seen.ben).toEqual([[[4 * column + 8, 14]], undefined, { column }]);
    expect(goals.ada).toContain(`[7, 3, ${4 * row + 5}]..[24, 3, ${4 * row + 6}]`);
    expect(goals.ada).toMatch(/column/);
    expect(goals.ada).not.toMatch(/\{row|row \*/);
    expect(goals.ben).toContain(`[${4 * column + 7}, 3, 5]`);
  });

  it('finds the place with what the other says, and nothing without it', () => {
    for (const seed of [0, 1, 2]) {
      expect(play(place, { default: scripted }, seed).succeeded).toBe(true);
      const deaf = loadScenario({ ...fileOf('agree-place-v1'), messages: { ...fileOf('agree-place-v1').messages, rangeMetres: 1 } });
      expect(play(deaf, { default: scripted }, seed).succeeded).toBe(false);
    }
  });
});

describe('an agent from whom the goals are hidden', () => {
  const lamp = fileOf('lamp-memory-v1');

  it('acts on a clue long after it has gone', () => {
    const { succeeded, env } = play(loadScenario(lamp), { default: scripted }, 1);
    expect(succeeded).toBe(true);
    expect(env.engine.state.tick[0]).toBeGreaterThan(300);
  });

  it('does not guess where it never had the clue in view', () => {
    const [ada] = lamp.agents;
    const late = { ...lamp, agents: [{ ...ada, spawn: { at: [9, 4, 12] } }], episode: { maxTicks: 700 } };
    late.mechanisms[0].when.any[0].clock.fromTick = 0;
    const { succeeded, env } = play(loadScenario(late), { default: scripted }, 1);
    expect(succeeded).toBe(false);
    expect(env.engine.state.tick[0]).toBe(700);
  });

  it('goes to the plate that makes a clue show', () => {
    expect(play(shipped('distant-lamp-v1'), { default: scripted }, 2).succeeded).toBe(true);
  });
});
