/**
 * A team without end: PIBT with 500 agents on the map of the League of Robot Runners' example, 10,000 steps, its tasks in turn. Collisions are counted here,
 * cell by cell, by code that knows nothing of PIBT.
 */
import { type CellGraph, createCellGraph, createLifelongTeam, parseMovingAiMap } from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import { quantile } from '../figures.js';
import type { BenchData, PlanningBench, PlanningRow } from './planning-row.js';

const FOLDER = 'lorr/random.domain';
const MAP = `${FOLDER}/maps/random-64-64-10.map`;
const NUM_AGENTS = 500;
const NUM_STEPS = 10_000;

export const lifelongBench: PlanningBench = {
  bars: ['B10'],
  needsData: true,
  run: (data) => runLifelong(data, NUM_AGENTS, NUM_STEPS),
};

export function runLifelong(data: BenchData, numAgents: number, numSteps: number): PlanningRow[] {
  const graph = createCellGraph(parseMovingAiMap(data.text(MAP), MAP), 4);
  const goals = tasksOf(data.text(`${FOLDER}/tasks/random-example_400.tasks`), graph);
  let handedOut = 0;
  const team = createLifelongTeam(graph, startsOf(data.text(`${FOLDER}/agents/random-example_400.agents`), graph, numAgents), () => {
    return goals[handedOut++ % goals.length];
  });
  const times: number[] = [];
  let collisions = 0;
  const before = new Int32Array(numAgents);
  const occupant = new Int32Array(graph.numVertices);
  const occupantBefore = new Int32Array(graph.numVertices);
  for (let step = 0; step < numSteps; step++) {
    before.set(team.positions);
    const began = performance.now();
    team.step();
    times.push(performance.now() - began);
    collisions += countCollisions(graph, before, team.positions, occupantBefore, occupant);
  }
  const row = { bar: 'B10', instance: `LoRR random-64-64-10, ${numAgents} agents, ${numSteps} steps` };
  return [
    { ...row, figure: 'PIBT, a step, mean', value: times.reduce((sum, one) => sum + one, 0) / numSteps, unit: 'ms', limit: { most: 10 } },
    { ...row, figure: 'PIBT, 99 of 100 steps within', value: quantile(times, 0.99), unit: 'ms' },
    { ...row, figure: 'collisions and jumps', value: collisions, unit: '', limit: { most: 0 } },
    { ...row, figure: 'goals reached', value: team.numReached, unit: '' },
  ];
}

/** Vertices with two agents, pairs that changed places, and moves to cells that are not adjacent. */
function countCollisions(
  { first, neighbours }: CellGraph,
  before: Int32Array,
  after: Int32Array,
  occupantBefore: Int32Array,
  occupant: Int32Array,
): number {
  let wrong = 0;
  occupant.fill(-1);
  occupantBefore.fill(-1);
  for (let i = 0; i < after.length; i++) {
    occupantBefore[before[i]] = i;
    if (occupant[after[i]] >= 0) wrong++;
    occupant[after[i]] = i;
  }
  for (let i = 0; i < after.length; i++) {
    if (after[i] === before[i]) continue;
    const other = occupantBefore[after[i]];
    if (other >= 0 && other !== i && after[other] === before[i]) wrong++;
    if (!neighbours.subarray(first[before[i]], first[before[i] + 1]).includes(after[i])) wrong++;
  }
  return wrong;
}

/** The cells of all tasks, one after the other, in the largest part of the map. */
function tasksOf(text: string, graph: CellGraph): number[] {
  const part = largestPart(graph);
  return dataLines(text)
    .flatMap((line) => line.split(',').map((cell) => graph.vertexByCell[Number(cell)]))
    .filter((vertex) => vertex >= 0 && graph.component[vertex] === part);
}

/** The starts of the file, and free cells drawn for those beyond it. */
function startsOf(text: string, graph: CellGraph, numAgents: number): Int32Array {
  const part = largestPart(graph);
  const starts = new Set(dataLines(text).map((cell) => graph.vertexByCell[Number(cell)]));
  const stream = randomStream(10, 0, 0, 0, 0);
  for (let draw = 0; starts.size < numAgents; draw++) {
    const vertex = drawU32(stream, draw) % graph.numVertices;
    if (graph.component[vertex] === part) starts.add(vertex);
  }
  return Int32Array.from([...starts].slice(0, numAgents));
}

/** Without comments and the count on the first line. */
function dataLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .slice(1);
}

function largestPart({ component }: CellGraph): number {
  const sizes = new Map<number, number>();
  for (const part of component) sizes.set(part, (sizes.get(part) ?? 0) + 1);
  return [...sizes].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
