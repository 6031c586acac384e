/** Sneaking never falls off an edge: random platforms, random keys. */
import { AGENT_FLAG } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, randomWords, setAction } from './fixture.js';

const EDGE = 16;
const FLOOR = 6;
const TICKS = 200;

/** Lowest feet of walkers over `numWorlds` random platforms; `sneak` is the key's word. Also how far they went and how often an edge held them. */
function roam(numWorlds: number, sneak: number): { fallen: number; wandered: number } {
  let fallen = 0;
  let wandered = 0;
  for (let seed = 1; seed <= numWorlds; seed++) {
    const next = randomWords(seed * 40503);
    const holes = 2 + (next() % 8);
    const { engine } = createGround({
      size: [EDGE, 12, EDGE],
      boxes: [],
      extraBlocks: ['stone', 'ice', 'slime_block'],
      starts: [[(8 << 16) + (next() % 65536), FLOOR << 16, (8 << 16) + (next() % 65536)]],
      yaws: [next() | 0],
      shape(grid) {
        for (let z = 1; z < EDGE - 1; z++) {
          for (let x = 1; x < EDGE - 1; x++) {
            const start = Math.abs(x - 8) <= 1 && Math.abs(z - 8) <= 1;
            const block = ['stone', 'stone', 'ice', 'slime_block'][next() % 4];
            if (start || next() % 10 >= holes) grid.set(x, FLOOR - 1, z, grid.palette.indexOfName(block));
          }
        }
      },
    });
    const { state } = engine;
    // The first tick finds the ground: only a grounded body can be held at an edge.
    setAction(engine, 0, { sneak });
    engine.step();
    const [x0, z0] = [state.posX[0], state.posZ[0]];
    for (let tick = 1; tick < TICKS; tick++) {
      setAction(engine, 0, {
        forward: next() % 4 === 0 ? (next() % 8193) - 4096 : 4096,
        strafe: next() % 3 === 0 ? (next() % 8193) - 4096 : 0,
        sprint: next() & 1,
        sneak,
        turn: next() % 4 === 0 ? (next() % 100001) - 50000 : 0,
      });
      engine.step();
      if (state.posY[0] !== FLOOR << 16 || (state.flags[0] & AGENT_FLAG.onGround) === 0) {
        fallen++;
        break;
      }
    }
    if (Math.abs(state.posX[0] - x0) + Math.abs(state.posZ[0] - z0) > 32768) wandered++;
  }
  return { fallen, wandered };
}

describe('sneaking', () => {
  it(`never falls off 500 random platforms with holes in ${TICKS} ticks of random keys, and still gets about`, () => {
    const { fallen, wandered } = roam(500, 1);
    expect(fallen).toBe(0);
    expect(wandered).toBeGreaterThan(300);
  });
  it('is what holds: the same keys without it fall from nearly all', () => {
    expect(roam(100, 0).fallen).toBeGreaterThan(80);
  });
});
