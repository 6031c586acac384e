// A village in which every rule of survival takes part: random play in it, and a ledger that holds what is in the world against what events say.
import type { Engine } from '@kinovox/physics';
import {
  AGENT_FLAG,
  EVENT,
  EVENT_WORDS,
  INTERACT,
  INVENTORY_SLOTS,
  MAX_EVENTS_PER_TICK,
  MAX_PILES,
  PILE_WORD,
  PILE_WORDS,
  type ScenarioInput,
} from '@kinovox/world';
import { type Ground, itemId, randomWords, setAction, standAt } from './fixture.js';
import { EDGE, survivalGround } from './survival-world.js';

export const AGENTS = 4;
const SPOTS = [
  [4, 4],
  [7, 4],
  [4, 7],
  [7, 7],
] as const;

type Survival = NonNullable<ScenarioInput['survival']>;

/** Mobs that fight, drop and trade, many of them and soon back. */
export const VILLAGE_MOBS: NonNullable<Survival['mobs']> = [
  { kind: 'cow', count: 3, health: 2, spawn: { everyTicks: 10, awayMetres: 1, light: [0, 15] } },
  { kind: 'zombie', count: 2, health: 3, byDay: 'nothing', spawn: { everyTicks: 20, awayMetres: 1, light: [0, 15] } },
  {
    kind: 'villager',
    count: 2,
    health: 200,
    trades: [
      { wants: 'cobblestone', gives: 'bread' },
      { wants: 'dirt', gives: 'torch', givesCount: 3 },
    ],
    spawn: { everyTicks: 10, awayMetres: 0, light: [0, 15] },
  },
];

/** Four agents of two teams among all that survival knows, with materials in hand, hungry and at each other's throats. */
export function village(seed: number, numWorlds = 1, survival: Survival = {}, more: Partial<Ground> = {}) {
  const carried = ['oak_log', 'cobblestone', 'raw_iron', 'coal', 'bread', 'iron_pickaxe', 'wheat_seeds', 'sand'];
  return survivalGround({
    seed,
    numWorlds,
    starts: SPOTS.map(([x, z]) => standAt(x, 3, z)),
    yaws: [0, 1 << 30, -(1 << 30), 1 << 29],
    teams: [0, 1, 0, 1],
    boxes: [
      ['dirt', [0, 1, 0], [EDGE - 1, 1, EDGE - 1]],
      ['grass_block', [0, 2, 0], [EDGE - 1, 2, EDGE - 1]],
      ['stone', [10, 2, 3], [12, 5, 8]],
      ['iron_ore', [9, 3, 5], [9, 4, 6]],
      ['sand', [2, 3, 9], [6, 5, 9]],
      ['oak_log', [3, 3, 10], [3, 6, 10]],
      ['crafting_table', [5, 3, 5], [5, 3, 5]],
      ['furnace', [6, 3, 5], [6, 3, 5]],
      ['white_bed', [5, 3, 6], [5, 3, 6]],
      ['torch', [10, 6, 4], [10, 6, 4]],
      ['oak_sapling', [8, 3, 11], [8, 3, 11]],
      ['wheat_crop', [6, 3, 11], [6, 3, 11]],
      ['water', [12, 2, 12], [13, 2, 13]],
      ['lava', [1, 2, 13], [2, 2, 14]],
    ],
    items: SPOTS.flatMap((_, agent) =>
      carried.map((name, k) => ({ agent, item: itemId(name), count: name === 'iron_pickaxe' ? 1 : 20 + k })),
    ),
    observe: true,
    ...more,
    survival: {
      hunger: { everyTicks: 15, starveEveryTicks: 10 },
      day: { lengthTicks: 400, startTick: 100, sleepTicks: 3 },
      growth: { cropTicks: 30, saplingTicks: 60 },
      breath: { ticks: 20 },
      recipes: {
        add: [
          { name: 'pebbles', inputs: { cobblestone: 1 }, output: 'gravel', count: 40 },
          { name: 'quick_iron', inputs: { raw_iron: 1 }, output: 'iron_ingot', station: 'furnace', ticks: 20, fuel: true },
        ],
      },
      respawn: 'spawn',
      respawnTicks: 15,
      stationReach: 8,
      ...survival,
    },
  });
}

type Keys = Parameters<typeof setAction>[2];
/** Radians of one unit of yaw and pitch. */
const RADIANS = Math.PI / 2 ** 31;

/** Random keys for all agents of a world, held for a while so that digging, eating and smelting come to an end. */
export class Villagers {
  readonly #held: Keys[] = [];
  constructor(
    readonly engine: Engine,
    readonly next: () => number,
    readonly w = 0,
  ) {}

  act(tick: number): void {
    const { engine, next } = this;
    for (let a = 0; a < AGENTS; a++) {
      if ((tick + 9 * a) % 40 === 0 || this.#held[a] === undefined) this.#held[a] = this.#drawKeys(a);
      const wander = { turn: (next() % 20001) - 10000, look: (next() % 16001) - 8000 };
      const aims = this.#held[a].interact === INTERACT.attack || this.#held[a].interact === INTERACT.give;
      setAction(engine, this.w * AGENTS + a, {
        ...this.#held[a],
        ...wander,
        ...(aims ? this.#towardsMob(a) : {}),
        slot: tick % 25 === a ? next() % 10 : 0,
      });
    }
  }

  /** Keys that turn to the nearest mob and walk at it; none where no mob lives. */
  #towardsMob(a: number): Keys {
    const { state, program } = this.engine;
    const numMobs = program.survival!.mobs?.numMobs ?? 0;
    const i = this.w * AGENTS + a;
    let nearest = Number.POSITIVE_INFINITY;
    let keys: Keys = {};
    for (let j = this.w * numMobs; j < (this.w + 1) * numMobs; j++) {
      if ((state.mobFlags[j] & AGENT_FLAG.alive) === 0) continue;
      const [dx, dy, dz] = [state.mobPosX[j] - state.posX[i], state.mobPosY[j] - state.posY[i], state.mobPosZ[j] - state.posZ[i]];
      const distance = Math.hypot(dx, dz);
      if (distance >= nearest) continue;
      nearest = distance;
      const turn = Math.atan2(-dx, -dz) - state.yaw[i] * RADIANS;
      const look = Math.atan2(dy - 40000, distance) - state.pitch[i] * RADIANS;
      keys = {
        forward: 4096,
        turn: Math.round(Math.atan2(Math.sin(turn), Math.cos(turn)) * 65536),
        look: Math.round(look * 65536),
      };
    }
    return keys;
  }

  #drawKeys(a: number): Keys {
    const { engine, next } = this;
    const kind = next() % 10;
    const recipes = engine.program.survival!.numRecipes;
    const keys = {
      forward: (next() % 3) * 2048,
      strafe: ((next() % 3) - 1) * 2048,
      jump: next() % 4 === 0 ? 1 : 0,
      interact: next() % 5 === 0 ? INTERACT.dig : kind,
      argument: kind === INTERACT.give ? next() % 3 : 1 + (next() % recipes),
    };
    // Half of those who craft know how, and some of these want iron.
    const mask = engine.actionMask(this.w, a);
    const first = INTERACT.sleep + 1;
    if (keys.interact === INTERACT.craft && next() % 4 === 0) keys.argument = recipes;
    if (keys.interact === INTERACT.craft && next() % 2 === 0)
      for (let k = 0; k < recipes && mask[first + keys.argument] === 0; k++) keys.argument = 1 + (keys.argument % recipes);
    return keys;
  }
}

/** Events that make items, or destroy nothing when they are lost at once: what they cause appears, or never was. */
const MAKES: readonly number[] = [EVENT.dug, EVENT.crafted, EVENT.smelted, EVENT.traded, EVENT.slain];
const MOST_EVENTS = 1 << 22;

/** Holds all items of a world, held and lying, against the events of each tick. */
export class Ledger {
  /** By event kind, how many were seen. */
  readonly seen = new Int32Array(64);
  /** By event id, whether it makes items. */
  readonly #makes = new Uint8Array(MOST_EVENTS);
  readonly #stock: Int32Array;
  readonly #change: Int32Array;
  readonly #blockItem = new Map<number, number>();

  constructor(
    readonly engine: Engine,
    readonly w = 0,
  ) {
    const { placedByItem, blocks, survival } = engine.program;
    const numItems = survival!.stack.length;
    this.#stock = new Int32Array(numItems);
    this.#change = new Int32Array(numItems);
    placedByItem.forEach((placed, item) => {
      if (placed > 0) this.#blockItem.set(blocks.registryId[placed], item);
    });
    this.#count(this.#stock, 1);
  }

  /** What is wrong after a step, in words; undefined when events explain every change. */
  audit(): string | undefined {
    const { engine, w } = this;
    const { events, eventCount } = engine.buffers;
    const count = eventCount[w];
    if (count > MAX_EVENTS_PER_TICK) return `${count} events in a tick, of which only ${MAX_EVENTS_PER_TICK} can be read`;
    const firstId = engine.state.numEvents[w] - count + 1;
    this.#change.fill(0);
    this.#count(this.#change, -1);
    for (let k = 0; k < count; k++) {
      const [kind, , data0, data1, cause] = events.subarray(
        (w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS,
        (w * MAX_EVENTS_PER_TICK + k + 1) * EVENT_WORDS,
      );
      this.seen[kind]++;
      if (MAKES.includes(kind)) this.#makes[firstId + k] = 1;
      this.#book(kind, data0, data1, this.#makes[cause] === 1);
    }
    // Stock before + what events say - stock after must be nothing.
    for (let item = 0; item < this.#change.length; item++) {
      const unexplained = 0 - this.#stock[item] - this.#change[item];
      if (unexplained !== 0) return `item ${item}: ${unexplained} that no event tells of`;
    }
    this.#stock.fill(0);
    this.#count(this.#stock, 1);
    return undefined;
  }

  #book(kind: number, data0: number, data1: number, isMade: boolean): void {
    if (kind === EVENT.mobDropped || ((kind === EVENT.gained || kind === EVENT.dropped) && isMade)) this.#change[data0] += data1;
    else if (kind === EVENT.consumed) this.#change[data0] -= data1;
    else if (kind === EVENT.ate || kind === EVENT.broke) this.#change[data0]--;
    else if (kind === EVENT.lost && !isMade) this.#change[data0] -= data1;
    else if (kind === EVENT.placed) this.#change[this.#blockItem.get(data1)!]--;
  }

  #count(into: Int32Array, by: number): void {
    const { inventoryCount, inventoryItem, pile } = this.engine.state;
    const { numAgents } = this.engine.program;
    for (let at = this.w * numAgents * INVENTORY_SLOTS; at < (this.w + 1) * numAgents * INVENTORY_SLOTS; at++)
      if (inventoryCount[at] > 0) into[inventoryItem[at]] += by * inventoryCount[at];
    for (let at = this.w * MAX_PILES * PILE_WORDS; at < (this.w + 1) * MAX_PILES * PILE_WORDS; at += PILE_WORDS)
      if (pile[at] !== 0) into[pile[at + PILE_WORD.item]] += by * pile[at + PILE_WORD.count];
  }
}

/** Random play of a village under audit. @returns agent-steps played, and how often each kind of event was seen. */
export function auditVillage(seed: number, ticks: number, survival: Survival = {}): { steps: number; seen: Int32Array } {
  const { engine } = village(seed, 1, survival, { observe: false });
  const villagers = new Villagers(engine, randomWords(seed + 76));
  const ledger = new Ledger(engine);
  for (let tick = 0; tick < ticks; tick++) {
    villagers.act(tick);
    engine.step();
    const wrong = ledger.audit();
    if (wrong !== undefined) throw new Error(`seed ${seed}, tick ${tick}: ${wrong}`);
  }
  return { steps: ticks * AGENTS, seen: ledger.seen };
}
