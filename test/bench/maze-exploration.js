/**
 * How far an agent walks in reach-maze-v1 that is not told the way: `node test/bench/maze-exploration.js [levels]` prints one JSON object.
 * It knows where it and the goal are, sees the passages of the cell of the maze in which it stands, remembers everything, and never enters a dead end twice:
 * depth-first search that takes the open side nearest to the goal first. Ways are counted in cells of 3 m, without losses in turns.
 */
import { createBatchEnvSync } from '../../packages/env/dist/index.js';
import { solidGridOf } from '../../packages/physics/dist/index.js';

const LEVELS = Number(process.argv[2] ?? 500);
const PITCH = 3;
const EDGE = 10;
/** m/s of a walker, minecraft.wiki/w/Sprinting and /w/Walking. */
const SPEEDS = { sprinting: 5.612, walking: 4.317 };

const env = createBatchEnvSync({ scenario: 'scenarios/reach-maze-v1.scenario.json', numWorlds: LEVELS, split: 'test' });
env.reset();
const seconds = env.compiled.program.maxTicks / 20;
const ways = Array.from({ length: LEVELS }, (_, row) => walked(row));
const sorted = (key) => ways.map((way) => way[key]).sort((a, b) => a - b);
const share = (key, metres) => ways.filter((way) => way[key] <= metres).length / LEVELS;
const report = (key) => ({
  medianMetres: sorted(key)[LEVELS >> 1],
  ...Object.fromEntries(Object.entries(SPEEDS).map(([name, speed]) => [name, share(key, speed * seconds)])),
});
console.log(JSON.stringify({ levels: LEVELS, seconds, shortest: report('shortest'), explored: report('explored') }));

/** Metres of the shortest way and of the search, in the level of a row. */
function walked(row) {
  const { size, solid } = solidGridOf(env.engine, row);
  const isOpen = (x, z) => solid[(2 * size[2] + z) * size[0] + x] === 0;
  const { posX, posZ } = env.engine.state;
  const cellOf = (position) => Math.floor(((position >> 16) - 1) / PITCH);
  const start = [cellOf(posX[row]), cellOf(posZ[row])];
  const { task } = env.compiled.resolve('test', env.rowInfo(row).variant);
  const [x, , z] = task.reach.region[0];
  const goal = [(x - 1) / PITCH, (z - 1) / PITCH];
  const away = ([a, b]) => Math.hypot(a - goal[0], b - goal[1]);
  const sides = ([a, b]) =>
    [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]
      .filter(([dx, dz]) => isOpen(PITCH * a + 1 + (dx === 1 ? 2 : dx), PITCH * b + 1 + (dz === 1 ? 2 : dz)))
      .map(([dx, dz]) => [a + dx, b + dz])
      .filter(([c, d]) => c >= 0 && d >= 0 && c < EDGE && d < EDGE)
      .sort((p, q) => away(p) - away(q));
  const seen = new Set([String(start)]);
  /** Steps until the goal is met, or undefined when this part of the maze was walked in vain, there and back. */
  let steps = 0;
  const search = (cell, depth) => {
    if (away(cell) === 0) return depth;
    for (const next of sides(cell)) {
      if (seen.has(String(next))) continue;
      seen.add(String(next));
      steps++;
      const found = search(next, depth + 1);
      if (found !== undefined) return found;
      steps++;
    }
    return undefined;
  };
  const depth = search(start, 0);
  return { shortest: PITCH * depth, explored: PITCH * steps };
}
