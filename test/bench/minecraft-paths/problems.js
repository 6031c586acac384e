/**
 * Problems of the comparison: random terrain of full cubes and random key scripts, all from one seed.
 * Units: blocks, ticks; yaw in 1/4096 turn, so that both sides read their sines from the same angles.
 */

export const SIZE = [48, 24, 48];
export const TICKS = 200;

/** Sets of problems: which blocks lie on top, and the share of columns that are pools. */
export const SETS = {
  cubes: { tops: ['stone'], pools: 0, bars: true },
  slippery: { tops: ['stone', 'packed_ice'], pools: 0, bars: false },
  bouncy: { tops: ['stone', 'stone', 'slime_block'], pools: 0, bars: false },
  water: { tops: ['stone'], pools: 0.08, bars: false },
};

/** xorshift32 (Marsaglia, 2003): `next(n)` is an integer in [0, n). */
export function createRandom(seed) {
  let x = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 0 || 1;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

/**
 * One problem.
 * @returns blocks: `[Y, Z, X]` names, undefined for air; start: feet in metres; keys: per tick `{ forward, back, left, right, jump, sprint, sneak, yaw4096 }`.
 */
export function createProblem(set, seed) {
  const { tops, pools } = SETS[set];
  const random = createRandom(seed);
  const [sizeX, sizeY, sizeZ] = SIZE;
  const blocks = new Array(sizeX * sizeY * sizeZ);
  const at = (x, y, z) => (y * sizeZ + z) * sizeX + x;
  const height = terrainHeights(random);
  for (let z = 0; z < sizeZ; z++) {
    for (let x = 0; x < sizeX; x++) {
      const h = height[z * sizeX + x];
      for (let y = 0; y < h; y++) blocks[at(x, y, z)] = 'stone';
      blocks[at(x, h - 1, z)] = tops[random(tops.length)];
      const roll = random(1000);
      if (roll < 40) for (let y = h; y < h + 3; y++) blocks[at(x, y, z)] = 'stone';
      else if (roll < 90) blocks[at(x, h + 2, z)] = 'stone';
      else if (roll < 120) blocks[at(x, h, z)] = 'stone';
      else if (roll < 120 + 1000 * pools) for (let y = 1; y < h + 1; y++) blocks[at(x, y, z)] = 'water';
    }
  }
  const startX = 20 + random(8);
  const startZ = 20 + random(8);
  const top = height[startZ * sizeX + startX];
  for (let y = top; y < top + 4; y++) blocks[at(startX, y, startZ)] = undefined;
  for (let y = 0; y < top; y++) blocks[at(startX, y, startZ)] = 'stone';
  return { set, seed, blocks, start: [startX + 0.5, top, startZ + 0.5], keys: createKeys(random) };
}

/** Hills of 2 to 7 blocks: bilinear values between corners eight blocks apart, then steps of one block here and there. */
function terrainHeights(random) {
  const [sizeX, , sizeZ] = SIZE;
  const corners = Array.from({ length: 49 }, () => 2 + random(5));
  return Array.from({ length: sizeX * sizeZ }, (_, i) => {
    const x = (i % sizeX) / 8;
    const z = Math.floor(i / sizeX) / 8;
    const [cx, cz] = [Math.floor(x), Math.floor(z)];
    const mix = (a, b, t) => a + (b - a) * t;
    const smooth = mix(
      mix(corners[cz * 7 + cx], corners[cz * 7 + cx + 1], x - cx),
      mix(corners[(cz + 1) * 7 + cx], corners[(cz + 1) * 7 + cx + 1], x - cx),
      z - cz,
    );
    return Math.round(smooth) + (random(12) === 0 ? 1 : 0);
  });
}

/** Keys held for random times, mostly forward, and a yaw that turns in bursts. */
function createKeys(random) {
  const state = { forward: true, back: false, left: false, right: false, jump: false, sprint: false, sneak: false, yaw4096: random(4096) };
  /** Chances per tick, in 1/1000, of pressing and of releasing each key. */
  const chances = {
    forward: [120, 15],
    back: [5, 150],
    left: [15, 80],
    right: [15, 80],
    jump: [60, 120],
    sprint: [25, 25],
    sneak: [6, 60],
  };
  let turn = 0;
  return Array.from({ length: TICKS }, () => {
    for (const [key, [press, release]] of Object.entries(chances))
      if (random(1000) < (state[key] ? release : press)) state[key] = !state[key];
    if (random(12) === 0) turn = random(3) === 0 ? random(257) - 128 : 0;
    state.yaw4096 = (state.yaw4096 + turn + 4096) % 4096;
    return { ...state };
  });
}
