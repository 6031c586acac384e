// Draws the layer of a geodesic field on which one walks, seen from above, as docs/images/geodesic-field.png. Run it after a build:
//   node scripts/draw-field.js [scenario] [out.png]
// Walls are dark, colour goes from the goal (yellow) to the farthest cell (violet) with a line every 5 metres, and white is the shortest way from the spawn.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createBatchEnv } from '../packages/env/dist/index.js';
import { geodesicField, solidGridOf, UNREACHED, WALK_MOVES } from '../packages/physics/dist/index.js';
import { encodePng } from '../packages/server/dist/run/picture-file.js';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [scenario = at('scenarios/reach-maze-v1.scenario.json'), out = at('docs/images/geodesic-field.png')] = process.argv.slice(2);
const CELL = 16;
const LINE_EVERY = 50;
/** From near to far: viridis, reversed. */
const COLOURS = [
  [253, 231, 37],
  [122, 209, 81],
  [34, 168, 132],
  [42, 120, 142],
  [65, 68, 135],
  [68, 1, 84],
];

const env = await createBatchEnv({ scenario, numWorlds: 1, seed: 1 });
env.reset();
const { state } = env.engine;
const grid = solidGridOf(env.engine, 0);
const [sizeX, , sizeZ] = grid.size;
const feet = [state.posX[0] >> 16, state.posY[0] >> 16, state.posZ[0] >> 16];
env.close();
const index = (x, z) => (feet[1] * sizeZ + z) * sizeX + x;
const goal = [
  [sizeX - 3, feet[1], sizeZ - 3],
  [sizeX - 2, feet[1], sizeZ - 2],
];
const { values } = geodesicField(grid, [goal]);
let farthest = 0;
for (let z = 0; z < sizeZ; z++)
  for (let x = 0; x < sizeX; x++) if (values[index(x, z)] < UNREACHED) farthest = Math.max(farthest, values[index(x, z)]);

const width = sizeX * CELL;
const height = sizeZ * CELL;
const rgb = new Uint8Array(width * height * 3);
const paint = (px, pz, colour) => rgb.set(colour, 3 * (pz * width + px));
for (let pz = 0; pz < height; pz++)
  for (let px = 0; px < width; px++) {
    const x = Math.floor(px / CELL);
    const z = Math.floor(pz / CELL);
    const way = values[index(x, z)];
    if (way >= UNREACHED) {
      paint(px, pz, grid.solid[index(x, z)] === 1 ? [38, 40, 46] : [90, 92, 98]);
      continue;
    }
    const shade = colourAt(way / Math.max(1, farthest));
    // A darker rim where the neighbour to the east or south is beyond the next line.
    const beyond = (nx, nz) =>
      values[index(nx, nz)] < UNREACHED && Math.floor(values[index(nx, nz)] / LINE_EVERY) !== Math.floor(way / LINE_EVERY);
    const rim =
      (px % CELL === CELL - 1 && x + 1 < sizeX && beyond(x + 1, z)) || (pz % CELL === CELL - 1 && z + 1 < sizeZ && beyond(x, z + 1));
    paint(px, pz, rim ? shade.map((c) => c * 0.45) : shade);
  }

// The way: from the spawn always to the neighbour from which the least is left.
let [x, z] = [feet[0], feet[2]];
for (let step = 0; values[index(x, z)] > 0 && values[index(x, z)] < UNREACHED && step < sizeX * sizeZ; step++) {
  const next = WALK_MOVES.moves
    .filter(({ offset, cost }) => offset[1] === 0 && values[index(x + offset[0], z + offset[2])] + cost === values[index(x, z)])
    .map(({ offset }) => [x + offset[0], z + offset[2]])[0];
  if (next === undefined) break;
  drawLine(x, z, next[0], next[1]);
  [x, z] = next;
}
writeFileSync(out, encodePng({ width, height, rgb }));
console.log(`${out} written: ${width} x ${height} pixels, farthest way ${(farthest / 10).toFixed(1)} m`);

function colourAt(share) {
  const spot = Math.min(0.9999, share) * (COLOURS.length - 1);
  const from = Math.floor(spot);
  return COLOURS[from].map((c, k) => c + (COLOURS[from + 1][k] - c) * (spot - from));
}

function drawLine(x0, z0, x1, z1) {
  for (let t = 0; t <= CELL; t++) {
    const cx = Math.round((x0 + ((x1 - x0) * t) / CELL + 0.5) * CELL);
    const cz = Math.round((z0 + ((z1 - z0) * t) / CELL + 0.5) * CELL);
    for (let dz = -1; dz <= 1; dz++) for (let dx = -1; dx <= 1; dx++) paint(cx + dx, cz + dz, [255, 255, 255]);
  }
}
