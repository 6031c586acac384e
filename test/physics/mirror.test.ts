/**
 * Mirrored worlds give mirrored paths, bit for bit: random worlds of full cubes, water, ice, slime and ladders, random keys and turns,
 * walkers alone and pushing each other, mirrored in x and in z. Interactions are left out: a view ray that passes exactly through an edge
 * enters the cell along x first, whichever way it looks.
 */

import type { Engine } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, type Ground, randomWords, setRandomAction } from './fixture.js';

type Axis = 'x' | 'z';
const EDGE = 24;
const HEIGHT = 16;
const SIDE_Q16 = EDGE << 16;
const HALF_TURN = 0x80000000;
const TICKS = 300;
const BLOCKS = ['stone', 'ice', 'slime_block', 'water', 'ladder'] as const;

interface World {
  cells: Map<number, string>;
  starts: [number, number, number][];
  yaws: number[];
}

const keyOf = (x: number, y: number, z: number) => (y * EDGE + z) * EDGE + x;

/** Columns of random height and top, pools, ladders beside columns, a few blocks overhead; starts on the ground, at any fraction of a cell. */
function randomWorld(next: () => number, numAgents: number): World {
  const cells = new Map<number, string>();
  const heights = new Map<number, number>();
  for (let z = 0; z < EDGE; z++) {
    for (let x = 0; x < EDGE; x++) {
      const kind = next() % 16;
      const height = kind < 9 ? 2 : kind < 12 ? 3 : kind < 13 ? 4 : 2;
      const top = next() % 8;
      heights.set(keyOf(x, 0, z), height);
      for (let y = 0; y < height; y++) cells.set(keyOf(x, y, z), 'stone');
      if (top < 2) cells.set(keyOf(x, height - 1, z), top === 0 ? 'ice' : 'slime_block');
      if (kind === 13) for (let y = 1; y < 4; y++) cells.set(keyOf(x, y, z), 'water');
      if (kind === 14) for (let y = 2; y < 6; y++) cells.set(keyOf(x, y, z), 'ladder');
      if (kind === 15) cells.set(keyOf(x, 4 + (next() % 3), z), 'stone');
    }
  }
  // Close together, so that three walkers meet.
  const starts = Array.from({ length: numAgents }, (): [number, number, number] => [
    (10 << 16) + (next() % (3 << 16)),
    8 << 16,
    (10 << 16) + (next() % (3 << 16)),
  ]);
  return { cells, starts, yaws: starts.map(() => next() | 0) };
}

function groundOf(world: World, mirror?: Axis): Ground {
  return {
    size: [EDGE, HEIGHT, EDGE],
    boxes: [],
    extraBlocks: BLOCKS,
    starts: world.starts.map(([x, y, z]) => [mirror === 'x' ? SIDE_Q16 - x : x, y, mirror === 'z' ? SIDE_Q16 - z : z]),
    yaws: world.yaws.map((yaw) => mirrorYaw(yaw, mirror)),
    shape(grid) {
      for (const [key, name] of world.cells) {
        const x = key % EDGE;
        const z = Math.floor(key / EDGE) % EDGE;
        grid.set(
          mirror === 'x' ? EDGE - 1 - x : x,
          Math.floor(key / (EDGE * EDGE)),
          mirror === 'z' ? EDGE - 1 - z : z,
          grid.palette.indexOfName(name),
        );
      }
    },
  };
}

function mirrorYaw(yaw: number, mirror?: Axis): number {
  return mirror === 'x' ? -yaw | 0 : mirror === 'z' ? (HALF_TURN - yaw) | 0 : yaw;
}

/** Where the mirrored run first differs, as text; undefined when it never does. `visit` sees the plain engine each tick. */
function firstDifference(
  world: World,
  mirror: Axis,
  seed: number,
  ticks = TICKS,
  visit?: (engine: Engine) => void,
  mirrorKeys = true,
  restTicks = 0,
): string | undefined {
  const numAgents = world.starts.length;
  const plain = createGround(groundOf(world)).engine;
  const mirrored = createGround(groundOf(world, mirror)).engine;
  const next = randomWords(seed);
  const words = mirrored.buffers.actionWords;
  for (let tick = 1; tick <= ticks; tick++) {
    if (tick > restTicks) for (let a = 0; a < numAgents; a++) setRandomAction(plain, a, next, false);
    words.set(plain.buffers.actionWords);
    for (let a = 0; mirrorKeys && a < numAgents; a++) {
      words[a * ACTION_WORDS + ACTION_WORD.strafe] *= -1;
      words[a * ACTION_WORDS + ACTION_WORD.turn] *= -1;
    }
    plain.step();
    mirrored.step();
    visit?.(plain);
    const p = plain.state;
    const m = mirrored.state;
    for (let a = 0; a < numAgents; a++) {
      const wanted: Record<string, [number, number]> = {
        posX: [mirror === 'x' ? SIDE_Q16 - p.posX[a] : p.posX[a], m.posX[a]],
        posY: [p.posY[a], m.posY[a]],
        posZ: [mirror === 'z' ? SIDE_Q16 - p.posZ[a] : p.posZ[a], m.posZ[a]],
        velX: [mirror === 'x' ? 0 - p.velX[a] : p.velX[a], m.velX[a]],
        velY: [p.velY[a], m.velY[a]],
        velZ: [mirror === 'z' ? 0 - p.velZ[a] : p.velZ[a], m.velZ[a]],
        yaw: [mirrorYaw(p.yaw[a], mirror), m.yaw[a]],
        flags: [p.flags[a], m.flags[a]],
        health: [p.health[a], m.health[a]],
        fallDistance: [p.fallDistance[a], m.fallDistance[a]],
        contacts: [p.contacts[a], m.contacts[a]],
      };
      for (const [name, [expected, got]] of Object.entries(wanted))
        if (expected !== got) return `tick ${tick}, slot ${a}: ${name} must be ${expected}; got ${got}`;
    }
  }
  return undefined;
}

describe('a world mirrored', () => {
  for (const mirror of ['x', 'z'] as const) {
    for (const numAgents of [1, 3]) {
      it(`in ${mirror} gives the mirrored path to ${numAgents} walker(s) over ${TICKS} ticks in 16 random worlds`, () => {
        let touching = 0;
        let wet = 0;
        let climbing = 0;
        let moved = 0;
        for (let seed = 1; seed <= 16; seed++) {
          const world = randomWorld(randomWords(seed * 7919), numAgents);
          const difference = firstDifference(world, mirror, seed, TICKS, ({ state }) => {
            for (let a = 0; a < numAgents; a++) {
              if (state.contacts[a] !== 0) touching++;
              if ((state.flags[a] & 16) !== 0) wet++;
              if ((state.flags[a] & 32) !== 0) climbing++;
              if (state.velX[a] !== 0) moved++;
            }
          });
          expect(difference, `world ${seed}`).toBeUndefined();
        }
        // The worlds did ask the rules in question.
        expect(moved).toBeGreaterThan(2000);
        expect(wet).toBeGreaterThan(20);
        expect(climbing).toBeGreaterThan(5);
        if (numAgents > 1) expect(touching).toBeGreaterThan(100);
      });
    }

    it(`in ${mirror} agrees where feet start exactly on the corner of four cells of stone, ice, slime and ladders`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const next = randomWords(seed * 104729);
        const world = randomWorld(next, 1);
        world.starts[0] = [12 << 16, 2 << 16, 12 << 16];
        for (const [x, z] of [
          [11, 11],
          [12, 11],
          [11, 12],
          [12, 12],
        ]) {
          for (let y = 2; y < 6; y++) world.cells.delete(keyOf(x, y, z));
          world.cells.set(keyOf(x, 1, z), ['stone', 'ice', 'slime_block'][next() % 3]);
          if (next() % 4 === 0) world.cells.set(keyOf(x, 2, z), 'ladder');
        }
        expect(firstDifference(world, mirror, seed, 40, undefined, true, 2), `world ${seed}`).toBeUndefined();
      }
    });

    it(`in ${mirror} differs when its keys are not mirrored`, () => {
      expect(firstDifference(randomWorld(randomWords(5), 1), mirror, 5, TICKS, undefined, false)).toMatch(/^tick [1-9]/);
    });
  }
});
