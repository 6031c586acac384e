/**
 * Warframe's voxel maps (.3dmap) and their queries (.3dscen) to grids and agents.
 * Source: Brewer and Sturtevant, "Benchmarks for Pathfinding in 3D Voxel Space" (SoCS 2018). A map: `voxel W H D`, then `x y z` of each blocked cell. Queries:
 * `version 1`, the name of the map, then `sx sy sz gx gy gz optimum ratio` a line. Moves go 26 ways, take their length, and cut no corners.
 */
import type { Grid, GridAgent, GridProblem } from './problem.js';
import { refuserOf } from './refusal.js';

/** Largest map that is read, in cells. */
const MAX_CELLS = 2 ** 28;
const NEXT_STEP = 'Compare the file with the format at movingai.com/benchmarks/voxels.html.';

/** @throws ScenarioError `problem-file` naming the file and line. */
export function parseWarframeMap(text: string, fileName: string): Grid {
  const lines = text.split('\n');
  const refuse = refuserOf(fileName, NEXT_STEP);
  const header = /^voxel (\d+) (\d+) (\d+)\s*$/.exec(lines[0]);
  if (header === null) return refuse(0, 'A voxel map must begin with "voxel WIDTH HEIGHT DEPTH"', lines[0]);
  const size: [number, number, number] = [Number(header[1]), Number(header[2]), Number(header[3])];
  const numCells = size[0] * size[1] * size[2];
  if (numCells === 0 || numCells > MAX_CELLS) refuse(0, `A voxel map must have 1 to ${MAX_CELLS} cells`, lines[0]);
  const blocked = new Uint8Array(numCells);
  for (let line = 1; line < lines.length; line++) {
    const text = lines[line].trim();
    if (text === '') continue;
    const at = /^(\d+) (\d+) (\d+)$/.exec(text);
    const [x, y, z] = at === null ? [-1, -1, -1] : [Number(at[1]), Number(at[2]), Number(at[3])];
    if (x < 0 || x >= size[0] || y >= size[1] || z >= size[2])
      refuse(line, `A blocked voxel must be "x y z" within ${size.join(' x ')}`, text);
    blocked[(y * size[2] + z) * size[0] + x] = 1;
  }
  return { size, blocked };
}

/**
 * Queries of a map, in the order of the file, each with its optimum.
 * @throws ScenarioError `problem-file` naming the file and line.
 */
export function parseWarframeQueries(text: string, fileName: string, grid: Grid): GridAgent[] {
  const lines = text.split('\n');
  const refuse = refuserOf(fileName, NEXT_STEP);
  if (lines[0].trim() !== 'version 1') refuse(0, 'A file of voxel queries must begin with "version 1"', lines[0]);
  const agents: GridAgent[] = [];
  for (let line = 2; line < lines.length; line++) {
    const text = lines[line].trim();
    if (text === '') continue;
    const numbers = text.split(/\s+/).map(Number);
    const cell = (from: number): [number, number, number] => {
      const at: [number, number, number] = [numbers[from], numbers[from + 1], numbers[from + 2]];
      if (!at.every((value, axis) => Number.isInteger(value) && value >= 0 && value < grid.size[axis]))
        refuse(line, `A query must start and end within ${grid.size.join(' x ')}`, text);
      return at;
    };
    if (numbers.length !== 8 || !numbers.every(Number.isFinite))
      refuse(line, 'A query must be eight numbers, "sx sy sz gx gy gz optimum ratio"', text);
    agents.push({ name: `query-${agents.length}`, start: cell(0), goal: cell(3), optimum: numbers[6] });
  }
  return agents;
}

/** One query as a problem. */
export function warframeProblem(grid: Grid, query: GridAgent, name: string): GridProblem {
  return { kind: 'grid', name, grid, moves: 26, agents: [query], timing: 'lengths', radius: 0 };
}
