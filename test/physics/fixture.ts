/** A program without a task over a grid given by the test, so that rules can be tested without scenarios. */
import { compileBlocks, compilePlacedByItem } from '../../packages/env/src/compile/blocks.js';
import { ACTION_WORD, ACTION_WORDS, createPalette, INVENTORY_SLOTS, VoxelGrid } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, createCpuEngine, type Engine, MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS, type ScenarioProgram, type VariantData } from '@kinovox/physics';

export type Box = readonly [name: string, from: readonly number[], to: readonly number[]];

export interface Ground {
  size: readonly [number, number, number];
  boxes: readonly Box[];
  /** Feet positions in Q16, one per agent. */
  starts: readonly (readonly [number, number, number])[];
  yaws?: readonly number[];
  extraBlocks?: readonly string[];
  items?: readonly { agent: number; item: number; count: number }[];
  maxTicks?: number;
  numWorlds?: number;
}

/** An engine on the ground described: walkers without a task. */
export function createGround(ground: Ground): { engine: Engine; program: ScenarioProgram; grid: VoxelGrid } {
  const { size, starts } = ground;
  const palette = createPalette(['air', ...ground.boxes.map(([name]) => name), ...(ground.extraBlocks ?? [])]);
  const grid = new VoxelGrid(size[0], size[1], size[2], palette);
  for (const [name, from, to] of ground.boxes) {
    grid.fill([from[0], from[1], from[2]], [to[0], to[1], to[2]], palette.indexOfName(name));
  }
  const numAgents = starts.length;
  const bodies = new Int32Array(numAgents * BODY_WORDS);
  for (let a = 0; a < numAgents; a++) {
    bodies.set([65536, 1, 1, 1, 1, 1, 0, 3277], a * BODY_WORDS);
    bodies[a * BODY_WORDS + BODY_WORD.team] = 0;
  }
  const startItems = new Int32Array(numAgents * INVENTORY_SLOTS);
  const startCounts = new Int32Array(numAgents * INVENTORY_SLOTS);
  for (const { agent, item, count } of ground.items ?? []) {
    startItems[agent * INVENTORY_SLOTS] = item;
    startCounts[agent * INVENTORY_SLOTS] = count;
  }
  const blocks = compileBlocks(palette, 'all');
  const program: ScenarioProgram = {
    scenarioHash: '0',
    id: 'ground',
    numAgents,
    agentIds: starts.map((_, a) => `agent-${a}`),
    teams: ['team'],
    size,
    rowWords: (size[0] + 31) >> 5,
    blocks,
    placedByItem: compilePlacedByItem(palette),
    bodies,
    startItems,
    startCounts,
    mechanisms: { numMechanisms: 0, mechanisms: new Int32Array(0), inputs: new Int32Array(0), effects: new Int32Array(0), names: [] },
    messages: { enabled: false, numSymbols: 0, rangeQ6: 0x7fffffff, everyTicks: 0, delayTicks: 0, loss256: 0, teamOnly: false },
    monitor: waitForever(palette.names.length),
    rewards: [],
    observation: { nearestAgents: 0, crop: 0, goals: 0, inventory: false, messages: 0 },
    goals: starts.map(() => []),
    maxTicks: ground.maxTicks ?? 100000,
    numVariants: 1,
    taskNames: ['wait'],
    taskOfAgent: new Uint8Array(numAgents),
    numProps: 0,
  };
  const level: VariantData = {
    variant: 0,
    voxels: grid.voxels,
    rows: grid.rows,
    hash0: grid.lane0,
    hash1: grid.lane1,
    constants: Int32Array.of(NEVER_TICK),
    spawnCells: starts.map(() => new Int32Array(0)),
    spawnExact: starts,
    spawnYaw: Int32Array.from(starts, (_, a) => ground.yaws?.[a] ?? 0),
    protectedCells: undefined,
  };
  const engine = createCpuEngine({ program, variants: { get: () => level }, numWorlds: ground.numWorlds ?? 1, seed: 1, observe: false });
  return { engine, program, grid };
}

const NEVER_TICK = 1 << 30;

/** A task that no test reaches the end of: wait for 2^30 ticks. */
function waitForever(paletteSize: number): MonitorProgram {
  const nodes = new Int32Array(NODE_COLUMNS);
  nodes[NODE_COLUMN.op] = MONITOR_OP.elapsed;
  nodes[NODE_COLUMN.violation] = -1;
  nodes[NODE_COLUMN.memory] = -1;
  return { nodes, numNodes: 1, lists: new Int32Array(0), numRegisters: 1, roots: Int32Array.of(0), numTasks: 1, names: ['wait'], opaque: new Uint8Array(paletteSize) };
}

/** Sets words of agent i's action for the next step. */
export function setAction(engine: Engine, i: number, action: Partial<Record<keyof typeof ACTION_WORD, number>>): void {
  const words = engine.buffers.actionWords;
  words.fill(0, i * ACTION_WORDS, (i + 1) * ACTION_WORDS);
  for (const [name, value] of Object.entries(action)) words[i * ACTION_WORDS + ACTION_WORD[name as keyof typeof ACTION_WORD]] = value as number;
}
