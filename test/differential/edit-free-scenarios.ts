/** Scenarios without edits, drawn from a seed: rough ground of all sorts, towers to fall from, water, lava, ladders, and tasks of several kinds. */
import type { ScenarioInput } from '@kinovox/world';
import { randomWords } from '../physics/fixture.js';

export function randomEditFree(seed: number): ScenarioInput {
  const next = randomWords(1000 + seed);
  const unit = () => (next() >>> 0) / 2 ** 32;
  const int = (low: number, high: number) => Math.floor(low + unit() * (high - low + 1));
  const pick = <T>(...values: T[]): T => values[int(0, values.length - 1)];
  const [sizeX, sizeY, sizeZ] = [int(10, 40), int(16, 28), int(10, 40)];
  const box = (low: number, high: number) => ({ from: [0, low, 0], to: [sizeX - 1, high, sizeZ - 1] });
  const somewhere = (w: number, d: number) => [int(0, sizeX - w), int(0, sizeZ - d)];
  const edits: unknown[] = [{ fill: pick('stone', 'packed_ice', 'grass_block'), ...box(3, 3) }];
  for (const block of ['stone', 'packed_ice', 'slime_block', 'oak_leaves']) {
    edits.push({ scatter: block, in: 'air', ...box(4, 5), count: int(2, 14), cluster: int(1, 5) });
    const [x, z] = somewhere(4, 4);
    edits.push({ fill: block, from: [x, 4, z], size: [int(1, 4), int(1, 9), int(1, 4)] });
  }
  for (const liquid of ['water', 'lava']) {
    if (unit() < 0.4) continue;
    const [x, z] = somewhere(6, 6);
    edits.push({ fill: liquid, from: [x, int(2, 3), z], size: [int(2, 6), int(2, 3), int(2, 6)] });
  }
  for (let k = int(0, 3); k > 0; k--) {
    const [x, z] = somewhere(1, 1);
    edits.push({ fill: pick('ladder', 'vine'), from: [x, 4, z], size: [1, int(2, 6), 1] });
  }
  const agents = Array.from({ length: int(2, 5) }, (_, a) => ({
    id: `agent-${a}`,
    team: pick('red', 'blue'),
    body: { type: 'walker', speedScale: pick(0.5, 1, 1, 2), jump: unit() < 0.9 },
    spawn: {
      region: [
        [0, 4, 0],
        [sizeX - 1, 13, sizeZ - 1],
      ],
    },
  }));
  const one = () => pick('all', ...agents.map(({ id }) => id));
  const region = () => {
    const [x, z] = somewhere(5, 5);
    return [
      [x, int(0, 5), z],
      [Math.min(sizeX - 1, x + int(2, 12)), sizeY - 1, Math.min(sizeZ - 1, z + int(2, 12))],
    ];
  };
  const predicates = [
    () => ({ reach: { agents: one(), region: region() } }),
    () => ({ reach: { agents: 'all', region: region(), quantifier: 'any' } }),
    () => ({ near: { agents: 'agent-0', of: 'agent-1', metres: int(1, 9) } }),
    () => ({ near: { agents: one(), of: [int(0, sizeX - 1), 4, int(0, sizeZ - 1)], metres: int(1, 9) } }),
    () => ({ below: { agents: one(), y: int(2, 6), quantifier: 'any' } }),
    () => ({ touched: { agents: 'agent-0', by: 'agent-1' } }),
    () => ({ sees: { agents: 'agent-0', target: 'agent-1', rangeMetres: 12 } }),
    () => ({ healthBelow: { agents: one(), health: int(5, 19), quantifier: 'any' } }),
    () => ({ alive: { agents: one() } }),
    () => ({ elapsed: { ticks: int(10, 90) } }),
  ];
  const some = () => pick(...predicates)();
  const goal = pick<() => unknown>(
    () => ({ all: [some(), some(), { never: some() }] }),
    () => ({ any: [some(), { sequence: [some(), some()] }] }),
    () => ({ sequence: [some(), some(), some()] }),
    () => ({ until: { hold: some(), goal: some() } }),
    () => ({ within: { ticks: int(30, 90), goal: some() } }),
    () => ({ count: { of: [some(), some()], atLeast: int(1, 4) } }),
    () => ({ all: [{ before: { first: some(), then: some() } }, { not: some() }] }),
  )();
  return {
    version: 1,
    id: `edit-free-${seed}-v1`,
    title: 'Rough ground',
    world: { size: [sizeX, sizeY, sizeZ], terrain: { generator: 'flat', ground: 4 }, edits, diggable: 'none' },
    agents,
    messages: { symbols: ['here'], everyTicks: 4 },
    observation: { crop: 5, nearestAgents: 2, messages: 2 },
    task: goal,
    rewards: [
      { name: 'success', on: 'success', value: 1 },
      { name: 'failure', on: 'failure', value: -0.5 },
      { name: 'progress', on: 'progress', value: 0.3 },
    ],
    episode: { maxTicks: int(60, 240) },
  } as unknown as ScenarioInput;
}
