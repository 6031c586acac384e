/**
 * MovingAI's grid maps (.map) and scenarios (.scen), and pibt2's instances for the same maps, to grids and agents.
 * A map: `type octile`, `height H`, `width W`, `map`, H rows of W letters; `.`, `G` and `S` are free, the others blocked. Row 0 is the top; x = column, z = row.
 * A scenario: `version 1`, then `bucket map W H sx sy gx gy optimum` a line, parted by tabs. The optimum is that of a single agent on eight ways.
 * pibt2: `key=value` lines, then `sx,sy,gx,gy` per agent.
 * Source: Sturtevant, Benchmarks for grid-based pathfinding, 2012; Stern et al., SoCS 2019; Okumura's pibt2.
 */
import type { Grid, GridAgent, GridProblem } from './problem.js';
import { refuserOf } from './refusal.js';

/** Largest map that is read, in cells, and most agents of a file. */
const MAX_CELLS = 2 ** 26;
const MAX_AGENTS = 2 ** 20;
const NEXT_STEP = 'Compare the file with the format at movingai.com/benchmarks/formats.html.';
const LETTERS = '.G@OTSW';
const FREE = '.GS';

/** @throws ScenarioError `problem-file` naming the file and line. */
export function parseMovingAiMap(text: string, fileName: string): Grid {
  const lines = text.split(/\r?\n/);
  const refuse = refuserOf(fileName, NEXT_STEP);
  const header = (line: number, pattern: RegExp, must: string): string => {
    const match = pattern.exec(lines[line] ?? '');
    return match === null ? refuse(line, must, lines[line] ?? '') : (match[1] ?? '');
  };
  header(0, /^type \w+\s*$/, 'A grid map must begin with "type octile"');
  const height = Number(header(1, /^height (\d{1,9})\s*$/, 'The second line of a grid map must be "height ROWS"'));
  const width = Number(header(2, /^width (\d{1,9})\s*$/, 'The third line of a grid map must be "width COLUMNS"'));
  header(3, /^map\s*$/, 'The fourth line of a grid map must be "map"');
  if (height * width === 0 || height * width > MAX_CELLS) refuse(1, `A grid map must have 1 to ${MAX_CELLS} cells`, `${height} x ${width}`);
  const numRows = lines.slice(4).findLastIndex((row) => row.trim() !== '') + 1;
  if (numRows !== height)
    refuse(4 + Math.min(numRows, height), `A grid map must have the ${height} rows that its header names`, `${numRows} rows`);
  const blocked = new Uint8Array(height * width);
  for (let z = 0; z < height; z++) {
    const row = lines[4 + z].trimEnd();
    if (row.length !== width) refuse(4 + z, `A row must have the ${width} letters that the header names`, row);
    for (let x = 0; x < width; x++) {
      if (!LETTERS.includes(row[x])) refuse(4 + z, `A row must consist of the letters ${LETTERS}`, row[x]);
      blocked[z * width + x] = FREE.includes(row[x]) ? 0 : 1;
    }
  }
  return { size: [width, 1, height], blocked };
}

/** The name of the map that a scenario was made for, as its first row gives it. @throws ScenarioError `problem-file`. */
export function movingAiMapName(text: string, fileName: string): string {
  const lines = text.split(/\r?\n/, 2);
  const name = lines[1]?.split('\t')[1];
  return (
    name ?? refuserOf(fileName, NEXT_STEP)(1, 'A scenario must have a row "bucket map width height sx sy gx gy optimum"', lines[1] ?? '')
  );
}

/**
 * Agents of a scenario in the order of the file; take the first n for n agents.
 * @throws ScenarioError `problem-file` naming the file and line.
 */
export function parseMovingAiScenario(text: string, fileName: string, grid: Grid): GridAgent[] {
  const lines = text.split(/\r?\n/);
  const refuse = refuserOf(fileName, NEXT_STEP);
  if (!/^version 1(\.0)?\s*$/.test(lines[0])) refuse(0, 'A scenario must begin with "version 1"', lines[0]);
  const agents: GridAgent[] = [];
  for (let line = 1; line < lines.length; line++) {
    if (lines[line].trim() === '') continue;
    const fields = lines[line].trim().split(/\t| +/);
    const numbers = fields.slice(2).map((field) => (field === '' ? Number.NaN : Number(field)));
    if (fields.length !== 9 || !numbers.every(Number.isFinite))
      refuse(line, 'A row must be nine fields, "bucket map width height sx sy gx gy optimum"', lines[line]);
    const [width, height, sx, sz, gx, gz, optimum] = numbers;
    if (width !== grid.size[0] || height !== grid.size[2])
      refuse(line, `A row must name the size of the map, ${grid.size[0]} x ${grid.size[2]}`, lines[line]);
    addAgent(agents, { name: `agent-${agents.length}`, start: [sx, 0, sz], goal: [gx, 0, gz], optimum }, grid, () =>
      refuse(line, `An agent must start and end within ${grid.size[0]} x ${grid.size[2]}`, lines[line]),
    );
    if (agents.length > MAX_AGENTS) refuse(line, `A scenario must have at most ${MAX_AGENTS} agents`, lines[line]);
  }
  if (agents.length === 0) refuse(1, 'A scenario must have at least one row', '');
  return agents;
}

export interface Pibt2Instance {
  /** As the file names it. */
  readonly mapName: string;
  /** Number of rows that count: `agents=`. */
  readonly numAgents: number;
  /** Text of the rows, with their line numbers. */
  readonly rows: readonly { readonly line: number; readonly text: string }[];
}

/** The header of a pibt2 instance; with its map, `pibt2Agents` reads the rows. @throws ScenarioError `problem-file`. */
export function parsePibt2Instance(text: string, fileName: string): Pibt2Instance {
  const lines = text.split(/\r?\n/);
  const refuse = refuserOf(fileName, NEXT_STEP);
  const values = new Map<string, string>();
  const rows: { line: number; text: string }[] = [];
  for (let line = 0; line < lines.length; line++) {
    const content = lines[line].trim();
    const pair = /^(\w+)=(.*)$/.exec(content);
    if (pair !== null) values.set(pair[1], pair[2].trim());
    else if (content !== '' && !content.startsWith('#')) rows.push({ line, text: content });
  }
  const mapName = values.get('map_file') ?? refuse(0, 'An instance must name its map, "map_file=NAME.map"', lines[0]);
  const numAgents = Number(values.get('agents') ?? Number.NaN);
  if (!Number.isInteger(numAgents) || numAgents < 1 || numAgents > MAX_AGENTS)
    refuse(0, `An instance must say "agents=N" with N from 1 to ${MAX_AGENTS}`, values.get('agents') ?? 'no such line');
  if (rows.length < numAgents)
    refuse(lines.length - 1, `An instance must have a row "sx,sy,gx,gy" for each of its ${numAgents} agents`, `${rows.length} rows`);
  return { mapName, numAgents, rows: rows.slice(0, numAgents) };
}

/** @throws ScenarioError `problem-file` naming the file and line. */
export function pibt2Agents(instance: Pibt2Instance, fileName: string, grid: Grid): GridAgent[] {
  const refuse = refuserOf(fileName, NEXT_STEP);
  const agents: GridAgent[] = [];
  for (const { line, text } of instance.rows) {
    const match = /^(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)$/.exec(text);
    if (match === null) return refuse(line, 'A row must be four whole numbers, "sx,sy,gx,gy"', text);
    const [sx, sz, gx, gz] = match.slice(1).map(Number);
    addAgent(agents, { name: `agent-${agents.length}`, start: [sx, 0, sz], goal: [gx, 0, gz] }, grid, () =>
      refuse(line, `An agent must start and end within ${grid.size[0]} x ${grid.size[2]}`, text),
    );
  }
  return agents;
}

/** A team on a plane with four ways and steps, as these benchmarks mean it. */
export function movingAiProblem(name: string, grid: Grid, agents: readonly GridAgent[]): GridProblem {
  return { kind: 'grid', name, grid, moves: 4, agents, timing: 'steps', radius: 0 };
}

function addAgent(agents: GridAgent[], agent: GridAgent, { size }: Grid, refuse: () => never): void {
  const inside = (cell: readonly number[]): boolean => cell.every((at, axis) => Number.isInteger(at) && at >= 0 && at < size[axis]);
  if (!inside(agent.start) || !inside(agent.goal)) refuse();
  agents.push(agent);
}
