/**
 * Problem files of every format, told by their content and ending. Text in, problem out: files that lie beside (a scenario's map) are asked for by name.
 * Start cells in walls and goals that cannot be reached are no mistakes of a file: planners answer them with `infeasible`.
 */
import { UsageError } from '@kinovox/world';
import { CCBS_RADIUS, ccbsProblem, parseCcbsAgents, parseCcbsMap } from './ccbs.js';
import { movingAiMapName, movingAiProblem, parseMovingAiMap, parseMovingAiScenario, parsePibt2Instance, pibt2Agents } from './movingai.js';
import type { GridAgent, GridMoves, GridProblem, Problem } from './problem.js';
import { assertReadable, refuseFile } from './refusal.js';
import { parseRobotsYaml } from './robots-yaml.js';
import { parseWarframeMap, parseWarframeQueries } from './warframe.js';

export interface LoadOptions {
  /** The first this many agents; undefined = all of a team's file, and the first of a file of single queries. */
  readonly agents?: number;
  /** Ways on planar grids; undefined = as the format means it. */
  readonly moves?: GridMoves;
  /** Text of a file that lies beside the problem, or undefined where there is none. */
  readBeside(name: string): string | undefined;
}

/** What can be read, for help texts. */
export const PROBLEM_FORMATS: readonly string[] = [
  '.scen with its .map (MovingAI)',
  '.txt (pibt2)',
  '.3dscen with its .3dmap (Warframe)',
  '.xml with map.xml (Continuous-CBS)',
  '.yaml (dynobench, db-CBS, db-LaCAM)',
];

/**
 * @throws ScenarioError `problem-file` for anything that is wrong with the files, in a sentence with place and next step.
 * @throws UsageError `no-moves` where `moves` are given for a problem that is no planar grid.
 */
export function loadProblem(text: string, fileName: string, options: LoadOptions): Problem {
  assertReadable(text, fileName);
  const problem = byFormat(text.replace(/^\uFEFF/, ''), fileName, options);
  return firstAgents(problem, fileName, options.agents);
}

function byFormat(text: string, fileName: string, options: LoadOptions): Problem {
  const beside = (name: string): string => {
    const found = options.readBeside(name);
    if (found === undefined)
      return refuseFile(
        fileName,
        undefined,
        `The map of this problem, ${name}, must lie beside it`,
        'no such file',
        `Put ${name} into the same folder.`,
      );
    assertReadable(found, name);
    return found;
  };
  const head = text.slice(0, 2000);
  if (/^\s*</.test(head)) return readCcbs(text, fileName, beside, options.moves);
  if (/^version 1(\.0)?\s/.test(head))
    return /\.3dscen$/i.test(fileName) || /^version 1\s*\n\S+\.3dmap\s/.test(head)
      ? readVoxels(text, fileName, beside, options.moves)
      : readScen(text, fileName, beside, options.moves);
  if (/^\s*map_file=/m.test(head)) return readPibt2(text, fileName, beside, options.moves);
  if (/^(type \w+|voxel \d)/.test(head))
    return refuseFile(
      fileName,
      1,
      'A problem must have agents',
      'a map alone',
      'Give the .scen, .3dscen or .txt file that belongs to the map.',
    );
  if (isScenarioText(text))
    return refuseFile(
      fileName,
      undefined,
      `A problem file must be one of ${PROBLEM_FORMATS.join(', ')}`,
      'a scenario',
      `kinovox plan takes scenarios by their id or file; they are played by kinovox run --scenario ${fileName} --policy planner:lacam, planner:mppi or planner:voxel.`,
    );
  if (/^\s*[{\w#'"-]/.test(head) && /(^|[{,])[ \t]*"?(environment|robots)"?[ \t]*:/m.test(text)) {
    assertNoMoves(fileName, options.moves);
    return parseRobotsYaml(text, fileName);
  }
  return refuseFile(
    fileName,
    undefined,
    `A problem file must be one of ${PROBLEM_FORMATS.join(', ')}`,
    head.slice(0, 60),
    'Check the path.',
  );
}

/** Scenarios are JSON objects whose id ends in a version, and have an observation or a level; problems have neither. */
export function isScenarioText(text: string): boolean {
  return /^\s*\{/.test(text) && /"id"\s*:\s*"[^"]*-v\d+"/.test(text) && /"(world|level|observation|agents)"\s*:/.test(text);
}

function assertNoMoves(fileName: string, moves: GridMoves | undefined): void {
  if (moves !== undefined)
    throw new UsageError(
      'no-moves',
      `Moves are chosen on planar grids only; got ${moves} for ${fileName}, which is none. Leave them out (--moves).`,
    );
}

function readScen(text: string, fileName: string, beside: (name: string) => string, moves?: GridMoves): Problem {
  const mapName = movingAiMapName(text, fileName).split(/[/\\]/).at(-1) as string;
  const grid = parseMovingAiMap(beside(mapName), mapName);
  return withMoves(movingAiProblem(fileName, grid, parseMovingAiScenario(text, fileName, grid)), moves);
}

function readPibt2(text: string, fileName: string, beside: (name: string) => string, moves?: GridMoves): Problem {
  const instance = parsePibt2Instance(text, fileName);
  const grid = parseMovingAiMap(beside(instance.mapName), instance.mapName);
  return withMoves(movingAiProblem(fileName, grid, pibt2Agents(instance, fileName, grid)), moves);
}

/** Queries are single ones, so a team of them is only taken where a number is asked for. */
function readVoxels(text: string, fileName: string, beside: (name: string) => string, moves?: GridMoves): Problem {
  assertNoMoves(fileName, moves);
  const mapName = text.split('\n', 2)[1]?.trim() ?? '';
  const grid = parseWarframeMap(beside(mapName), mapName);
  const agents = parseWarframeQueries(text, fileName, grid);
  return { kind: 'grid', name: fileName, grid, moves: 26, agents, timing: 'lengths', radius: CCBS_RADIUS };
}

function readCcbs(text: string, fileName: string, beside: (name: string) => string, moves?: GridMoves): Problem {
  if (/<map>/.test(text.slice(0, 2000)) && !/<agent /.test(text))
    return refuseFile(fileName, 1, 'A problem must have agents', 'a map alone', 'Give the file with <agent ...> that belongs to the map.');
  const grid = parseCcbsMap(beside('map.xml'), 'map.xml');
  return ccbsProblem(fileName, grid, parseCcbsAgents(text, fileName, grid), moves);
}

/** More than four ways cost their length, so that time counts lengths. */
function withMoves(problem: GridProblem, moves: GridMoves | undefined): GridProblem {
  if (moves === undefined || moves === problem.moves) return problem;
  return moves === 4 ? { ...problem, moves } : { ...problem, moves, timing: 'lengths', radius: CCBS_RADIUS };
}

function firstAgents(problem: Problem, fileName: string, count: number | undefined): Problem {
  const all: readonly unknown[] = problem.kind === 'grid' ? problem.agents : problem.robots;
  const single = problem.kind === 'grid' && problem.moves === 26;
  const wanted = count ?? (single ? 1 : all.length);
  if (wanted > all.length)
    refuseFile(
      fileName,
      undefined,
      `A problem must have the ${wanted} agents that are asked for`,
      `${all.length} agents`,
      `Ask for at most ${all.length}.`,
    );
  if (problem.kind === 'grid') return { ...problem, agents: problem.agents.slice(0, wanted) as readonly GridAgent[] };
  return { ...problem, robots: problem.robots.slice(0, wanted) };
}
