/** How the state of agents and the tables of a program lie in f32 arrays for the `gpujs` kernels: columns, and what is packed how. */

/** Cells of a row in one float of solidity: f32 holds integers of 24 bits. */
export const CELLS_PER_FLOAT = 24;

/** Columns of the agent array, `[B, A, AGENT_COLUMNS]`. Angles are pairs: high half signed, low half in [0, 65535]. */
export const AGENT = {
  x: 0,
  y: 1,
  z: 2,
  velX: 3,
  velY: 4,
  velZ: 5,
  yawHigh: 6,
  yawLow: 7,
  pitchHigh: 8,
  pitchLow: 9,
  flags: 10,
  fall: 11,
  jumpCooldown: 12,
  health: 13,
  /** First of MOTION_WORDS words of the action, in the order of ACTION_WORD. */
  action: 14,
} as const;
export const MOTION_WORDS = 7;
export const AGENT_COLUMNS = AGENT.action + MOTION_WORDS;

/** Columns of `[B, WORLD_COLUMNS]`: place of the world's level in the pool, and 1 = lava burns in this tick. */
export const WORLD = { level: 0, burns: 1 } as const;
export const WORLD_COLUMNS = 2;

/** First float of each table in the one that kernels read: the first quadrant of the sine table, 2^-n for n below 24, bodies; blocks follow. */
export const SINE_ENTRIES = 1026;
export const TABLE = { sine: 0, halves: SINE_ENTRIES, bodies: SINE_ENTRIES + CELLS_PER_FLOAT } as const;

/** Columns of `[A, BODY_COLUMNS]`. */
export const BODY = { walk: 0, sprint: 1, air: 2, airSprint: 3, canJump: 4, push: 5 } as const;
export const BODY_COLUMNS = 6;

/** Columns of `[P, BLOCK_COLUMNS]`. */
export const BLOCK = { liquid: 0, climbable: 1, drag: 2, grip: 3, bouncy: 4 } as const;
export const BLOCK_COLUMNS = 5;

/** What the motion kernel gives per agent: four quads. `jump` is flags * 16 + jump cooldown. `fallen` is 0 unless a fall hurt. */
export const MOTION = {
  place: { x: 0, y: 1, z: 2, fall: 3 },
  motion: { velX: 0, velY: 1, velZ: 2, jump: 3 },
  view: { yawHigh: 0, yawLow: 1, pitchHigh: 2, pitchLow: 3 },
  harm: { fallen: 0, fallDamage: 1, lavaDamage: 2, health: 3 },
} as const;
export const MOTION_QUADS = 4;
/** Slots in a float of contacts: half a word of the state. Quads from MOTION_QUADS on hold four such floats each, where there are two agents or more. */
export const SLOTS_PER_FLOAT = 16;
export function numQuads(numAgents: number): number {
  return MOTION_QUADS + (numAgents < 2 ? 0 : Math.ceil(numAgents / (4 * SLOTS_PER_FLOAT)));
}
