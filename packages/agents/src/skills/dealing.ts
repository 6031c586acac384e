/**
 * Handing things over: to another agent, or to a trader for what it offers.
 * Who is behind a wall is met at an opening: the pair of cells, one on each side, from which one sees the head of the other in reach of the arm.
 * Both sides compute the same pair from the same map, so they need no words.
 */
import { MOB_COLUMN, MOB_COLUMNS, TRADE_COLUMN, TRADE_COLUMNS } from '@kinovox/env';
import type { AgentView } from '../agent-view.js';
import { footing, type Navigator } from '../navigation/navigator.js';
import { floodDistances } from '../navigation/zones.js';
import type { Controls } from './controls.js';
import { findSlot } from './inventory.js';
import { canSeeFrom } from './sight.js';

/** Height of a head, at which one looks to hand something over, metres. */
const HEAD = 1.45;
/** Level distance from which a hand-over reaches, metres. */
const ARM_METRES = 2.6;
/** Farthest cells of a meeting, along each axis. */
const SPAN = 2;
const RETHINK_TICKS = 100;
/** Ticks for which one stands at one opening while others wait at several. */
const TURN_TICKS = 160;

type Place = readonly [number, number, number];

export class Dealing {
  readonly #view: AgentView;
  readonly #navigator: Navigator;
  /** Where this agent meets another, by its slot; undefined: nowhere. */
  readonly #places = new Map<number, { tick: number; place: Place | undefined; isTogether: boolean }>();

  constructor(view: AgentView, navigator: Navigator) {
    this.#view = view;
    this.#navigator = navigator;
  }

  reset(): void {
    this.#places.clear();
  }

  /** Brings one of an item to another agent. */
  give(c: Controls, slot: number, item: number): void {
    const view = this.#view;
    const held = findSlot(view, (one) => one === item);
    if (held < 0) return;
    c.hold(held);
    if (this.#reaches(view.x(slot), view.y(slot), view.z(slot))) {
      c.displace(0, 0, false);
      if (c.lookAt(view.x(slot), view.y(slot) + HEAD, view.z(slot))) c.give();
      return;
    }
    const { place, isTogether } = this.#meeting(slot);
    const [x, y, z] = view.cellOf(slot);
    if (isTogether) this.#navigator.travel(c, { box: [x - 1, y - 1, z - 1, x + 1, y + 1, z + 1], mayEdit: false });
    else if (place !== undefined) this.#goTo(c, place);
  }

  /** Goes to where another can hand something over: to the openings at which others stand, by turns, or to the one with somebody nearest. */
  meet(c: Controls): void {
    const view = this.#view;
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    const waiting: Place[] = [];
    for (let slot = 0; slot < view.numAgents; slot++) {
      if (slot === view.slot || !view.isAlive(slot)) continue;
      const { place, isTogether } = this.#meeting(slot);
      if (isTogether || place === undefined) continue;
      const distance = (view.x(slot) - place[0] - 0.5) ** 2 + (view.z(slot) - place[2] - 0.5) ** 2;
      if (distance <= ARM_METRES * ARM_METRES) waiting.push(place);
      if (distance < least) [least, best] = [distance, place];
    }
    if (waiting.length > 1) best = waiting[Math.floor(view.tick / TURN_TICKS) % waiting.length];
    if (best === undefined) c.displace(0, 0, false);
    else this.#goTo(c, best);
  }

  /** Takes an offer of the nearest trader of a kind, with its price in hand. */
  trade(c: Controls, kind: number, offer: number, item: number): void {
    const view = this.#view;
    const held = findSlot(view, (one) => one === item);
    let mob = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < view.numMobs; other++) {
      if (!view.isMobAlive(other) || view.mobKind(other) !== kind || this.#isSoldOut(other, offer)) continue;
      const distance = (view.mobX(other) - view.x()) ** 2 + (view.mobZ(other) - view.z()) ** 2;
      if (distance < least) [least, mob] = [distance, other];
    }
    if (mob < 0 || held < 0) {
      c.displace(0, 0, false);
      return;
    }
    c.hold(held);
    if (this.#reaches(view.mobX(mob), view.mobY(mob), view.mobZ(mob))) {
      c.displace(0, 0, false);
      if (c.lookAt(view.mobX(mob), view.mobY(mob) + 0.9, view.mobZ(mob))) c.give(offer);
      return;
    }
    const [x, y, z] = [Math.floor(view.mobX(mob)), Math.floor(view.mobY(mob)), Math.floor(view.mobZ(mob))];
    this.#navigator.travel(c, { box: [x - 1, y - 1, z - 1, x + 1, y + 1, z + 1] });
  }

  #isSoldOut(mob: number, offer: number): boolean {
    const { kinds, trades } = this.#view.survival!.mobs!;
    const row = (kinds[this.#view.mobKind(mob) * MOB_COLUMNS + MOB_COLUMN.firstTrade] + offer) * TRADE_COLUMNS;
    const stock = trades[row + TRADE_COLUMN.stock];
    return stock > 0 && this.#view.tradesUsed(mob, offer) >= stock;
  }

  #goTo(c: Controls, [x, y, z]: Place): void {
    this.#navigator.travel(c, { box: [x, y, z, x, y, z], mayEdit: false });
  }

  #reaches(x: number, y: number, z: number): boolean {
    const view = this.#view;
    const [dx, dz] = [x - view.x(), z - view.z()];
    if (dx * dx + dz * dz > ARM_METRES * ARM_METRES || Math.abs(y - view.y()) > 1.2) return false;
    return canSeeFrom(view, view.x() - 0.5, view.y(), view.z() - 0.5, [x, y + HEAD, z]);
  }

  #meeting(slot: number): { place: Place | undefined; isTogether: boolean } {
    const view = this.#view;
    const known = this.#places.get(slot);
    if (known !== undefined && view.tick - known.tick < RETHINK_TICKS) return known;
    const found = { tick: view.tick, ...this.#find(slot) };
    this.#places.set(slot, found);
    return found;
  }

  /** The nearest pair of cells in sight of each other; of equals the one first met from the lower slot's side. */
  #find(slot: number): { place: Place | undefined; isTogether: boolean } {
    const view = this.#view;
    const { ground } = this.#navigator;
    const isLower = view.slot < slot;
    const mine = floodDistances(ground, [footing(ground, view)]);
    const [x, y, z] = view.cellOf(slot);
    if (mine[ground.cell(x, y, z)] >= 0) return { place: undefined, isTogether: true };
    const theirs = floodDistances(ground, [[x, y, z]]);
    const [first, second] = isLower ? [mine, theirs] : [theirs, mine];
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < first.length; cell++) {
      if (first[cell] < 0) continue;
      const [ax, ay, az] = view.cellAt(cell);
      for (let dz = -SPAN; dz <= SPAN; dz++) {
        for (let dx = -SPAN; dx <= SPAN; dx++) {
          const square = dx * dx + dz * dz;
          if (square >= least || square > ARM_METRES * ARM_METRES || !ground.isInside(ax + dx, ay, az + dz)) continue;
          if (second[ground.cell(ax + dx, ay, az + dz)] < 0) continue;
          if (!canSeeFrom(view, ax, ay, az, [ax + dx + 0.5, ay + HEAD, az + dz + 0.5])) continue;
          least = square;
          best = isLower ? [ax, ay, az] : [ax + dx, ay, az + dz];
        }
      }
    }
    return { place: best, isTogether: false };
  }
}
