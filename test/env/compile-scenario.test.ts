import { compileScenario, createBatchEnvSync, groundDragQ14, groundGripQ14, PlayableLevels, VariantPool, variantBytes } from '@kinovox/env';
import { BODY_WORD, BODY_WORDS, MECHANISM_COLUMN, type VariantData } from '@kinovox/physics';
import {
  BLOCKS,
  INVENTORY_SLOTS,
  itemByName,
  parseScenario,
  ScenarioError,
  type ScenarioInput,
  SPLITS,
  type Split,
  variantOfSeed,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge, stroll, talk } from './sample-scenarios.js';

const compile = (scenario: ScenarioInput) => compileScenario(parseScenario(scenario, 'the sample'));

describe('block tables', () => {
  it("hold Minecraft's ground factors as exact Q14 integers for every slipperiness of the registry", () => {
    for (const { slipperiness } of BLOCKS) {
      const drag = (BigInt(Math.round(slipperiness * 1000)) * 91n * 16384n * 2n + 100000n) / 200000n;
      expect(groundDragQ14(slipperiness)).toBe(Number(drag));
      expect(Math.abs(groundGripQ14(slipperiness) / 16384 - (0.6 / slipperiness) ** 3)).toBeLessThanOrEqual(0.5 / 16384 + 1e-12);
    }
    // The walker's stage takes this shortcut where no ground is special.
    expect(groundDragQ14(0.6)).toBe(8946);
    expect(groundGripQ14(0.6)).toBe(16384);
  });

  it('follow the registry: states, plates, drops, and what the scenario lets agents dig', () => {
    const { program, palette } = compile(talk);
    const { blocks } = program;
    const p = (name: string) => palette.indexOfName(name);
    expect(blocks.usedState[p('lever')]).toBe(p('lever_on'));
    expect(blocks.usedState[p('lever_on')]).toBe(p('lever'));
    expect(blocks.signal[p('lever_on')]).toBe(1);
    expect(blocks.signal[p('lever')]).toBe(0);
    expect(blocks.plateState[p('stone_pressure_plate')]).toBe(p('stone_pressure_plate_pressed'));
    expect(blocks.signal[p('stone_pressure_plate_pressed')]).toBe(1);
    expect(blocks.digTicks[p('stone_bricks')]).toBeGreaterThan(0);
    expect(blocks.digTicks[p('lever')]).toBe(-1);
    expect(blocks.targetable[p('air')]).toBe(0);
    expect(blocks.usable[p('iron_door')]).toBe(0);
  });
});

describe('compileScenario', () => {
  it('fills bodies, abilities and stacks of the start inventory', () => {
    const { program } = compile(bridge);
    expect(program.agentIds).toEqual(['ada', 'bob']);
    expect([...program.startItems.subarray(0, 2)]).toEqual([itemByName('oak_planks').id, itemByName('oak_planks').id]);
    expect([...program.startCounts.subarray(0, 3)]).toEqual([64, 6, 0]);
    expect(program.startCounts[INVENTORY_SLOTS]).toBe(0);
    const { bodies } = compile(talk).program;
    expect(bodies[BODY_WORD.canDig]).toBe(0);
    expect(bodies[BODY_WORDS + BODY_WORD.canDig]).toBe(1);
    expect(bodies[BODY_WORDS + BODY_WORD.speedQ16]).toBe(98304);
    expect(bodies[BODY_WORDS + BODY_WORD.canJump]).toBe(0);
  });

  it('lays out mechanisms with their cells in the constants', () => {
    const compiled = compile(talk);
    const { mechanisms } = compiled.program;
    const { constants } = compiled.variantSource('train').get(0);
    expect(mechanisms.names).toEqual(['gate']);
    expect(mechanisms.mechanisms[MECHANISM_COLUMN.anyInput]).toBe(1);
    expect(mechanisms.mechanisms[MECHANISM_COLUMN.numInputs]).toBe(2);
    expect([...constants.subarray(mechanisms.inputs[1], mechanisms.inputs[1] + 6)]).toEqual([4, 2, 4, 4, 2, 4]);
    expect(mechanisms.inputs[2]).toBe(1);
    expect([...constants.subarray(mechanisms.effects[0], mechanisms.effects[0] + 6)]).toEqual([8, 2, 10, 8, 3, 10]);
    expect(mechanisms.effects[2]).toBe(compiled.palette.indexOfName('iron_door'));
  });

  it('turns message rules into the units of the kernel', () => {
    expect(compile(talk).program.messages).toEqual({
      enabled: true,
      numSymbols: 2,
      rangeQ6: (12 * 64) ** 2,
      everyTicks: 2,
      delayTicks: 0,
      loss256: 64,
      teamOnly: true,
    });
    expect(compile(bridge).program.messages).toMatchObject({ enabled: false, rangeQ6: 0x7fffffff });
  });

  it('separates cells that cannot be dug from cells that cannot be built on', () => {
    const level = compile(talk).variantSource('train').get(0);
    const bit = (bits: Uint32Array | undefined, x: number, y: number, z: number) => {
      const cell = (y * 16 + z) * 16 + x;
      return ((bits![cell >> 5] >>> (cell & 31)) & 1) === 1;
    };
    expect(bit(level.protectedCells, 3, 0, 3)).toBe(true);
    expect(bit(level.protectedCells, 12, 3, 3)).toBe(false);
    expect(bit(level.unbuildableCells, 12, 3, 3)).toBe(true);
    expect(bit(level.unbuildableCells, 3, 3, 3)).toBe(false);
    expect(compile(stroll).variantSource('train').get(0).protectedCells).toBeUndefined();
  });

  it('draws other levels for other variants and splits, and the same for the same', () => {
    const compiled = compile(bridge);
    const widths = (split: (typeof SPLITS)[number]) =>
      Array.from({ length: 16 }, (_, v) => compiled.resolve(split, v).resolved.parameters.gap);
    expect(new Set(widths('train')).size).toBeGreaterThan(1);
    expect(widths('train')).not.toEqual(widths('test'));
    const again = compile(bridge);
    for (const split of SPLITS) expect(again.variantSource(split).get(3).voxels).toEqual(compiled.variantSource(split).get(3).voxels);
  });

  it.each([
    [
      'a body of another kind',
      { ...stroll, agents: [{ id: 'ada', body: 'flyer' as const, spawn: { at: [8, 2, 28] as [number, number, number] } }] },
      /"flyer" are not simulated yet/,
    ],
    [
      'a walker that may not sprint',
      {
        ...stroll,
        agents: [{ id: 'ada', body: { type: 'walker' as const, sprint: false }, spawn: { at: [8, 2, 28] as [number, number, number] } }],
      },
      /cannot sprint is not simulated yet/,
    ],
    [
      'more stacks than slots',
      {
        ...stroll,
        agents: [
          { id: 'ada', body: 'walker' as const, spawn: { at: [8, 2, 28] as [number, number, number] }, inventory: { dirt: 576, stone: 1 } },
        ],
      },
      /9 stacks|9 slots/,
    ],
  ])('refuses %s with a sentence', (_, scenario, message) => {
    expect(() => compile(scenario as ScenarioInput)).toThrow(ScenarioError);
    expect(() => compile(scenario as ScenarioInput)).toThrow(message);
  });

  it('gives each episode of an unbounded scenario a level of its own, the one that its seed names', () => {
    const scenario: ScenarioInput = {
      ...stroll,
      world: { size: [16, 8, 32], terrain: { generator: 'flat', ground: 2 } },
      task: { elapsed: { ticks: 1 } },
      episode: { maxTicks: 1, variants: 'unbounded' },
    };
    const env = createBatchEnvSync({ scenario, numWorlds: 20, seed: 7 });
    const played: number[] = [];
    env.onEpisodeEnd = ({ variant }) => played.push(variant);
    env.reset();
    for (let row = 0; row < 20; row++) expect(env.rowInfo(row).variant).toBe(variantOfSeed(env.compiled.scenario, 7 + row, 0));
    for (let t = 0; t < 50; t++) env.stepSync(new Float32Array(env.actionLength));
    expect(new Set(played).size).toBe(1000);
    expect(Math.max(...played)).toBeGreaterThan(2 ** 30);
    expect(Math.min(...played)).toBeGreaterThanOrEqual(0);
  });

  it('refuses variants whose tables differ, naming the part and the variant', () => {
    const scenario: ScenarioInput = {
      ...talk,
      parameters: { open: { choice: ['air', 'glass'] } },
      mechanisms: [
        {
          id: 'gate',
          when: { any: [{ plate: [4, 2, 4] }] },
          effects: [
            {
              region: [
                [8, 2, 10],
                [8, 3, 10],
              ],
              on: { param: 'open' },
              off: 'iron_door',
            },
          ],
        },
      ],
      episode: { maxTicks: 40, variants: 32 },
    };
    expect(() => compile(scenario)).toThrow(
      /must differ only in numbers, cells and terrain; got other "mechanisms" with \{"open":"(air|glass)"\} than in variant 0 of train/,
    );
    expect(() => compile({ ...scenario, parameters: { open: { choice: ['air', 'air'] } } })).not.toThrow();
  });
});

describe('a level that cannot be built', () => {
  /** The walker must find ground at one height of hills: most variants have none there. */
  const hilly: ScenarioInput = {
    ...stroll,
    id: 'sample-hilly-v1',
    world: { size: [16, 16, 32], terrain: { generator: 'hills', base: 5, amplitude: 3 } },
    parameters: { x: { int: [2, 13] } },
    agents: [
      {
        id: 'ada',
        body: 'walker',
        spawn: {
          region: [
            [{ param: 'x' }, 6, 28],
            [{ param: 'x' }, 6, 28],
          ],
        },
      },
    ],
    task: { elapsed: { ticks: 3 } },
    episode: { maxTicks: 3, variants: 64 },
  };
  const faulty = (compiled: ReturnType<typeof compile>, split: Split) =>
    Array.from({ length: 64 }, (_, v) => v).filter((v) => {
      try {
        compiled.variantSource(split).get(v);
        return false;
      } catch (error) {
        expect((error as Error).message).toMatch(new RegExp(`agents\\[0\\]\\.spawn\\.region .*\\(${split} variant ${v}\\)`));
        return true;
      }
    });

  it('is replaced by the level of the next variant that can, the same in every order, and resolved as such', () => {
    const compiled = compile(hilly);
    const broken = faulty(compiled, 'train');
    expect(broken.length).toBeGreaterThan(10);
    expect(broken.length).toBeLessThan(60);
    const levels = compiled.playableLevels('train');
    const backwards = compile(hilly).playableLevels('train');
    for (let v = 63; v >= 0; v--) backwards.get(v);
    for (let v = 0; v < 64; v++) {
      let next = v;
      while (broken.includes(next)) next = (next + 1) % 64;
      expect(levels.get(v).voxels).toEqual(compiled.variantSource('train').get(next).voxels);
      expect(levels.played(v)).toBe(next);
      expect(backwards.played(v)).toBe(next);
      expect(compiled.resolve('train', v).resolved.variant).toBe(next);
    }
    expect(levels.replaced.map(({ variant }) => variant)).toEqual(broken);
    expect(levels.replaced[0]).toMatchObject({ split: 'train', variant: broken[0], played: levels.played(broken[0]) });
    expect(levels.replaced[0].reason).toMatch(/two free cells above ground; got none/);
  });

  it('ends no batch in mid-run, and keeps rows alone and together equal', () => {
    const run = (numWorlds: number, seed: number) => {
      const env = createBatchEnvSync({ scenario: hilly, numWorlds, seed });
      env.reset();
      const actions = new Float32Array(env.actionLength);
      const hashes: string[] = [];
      for (let t = 0; t < 60; t++) {
        env.stepSync(actions);
        hashes.push(env.rowHashes()[numWorlds - 1]);
      }
      expect(env.episodes.count).toBe(numWorlds * 20);
      expect(env.replacedLevels.length).toBeGreaterThan(0);
      return hashes;
    };
    expect(run(5, 100)).toEqual(run(1, 104));
  });

  it('is an error with the first reason when none of the following can be built either', () => {
    const walled: ScenarioInput = { ...hilly, world: { size: [16, 16, 32], terrain: { generator: 'flat', ground: 9 } } };
    expect(() => createBatchEnvSync({ scenario: walled })).toThrow(ScenarioError);
    expect(() => createBatchEnvSync({ scenario: walled })).toThrow(
      /got none among 64 variants of train from variant \d+ on\. The first: agents\[0\]\.spawn\.region/,
    );
  });

  it('is replaced on levels only: other errors pass', () => {
    const pool = new VariantPool(() => {
      throw new RangeError('a defect');
    });
    expect(() => new PlayableLevels(pool, 'train', 8).get(0)).toThrow(RangeError);
  });
});

describe('VariantPool', () => {
  const level = (variant: number, words: number): VariantData => ({
    variant,
    voxels: new Uint8Array(words),
    rows: new Uint32Array(0),
    hash0: 0,
    hash1: 0,
    constants: new Int32Array(0),
    spawnFirst: new Int32Array(0),
    spawnPoints: new Int32Array(0),
    spawnYaw: new Int32Array(0),
    protectedCells: undefined,
    unbuildableCells: undefined,
    propSpawns: [],
  });

  it('builds each level once while they fit', () => {
    const pool = new VariantPool((v) => level(v, 10), 100);
    const first = pool.get(4);
    expect(pool.get(4)).toBe(first);
    expect(pool.numBuilt).toBe(1);
  });

  it('drops the least recently used when the bytes run out, and builds an equal one again', () => {
    const pool = new VariantPool((v) => level(v, 40), 100);
    pool.get(0);
    pool.get(1);
    pool.get(0);
    pool.get(2);
    expect(pool.bytes).toBe(80);
    expect(pool.numBuilt).toBe(3);
    pool.get(0);
    expect(pool.numBuilt).toBe(3);
    expect(pool.get(1)).toEqual(level(1, 40));
    expect(pool.numBuilt).toBe(4);
  });

  it('keeps one level even when it is larger than the bound', () => {
    const pool = new VariantPool((v) => level(v, 500), 100);
    expect(pool.get(0)).toBe(pool.get(0));
    expect(pool.size).toBe(1);
    expect(variantBytes(pool.get(0))).toBe(500);
  });
});
