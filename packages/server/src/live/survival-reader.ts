/** Reads what survival adds to a frame of one row out of an engine's state. Shapes as in the wire: A agents, M living mobs, P piles. */
import { type Engine, RECIPE_COLUMN, RECIPE_COLUMNS, type SurvivalTables, timeOfDay } from '@kinovox/physics';
import {
  AGENT_FLAG,
  DAY_TIME_PARTS,
  FRAME_MOB,
  FRAME_MOB_WORDS,
  FRAME_PILE,
  FRAME_PILE_WORDS,
  FRAME_SLOT,
  FRAME_SLOT_WORDS,
  FRAME_VITAL,
  FRAME_VITALS,
  FRAME_WHOLE,
  type FrameSurvival,
  INVENTORY_SLOTS,
  MAX_PILES,
  NO_DAY,
  PILE_WORD,
  PILE_WORDS,
} from '@kinovox/world';

export function readSurvivalPart(engine: Engine, survival: SurvivalTables, row: number): FrameSurvival {
  return {
    dayTime: survival.dayTicks === 0 ? NO_DAY : Math.floor((timeOfDay(engine, survival, row) * DAY_TIME_PARTS) / survival.dayTicks),
    vitals: readVitals(engine, survival, row),
    inventory: readInventory(engine, survival, row),
    mobs: readMobs(engine, survival.mobs?.numMobs ?? 0, row),
    piles: readPiles(engine, row),
  };
}

function readVitals({ state, program }: Engine, survival: SurvivalTables, row: number): Uint16Array {
  const { numAgents } = program;
  const words = new Uint16Array(numAgents * FRAME_VITALS);
  for (let a = 0; a < numAgents; a++) {
    const i = row * numAgents + a;
    const at = a * FRAME_VITALS;
    const recipe = state.craftRecipe[i];
    words[at + FRAME_VITAL.food] = state.food[i];
    words[at + FRAME_VITAL.breath] = survival.breathTicks === 0 ? FRAME_WHOLE : shareQ8(state.breath[i], survival.breathTicks);
    words[at + FRAME_VITAL.sleeping] = state.sleeping[i] > 0 ? 1 : 0;
    words[at + FRAME_VITAL.recipe] = recipe;
    if (recipe > 0)
      words[at + FRAME_VITAL.craftShare] = shareQ8(
        state.craftProgress[i],
        survival.recipes[(recipe - 1) * RECIPE_COLUMNS + RECIPE_COLUMN.ticks],
      );
    words[at + FRAME_VITAL.heldSlot] = state.heldSlot[i];
    words[at + FRAME_VITAL.respawnTicks] = Math.min(0xffff, state.respawnTimer[i]);
  }
  return words;
}

function readInventory({ state, program }: Engine, survival: SurvivalTables, row: number): Uint16Array {
  const numSlots = program.numAgents * INVENTORY_SLOTS;
  const words = new Uint16Array(numSlots * FRAME_SLOT_WORDS);
  for (let slot = 0; slot < numSlots; slot++) {
    const from = row * numSlots + slot;
    const count = state.inventoryCount[from];
    if (count <= 0) continue;
    const item = state.inventoryItem[from];
    const at = slot * FRAME_SLOT_WORDS;
    words[at + FRAME_SLOT.item] = item;
    words[at + FRAME_SLOT.count] = count;
    words[at + FRAME_SLOT.wear] = shareQ8(state.inventoryWear[from], survival.durability[item]);
  }
  return words;
}

function readMobs({ state }: Engine, numMobs: number, row: number): Int32Array {
  const words: number[] = [];
  for (let slot = 0; slot < numMobs; slot++) {
    const i = row * numMobs + slot;
    if ((state.mobFlags[i] & AGENT_FLAG.alive) === 0) continue;
    const mob = new Array<number>(FRAME_MOB_WORDS).fill(0);
    mob[FRAME_MOB.slot] = slot;
    mob[FRAME_MOB.posX] = state.mobPosX[i];
    mob[FRAME_MOB.posY] = state.mobPosY[i];
    mob[FRAME_MOB.posZ] = state.mobPosZ[i];
    mob[FRAME_MOB.yaw] = state.mobYaw[i];
    mob[FRAME_MOB.health] = state.mobHealth[i];
    mob[FRAME_MOB.mood] = state.mobMood[i];
    mob[FRAME_MOB.flags] = state.mobFlags[i];
    words.push(...mob);
  }
  return Int32Array.from(words);
}

function readPiles({ state }: Engine, row: number): Int32Array {
  const words: number[] = [];
  for (let pile = 0; pile < MAX_PILES; pile++) {
    const from = (row * MAX_PILES + pile) * PILE_WORDS;
    if (state.pile[from + PILE_WORD.cell] === 0) continue;
    const lying = new Array<number>(FRAME_PILE_WORDS).fill(0);
    lying[FRAME_PILE.cell] = state.pile[from + PILE_WORD.cell] - 1;
    lying[FRAME_PILE.item] = state.pile[from + PILE_WORD.item];
    lying[FRAME_PILE.count] = state.pile[from + PILE_WORD.count];
    words.push(...lying);
  }
  return Int32Array.from(words);
}

/** `part` of `whole` in 0..FRAME_WHOLE; 0 where there is no whole. Something of it left never reads as nothing. */
function shareQ8(part: number, whole: number): number {
  return whole <= 0 || part <= 0 ? 0 : Math.min(FRAME_WHOLE, Math.max(1, Math.floor((part * FRAME_WHOLE) / whole)));
}
