/** What agents are told of the ways that others of their team mean to go: by language agents and planners, as the scenario allows. */
import { createLanguageFactory, createPolicy, type ModelReply, type PolicyFactory, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import type { ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from '../small-worlds.js';
import { plain } from './call-skill.js';
import { call, modelOf, profileOf } from './playing.js';

interface Meeting {
  with: string;
  at: number[];
  inTicks: number;
  knownBy: string;
}

/** Two on a lane of 12 cells: ada in the west, bob in the east, who shall reach the west. */
function lane(bob: object = {}, rest: Partial<ScenarioInput> = {}): ScenarioInput {
  return smallScenario({
    layers: plain(12, 3),
    agents: [walkerAt('ada', [0, 1, 1]), walkerAt('bob', [11, 1, 1], { spawn: { at: [11, 1, 1], yawDeg: 90 }, ...bob })],
    task: {
      reach: {
        agents: 'bob',
        region: [
          [0, 1, 0],
          [1, 2, 2],
        ],
      },
    },
    rest,
  });
}

/** An agent that does the calls in order, each when it is asked, and keeps what it was told; then waits. `delayMs` by decision. */
function agent(calls: readonly ModelReply[], told: string[] = [], delay: (n: number) => number = () => 0): PolicyFactory {
  let asked = 0;
  const provider = modelOf(async ({ messages }) => {
    told.push(messages.at(-2)?.text ?? '', messages.at(-1)!.text);
    const n = asked++;
    if (delay(n) > 0) await new Promise((resolve) => setTimeout(resolve, delay(n)));
    return calls[n] ?? call('wait', { ticks: 1000 });
  });
  return createLanguageFactory(profileOf(), { environment: {}, provider });
}

const EAST = call('explainConflict', { waypoints: [{ x: 11.5, y: 1, z: 1.5, tick: 50 }] });
/** Waits until the other is under way, asks, and goes. */
const ASKS = [call('wait', { ticks: 12 }), EAST];

/** What ada is answered, in order. */
async function answers(scenario: ScenarioInput, bob: PolicyFactory, calls: readonly ModelReply[], delay?: (n: number) => number) {
  const env = createBatchEnvSync({ scenario: loadScenario(scenario), seed: 1, autoreset: 'disabled' });
  env.reset();
  const told: string[] = [];
  const run = runPolicies(env, { ada: agent(calls, told, delay), default: bob });
  for (let tick = 0; tick < 20; tick++) {
    await run.think();
    env.stepSync(run.act());
  }
  const given = told.map(parsed).filter((one) => one?.facts?.conflicts !== undefined);
  return given.map((one) => ({ sentence: one!.sentence, met: one!.facts.conflicts! }));
}

async function meetings(scenario: ScenarioInput, bob: PolicyFactory, calls: readonly ModelReply[] = ASKS) {
  const [first] = await answers(scenario, bob, calls);
  return first;
}

function parsed(text: string) {
  return text.startsWith('{"status"') ? (JSON.parse(text) as { sentence: string; facts: { conflicts?: Meeting[] } }) : undefined;
}

const WEST = () => agent([call('moveTo', { x: 1, y: 1, z: 1 })]);

describe('ways of a team', () => {
  it('tell who comes, where and when, by the way that another agent is on', async () => {
    const { met, sentence } = await meetings(lane(), WEST());
    expect(met).toMatchObject([{ with: 'bob', knownBy: 'its plan' }]);
    expect(sentence).toMatch(/^You would meet bob at \d+(\.\d)? 1 1\.5 in \d+ ticks \(by its plan\)\.$/);
    // Both come at about a walk of 4.3 m/s: they meet between, sooner than one who stands.
    expect(met[0].at[0]).toBeGreaterThan(2);
    expect(met[0].at[0]).toBeLessThan(8);
    expect(met[0].inTicks).toBeLessThan(30);
  });

  it.each(['planner:voxel', 'planner:lacam'])('tell the plans of %s', async (name) => {
    expect((await meetings(lane(), createPolicy(name))).met).toMatchObject([{ with: 'bob', knownBy: 'its plan' }]);
  });

  it('are not told to other teams, nor where goals are hidden, unless the scenario says so', async () => {
    const known = async (scenario: ScenarioInput) => (await meetings(scenario, WEST())).met.map(({ knownBy }) => knownBy);
    expect(await known(lane({ team: 'others' }))).not.toContain('its plan');
    expect(await known(lane({}, { messages: { enabled: false, teamPlans: false } }))).not.toContain('its plan');
    expect(await known(lane({ goals: 'hidden' }))).not.toContain('its plan');
    expect(await known(lane({ goals: 'hidden' }, { messages: { enabled: false, teamPlans: true } }))).toEqual(['its plan']);
  });

  it('are those before the tick, whoever is answered first, and with the ticks of a plan that is played', async () => {
    // Bob plans in the tick in which ada asks: she is told that he stands, though he has been answered long before.
    const bob = agent([call('wait', { ticks: 12 }), call('plan', { x: 1, y: 1, z: 1 }), call('moveTo', { x: 1, y: 1, z: 1 })]);
    const calls = [call('wait', { ticks: 12 }), EAST, call('wait', { ticks: 4 }), EAST];
    const [first, second] = await answers(lane(), bob, calls, (n) => (n === 1 ? 50 : 0));
    expect(first.met.map(({ knownBy }) => knownBy)).toEqual(['its motion']);
    expect(second.met.map(({ knownBy }) => knownBy)).toEqual(['its plan']);
  });

  it('end where the agent stands', async () => {
    const bob = agent([call('moveTo', { x: 10, y: 1, z: 1 })]);
    const { met } = await meetings(lane(), bob, [call('wait', { ticks: 18 }), EAST]);
    expect(met).toMatchObject([{ with: 'bob', knownBy: 'its motion' }]);
  });
});
