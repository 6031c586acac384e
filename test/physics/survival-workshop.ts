// A workshop and its story: an agent fells a log, crafts, sleeps, smelts, eats, and slays its rival, who returns; then both play at random.
import type { Engine } from '@kinovox/physics';
import { INTERACT } from '@kinovox/world';
import { itemId, setAction, setRandomAction, standAt } from './fixture.js';
import { EDGE, recipeArgument, survivalGround } from './survival-world.js';

const { attack, craft, dig, drop, eat, place, sleep } = INTERACT;
/** Half a turn in one tick, Q16 radians. */
const HALF_TURN = Math.round(Math.PI * 65536);

export function createWorkshop(): Engine {
  return survivalGround({
    starts: [standAt(8, 1, 8), standAt(8, 1, 10)],
    teams: [0, 1],
    seed: 5,
    observe: true,
    boxes: [
      ['oak_log', [8, 2, 7], [8, 2, 7]],
      ['sand', [8, 3, 7], [8, 3, 7]],
      ['white_bed', [8, 2, 6], [8, 2, 6]],
      ['crafting_table', [6, 1, 8], [6, 1, 8]],
      ['furnace', [10, 1, 8], [10, 1, 8]],
      ['dirt', [1, 0, 1], [EDGE - 2, 0, 4]],
      ['wheat_crop', [2, 1, 2], [5, 1, 3]],
      ['torch', [12, 1, 12], [12, 1, 12]],
    ],
    items: [
      ...(['bread', 'iron_sword', 'raw_iron', 'coal', 'cobblestone'] as const).map((name) => ({
        agent: 0,
        item: itemId(name),
        count: name === 'iron_sword' ? 1 : 12,
      })),
      { agent: 1, item: itemId('dirt'), count: 20 },
    ],
    survival: {
      hunger: { everyTicks: 40, starveEveryTicks: 20 },
      day: { lengthTicks: 400, startTick: 100, sleepTicks: 100 },
      growth: { cropTicks: 60, saplingTicks: 200 },
      respawn: 'spawn',
      respawnTicks: 20,
    },
  }).engine;
}

type Keys = Parameters<typeof setAction>[2];

/** What agent 0 does from each tick on; recipes by name. The night of tick 109 to 291 is for sleeping. */
const STORY: readonly (Keys & { from: number; recipe?: string })[] = [
  { from: 0, interact: dig },
  { from: 65, interact: craft, recipe: 'oak_planks' },
  { from: 66, interact: craft, recipe: 'stick' },
  { from: 67 },
  { from: 110, interact: sleep },
  { from: 140, interact: craft, recipe: 'iron_ingot' },
  { from: 350, interact: eat, slot: 1 },
  { from: 390, turn: HALF_TURN },
  { from: 391, interact: attack, slot: 2, forward: 2048 },
  { from: 640, interact: drop },
];
const STORY_TICKS = 700;

export function actInWorkshop(engine: Engine, tick: number, next: () => number): void {
  if (tick >= STORY_TICKS) {
    for (const a of [0, 1]) setRandomAction(engine, a, next);
    return;
  }
  const { from: _, recipe, ...keys } = STORY.filter(({ from }) => from <= tick).at(-1)!;
  setAction(engine, 0, { ...keys, ...(recipe === undefined ? {} : { argument: recipeArgument(engine.program, recipe) }) });
  setAction(engine, 1, tick < 650 ? {} : { interact: place, slot: 1, look: -4000 });
}
