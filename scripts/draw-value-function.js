// Draws docs/images/value-function.png: two value functions as colours, unsafe in red, safe in blue, V = 0 in white. Needs a build; run `node scripts/draw-value-function.js`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { air3d, createValueGrid, doubleIntegrator, sampleGrid, solveValueFunction, valueAt } from '../packages/planning/dist/index.js';
import { encodePng } from '../packages/server/dist/run/picture-file.js';

const OUT = fileURLToPath(new URL('../docs/images/value-function.png', import.meta.url));
const SIDE = 360;
const GAP = 16;

const wall = createValueGrid([
  { low: -3, high: 1, nodes: 101 },
  { low: -2, high: 2, nodes: 101 },
]);
const braking = solveValueFunction(
  { grid: wall, system: doubleIntegrator(1, 'greatest'), target: sampleGrid(wall, ([x]) => -x), horizon: 3 },
  { accuracy: 'medium' },
);
const sky = createValueGrid([
  { low: -6, high: 20, nodes: 53 },
  { low: -10, high: 10, nodes: 41 },
  { low: 0, high: 2 * Math.PI, nodes: 48, periodic: true },
]);
const game = solveValueFunction(
  { grid: sky, system: air3d(5, 1), target: sampleGrid(sky, ([x, y]) => Math.hypot(x, y) - 5), horizon: 2.8 },
  { accuracy: 'medium' },
);

const width = 2 * SIDE + GAP;
const pixels = new Uint8Array(width * SIDE * 3).fill(255);
paint(0, 1.5, (u, v) => valueAt(wall, braking.values, [-3 + 4 * u, -2 + 4 * v]));
paint(SIDE + GAP, 6, (u, v) => valueAt(sky, game.values, [-6 + 26 * u, -10 + 20 * v, Math.PI * 0.9]));
writeFileSync(OUT, encodePng({ width, height: SIDE, rgb: pixels }));
console.log('docs/images/value-function.png written');

/** @param most the value of full colour. @param at value at (u, v) in [0, 1], v upwards. */
function paint(left, most, at) {
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const value = at((x + 0.5) / SIDE, 1 - (y + 0.5) / SIDE);
      const share = Math.min(1, Math.abs(value) / most);
      // A line every quarter of the range.
      const line = (Math.abs(value) / most) * 4;
      const shade = line > 0.1 && line - Math.floor(line) < 0.05 ? 0.8 : 1;
      const fade = 235 - 165 * share;
      const rgb = Math.abs(value) < most / 60 ? [255, 255, 255] : value < 0 ? [225, fade, fade - 20] : [fade - 20, fade + 5, 225];
      for (let k = 0; k < 3; k++) pixels[(y * width + left + x) * 3 + k] = Math.max(0, rgb[k] * shade);
    }
}
