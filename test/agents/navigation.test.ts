/** Path search, floods, headings and flights, on worlds small enough to know the answer. */
import {
  AgentView,
  arcTangent,
  findPath,
  floodDistances,
  Ground,
  jumpDistance,
  LevelCache,
  labelZones,
  MOVE,
  type PathQuery,
  SearchSpace,
  wrapAngle,
  yawTo,
} from '@kinovox/agents';
import { createBatchEnvSync } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { smallScenario } from './small-worlds.js';

function groundOf(layers: string[][], height?: number): Ground {
  const task = { elapsed: { ticks: 1 } } as const;
  const env = createBatchEnvSync({
    scenario: smallScenario({
      layers,
      task,
      height,
      agents: [
        {
          id: 'ada',
          body: 'walker',
          spawn: {
            region: [
              [0, 1, 0],
              [0, 6, 0],
            ],
          },
        },
      ],
    }),
    observe: false,
  });
  env.reset();
  return new Ground(new AgentView(env, new LevelCache(env), 0, 0));
}

function search(
  layers: string[][],
  from: [number, number, number],
  to: [number, number, number],
  rest: Partial<PathQuery> = {},
  keep?: (ground: Ground) => void,
) {
  const ground = groundOf(layers, 10);
  keep?.(ground);
  return findPath(ground, new SearchSpace(), {
    from,
    to: [...to, ...to],
    canDig: false,
    maxBlocks: 0,
    canPillar: false,
    canJump: true,
    ...rest,
  });
}
const moves = (path: ReturnType<typeof search>) => path?.map((step) => step.move);

describe('findPath', () => {
  const plain = [['#####', '#####', '#####', '#####', '#####']];

  it('is empty at the goal and straight on a plain', () => {
    expect(search(plain, [2, 1, 2], [2, 1, 2])).toEqual([]);
    expect(search(plain, [0, 1, 0], [4, 1, 4])).toHaveLength(4);
  });

  it('cuts no corners', () => {
    const path = search(
      [plain[0], ['.....', '.#...', '.....', '.....', '.....'], ['.....', '.#...', '.....', '.....', '.....']],
      [1, 1, 0],
      [0, 1, 1],
    )!;
    expect(path.map(({ x, z }) => [x, z])).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('knows each move by its name', () => {
    expect(moves(search([['####'], ['..##']], [0, 1, 0], [3, 2, 0]))).toEqual([MOVE.walk, MOVE.step, MOVE.walk]);
    expect(moves(search([['####'], ['##..']], [0, 2, 0], [3, 1, 0]))).toEqual([MOVE.walk, MOVE.drop, MOVE.walk]);
    expect(moves(search([['#..#']], [0, 1, 0], [3, 1, 0]))).toEqual([MOVE.leap]);
    expect(moves(search([['##'], ['.D'], ['.D']], [0, 1, 0], [1, 1, 0], { canDig: true }))).toEqual([MOVE.dig]);
    expect(moves(search([['#....#']], [0, 1, 0], [2, 1, 0], { maxBlocks: 4 }))).toEqual([MOVE.bridge, MOVE.bridge]);
    expect(moves(search([['#']], [0, 1, 0], [0, 3, 0], { maxBlocks: 2, canPillar: true }))).toEqual([MOVE.pillar, MOVE.pillar]);
  });

  it('finds none where a means is missing', () => {
    // Lava below: the bottom of the world is ground too.
    const over = (row: string) => [['L'.repeat(row.length)], [row]];
    expect(search(over('#....#'), [0, 2, 0], [5, 2, 0])).toBeUndefined();
    expect(search(over('#..#'), [0, 2, 0], [3, 2, 0], { canJump: false })).toBeUndefined();
    expect(search([['##'], ['.D'], ['.D']], [0, 1, 0], [1, 1, 0])).toBeUndefined();
    expect(search(over('#.....#'), [0, 2, 0], [6, 2, 0], { maxBlocks: 1 })).toBeUndefined();
    expect(search(over('#.....#'), [0, 2, 0], [6, 2, 0], { maxBlocks: 2 })).toBeDefined();
    expect(search([['#']], [0, 1, 0], [0, 3, 0], { maxBlocks: 1, canPillar: true })).toBeUndefined();
  });

  it('never steps into lava nor drops more than three blocks', () => {
    expect(search([['###'], ['.L.']], [0, 1, 0], [2, 1, 0], { canJump: false })).toBeUndefined();
    const cliff = [['###'], ['#..'], ['#..'], ['#..'], ['#..']];
    expect(search(cliff, [0, 5, 0], [2, 1, 0])).toBeUndefined();
    expect(search(cliff.slice(0, 4), [0, 4, 0], [2, 1, 0])).toBeDefined();
  });

  it('goes around cells that are kept out, and cells that cost more', () => {
    const keep = (ground: Ground) => {
      ground.keepOut = [[{ box: [2, 0, 0, 2, 9, 3], inside: true }]];
    };
    expect(search(plain, [0, 1, 2], [4, 1, 2], {}, keep)!.some(({ x, z }) => x === 2 && z !== 4)).toBe(false);
    const dear = search(plain, [0, 1, 2], [4, 1, 2], { penalty: (x, _, z) => (x === 2 && z === 2 ? 100 : 0) })!;
    expect(dear.some(({ x, z }) => x === 2 && z === 2)).toBe(false);
  });

  it('may use one memory for many searches', () => {
    const ground = groundOf(plain, 10);
    const space = new SearchSpace();
    const query: PathQuery = { from: [0, 1, 0], to: [4, 1, 2, 4, 1, 2], canDig: false, maxBlocks: 0, canPillar: false, canJump: true };
    const first = findPath(ground, space, query);
    findPath(ground, space, { ...query, from: [4, 1, 4], to: [0, 1, 0, 0, 1, 0] });
    expect(findPath(ground, space, query)).toEqual(first);
  });
});

describe('floods', () => {
  it('count steps, and part the world at walls', () => {
    const layers = [['#####'], ['..#..'], ['..#..'], ['..#..']];
    const ground = groundOf(layers, 10);
    const steps = floodDistances(ground, [[0, 1, 0]]);
    expect([steps[ground.cell(1, 1, 0)], steps[ground.cell(3, 1, 0)]]).toEqual([1, -1]);
    const { zones } = labelZones(ground);
    expect(zones[ground.cell(0, 1, 0)]).toBe(zones[ground.cell(1, 1, 0)]);
    expect(zones[ground.cell(0, 1, 0)]).not.toBe(zones[ground.cell(3, 1, 0)]);
  });
});

describe('headings', () => {
  it('agree with the arc tangent within 2e-5 all around', () => {
    for (let k = 0; k < 720; k++) {
      const angle = (k / 720) * 2 * Math.PI - Math.PI;
      expect(Math.abs(wrapAngle(arcTangent(Math.sin(angle), Math.cos(angle)) - angle))).toBeLessThan(2e-5);
    }
  });

  it('look to -z at yaw 0 and turn counter-clockwise', () => {
    expect(yawTo(0, -1)).toBeCloseTo(0);
    expect(yawTo(-1, 0)).toBeCloseTo(Math.PI / 2);
    expect(Math.abs(yawTo(0, 1))).toBeCloseTo(Math.PI);
  });
});

describe('jumpDistance', () => {
  it('grows with speed and sprinting, and shrinks with height', () => {
    const standing = jumpDistance(0, false, 0, 1);
    expect(jumpDistance(0.1, false, 0, 1)).toBeGreaterThan(standing);
    expect(jumpDistance(0.1, true, 0, 1)).toBeGreaterThan(jumpDistance(0.1, false, 0, 1) + 1);
    expect(jumpDistance(0.1, true, 1, 1)).toBeLessThan(jumpDistance(0.1, true, 0, 1));
  });

  it('is what the rules give: a sprinting leap ends where it was foreseen', () => {
    const scenario = smallScenario({
      layers: [['#'.repeat(16)]],
      task: { elapsed: { ticks: 99 } },
      agents: [{ id: 'ada', body: 'walker', spawn: { at: [1, 1, 0], yawDeg: -90 } }],
    });
    const env = createBatchEnvSync({ scenario, observe: false });
    env.reset();
    const keys = (jump: number) => Float32Array.of(1, 0, jump, 1, 0, 0, 0, 0, 0, 0, 0);
    for (let t = 0; t < 12; t++) env.stepSync(keys(0));
    const { state } = env.engine;
    const from = state.posX[0] / 65536;
    const foreseen = jumpDistance(state.velX[0] / 65536, true, 0, 1);
    env.stepSync(keys(1));
    while ((state.flags[0] & 2) === 0) env.stepSync(keys(0));
    expect(Math.abs(state.posX[0] / 65536 - from - foreseen)).toBeLessThan(0.02);
  });
});
