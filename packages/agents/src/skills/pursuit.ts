/** Chasing and getting away: to the nearest of some agents, or to where they need longest. */
import type { AgentView } from '../agent-view.js';
import { footing, type Navigator } from '../navigation/navigator.js';
import { floodDistances } from '../navigation/zones.js';
import type { Controls } from './controls.js';

/** Within this distance, and on a level, a chaser runs straight at its prey, metres. */
const STRAIGHT = 2.5;
/** Ticks ahead for which the prey's motion is foreseen. */
const FORESIGHT = 4;
/** Pursuers farther away than this, in steps, are left alone. */
const ALARM_STEPS = 14;
/** Ticks between looks for a better refuge. */
const RETHINK_TICKS = 10;
const SPRINT_SPEED = 0.5;

/** Runs at the nearest of the agents. */
export function chase(c: Controls, navigator: Navigator, slots: readonly number[]): void {
  const { view } = c;
  const prey = nearest(view, slots);
  if (prey === undefined) return;
  const dx = view.x(prey) + view.vx(prey) * FORESIGHT - view.x();
  const dz = view.z(prey) + view.vz(prey) * FORESIGHT - view.z();
  const distance = Math.sqrt(dx * dx + dz * dz);
  if (distance < STRAIGHT && Math.abs(view.y(prey) - view.y()) < 1 && isClear(view, dx, dz)) {
    c.sprint();
    c.displace((dx / Math.max(0.01, distance)) * SPRINT_SPEED, (dz / Math.max(0.01, distance)) * SPRINT_SPEED);
    return;
  }
  const [x, y, z] = view.cellOf(prey);
  navigator.travel(c, { box: [x, y - 1, z, x, y + 1, z], mayEdit: false });
}

/** Keeps away from the agents: goes where it arrives before them and they need longest to come. */
export class Evasion {
  #refuge: readonly [number, number, number] | undefined;
  #thoughtAt = -RETHINK_TICKS;

  reset(): void {
    this.#refuge = undefined;
    this.#thoughtAt = -RETHINK_TICKS;
  }

  step(c: Controls, navigator: Navigator, slots: readonly number[]): void {
    const { view } = c;
    if (view.tick - this.#thoughtAt >= RETHINK_TICKS) {
      this.#thoughtAt = view.tick;
      this.#refuge = findRefuge(view, navigator, slots);
    }
    if (this.#refuge === undefined) {
      c.displace(0, 0, false);
      return;
    }
    const [x, y, z] = this.#refuge;
    navigator.travel(c, { box: [x, y, z, x, y, z], mayEdit: false });
  }
}

function findRefuge(view: AgentView, navigator: Navigator, slots: readonly number[]): readonly [number, number, number] | undefined {
  const pursuers = slots.filter((slot) => view.isAlive(slot)).map((slot) => view.cellOf(slot));
  const theirs = floodDistances(navigator.ground, pursuers);
  const here = footing(navigator.ground, view);
  const alarm = theirs[navigator.ground.cell(...here)];
  if (alarm < 0 || alarm > ALARM_STEPS) return undefined;
  const mine = floodDistances(navigator.ground, [here]);
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let cell = 0; cell < mine.length; cell++) {
    if (mine[cell] < 0 || theirs[cell] < 0 || mine[cell] >= theirs[cell]) continue;
    const worth = 2 * theirs[cell] - mine[cell];
    if (worth > most) {
      most = worth;
      best = cell;
    }
  }
  if (best < 0) return undefined;
  const x = best % view.sizeX;
  const row = (best - x) / view.sizeX;
  return [x, (row - (row % view.sizeZ)) / view.sizeZ, row % view.sizeZ];
}

function nearest(view: AgentView, slots: readonly number[]): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    if (slot === view.slot || !view.isAlive(slot)) continue;
    const distance = (view.x(slot) - view.x()) ** 2 + (view.y(slot) - view.y()) ** 2 + (view.z(slot) - view.z()) ** 2;
    if (distance < least) {
      least = distance;
      best = slot;
    }
  }
  return best;
}

/** Whether the straight way at foot height is free, sampled every half block. */
function isClear(view: AgentView, dx: number, dz: number): boolean {
  const samples = Math.ceil(Math.sqrt(dx * dx + dz * dz) * 2);
  const y = Math.floor(view.y());
  for (let k = 1; k <= samples; k++) {
    const x = Math.floor(view.x() + (dx * k) / samples);
    const z = Math.floor(view.z() + (dz * k) / samples);
    if (view.solidAt(x, y, z) || !view.solidAt(x, y - 1, z)) return false;
  }
  return true;
}
