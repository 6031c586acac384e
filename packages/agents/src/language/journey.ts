/**
 * Getting to a place as part of a skill: the navigator's way, with the patience of somebody who must answer for it. It ends by arriving, by a refusal that
 * says what blocks the way, or, where nothing has moved for a while, by `stuck`.
 */
import type { Destination, Navigator } from '../navigation/navigator.js';
import type { Controls } from '../skills/controls.js';
import { explainBlockedWay } from './blocked-way.js';
import { blockName } from './names.js';
import { cellText, refuse, refused, tenths } from './outcome.js';
import type { Refusal, SkillBody, SkillStep } from './skill.js';

/** Ticks without progress after which a skill gives up: longer than the navigator's own patience with one step. */
export const STUCK_TICKS = 160;
/** Who stays within this distance makes no progress, metres. */
const STUCK_METRES = 0.8;

/** Watches a body at work: whether it moves, digs or changes the world. */
export class Patience {
  readonly #body: SkillBody;
  #x = 0;
  #y = 0;
  #z = 0;
  #map = 0;
  #since: number;

  constructor(body: SkillBody) {
    this.#body = body;
    this.#since = body.view.tick;
    this.#note();
  }

  /** Ticks since something happened. */
  get idleTicks(): number {
    return this.#body.view.tick - this.#since;
  }

  /** Something happened that the body does not show. */
  renew(): void {
    this.#since = this.#body.view.tick;
    this.#note();
  }

  /** A refusal once nothing has happened for STUCK_TICKS. @param doing `On the way to 3 4 5`. @param toward a cell that it works at. */
  check(doing: string, toward?: readonly [number, number, number]): { readonly refusal: Refusal } | undefined {
    const { view } = this.#body;
    const far = (view.x() - this.#x) ** 2 + (view.y() - this.#y) ** 2 + (view.z() - this.#z) ** 2 > STUCK_METRES * STUCK_METRES;
    if (far || view.mapVersion !== this.#map || view.ownWord('digProgress') > 0) {
      this.renew();
      return undefined;
    }
    if (this.idleTicks < STUCK_TICKS) return undefined;
    const at = [tenths(view.x()), tenths(view.y()), tenths(view.z())];
    const before = toward === undefined ? undefined : whatIsAt(this.#body, toward);
    return refuse(
      'stuck',
      `${doing}: nothing has moved for ${this.idleTicks / 20} s at ${at.join(' ')}.${before === undefined ? '' : ` Before you: ${before}.`}`,
      {
        at,
        idleTicks: this.idleTicks,
        ...(before === undefined ? {} : { before, beforeAt: [...toward!] }),
      },
    );
  }

  #note(): void {
    const { view } = this.#body;
    [this.#x, this.#y, this.#z, this.#map] = [view.x(), view.y(), view.z(), view.mapVersion];
  }
}

/** Who or what is in a cell, in words. */
export function whatIsAt({ view }: SkillBody, cell: readonly [number, number, number]): string {
  for (let slot = 0; slot < view.numAgents; slot++) {
    if (slot === view.slot || !view.isAlive(slot)) continue;
    const [x, y, z] = view.cellOf(slot);
    if (x === cell[0] && z === cell[2] && Math.abs(y - cell[1]) <= 1) return `${view.roster[slot].id} at ${cellText(cell)}`;
  }
  return `${blockName(view, cell)} at ${cellText(cell)}`;
}

export class Journey {
  readonly #body: SkillBody;
  readonly #navigator: Navigator;
  readonly #patience: Patience;
  readonly #what: string;
  #longest = 0;
  #isFresh = true;

  /** @param what the place in words, for sentences. */
  constructor(body: SkillBody, what: string) {
    this.#body = body;
    this.#navigator = body.navigator;
    this.#what = what;
    this.#patience = new Patience(body);
  }

  /** Share of the longest way so far that is behind it. */
  get progress(): number {
    const left = this.#navigator.ahead.length;
    return this.#longest === 0 ? 0 : Math.max(0, 1 - left / this.#longest);
  }

  /** One tick on the way; the place may move from tick to tick. */
  step(c: Controls, to: Destination): 'moving' | 'arrived' | { readonly refusal: Refusal } {
    if (this.#isFresh) this.#body.setOut();
    this.#isFresh = false;
    const status = this.#navigator.travel(c, to);
    const { ahead } = this.#navigator;
    this.#longest = Math.max(this.#longest, ahead.length);
    if (status === 'arrived') return 'arrived';
    if (status === 'blocked') return explainBlockedWay(this.#body, to, this.#what);
    const next = ahead[0];
    return this.#patience.check(`On the way to ${this.#what}`, next === undefined ? undefined : [next.x, next.y, next.z]) ?? 'moving';
  }
}

/** What a skill answers that did not get to where its work is: the same where nothing moved, else `no-way` with what blocks it. */
export function notArrived({ refusal }: { readonly refusal: Refusal }): SkillStep {
  if (refusal.code === 'stuck') return refused({ refusal });
  return refused(refuse('no-way', refusal.sentence, { ...refusal.facts, because: refusal.code }));
}
