/**
 * MovingAI grid maps (.map) to structures: a floor one block thick, and walls on the cells that cannot be walked.
 * Rows of the map run along z, characters along x. Source: Sturtevant, "Benchmarks for Grid-Based Pathfinding" (2012) and movingai.com/benchmarks/formats.html:
 * `.` and `G` are ground and `S` swamp (walked); `@` and `O` lie outside, `T` are trees, `W` is water (not walked).
 */
import { blockByName } from '../blocks/registry.js';
import { refuseFile } from './refusal.js';
import { isStructureSize, STRUCTURE_LIMITS, type Structure } from './structure.js';

export interface MovingAiOptions {
  /** Height of the walls above the floor, in blocks. Default 3. */
  wallHeight?: number;
  /** Block of the walls. Default stone_bricks. */
  wall?: string;
  /** Block of the floor. Default stone. */
  floor?: string;
}

const WALKED = '.GS';
const BLOCKED = '@OTW';
const NEXT_STEP = 'Compare the file with the format at movingai.com/benchmarks/formats.html.';

/** @throws ScenarioError `structure-file` naming the file and line. */
export function readMovingAiMap(text: string, fileName: string, options: MovingAiOptions = {}): Structure {
  const { wallHeight = 3, wall = 'stone_bricks', floor = 'stone' } = options;
  blockByName(wall);
  blockByName(floor);
  // A map of the largest size has 256 rows after 4 lines of header; splitting stops there.
  const lines = text.split(/\r?\n/, 4 + 256 + 1);
  const refuse = (line: number, must: string, got: string): never =>
    refuseFile(fileName, `line ${line + 1}`, must, JSON.stringify(got.slice(0, 40)), NEXT_STEP);
  const header = new Map<string, string>();
  for (let line = 0; line < 3; line++) {
    const [key, value] = (lines[line] ?? '').trim().split(/\s+/);
    if (!['type', 'height', 'width'].includes(key) || header.has(key))
      refuse(line, 'The header must give type, height and width, one a line', lines[line] ?? '');
    header.set(key, value ?? '');
  }
  if ((lines[3] ?? '').trim() !== 'map') refuse(3, 'The header must end with the line "map"', lines[3] ?? '');
  const sizeX = Number(header.get('width'));
  const sizeZ = Number(header.get('height'));
  const sizeY = 1 + wallHeight;
  if (!Number.isInteger(sizeX) || !Number.isInteger(sizeZ) || !Number.isInteger(wallHeight) || !isStructureSize(sizeX, sizeY, sizeZ)) {
    refuse(1, `A map with its floor and walls must be ${STRUCTURE_LIMITS}`, `${header.get('width')} x ${sizeY} x ${header.get('height')}`);
  }

  const cells = new Uint16Array(sizeX * sizeY * sizeZ);
  const palette = [...new Set(['air', wall, floor])];
  const [air, wallIndex, floorIndex] = ['air', wall, floor].map((name) => palette.indexOf(name));
  for (let z = 0; z < sizeZ; z++) {
    const row = lines[4 + z] ?? '';
    if (row.length !== sizeX) refuse(4 + z, `A row must have ${sizeX} characters`, row);
    for (let x = 0; x < sizeX; x++) {
      const blocked = BLOCKED.includes(row[x]);
      if (!blocked && !WALKED.includes(row[x])) refuse(4 + z, `A cell must be one of ${WALKED}${BLOCKED}`, row[x]);
      cells[z * sizeX + x] = floorIndex;
      for (let y = 1; y < sizeY; y++) cells[(y * sizeZ + z) * sizeX + x] = blocked ? wallIndex : air;
    }
  }
  return { size: [sizeX, sizeY, sizeZ], palette, cells, notes: [] };
}
