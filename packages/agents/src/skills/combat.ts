/**
 * Fighting mobs: hunting those that a job names, and keeping off those that attack.
 * A fighter stays at arm's length: its reach is longer than theirs, and every hit throws them back. With little health left it gets away.
 */
import { MOB_BEHAVIOUR, MOB_COLUMN, MOB_COLUMNS, MOB_ENEMY } from '@kinovox/env';
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';
import type { WorkStatus } from './hands.js';
import { canSeeFrom } from './sight.js';

/** Enemies nearer than this, in sight, are answered, metres. */
const ALARM_METRES = 7;
/** Enemies so near are answered even when something stands between, metres. */
const TOUCH_METRES = 2;
/** At or below this health one gets away from enemies, half hearts. */
const TIMID_HEALTH = 6;
/** Level distance kept to an enemy while the arm rests, metres, and the longest from which a hit lands for sure. */
const KEEP_METRES = 2.4;
const HIT_METRES = 2.75;
/** Height of a body's middle above its feet, metres. */
const MIDDLE = 0.9;
/** Ticks ahead for which a mob's motion is foreseen. */
const FORESIGHT = 2;
/** Ticks for which a mob that cannot be reached is left alone. */
const LEAVE_TICKS = 400;
/** Ticks of hunting without a hit after which the mob at hand is left alone. */
const PATIENCE = 240;
const RUN_SPEED = 0.28;
const DIRECTIONS = 16;
const STRAIGHT_METRES = 5;

export class Combat {
  readonly #view: AgentView;
  readonly #navigator: Navigator;
  /** Mob -> tick until which it is left alone. */
  readonly #left = new Map<number, number>();
  #huntSince = 0;
  #huntedAt = -2;

  constructor(view: AgentView, navigator: Navigator) {
    this.#view = view;
    this.#navigator = navigator;
  }

  reset(): void {
    this.#left.clear();
    this.#huntSince = 0;
    this.#huntedAt = -2;
  }

  /** The nearest enemy that calls for an answer now; -1 for none. */
  threat(): number {
    const view = this.#view;
    let best = -1;
    let least = ALARM_METRES;
    for (let mob = 0; mob < view.numMobs; mob++) {
      if (!view.isMobAlive(mob) || !isEnemy(view, view.mobKind(mob))) continue;
      const distance = distanceTo(view, mob);
      if (distance >= least) continue;
      if (distance > TOUCH_METRES && !this.#sees(mob)) continue;
      least = distance;
      best = mob;
    }
    return best;
  }

  /** Fights an enemy, or gets away from it. */
  answer(c: Controls, mob: number): void {
    if (this.#view.health <= TIMID_HEALTH && this.#retreat(c)) return;
    this.#fight(c, mob, true);
  }

  /** One tick of going after a mob and striking it; an enemy is kept at arm's length. */
  fight(c: Controls, mob: number): void {
    this.#fight(c, mob, isEnemy(this.#view, this.#view.mobKind(mob)));
  }

  /** Whether the mob is seen from here. */
  sees(mob: number): boolean {
    return this.#sees(mob);
  }

  /** Goes after the nearest mob of these kinds that can be reached. */
  hunt(c: Controls, kinds: readonly number[]): WorkStatus {
    const view = this.#view;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let mob = 0; mob < view.numMobs; mob++) {
      if (!view.isMobAlive(mob) || !kinds.includes(view.mobKind(mob)) || (this.#left.get(mob) ?? -1) > view.tick) continue;
      const distance = distanceTo(view, mob);
      if (distance >= least) continue;
      least = distance;
      best = mob;
    }
    if (best < 0) {
      c.displace(0, 0, false);
      return 'blocked';
    }
    // Counted from the last hit, or from when the hunt was taken up again; which mob is nearest may change all the while.
    if (view.attackCooldown > 0 || view.tick - this.#huntedAt > 1) this.#huntSince = view.tick;
    this.#huntedAt = view.tick;
    if (view.tick - this.#huntSince > PATIENCE) {
      this.#left.set(best, view.tick + LEAVE_TICKS);
      this.#huntSince = view.tick;
    }
    this.#fight(c, best, isEnemy(view, view.mobKind(best)));
    return 'working';
  }

  #fight(c: Controls, mob: number, keepsOff: boolean): void {
    const view = this.#view;
    const x = view.mobX(mob) + view.mobVx(mob) * FORESIGHT;
    const z = view.mobZ(mob) + view.mobVz(mob) * FORESIGHT;
    const dx = x - view.x();
    const dz = z - view.z();
    const level = Math.max(0.01, Math.sqrt(dx * dx + dz * dz));
    if (
      level > STRAIGHT_METRES ||
      Math.abs(view.mobY(mob) - view.y()) > 1.5 ||
      !this.#sees(mob) ||
      !this.#isOpen(dx / level, dz / level, Math.min(level, 3))
    ) {
      const [mx, my, mz] = [Math.floor(view.mobX(mob)), Math.floor(view.mobY(mob)), Math.floor(view.mobZ(mob))];
      const to = { box: [mx - 1, my - 1, mz - 1, mx + 1, my + 1, mz + 1] as const };
      if (level > HIT_METRES || !this.#sees(mob)) {
        if (this.#navigator.travel(c, to) !== 'moving') this.#left.set(mob, view.tick + LEAVE_TICKS);
        return;
      }
    }
    c.hold(weaponSlot(view));
    const aimed = c.lookAt(view.mobX(mob), view.mobY(mob) + MIDDLE, view.mobZ(mob));
    const away = keepsOff && level < KEEP_METRES && this.#isOpen(-dx / level, -dz / level, 1);
    if (away) c.displace((-dx / level) * RUN_SPEED * 0.7, (-dz / level) * RUN_SPEED * 0.7, false);
    else if (level > (keepsOff ? KEEP_METRES : 1.6)) {
      c.sprint();
      c.displace((dx / level) * RUN_SPEED, (dz / level) * RUN_SPEED, false);
    } else c.displace(0, 0, false);
    if (aimed && level <= HIT_METRES && view.attackCooldown <= 1) c.attack();
  }

  /** Runs where enemies are fewest; false when there is no way out. */
  #retreat(c: Controls): boolean {
    const view = this.#view;
    let best: [number, number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < DIRECTIONS; k++) {
      const [ux, uz] = direction(k);
      if (!this.#isOpen(ux, uz, 2)) continue;
      let danger = 0;
      for (let mob = 0; mob < view.numMobs; mob++) {
        if (!view.isMobAlive(mob) || !isEnemy(view, view.mobKind(mob))) continue;
        const ex = view.mobX(mob) - view.x() - 2 * ux;
        const ez = view.mobZ(mob) - view.z() - 2 * uz;
        danger += 1 / Math.max(0.1, ex * ex + ez * ez);
      }
      if (danger < least) [least, best] = [danger, [ux, uz]];
    }
    if (best === undefined) return false;
    c.sprint();
    c.displace(best[0] * RUN_SPEED, best[1] * RUN_SPEED);
    if (view.isBlocked && view.onGround) c.jump();
    return true;
  }

  /** Whether one can run so far in a direction on level ground or over single steps. */
  #isOpen(ux: number, uz: number, metres: number): boolean {
    const view = this.#view;
    const { ground } = this.#navigator;
    let y = Math.floor(view.y() + 0.01);
    for (let step = 1; step <= 2 * metres; step++) {
      const x = Math.floor(view.x() + (ux * step) / 2);
      const z = Math.floor(view.z() + (uz * step) / 2);
      if (ground.isFooting(x, y, z)) continue;
      if (ground.isFooting(x, y - 1, z)) y--;
      else return false;
    }
    return true;
  }

  #sees(mob: number): boolean {
    const view = this.#view;
    const point: [number, number, number] = [view.mobX(mob), view.mobY(mob) + MIDDLE, view.mobZ(mob)];
    const head: [number, number, number] = [point[0], view.mobY(mob) + 1.5, point[2]];
    const [x, y, z] = [view.x() - 0.5, view.y(), view.z() - 0.5];
    return canSeeFrom(view, x, y, z, point) || canSeeFrom(view, x, y, z, head);
  }
}

/** Whether mobs of a kind attack this agent. */
export function isEnemy(view: AgentView, kind: number): boolean {
  const { kinds } = view.survival!.mobs!;
  const row = kind * MOB_COLUMNS;
  const behaviour = kinds[row + MOB_COLUMN.behaviour];
  if (behaviour !== MOB_BEHAVIOUR.hostile && behaviour !== MOB_BEHAVIOUR.guard) return false;
  if (kinds[row + MOB_COLUMN.damage] === 0 || (kinds[row + MOB_COLUMN.enemies] & MOB_ENEMY.agents) === 0) return false;
  return kinds[row + MOB_COLUMN.friendTeam] !== view.team;
}

/** Inventory slot of the item that hurts most for the time that it takes; the one held of equals. */
export function weaponSlot(view: AgentView): number {
  const { damage, attackTicks } = view.survival!;
  const worth = (slot: number) => damage[view.itemAt(slot)] / attackTicks[view.itemAt(slot)] + damage[view.itemAt(slot)] / 20;
  let best = view.heldSlot;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (worth(k) > worth(best)) best = k;
  return best;
}

function distanceTo(view: AgentView, mob: number): number {
  const dx = view.mobX(mob) - view.x();
  const dy = view.mobY(mob) - view.y();
  const dz = view.mobZ(mob) - view.z();
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Sixteen directions around the square: of unequal length, which is made one. */
function direction(k: number): [number, number] {
  const side = k >> 2;
  const along = ((k & 3) - 1.5) / 1.5;
  const [x, z] = side === 0 ? [1, along] : side === 1 ? [-1, along] : side === 2 ? [along, 1] : [along, -1];
  const length = Math.sqrt(x * x + z * z);
  return [x / length, z / length];
}
