/**
 * A program without a task over a grid given by the test, so that rules can be tested without scenarios: blocks, agents, items, messages, mechanisms
 * and protected cells as the test says; and what tests need to act on it and to read its events.
 */

import {
  BODY_WORD,
  BODY_WORDS,
  createCpuEngine,
  type Engine,
  MECHANISM_COLUMN,
  MECHANISM_COLUMNS,
  type MechanismTables,
  type MessageTables,
  MONITOR_OP,
  type MonitorProgram,
  NO_PROPS,
  NODE_COLUMN,
  NODE_COLUMNS,
  PUSH_Q16,
  type ScenarioProgram,
  type VariantData,
} from '@kinovox/physics';
import {
  ACTION_WORD,
  ACTION_WORDS,
  createPalette,
  EVENT,
  EVENT_WORDS,
  type EventName,
  INVENTORY_SLOTS,
  itemByName,
  MAX_EVENTS_PER_TICK,
  parseScenario,
  type ResolvedScenario,
  type ScenarioInput,
  SurvivalSchema,
  scenarioPalette,
  VoxelGrid,
} from '@kinovox/world';
import { compileBlocks, compilePlacedByItem } from '../../packages/env/src/compile/blocks.js';
import { compileSurvival } from '../../packages/env/src/compile/survival.js';

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
  /** Team index per agent; one team when absent. */
  teams?: readonly number[];
  messages?: Partial<MessageTables>;
  mechanisms?: readonly MechanismRow[];
  /** Cells that cannot be dug, and cells that cannot be built on. */
  protectedCells?: readonly Cell[];
  unbuildableCells?: readonly Cell[];
  /** Last touch on the grid, cell by cell. */
  shape?(grid: VoxelGrid): void;
  /** A second level, half of the episodes play it: the same with this block under the feet of slot 0. */
  otherGround?: string;
  rewards?: ScenarioProgram['rewards'];
  seed?: number;
  observe?: boolean;
  /** Settings of a scenario's survival section; `{}` takes every default. Absent: no such rules. */
  survival?: NonNullable<ScenarioInput['survival']>;
  /** Rows of the observation group `mobs`. */
  nearestMobs?: number;
  numProps?: number;
  /** What hands can do with props; absent: nothing. */
  carrying?: ScenarioProgram['carrying'];
  /** Vehicles whose words the state has; no stage of the plain tick moves them. */
  vehicles?: ScenarioProgram['vehicles'];
  /** Monitor registers beside the one that the task needs; no rule writes them. */
  spareRegisters?: number;
  /** Speed of all bodies, Q16 of the walker's; and the strength of their push. */
  speedQ16?: number;
  pushQ16?: number;
}

export type Cell = readonly [number, number, number];

/** A mechanism by its cells: `inputs` are plates' regions, levers' cells or indices of other mechanisms. */
export interface MechanismRow {
  mode: 'hold' | 'latch' | 'toggle';
  delayTicks?: number;
  anyInput?: boolean;
  inputs: readonly (
    | { plates: readonly [Cell, Cell] }
    | { lever: Cell }
    | { mechanism: number }
    | { clock: readonly [number, number, number] }
  )[];
  effects: readonly { from: Cell; to: Cell; on: string; off: string }[];
}

/** An engine on the ground described: walkers without a task. */
export function createGround(ground: Ground): { engine: Engine; program: ScenarioProgram; grid: VoxelGrid; level: VariantData } {
  const { size, starts } = ground;
  const effectBlocks = (ground.mechanisms ?? []).flatMap(({ effects }) => effects.flatMap(({ on, off }) => [on, off]));
  const otherGround = ground.otherGround === undefined ? [] : [ground.otherGround];
  const palette = createPalette([
    ...(ground.survival === undefined ? [] : survivalBlocks(ground)),
    ...new Set(['air', ...ground.boxes.map(([name]) => name), ...(ground.extraBlocks ?? []), ...effectBlocks, ...otherGround]),
  ]);
  const grid = new VoxelGrid(size[0], size[1], size[2], palette);
  for (const [name, from, to] of ground.boxes) {
    grid.fill([from[0], from[1], from[2]], [to[0], to[1], to[2]], palette.indexOfName(name));
  }
  const numAgents = starts.length;
  const bodies = new Int32Array(numAgents * BODY_WORDS);
  for (let a = 0; a < numAgents; a++) {
    bodies.set([ground.speedQ16 ?? 65536, 1, 1, 1, 1, 1, 0, ground.pushQ16 ?? PUSH_Q16], a * BODY_WORDS);
    bodies[a * BODY_WORDS + BODY_WORD.team] = ground.teams?.[a] ?? 0;
  }
  const startItems = new Int32Array(numAgents * INVENTORY_SLOTS);
  const startCounts = new Int32Array(numAgents * INVENTORY_SLOTS);
  for (const { agent, item, count } of ground.items ?? []) {
    let slot = agent * INVENTORY_SLOTS;
    while (startCounts[slot] > 0) slot++;
    startItems[slot] = item;
    startCounts[slot] = count;
  }
  ground.shape?.(grid);
  const blocks = compileBlocks(palette, 'all');
  const survival =
    ground.survival === undefined
      ? undefined
      : compileSurvival(
          { survival: SurvivalSchema.parse(ground.survival), world: { size }, agents: teamsOf(ground) } as unknown as ResolvedScenario,
          palette,
          blocks,
        );
  const constants = [NEVER_TICK];
  const mechanisms = mechanismTables(ground.mechanisms ?? [], constants, (name) => palette.indexOfName(name));
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
    mechanisms,
    messages: {
      enabled: ground.messages !== undefined,
      numSymbols: 8,
      rangeQ6: 0x7fffffff,
      everyTicks: 0,
      delayTicks: 0,
      loss256: 0,
      teamOnly: false,
      ...ground.messages,
    },
    monitor: waitForever(palette.names.length, ground.spareRegisters ?? 0),
    rewards: ground.rewards ?? [],
    observation: {
      nearestAgents: 0,
      crop: 0,
      goals: 0,
      inventory: false,
      messages: 0,
      recipes: survival?.recipeNames,
      nearestMobs: ground.nearestMobs ?? 0,
    },
    survival,
    goals: starts.map(() => []),
    maxTicks: ground.maxTicks ?? 100000,
    numVariants: ground.otherGround === undefined ? 1 : 2,
    taskNames: ['wait'],
    achievementNames: [],
    taskOfAgent: new Uint8Array(numAgents),
    numProps: ground.numProps ?? 0,
    carrying: ground.carrying,
    vehicles: ground.vehicles,
    props: NO_PROPS,
  };
  const level: VariantData = {
    variant: 0,
    voxels: grid.voxels.slice(),
    rows: grid.rows.slice(),
    hash0: grid.lane0,
    hash1: grid.lane1,
    constants: Int32Array.from(constants),
    spawnFirst: Int32Array.from({ length: starts.length + 1 }, (_, a) => a),
    spawnPoints: Int32Array.from(starts.flat()),
    spawnYaw: Int32Array.from(starts, (_, a) => ground.yaws?.[a] ?? 0),
    protectedCells: bitsOf(ground.protectedCells, size),
    unbuildableCells: bitsOf(ground.unbuildableCells, size),
    propSpawns: [],
  };
  const levels = [level];
  if (ground.otherGround !== undefined) {
    const [x, y, z] = starts[0].map((q16) => q16 >> 16);
    grid.set(x, y - 1, z, palette.indexOfName(ground.otherGround));
    levels.push({ ...level, variant: 1, voxels: grid.voxels.slice(), rows: grid.rows.slice(), hash0: grid.lane0, hash1: grid.lane1 });
  }
  // The engine takes props only with someone to save them; here they are words that no rule writes.
  const parts = ground.numProps === undefined ? {} : { saveRigid: () => new Uint8Array(0) };
  const engine = createCpuEngine(
    {
      program,
      variants: { get: (variant) => levels[variant] },
      numWorlds: ground.numWorlds ?? 1,
      seed: ground.seed ?? 1,
      observe: ground.observe ?? false,
    },
    parts,
  );
  return { engine, program, grid, level };
}

/** The team of each agent: `team-0`, `team-1`, ..., in the order of their indices. */
function teamsOf({ starts, teams }: Pick<Ground, 'starts' | 'teams'>): { team: string }[] {
  return starts.map((_, a) => ({ team: `team-${teams?.[a] ?? 0}` }));
}

/** Blocks that the rules of survival need beside the ground's own. */
function survivalBlocks({ survival, size, ...ground }: Ground): string[] {
  const scenario = parseScenario({
    version: 1,
    id: 'ground-v1',
    title: 'A ground',
    world: { size, terrain: { generator: 'flat', ground: 2 } },
    agents: teamsOf(ground).map(({ team }, a) => ({ id: `agent-${a}`, team, body: 'walker', spawn: { at: [0, 2, 0] } })),
    task: { elapsed: { ticks: 10 } },
    episode: { maxTicks: 10 },
    survival,
  } as ScenarioInput);
  return [...scenarioPalette(scenario).names].filter((name) => name !== 'air');
}

function bitsOf(cells: readonly Cell[] | undefined, size: readonly number[]): Uint32Array | undefined {
  if (cells === undefined) return undefined;
  const bits = new Uint32Array((size[0] * size[1] * size[2] + 31) >> 5);
  for (const [x, y, z] of cells) {
    const cell = (y * size[2] + z) * size[0] + x;
    bits[cell >> 5] |= 1 << (cell & 31);
  }
  return bits;
}

const MODES = ['hold', 'latch', 'toggle'];

function mechanismTables(rows: readonly MechanismRow[], constants: number[], indexOfName: (name: string) => number): MechanismTables {
  const mechanisms = new Int32Array(rows.length * MECHANISM_COLUMNS);
  const inputs: number[] = [];
  const effects: number[] = [];
  const place = (from: Cell, to: Cell) => constants.push(...from, ...to) - 6;
  rows.forEach((row, m) => {
    const at = m * MECHANISM_COLUMNS;
    mechanisms[at + MECHANISM_COLUMN.mode] = MODES.indexOf(row.mode);
    mechanisms[at + MECHANISM_COLUMN.delayTicks] = row.delayTicks ?? 0;
    mechanisms[at + MECHANISM_COLUMN.anyInput] = row.anyInput ? 1 : 0;
    mechanisms[at + MECHANISM_COLUMN.firstInput] = inputs.length / 2;
    mechanisms[at + MECHANISM_COLUMN.numInputs] = row.inputs.length;
    mechanisms[at + MECHANISM_COLUMN.firstEffect] = effects.length / 3;
    mechanisms[at + MECHANISM_COLUMN.numEffects] = row.effects.length;
    for (const input of row.inputs) {
      if ('plates' in input) inputs.push(0, place(...input.plates));
      else if ('lever' in input) inputs.push(1, place(input.lever, input.lever));
      else if ('clock' in input) inputs.push(3, constants.push(...input.clock) - 3);
      else inputs.push(2, input.mechanism);
    }
    for (const { from, to, on, off } of row.effects) effects.push(place(from, to), indexOfName(on), indexOfName(off));
  });
  return {
    numMechanisms: rows.length,
    mechanisms,
    inputs: Int32Array.from(inputs),
    effects: Int32Array.from(effects),
    names: rows.map((_, m) => `mechanism-${m}`),
  };
}

const NEVER_TICK = 1 << 30;

/** A task that no test reaches the end of: wait for 2^30 ticks. */
function waitForever(paletteSize: number, spareRegisters: number): MonitorProgram {
  const nodes = new Int32Array(NODE_COLUMNS);
  nodes[NODE_COLUMN.op] = MONITOR_OP.elapsed;
  nodes[NODE_COLUMN.violation] = -1;
  nodes[NODE_COLUMN.memory] = -1;
  return {
    nodes,
    numNodes: 1,
    lists: new Int32Array(0),
    numRegisters: 1 + spareRegisters,
    roots: Int32Array.of(0),
    numTasks: 1,
    achievements: new Int32Array(0),
    names: ['wait'],
    opaque: new Uint8Array(paletteSize),
  };
}

/** Sets words of agent i's action for the next step. */
export function setAction(engine: Engine, i: number, action: Partial<Record<keyof typeof ACTION_WORD, number>>): void {
  const words = engine.buffers.actionWords;
  words.fill(0, i * ACTION_WORDS, (i + 1) * ACTION_WORDS);
  for (const [name, value] of Object.entries(action))
    words[i * ACTION_WORDS + ACTION_WORD[name as keyof typeof ACTION_WORD]] = value as number;
}

/** Events of world w in the last tick, by name. */
export function eventsOf(engine: Engine, w = 0): { kind: EventName; agent: number; data0: number; data1: number; cause: number }[] {
  const { events, eventCount } = engine.buffers;
  return Array.from({ length: Math.min(eventCount[w], MAX_EVENTS_PER_TICK) }, (_, k) => {
    const [kind, agent, data0, data1, cause] = events.subarray(
      (w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS,
      (w * MAX_EVENTS_PER_TICK + k + 1) * EVENT_WORDS,
    );
    return { kind: EVENT_NAMES.get(kind)!, agent, data0, data1, cause };
  });
}

const EVENT_NAMES = new Map(Object.entries(EVENT).map(([name, id]) => [id, name as EventName]));

/** Steps n ticks with the actions set, and gives the events of all of them. */
export function stepTicks(engine: Engine, n: number): ReturnType<typeof eventsOf> {
  const seen: ReturnType<typeof eventsOf> = [];
  for (let k = 0; k < n; k++) {
    engine.step();
    seen.push(...eventsOf(engine));
  }
  return seen;
}

/** Feet at the floor centre of a cell, Q16. */
export function standAt(x: number, y: number, z: number): readonly [number, number, number] {
  return [(x << 16) + 32768, y << 16, (z << 16) + 32768];
}

/** Id of an item by its name. */
export function itemId(name: string): number {
  return itemByName(name, 'test').id;
}

/** Random u32 words of a test, by its seed: xorshift (Marsaglia 2003), so that failures repeat. */
export function randomWords(seed: number): () => number {
  let x = seed | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** Fills agent i's action with random words over their whole ranges; angles are any. */
export function setRandomAction(engine: Engine, i: number, next: () => number, interactions = true): void {
  const half = (range: number) => (next() % (2 * range + 1)) - range;
  const bit = (oneIn: number) => (next() % oneIn === 0 ? 1 : 0);
  setAction(engine, i, {
    forward: bit(3) ? half(4096) : 4096,
    strafe: bit(2) ? half(4096) : 0,
    jump: bit(4),
    sprint: bit(3),
    sneak: bit(8),
    turn: half(40000),
    look: half(20000),
    interact: interactions ? next() % 4 : 0,
    slot: interactions ? next() % 10 : 0,
    message: next() % 9,
  });
}
