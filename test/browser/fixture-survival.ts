// The survival of the synthetic world: mobs of every kind on their rounds, a day that lasts an episode, a garden, items that lie and are carried.
import {
  AGENT_FLAG,
  DAY_TIME_PARTS,
  FRAME_MOB,
  FRAME_MOB_WORDS,
  FRAME_PILE_WORDS,
  FRAME_SLOT,
  FRAME_SLOT_WORDS,
  FRAME_VITAL,
  FRAME_VITALS,
  FRAME_WHOLE,
  type FrameSurvival,
  INVENTORY_SLOTS,
  itemByName,
  MOB_KINDS,
  MOB_MOOD,
  MOB_NAMES,
  type SurvivalInfo,
} from '@kinovox/world';

/** Tick at which the zombie is hurt, and at which it is dead. */
export const HURT_TICK = 120;
export const DEATH_TICK = 200;
/** Ticks of noon and of midnight; an episode is a day. */
export const NOON_TICK = 150;
export const MIDNIGHT_TICK = 450;
const DAY_TICKS = 600;
/** Half hearts of the first agent, half drumsticks of all. */
export const HEALTH = 13;
export const FOOD = 9;

export const survivalInfo: SurvivalInfo = {
  mostFood: 20,
  hunger: true,
  recipes: ['oak_planks', 'stick'],
  mobKinds: MOB_NAMES.map((kind) => ({ name: kind, kind, health: MOB_KINDS[kind].health })),
  mobKindBySlot: MOB_NAMES.map((_, i) => i),
};

/** Parts of the task that are ticked off; frames count them after the other parts. */
export const ACHIEVEMENTS = ['collect wood', 'place table', 'make pickaxe', 'eat cow', 'sleep', 'defeat zombie'];

const CARRIED: readonly (readonly [item: string, count: number, wear: number])[] = [
  ['iron_pickaxe', 1, 60],
  ['stone_sword', 1, 200],
  ['oak_planks', 37, 0],
  ['cobblestone', 64, 0],
  ['torch', 12, 0],
  ['apple', 3, 0],
  ['raw_iron', 5, 0],
];
const LYING: readonly (readonly [dx: number, dz: number, item: string, count: number])[] = [
  [-3, 1, 'diamond', 1],
  [-1, 3, 'oak_log', 9],
  [2, 2, 'wheat_seeds', 4],
];

/** What survival adds to the frame of a tick. @param cellOf index of a cell. */
export function survivalAt(tick: number, numAgents: number, cellOf: (x: number, y: number, z: number) => number): FrameSurvival {
  const vitals = new Uint16Array(numAgents * FRAME_VITALS);
  for (let a = 0; a < numAgents; a++) {
    vitals[a * FRAME_VITALS + FRAME_VITAL.food] = FOOD;
    vitals[a * FRAME_VITALS + FRAME_VITAL.breath] = a === 0 ? 100 : FRAME_WHOLE;
  }
  vitals[FRAME_VITAL.recipe] = 2;
  vitals[FRAME_VITAL.craftShare] = ((tick % 40) * FRAME_WHOLE) / 40;
  vitals[FRAME_VITAL.heldSlot] = 1;
  const inventory = new Uint16Array(numAgents * INVENTORY_SLOTS * FRAME_SLOT_WORDS);
  CARRIED.forEach(([item, count, wear], slot) => {
    inventory[slot * FRAME_SLOT_WORDS + FRAME_SLOT.item] = itemByName(item).id;
    inventory[slot * FRAME_SLOT_WORDS + FRAME_SLOT.count] = count;
    inventory[slot * FRAME_SLOT_WORDS + FRAME_SLOT.wear] = wear;
  });
  const piles = LYING.flatMap(([dx, dz, item, count]) => [cellOf(24 + dx, 8, 24 + dz), itemByName(item).id, count]);
  return {
    dayTime: Math.floor(((tick % DAY_TICKS) * DAY_TIME_PARTS) / DAY_TICKS),
    vitals,
    inventory,
    mobs: mobsAt(tick),
    piles: Int32Array.from(piles.slice(0, LYING.length * FRAME_PILE_WORDS)),
  };
}

/** Each mob walks a circle of its own on the flat ground in the middle. */
function mobsAt(tick: number): Int32Array {
  const words: number[] = [];
  MOB_NAMES.forEach((kind, slot) => {
    if (kind === 'zombie' && tick >= DEATH_TICK) return;
    const angle = tick / 60 + (slot * 2 * Math.PI) / MOB_NAMES.length;
    const mob = new Array<number>(FRAME_MOB_WORDS).fill(0);
    mob[FRAME_MOB.slot] = slot;
    mob[FRAME_MOB.posX] = Math.round((24 + Math.cos(angle) * 4) * 65536);
    mob[FRAME_MOB.posY] = 8 * 65536;
    mob[FRAME_MOB.posZ] = Math.round((24 + Math.sin(angle) * 4) * 65536);
    mob[FRAME_MOB.yaw] = Math.round((Math.atan2(Math.sin(angle), -Math.cos(angle)) / (2 * Math.PI)) * 4294967296) | 0;
    mob[FRAME_MOB.health] = kind === 'zombie' && tick >= HURT_TICK ? 6 : MOB_KINDS[kind].health;
    mob[FRAME_MOB.mood] = kind === 'zombie' ? MOB_MOOD.chase : MOB_MOOD.wander;
    mob[FRAME_MOB.flags] = AGENT_FLAG.alive | AGENT_FLAG.onGround;
    words.push(...mob);
  });
  return Int32Array.from(words);
}

/** A field with every stage of wheat, saplings and grass. */
export function plantGarden(put: (x: number, y: number, z: number, block: string) => void): void {
  const rows = ['wheat_crop', 'wheat_crop_1', 'wheat_crop_2', 'wheat_crop_3', 'oak_sapling', 'short_grass'];
  rows.forEach((plant, i) => {
    for (let x = 27; x < 32; x++) {
      put(x, 7, 18 + i, i < 4 ? 'farmland' : 'grass_block');
      put(x, 8, 18 + i, plant);
    }
  });
  put(24, 8, 21, 'torch');
  put(21, 8, 25, 'torch');
  put(26, 8, 18, 'furnace');
}
