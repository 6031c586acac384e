/**
 * What the stages of a tick share: the program, the state arrays under short names, and scratch that lives for one stage.
 * Created once per engine; nothing here allocates in a tick.
 */
import { AGENT_FLAG } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';
import { AIR_ACCELERATION_Q18, AIR_SPRINT_ACCELERATION_Q18, SPRINT_ACCELERATION_Q18, WALK_ACCELERATION_Q18 } from '../bodies/walker.js';
import type { StepOutputs } from '../engine.js';
import { OBSERVED_STATIONS, type ObservationBuffers } from '../observe/observation.js';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram, type VariantSource } from '../program.js';
import { STATION } from '../survival/tables.js';
import { mobParts } from './mobs/population.js';
import { createProgramTables, type ProgramTables } from './program-tables.js';
import { createRivalFields, type RivalFields } from './rival-fields.js';
import { createRecipeIndex, type RecipeIndex } from './survival/craftable.js';
import { createLevelIndex, type LevelIndex } from './survival/level-index.js';

export const ALIVE = AGENT_FLAG.alive;

export interface TickContext {
  program: ScenarioProgram;
  /** The program's lists as flat tables. */
  tables: ProgramTables;
  variants: VariantSource;
  state: BatchState;
  buffers: TickBuffers;
  outputs: StepOutputs;
  observations: ObservationBuffers;
  /** A */
  numAgents: number;
  sizeX: number;
  sizeY: number;
  sizeZ: number;
  rowWords: number;
  /** Whether any palette entry is a liquid, a ladder, slippery or bouncy: stages skip look-ups that cannot matter. */
  hasLiquid: boolean;
  hasClimbable: boolean;
  hasGround: boolean;
  hasPlates: boolean;
  hasUsable: boolean;
  /** Whether exactly the solid palette entries stop a view ray, so that it may be cast through the solidity rows. */
  solidStopsRays: boolean;
  /** Whether a block may be placed exactly in the palette entries that are not solid. */
  openGivesWay: boolean;
  /** Whether any palette entry falls, and the brightest lamp among them, 0..15: all none without survival. */
  hasLoose: boolean;
  brightest: number;
  /** `[A]` Q18 accelerations of each slot: walk, sprint, air, air while sprinting. */
  walkQ18: Int32Array;
  sprintQ18: Int32Array;
  airQ18: Int32Array;
  airSprintQ18: Int32Array;
  /** `[1]` the world that a stage is at, so that what fails can be told apart from the worlds beside it; see `enterWorld`. */
  cursor: Int32Array;
  /** `[B]` 1 = the row ends in this tick. */
  ending: Uint8Array;
  /** `[B]` 1 = the row is left as it is until this is 0 again; see `Engine.held`. */
  held: Uint8Array;
  /** Scratch of the interaction stage, `[A]`. */
  intentKind: Int32Array;
  intentCell: Int32Array;
  intentBlock: Int32Array;
  ray: Int32Array;
  /** Scratch of the sweep stage: motion kept at an edge, x and z. */
  edge: Int32Array;
  /** Scratch of the sweep stage: motion x, y, z over a step. */
  stepped: Int32Array;
  /** `[B, A, 6]` least and most motion along x, y, z that props leave in this tick, Q16; only on the rigid tier. */
  moveBounds: Int32Array | undefined;
  /** Scratch of the push stage, `[A]`. */
  pushX: Int32Array;
  pushZ: Int32Array;
  /** `[B, A]` flags at the start of the tick: who acted in it. */
  acted: Int32Array;
  /** `[B, roots]` status and Q14 progress after the tick before: what the monitor registers held when this tick began. */
  lastStatus: Int32Array;
  lastProgress: Int32Array;
  /** `[B, W]` 1 = the term paid nothing in the last tick, so its outputs are zero already. */
  quietTerms: Uint8Array;
  /** Contacts of this tick, `[A, ceil(A / 32)]` bits. */
  touching: Int32Array;
  /** `[P]` row + 1 in OBSERVED_STATIONS of the station that a block is, 0 none; scratch of their observation, a word per row. */
  stationRow: Uint8Array;
  nearPlace: Int32Array;
  nearSquare: Int32Array;
  /** The mobs as a population of its own: positions, actions and bodies are theirs, all else is shared. Undefined without mobs. */
  mobs: TickContext | undefined;
  /** What survival looks for in worlds and in recipes, derived; undefined without survival. */
  index: LevelIndex | undefined;
  recipeIndex: RecipeIndex | undefined;
  /** Ways to agents of other teams; undefined where nobody observes them. */
  rivals: RivalFields | undefined;
}

/**
 * The first statement of every stage's loop over worlds: what comes after it, up to the next call, touches world w alone.
 * Kernels on a device cannot fail: translations leave it out.
 */
export function enterWorld(c: TickContext, w: number): void {
  c.cursor[0] = w;
}

export type TickContextParts = Pick<TickContext, 'program' | 'variants' | 'state' | 'buffers' | 'outputs' | 'observations'>;

export function createTickContext(parts: TickContextParts): TickContext {
  const c = createPopulation(parts);
  const { survival, size, rivals } = parts.program;
  if (rivals !== undefined) c.rivals = createRivalFields(rivals, parts.program, parts.state.layout.numWorlds);
  if (survival === undefined) return c;
  c.index = createLevelIndex(survival, parts.program.blocks.climbable, parts.state.layout.numWorlds, size[0] * size[2]);
  c.recipeIndex = createRecipeIndex(survival, c.acted.length);
  if (survival.mobs !== undefined) {
    c.mobs = createPopulation(mobParts(parts, survival.mobs));
    c.mobs.index = c.index;
  }
  return c;
}

/** One function makes both populations, so that the motion stages meet objects of one shape. */
function createPopulation(parts: TickContextParts): TickContext {
  const { program, state } = parts;
  const { blocks, bodies, numAgents, survival } = program;
  const scaled = (baseQ18: number) =>
    Int32Array.from({ length: numAgents }, (_, a) => Math.round((baseQ18 * bodies[a * BODY_WORDS + BODY_WORD.speedQ16]) / 65536));
  return {
    ...parts,
    tables: createProgramTables(program),
    numAgents,
    sizeX: program.size[0],
    sizeY: program.size[1],
    sizeZ: program.size[2],
    rowWords: program.rowWords,
    hasLiquid: blocks.liquid.some((kind) => kind !== 0),
    hasClimbable: blocks.climbable.some((flag) => flag !== 0),
    hasGround: blocks.groundGripQ14.some((grip, p) => blocks.solid[p] === 1 && (grip !== 16384 || blocks.bouncy[p] === 1)),
    hasUsable: blocks.usable.some((kind) => kind !== 0),
    hasPlates: blocks.plate.some((flag) => flag !== 0),
    solidStopsRays: blocks.targetable.every((flag, p) => flag === blocks.solid[p]),
    openGivesWay: blocks.replaceable.every((flag, p) => flag === 1 - blocks.solid[p]),
    hasLoose: survival?.falls.some((flag) => flag !== 0) ?? false,
    brightest: survival === undefined ? 0 : Math.max(...survival.light),
    walkQ18: scaled(WALK_ACCELERATION_Q18),
    sprintQ18: scaled(SPRINT_ACCELERATION_Q18),
    airQ18: scaled(AIR_ACCELERATION_Q18),
    airSprintQ18: scaled(AIR_SPRINT_ACCELERATION_Q18),
    cursor: new Int32Array(1),
    ending: new Uint8Array(state.layout.numWorlds),
    held: new Uint8Array(state.layout.numWorlds),
    intentKind: new Int32Array(numAgents),
    intentCell: new Int32Array(numAgents),
    intentBlock: new Int32Array(numAgents),
    ray: new Int32Array(8),
    edge: new Int32Array(2),
    stepped: new Int32Array(3),
    moveBounds: undefined,
    pushX: new Int32Array(numAgents),
    pushZ: new Int32Array(numAgents),
    acted: new Int32Array(state.layout.numWorlds * numAgents),
    lastStatus: new Int32Array(state.layout.numWorlds * program.monitor.roots.length),
    lastProgress: new Int32Array(state.layout.numWorlds * program.monitor.roots.length),
    quietTerms: new Uint8Array(state.layout.numWorlds * program.rewards.length),
    touching: new Int32Array(numAgents * state.layout.width.contacts),
    stationRow: Uint8Array.from(blocks.solid, (_, p) =>
      survival === undefined
        ? 0
        : OBSERVED_STATIONS.findIndex((name) => (name === 'bed' ? survival.bed[p] === 1 : survival.stationOf[p] === STATION[name])) + 1,
    ),
    nearPlace: new Int32Array(OBSERVED_STATIONS.length),
    nearSquare: new Int32Array(OBSERVED_STATIONS.length),
    mobs: undefined,
    index: undefined,
    recipeIndex: undefined,
    rivals: undefined,
  };
}
