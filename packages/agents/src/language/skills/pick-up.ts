/** Picking up items that lie on the ground, or taking a prop in hand. */
import { INVENTORY_SLOTS, ITEM_BY_ID, MAX_PILES } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import { takeProp } from '../../skills/carry-prop.js';
import type { Controls } from '../../skills/controls.js';
import type { Cell } from '../../skills/hands.js';
import { countFreeSlots } from '../../skills/inventory.js';
import { nameField } from '../arguments.js';
import { Journey, notArrived, Patience } from '../journey.js';
import { carriedItems, findItem, isRefusal } from '../names.js';
import { cellText, done, listed, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Begun, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { gainedSince } from './dig.js';

const parameters = z.strictObject({
  what: nameField('Item that lies on the ground, or id of a prop; default: the nearest items.').optional(),
});
type Args = z.output<typeof parameters>;

export const pickUp: Skill<Args> = {
  name: 'pickUp',
  description: 'Goes to items that lie on the ground and takes them up, or takes a prop in hand.',
  parameters,
  precondition: 'Something lies there and there is a way to it; there is room in the bag, or the hand is free and the prop light enough.',
  effect: 'The items are in your inventory, or the prop is in your hand.',
  refusals: {
    'nothing-there': 'No such items lie anywhere.',
    'unknown-item': 'No item or prop is called so.',
    'cannot-carry': 'Props cannot be carried here, or not by you.',
    'too-heavy': 'The prop is heavier than anybody carries.',
    'hand-full': 'You carry another prop.',
    'no-way': 'There is no way to it; the sentence says what blocks it.',
    'no-room': 'Your inventory is full.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && (view.survival !== undefined || view.program.carrying !== undefined),
  begin(body, { what }) {
    const { view } = body;
    const prop = what === undefined ? -1 : view.program.props.ids.slice(0, view.numProps).indexOf(what);
    if (prop >= 0) return begunProp(body, prop);
    const item = what === undefined ? undefined : findItem(what);
    if (item !== undefined && isRefusal(item)) return item;
    const pile = nearestPile(view, item?.item);
    if (pile === undefined) {
      const lying = pilesIn(view);
      const about =
        lying.length === 0 ? 'nothing lies on the ground' : `there lie ${listed(lying.map(({ name, count }) => [name, count]))}`;
      return refuse('nothing-there', `No ${item?.name ?? 'items'} to pick up: ${about}.`, {
        item: item?.name ?? '',
        numPiles: lying.length,
      });
    }
    return new Collecting(body, pile);
  },
};

interface Pile {
  readonly cell: Cell;
  readonly name: string;
  readonly item: number;
  readonly count: number;
  readonly metres: number;
}

/** All items on the ground, nearest first. */
export function pilesIn(view: AgentView): Pile[] {
  const piles: Pile[] = [];
  for (let row = 0; row < MAX_PILES; row++) {
    const pile = view.pile(row);
    if (pile === undefined) continue;
    const { x, y, z, item, count } = pile;
    const metres = Math.sqrt((x + 0.5 - view.x()) ** 2 + (y - view.y()) ** 2 + (z + 0.5 - view.z()) ** 2);
    piles.push({ cell: [x, y, z], name: ITEM_BY_ID.get(item)!.name, item, count, metres });
  }
  return piles.sort((a, b) => a.metres - b.metres);
}

function nearestPile(view: AgentView, item: number | undefined): Pile | undefined {
  return pilesIn(view).find((pile) => item === undefined || pile.item === item);
}

/** Whether one more of an item fits into the inventory. */
function hasRoom(view: AgentView, item: number): boolean {
  if (countFreeSlots(view) > 0) return true;
  const most = view.survival?.stack[item] ?? 0;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (view.itemAt(k) === item && view.countAt(k) < most) return true;
  return false;
}

class Collecting implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #name: string;
  readonly #item: number;
  readonly #journey: Journey;
  readonly #patience: Patience;
  readonly #since: number;
  readonly #carried: Map<string, number>;

  constructor(body: SkillBody, { cell, name, item }: Pile) {
    this.#body = body;
    this.#cell = cell;
    this.#name = name;
    this.#item = item;
    this.#journey = new Journey(body, `${name} at ${cellText(cell)}`);
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    this.#carried = carriedItems(body.view);
  }

  get progress(): number {
    return this.#journey.progress;
  }

  get doing(): string {
    return `picking up ${this.#name} at ${cellText(this.#cell)}`;
  }

  step(c: Controls): SkillStep {
    const { view } = this.#body;
    const ticks = view.tick - this.#since;
    const gained = gainedSince(view, this.#carried);
    const [x, y, z] = this.#cell;
    const isLeft = pilesIn(view).some(({ cell, name }) => name === this.#name && cell.every((value, axis) => value === this.#cell[axis]));
    if (!isLeft) {
      c.displace(0, 0, false);
      if (gained.length > 0)
        return done(`You picked up ${listed(gained)} at ${cellText(this.#cell)} after ${ticks / 20} s.`, {
          at: [x, y, z],
          ticks,
          gained: Object.fromEntries(gained),
        });
      return refused(
        refuse('nothing-there', `The ${this.#name} at ${cellText(this.#cell)} went to somebody else, or elsewhere.`, {
          item: this.#name,
          at: [x, y, z],
        }),
      );
    }
    const [px, py, pz] = view.cellOf();
    const isNear = Math.abs(x - px) <= 1 && Math.abs(y - py) <= 1 && Math.abs(z - pz) <= 1;
    if (!isNear) {
      const status = this.#journey.step(c, { box: [x - 1, y - 1, z - 1, x + 1, y + 1, z + 1] });
      if (typeof status === 'object') return notArrived(status);
      return RUNNING;
    }
    c.displace(0, 0, false);
    if (!hasRoom(view, this.#item))
      return refused(
        refuse('no-room', `Your inventory is full: ${listed(carriedItems(view))}. Lay something down with carryTo.`, {
          held: Object.fromEntries(carriedItems(view)),
        }),
      );
    const stuck = this.#patience.check(`Picking up ${this.#name}`, this.#cell);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}

function begunProp(body: SkillBody, prop: number): Begun {
  const { view } = body;
  const id = view.program.props.ids[prop];
  const wrong = uncarriable(body, prop);
  if (wrong !== undefined) return wrong;
  if (view.carried() === prop) return { answer: { sentence: `${id} is in your hand already.`, facts: { prop: id, ticks: 0 } } };
  return new Taking(body, prop);
}

/** Why a prop cannot be taken in hand, wherever one stands. */
export function uncarriable({ view }: SkillBody, prop: number): ReturnType<typeof refuse> | undefined {
  const id = view.program.props.ids[prop];
  const { carrying } = view.program;
  if (carrying === undefined || !view.roster[view.slot].can.use)
    return refuse(
      'cannot-carry',
      `${carrying === undefined ? 'Props cannot be carried in this scenario' : `${view.roster[view.slot].id} may not use its hands`}; push ${id} by walking into it.`,
      { prop: id },
    );
  const massKg = view.program.props.massKg[prop];
  if (massKg > carrying.maxMassKg)
    return refuse('too-heavy', `${id} weighs ${massKg} kg; a hand lifts ${carrying.maxMassKg} kg.`, {
      prop: id,
      massKg,
      maxMassKg: carrying.maxMassKg,
    });
  const held = view.carried();
  if (held >= 0 && held !== prop) {
    const name = view.program.props.ids[held];
    return refuse('hand-full', `You carry ${name}; put it down with carryTo first.`, { prop: id, carried: name });
  }
  return undefined;
}

class Taking implements SkillRun {
  readonly #body: SkillBody;
  readonly #prop: number;
  readonly #patience: Patience;
  readonly #since: number;

  constructor(body: SkillBody, prop: number) {
    this.#body = body;
    this.#prop = prop;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    body.setOut();
  }

  get progress(): number {
    return this.#body.view.carried() === this.#prop ? 1 : 0;
  }

  get doing(): string {
    return `taking ${this.#body.view.program.props.ids[this.#prop]}`;
  }

  step(c: Controls): SkillStep {
    const { view, navigator } = this.#body;
    const id = view.program.props.ids[this.#prop];
    if (takeProp(c, navigator, this.#prop)) {
      c.displace(0, 0, false);
      return done(`${id} is in your hand after ${(view.tick - this.#since) / 20} s.`, { prop: id, ticks: view.tick - this.#since });
    }
    const { x, y, z } = view.prop(this.#prop);
    const stuck = this.#patience.check(`Taking ${id}, which is at ${[x, y, z].map(tenths).join(' ')}`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}
