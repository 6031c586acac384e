/** Gates that clocks open and shut every few ticks, alone, together, in turns, through each other, and where walkers stand in their way. */
import type { ScenarioInput } from '@kinovox/world';

const GROUND = 2;
const SIZE = 9;

const gate = (id: string, x: number, when: object, more: object = {}) => ({
  id,
  when,
  effects: [
    {
      region: [
        [x, GROUND, 2],
        [x, GROUND + 1, 6],
      ],
      on: 'iron_block',
      off: 'air',
    },
  ],
  ...more,
});

export function clockedScenario(): ScenarioInput {
  const phase = { param: 'phase' };
  const quick = { clock: { everyTicks: 8, onTicks: 3, fromTick: phase } };
  const slow = { clock: { everyTicks: 14, onTicks: 9 } };
  return {
    version: 1,
    id: 'clocked-v1',
    title: 'Gates that clocks open and shut',
    parameters: { phase: { int: [0, 12] } },
    world: { size: [SIZE, 8, SIZE], terrain: { generator: 'flat', ground: GROUND }, diggable: 'none' },
    agents: [
      {
        id: 'walker',
        count: 3,
        body: 'walker',
        spawn: {
          region: [
            [0, GROUND, 0],
            [SIZE - 1, GROUND, SIZE - 1],
          ],
        },
      },
    ],
    mechanisms: [
      gate('alone', 1, { any: [quick] }),
      gate('together', 3, { all: [quick, slow] }, { delayTicks: 2 }),
      gate('in-turns', 5, { any: [slow] }, { mode: 'toggle' }),
      gate('through-another', 7, { any: [{ mechanism: 'alone' }] }),
    ],
    task: { count: { of: [{ triggered: { mechanism: 'in-turns' } }], atLeast: 2 } },
    rewards: [{ name: 'progress', on: 'progress', value: 1 }],
    episode: { maxTicks: 40, variants: 4 },
  } as unknown as ScenarioInput;
}
