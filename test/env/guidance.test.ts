/** The observation group `guidance`: how far the way is and where it goes next, on the ground, in the air, and where there is none. */
import { type BatchEnv, createBatchEnvSync, createEnvSync, loadScenario } from '@kinovox/env';
import { cellIndex, geodesicField, solidGridOf, UNREACHED } from '@kinovox/physics';
import { ACTION_WORD, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';

const path = (id: string) => `scenarios/${id}.scenario.json`;
const MAZE = path('reach-maze-v1');
const GOAL = [
  [20, 0, 10],
  [22, 11, 12],
] as [[number, number, number], [number, number, number]];
const hills: ScenarioInput = {
  version: 1,
  id: 'sample-hills-v1',
  title: 'Over the hills',
  world: { size: [24, 12, 24], terrain: { generator: 'hills', base: 5, amplitude: 3, wavelength: 12 } },
  agents: [
    {
      id: 'ada',
      body: 'walker',
      spawn: {
        region: [
          [1, 0, 1],
          [6, 11, 22],
        ],
      },
    },
  ],
  observation: { guidance: 3 },
  task: { reach: { agents: 'ada', region: GOAL } },
  episode: { maxTicks: 400 },
};

const guidanceOf = (env: BatchEnv, row: number) => {
  const { groups, size, vector } = env.observations;
  const { offset } = groups.find(({ name }) => name === 'guidance')!;
  const [known, left, dx, dy, dz] = vector.subarray(row * size + offset, row * size + offset + 5);
  return { known, left, dx, dy, dz };
};

/** Goes straight to what the guidance of row `seen(row)` shows, for so many ticks; returns how many first episodes succeed. */
function follow(seen: (row: number) => number): number {
  const numWorlds = 12;
  const env = createBatchEnvSync({ scenario: MAZE, numWorlds, split: 'test', observation: { guidance: 2, crop: 0 } });
  env.reset();
  const width = env.actionLength / numWorlds;
  const succeeded = new Set<number>();
  for (let tick = 0; tick < 700; tick++) {
    const actions = new Float32Array(env.actionLength);
    for (let row = 0; row < numWorlds; row++) {
      const { dx, dz } = guidanceOf(env, seen(row));
      const self = env.observations.vector.subarray(row * env.observations.size);
      const [sin, cos, far] = [self[6], self[7], Math.hypot(dx, dz) || 1];
      actions[row * width + ACTION_WORD.forward] = (-sin * dx - cos * dz) / far;
      actions[row * width + ACTION_WORD.strafe] = (cos * dx - sin * dz) / far;
    }
    const { ended, endStatus } = env.stepSync(actions);
    ended.forEach((end, row) => void (end === 1 && endStatus[row] === 1 && succeeded.add(row)));
  }
  return succeeded.size;
}

describe('guidance', () => {
  it('leads whoever follows it out of every maze', () => {
    expect(follow((row) => row)).toBe(12);
  });
  it('leads nobody who follows that of another level', () => {
    expect(follow((row) => (row + 1) % 12)).toBeLessThan(6);
  });

  it.each([
    ['mazes', MAZE, undefined],
    ['hills', hills, GOAL],
  ] as const)('is the geodesic field of %s at the feet, and the cell three steps down it', (_, scenario, region) => {
    const env = createBatchEnvSync({ scenario: scenario as string, numWorlds: 3, seed: 4, observation: { guidance: 3 } });
    env.reset();
    const { state } = env.engine;
    const rows = [0, 1, 2].map((row) => {
      const grid = solidGridOf(env.engine, row);
      const { task } = env.compiled.resolve('train', env.rowInfo(row).variant) as unknown as { task: { reach: { region: typeof GOAL } } };
      return { grid, values: geodesicField(grid, [region ?? task.reach.region]).values };
    });
    const next = randomWords(3);
    const width = env.actionLength / 3;
    const seen = { steps: 0, air: 0, unequal: 0 };
    for (let tick = 0; tick < 160; tick++) {
      const actions = new Float32Array(env.actionLength);
      for (let row = 0; row < 3; row++) {
        actions[row * width] = 1;
        actions[row * width + ACTION_WORD.turn] = (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0;
        actions[row * width + ACTION_WORD.jump] = (next() >>> 9) % 4 === 0 ? 1 : 0;
      }
      if (env.stepSync(actions).ended.some((end) => end === 1)) break;
      rows.forEach(({ grid, values }, row) => {
        const { known, left, dx, dy, dz } = guidanceOf(env, row);
        const cellOf = (x: number, y: number, z: number) => cellIndex(grid.size, Math.floor(x), Math.floor(y), Math.floor(z));
        const [x, y, z] = [state.posX[row] / 65536, state.posY[row] / 65536, state.posZ[row] / 65536];
        const here = values[cellOf(x, y, z)];
        if (here >= UNREACHED) {
          seen.air++;
          return;
        }
        expect([known, left]).toEqual([1, Math.fround(here / 10)]);
        // Each step costs 1 m on the level, up to 3.2 m down three blocks; in the goal there are none.
        const gained = here - values[cellOf(x + dx, y + dy, z + dz)];
        if (here >= 96) {
          expect(gained).toBeGreaterThanOrEqual(30);
          expect(gained).toBeLessThanOrEqual(96);
          seen.steps++;
        }
        if (Math.abs(dy) > 0.99) seen.unequal++;
      });
    }
    expect(seen.steps).toBeGreaterThan(60);
    expect(seen.air).toBeGreaterThan(5);
    expect(seen.unequal > 20).toBe(scenario === hills);
  });

  it('is that of the cell below while the feet are in the air', () => {
    const env = createBatchEnvSync({ scenario: MAZE, numWorlds: 1, seed: 2, observation: { guidance: 1 } });
    env.reset();
    const jump = new Float32Array(env.actionLength);
    jump[ACTION_WORD.jump] = 1;
    const ground = guidanceOf(env, 0);
    for (let tick = 0; tick < 5; tick++) env.stepSync(jump);
    const air = guidanceOf(env, 0);
    expect(env.observations.vector[1]).toBeGreaterThan(3);
    expect([air.known, air.left, air.dx, air.dz]).toEqual([1, ground.left, ground.dx, ground.dz]);
    expect(air.dy).toBeLessThan(-1);
  });

  it('says nothing where no way leads, and to agents that their task sends nowhere', () => {
    const env = createBatchEnvSync({ scenario: path('bridge-gap-v1'), numWorlds: 1, observation: { guidance: 4 } });
    env.reset();
    expect(guidanceOf(env, 0)).toEqual({ known: 0, left: 0, dx: 0, dy: 0, dz: 0 });
    const waiting: ScenarioInput = {
      ...hills,
      agents: [
        ...hills.agents,
        {
          id: 'bob',
          body: 'walker',
          spawn: {
            region: [
              [1, 0, 1],
              [6, 11, 22],
            ],
          },
        },
      ],
    };
    const two = createEnvSync({ scenario: waiting, seed: 1 });
    two.reset();
    expect([two.describe('ada').guidance?.known, two.describe('bob').guidance?.known]).toEqual([1, 0]);
  });

  it('is told in words', () => {
    const env = createEnvSync({ scenario: hills, seed: 1 });
    env.reset();
    const { guidance, self } = env.describe('ada');
    const next = [self.x + guidance!.dx, self.y + guidance!.dy, self.z + guidance!.dz].map((value) => value.toFixed(1)).join(' ');
    expect(env.text('ada')).toContain(`way: ${guidance!.left.toFixed(1)} m left, next over ${next}`);
  });

  it('changes no level, no state and no other part of the observation', () => {
    const envs = [{}, { guidance: 2 }].map((observation) => createBatchEnvSync({ scenario: MAZE, numWorlds: 2, seed: 9, observation }));
    for (const env of envs) {
      env.reset();
      for (let tick = 0; tick < 30; tick++) env.stepSync(new Float32Array(env.actionLength).fill(0.3));
    }
    const [plain, guided] = envs;
    expect(guided.stateHash()).toBe(plain.stateHash());
    expect(guided.compiled.program.scenarioHash).toBe(plain.compiled.program.scenarioHash);
    const { size } = plain.observations;
    expect(guided.observations.vector.subarray(0, size)).toEqual(plain.observations.vector.subarray(0, size));
  });

  it('is refused where no task leads to a place by reach, and beyond 16 steps', () => {
    expect(() => loadScenario(path('tag-v1'), { observation: { guidance: 1 } })).toThrow(
      /observation.guidance must have a place to lead to; got tag-v1/,
    );
    expect(() => loadScenario(MAZE, { observation: { guidance: 17 } })).toThrow(/got observation.guidance/);
  });
});
