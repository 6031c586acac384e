/** The comparison of engines sees a rule that is changed on one of them: ten changes of the device's text, each found in a short run. */
import { compileScenario } from '@kinovox/env';
import { parseScenario } from '@kinovox/world';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { KERNEL } from '../../packages/physics/src/engines/webgpu/kernel.generated.js';
import { testGpu } from './gpu-device.js';
import { compareEngines, whyNot } from './parity.js';

interface Mutation {
  rule: string;
  /** Function of the rules, of whose text in the kernel (of agents, not of mobs) `find` must match exactly one place. */
  within: string;
  find: RegExp;
  put: string;
}

const MUTATIONS: readonly Mutation[] = [
  { rule: 'gravity', within: 'sweepWalkers', find: / - 5243\)/, put: ' - 5242)' },
  { rule: 'the speed of a jump', within: 'accelerateWalkers', find: /= 27525;/, put: '= 27526;' },
  { rule: 'how bodies part', within: 'addPush', find: /\+ (divide\(\(push_\d+ \* dx)/, put: '- $1' },
  { rule: 'how long a dig takes', within: 'digIntent', find: /(t_\d+) < ticks_\d+/, put: '$1 < 2' },
  { rule: 'what an edit leaves solid', within: 'setCell', find: /(solid \+ \w+\]) == 1\)/, put: '$1 == 0)' },
  { rule: 'where an episode begins', within: 'standAtSpawn', find: /spawnPoints \+ at_\d+\]/, put: '$& + 1' },
  { rule: 'which level is drawn', within: 'drawVariant', find: /, 0, 0, 1, 0\)/, put: ', 0, 0, 2, 0)' },
  { rule: 'what progress pays', within: 'payRewards', find: /(shareQ14_\d+\(\w+, \w+)\)/, put: '$1 + 1)' },
  { rule: 'when time is up', within: 'decide', find: />= K_c_program_maxTicks/, put: '> K_c_program_maxTicks' },
  {
    rule: 'what an agent sees of the time',
    within: 'observeSelf',
    find: /K_c_program_maxTicks - data/,
    put: 'K_c_program_maxTicks + data',
  },
];

/** A small yard: bodies close together, soft ground, something to build with, a plate, short episodes. */
const yard = compileScenario(
  parseScenario(
    {
      version: 1,
      id: 'yard-v1',
      title: 'A yard',
      parameters: { wall: { int: [2, 7] } },
      world: {
        size: [10, 10, 10],
        terrain: { generator: 'flat', ground: 3, top: 'sand', body: 'dirt' },
        edits: [
          { fill: 'oak_planks', from: [{ param: 'wall' }, 3, 2], size: [1, 2, 6] },
          {
            set: 'stone_pressure_plate',
            cells: [
              [1, 3, 1],
              [8, 3, 8],
              [1, 3, 8],
              [8, 3, 1],
            ],
          },
        ],
      },
      agents: [
        {
          id: 'bot',
          count: 5,
          body: 'walker',
          spawn: {
            region: [
              [1, 3, 1],
              [8, 4, 8],
            ],
          },
          inventory: { planks: 40 },
        },
      ],
      mechanisms: [
        {
          id: 'lamp',
          when: {
            any: [
              {
                plates: [
                  [0, 3, 0],
                  [9, 3, 9],
                ],
              },
            ],
          },
          effects: [
            {
              region: [
                [0, 8, 0],
                [0, 8, 0],
              ],
              on: 'stone',
              off: 'air',
            },
          ],
        },
      ],
      task: {
        all: [
          {
            reach: {
              agents: 'all',
              region: [
                [5, 0, 0],
                [9, 9, 9],
              ],
            },
          },
          { dug: { agents: 'all', block: 'sand', atLeast: 3 } },
        ],
      },
      rewards: [{ name: 'progress', on: 'progress', value: 1 }],
      episode: { maxTicks: 40, variants: 8 },
    },
    'the test',
  ),
);

const gpu = await testGpu();
const original = KERNEL.functions;
const compare = () => compareEngines(yard, { checkpoints: [1, 10, 60], numWorlds: 6, seed: 5, workers: [], gpu });

describe.skipIf(gpu === undefined)('the comparison of webgpu with cpu', () => {
  afterEach(() => {
    KERNEL.functions = original;
  });
  afterAll(() => gpu?.device.destroy());

  it('finds nothing in the yard, where much happens', async () => {
    const row = await compare();
    expect(row.difference).toBeUndefined();
    expect(whyNot(row, yard)).toBeUndefined();
  });

  it.each(MUTATIONS)('sees a change of $rule', async (mutation) => {
    KERNEL.functions = mutated(original, mutation);
    expect((await compare()).difference).toMatch(/^webgpu differs from cpu in .+ after \d+ ticks$/);
  });

  it('is told of a change that finds no place, or more than one', () => {
    expect(() => mutated(original, { rule: 'nothing', within: 'digIntent', find: /no such text/, put: '' })).toThrow(/must match once/);
    expect(() => mutated(original, { rule: 'much', within: 'digIntent', find: /data/, put: '' })).toThrow(/must match once/);
  });
});

function mutated(text: string, { rule, within, find, put }: Mutation): string {
  const bodies = [...text.matchAll(new RegExp(`^fn ${within}_\\d+\\([^]*?\\n\\}$`, 'gm'))];
  const fitting = bodies.filter(([body]) => find.test(body));
  const places = fitting.length === 0 ? 0 : [...fitting[0][0].matchAll(new RegExp(find, 'g'))].length;
  if (places !== 1) throw new Error(`The change of ${rule} must match once in ${within}; got ${places} places.`);
  const [{ 0: body, index }] = fitting;
  return text.slice(0, index) + body.replace(find, put) + text.slice(index + body.length);
}
