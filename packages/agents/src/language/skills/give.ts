/** Handing items to another agent, or paying a trader. */
import { MOB_COLUMN, MOB_COLUMNS, TRADE_COLUMN, TRADE_COLUMNS } from '@kinovox/env';
import { ITEM_BY_ID } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import type { Controls } from '../../skills/controls.js';
import { countItems } from '../../skills/inventory.js';
import { nameField } from '../arguments.js';
import { carriedItems, findItem, findTarget, isRefusal, isThere, metresTo, type Target } from '../names.js';
import { done, listed, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Refusal, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { gainedSince } from './dig.js';

const parameters = z.strictObject({
  to: nameField('Id of an agent, or a trader such as "villager 0".'),
  item: nameField('Item that you hold: to give, or to pay with.'),
  count: z.int().min(1).max(64).default(1).describe('How many to give, or how often to trade, 1..64; default 1.'),
});
type Args = z.output<typeof parameters>;

export const give: Skill<Args> = {
  name: 'give',
  description: 'Brings items to another agent and hands them over one by one; or pays a trader with them for what it offers.',
  parameters,
  precondition: 'You hold the items; the other lives, has room for them, and can be met, if only through an opening.',
  effect: 'The items are with the other; of a trader you hold what it gives.',
  refusals: {
    'no-giving': 'Nothing is handed over in this scenario.',
    self: 'You named yourself.',
    'unknown-target': 'Nobody is called so.',
    'target-gone': 'The other lives no more.',
    'unknown-item': 'No item is called so.',
    'not-held': 'You hold too few of the item.',
    'no-offer': 'The trader wants something else, more of it, or has sold out.',
    'not-taken': 'Nothing was taken for 15 s; the sentence says how far the other is.',
  },
  interruptible: true,
  suits: (view) => view.survival !== undefined && (view.numAgents > 1 || view.numMobs > 0) && !('vehicle' in view.roster[view.slot].body),
  begin(body, { to, item, count }) {
    const { view } = body;
    if (view.survival === undefined) return refuse('no-giving', 'Nothing is handed over in this scenario: it has no survival rules.', {});
    const target = findTarget(view, to, ['agent', 'mob']);
    if (isRefusal(target)) return target;
    const found = findItem(item);
    if (isRefusal(found)) return found;
    const held = countItems(view, found.item);
    const trade = target.kind === 'mob' ? offerFor(view, target, found.item) : undefined;
    if (trade !== undefined && isRefusal(trade)) return trade;
    const needed = trade === undefined ? count : count * trade.wants;
    if (held < needed)
      return refuse('not-held', `You hold ${held} ${found.name}; ${needed} are needed. You hold ${listed(carriedItems(view))}.`, {
        item: found.name,
        heldCount: held,
        neededCount: needed,
      });
    return new Giving(body, target, found.item, count, trade);
  },
};

interface Offer {
  readonly number: number;
  readonly wants: number;
}

function offerFor(view: AgentView, target: Target, item: number): Offer | { readonly refusal: Refusal } {
  const { kinds, trades } = view.survival!.mobs!;
  const row = view.mobKind(target.slot) * MOB_COLUMNS;
  const first = kinds[row + MOB_COLUMN.firstTrade];
  const offers = Array.from({ length: kinds[row + MOB_COLUMN.numTrades] }, (_, k) => {
    const at = (first + k) * TRADE_COLUMNS;
    const stock = trades[at + TRADE_COLUMN.stock];
    return {
      number: k,
      wantsItem: trades[at + TRADE_COLUMN.wantsItem],
      wants: trades[at + TRADE_COLUMN.wantsCount],
      gives: trades[at + TRADE_COLUMN.givesItem],
      givesCount: trades[at + TRADE_COLUMN.givesCount],
      left: stock === 0 ? Number.POSITIVE_INFINITY : stock - view.tradesUsed(target.slot, k),
    };
  });
  const open = offers.find((offer) => offer.wantsItem === item && offer.left > 0);
  if (open !== undefined) return open;
  const name = (one: number) => ITEM_BY_ID.get(one)!.name;
  const texts = offers.map(
    ({ wantsItem, wants, gives, givesCount, left }) =>
      `${givesCount} ${name(gives)} for ${wants} ${name(wantsItem)}${left <= 0 ? ' (sold out)' : ''}`,
  );
  return refuse(
    'no-offer',
    offers.length === 0 ? `${target.name} trades nothing.` : `${target.name} takes no ${name(item)} now; it offers ${texts.join(', ')}.`,
    { target: target.name, offers: texts },
  );
}

/** Ticks without a hand-over after which it is given up. */
const VAIN_TICKS = 300;

class Giving implements SkillRun {
  readonly #body: SkillBody;
  readonly #target: Target;
  readonly #item: number;
  readonly #count: number;
  readonly #offer: Offer | undefined;
  readonly #since: number;
  readonly #heldBefore: number;
  readonly #carried: Map<string, number>;
  #given = 0;
  #lastGiven: number;
  #metres: number;

  constructor(body: SkillBody, target: Target, item: number, count: number, offer: Offer | undefined) {
    this.#body = body;
    this.#target = target;
    this.#item = item;
    this.#count = count;
    this.#offer = offer;
    this.#since = body.view.tick;
    this.#lastGiven = body.view.tick;
    this.#metres = metresTo(body.view, target);
    this.#heldBefore = countItems(body.view, item);
    this.#carried = carriedItems(body.view);
    body.dealing.reset();
    body.setOut();
  }

  get #name(): string {
    return ITEM_BY_ID.get(this.#item)!.name;
  }

  get progress(): number {
    return this.#given / this.#count;
  }

  get doing(): string {
    return `bringing ${this.#name} to ${this.#target.name}, ${this.#given} of ${this.#count} handed over`;
  }

  step(c: Controls): SkillStep {
    const { view, dealing } = this.#body;
    const { name, slot } = this.#target;
    const given = Math.floor((this.#heldBefore - countItems(view, this.#item)) / (this.#offer?.wants ?? 1));
    const metres = metresTo(view, this.#target);
    if (given > this.#given || metres < this.#metres - 1) {
      this.#lastGiven = view.tick;
      this.#metres = metres;
    }
    this.#given = given;
    const ticks = view.tick - this.#since;
    const gained = gainedSince(view, this.#carried);
    const facts = { to: name, item: this.#name, given, wanted: this.#count, ticks, gained: Object.fromEntries(gained) };
    if (given >= this.#count) {
      c.displace(0, 0, false);
      return done(
        this.#offer === undefined
          ? `You gave ${given} ${this.#name} to ${name} in ${ticks / 20} s.`
          : `You traded ${given} times with ${name} in ${ticks / 20} s and gained ${listed(gained)}.`,
        facts,
      );
    }
    if (!isThere(view, this.#target))
      return refused(refuse('target-gone', `${name} is no longer in the world; ${given} of ${this.#count} were handed over.`, facts));
    if (view.tick - this.#lastGiven > VAIN_TICKS)
      return refused(
        refuse(
          'not-taken',
          `${name} took nothing for ${VAIN_TICKS / 20} s: it is ${tenths(metres)} m away, out of reach, out of sight, or has no room; ${given} of ${this.#count} were handed over.`,
          {
            ...facts,
            metres: tenths(metres),
          },
        ),
      );
    if (this.#offer === undefined) dealing.give(c, slot, this.#item);
    else dealing.trade(c, view.mobKind(slot), this.#offer.number, this.#item);
    return RUNNING;
  }
}
