/** Bringing something to a place: a prop in hand is put down there, items are laid on the ground. */
import { ITEM_BY_ID } from '@kinovox/world';
import { z } from 'zod';
import type { Controls } from '../../skills/controls.js';
import type { Cell } from '../../skills/hands.js';
import { countItems, findSlot } from '../../skills/inventory.js';
import { cellFields, nameField } from '../arguments.js';
import { Journey, notArrived, Patience } from '../journey.js';
import { carriedItems, findItem, isRefusal, outside } from '../names.js';
import { cellText, done, listed, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { uncarriable } from './pick-up.js';

/** A prop lies where it should within this, metres on the level; so often it is taken up again where it does not. */
const THERE_METRES = 0.75;
const MOST_TRIES = 3;

const parameters = z.strictObject({
  what: nameField('Id of a prop, or an item that you hold.'),
  ...cellFields,
  count: z.int().min(1).max(64).default(1).describe('How many of the item, 1..64; default 1.'),
});
type Args = z.output<typeof parameters>;

export const carryTo: Skill<Args> = {
  name: 'carryTo',
  description:
    'Takes a prop to a cell and puts it down there; or goes to a cell and lays items on the ground. Who stays beside items takes them up again after 2 s.',
  parameters,
  precondition: 'The prop can be carried, or you hold the items; there is a way for you, and what you carry, to the cell.',
  effect: 'The prop stands at the cell, or the items lie there.',
  refusals: {
    'outside-world': 'The cell is outside the world.',
    'unknown-item': 'No item or prop is called so.',
    'not-held': 'You hold too few of the item.',
    'no-dropping': 'Items cannot be laid down in this scenario.',
    'cannot-carry': 'Props cannot be carried here, or not by you.',
    'too-heavy': 'The prop is heavier than anybody carries.',
    'hand-full': 'You carry another prop.',
    'no-way': 'There is no way to the cell; the sentence says what blocks it.',
    missed: 'The prop was put down three times and came to lie elsewhere.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && (view.survival !== undefined || view.program.carrying !== undefined),
  begin(body, { what, x, y, z, count }) {
    const { view } = body;
    const cell: Cell = [x, y, z];
    const wrong = outside(view, cell);
    if (wrong !== undefined) return wrong;
    const prop = view.program.props.ids.slice(0, view.numProps).indexOf(what);
    if (prop >= 0) return uncarriable(body, prop) ?? new Carrying(body, prop, cell);
    const found = findItem(what);
    if (isRefusal(found)) return found;
    if (view.survival === undefined)
      return refuse('no-dropping', 'Items cannot be laid down in this scenario: it has no survival rules.', { item: found.name });
    const held = countItems(view, found.item);
    if (held < count)
      return refuse('not-held', `You hold ${held} ${found.name}, not ${count}; you hold ${listed(carriedItems(view))}.`, {
        item: found.name,
        heldCount: held,
        neededCount: count,
      });
    return new LayingDown(body, found.item, count, cell);
  },
};

class Carrying implements SkillRun {
  readonly #body: SkillBody;
  readonly #prop: number;
  readonly #cell: Cell;
  readonly #patience: Patience;
  readonly #since: number;
  #wasCarried = false;
  #tries = 0;

  constructor(body: SkillBody, prop: number, cell: Cell) {
    this.#body = body;
    this.#prop = prop;
    this.#cell = cell;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    body.carriage.reset();
    body.setOut();
  }

  get #id(): string {
    return this.#body.view.program.props.ids[this.#prop];
  }

  /** Metres on the level from the prop's middle to the cell's. */
  get #off(): number {
    const { x, z } = this.#body.view.prop(this.#prop);
    return Math.sqrt((x - this.#cell[0] - 0.5) ** 2 + (z - this.#cell[2] - 0.5) ** 2);
  }

  get progress(): number {
    return this.#wasCarried ? 0.5 : 0;
  }

  get doing(): string {
    return `carrying ${this.#id} to ${cellText(this.#cell)}, ${tenths(this.#off)} m left`;
  }

  step(c: Controls): SkillStep {
    const { view, navigator, carriage } = this.#body;
    const isCarried = view.carried() === this.#prop;
    const { x, y, z, vx, vz } = view.prop(this.#prop);
    const at = [x, y, z].map(tenths);
    if (this.#wasCarried && !isCarried) {
      c.displace(0, 0, false);
      if (vx * vx + vz * vz > 1e-4) return RUNNING;
      if (this.#off <= THERE_METRES) {
        const ticks = view.tick - this.#since;
        return done(
          `${this.#id} stands at ${at.join(' ')} after ${ticks / 20} s, ${tenths(this.#off)} m from the middle of ${cellText(this.#cell)}.`,
          { prop: this.#id, at, offMetres: tenths(this.#off), ticks },
        );
      }
      this.#wasCarried = false;
      if (++this.#tries === MOST_TRIES)
        return refused(
          refuse(
            'missed',
            `${this.#id} was put down ${MOST_TRIES} times and lies at ${at.join(' ')}, ${tenths(this.#off)} m from ${cellText(this.#cell)}.`,
            { prop: this.#id, at, offMetres: tenths(this.#off) },
          ),
        );
    }
    this.#wasCarried ||= isCarried;
    const [cx, cy, cz] = this.#cell;
    carriage.step(c, navigator, this.#prop, [cx, cy, cz, cx, cy, cz]);
    const stuck = this.#patience.check(`Carrying ${this.#id}, which is at ${at.join(' ')}`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}

class LayingDown implements SkillRun {
  readonly #body: SkillBody;
  readonly #item: number;
  readonly #count: number;
  readonly #cell: Cell;
  readonly #journey: Journey;
  readonly #patience: Patience;
  readonly #since: number;
  #isThere = false;
  #before = 0;
  #laid = 0;

  constructor(body: SkillBody, item: number, count: number, cell: Cell) {
    this.#body = body;
    this.#item = item;
    this.#count = count;
    this.#cell = cell;
    this.#journey = new Journey(body, cellText(cell));
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
  }

  get #name(): string {
    return ITEM_BY_ID.get(this.#item)!.name;
  }

  get progress(): number {
    return this.#isThere ? this.#laid / this.#count : this.#journey.progress / 2;
  }

  get doing(): string {
    return `bringing ${this.#count} ${this.#name} to ${cellText(this.#cell)}`;
  }

  step(c: Controls): SkillStep {
    const { view } = this.#body;
    const [x, y, z] = this.#cell;
    if (!this.#isThere) {
      const status = this.#journey.step(c, { box: [x, y, z, x, y, z] });
      if (typeof status === 'object') return notArrived(status);
      if (status === 'moving') return RUNNING;
      this.#isThere = true;
      this.#before = countItems(view, this.#item);
      this.#patience.renew();
    }
    c.displace(0, 0, false);
    this.#laid = Math.max(this.#laid, this.#before - countItems(view, this.#item));
    if (this.#laid >= this.#count) {
      const ticks = view.tick - this.#since;
      return done(
        `${this.#laid} ${this.#name} lie at ${cellText(view.cellOf())} after ${ticks / 20} s; you hold ${countItems(view, this.#item)}.`,
        { item: this.#name, laid: this.#laid, at: view.cellOf(), ticks },
      );
    }
    const slot = findSlot(view, (item) => item === this.#item);
    if (slot < 0)
      return refused(
        refuse('not-held', `You hold no ${this.#name} any more; ${this.#laid} of ${this.#count} were laid down.`, {
          item: this.#name,
          heldCount: 0,
          neededCount: this.#count - this.#laid,
        }),
      );
    c.hold(slot);
    c.drop();
    const stuck = this.#patience.check(`Laying down ${this.#name}`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}
