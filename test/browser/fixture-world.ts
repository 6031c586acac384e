// A synthetic world for the viewer's tests: every state is a pure function of world, episode and tick, so that it can be sought.
import {
  AGENT_FLAG,
  createPalette,
  EVENT,
  EVENT_WORDS,
  FRAME_AGENT_WORDS,
  type Frame,
  type LevelInfo,
  mix32,
  PROP_WORDS,
  type ScenarioInfo,
  type StreamPosition,
  FRAME_AGENT_WORD as WORD,
  WORLD_STATUS,
} from '@kinovox/world';
import { ACHIEVEMENTS, HEALTH, plantGarden, survivalAt, survivalInfo } from './fixture-survival.js';

export const SIZE = [48, 28, 48] as const;
export const MAX_TICKS = 600;
/** A block is placed or dug every so many ticks. */
export const EDIT_EVERY = 8;

export const palette = createPalette([
  'stone',
  'dirt',
  'grass_block',
  'sand',
  'oak_log',
  'oak_leaves',
  'oak_planks',
  'stone_bricks',
  'glass',
  'water',
  'ladder',
  'torch',
  'lever',
  'stone_pressure_plate',
  'iron_door_open',
  'iron_door',
  'glowstone',
  'goal_pad',
  'start_pad',
  'gold_ore',
  'cobblestone',
  'red_wool',
  'blue_wool',
  'bricks',
  'birch_planks',
  'iron_bars',
  'vine',
  'farmland',
  'wheat_crop',
  'wheat_crop_1',
  'wheat_crop_2',
  'wheat_crop_3',
  'oak_sapling',
  'short_grass',
  'furnace',
]);
const P = (name: string) => palette.indexOfName(name);

const AGENTS = [
  { id: 'ada', team: 'builders', color: 0xe2704a },
  { id: 'bob', team: 'builders', color: 0xe2704a },
  { id: 'cleo', team: 'miners', color: 0x4a90e2 },
  { id: 'dan', team: 'miners', color: 0x4a90e2 },
] as const;

export const scenarioInfo: ScenarioInfo = {
  id: 'tower-v1',
  title: 'Four agents raise a tower by the lake',
  description: 'A synthetic world that moves, digs and builds without rules.',
  size: [...SIZE],
  maxTicks: MAX_TICKS,
  teams: [
    { id: 'builders', color: 0xe2704a },
    { id: 'miners', color: 0x4a90e2 },
  ],
  agents: AGENTS.map((agent) => ({ ...agent })),
  taskNames: ['tower'],
  nodes: [
    { name: 'the tower stands 20 blocks high', task: 0, depth: 1, node: 1 },
    { name: 'ada or bob stood on the goal pad', task: 0, depth: 1, node: 2 },
    { name: 'it never happened that anybody fell into the lake', task: 0, depth: 1, node: 3 },
  ],
  nodeNames: [
    'the whole task',
    'the tower stands 20 blocks high',
    'ada or bob stood on the goal pad',
    'it never happened that anybody fell into the lake',
  ],
  mechanismNames: ['gate'],
  symbols: ['help', 'here'],
  rewardNames: ['success', 'progress', 'effort'],
};

/** The same world with survival: its task has achievements. */
export const survivalScenarioInfo: ScenarioInfo = {
  ...scenarioInfo,
  nodes: [
    ...scenarioInfo.nodes,
    ...ACHIEVEMENTS.map((name, i) => ({ name, goal: `ada did: ${name}`, task: 0, depth: 1, node: scenarioInfo.nodeNames.length + i })),
  ],
  nodeNames: [...scenarioInfo.nodeNames, ...ACHIEVEMENTS],
  survival: survivalInfo,
};

export const cellOf = (x: number, y: number, z: number) => (y * SIZE[2] + z) * SIZE[0] + x;

/** Height of the ground at a column. */
function groundAt(world: number, x: number, z: number): number {
  const phase = (mix32(world) % 628) / 100;
  const height = 8 + 2.6 * Math.sin(x / 7 + phase) + 2.2 * Math.cos(z / 8 - phase * 1.7) + 1.2 * Math.sin((x + z) / 4.5);
  const flat = Math.hypot(x - 24, z - 24);
  return Math.round(flat < 9 ? 8 : flat < 13 ? 8 + ((height - 8) * (flat - 9)) / 4 : height);
}

/** Voxels at the start of every episode of a world. */
export function baseVoxels(world: number, survival = false): Uint8Array {
  const voxels = new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]);
  const put = (x: number, y: number, z: number, name: string) => {
    if (x >= 0 && x < SIZE[0] && y >= 0 && y < SIZE[1] && z >= 0 && z < SIZE[2]) voxels[cellOf(x, y, z)] = P(name);
  };
  for (let z = 0; z < SIZE[2]; z++) {
    for (let x = 0; x < SIZE[0]; x++) {
      const ground = groundAt(world, x, z);
      for (let y = 0; y < ground; y++)
        put(
          x,
          y,
          z,
          y === 0
            ? 'bedrock'
            : y < ground - 3
              ? mix32(cellOf(x, y, z)) % 40 === 0
                ? 'gold_ore'
                : 'stone'
              : y < ground - 1
                ? 'dirt'
                : ground <= 6
                  ? 'sand'
                  : 'grass_block',
        );
      for (let y = ground; y < 6; y++) put(x, y, z, 'water');
      if (ground > 7 && Math.hypot(x - 24, z - 24) > 14 && mix32(world * 77 + z * 48 + x) % 90 === 0) {
        for (let y = ground; y < ground + 5; y++) put(x, y, z, 'oak_log');
        for (let dy = 3; dy < 7; dy++)
          for (let dz = -2; dz <= 2; dz++)
            for (let dx = -2; dx <= 2; dx++)
              if (Math.abs(dx) + Math.abs(dz) + Math.abs(dy - 4) < 4 && !(dx === 0 && dz === 0 && dy < 5))
                put(x + dx, ground + dy, z + dz, 'oak_leaves');
      }
    }
  }
  // A hut with every thin shape on its floor.
  for (let y = 8; y < 12; y++)
    for (let i = 0; i < 7; i++)
      for (const [x, z] of [
        [27 + i, 27],
        [27 + i, 33],
        [27, 27 + i],
        [33, 27 + i],
      ])
        put(x, y, z, y === 10 && i > 1 && i < 5 ? 'glass' : 'bricks');
  for (const y of [8, 9]) put(30, y, 27, 'iron_door_open');
  for (let y = 8; y < 12; y++) put(26, y, 30, 'ladder');
  put(29, 8, 25, 'stone_pressure_plate');
  put(31, 8, 25, 'lever');
  put(25, 8, 29, 'torch');
  put(34, 8, 29, 'iron_bars');
  put(34, 8, 30, 'iron_bars');
  for (let i = 0; i < 3; i++) for (let k = 0; k < 3; k++) put(18 + i, 7, 28 + k, 'goal_pad');
  put(36, 9, 22, 'glowstone');
  if (survival) plantGarden(put);
  return voxels;
}

/** The one scripted edit of a tick, or undefined: a tower of planks grows, and a trench beside it deepens. */
export function editAt(tick: number): { cell: number; index: number; slot: number } | undefined {
  if (tick === 0 || tick % EDIT_EVERY !== 0) return undefined;
  const n = tick / EDIT_EVERY - 1;
  if (n % 2 === 0) {
    const k = n / 2;
    const ring = [
      [20, 20],
      [21, 20],
      [22, 20],
      [22, 21],
      [22, 22],
      [21, 22],
      [20, 22],
      [20, 21],
    ][k % 8];
    return {
      cell: cellOf(ring[0], 8 + Math.floor(k / 8), ring[1]),
      index: P(k % 3 === 0 ? 'birch_planks' : 'oak_planks'),
      slot: n % 4 === 0 ? 0 : 1,
    };
  }
  const k = (n - 1) / 2;
  return { cell: cellOf(12 + (k % 6), 7 - Math.floor(k / 18), 14 + (Math.floor(k / 6) % 3)), index: 0, slot: n % 4 === 1 ? 2 : 3 };
}

/** Voxels at the end of a tick. */
export function voxelsAt(world: number, tick: number, survival = false): Uint8Array {
  const voxels = baseVoxels(world, survival);
  for (let t = 0; t <= tick; t++) {
    const edit = editAt(t);
    if (edit !== undefined) voxels[edit.cell] = edit.index;
  }
  return voxels;
}

/** Event rows of a tick, and the id of the first. */
export function eventsAt(tick: number): { firstId: number; rows: Int32Array } | undefined {
  const edit = editAt(tick);
  if (edit === undefined) return undefined;
  const firstId = (tick / EDIT_EVERY - 1) * 2 + 1;
  const rows =
    edit.index === 0
      ? [EVENT.dug, edit.slot, edit.cell, 4, 0, EVENT.gained, edit.slot, 4, 1, firstId + 1]
      : [
          EVENT.placed,
          edit.slot,
          edit.cell,
          palette.registryIds[edit.index],
          0,
          EVENT.progressed,
          -1,
          1,
          Math.floor((tick * 16384) / MAX_TICKS),
          firstId + 1,
        ];
  return { firstId, rows: Int32Array.from(rows.slice(0, 2 * EVENT_WORDS)) };
}

export const levelInfo = (world: number): LevelInfo => ({
  size: [...SIZE],
  seed: String(1000 + world),
  variant: world % 1024,
  split: 'train',
  goalRegions: [
    {
      region: [
        [18, 8, 28],
        [20, 10, 30],
      ],
      label: 'stand here',
      color: 0x2fbf71,
    },
    {
      region: [
        [20, 8, 20],
        [22, 18, 22],
      ],
      label: 'tower',
      color: 0xe8b84a,
    },
  ],
  props: [
    { id: 'crate', shape: { kind: 'box', size: [1, 1, 1] }, color: 0xb98a55 },
    { id: 'ball', shape: { kind: 'ball', radius: 0.4 }, color: 0xd85a5a },
  ],
});

/** Ticks between two achievements. */
const ACHIEVEMENT_EVERY = 90;

/** `frameAt` of the world with survival. */
export function survivalFrameAt(position: StreamPosition, mobs = true): Frame {
  const frame = frameAt(position);
  const { tick } = position;
  frame.agents[WORD.health] = HEALTH;
  const achieved = ACHIEVEMENTS.flatMap((_, i) => (tick >= (i + 1) * ACHIEVEMENT_EVERY ? [1, 16384] : [0, 0]));
  const survival = survivalAt(tick, AGENTS.length, cellOf);
  return {
    ...frame,
    nodes: Int32Array.of(...frame.nodes, ...achieved),
    survival: mobs ? survival : { ...survival, mobs: new Int32Array(0) },
  };
}

/** Events that survival adds to those of `eventsAt` in a tick, as rows. */
export function survivalEventsAt(tick: number): number[] {
  const i = tick / ACHIEVEMENT_EVERY - 1;
  if (!Number.isInteger(i) || i < 0 || i >= ACHIEVEMENTS.length) return [];
  return [EVENT.slain, 0, 3, 5, 0, EVENT.progressed, -1, scenarioInfo.nodeNames.length + i, 16384, 0];
}

const Q16 = 65536;

/** The moving part of a world at the end of a tick. */
export function frameAt(position: StreamPosition): Frame {
  const { world, tick } = position;
  const agents = new Int32Array(AGENTS.length * FRAME_AGENT_WORDS);
  AGENTS.forEach((_, slot) => {
    const angle = tick / 38 + slot * 1.7 + world;
    const radius = 6.2 + slot * 0.9;
    const x = 24 + Math.cos(angle) * radius;
    const z = 24 + Math.sin(angle) * radius;
    const at = slot * FRAME_AGENT_WORDS;
    agents[at + WORD.posX] = x * Q16;
    agents[at + WORD.posY] = Math.max(8, groundAt(world, Math.floor(x), Math.floor(z))) * Q16;
    agents[at + WORD.posZ] = z * Q16;
    // Heading along the circle: forward is (-sin yaw, -cos yaw).
    agents[at + WORD.yaw] = Math.round((Math.atan2(Math.sin(angle), -Math.cos(angle)) / (2 * Math.PI)) * 4294967296) | 0;
    agents[at + WORD.pitch] = Math.round((Math.sin(tick / 20 + slot) * 0.3 * 4294967296) / (2 * Math.PI)) | 0;
    agents[at + WORD.flags] = AGENT_FLAG.alive | AGENT_FLAG.onGround;
    agents[at + WORD.health] = slot === 3 ? 12 : 20;
    agents[at + WORD.heldItem] = slot < 2 ? 10 : 0;
    const next = editAt((Math.floor(tick / EDIT_EVERY) + 1) * EDIT_EVERY)!;
    const digs = next.index === 0 && next.slot === slot;
    agents[at + WORD.digCell] = digs ? next.cell + 1 : 0;
    agents[at + WORD.digShare] = digs ? Math.floor(((tick % EDIT_EVERY) * 256) / EDIT_EVERY) : 0;
  });
  const props = new Int32Array(2 * PROP_WORDS);
  props.set([(30 + Math.sin(tick / 30)) * Q16, 8.5 * Q16, 20.5 * Q16, 0, Math.sin(tick / 60) * 16384, 0, Math.cos(tick / 60) * 16384], 0);
  props.set(
    [20 * Q16, 8.4 * Q16, (33 + Math.cos(tick / 25) * 2) * Q16, Math.sin(tick / 10) * 16384, 0, 0, Math.cos(tick / 10) * 16384],
    PROP_WORDS,
  );
  const progress = Math.min(16384, Math.floor((tick * 16384) / MAX_TICKS));
  return {
    ...position,
    status: WORLD_STATUS.running,
    agents,
    returns: Float32Array.from(AGENTS, (_, slot) => (tick / 100) * (1 - slot * 0.2)),
    rewardTerms: Float32Array.of(tick > 500 ? 1 : 0, tick / MAX_TICKS, -tick / 1500),
    roots: Int32Array.of(0, progress),
    nodes: Int32Array.of(0, progress, tick > 200 ? 1 : 0, tick > 200 ? 16384 : Math.floor((tick * 16384) / 200), tick > 450 ? 2 : 0, 0),
    props,
  };
}
