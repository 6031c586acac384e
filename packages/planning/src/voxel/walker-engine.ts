/**
 * One walker alone in a level, moved by the engine's own stages: what a plan foresees is what the world does, word by word.
 * Data flow: words of the walker and cells in -> one row of ACTION_SPEC columns per tick -> words and cells out. Without other agents, props, mobs,
 * mechanisms, draws, survival and tasks: whoever follows a plan among those compares what came about with what was foreseen.
 */
import { BODY_WORDS, createCpuEngine, type Engine, NO_PROPS, type ScenarioProgram, SHOW, STAGES, type VariantData } from '@kinovox/physics';
import { ACTION_FIELDS, INVENTORY_SLOTS, invariant, type StateFieldName } from '@kinovox/world';

/** Words that make the walker's motion and the work of its hands; what else a walker has follows from them, or never matters alone. */
export const WALKER_FIELDS = [
  'posX',
  'posY',
  'posZ',
  'velX',
  'velY',
  'velZ',
  'yaw',
  'pitch',
  'flags',
  'health',
  'fallDistance',
  'jumpCooldown',
  'digCell',
  'digProgress',
  'heldSlot',
  'useCooldown',
] as const satisfies readonly StateFieldName[];
type WalkerField = (typeof WALKER_FIELDS)[number];
export const WALKER_WORD = Object.fromEntries(WALKER_FIELDS.map((name, k) => [name, k])) as Record<WalkerField, number>;
/** The fields above, then item and count of each inventory slot. */
export const WALKER_WORDS = WALKER_FIELDS.length + 2 * INVENTORY_SLOTS;
export const FIRST_ITEM = WALKER_FIELDS.length;

/** What a plan reads of a level: size in blocks, palette indices `[Y, Z, X]`, and the cells that must not be dug or built on. */
export interface WalkerLevel {
  readonly size: readonly [number, number, number];
  readonly voxels: Uint8Array;
  readonly protectedCells?: Uint32Array | undefined;
  readonly unbuildableCells?: Uint32Array | undefined;
}

const MOTION = new Set(['clear', 'begin', 'accelerate', 'sweep', 'interact', 'damage']);
/** Never reached: what is planned is shorter than an episode. */
const NO_LIMIT = 100_000;

export class WalkerEngine {
  private readonly engine: Engine;
  private readonly level: VariantData;
  readonly size: readonly [number, number, number];

  /** @param slot of the walker whose body, abilities and items it has. */
  constructor(
    program: ScenarioProgram,
    slot: number,
    readonly source: WalkerLevel,
  ) {
    this.size = source.size;
    const [sizeX, sizeY, sizeZ] = source.size;
    const rowWords = (sizeX + 31) >> 5;
    const lone = loneProgram(program, slot, source.size, rowWords);
    this.level = {
      variant: 0,
      voxels: source.voxels.slice(),
      rows: solidRows(source.voxels, program.blocks.solid, sizeX, rowWords),
      hash0: 0,
      hash1: 0,
      constants: new Int32Array(0),
      spawnFirst: Int32Array.of(0, 1),
      spawnPoints: Int32Array.of((sizeX << 16) >> 1, (sizeY - 1) << 16, (sizeZ << 16) >> 1),
      spawnYaw: Int32Array.of(0),
      protectedCells: source.protectedCells,
      unbuildableCells: source.unbuildableCells,
      propSpawns: [],
    };
    this.engine = createCpuEngine(
      { program: lone, variants: { get: () => this.level }, numWorlds: 1, seed: 0, autoreset: false, observe: false },
      { stages: STAGES.filter(({ name }) => MOTION.has(name)) },
    );
  }

  /** Palette indices as they are now. Read only. */
  get voxels(): Uint8Array {
    return this.engine.state.voxels;
  }

  /** Puts the level and the walker to where they shall be. @param words `[WALKER_WORDS]`. */
  begin(words: Int32Array, voxels: Uint8Array = this.source.voxels): void {
    const [sizeX] = this.size;
    this.level.voxels.set(voxels);
    this.level.rows = solidRows(voxels, this.engine.program.blocks.solid, sizeX, this.engine.program.rowWords);
    this.engine.reset();
    this.put(words);
  }

  /** Puts the walker alone, in the level as it has become. @param words `[WALKER_WORDS]`. */
  put(words: Int32Array): void {
    const { state } = this.engine;
    WALKER_FIELDS.forEach((name, k) => {
      state[name][0] = words[k];
    });
    for (let k = 0; k < INVENTORY_SLOTS; k++) {
      state.inventoryItem[k] = words[FIRST_ITEM + k];
      state.inventoryCount[k] = words[FIRST_ITEM + INVENTORY_SLOTS + k];
    }
  }

  /** One tick. @param action `[ACTION_FIELDS]` f32. */
  step(action: Float32Array): void {
    invariant(action.length === ACTION_FIELDS, `A walker takes ${ACTION_FIELDS} columns; got ${action.length}.`);
    this.engine.decode(action);
    this.engine.step(SHOW.nothing);
  }

  word(name: WalkerField): number {
    return this.engine.state[name][0];
  }

  readInto(out: Int32Array): void {
    const { state } = this.engine;
    for (let k = 0; k < WALKER_FIELDS.length; k++) out[k] = state[WALKER_FIELDS[k]][0];
    for (let k = 0; k < INVENTORY_SLOTS; k++) {
      out[FIRST_ITEM + k] = state.inventoryItem[k];
      out[FIRST_ITEM + INVENTORY_SLOTS + k] = state.inventoryCount[k];
    }
  }
}

/** The program of one agent in a level of any size, without what only others and tasks have. */
function loneProgram(program: ScenarioProgram, slot: number, size: readonly [number, number, number], rowWords: number): ScenarioProgram {
  const { survival, randomisation, carrying, vehicles, shaping, guidance, rivals, ...rest } = program;
  return {
    ...rest,
    numAgents: 1,
    agentIds: [program.agentIds[slot]],
    teams: [program.teams[slot]],
    size,
    rowWords,
    bodies: program.bodies.slice(slot * BODY_WORDS, (slot + 1) * BODY_WORDS),
    startItems: new Int32Array(INVENTORY_SLOTS),
    startCounts: new Int32Array(INVENTORY_SLOTS),
    mechanisms: {
      numMechanisms: 0,
      mechanisms: new Int32Array(0),
      inputs: new Int32Array(0),
      effects: new Int32Array(0),
      names: [],
    },
    monitor: {
      ...program.monitor,
      nodes: new Int32Array(0),
      numNodes: 0,
      lists: new Int32Array(0),
      numRegisters: 0,
      roots: new Int32Array(0),
      numTasks: 0,
      achievements: new Int32Array(0),
      names: [],
    },
    rewards: [],
    goals: [[]],
    maxTicks: NO_LIMIT,
    numVariants: 1,
    taskNames: [],
    achievementNames: [],
    taskOfAgent: new Uint8Array(1),
    numProps: 0,
    props: NO_PROPS,
  };
}

/** `[Y, Z, rowWords]` solidity bits of palette indices. @param solid `[palette]` 1 = solid. */
export function solidRows(voxels: Uint8Array, solid: Uint8Array, sizeX: number, rowWords: number): Uint32Array {
  const lines = voxels.length / sizeX;
  const rows = new Uint32Array(lines * rowWords);
  for (let line = 0; line < lines; line++)
    for (let x = 0; x < sizeX; x++) if (solid[voxels[line * sizeX + x]] === 1) rows[line * rowWords + (x >> 5)] |= 1 << (x & 31);
  return rows;
}
