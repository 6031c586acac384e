/** What a language agent is shown over episodes of real scenarios: it grows by what happens, within its budget, and hides what the scenario hides. */
import {
  AgentView,
  createPerception,
  createPolicy,
  LevelCache,
  type Perception,
  type PerceptionOptions,
  runPolicies,
  TURN_TOKENS,
} from '@kinovox/agents';
import { createBatchEnvSync, estimateTokens, prefixReuse } from '@kinovox/env';
import { describe, expect, it } from 'vitest';

/** Turns of one agent at every tenth tick of an episode that the scripted policy plays, and the prompts in which a model would be given them. */
function watch(id: string, slot: number, options: PerceptionOptions = {}, mostTicks = 400, seed = 3) {
  const env = createBatchEnvSync({ scenario: `scenarios/${id}.scenario.json`, seed, autoreset: 'disabled' });
  env.reset();
  const run = runPolicies(env, createPolicy('scripted'));
  const view = new AgentView(env, new LevelCache(env), 0, slot);
  const perception: Perception = createPerception(view, options);
  const turns: string[] = [];
  const prompts: string[] = [];
  for (let ended = false; !ended && view.tick < mostTicks; ) {
    perception.notice();
    if (view.tick % 10 === 0) {
      turns.push(perception.turn({ ownGoal: 'be of use' }));
      prompts.push(`You are the mind of a body in a world of blocks.\n${perception.text}`);
    }
    ended = env.stepSync(run.act()).ended[0] === 1;
  }
  return { env, view, perception, turns, prompts };
}

describe('createPerception', () => {
  it.each([
    ['bridge-gap-v1', 0, {}],
    ['bridge-gap-v1', 1, { coordinates: 'egocentric', detail: 'full' }],
    ['survival-basics-v1', 0, { detail: 'brief' }],
  ] as const)('of %s, slot %i, %o: nine tenths of the prompt tokens are those of the prompt before', (id, slot, options) => {
    const { prompts, turns, perception } = watch(id, slot, options);
    for (let k = 1; k < prompts.length; k++) expect(prompts[k].startsWith(prompts[k - 1])).toBe(true);
    expect(turns.length).toBeGreaterThan(20);
    expect(prefixReuse(prompts)).toBeGreaterThan(0.9);
    expect(perception.text).toBe(turns.join(''));
  });

  it('tells what happens as it happens, the task and a goal of its own in every turn', () => {
    const { turns, perception } = watch('bridge-gap-v1', 0, { detail: 'full' });
    const text = turns.join('');
    expect(text).toContain('* you placed oak_planks');
    for (const turn of turns) {
      expect(turn).toContain('both builders reach the far bank');
      expect(turn).toContain('your goal: be of use');
    }
    perception.reset();
    expect(perception.text).toBe('');
    expect(perception.turn()).toContain('You are ada of team builders');
  });

  it.each(['brief', 'normal', 'full'] as const)('keeps a %s turn within its tokens', (detail) => {
    const { turns } = watch('survival-basics-v1', 0, { detail }, 100);
    const head = estimateTokens(turns[0].split('[0.0 s]')[0]) + estimateTokens('[10.0 s]\ntask: your goal: be of use\n') + 60;
    for (const turn of turns) expect(estimateTokens(turn)).toBeLessThanOrEqual(TURN_TOKENS[detail] + head);
    const sizes = turns.reduce((sum, turn) => sum + estimateTokens(turn), 0);
    expect(sizes).toBeGreaterThan(0);
  });

  it('gives the same turns for the same episode', () => {
    expect(watch('bridge-gap-v1', 0, {}, 60).turns).toEqual(watch('bridge-gap-v1', 0, {}, 60).turns);
  });

  it('tells who was heard, and tells the runner no pad', () => {
    const { turns } = watch('relay-code-v1', 1, { detail: 'full' });
    const text = turns.join('');
    expect(text).toMatch(/\* scout says "(column|row)-\d"/);
    expect(text).not.toContain('goal 1');
    expect(text).toContain('Words you can hear: column-0');
  });
});
