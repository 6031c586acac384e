/**
 * Instances of Continuous-CBS: a `map.xml` with a grid of 0 (free) and 1 (blocked), and agent files of `<agent start_i start_j goal_i goal_j>`; i is the row, j
 * the column. Moves take their length, agents are discs.
 * @source Andreychuk et al., Multi-agent pathfinding with continuous time, AIJ 2022; PathPlanning/Continuous-CBS.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import type { Grid, GridAgent, GridMoves, GridProblem } from './problem.js';
import { refuseFile } from './refusal.js';

/** sqrt(2) / 4 cells: the radius of upstream's example configuration, which the published optima fit. */
export const CCBS_RADIUS = Math.SQRT2 / 4;
const MAX_CELLS = 2 ** 22;
const MAX_AGENTS = 2 ** 14;
const NEXT_STEP = 'Compare the file with the examples of Continuous-CBS.';

const AGENTS = z.object({
  root: z.object({
    agent: z.array(
      z.object({
        start_i: z.int().min(0),
        start_j: z.int().min(0),
        goal_i: z.int().min(0),
        goal_j: z.int().min(0),
      }),
    ),
  }),
});
const MAP = z.object({
  root: z.object({
    map: z.object({ width: z.int().positive(), height: z.int().positive(), grid: z.object({ row: z.array(z.string()) }) }),
  }),
});

/** @throws ScenarioError `problem-file`. */
export function parseCcbsMap(text: string, fileName: string): Grid {
  const { width, height, grid } = checked(MAP, text, fileName, 'A map must be <root><map> with width, height and a grid of rows').root.map;
  if (width * height > MAX_CELLS)
    refuseFile(fileName, undefined, `A map must have at most ${MAX_CELLS} cells`, `${width} x ${height}`, NEXT_STEP);
  if (grid.row.length !== height)
    refuseFile(fileName, undefined, `A map must have the ${height} rows that it names`, `${grid.row.length} rows`, NEXT_STEP);
  const blocked = new Uint8Array(width * height);
  for (const [z, row] of grid.row.entries()) {
    const cells = row.trim().split(/\s+/);
    if (cells.length !== width || cells.some((cell) => cell !== '0' && cell !== '1'))
      refuseFile(fileName, undefined, `Row ${z} of a map must be ${width} times 0 or 1`, row, NEXT_STEP);
    for (const [x, cell] of cells.entries()) blocked[z * width + x] = Number(cell);
  }
  return { size: [width, 1, height], blocked };
}

/** @throws ScenarioError `problem-file`. */
export function parseCcbsAgents(text: string, fileName: string, { size }: Grid): GridAgent[] {
  const { agent } = checked(AGENTS, text, fileName, 'An agent must have start_i, start_j, goal_i and goal_j, whole numbers from 0').root;
  if (agent.length > MAX_AGENTS)
    refuseFile(fileName, undefined, `An instance must have at most ${MAX_AGENTS} agents`, `${agent.length}`, NEXT_STEP);
  return agent.map(({ start_i, start_j, goal_i, goal_j }, index) => {
    if (start_i >= size[2] || goal_i >= size[2] || start_j >= size[0] || goal_j >= size[0])
      refuseFile(
        fileName,
        undefined,
        `Agent ${index} must start and end within ${size[0]} columns and ${size[2]} rows`,
        `${start_i},${start_j} to ${goal_i},${goal_j}`,
        NEXT_STEP,
      );
    return { name: `agent-${index}`, start: [start_j, 0, start_i], goal: [goal_j, 0, goal_i] } as const;
  });
}

export function ccbsProblem(name: string, grid: Grid, agents: readonly GridAgent[], moves: GridMoves = 8): GridProblem {
  return { kind: 'grid', name, grid, moves, agents, timing: 'lengths', radius: CCBS_RADIUS };
}

function checked<T>(schema: z.ZodType<T>, text: string, fileName: string, must: string): T {
  const valid = XMLValidator.validate(text);
  if (valid !== true) refuseFile(fileName, valid.err.line, 'An XML file must be well-formed', valid.err.msg, NEXT_STEP);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: true,
    processEntities: false,
    isArray: (name) => name === 'agent' || name === 'row',
    // Rows stay text, also where one cell makes them look like a number.
    tagValueProcessor: (name, value) => (name === 'row' ? `${value} ` : value),
  });
  const parsed = schema.safeParse(parser.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuseFile(fileName, undefined, must, `${issue.message} at ${issue.path.join('.')}`, NEXT_STEP);
}
