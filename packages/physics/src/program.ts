/**
 * A compiled scenario: plain typed arrays that drive every stage of a tick. Made by @kinovox/env, read by the engines.
 * `ScenarioProgram` is shared by all worlds of a batch; `VariantData` is what differs between level variants.
 * Shape letters: A agents, P palette entries, M mechanisms, C constants, T tasks, W reward terms.
 */
import type { Vehicle } from '@kinovox/world';
import type { CameraSpec, LidarSpec } from './camera/optics.js';
import type { MonitorProgram } from './monitor/program.js';
import type { SurvivalTables } from './survival/tables.js';

/** Rules per palette index. */
export interface BlockTables {
  /** `[P]` registry id. */
  registryId: Uint16Array;
  /** `[P]` 1 = full cube that stops bodies. */
  solid: Uint8Array;
  /** `[P]` 1 = a placed block may overwrite it. */
  replaceable: Uint8Array;
  /** `[P]` 0 none, 1 water, 2 lava. */
  liquid: Uint8Array;
  /** `[P]` 1 = ladder or vine. */
  climbable: Uint8Array;
  /** `[P]` 1 = a dig or use ray stops here (everything but air and liquids). */
  targetable: Uint8Array;
  /** `[P]` Q14 share of horizontal velocity kept per tick on this ground: slipperiness * 0.91, at most 16382. */
  groundDragQ14: Int32Array;
  /** `[P]` Q14 factor on ground acceleration: (0.6 / slipperiness)^3, at most 16384. */
  groundGripQ14: Int32Array;
  /** `[P]` 1 = bodies that land on it bounce (slime). */
  bouncy: Uint8Array;
  /** `[P]` ticks to dig by hand; -1 cannot be dug; also -1 where the scenario forbids it. */
  digTicks: Int32Array;
  /** `[P]` item id gained by digging; 0 none. */
  dropItem: Uint16Array;
  /** `[P]` palette index after `use` (lever, hand-operated door); own index where `use` does nothing. */
  usedState: Uint8Array;
  /** `[P]` 1 lever, 2 hand-operated door: what `use` acts on; 0 otherwise. */
  usable: Uint8Array;
  /** `[P]` 1 = gives a signal to mechanisms while it is in this state (a lever that is on). */
  signal: Uint8Array;
  /** `[P]` 1 = pressure plate. */
  plate: Uint8Array;
  /** `[P]` palette index of a plate's other state; own index otherwise. */
  plateState: Uint8Array;
}

/** Columns of `bodies`, one row per agent; the walker's scenario parameters. */
export const BODY_WORD = { speedQ16: 0, canJump: 1, canDig: 2, canPlace: 3, canUse: 4, canMessage: 5, team: 6, pushQ16: 7 } as const;
export const BODY_WORDS = 8;

/** Columns of `mechanisms`. Cells and regions are in the constants, so that they may differ between variants. */
export const MECHANISM_COLUMN = {
  /** 0 hold, 1 latch, 2 toggle. */
  mode: 0,
  delayTicks: 1,
  /** 0 = all inputs, 1 = any. */
  anyInput: 2,
  firstInput: 3,
  numInputs: 4,
  firstEffect: 5,
  numEffects: 6,
} as const;
export const MECHANISM_COLUMNS = 7;
/** Inputs: kind (0 plate region, 1 lever cell, 2 mechanism, 3 clock), constant index of a region's six words or a clock's three, or mechanism index. */
export const MECHANISM_INPUT_COLUMNS = 2;
/** Kind of an input that is another mechanism. */
export const MECHANISM_LINK = 2;
/** Kind of an input that is a clock. Its constants: ticks after which it begins anew, ticks for which it is on, tick at which it comes on first. */
export const MECHANISM_CLOCK = 3;
/** Effects: constant index of a region's six words, palette index when on, palette index when off. */
export const MECHANISM_EFFECT_COLUMNS = 3;

export interface MechanismTables {
  numMechanisms: number;
  /** `[M, MECHANISM_COLUMNS]` */
  mechanisms: Int32Array;
  inputs: Int32Array;
  effects: Int32Array;
  names: string[];
}

export interface MessageTables {
  enabled: boolean;
  numSymbols: number;
  /** Square of the range, in 1/64 block units; 0x7fffffff is everywhere. */
  rangeQ6: number;
  everyTicks: number;
  delayTicks: number;
  /** Losses per 256 messages. */
  loss256: number;
  teamOnly: boolean;
}

/** A named reward: `value` is paid when its monitor root changes as `on` says. */
export interface RewardTerm {
  name: string;
  on: 'success' | 'failure' | 'progress' | 'event';
  /** Root of the monitor program: a task for success, failure and progress; a formula whose rising edge pays for event. */
  root: number;
  /** Q16, |value| <= 256. For progress: paid times the change of progress in [0, 1]. */
  valueQ16: number;
  /** `[A]` 1 = this agent receives it. */
  agents: Uint8Array;
}

/** Values of `PropTables.shape`. A ramp is a wedge in its bounding box that rises toward +x; a capsule stands upright; a container is open above. */
export const PROP_SHAPE = { box: 0, ball: 1, capsule: 2, ramp: 3, container: 4 } as const;

/** What ties a prop to the world or to another prop. Vectors are in the prop's own frame, about its centre. */
export interface PropJoint {
  kind: 'hinge' | 'slider';
  prop: number;
  /** The prop that it is tied to; -1 the world. */
  other: number;
  /** Metres. */
  anchor: { x: number; y: number; z: number };
  /** Unit vector. */
  axis: { x: number; y: number; z: number };
  /** From where it starts, radians or metres. */
  limits: readonly [number, number] | undefined;
  /** N m s/rad or N s/m. */
  damping: number;
  /** N m or N. */
  friction: number;
}

/** Rigid bodies, one row per prop; N = `numProps`. Their place and motion is in the state field `prop`. */
export interface PropTables {
  ids: string[];
  /** `[N]` PROP_SHAPE. */
  shape: Uint8Array;
  /** `[N, 3]` half of the extent along x, y, z before it is turned, Q16 block. */
  halfExtentsQ16: Int32Array;
  /** `[N]` kg. */
  massKg: Float64Array;
  /** `[N]` Coulomb friction against terrain; between two props the mean of theirs. */
  friction: Float64Array;
  /** `[N]` share of speed kept in a bounce off terrain; between two props the mean of theirs. */
  restitution: Float64Array;
  /** `[N]` thickness of a container's floor and walls, Q16 block; 0 for other shapes. */
  wallQ16: Int32Array;
  joints: readonly PropJoint[];
  /** `[N]` index among the teams of the agents and props in order of first mention; -1 none. */
  team: Int32Array;
  /** `[N]` 0xrrggbb; -1 none given. */
  color: Int32Array;
}

/** What agents can do with props in their hands. */
export interface CarryTables {
  /** kg */
  maxMassKg: number;
  /** From the eyes to the surface of a prop, metres. */
  reachMetres: number;
  /** What a throw gives, N s. */
  throwImpulse: number;
}

/** The props of a scenario without any. */
export const NO_PROPS: PropTables = {
  ids: [],
  shape: new Uint8Array(0),
  halfExtentsQ16: new Int32Array(0),
  massKg: new Float64Array(0),
  friction: new Float64Array(0),
  restitution: new Float64Array(0),
  wallQ16: new Int32Array(0),
  joints: [],
  team: new Int32Array(0),
  color: new Int32Array(0),
};

/** Agents that are vehicles, V of them, by slot. The chassis of vehicle v is prop `firstProp + v`: those of the scenario come before. */
export interface VehicleTables {
  /** `[V]` slot of each vehicle's agent. */
  agents: Int32Array;
  /** `[A]` vehicle of each agent; -1 where it is a walker. */
  ofAgent: Int32Array;
  firstProp: number;
  /** `[V]` parameters, SI. */
  bodies: readonly Vehicle[];
}

/** Where a prop starts in a level. */
export interface PropSpawn {
  /** Candidate cells, x y z triples, on whose floor centre the prop rests; one is drawn at reset. Empty when `exact` is given. */
  cells: Int32Array;
  /** Exact Q16 position of its centre. */
  exact: readonly [number, number, number] | undefined;
  /** i32 angle. */
  yaw: number;
  /** Velocity that it starts with, m/s. Such a prop floats, nothing pulls it down, and it may start above the world: those that are to be in nobody's way. */
  drift?: readonly [number, number, number] | undefined;
}

export interface ObservationTables {
  nearestAgents: number;
  /** Edge of the cubic crop, odd; 0 is none. */
  crop: number;
  /** Goal entries per agent. */
  goals: number;
  inventory: boolean;
  messages: number;
  /** Names of the recipes of a scenario with survival: adds the groups `vitals`, `stations` and `craftable`. */
  recipes?: readonly string[] | undefined;
  /** Nearest mobs in the group `mobs`; 0 where there are none. */
  nearestMobs?: number;
  /** Nearest props in the group `props`; absent: no such group. */
  nearestProps?: number | undefined;
  /** Rows of the group `mechanisms`: at most as many as there are parts; absent: none. */
  mechanisms?: number | undefined;
  /** Steps along the way at which the group `guidance` shows a cell, 1..16; absent: no such group. */
  guidance?: number | undefined;
  /** The same of the group `rivalGuidance`. */
  rivalGuidance?: number | undefined;
  /** Whether there is the group `vehicle`: in scenarios with vehicles. */
  vehicle?: boolean | undefined;
  /** Pictures and lidar; engines leave them to the environment. */
  camera?: CameraSpec | undefined;
  lidar?: LidarSpec | undefined;
}

/** A goal as an agent sees it: the centre of a place or another agent, and the task node whose progress it shows. */
export interface GoalEntry {
  /** Shown as the goal's id; counts from 1. */
  id: number;
  kind: 'place' | 'agent' | 'prop';
  /** place: constant index of three Q16 words; agent or prop: its slot. */
  index: number;
  /** Monitor node whose status and progress the entry shows. */
  node: number;
  /** 1 is most urgent. */
  priority: number;
  /** Constant index of the tick by which it must be done. */
  deadline: number;
}

/** Which agents have a way that is measured, and along which field of the level: for shaping, and for the observation group `guidance`. */
export interface WayTables {
  /** `[A]` index among the fields of `VariantData.ways`; -1 = this agent has none. */
  wayOfAgent: Int32Array;
}

/** What the fields of the ways to agents of other teams are made by: teams, and the moves of a walker, whose bits `VariantData.arrivals` holds. */
export interface RivalTables {
  /** T */
  numTeams: number;
  numMoves: number;
  /** `[moves]` how far each goes in an array of cells, and what it costs in tenths of a metre. */
  offsets: Int32Array;
  costs: Int32Array;
}

/** Ranges of what an episode draws, as integers: the lowest value, and how many there are. A range that is not declared holds the neutral value alone. */
export interface RandomisationTables {
  speedLowQ12: number;
  speedSpan: number;
  jumpLowQ12: number;
  jumpSpan: number;
  frictionLowQ12: number;
  frictionSpan: number;
  /** Ticks; no stage reads them: whoever gives actions to an engine holds them back. */
  delayLow: number;
  delaySpan: number;
}

export interface ScenarioProgram {
  /** Content hash of the parsed scenario. */
  scenarioHash: string;
  id: string;
  numAgents: number;
  agentIds: string[];
  /** `[A]` team index of each agent. */
  teams: string[];
  /** Size in blocks, x y z. */
  size: readonly [number, number, number];
  /** u32 words per x-row of the solidity bitboard. */
  rowWords: number;
  blocks: BlockTables;
  /** Palette index a placed item becomes, by item id; absent items cannot be placed. */
  placedByItem: Uint8Array;
  /** `[A, BODY_WORDS]` */
  bodies: Int32Array;
  /** Inventory at the start: `[A, INVENTORY_SLOTS]` item ids and counts. */
  startItems: Int32Array;
  startCounts: Int32Array;
  mechanisms: MechanismTables;
  messages: MessageTables;
  monitor: MonitorProgram;
  rewards: RewardTerm[];
  observation: ObservationTables;
  /** Per agent, most urgent first; agents whose goals are hidden have none. */
  goals: GoalEntry[][];
  maxTicks: number;
  /** Level variants per split: 1..65536, or UNBOUNDED_VARIANTS. */
  numVariants: number;
  /** Names of the tasks, one per monitor task root; with several, a team each. */
  taskNames: string[];
  /** `[G]` names of `monitor.achievements`. */
  achievementNames: string[];
  /** `[A]` task root of each agent. */
  taskOfAgent: Uint8Array;
  /** Rigid bodies, the chassis of vehicles among them; only the rigid tier takes a program with any. */
  numProps: number;
  props: PropTables;
  /** Undefined where props cannot be carried. */
  carrying?: CarryTables | undefined;
  /** Undefined where all agents are walkers. */
  vehicles?: VehicleTables | undefined;
  /** Rules of survival; undefined when the scenario has none. */
  survival?: SurvivalTables | undefined;
  /** Undefined when episodes draw nothing. */
  randomisation?: RandomisationTables | undefined;
  /** Undefined unless shaping was asked for; no rule reads it, and it changes no state. */
  shaping?: WayTables | undefined;
  /** Undefined unless agents observe the group `guidance`. */
  guidance?: WayTables | undefined;
  /** Undefined unless agents observe the group `rivalGuidance`. */
  rivals?: RivalTables | undefined;
}

export interface VariantData {
  variant: number;
  /** `[Y, Z, X]` palette indices. */
  voxels: Uint8Array;
  /** `[Y, Z, rowWords]` solidity bits. */
  rows: Uint32Array;
  hash0: number;
  hash1: number;
  /** Numbers that parameters may change: region corners in blocks, goal centres in Q16, counts, ticks. */
  constants: Int32Array;
  /** `[A + 1]` first of each agent's points in `spawnPoints`; the next agent's first ends them. Every agent has at least one. */
  spawnFirst: Int32Array;
  /** Feet positions where agents may start, x y z triples, Q16; one is drawn at reset. */
  spawnPoints: Int32Array;
  /** Per agent, i32 angle. */
  spawnYaw: Int32Array;
  /** One bit per cell: 1 = cannot be dug. Undefined: nothing is protected. */
  protectedCells: Uint32Array | undefined;
  /** One bit per cell: 1 = nothing can be placed there. Undefined: everywhere can be built on. */
  unbuildableCells: Uint32Array | undefined;
  /** `[N]` where each prop starts. */
  propSpawns: readonly PropSpawn[];
  /** `[F, Y, Z, X]` tenths of a metre to the goals of each field, over a walker's moves through the level as it is made. Undefined without shaping and guidance. */
  ways?: Int32Array | undefined;
  /** `[F, Y, Z, X]` the next cell of the shortest way, itself in a goal; -1 where no way leads. Undefined without guidance. */
  onward?: Int32Array | undefined;
  /** `[Y, Z, X]` bit n = move n of a walker ends in this cell. Undefined without rival guidance. */
  arrivals?: Int32Array | undefined;
  /** `[Y, Z, X]` the cell itself where a walker can stand in it, from a free cell the first such below; -1 where there is none. Undefined without rival guidance. */
  footing?: Int32Array | undefined;
}

/** Where an engine takes level variants from at a reset; `get` must be a pure function of its argument. */
export interface VariantSource {
  get(variant: number): VariantData;
}
