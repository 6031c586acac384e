/** Problems for teams that tests draw by hand or read from the benchmarks, and a judge of their plans that knows nothing of planners. */
import {
  type CellPath,
  type GridProblem,
  movingAiProblem,
  parseMovingAiMap,
  parseMovingAiScenario,
  parsePibt2Instance,
  pibt2Agents,
  type Trajectory,
} from '@kinovox/planning';
import { benchText } from '../bench-data.js';

export type Row = readonly [sx: number, sz: number, gx: number, gz: number];

/** A problem from a drawing: `.` is free, everything else blocked. */
export function drawn(rows: readonly string[], agents: readonly Row[]): GridProblem {
  const grid = {
    size: [rows[0].length, 1, rows.length] as const,
    blocked: Uint8Array.from(rows.join(''), (letter) => (letter === '.' ? 0 : 1)),
  };
  return movingAiProblem('drawn', grid, agents.map(agentOf));
}

/** One of the toys that pibt2 and lacam3 ship; for two of them nobody ships starts and goals. */
export function toy(name: string): GridProblem {
  const map = `movingai-mapf/toy/${name}.map`;
  const grid = parseMovingAiMap(benchText(map), map);
  const chosen = CHOSEN[name];
  if (chosen !== undefined) return movingAiProblem(name, grid, chosen.map(agentOf));
  const file = `movingai-mapf/toy/pibt2_${name}.txt`;
  return movingAiProblem(name, grid, pibt2Agents(parsePibt2Instance(benchText(file), file), file, grid));
}

const CHOSEN: Readonly<Record<string, readonly Row[]>> = {
  // Three that must go round one junction.
  tree: [
    [1, 0, 2, 3],
    [2, 3, 1, 0],
    [0, 3, 2, 1],
  ],
  // The tunnel's agents must come out of it in another order.
  tunnel: [
    [1, 1, 0, 4],
    [2, 1, 0, 5],
    [3, 1, 0, 3],
    [0, 5, 3, 1],
  ],
};

export function randomMap(numAgents: number): GridProblem {
  const map = 'movingai-mapf/random-32-32-10.map';
  const scenario = 'movingai-mapf/random-32-32-10-random-1.scen';
  const grid = parseMovingAiMap(benchText(map), map);
  return movingAiProblem(`random N=${numAgents}`, grid, parseMovingAiScenario(benchText(scenario), scenario, grid).slice(0, numAgents));
}

/** What is wrong with a plan of unit steps, or `right`. */
export function judge(problem: GridProblem, trajectories: readonly Trajectory[]): string {
  if (trajectories.length !== problem.agents.length) return `${trajectories.length} paths for ${problem.agents.length} agents`;
  const [sizeX, , sizeZ] = problem.grid.size;
  const paths = trajectories as readonly CellPath[];
  const cellAt = (path: CellPath, step: number): number => {
    const k = Math.min(step, path.times.length - 1);
    return (path.cells[3 * k + 1] * sizeZ + path.cells[3 * k + 2]) * sizeX + path.cells[3 * k];
  };
  const index = ([x, y, z]: readonly [number, number, number]) => (y * sizeZ + z) * sizeX + x;
  const last = Math.max(...paths.map(({ times }) => times.length - 1));
  for (let step = 0; step <= last; step++) {
    const before = new Map<number, number>();
    const here = new Set<number>();
    for (const [i, path] of paths.entries()) {
      if (step > 0) before.set(cellAt(path, step - 1), i);
      const cell = cellAt(path, step);
      if (problem.grid.blocked[cell] !== 0) return `agent ${i} is in a wall at step ${step}`;
      if (here.has(cell)) return `two agents are in one cell at step ${step}`;
      here.add(cell);
      if (step === 0) continue;
      const from = cellAt(path, step - 1);
      const moved = Math.abs((cell % sizeX) - (from % sizeX)) + Math.abs(Math.floor(cell / sizeX) - Math.floor(from / sizeX));
      if (moved > 1) return `agent ${i} jumps at step ${step}`;
    }
    for (const [i, path] of step === 0 ? [] : paths.entries()) {
      const other = before.get(cellAt(path, step));
      if (other !== undefined && other !== i && cellAt(paths[other], step) === cellAt(path, step - 1))
        return `agents ${i} and ${other} change places at step ${step}`;
    }
  }
  for (const [i, path] of paths.entries()) {
    if (cellAt(path, 0) !== index(problem.agents[i].start)) return `agent ${i} does not begin at its start`;
    if (cellAt(path, last) !== index(problem.agents[i].goal)) return `agent ${i} does not end at its goal`;
  }
  return 'right';
}

function agentOf([sx, sz, gx, gz]: Row, i: number): GridProblem['agents'][number] {
  return { name: `agent-${i}`, start: [sx, 0, sz], goal: [gx, 0, gz] };
}
