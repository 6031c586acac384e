/**
 * Holds the walker against prismarine-physics, live: random 200-tick key scripts on random terrain of full cubes, compared tick by tick.
 * Usage: node test/bench/minecraft-paths/run.js [--paths 1000] [--json] [--out test/bench/results]
 * Prints a table, writes minecraft-paths.json and a plot of the worst ten paths; exit code 1 when a bar is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enginePaths } from './engine.js';
import { plotRuns } from './plot.js';
import { createProblem, SETS, SIZE, TICKS } from './problems.js';
import { loadReference, MINECRAFT_VERSION, REFERENCE, referencePath } from './reference.js';

const BARS = { medianBlocks: 0.05, p95Blocks: 0.5 };
/** Paths have parted when they are further from each other than this, blocks. */
const PARTED_BLOCKS = 0.02;
/** Half width and height of the reference's box, and how deep in a cube it must be to count as inside: far above the rounding of doubles. */
const HALF_WIDTH = 0.3;
const HEIGHT = 1.8;
const INSIDE_BLOCKS = 1e-6;
const WORST = 10;
const here = dirname(fileURLToPath(import.meta.url));

const { values } = parseArgs({
  options: {
    paths: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    out: { type: 'string', default: join(here, '..', 'results') },
  },
});
const numPaths = Number(values.paths);
if (!Number.isInteger(numPaths) || numPaths < 1) {
  process.stderr.write(`--paths must be a whole number of at least 1; got "${values.paths}". Try --paths 1000.\n`);
  process.exit(2);
}

const reference = loadReference();
const results = Object.keys(SETS).map((set) => compareSet(set, SETS[set].bars ? numPaths : Math.ceil(numPaths / 4)));
const main = results.find(({ set }) => SETS[set].bars);
const passed = main.medianBlocks <= BARS.medianBlocks && main.p95Blocks <= BARS.p95Blocks;
const report = {
  benchmark: 'minecraft-paths',
  date: new Date().toISOString().slice(0, 10),
  commit: git('rev-parse', '--short', 'HEAD'),
  modified: git('status', '--porcelain', '--', ':/packages') !== '',
  node: process.version,
  reference: { ...REFERENCE, minecraft: MINECRAFT_VERSION },
  ticks: TICKS,
  bars: BARS,
  passed,
  sets: results.map(({ runs, ...rest }) => ({
    ...rest,
    worst: runs
      .slice(0, WORST)
      .map(({ problem, error, parting }) => ({ seed: problem.seed, errorBlocks: round(error), partingTick: parting })),
  })),
};
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'minecraft-paths.json'), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(
  join(values.out, 'minecraft-paths-worst.svg'),
  plotRuns(main.runs.slice(0, WORST), `The ${WORST} worst of ${main.paths} paths over ${TICKS} ticks:`),
);
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else printTable(report, values.out);
process.exitCode = passed ? 0 : 1;

/** Runs both sides on a set; runs are sorted, worst first. */
function compareSet(set, paths) {
  const problems = Array.from({ length: paths }, (_, k) => createProblem(set, k + 1));
  const ours = enginePaths(problems);
  const runs = problems.map((problem, k) => {
    const theirs = referencePath(reference, problem);
    return {
      problem,
      reference: theirs,
      ours: ours[k],
      error: distance(theirs[TICKS - 1], ours[k][TICKS - 1]),
      parting: theirs.findIndex((point, tick) => distance(point, ours[k][tick]) > PARTED_BLOCKS),
    };
  });
  runs.sort((a, b) => b.error - a.error);
  const quantile = (q) => round(runs[Math.min(paths - 1, Math.floor((1 - q) * paths))].error);
  return {
    set,
    paths,
    medianBlocks: quantile(0.5),
    p95Blocks: quantile(0.95),
    maxBlocks: quantile(1),
    parted: runs.filter(({ parting }) => parting >= 0).length,
    partedInsideCube: runs.filter(({ problem, reference: path, parting }) => entersCube(problem, path, parting)).length,
    meanTravelBlocks: round(runs.reduce((sum, { reference: path }) => sum + travel(path), 0) / paths),
    runs,
  };
}

/**
 * Whether the reference's box stood inside a cube when the paths parted. It does so at walls to the west and north: there it stores n + 0.3 and tests
 * n + 0.3 - 0.3, which in doubles is less than n for some n, so that the wall no longer counts as ahead. Minecraft and Kinovox do not.
 */
function entersCube({ blocks }, path, parting) {
  const [sizeX, sizeY, sizeZ] = SIZE;
  return path.slice(0, parting + 1).some(([x, y, z]) => {
    const cells = (low, high) =>
      Array.from(
        { length: Math.floor(high - INSIDE_BLOCKS) - Math.floor(low + INSIDE_BLOCKS) + 1 },
        (_, k) => Math.floor(low + INSIDE_BLOCKS) + k,
      );
    return cells(y, y + HEIGHT).some((cellY) =>
      cells(z - HALF_WIDTH, z + HALF_WIDTH).some((cellZ) =>
        cells(x - HALF_WIDTH, x + HALF_WIDTH).some((cellX) => {
          const sides = cellX < 0 || cellZ < 0 || cellX >= sizeX || cellZ >= sizeZ;
          const name = sides ? 'stone' : cellY < sizeY ? blocks[(cellY * sizeZ + cellZ) * sizeX + cellX] : undefined;
          return name !== undefined && name !== 'water';
        }),
      ),
    );
  });
}

function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function travel(path) {
  return path.reduce((sum, point, tick) => sum + (tick === 0 ? 0 : distance(point, path[tick - 1])), 0);
}

function round(value) {
  return Number(value.toFixed(5));
}

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

function printTable({ sets, bars }, out) {
  const lines = [
    `Final distance between the paths of Kinovox and prismarine-physics ${REFERENCE['prismarine-physics']} after ${TICKS} ticks, in blocks.`,
    'set        paths    median       p95       max  parted  inside  travel',
    ...sets.map(({ set, paths, medianBlocks, p95Blocks, maxBlocks, parted, partedInsideCube, meanTravelBlocks }) =>
      [
        set.padEnd(9),
        String(paths).padStart(6),
        medianBlocks.toFixed(5).padStart(9),
        p95Blocks.toFixed(5).padStart(9),
        maxBlocks.toFixed(3).padStart(9),
        String(parted).padStart(7),
        String(partedInsideCube).padStart(7),
        meanTravelBlocks.toFixed(1).padStart(7),
      ].join(' '),
    ),
    `Bars for cubes: median <= ${bars.medianBlocks}, 95th percentile <= ${bars.p95Blocks}: ${passed ? 'met' : 'MISSED'}.`,
    `Parted: paths that were ever more than ${PARTED_BLOCKS} apart; inside: those of them whose reference had entered a wall by then. Results and plot in ${out}.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
