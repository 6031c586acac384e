/** Terrain, task and bodies drawn for each episode within the ranges that a scenario declares, and told by name: the example of docs/scenarios.md. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  type AgentStep,
  agentSteps,
  createBatchEnvSync,
  createEnvSync,
  loadScenario,
  readRecording,
  recordRow,
  replayRecording,
} from '@kinovox/env';
import { BLOCK_BY_NAME, parseScenario, type ScenarioInput } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-terrain-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const page = fs.readFileSync('docs/scenarios.md', 'utf8');
const [, written] = /## Randomisation[\s\S]*?```json\n([\s\S]*?)```/.exec(page)!;
const example = JSON.parse(written) as ScenarioInput;
const scenario: ScenarioInput = { ...example, episode: { ...example.episode, maxTicks: 20 } };

describe('the example of the docs', () => {
  const env = createBatchEnvSync({ scenario, numWorlds: 40, seed: 3 });
  env.reset();
  const drawn = Array.from({ length: 40 }, (_, row) => env.drawnIn(row));

  it('draws every parameter within its range, anew for each episode, and reaches all of it', () => {
    const of = (name: string) => drawn.map(({ parameters }) => parameters[name]);
    expect(new Set(of('amplitude'))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(new Set(of('top'))).toEqual(new Set(['grass_block', 'sand', 'packed_ice']));
    const near = of('near') as number[];
    expect(Math.min(...near)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...near)).toBeLessThanOrEqual(2.5);
    expect(new Set(near).size).toBeGreaterThan(35);
    expect(near.every((value) => Number.isInteger(value * 4096))).toBe(true);
    for (const { randomisation } of drawn)
      expect(Object.keys(randomisation!).sort()).toEqual(['actionDelayTicks', 'friction', 'jump', 'speed']);
    const [first] = drawn;
    env.reset();
    expect(env.drawnIn(0)).not.toEqual(first);
    env.reset({ seed: 3 });
    expect(env.drawnIn(0)).toEqual(first);
  });

  it('makes the terrain that it tells of', () => {
    const { voxels, cellsPerWorld } = env.engine.state;
    const layer = 48 * 48;
    const heights = drawn.map(({ parameters }, row) => {
      const top = env.compiled.palette.indexOfName(parameters.top as string);
      let [low, high] = [99, 0];
      for (let cell = 0; cell < layer; cell++) {
        let y = 31;
        while (voxels[row * cellsPerWorld + y * layer + cell] === 0) y--;
        expect(voxels[row * cellsPerWorld + y * layer + cell]).toBe(top);
        [low, high] = [Math.min(low, y), Math.max(high, y)];
      }
      return high - low;
    });
    for (const [row, { parameters }] of drawn.entries()) expect(heights[row]).toBeLessThanOrEqual(2 * (parameters.amplitude as number));
    expect(Math.max(...heights)).toBeGreaterThan(3);
    expect(Math.min(...heights)).toBe(0);
    expect(BLOCK_BY_NAME.get('packed_ice')!.slipperiness).toBeGreaterThan(0.9);
  });

  it('is told by name at a reset and in a recording, which replays exactly', async () => {
    const single = createEnvSync({ scenario, seed: 11 });
    expect(single.reset().infos.ada.drawn!.parameters).toEqual(single.batch.drawnIn(0).parameters);
    const file = path.join(folder, 'terrain.kvr');
    const recorder = recordRow(env, 4, file);
    const told = [env.drawnIn(4).parameters];
    for (let t = 0; t < 50; t++) if (env.stepSync(new Float32Array(env.actionLength)).ended[4] === 1) told.push(env.drawnIn(4).parameters);
    recorder.close();
    const episodes = [...readRecording(file).entries()].filter((entry) => entry.type === 'episode');
    expect(episodes.map(({ parameters }) => parameters)).toEqual(told);
    expect(told.length).toBeGreaterThan(2);
    // And with every agent-step of an export.
    const steps: AgentStep[] = [];
    for await (const row of agentSteps(readRecording(file), ['agent_id', 'drawn'])) if (row.agent_id === 'bob') steps.push(row);
    const { speed, jump, friction, actionDelayTicks } = drawn[4].randomisation!;
    expect(steps[0].drawn).toEqual({
      parameters: told[0],
      randomisation: { speed: speed[1], jump: jump[1], friction, actionDelayTicks: actionDelayTicks[1] },
    });
    expect((await replayRecording(file)).sentence).toMatch(/All 50 state hashes were recomputed and are equal/);
  });

  it('is the same on workers', () => {
    const play = (engine: 'cpu' | 'workers') => {
      const batch = createBatchEnvSync({ scenario, numWorlds: 6, seed: 8, ...(engine === 'cpu' ? { engine } : { engine, threads: 2 }) });
      batch.reset();
      for (let t = 0; t < 30; t++) batch.stepSync(new Float32Array(batch.actionLength).fill(0.5));
      const result = [batch.rowHashes(), Array.from({ length: 6 }, (_, row) => batch.drawnIn(row))];
      batch.close();
      return result;
    };
    expect(play('workers')).toEqual(play('cpu'));
  });
});

describe('a real parameter', () => {
  it('decides the task by its value', () => {
    const at = (near: [number, number]) => {
      const stand = (x: number) => ({ atMetres: [x, 12, 20.5] as [number, number, number] });
      const env = createEnvSync({
        scenario: {
          ...scenario,
          parameters: { near: { real: near } },
          world: { size: [48, 32, 48], terrain: { generator: 'flat', ground: 12 } },
          agents: [
            { id: 'ada', body: 'walker', spawn: stand(20) },
            { id: 'bob', body: 'walker', spawn: stand(22) },
          ],
        },
      });
      env.reset();
      env.step();
      return env.batch.engine.outputs.terminated[0];
    };
    expect([at([1.75, 1.75]), at([2.25, 2.25])]).toEqual([0, 1]);
  });

  it('is refused where a whole number is needed, though both of its ends are whole, and with its bounds swapped', () => {
    const where = (input: object) => () => parseScenario(input, 'x');
    const whole = { ...scenario, parameters: { ...scenario.parameters, amplitude: { real: [1, 3] } } };
    expect(where(whole)).toThrow(/world\.terrain\.amplitude.+This is so when .*amplitude = 1\.000244/s);
    expect(where({ ...scenario, parameters: { ...scenario.parameters, near: { real: [2, 1] } } })).toThrow(
      'parameters.near.real must have its lower bound first',
    );
    expect(loadScenario(scenario).program.numAgents).toBe(2);
  });
});
