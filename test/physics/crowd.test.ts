/** More happens in a tick than the event list holds: what is reported may be cut, what counts toward a task may not. */
import { compileScenario } from '@kinovox/env';
import { createCpuEngine, nodeStatus } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, INTERACT, MAX_EVENTS_PER_TICK, parseScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const CROWD = 256;

/** A crowd on leaves, all of whom hear each other; the last of them is asked for. */
function crowd(task: ScenarioInput['task']) {
  const scenario: ScenarioInput = {
    version: 1,
    id: 'sample-crowd-v1',
    title: 'A crowd',
    world: { size: [40, 8, 40], terrain: { generator: 'flat', ground: 3, top: 'oak_leaves' } },
    agents: [
      {
        id: 'one',
        count: CROWD,
        body: 'walker',
        spawn: {
          region: [
            [0, 3, 0],
            [39, 3, 39],
          ],
        },
      },
    ],
    messages: { symbols: ['now'] },
    task,
    episode: { maxTicks: 100, variants: 1 },
  };
  const { program, variantSource } = compileScenario(parseScenario(scenario, 'the crowd'));
  return createCpuEngine({ program, variants: variantSource('train'), numWorlds: 1, seed: 3, observe: false });
}

/** Steps with the same keys for everybody, and one agent's own. */
function step(engine: ReturnType<typeof crowd>, keys: Partial<Record<keyof typeof ACTION_WORD, number>>): number {
  const actions = new Float32Array(CROWD * ACTION_FIELDS);
  for (let a = 0; a < CROWD; a++)
    for (const [name, value] of Object.entries(keys)) actions[a * ACTION_FIELDS + ACTION_WORD[name as keyof typeof ACTION_WORD]] = value;
  engine.decode(actions);
  engine.step();
  return engine.buffers.eventCount[0];
}

const status = (engine: ReturnType<typeof crowd>) => nodeStatus(engine.state, engine.program.monitor, 0, engine.program.monitor.roots[0]);

describe(`of ${CROWD} agents`, () => {
  it('the last is heard by its task although all speak at once', () => {
    const engine = crowd({ sequence: [{ said: { agents: `one-${CROWD - 1}`, symbol: 'now' } }, { elapsed: { ticks: 50 } }] });
    step(engine, {});
    const before = engine.outputs.rootProgress[0];
    expect(step(engine, { message: 1 })).toBeGreaterThan(100 * MAX_EVENTS_PER_TICK);
    expect(engine.outputs.rootProgress[0]).toBeGreaterThan(before);
    // In silence nobody is heard.
    const silent = crowd({ said: { agents: `one-${CROWD - 1}`, symbol: 'now' } });
    step(silent, {});
    expect(status(silent)).toBe(0);
  });

  it('the last has its block counted although all speak while they dig', () => {
    const engine = crowd({ dug: { agents: 'all', block: 'oak_leaves', atLeast: 1, quantifier: 'all' } });
    step(engine, { look: -Math.PI / 2 });
    let ticks = 0;
    let ended = 0;
    while (ended === 0 && ticks++ < 60) {
      step(engine, { interact: INTERACT.dig, message: 1 });
      ended = engine.outputs.ended[0];
    }
    expect(engine.outputs.endStatus[0]).toBe(1);
    expect(engine.outputs.endTicks[0]).toBeLessThan(40);
  });

  it('contacts reach every slot', () => {
    const engine = crowd({ elapsed: { ticks: 90 } });
    const { state } = engine;
    const last = CROWD - 1;
    state.posX[last] = state.posX[0];
    state.posY[last] = state.posY[0];
    state.posZ[last] = state.posZ[0] + 30000;
    step(engine, {});
    const words = state.layout.width.contacts;
    expect(words).toBe(8);
    expect((state.contacts[last >> 5] >>> (last & 31)) & 1).toBe(1);
    expect(state.contacts[last * words] & 1).toBe(1);
  });
});
