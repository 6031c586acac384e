/** Using what is there or in hand: levers, doors, buttons, beds, soil under a hoe, food. */
import { TOOL_CLASS } from '@kinovox/env';
import { z } from 'zod';
import type { Controls } from '../../skills/controls.js';
import { type Cell, tillCell, useCell, type WorkStatus } from '../../skills/hands.js';
import { findSlot } from '../../skills/inventory.js';
import { eatItem, sleepIn } from '../../skills/needs.js';
import { givenPlace, nameField, optionalCell } from '../arguments.js';
import { Patience } from '../journey.js';
import { blockName, carriedItems, findItem, isRefusal, outside } from '../names.js';
import { cellText, done, listed, RUNNING, refuse, refused } from '../outcome.js';
import type { Begun, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { outOfReach } from './dig.js';

const parameters = z.strictObject({
  ...optionalCell,
  item: nameField('Food that you hold, to eat it; in place of x y z.').optional(),
});
type Args = z.output<typeof parameters>;

export const use: Skill<Args> = {
  name: 'use',
  description:
    'Uses the block at a cell: switches a lever, opens or shuts a door, sleeps in a bed by night, tills soil with a hoe that you hold. Or eats food that you hold.',
  parameters,
  precondition: 'The block can be used and there is a way to within reach of it; or you hold the food and are not full.',
  effect: 'The block has changed, you sleep, or you have eaten.',
  refusals: {
    'no-place': 'Neither a whole cell nor an item was given, or both were.',
    'outside-world': 'The cell is outside the world.',
    'may-not-use': 'This agent may not use things.',
    'not-usable': 'The block or item cannot be used, or not with what you hold.',
    'unknown-item': 'No item is called so.',
    'not-held': 'You do not hold the item.',
    'not-hungry': 'You are full.',
    'not-night': 'Beds take nobody in by day.',
    'out-of-reach': 'There is no place from which it can be reached.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && view.roster[view.slot].can.use,
  begin(body, args) {
    const { view } = body;
    const place = givenPlace(args);
    if (place === 'partial' || (place === undefined) === (args.item === undefined))
      return refuse('no-place', 'use must be given x, y and z, or an item; not both.', {});
    if (!view.roster[view.slot].can.use) return refuse('may-not-use', `${view.roster[view.slot].id} may not use things.`, {});
    if (place === undefined) return begunMeal(body, args.item!);
    return outside(view, place) ?? begunBlock(body, place);
  },
};

function begunBlock(body: SkillBody, cell: Cell): Begun {
  const { view } = body;
  const { survival } = view;
  const block = view.blockAt(...cell);
  const name = view.palette.names[block];
  const before = () => view.blockAt(...cell) !== block;
  if (view.blocks.usable[block] !== 0)
    return new Using(
      body,
      cell,
      `using ${name} at ${cellText(cell)}`,
      (c) => useCell(c, body.navigator, cell),
      before,
      () => `${name} at ${cellText(cell)} is now ${blockName(view, cell)}.`,
    );
  if (survival !== undefined && survival.bed[block] === 1) {
    if (!view.isNight)
      return refuse(
        'not-night',
        `It is day: tick ${view.timeOfDay} of ${survival.dayTicks}; beds take you in from ${survival.nightFrom} on.`,
        {
          timeOfDayTicks: view.timeOfDay,
          nightFromTicks: survival.nightFrom,
        },
      );
    let hasSlept = false;
    const isAsleep = () => {
      hasSlept ||= view.sleeping > 0;
      return view.sleeping > 0;
    };
    const work = (c: Controls) => sleepIn(c, body.navigator, cell);
    return new Using(
      body,
      cell,
      `sleeping in the bed at ${cellText(cell)}`,
      work,
      () => !isAsleep() && hasSlept && !view.isNight,
      () => 'You slept, and it is day.',
      isAsleep,
    );
  }
  if (survival !== undefined && survival.tilled[block] !== block) {
    const hoe = findSlot(view, (item) => survival.toolClass[item] === TOOL_CLASS.hoe);
    if (hoe < 0)
      return refuse('not-usable', `${name} at ${cellText(cell)} is tilled with a hoe; you hold ${listed(carriedItems(view))}.`, {
        at: [...cell],
        block: name,
        needs: 'hoe',
      });
    return new Using(
      body,
      cell,
      `tilling ${name} at ${cellText(cell)}`,
      (c) => tillCell(c, body.navigator, cell, hoe),
      before,
      () => `${name} at ${cellText(cell)} is now ${blockName(view, cell)}.`,
    );
  }
  return refuse(
    'not-usable',
    `${name} at ${cellText(cell)} cannot be used; levers, buttons, wooden doors${survival === undefined ? '' : ', beds and soil'} can.`,
    { at: [...cell], block: name },
  );
}

function begunMeal(body: SkillBody, name: string): Begun {
  const { view } = body;
  const { survival } = view;
  const found = findItem(name);
  if (isRefusal(found)) return found;
  if (survival === undefined || survival.food[found.item] === 0)
    return refuse('not-usable', `${found.name} cannot be eaten${survival === undefined ? ': nobody eats in this scenario' : ''}.`, {
      item: found.name,
    });
  if (findSlot(view, (item) => item === found.item) < 0)
    return refuse('not-held', `You hold no ${found.name}; you hold ${listed(carriedItems(view))}.`, {
      item: found.name,
      held: Object.fromEntries(carriedItems(view)),
    });
  if (view.food >= survival.maxFood)
    return refuse('not-hungry', `You are full: food ${view.food} of ${survival.maxFood}.`, { food: view.food, maxFood: survival.maxFood });
  const before = view.food;
  const held = carriedItems(view).get(found.name) ?? 0;
  const work = (c: Controls): WorkStatus => {
    c.displace(0, 0, false);
    eatItem(c, found.item);
    return 'working';
  };
  return new Using(
    body,
    undefined,
    `eating ${found.name}`,
    work,
    () => (carriedItems(view).get(found.name) ?? 0) < held,
    () => `You ate ${found.name}: food ${before} to ${view.food} of ${survival.maxFood}.`,
    () => view.ownWord('eatProgress') > 0,
  );
}

class Using implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell | undefined;
  readonly doing: string;
  readonly #work: (c: Controls) => WorkStatus;
  readonly #isDone: () => boolean;
  readonly #sentence: () => string;
  readonly #isAtWork: () => boolean;
  readonly #patience: Patience;
  readonly #since: number;
  #over = false;

  constructor(
    body: SkillBody,
    cell: Cell | undefined,
    doing: string,
    work: (c: Controls) => WorkStatus,
    isDone: () => boolean,
    sentence: () => string,
    isAtWork: () => boolean = () => false,
  ) {
    this.#body = body;
    this.#cell = cell;
    this.doing = doing;
    this.#work = work;
    this.#isDone = isDone;
    this.#sentence = sentence;
    this.#isAtWork = isAtWork;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    body.setOut();
  }

  get progress(): number {
    return this.#over ? 1 : 0;
  }

  step(c: Controls): SkillStep {
    const { view } = this.#body;
    if (this.#isDone()) {
      this.#over = true;
      c.displace(0, 0, false);
      const ticks = view.tick - this.#since;
      return done(this.#sentence(), {
        ticks,
        ...(this.#cell === undefined ? { food: view.food } : { at: [...this.#cell], block: blockName(view, this.#cell) }),
      });
    }
    if (this.#isAtWork()) this.#patience.renew();
    if (this.#work(c) === 'blocked') return refused(outOfReach(this.#body, this.#cell!));
    const doing = `${this.doing[0].toUpperCase()}${this.doing.slice(1)}`;
    const stuck = this.#patience.check(doing, this.#cell);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}
