/**
 * The state of a world as data: every word that a tick may read or write, with a stable id, unit, range and shape.
 * Layouts, hashes, docs and checks are derived from this table. Ids are never reused.
 * Shape: `agent` fields hold `width` words per agent slot, `world` fields `width` words per world; all words are i32.
 */

export type StateScope = 'agent' | 'world';

/** Widths that depend on the scenario. */
export type StateWidth =
  | number
  | 'slots'
  | 'ring'
  | 'contacts'
  | 'mechanisms'
  | 'registers'
  | 'props'
  | 'vehicles'
  | 'piles'
  | 'mobs'
  | 'trades'
  | 'hands'
  | 'grip';

export interface StateField {
  id: number;
  name: string;
  scope: StateScope;
  width: StateWidth;
  unit: string;
  /** Inclusive bounds of every word. */
  min: number;
  max: number;
  /** Words at the default add nothing to the hash. */
  defaultValue: number;
  description: string;
}

/** Field id of the voxel plane in hashes: index is the cell, value the block's registry id. */
export const VOXEL_FIELD_ID = 1;
/** Words of one message record: sender slot + 1, tick at which it can be read, symbol, text length, text hash. */
export const MESSAGE_WORDS = 5;
/** Records in an agent's message ring. */
export const MESSAGE_RING = 16;
/** Inventory slots of an agent. */
export const INVENTORY_SLOTS = 9;
/** Words of one prop: position (Q16), rotation (quaternion, Q14), velocity (Q16 per tick), angular velocity (Q16 rad per tick), sleeping. */
export const PROP_WORDS = 14;
/**
 * Words of one vehicle, beside the pose words of its chassis: steering angle (Q16 rad), bits of the wheels on the ground (bit 0: a quadcopter that
 * lies on something), then for each of four wheels or rotors the angle it has turned (2^-32 turn), its speed at the rim (Q16 m/s) or thrust
 * (Q16 of the largest), and how far its suspension is out (Q16 m). Wheels: front left, front right, rear left, rear right; a rover's: left, right, front, rear.
 */
export const VEHICLE_WORD = { steer: 0, contacts: 1, wheels: 2 } as const;
export const WHEEL_WORD = { turn: 0, level: 1, length: 2 } as const;
export const WHEEL_WORDS = 3;
/** Wheels or rotors of every vehicle. */
export const VEHICLE_WHEELS = 4;
export const VEHICLE_WORDS = 14;

/** Piles of items that lie in a world with survival; worlds without have none. */
export const MAX_PILES = 64;
/** Words of a pile: cell + 1 (0 is no pile), item, count, uses of a tool, episode tick from which it can be picked up, event id + 1. */
export const PILE_WORD = { cell: 0, item: 1, count: 2, wear: 3, readyTick: 4, cause: 5 } as const;
export const PILE_WORDS = 6;

/** Mobs that a world can hold: slots of all kinds of its scenario together. */
export const MAX_MOBS = 64;
/** Offers of a trader. */
export const MAX_TRADES = 4;

const I32 = { min: -2147483648, max: 2147483647 };
const q16Position = { unit: 'Q16 block', min: -(1 << 24), max: 1 << 24, defaultValue: 0 };
const q16Velocity = { unit: 'Q16 block/tick', min: -(1 << 18), max: 1 << 18, defaultValue: 0 };
type FieldRest = Omit<StateField, 'id' | 'name' | 'scope' | 'width'> & { width?: StateWidth };
type Named<N extends string> = StateField & { name: N };
const agent = <N extends string>(id: number, name: N, rest: FieldRest): Named<N> => ({ id, name, scope: 'agent', width: 1, ...rest });
const world = <N extends string>(id: number, name: N, rest: FieldRest): Named<N> => ({ id, name, scope: 'world', width: 1, ...rest });

export const STATE_SPEC = [
  agent(10, 'posX', { ...q16Position, description: 'Feet centre, east.' }),
  agent(11, 'posY', { ...q16Position, description: 'Feet, up.' }),
  agent(12, 'posZ', { ...q16Position, description: 'Feet centre, south.' }),
  agent(13, 'velX', { ...q16Velocity, description: 'Velocity carried into the next tick, east.' }),
  agent(14, 'velY', { ...q16Velocity, description: 'Velocity carried into the next tick, up.' }),
  agent(15, 'velZ', { ...q16Velocity, description: 'Velocity carried into the next tick, south.' }),
  agent(16, 'yaw', {
    unit: '2^-32 turn',
    ...I32,
    defaultValue: 0,
    description: 'Heading: 0 looks to -z, positive counter-clockwise seen from above.',
  }),
  agent(17, 'pitch', {
    unit: '2^-32 turn',
    min: -(1 << 30),
    max: 1 << 30,
    defaultValue: 0,
    description: 'Elevation of the view, positive up.',
  }),
  agent(18, 'flags', { unit: 'bits', min: 0, max: 65535, defaultValue: 0, description: 'AGENT_FLAG bits.' }),
  agent(19, 'health', { unit: 'half hearts', min: 0, max: 20, defaultValue: 20, description: 'Life left; 0 is dead.' }),
  agent(20, 'fallDistance', {
    unit: 'Q16 block',
    min: 0,
    max: 1 << 24,
    defaultValue: 0,
    description: 'Distance fallen since the last ground, water or ladder.',
  }),
  agent(21, 'jumpCooldown', { unit: 'ticks', min: 0, max: 10, defaultValue: 0, description: 'Ticks until a held jump key jumps again.' }),
  agent(22, 'digCell', { unit: 'cell index + 1', min: 0, max: 1 << 23, defaultValue: 0, description: 'Cell being dug; 0 is none.' }),
  agent(23, 'digProgress', { unit: 'ticks', min: 0, max: 1 << 16, defaultValue: 0, description: 'Ticks spent on digCell.' }),
  agent(24, 'heldSlot', { unit: 'slot', min: 0, max: INVENTORY_SLOTS - 1, defaultValue: 0, description: 'Selected inventory slot.' }),
  agent(25, 'inventoryItem', {
    width: 'slots',
    unit: 'item id',
    min: 0,
    max: 65535,
    defaultValue: 0,
    description: 'Item in each slot; 0 is empty.',
  }),
  agent(26, 'inventoryCount', { width: 'slots', unit: 'items', min: 0, max: 64, defaultValue: 0, description: 'Items in each slot.' }),
  agent(27, 'inventoryCause', {
    width: 'slots',
    unit: 'event id + 1',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Event that last filled the slot; parent of what is made of it.',
  }),
  agent(28, 'messageRing', {
    width: 'ring',
    unit: 'record words',
    ...I32,
    defaultValue: 0,
    description: 'The last messages received: sender + 1, readable from tick, symbol, text length, text hash.',
  }),
  agent(29, 'messageCount', {
    unit: 'messages',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Messages received this episode; the next record goes to count mod ring.',
  }),
  agent(30, 'lastMessageTick', {
    unit: 'tick + 1',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'When the agent last sent a message, for the rate limit.',
  }),
  agent(31, 'contacts', { width: 'contacts', unit: 'bits by slot', ...I32, defaultValue: 0, description: 'Agents touched in this tick.' }),
  agent(32, 'useCooldown', {
    unit: 'ticks',
    min: 0,
    max: 10,
    defaultValue: 0,
    description: 'Ticks until place or use acts again while held.',
  }),
  agent(33, 'food', { unit: 'half drumsticks', min: 0, max: 20, defaultValue: 20, description: 'Food left; 0 starves.' }),
  agent(34, 'foodTimer', { unit: 'ticks', min: 0, max: 1 << 20, defaultValue: 0, description: 'Ticks since hunger last took food.' }),
  agent(35, 'breath', {
    unit: 'ticks',
    min: -(1 << 16),
    max: 1 << 16,
    defaultValue: 300,
    description: 'Air left, in ticks under water; below 0 the agent drowns.',
  }),
  agent(36, 'attackCooldown', {
    unit: 'ticks',
    min: 0,
    max: 1 << 10,
    defaultValue: 0,
    description: 'Ticks until the agent can attack again.',
  }),
  agent(37, 'craftRecipe', { unit: 'recipe + 1', min: 0, max: 255, defaultValue: 0, description: 'Recipe being worked on; 0 is none.' }),
  agent(38, 'craftProgress', { unit: 'ticks', min: 0, max: 1 << 16, defaultValue: 0, description: 'Ticks spent on craftRecipe.' }),
  agent(39, 'inventoryWear', {
    width: 'slots',
    unit: 'uses',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Uses of the tool in each slot so far.',
  }),
  agent(40, 'sleeping', { unit: 'ticks', min: 0, max: 1 << 16, defaultValue: 0, description: 'Ticks asleep so far; 0 is awake.' }),
  agent(41, 'burnTicks', {
    unit: 'ticks',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Ticks of smelting left in the fuel that the agent burnt last.',
  }),
  agent(42, 'healTimer', {
    unit: 'ticks',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Ticks since food last healed, or starvation hurt.',
  }),
  agent(43, 'respawnTimer', {
    unit: 'ticks',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Ticks until a dead agent returns; 0 is not waiting.',
  }),
  agent(44, 'eatProgress', { unit: 'ticks', min: 0, max: 32, defaultValue: 0, description: 'Ticks spent on the bite in hand.' }),
  world(60, 'seedLow', { unit: 'u32', ...I32, defaultValue: 0, description: "Low half of the episode's seed." }),
  world(61, 'seedHigh', { unit: 'u32', ...I32, defaultValue: 0, description: "High half of the episode's seed." }),
  world(62, 'rowSeedLow', {
    unit: 'u32',
    ...I32,
    defaultValue: 0,
    description: "Low half of the row's seed, from which episode seeds are mixed.",
  }),
  world(63, 'rowSeedHigh', { unit: 'u32', ...I32, defaultValue: 0, description: "High half of the row's seed." }),
  world(64, 'episode', { unit: 'episodes', min: 0, max: I32.max, defaultValue: 0, description: 'Episodes that this row has finished.' }),
  world(65, 'tick', { unit: 'ticks', min: 0, max: 100000, defaultValue: 0, description: 'Ticks since the episode began.' }),
  world(66, 'variant', { unit: 'index', min: 0, max: I32.max, defaultValue: 0, description: 'Level variant of the episode.' }),
  world(67, 'status', { unit: 'WORLD_STATUS', min: 0, max: 3, defaultValue: 0, description: 'Running, succeeded, failed or out of time.' }),
  world(68, 'numEvents', {
    unit: 'events',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Events of this episode so far; the next event id.',
  }),
  world(69, 'mechanism', {
    width: 'mechanisms',
    unit: 'MECHANISM words',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Per mechanism: active bit, input bit, timer, last event id + 1.',
  }),
  world(70, 'register', {
    width: 'registers',
    unit: 'monitor words',
    ...I32,
    defaultValue: 0,
    description: 'Registers of the task monitors.',
  }),
  world(71, 'prop', {
    width: 'props',
    unit: 'pose words',
    ...I32,
    defaultValue: 0,
    description: 'Quantised rigid bodies: pose, velocity, sleep.',
  }),
  world(72, 'skippedTicks', {
    unit: 'ticks',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Ticks of night that sleepers skipped; they advance the time of day, not the episode.',
  }),
  world(73, 'pile', {
    width: 'piles',
    unit: 'PILE_WORD words',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Items that lie in cells until an agent walks over them.',
  }),
  world(105, 'vehicle', {
    width: 'vehicles',
    unit: 'VEHICLE_WORD words',
    ...I32,
    defaultValue: 0,
    description: 'What vehicles are beside the pose of their chassis: steering, contacts, wheels or rotors.',
  }),
  world(80, 'mobPosX', { width: 'mobs', ...q16Position, description: 'Feet centre of each mob, east.' }),
  world(81, 'mobPosY', { width: 'mobs', ...q16Position, description: 'Feet of each mob, up.' }),
  world(82, 'mobPosZ', { width: 'mobs', ...q16Position, description: 'Feet centre of each mob, south.' }),
  world(83, 'mobVelX', { width: 'mobs', ...q16Velocity, description: 'Velocity of each mob into the next tick, east.' }),
  world(84, 'mobVelY', { width: 'mobs', ...q16Velocity, description: 'Velocity of each mob into the next tick, up.' }),
  world(85, 'mobVelZ', { width: 'mobs', ...q16Velocity, description: 'Velocity of each mob into the next tick, south.' }),
  world(86, 'mobYaw', { width: 'mobs', unit: '2^-32 turn', ...I32, defaultValue: 0, description: 'Heading of each mob.' }),
  world(87, 'mobFlags', {
    width: 'mobs',
    unit: 'bits',
    min: 0,
    max: 65535,
    defaultValue: 0,
    description: 'AGENT_FLAG bits; not alive: the slot is empty.',
  }),
  world(88, 'mobHealth', { width: 'mobs', unit: 'half hearts', min: 0, max: 1000, defaultValue: 0, description: 'Life left of each mob.' }),
  world(89, 'mobFallDistance', {
    width: 'mobs',
    unit: 'Q16 block',
    min: 0,
    max: 1 << 24,
    defaultValue: 0,
    description: 'Distance that each mob has fallen.',
  }),
  world(90, 'mobJumpCooldown', {
    width: 'mobs',
    unit: 'ticks',
    min: 0,
    max: 10,
    defaultValue: 0,
    description: 'Ticks until a mob jumps again.',
  }),
  world(91, 'mobMood', { width: 'mobs', unit: 'MOB_MOOD', min: 0, max: 6, defaultValue: 0, description: 'What each mob is about.' }),
  world(92, 'mobMoodTicks', {
    width: 'mobs',
    unit: 'ticks',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Ticks that the mood of a mob still lasts.',
  }),
  world(93, 'mobTarget', {
    width: 'mobs',
    unit: 'slot + 1',
    min: 0,
    max: 512,
    defaultValue: 0,
    description: 'Whom each mob is after or flees from: agent slot + 1, or 257 + mob slot; 0 nobody.',
  }),
  world(94, 'mobWanderYaw', {
    width: 'mobs',
    unit: '2^-32 turn',
    ...I32,
    defaultValue: 0,
    description: 'Heading that a wandering mob has chosen.',
  }),
  world(95, 'mobAttackCooldown', {
    width: 'mobs',
    unit: 'ticks',
    min: 0,
    max: 1 << 10,
    defaultValue: 0,
    description: 'Ticks until each mob can attack again.',
  }),
  world(96, 'mobHome', {
    width: 'mobs',
    unit: 'cell index + 1',
    min: 0,
    max: 1 << 23,
    defaultValue: 0,
    description: 'Cell where each mob came to be.',
  }),
  world(97, 'mobTradesUsed', {
    width: 'trades',
    unit: 'trades',
    min: 0,
    max: 1 << 16,
    defaultValue: 0,
    description: 'Per mob, how often each of its offers was taken.',
  }),
  world(98, 'mobCause', {
    width: 'mobs',
    unit: 'event id + 1',
    min: 0,
    max: I32.max,
    defaultValue: 0,
    description: 'Event that last hurt each mob; parent of its death.',
  }),
  agent(102, 'carriedProp', {
    width: 'hands',
    unit: 'prop + 1',
    min: 0,
    max: 256,
    defaultValue: 0,
    description: 'Prop that the agent carries; 0 is none. Only in scenarios with `carrying`.',
  }),
  agent(103, 'carryLatch', {
    width: 'hands',
    unit: '0/1',
    min: 0,
    max: 1,
    defaultValue: 0,
    description: 'Whether the held key has picked up, put down or thrown already, and must be let go first.',
  }),
  agent(104, 'carryGrip', {
    width: 'grip',
    unit: 'Q14',
    min: -16384,
    max: 16384,
    defaultValue: 0,
    description: 'Turn of the carried prop about the upright axis, as seen from its carrier: y and w of a unit quaternion.',
  }),
] as const satisfies readonly StateField[];

export type StateFieldName = (typeof STATE_SPEC)[number]['name'];

/** Bits of the `flags` field. */
export const AGENT_FLAG = {
  alive: 1,
  onGround: 2,
  collidedHorizontally: 4,
  collidedVertically: 8,
  inWater: 16,
  onLadder: 32,
  sneaking: 64,
  sprinting: 128,
  inLava: 256,
  done: 512,
} as const;

/** Values of the `mobMood` field. */
export const MOB_MOOD = { idle: 0, wander: 1, flee: 2, chase: 3, hide: 4, return: 5 } as const;

/** Values of the `status` field. */
export const WORLD_STATUS = { running: 0, succeeded: 1, failed: 2, outOfTime: 3 } as const;

/** Words of one mechanism. */
export const MECHANISM_WORDS = 4;
