/**
 * Mirrored worlds with survival give mirrored states, bit for bit, where no draw takes part: digging with tools, crafting, building, falling sand,
 * fights, items dropped and picked up, death and return, in worlds mirrored in x and in z. Views pass no edge exactly: headings are random words.
 */
import type { Engine } from '@kinovox/physics';
import { INTERACT, INVENTORY_SLOTS, PILE_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type Box, eventsOf, itemId, randomWords, setAction } from './fixture.js';
import { EDGE, survivalGround } from './survival-world.js';

type Axis = 'x' | 'z';
const HALF_TURN = 0x80000000;
const SIDE_Q16 = EDGE << 16;
const HEIGHT = 12;
const CARRIED = ['oak_log', 'iron_pickaxe', 'iron_sword', 'sand', 'dirt', 'bread', 'cobblestone'];
/** What agents do, and the slot of what they need for it. */
const PURSUITS = [
  { interact: INTERACT.dig, slot: 2 },
  { interact: INTERACT.dig, slot: 5 },
  { interact: INTERACT.place, slot: 4 },
  { interact: INTERACT.craft, slot: 1 },
  { interact: INTERACT.attack, slot: 3 },
  { interact: INTERACT.drop, slot: 7 },
  { interact: INTERACT.give, slot: 5 },
  { interact: INTERACT.eat, slot: 6 },
];
const HOLD_TICKS = 40;
/** All cells are compared now and then: what differs in one stays so. */
const CELLS_EVERY = 20;
/** State words of an agent that do not change in a mirror. */
const SAME = [
  'posY',
  'velY',
  'health',
  'food',
  'craftRecipe',
  'craftProgress',
  'digProgress',
  'attackCooldown',
  'burnTicks',
  'respawnTimer',
  'flags',
] as const;

/** Sand on stone, a quarry, a table and a furnace, none of them where its mirror image is. */
const GROUND: Box[] = [
  ['dirt', [0, 0, 0], [EDGE - 1, 1, EDGE - 1]],
  ['stone', [5, 2, 2], [10, 4, 4]],
  ['dirt', [4, 2, 9], [9, 2, 9]],
  ['sand', [4, 3, 9], [9, 5, 9]],
  ['crafting_table', [3, 2, 6], [3, 2, 6]],
  ['furnace', [11, 2, 8], [11, 2, 8]],
];

function mirrorCell(v: number): number {
  return EDGE - 1 - v;
}

function mirrorBox([name, from, to]: Box, axis: Axis): Box {
  const k = axis === 'x' ? 0 : 2;
  const [low, high] = [[...from], [...to]];
  [low[k], high[k]] = [mirrorCell(to[k]), mirrorCell(from[k])];
  return [name, low, high];
}

function mirrorYaw(yaw: number, axis: Axis): number {
  return (axis === 'x' ? 0 - yaw : HALF_TURN - yaw) | 0;
}

interface Start {
  place: readonly [number, number, number];
  yaw: number;
}

function village(starts: readonly Start[], axis?: Axis): Engine {
  return survivalGround({
    starts: starts.map(({ place: [x, y, z] }) => [axis === 'x' ? SIDE_Q16 - x : x, y, axis === 'z' ? SIDE_Q16 - z : z] as const),
    yaws: starts.map(({ yaw }) => (axis === undefined ? yaw : mirrorYaw(yaw, axis))),
    teams: [0, 1],
    boxes: GROUND.map((box) => (axis === undefined ? box : mirrorBox(box, axis))),
    items: starts.flatMap((_, agent) => CARRIED.map((name) => ({ agent, item: itemId(name), count: name.startsWith('iron') ? 1 : 16 }))),
    survival: { day: { lengthTicks: 0 }, hunger: { everyTicks: 30 }, respawn: 'spawn', respawnTicks: 10 },
  }).engine;
}

/** Words of a world, seen in its mirror where an axis is given. */
function view({ state }: Engine, withCells: boolean, axis?: Axis): number[] {
  const x = (v: number) => (axis === 'x' ? SIDE_Q16 - v : v);
  const z = (v: number) => (axis === 'z' ? SIDE_Q16 - v : v);
  const vx = (v: number) => (axis === 'x' ? 0 - v : v);
  const vz = (v: number) => (axis === 'z' ? 0 - v : v);
  const cell = (at: number) => {
    const [cx, cz, cy] = [at % EDGE, Math.floor(at / EDGE) % EDGE, Math.floor(at / EDGE / EDGE)];
    return (cy * EDGE + (axis === 'z' ? mirrorCell(cz) : cz)) * EDGE + (axis === 'x' ? mirrorCell(cx) : cx);
  };
  const words: number[] = [];
  for (const i of [0, 1]) {
    words.push(x(state.posX[i]), z(state.posZ[i]), vx(state.velX[i]), vz(state.velZ[i]));
    words.push(axis === undefined ? state.yaw[i] : mirrorYaw(state.yaw[i], axis));
    words.push(state.digCell[i] === 0 ? -1 : cell(state.digCell[i] - 1), ...SAME.map((name) => state[name][i]));
    for (const field of [state.inventoryItem, state.inventoryCount, state.inventoryWear])
      words.push(...field.subarray(i * INVENTORY_SLOTS, (i + 1) * INVENTORY_SLOTS));
  }
  for (let at = 0; at < state.pile.length; at += PILE_WORDS)
    if (state.pile[at] !== 0) words.push(cell(state.pile[at] - 1), ...state.pile.subarray(at + 1, at + PILE_WORDS));
  for (let at = 0; withCells && at < EDGE * EDGE * HEIGHT; at++) words.push(state.voxels[cell(at)]);
  return words;
}

describe.each(['x', 'z'] as const)('a world with survival mirrored in %s', (axis) => {
  it('digs, builds, crafts, fights, drops and falls in mirror image', () => {
    const next = randomWords(axis === 'x' ? 71 : 72);
    const seen = new Map<string, number>();
    for (let run = 0; run < 8; run++) {
      const starts = [0, 1].map((a) => ({
        place: [(6 << 16) + (next() % 65536) + a * 98304, 2 << 16, (7 << 16) + (next() % 65536)] as const,
        yaw: next() | 0,
      }));
      const plain = village(starts);
      const mirrored = village(starts, axis);
      const { recipeNames } = plain.program.survival!;
      const keys: Parameters<typeof setAction>[2][] = [];
      for (let tick = 0; tick < 300; tick++) {
        for (const a of [0, 1]) {
          if ((tick + 17 * a) % HOLD_TICKS === 0 || keys[a] === undefined)
            keys[a] = {
              ...PURSUITS[next() % PURSUITS.length],
              argument: 1 + recipeNames.indexOf(['oak_planks', 'stick', 'furnace', 'charcoal'][next() % 4]),
              forward: (next() % 3) * 1500,
              jump: next() % 5 === 0 ? 1 : 0,
            };
          const [look, turn, strafe] = [(next() % 3001) - 1600, (next() % 4001) - 2000, (next() % 2001) - 1000];
          setAction(plain, a, { ...keys[a], look, turn, strafe });
          setAction(mirrored, a, { ...keys[a], look, turn: -turn, strafe: -strafe });
        }
        plain.step();
        mirrored.step();
        for (const { kind } of eventsOf(plain)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        const withCells = tick % CELLS_EVERY === CELLS_EVERY - 1;
        const [want, got] = [view(plain, withCells), view(mirrored, withCells, axis)];
        if (want.some((word, k) => word !== got[k])) expect(got, `run ${run}, tick ${tick}`).toEqual(want);
      }
    }
    for (const kind of ['dug', 'placed', 'crafted', 'attacked', 'dropped', 'fell', 'ate', 'gained'])
      expect(seen.get(kind) ?? 0, `${kind} must happen for this test`).toBeGreaterThan(0);
  });
});
