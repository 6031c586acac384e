import { describe, expect, it } from 'vitest';
import { call, LAWN, modelOf, playModel } from './playing.js';

/** Ada says "come" in her first tick; what each agent is told by the end. */
async function heard(messages: object, teams: readonly string[], goals: 'visible' | 'hidden' = 'visible'): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  const provider = modelOf((request) => {
    const [, agent, number] = request.key.split('/');
    told[agent] = request.messages.map(({ text }) => text).join('\n');
    return agent === 'ada' && number === '0' ? call('chat', { text: 'come' }) : call('wait', { ticks: 10 });
  });
  const agents = LAWN.agents.map((agent, k) => ({ ...agent, team: teams[k], ...(k === 1 ? { goals } : {}) }));
  const scenario = { ...LAWN, agents, messages: { enabled: true, symbols: ['come', 'stay'], everyTicks: 1, ...messages } } as typeof LAWN;
  await playModel(provider, { scenario, ticks: 45 });
  return told;
}

describe('what is heard', () => {
  it('comes in turns with its sender, to all', async () => {
    const told = await heard({}, ['a', 'a', 'b']);
    expect(told.bob).toContain('ada says "come"');
    expect(told.cyd).toContain('ada says "come"');
    expect(told.bob).not.toContain('says "stay"');
  });

  it('stays in the team where the scenario says so', async () => {
    const told = await heard({ scope: 'team' }, ['a', 'a', 'b']);
    expect(told.bob).toContain('ada says "come"');
    expect(told.cyd).not.toContain('says "come"');
  });

  it('stays within its range', async () => {
    const told = await heard({ rangeMetres: 4 }, ['a', 'a', 'a']);
    expect(told.bob).toContain('ada says "come"');
    expect(told.cyd).not.toContain('says "come"');
  });

  it('never tells a goal that the scenario hides', async () => {
    const told = await heard({}, ['a', 'a', 'a'], 'hidden');
    expect(told.ada).toMatch(/^goals?\b.*\bat /m);
    expect(told.bob).not.toMatch(/^goals?\b.*\bat /m);
  });
});
