/**
 * Small synthetic worlds for the monitors: three agents, two mechanisms, two props and a few blocks, drawn tick by tick from a seed
 * and written straight into batch state, and random formulas about them. No engine runs.
 */
import { ConstantPool, compileTask } from '@kinovox/env';
import {
  type BatchState,
  createBatchState,
  createTickBuffers,
  DEED_WORDS,
  notePropStarts,
  runMonitors,
  type ScenarioProgram,
  type TickBuffers,
  type VariantData,
} from '@kinovox/physics';
import {
  AGENT_FLAG,
  blockByName,
  createPalette,
  DAMAGE,
  EVENT,
  INVENTORY_SLOTS,
  itemByName,
  MAX_EVENTS_PER_TICK,
  MECHANISM_WORDS,
  mobsOf,
  type Palette,
  PROP_WORDS,
  parseScenario,
  type ResolvedScenario,
  randomU32,
  resolveScenario,
} from '@kinovox/world';
import { compileMobs } from '../../packages/env/src/compile/mobs.js';
import { compileProps } from '../../packages/env/src/compile/props.js';
import { pushEvent } from '../../packages/physics/src/stages/events.js';
import type { Body, Cast, Deed, Moment } from './monitor-oracle.js';

export const SIZE = [8, 8, 8] as const;
export const CAST: Cast = {
  agents: [
    { id: 'ada', team: 'red', role: 'scout' },
    { id: 'bob', team: 'red' },
    { id: 'cyn', team: 'blue', role: 'scout' },
  ],
  props: ['crate', 'ball', 'post', 'tub'],
  shapes: [{ box: [1, 0.5, 2] }, { ball: 0.4 }, { capsule: { radius: 0.25, height: 1.5 } }, { container: { size: [3, 2, 3], wall: 0.25 } }],
  mechanisms: ['gate', 'lift'],
};
const SYMBOLS = ['go', 'stop'];
const BLOCKS = ['stone', 'oak_planks', 'glass'];
const ITEMS = ['stone', 'coal'];
/** Names of mobs and how many slots each has. */
const MOBS = { cow: 2, ghoul: 3, villager: 1 };
const MOB_NAMES = Object.entries(MOBS).flatMap(([name, slots]) => new Array<string>(slots).fill(name));

/** A scenario with everything that formulas can ask about, and the given task. */
export function createScenario(task: object = { elapsed: { ticks: 1 } }, maxTicks = 20, rest: object = {}): ResolvedScenario {
  const spawn = { at: [1, 1, 1] };
  const scenario = parseScenario(
    {
      version: 1,
      id: 'monitor-world-v1',
      title: 'A world for monitors',
      world: { size: [...SIZE], terrain: { generator: 'empty' }, edits: BLOCKS.map((set, i) => ({ set, at: [i, 0, 0] })) },
      agents: CAST.agents.map((agent) => ({ ...agent, body: 'walker', spawn })),
      mechanisms: CAST.mechanisms.map((id, i) => ({
        id,
        when: { any: [{ plate: [i, 1, 2] }, { lever: [i, 1, 4] }] },
        effects: [
          {
            region: [
              [i, 1, 6],
              [i, 2, 6],
            ],
            on: 'air',
            off: 'stone',
          },
        ],
      })),
      messages: { symbols: SYMBOLS },
      props: CAST.props.map((id, p) => ({ id, shape: CAST.shapes![p], spawn })),
      survival: {
        mobs: [
          { kind: 'cow', count: MOBS.cow },
          { kind: 'zombie', name: 'ghoul', max: MOBS.ghoul },
          { kind: 'villager', count: MOBS.villager },
        ],
      },
      task,
      episode: { maxTicks },
      ...rest,
    },
    'the test',
  );
  return resolveScenario(scenario, 'train', 0);
}

/** A world of monitors: `numWorlds` rows that play the same task. */
export interface MonitorBench {
  program: ScenarioProgram;
  state: BatchState;
  buffers: TickBuffers;
  palette: Palette;
  outputs: { rootStatus: Int32Array; rootProgress: Int32Array };
}

/** Compiles the scenario's task and allocates the state of `numWorlds` rows; each row may have variants of its own later. */
export function createBench(scenario: ResolvedScenario, numWorlds: number): MonitorBench {
  const palette = createPalette(scenario.resolved.palette);
  const constants = new ConstantPool();
  const task = compileTask(scenario, palette, constants);
  const program = {
    ...task,
    id: scenario.id,
    numAgents: scenario.agents.length,
    agentIds: scenario.agents.map((agent) => agent.id),
    teams: scenario.agents.map((agent) => agent.team),
    size: SIZE,
    rowWords: 1,
    mechanisms: { numMechanisms: scenario.mechanisms.length, names: scenario.mechanisms.map((mechanism) => mechanism.id) },
    maxTicks: scenario.episode.maxTicks,
    numProps: scenario.props.length,
    props: compileProps(scenario),
    survival: { mobs: compileMobs(mobsOf(scenario.survival ?? {}), [], SIZE, palette) },
  } as unknown as ScenarioProgram;
  const state = createBatchState(program, numWorlds);
  const variant = { constants: Int32Array.from(constants.values) } as VariantData;
  state.variants = Array.from({ length: numWorlds }, () => variant);
  const roots = task.monitor.roots.length * numWorlds;
  return {
    program,
    state,
    palette,
    buffers: createTickBuffers(numWorlds, program),
    outputs: { rootStatus: new Int32Array(roots), rootProgress: new Int32Array(roots) },
  };
}

/** Writes a moment as the state of world w after tick `tick`. */
export function writeMoment(bench: MonitorBench, w: number, moment: Moment, tick: number): void {
  const { state, buffers, program, palette } = bench;
  state.tick[w] = tick;
  for (const [slot, body] of moment.bodies.entries()) {
    const i = w * program.numAgents + slot;
    state.posX[i] = body.x;
    state.posY[i] = body.y;
    state.posZ[i] = body.z;
    state.yaw[i] = body.yaw;
    state.pitch[i] = body.pitch;
    state.health[i] = body.health;
    state.flags[i] = (body.alive ? AGENT_FLAG.alive : 0) | (body.sneaking ? AGENT_FLAG.sneaking : 0) | AGENT_FLAG.onGround;
    state.contacts[i] = body.touches.reduce((bits, other) => bits | (1 << other), 0);
    for (let k = 0; k < INVENTORY_SLOTS; k++) {
      const item = body.items[k];
      state.inventoryItem[i * INVENTORY_SLOTS + k] = item === undefined ? 0 : itemByName(item.item).id;
      state.inventoryCount[i * INVENTORY_SLOTS + k] = item?.count ?? 0;
    }
  }
  for (const [m, on] of moment.mechanisms.entries()) state.mechanism[(w * moment.mechanisms.length + m) * MECHANISM_WORDS] = on ? 1 : 0;
  const { numProps } = program;
  const place = (centres: Moment['props']) => {
    for (const [p, centre] of centres.entries()) state.prop.set(centre, (w * numProps + p) * PROP_WORDS);
  };
  if (tick === 1) {
    place(moment.propStarts ?? moment.props);
    notePropStarts(state, program, w);
  }
  place(moment.props);
  for (let p = 0; p < numProps; p++) {
    const at = (w * numProps + p) * PROP_WORDS;
    state.prop.set(moment.propTurns?.[p] ?? [0, 0, 0, 16384], at + 3);
    state.prop.set(moment.propVelocities?.[p] ?? [0, 0, 0], at + 7);
  }
  buffers.editCount[w] = moment.edited ? 1 : 0;
  if (moment.edited || tick === 1) {
    state.voxels.fill(0, w * state.cellsPerWorld, (w + 1) * state.cellsPerWorld);
    for (const [cell, block] of moment.blocks) {
      const [x, y, z] = cell.split(',').map(Number);
      state.voxels[w * state.cellsPerWorld + (y * SIZE[2] + z) * SIZE[0] + x] = palette.indexOfName(block);
    }
  }
  const first = w * program.numAgents;
  buffers.pushedProps.fill(0, first, first + program.numAgents);
  for (const { kind, agent, what } of moment.events) {
    if (kind === 'pushed') buffers.pushedProps[first + agent] |= 1 << CAST.props.indexOf(what);
  }
  buffers.deeds.fill(0, first * DEED_WORDS, (first + program.numAgents) * DEED_WORDS);
  buffers.mobKillers.fill(0, w * MOB_NAMES.length, (w + 1) * MOB_NAMES.length);
  // A full list of events must lose nothing that a task asks for.
  buffers.eventCount[w] = tick % 2 === 0 ? MAX_EVENTS_PER_TICK : 0;
  for (const deed of moment.events) pushDeed(bench, w, deed);
  buffers.eventCount[w] = 0;
}

/** The event that the rules report when an agent does this. */
function pushDeed({ state, buffers }: MonitorBench, w: number, { kind, agent, what, count = 1, other = -1 }: Deed): void {
  const push = (event: number, slot: number, data0: number, data1: number) => pushEvent(state, buffers, w, event, slot, data0, data1, 0);
  switch (kind) {
    case 'said':
      return void push(EVENT.said, agent, SYMBOLS.indexOf(what), 0);
    case 'dug':
      return void push(EVENT.dug, agent, 0, blockByName(what).id);
    case 'placed':
      return void push(EVENT.placed, agent, 0, blockByName(what).id);
    case 'crafted':
      return void push(count === 1 ? EVENT.smelted : EVENT.crafted, agent, itemByName(what).id, count);
    case 'ate':
      return void push(EVENT.ate, agent, itemByName(what).id, 1);
    case 'slept':
      return void push(EVENT.woke, agent, 1, 100);
    case 'killed':
      return void push(EVENT.died, other, DAMAGE.attack, agent + 1);
    case 'slew':
      return void push(EVENT.slain, agent, other, DAMAGE.attack);
    case 'traded':
      return void push(EVENT.traded, agent, MOB_NAMES.indexOf('villager'), itemByName(what).id);
    case 'gave':
      return void push(EVENT.gave, agent, other, itemByName(what).id);
  }
}

/** Writes and evaluates one tick of world w. */
export function stepBench(bench: MonitorBench, w: number, moment: Moment, tick: number): void {
  writeMoment(bench, w, moment, tick);
  runMonitors(bench.state, bench.buffers, bench.program, w, bench.outputs);
}

/** An agent that stands in a cell, alive and idle. */
export function bodyAt(x: number, y: number, z: number, rest: Partial<Body> = {}): Body {
  return {
    alive: true,
    x: (x + 0.5) * 65536,
    y: y * 65536,
    z: (z + 0.5) * 65536,
    yaw: 0,
    pitch: 0,
    sneaking: false,
    health: 20,
    items: [],
    touches: [],
    ...rest,
  };
}

/** A tick at which nothing happens and everybody stands apart. */
export function quietMoment(rest: Partial<Moment> = {}): Moment {
  const bodies = [bodyAt(1, 1, 1), bodyAt(3, 1, 3), bodyAt(6, 1, 6)];
  return {
    bodies,
    mechanisms: [false, false],
    blocks: new Map(),
    edited: false,
    events: [],
    props: [
      [0, 0, 0],
      [65536, 0, 0],
      [131072, 0, 0],
    ],
    ...rest,
  };
}

/** Draws in a row: `below(n)` is an integer in [0, n), `chance(p)` true with probability p. */
export class Dice {
  #draw = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(n: number): number {
    return randomU32(this.#seed, 0, 0, 0, 0, this.#draw++) % n;
  }

  chance(p: number): boolean {
    return this.below(1000) < p * 1000;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

/** An episode of n ticks; how restless it is differs from one to the next. */
export function drawTrace(dice: Dice, n: number): Moment[] {
  const restless = dice.pick([0.1, 0.3, 0.6]);
  const coordinate = () => dice.below(8 << 16);
  const place = (body: Body) => {
    body.x = coordinate();
    body.y = dice.below(5 << 16) - 32768;
    body.z = coordinate();
  };
  let bodies = CAST.agents.map(() => bodyAt(0, 1, 0));
  for (const body of bodies) place(body);
  let blocks = new Map<string, string>();
  let mechanisms = [dice.chance(0.3), dice.chance(0.3)];
  let props = CAST.props.map((): [number, number, number] => [coordinate(), coordinate(), coordinate()]);
  let propTurns = CAST.props.map(() => drawTurn(dice));
  let propVelocities = CAST.props.map(() => drawVelocity(dice));
  const propStarts = props;
  const trace: Moment[] = [];
  for (let t = 1; t <= n; t++) {
    bodies = bodies.map((old) => {
      const body = { ...old };
      if (!body.alive) return { ...body, touches: [] };
      if (dice.chance(restless)) place(body);
      else if (dice.chance(0.3)) body.x += dice.below(20000) - 10000;
      if (dice.chance(restless)) {
        body.yaw = (dice.below(65536) << 16) | 0;
        body.pitch = ((dice.below(32768) - 16384) << 15) | 0;
        body.sneaking = dice.chance(0.3);
      }
      if (dice.chance(0.2))
        body.items = Array.from({ length: dice.below(4) }, () => ({ item: dice.pick(ITEMS), count: 1 + dice.below(5) }));
      if (dice.chance(0.1)) body.health = 1 + dice.below(20);
      body.touches = dice.chance(0.15) ? [dice.below(3)] : [];
      if (dice.chance(0.01)) Object.assign(body, { alive: false, health: 0, touches: [] });
      return body;
    });
    // Contact is mutual, and never with oneself.
    bodies = bodies.map((body, slot) => {
      const touches = CAST.agents.flatMap((_, other) =>
        other !== slot && (body.touches.includes(other) || bodies[other].touches.includes(slot)) ? [other] : [],
      );
      return { ...body, touches: body.alive ? touches.filter((other) => bodies[other].alive) : [] };
    });
    const changed = t === 1 || dice.chance(0.3);
    if (changed) {
      blocks = new Map(blocks);
      const cell = [2 + dice.below(2), dice.below(3), 2 + dice.below(2)].join();
      if (dice.chance(0.3)) blocks.delete(cell);
      else blocks.set(cell, dice.pick(BLOCKS));
    }
    mechanisms = mechanisms.map((on) => (dice.chance(0.15) ? !on : on));
    props = props.map((p) => (dice.chance(restless) ? [coordinate(), coordinate(), coordinate()] : p));
    propTurns = propTurns.map((turn) => (dice.chance(restless) ? drawTurn(dice) : turn));
    propVelocities = propVelocities.map((v) => (dice.chance(restless) ? drawVelocity(dice) : v));
    if (dice.chance(restless)) stackSome(dice, props, propTurns);
    if (dice.chance(0.5 * restless)) putIn(dice, props);
    const events: Moment['events'] = [];
    for (const [agent, body] of bodies.entries()) {
      if (!body.alive) continue;
      if (dice.chance(0.15)) events.push({ kind: 'said', agent, what: dice.pick(SYMBOLS) });
      if (dice.chance(0.15)) events.push({ kind: 'dug', agent, what: dice.pick(BLOCKS) });
      if (dice.chance(0.1)) events.push({ kind: 'pushed', agent, what: dice.pick(CAST.props) });
      if (dice.chance(0.15)) events.push({ kind: 'placed', agent, what: dice.pick(BLOCKS) });
      if (dice.chance(0.15)) events.push({ kind: 'crafted', agent, what: dice.pick(ITEMS), count: dice.pick([1, 2, 4]) });
      if (dice.chance(0.15)) events.push({ kind: 'ate', agent, what: dice.pick(ITEMS) });
      if (dice.chance(0.1)) events.push({ kind: 'slept', agent, what: '' });
      if (dice.chance(0.15)) events.push({ kind: 'traded', agent, what: dice.pick(ITEMS) });
      const other = (agent + 1 + dice.below(2)) % CAST.agents.length;
      if (dice.chance(0.15)) events.push({ kind: 'gave', agent, what: dice.pick(ITEMS), other });
    }
    // Whom one agent killed in this tick, no other did.
    for (const [mob, what] of MOB_NAMES.entries())
      if (dice.chance(0.1)) events.push({ kind: 'slew', agent: dice.below(CAST.agents.length), what, other: mob });
    for (const other of CAST.agents.keys())
      if (dice.chance(0.08)) events.push({ kind: 'killed', agent: (other + 1 + dice.below(2)) % CAST.agents.length, what: '', other });
    trace.push({
      bodies,
      mechanisms,
      blocks,
      edited: (changed && t > 1) || dice.chance(0.1),
      events,
      props,
      propStarts,
      propTurns,
      propVelocities,
    });
  }
  return trace;
}

type Turn = [number, number, number, number];

/** Upright, a little tilted, any way, or upside down. */
function drawTurn(dice: Dice): Turn {
  if (dice.chance(0.1)) return [16384, 0, 0, 0];
  const most = dice.pick([0, 0, 1000, 16384]);
  const draw = () => dice.below(2 * most + 1) - most;
  const [x, y, z] = [draw(), dice.below(20000) - 10000, draw()];
  const w = 4000 + dice.below(12000);
  const length = Math.hypot(x, y, z, w);
  return [x, y, z, w].map((part) => Math.round((part * 16384) / length)) as Turn;
}

function drawVelocity(dice: Dice): [number, number, number] {
  const most = dice.pick([1, 2000, 8000]);
  const draw = () => dice.below(2 * most) - most;
  return [draw(), draw(), draw()];
}

/** Puts two props into the tub, or near it. */
function putIn(dice: Dice, props: [number, number, number][]): void {
  const [x, y, z] = props[3];
  const near = (most: number) => dice.below(2 * most) - most;
  for (const p of [1, dice.pick([0, 2])]) props[p] = [x + near(70000), y + near(30000), z + near(70000)];
}

/** Puts props above one another, upright, about as far apart as if they rested: now and then too far. */
function stackSome(dice: Dice, props: [number, number, number][], turns: Turn[]): void {
  const order = dice.pick([
    [0, 2, 1],
    [1, 0, 2],
    [2, 0],
    [0, 1],
  ]);
  const half = (p: number) => [0.25, 0.4, 0.75][p] * 65536;
  for (const p of order) turns[p] = [0, 0, 0, 16384];
  for (const [i, p] of order.slice(1).entries()) {
    const [x, y, z] = props[order[i]];
    const near = () => dice.below(20000) - 10000;
    props[p] = [x + near(), Math.round(y + half(order[i]) + half(p)) + dice.below(9000) - 4000, z + near()];
  }
}

export const COMBINATORS = ['all', 'any', 'sequence', 'until', 'before', 'within', 'never', 'not', 'count'] as const;

/** A random formula with all defaults written out: its root is of the given kind, below it at most `depth` levels. */
export function drawFormula(dice: Dice, depth: number, horizon: number, root?: (typeof COMBINATORS)[number]): object {
  if (depth <= 0 && root === undefined) return drawPredicate(dice, horizon);
  const kind = root ?? dice.pick([...COMBINATORS, 'predicate', 'predicate'] as const);
  const part = () => drawFormula(dice, depth - 1, horizon);
  const parts = (most: number) => Array.from({ length: 1 + dice.below(most) }, part);
  switch (kind) {
    case 'all':
    case 'any':
    case 'sequence':
      return { [kind]: parts(3) };
    case 'until':
      return { until: { hold: part(), goal: part() } };
    case 'before':
      return { before: { first: part(), then: part() } };
    case 'within':
      return { within: { goal: part(), ticks: 1 + dice.below(horizon + 2) } };
    case 'never':
      return { never: part() };
    case 'not':
      return { not: drawPredicate(dice, horizon) };
    case 'count':
      return { count: { of: parts(2), atLeast: 1 + dice.below(4) } };
    default:
      return drawPredicate(dice, horizon);
  }
}

export const PREDICATES = [
  'reach',
  'near',
  'holds',
  'below',
  'built',
  'triggered',
  'sees',
  'touched',
  'alive',
  'healthBelow',
  'said',
  'dug',
  'placed',
  'crafted',
  'ate',
  'slept',
  'killed',
  'traded',
  'survived',
  'propIn',
  'moved',
  'stacked',
  'inside',
  'upright',
  'speedBelow',
  'elapsed',
] as const;

const SOME_PROPS = ['crate', 'ball', 'post', ['crate', 'ball'], ['ball', 'post', 'crate']];
const ORDERS = [
  ['crate', 'post', 'ball'],
  ['ball', 'crate'],
  ['crate', 'ball'],
  ['post', 'crate'],
] as const;

/** A random predicate with all defaults written out. */
export function drawPredicate(dice: Dice, horizon: number, kind: (typeof PREDICATES)[number] = dice.pick(PREDICATES)): object {
  const selector = () => dice.pick<string | string[]>(['all', 'red', 'blue', 'scout', 'ada', 'bob', ['ada', 'cyn']]);
  const agents = { agents: selector(), quantifier: dice.pick(['all', 'any'] as const) };
  const region = () => {
    const low = [dice.below(6), dice.below(3), dice.below(6)];
    return [low, low.map((v) => Math.min(7, v + 1 + dice.below(5)))];
  };
  const target = () =>
    dice.pick<string | string[] | number[]>([
      'red',
      'blue',
      'all',
      'cyn',
      'crate',
      ['crate', 'ball'],
      [3, 1, 3],
      [dice.below(8), dice.below(4), dice.below(8)],
    ]);
  const anyItem = () => (dice.chance(0.5) ? { item: dice.pick(ITEMS) } : {});
  const some = () => ({ prop: dice.pick<string | string[]>(SOME_PROPS), quantifier: dice.pick(['all', 'any'] as const) });
  switch (kind) {
    case 'reach':
      return { reach: { ...agents, region: region(), each: dice.chance(0.3) } };
    case 'near':
      return { near: { ...agents, of: target(), metres: dice.pick([1.5, 2.5, 4, 6.25]) } };
    case 'holds':
      return { holds: { ...agents, item: dice.pick(ITEMS), atLeast: 1 + dice.below(6) } };
    case 'below':
      return { below: { ...agents, y: dice.pick([0, 0.5, 1, 2.25]) } };
    case 'built': {
      if (dice.chance(0.5))
        return {
          built: {
            region: [
              [dice.below(3), 0, 2],
              [3 + dice.below(2), 2, 3],
            ],
            block: dice.pick(BLOCKS),
            atLeast: 1 + dice.below(3),
          },
        };
      return {
        built: {
          pattern: Array.from({ length: 1 + dice.below(3) }, (_, i) => ({
            at: [2 + (i & 1), i >> 1, 2 + dice.below(2)],
            block: dice.pick(BLOCKS),
          })),
        },
      };
    }
    case 'triggered':
      return { triggered: { mechanism: dice.pick(CAST.mechanisms) } };
    case 'sees':
      return { sees: { ...agents, target: target(), rangeMetres: dice.pick([3, 5.5, 32]) } };
    case 'touched':
      return { touched: { ...agents, by: dice.pick<string | string[]>(['all', 'red', 'blue', 'bob', 'crate', ['crate', 'ball']]) } };
    case 'alive':
      return { alive: agents };
    case 'healthBelow':
      return { healthBelow: { ...agents, health: dice.pick([2, 5.5, 10, 18]) } };
    case 'said':
      return { said: { ...agents, symbol: dice.pick(SYMBOLS) } };
    case 'dug':
      return { dug: { ...agents, block: dice.pick(BLOCKS), atLeast: 1 + dice.below(3) } };
    case 'placed':
      return { placed: { ...agents, block: dice.pick(BLOCKS), atLeast: 1 + dice.below(3) } };
    case 'crafted':
      return { crafted: { ...agents, item: dice.pick(ITEMS), atLeast: 1 + dice.below(5) } };
    case 'ate':
      return { ate: { ...agents, ...anyItem(), atLeast: 1 + dice.below(3) } };
    case 'slept':
      return { slept: { ...agents, atLeast: 1 + dice.below(2) } };
    case 'killed':
      return { killed: { ...agents, ...(dice.chance(0.6) ? { mob: dice.pick(Object.keys(MOBS)) } : {}), atLeast: 1 + dice.below(2) } };
    case 'traded':
      return { traded: { ...agents, ...anyItem(), from: dice.pick(['traders', 'agents', 'any']), atLeast: 1 + dice.below(3) } };
    case 'survived':
      return { survived: { ...agents, ticks: 1 + dice.below(horizon) } };
    case 'propIn':
      return { propIn: { prop: dice.pick<string | string[]>(['crate', 'ball', ['crate', 'ball']]), region: region() } };
    case 'moved':
      return { moved: { ...some(), metres: dice.pick([0.5, 2, 4.25]) } };
    case 'stacked':
      return { stacked: { props: dice.pick([...ORDERS]), order: dice.pick(['given', 'any']) } };
    case 'inside': {
      if (dice.chance(0.5)) return { inside: { ...some(), container: 'tub' } };
      const low = [dice.below(3), dice.below(3), dice.below(3)];
      return { inside: { ...some(), region: [low, low.map((v) => v + 3 + dice.below(3))] } };
    }
    case 'upright':
      return { upright: { ...some(), tiltDeg: dice.pick([5, 30, 60, 120]) } };
    case 'speedBelow': {
      const of = dice.pick<string | string[]>([...SOME_PROPS, 'all', 'red', 'cyn']);
      return { speedBelow: { of, metresPerSecond: dice.pick([0.3, 1, 2.5]), quantifier: dice.pick(['all', 'any']) } };
    }
    default:
      return { elapsed: { ticks: dice.below(horizon + 2) } };
  }
}
