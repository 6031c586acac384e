/**
 * Mobs as a second population of walkers: the stages of motion run on it as they run on agents, with the same box and the same rules.
 * Differs from agents: mobs do not look up or down, and their actions are written by `steer.ts`.
 */
import { ACTION_WORDS } from '@kinovox/world';
import { PUSH_Q16 } from '../../bodies/walker.js';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import { MOB_COLUMNS, type MobTables } from '../../survival/mob-tables.js';
import type { TickContext, TickContextParts } from '../context.js';

/** Parts of the population of mobs, from those of the agents. */
export function mobParts(parts: TickContextParts, mobs: MobTables): TickContextParts {
  const { program, state, buffers } = parts;
  const { numMobs } = mobs;
  const numBodies = state.layout.numWorlds * numMobs;
  const bodies = new Int32Array(numMobs * BODY_WORDS);
  for (let slot = 0; slot < numMobs; slot++) {
    const row = slot * BODY_WORDS;
    bodies[row + BODY_WORD.speedQ16] = mobs.speedQ16[slot];
    bodies[row + BODY_WORD.canJump] = 1;
    bodies[row + BODY_WORD.team] = -1;
    bodies[row + BODY_WORD.pushQ16] = PUSH_Q16;
  }
  return {
    ...parts,
    // What an episode draws is drawn for agents.
    program: { ...program, numAgents: numMobs, bodies, randomisation: undefined },
    state: {
      ...state,
      posX: state.mobPosX,
      posY: state.mobPosY,
      posZ: state.mobPosZ,
      velX: state.mobVelX,
      velY: state.mobVelY,
      velZ: state.mobVelZ,
      yaw: state.mobYaw,
      pitch: new Int32Array(numBodies),
      flags: state.mobFlags,
      health: state.mobHealth,
      fallDistance: state.mobFallDistance,
      jumpCooldown: state.mobJumpCooldown,
    },
    buffers: { ...buffers, actionWords: new Int32Array(numBodies * ACTION_WORDS) },
  };
}

/** What a target word names from here on: a mob; below, agent slot + 1. */
const FIRST_MOB = 257;

/** Target word of an agent, and of a mob. */
export function wordOfAgent(a: number): number {
  return a + 1;
}
export function wordOfMob(slot: number): number {
  return FIRST_MOB + slot;
}

/** The population that a target word, not 0, points into. */
export function populationOf(c: TickContext, m: TickContext, target: number): TickContext {
  return target < FIRST_MOB ? c : m;
}

/** Slot of a target word in its population. */
export function slotOf(target: number): number {
  return target < FIRST_MOB ? target - 1 : target - FIRST_MOB;
}

/** First word of the kind of a mob slot in `MobTables.kinds`. */
export function kindRow(t: MobTables, slot: number): number {
  return t.kindOf[slot] * MOB_COLUMNS;
}
