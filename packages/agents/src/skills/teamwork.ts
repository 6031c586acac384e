/**
 * Getting to places together: doors that others hold open, and bridges that take the blocks of several.
 * No leader is elected by talk: every member sees the same world and follows the same rule, so the roles agree.
 * Doors: the joint plan of the door planner says whose move it is. Bridges: the lowest slot that has blocks begins; one that runs out goes
 * back to where it started, and the next goes as soon as its own blocks suffice for what is left.
 */

import { itemByName } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Destination, Navigator } from '../navigation/navigator.js';
import { MOVE, type PathStep } from '../navigation/path-search.js';
import { type DoorPlan, DoorPlanner, plateBox, triggersOf } from '../task/door-plan.js';
import type { Goal, Job } from '../task/job.js';
import type { Controls } from './controls.js';
import { type Cell, useCell } from './hands.js';
import { countBlocks } from './inventory.js';

/** Ticks for which a joint plan is kept. */
const PLAN_TICKS = 4;
/** Steps behind the first edit of a path within which a mate is in the way. */
const YIELD_STEPS = 24;
/** Ticks between looks whether mates have left the way. */
const YIELD_TICKS = 10;

export class Teamwork {
  readonly #view: AgentView;
  readonly #navigator: Navigator;
  readonly #doors: DoorPlanner;
  #plan: DoorPlan | undefined;
  #plannedAt = -PLAN_TICKS;
  #start: Cell = [0, 0, 0];
  #goals: readonly Goal[] = [];
  #mustYield = false;
  #lookedAt = -YIELD_TICKS;

  constructor(view: AgentView, navigator: Navigator) {
    this.#view = view;
    this.#navigator = navigator;
    this.#doors = new DoorPlanner(view);
  }

  reset(): void {
    this.#doors.reset();
    this.#plan = undefined;
    this.#plannedAt = -PLAN_TICKS;
    this.#start = this.#view.cellOf();
    this.#goals = [];
    this.#mustYield = false;
    this.#lookedAt = -YIELD_TICKS;
  }

  /** Goes to the place of a job, by the joint plan when there are doors. */
  go(c: Controls, job: Extract<Job, { kind: 'go' }>, goals: readonly Goal[]): void {
    if (this.#doors.hasDoors && this.#followDoors(c, goals)) return;
    const to = this.#destination(job);
    if (this.#isInTheWay(to)) {
      c.displace(0, 0, false);
      return;
    }
    if (this.#navigator.travel(c, to) === 'blocked') this.#bridgeTogether(c, to);
  }

  /** Has no work of its own: does its part of the joint plan, or stands still. */
  standBy(c: Controls, goals: readonly Goal[]): void {
    if (!(this.#doors.hasDoors && this.#followDoors(c, goals))) c.displace(0, 0, false);
  }

  /** Works a mechanism by its plates and levers, each member of the team another one. */
  work(c: Controls, mechanism: number): void {
    const view = this.#view;
    const one = view.level?.mechanisms[mechanism];
    if (one === undefined) return;
    const triggers = triggersOf(one as never).filter((trigger) => !('clock' in trigger));
    if (triggers.length === 0) {
      // Nobody but the clock works it.
      c.displace(0, 0, false);
      return;
    }
    const mates = view.roster.flatMap((agent, slot) => (agent.team === view.roster[view.slot].team && view.isAlive(slot) ? [slot] : []));
    const trigger = triggers[mates.indexOf(view.slot) % triggers.length] as { lever?: Cell; plate?: Cell };
    if (trigger.lever !== undefined) {
      if (view.blocks.signal[view.blockAt(...trigger.lever)] === 1) c.displace(0, 0, false);
      else useCell(c, this.#navigator, trigger.lever);
    } else this.#navigator.travel(c, { box: plateBox(trigger), accept: (x, y, z) => view.blocks.plate[view.blockAt(x, y, z)] === 1 });
  }

  /** Acts on the joint plan; false when it leaves this agent to its own goal. */
  #followDoors(c: Controls, goals: readonly Goal[]): boolean {
    const view = this.#view;
    if (goals.length > 0) this.#goals = goals;
    if (view.tick - this.#plannedAt >= PLAN_TICKS) {
      this.#plan = this.#doors.next(this.#goals);
      this.#plannedAt = view.tick;
    }
    const plan = this.#plan;
    if (plan === undefined) return false;
    if (plan.slot === view.slot) {
      const { action } = plan;
      if (action.kind === 'goal') return false;
      if (action.kind === 'lever') useCell(c, this.#navigator, action.cell);
      else this.#navigator.travel(c, { box: [...action.cell, ...action.cell] as never });
      return true;
    }
    // Another moves. Whoever holds a plate stays on it; a doorway is left to the one who moves.
    const plate = this.#doors.plateUnder(view.slot);
    if (plate !== undefined) this.#navigator.travel(c, { box: [...plate, ...plate] as never });
    else if (this.#doors.isDoorCell(...view.cellOf())) return false;
    else c.displace(0, 0, false);
    return true;
  }

  /** The cells of a job that no other agent stands in. */
  #destination({ box, near }: Extract<Job, { kind: 'go' }>): Destination {
    const view = this.#view;
    const isTaken = (x: number, y: number, z: number) => {
      for (let slot = 0; slot < view.numAgents; slot++) {
        if (slot === view.slot || !view.isAlive(slot)) continue;
        const [ox, oy, oz] = view.cellOf(slot);
        if (ox === x && oy === y && oz === z) return true;
      }
      return false;
    };
    const isNear = (x: number, y: number, z: number) =>
      near === undefined || (x + 0.5 - near.x) ** 2 + (y - near.y) ** 2 + (z + 0.5 - near.z) ** 2 <= near.metres * near.metres;
    return { box, accept: (x, y, z) => isNear(x, y, z) && !isTaken(x, y, z) };
  }

  /** Whether the way needs blocks and a mate is on it: on a bridge one block wide there is no room to pass. */
  #isInTheWay(to: Destination): boolean {
    const { tick } = this.#view;
    if (tick - this.#lookedAt >= YIELD_TICKS) {
      this.#lookedAt = tick;
      this.#mustYield = this.#isWayTaken(to);
    }
    return this.#mustYield;
  }

  #isWayTaken(to: Destination): boolean {
    const view = this.#view;
    if (view.numAgents < 2 || !view.onGround || !view.roster[view.slot].can.place || countBlocks(view) === 0) return false;
    if (this.#navigator.ahead.length > 0) return false;
    const path = this.#navigator.plan(view, to);
    const edit = path?.findIndex((step) => step.move === MOVE.bridge) ?? -1;
    if (path === undefined || edit < 0) return false;
    const { ground } = this.#navigator;
    const isNarrow = ({ x, y, z }: PathStep) =>
      [ground.isFooting(x + 1, y, z), ground.isFooting(x - 1, y, z), ground.isFooting(x, y, z + 1), ground.isFooting(x, y, z - 1)].filter(
        Boolean,
      ).length <= 2;
    const way = path.slice(0, edit + YIELD_STEPS).filter(isNarrow);
    for (let slot = 0; slot < view.numAgents; slot++) {
      if (slot === view.slot || !view.isAlive(slot)) continue;
      const [x, y, z] = view.cellOf(slot);
      if (way.some((step) => Math.abs(step.x - x) <= 1 && Math.abs(step.y - y) <= 1 && Math.abs(step.z - z) <= 1)) return true;
    }
    return false;
  }

  /** Its own blocks do not suffice: begins the bridge if it is the first with blocks, or waits where it started. */
  #bridgeTogether(c: Controls, to: Destination): void {
    const view = this.#view;
    const builders = view.roster.flatMap((agent, slot) =>
      agent.team === view.roster[view.slot].team && agent.can.place && startBlocks(view, slot) > 0 ? [slot] : [],
    );
    const others = builders.filter((slot) => slot !== view.slot).reduce((sum, slot) => sum + startBlocks(view, slot), 0);
    if (others > 0 && countBlocks(view) > 0 && builders[0] === view.slot) {
      if (this.#navigator.travel(c, { ...to, extraBlocks: others }) !== 'blocked') return;
    }
    const [x, y, z] = this.#start;
    this.#navigator.travel(c, { box: [x - 1, y - 1, z - 1, x + 1, y + 1, z + 1], mayEdit: false });
  }
}

/** Solid blocks that an agent carries at the start, as the scenario says. */
function startBlocks(view: AgentView, slot: number): number {
  let count = 0;
  for (const [name, items] of Object.entries(view.roster[slot].inventory)) {
    const placed = view.blockOfItem(itemByName(name).id);
    if (placed > 0 && view.blocks.solid[placed] === 1) count += items ?? 0;
  }
  return count;
}
