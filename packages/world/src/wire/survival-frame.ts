/**
 * The part of a frame that worlds with survival add: time of day, how agents fare, what they carry, mobs, and items on the ground.
 * Shapes: A agents, M mobs that live, P piles that lie.
 */
import { INVENTORY_SLOTS, MAX_MOBS, MAX_PILES } from '../spec/state.js';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

/** Index of each vital of an agent in a frame, u16. */
export const FRAME_VITAL = {
  /** Half drumsticks. */
  food: 0,
  /** Share of the breath left, Q8: 0..256; FRAME_WHOLE where nobody drowns. */
  breath: 1,
  /** 1 = asleep. */
  sleeping: 2,
  /** Recipe being worked on + 1, in the order of `welcome.scenario.survival.recipes`; 0 is none. */
  recipe: 3,
  /** Share of that work done, Q8. */
  craftShare: 4,
  /** Selected slot of the inventory. */
  heldSlot: 5,
  /** Ticks until a dead agent returns; 0 is not waiting. */
  respawnTicks: 6,
} as const;
export const FRAME_VITALS = 7;

/** Index of each word of an inventory slot in a frame, u16. */
export const FRAME_SLOT = {
  /** Item id; 0 is empty. */
  item: 0,
  count: 1,
  /** Share of the tool's uses that is spent, Q8: 0..256; 0 for what does not wear. */
  wear: 2,
} as const;
export const FRAME_SLOT_WORDS = 3;

/** Index of each word of a mob in a frame; units and ranges of the state fields of those names. */
export const FRAME_MOB = { slot: 0, posX: 1, posY: 2, posZ: 3, yaw: 4, health: 5, mood: 6, flags: 7 } as const;
export const FRAME_MOB_WORDS = 8;

/** Index of each word of a pile in a frame: cell index, item id, how many. */
export const FRAME_PILE = { cell: 0, item: 1, count: 2 } as const;
export const FRAME_PILE_WORDS = 3;

/** A Q8 share of one. */
export const FRAME_WHOLE = 256;
/** Parts of a day that `dayTime` counts. */
export const DAY_TIME_PARTS = 65535;
/** `dayTime` of worlds where it is always noon. */
export const NO_DAY = 65535;

export interface FrameSurvival {
  /** Time of day in 1/DAY_TIME_PARTS of a day, 0 = sunrise; NO_DAY without days. u16. */
  dayTime: number;
  /** `[A, FRAME_VITALS]` */
  vitals: Uint16Array;
  /** `[A, INVENTORY_SLOTS, FRAME_SLOT_WORDS]` */
  inventory: Uint16Array;
  /** `[M, FRAME_MOB_WORDS]` by slot, ascending. */
  mobs: Int32Array;
  /** `[P, FRAME_PILE_WORDS]` */
  piles: Int32Array;
}

const SLOTS_WORDS = INVENTORY_SLOTS * FRAME_SLOT_WORDS;

/** Bytes that `writeSurvival` adds. */
export function survivalBytes(part: FrameSurvival | undefined): number {
  if (part === undefined) return 1;
  return 1 + 2 + 8 + (part.vitals.length + part.inventory.length) * 2 + (part.mobs.length + part.piles.length) * 4;
}

/** One byte says whether the part is there. */
export function writeSurvival(writer: ByteWriter, part: FrameSurvival | undefined): ByteWriter {
  if (part === undefined) return writer.u8(0);
  return writer
    .u8(1)
    .u16(part.dayTime)
    .u32(part.mobs.length / FRAME_MOB_WORDS)
    .u32(part.piles.length / FRAME_PILE_WORDS)
    .u16s(part.vitals)
    .u16s(part.inventory)
    .words(part.mobs)
    .words(part.piles);
}

/** @throws ProtocolError when the message ends before the part does, or states more mobs or piles than a world can hold. */
export function readSurvival(reader: ByteReader, numAgents: number): FrameSurvival | undefined {
  if (reader.u8() === 0) return undefined;
  const dayTime = reader.u16();
  const numMobs = reader.count('mobs', MAX_MOBS, FRAME_MOB_WORDS * 4);
  const numPiles = reader.count('piles', MAX_PILES, FRAME_PILE_WORDS * 4);
  return {
    dayTime,
    vitals: reader.u16s(numAgents * FRAME_VITALS),
    inventory: reader.u16s(numAgents * SLOTS_WORDS),
    mobs: reader.i32s(numMobs * FRAME_MOB_WORDS),
    piles: reader.i32s(numPiles * FRAME_PILE_WORDS),
  };
}
