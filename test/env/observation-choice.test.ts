import { createBatchEnvSync, createEnvSync, loadScenario } from '@kinovox/env';
import { type ScenarioInput, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge, talk } from './sample-scenarios.js';

/** A plate at (4, 2, 4) of the first mechanism opens blocks; a lever at (12, 2, 3) and a link switch others. */
const gate: ScenarioInput = {
  version: 1,
  id: 'sample-gate-v1',
  title: 'A plate, a lever and what they move',
  parameters: { plateX: { int: [3, 6] } },
  world: {
    size: [16, 8, 16],
    terrain: { generator: 'flat', ground: 2 },
    edits: [
      { set: 'stone_pressure_plate', at: [{ param: 'plateX' }, 2, 4] },
      { set: 'lever', at: [12, 2, 3] },
    ],
  },
  mechanisms: [
    {
      id: 'door',
      when: { any: [{ plate: [{ param: 'plateX' }, 2, 4] }, { lever: [12, 2, 3] }] },
      effects: [
        {
          region: [
            [8, 2, 4],
            [9, 3, 4],
          ],
          on: 'air',
          off: 'stone',
        },
      ],
    },
    {
      id: 'echo',
      when: { all: [{ mechanism: 'door' }] },
      effects: [
        {
          region: [
            [8, 2, 8],
            [8, 2, 8],
          ],
          on: 'stone',
          off: 'air',
        },
      ],
    },
  ],
  agents: [
    { id: 'ada', body: 'walker', spawn: { at: [1, 2, 4], yawDeg: -90 } },
    { id: 'bob', body: 'walker', spawn: { at: [1, 2, 12] } },
  ],
  observation: { mechanisms: 8 },
  task: {
    reach: {
      agents: 'ada',
      region: [
        [14, 2, 4],
        [15, 3, 5],
      ] as never,
    },
  },
  episode: { maxTicks: 200, variants: 8 },
} as ScenarioInput;

describe('the observation group mechanisms', () => {
  it('tells where plates, levers and switched blocks are, and whether they are on', () => {
    const env = createEnvSync({ scenario: gate });
    env.reset({ seed: 3 });
    const rows = () => env.describe('ada').mechanisms!;
    // Links have no place: four parts, not five.
    expect(rows().map(({ kind, mechanism }) => [kind, mechanism])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
    ]);
    const { self } = env.describe('ada');
    const { plateX } = env.batch.compiled.resolve('train', env.batch.rowInfo(0).variant).resolved.parameters as { plateX: number };
    const [plate, lever, door] = rows();
    expect([self.x + plate.dx, self.y + plate.dy, self.z + plate.dz]).toEqual([plateX + 0.5, 2, 4.5]);
    expect([self.x + lever.dx, self.y + lever.dy, self.z + lever.dz]).toEqual([12.5, 2, 3.5]);
    expect([self.x + door.dx, self.y + door.dy, self.z + door.dz]).toEqual([9, 2, 4.5]);
    const seen = new Set<string>();
    for (let t = 0; t < 60; t++) {
      env.step({ ada: { forward: 1 } });
      seen.add(
        rows()
          .map(({ on }) => on)
          .join(''),
      );
    }
    // Off, then the plate before what it moves, then the echo behind.
    expect([...seen].slice(0, 2)).toEqual(['0000', '1010']);
    expect(seen).toContain('1011');
  });

  it('shows each agent its own way to them, and zeros to one that has left', () => {
    const batch = createBatchEnvSync({ scenario: gate, numWorlds: 2, autoreset: 'disabled' });
    batch.reset();
    const group = batch.observations.groups.find(({ name }) => name === 'mechanisms')!;
    expect([group.rows, group.fields.length]).toEqual([4, 6]);
    const { vector, size } = batch.observations;
    const dz = (agent: number) => vector[agent * size + group.offset + 4];
    expect(dz(0) - dz(1)).toBeCloseTo(8, 5);
  });
});

describe('observation of an environment', () => {
  it("replaces parts of the scenario's, and changes neither its hash, nor its levels, nor its states", () => {
    const plain = createBatchEnvSync({ scenario: bridge, numWorlds: 4 });
    const other = createBatchEnvSync({ scenario: bridge, numWorlds: 4, observation: { crop: 5, goals: 1, inventory: false } });
    plain.reset({ seed: 11 });
    other.reset({ seed: 11 });
    expect(Object.keys(other.spaces.observation.spaces)).toContain('crop');
    expect(Object.keys(other.spaces.observation.spaces)).not.toContain('inventory');
    expect(other.compiled.program.scenarioHash).toBe(plain.compiled.program.scenarioHash);
    const idle = new Float32Array(plain.actionLength);
    for (let t = 0; t < 30; t++) {
      plain.stepSync(idle);
      other.stepSync(idle);
    }
    expect(other.rowHashes()).toEqual(plain.rowHashes());
  });

  it('takes profiles that combine, the later over the earlier', () => {
    const names = (observation: never) => Object.keys(createEnvSync({ scenario: talk, observation }).spaces.observation.spaces);
    expect(names(['state'] as never)).not.toContain('crop');
    expect(names(['symbolic'] as never)).toEqual(expect.arrayContaining(['crop', 'mechanisms']));
    expect(names(['state', 'camera'] as never)).toContain('cameraRgb');
    expect(names(['camera', 'state'] as never)).not.toContain('cameraRgb');
  });

  it('holds for a compiled scenario, which itself stays as it is', () => {
    const compiled = loadScenario(bridge);
    const env = createEnvSync({ scenario: compiled, observation: { crop: 3 } });
    expect(env.batch.compiled.program.observation.crop).toBe(3);
    expect(compiled.program.observation.crop).toBe(0);
  });

  it('reaches the threads of workers', () => {
    const make = (engine: 'cpu' | 'workers') => {
      const batch = createBatchEnvSync({
        scenario: gate,
        numWorlds: 4,
        engine,
        observation: { mechanisms: 2, goals: 1 },
        ...(engine === 'workers' ? { threads: 2 } : {}),
      });
      batch.reset({ seed: 5 });
      for (let t = 0; t < 20; t++) batch.stepSync(new Float32Array(batch.actionLength).fill(0.5));
      const vector = batch.observations.vector.slice();
      batch.close();
      return vector;
    };
    expect(make('workers')).toEqual(make('cpu'));
  });

  it('refuses unknown profiles and parts, with the nearest name', () => {
    expect(() => createEnvSync({ scenario: bridge, observation: ['symbol'] as never })).toThrow(UsageError);
    expect(() => createEnvSync({ scenario: bridge, observation: ['symbol'] as never })).toThrow('Did you mean "symbolic"?');
    expect(() => createEnvSync({ scenario: bridge, observation: { corp: 3 } as never })).toThrow('Did you mean "crop"?');
    expect(() => createEnvSync({ scenario: bridge, observation: { crop: 4 } })).toThrow('observation.crop: must be 0 or an odd number');
  });
});
