/**
 * How agents conduct themselves in an episode, beside whether they succeed: time in which they are stuck, messages, and who brought the task forward.
 * Read from state and events after each tick, of any policy alike. Limit: of a tick with more than 64 events, those that are stored.
 */
import type { BatchEnv } from '@kinovox/env';
import { AGENT_FLAG, EVENT, EVENT_WORDS, type EventName, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { mean } from './statistics.js';

/** Ticks without a deed and without leaving its place after which an agent counts as stuck, from the first of them. */
export const STUCK_TICKS = 100;
/** Q16 block: an agent that is farther from where it stood has left its place. */
const PLACE_RADIUS = 32768;

/** What an agent does by its own will to the world or to others. */
const DEEDS: readonly EventName[] = [
  'dug',
  'placed',
  'used',
  'said',
  'pushed',
  'crafted',
  'smelted',
  'ate',
  'dropped',
  'gave',
  'attacked',
  'slept',
  'traded',
  'struck',
  'slain',
  'pickedUp',
  'putDown',
  'threw',
];
const DEED_KINDS: ReadonlySet<number> = new Set(DEEDS.map((name) => EVENT[name]));

/** Of one episode. */
export interface Conduct {
  /** Ticks times agents that were alive. */
  agentTicks: number;
  /** Of these, in stretches of 100 ticks (5 s) and more in which the agent neither left half a metre around its place nor did anything. Waiting for others counts. */
  stuckTicks: number;
  messages: number;
  /**
   * Shares of the task's progress by agent id, sum 1: what a tick adds to the most progress so far goes in equal parts to the agents that did something in
   * that tick, else to those that moved, else to all. Empty where nothing was added.
   */
  contribution: Readonly<Record<string, number>>;
}

/** Over episodes. */
export interface ConductReport {
  /** 0..1 of the agents' ticks. */
  stuckShare: number;
  /** Mean of an episode, of all agents together. */
  messages: number;
  /** Mean over the episodes that had progress; empty where none had. Teams with tasks of their own have shares that sum to 1 each. */
  contribution: Readonly<Record<string, number>>;
}

/** Watches row 0. */
export class ConductMeter {
  readonly #env: BatchEnv;
  readonly #slots: readonly number[];
  readonly #ids: readonly string[];
  readonly #tasks: ArrayLike<number>;
  /** Place of each agent (Q16 x, y, z), and ticks at it without a deed. */
  readonly #places: Int32Array;
  readonly #still: Int32Array;
  readonly #before: Int32Array;
  #best: (number | undefined)[] = [];
  #gains: number[] = [];
  #agentTicks = 0;
  #stuckTicks = 0;
  #messages = 0;

  /** @param slots agents that are watched. */
  constructor(env: BatchEnv, slots: readonly number[]) {
    this.#env = env;
    this.#slots = slots;
    this.#ids = env.agentIds;
    this.#tasks = env.engine.program.taskOfAgent;
    this.#places = new Int32Array(3 * env.numAgents);
    this.#before = new Int32Array(3 * env.numAgents);
    this.#still = new Int32Array(env.numAgents);
  }

  /** After a reset. */
  begin(): void {
    for (const slot of this.#slots) {
      this.#settle(slot);
      this.#readInto(this.#before, slot);
    }
    this.#best = [];
    this.#gains = this.#ids.map(() => 0);
    this.#agentTicks = 0;
    this.#stuckTicks = 0;
    this.#messages = 0;
  }

  /** After a tick. */
  note(): void {
    const { state } = this.#env.engine;
    const doers = this.#doers();
    const movers = new Set<number>();
    const present = this.#slots.filter((slot) => (state.flags[slot] & AGENT_FLAG.alive) !== 0 || doers.has(slot));
    for (const slot of present) {
      this.#agentTicks++;
      if (this.#hasMoved(slot)) movers.add(slot);
      if (doers.has(slot) || this.#hasLeft(slot)) {
        this.#settle(slot);
        continue;
      }
      const still = ++this.#still[slot];
      if (still === STUCK_TICKS) this.#stuckTicks += STUCK_TICKS;
      else if (still > STUCK_TICKS) this.#stuckTicks++;
    }
    this.#credit(doers, movers);
    for (const slot of this.#slots) this.#readInto(this.#before, slot);
  }

  /** Of the episode so far. */
  report(): Conduct {
    const total = this.#gains.reduce((a, b) => a + b, 0);
    const contribution = total === 0 ? {} : Object.fromEntries(this.#slots.map((slot) => [this.#ids[slot], this.#gains[slot] / total]));
    return { agentTicks: this.#agentTicks, stuckTicks: this.#stuckTicks, messages: this.#messages, contribution };
  }

  /** Watched agents that did something in the tick that has passed; counts messages. */
  #doers(): Set<number> {
    const { events, eventCount } = this.#env.engine.buffers;
    const doers = new Set<number>();
    for (let k = 0; k < Math.min(eventCount[0], MAX_EVENTS_PER_TICK); k++) {
      const [kind, slot] = [events[k * EVENT_WORDS], events[k * EVENT_WORDS + 1]];
      if (!DEED_KINDS.has(kind) || !this.#slots.includes(slot)) continue;
      doers.add(slot);
      if (kind === EVENT.said) this.#messages++;
    }
    return doers;
  }

  #credit(doers: ReadonlySet<number>, movers: ReadonlySet<number>): void {
    const { rootProgress } = this.#env.engine.outputs;
    for (const task of new Set(this.#slots.map((slot) => this.#tasks[slot]))) {
      const progress = rootProgress[task];
      const best = this.#best[task];
      this.#best[task] = Math.max(progress, best ?? progress);
      // The first tick says how far the task is at its start.
      if (best === undefined || progress <= best) continue;
      const mine = this.#slots.filter((slot) => this.#tasks[slot] === task);
      const authors = [doers, movers].map((some) => mine.filter((slot) => some.has(slot))).find((some) => some.length > 0) ?? mine;
      for (const slot of authors) this.#gains[slot] += (progress - best) / authors.length;
    }
  }

  #settle(slot: number): void {
    this.#still[slot] = 0;
    this.#readInto(this.#places, slot);
  }

  #hasMoved(slot: number): boolean {
    return this.#distance(this.#before, slot) > 0;
  }

  #hasLeft(slot: number): boolean {
    return this.#distance(this.#places, slot) > PLACE_RADIUS;
  }

  /** Q16 block from where an agent was. */
  #distance(from: Int32Array, slot: number): number {
    const { posX, posY, posZ } = this.#env.engine.state;
    return Math.hypot(posX[slot] - from[3 * slot], posY[slot] - from[3 * slot + 1], posZ[slot] - from[3 * slot + 2]);
  }

  #readInto(out: Int32Array, slot: number): void {
    const { posX, posY, posZ } = this.#env.engine.state;
    out[3 * slot] = posX[slot];
    out[3 * slot + 1] = posY[slot];
    out[3 * slot + 2] = posZ[slot];
  }
}

/** Sums up episodes. */
export function summariseConduct(episodes: readonly Conduct[]): ConductReport {
  const sum = (pick: (one: Conduct) => number) => episodes.reduce((total, one) => total + pick(one), 0);
  const agentTicks = sum((one) => one.agentTicks);
  const shares = new Map<string, number[]>();
  for (const { contribution } of episodes)
    for (const [agent, share] of Object.entries(contribution)) shares.set(agent, [...(shares.get(agent) ?? []), share]);
  return {
    stuckShare: agentTicks === 0 ? 0 : sum((one) => one.stuckTicks) / agentTicks,
    messages: episodes.length === 0 ? 0 : sum((one) => one.messages) / episodes.length,
    contribution: Object.fromEntries([...shares].map(([agent, list]) => [agent, mean(list)])),
  };
}
