/**
 * Agents that stand in the way: those who have not moved for some ticks, as the places where one would touch them. Others may move on at any time, so whoever
 * has only just stopped is no obstacle yet.
 */
import { isTouching, type TouchZone, touchZone, touchZoneOfWalker } from '@kinovox/planning';
import type { AgentView } from '../agent-view.js';

/** Ticks after which somebody who has not moved stands. */
const STANDS_TICKS = 20;
const BLOCK = 65536;

export class Bystanders {
  readonly #view: AgentView;
  /** `[A, 3]` where each was last, Q16, and since which tick. */
  readonly #places: Int32Array;
  readonly #since: Int32Array;
  readonly #stands: Uint8Array;
  /** Where one touches those who stand, in slot order. */
  zones: readonly TouchZone[] = [];

  constructor(view: AgentView) {
    this.#view = view;
    this.#places = new Int32Array(3 * view.numAgents);
    this.#since = new Int32Array(view.numAgents);
    this.#stands = new Uint8Array(view.numAgents);
  }

  reset(): void {
    this.#places.fill(-1);
    this.#since.fill(0);
    this.#stands.fill(0);
    this.zones = [];
  }

  /** Once in every tick. @returns whether somebody has begun to stand, or goes on. */
  look(): boolean {
    const view = this.#view;
    let changed = false;
    for (let slot = 0; slot < view.numAgents; slot++) {
      if (slot === view.slot) continue;
      const { x, y, z } = view.q16(slot);
      const at = 3 * slot;
      if (this.#places[at] !== x || this.#places[at + 1] !== y || this.#places[at + 2] !== z) {
        this.#places[at] = x;
        this.#places[at + 1] = y;
        this.#places[at + 2] = z;
        this.#since[slot] = view.tick;
      }
      const stands = view.isAlive(slot) && view.tick - this.#since[slot] >= STANDS_TICKS ? 1 : 0;
      if (stands === this.#stands[slot]) continue;
      this.#stands[slot] = stands;
      changed = true;
    }
    if (changed) this.zones = [...this.#stands.keys()].flatMap((slot) => (this.#stands[slot] === 1 ? [this.#zoneOf(slot)] : []));
    return changed;
  }

  /** Whether a walker that goes from place to place touches one that stands, but for those whom it touches from the first place on. @param places Q16. */
  areMet(places: Iterable<readonly [number, number, number]>): boolean {
    const left = new Set<TouchZone>();
    for (const place of places)
      for (const zone of this.zones) {
        if (!isTouching(zone, ...place)) left.add(zone);
        else if (left.has(zone)) return true;
      }
    return false;
  }

  #zoneOf(slot: number): TouchZone {
    const { x, y, z } = this.#view.q16(slot);
    const { body } = this.#view.roster[slot];
    if (!('vehicle' in body)) return touchZoneOfWalker(x, y, z);
    // It may stand at any yaw, and turn where it stands.
    const half = Math.ceil((Math.hypot(body.size[0], body.size[2]) / 2) * BLOCK);
    const up = Math.ceil((body.size[1] / 2) * BLOCK);
    return touchZone([x - half, y - up, z - half, x + half, y + up, z + half]);
  }
}
