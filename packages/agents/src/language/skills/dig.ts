/** Digging one block at a place, or some of a kind. */
import { z } from 'zod';
import type { Controls } from '../../skills/controls.js';
import { type Cell, digCell } from '../../skills/hands.js';
import { EYE_HEIGHT, HAND_REACH } from '../../skills/sight.js';
import { holdToolFor } from '../../skills/tools.js';
import { givenPlace, nameField, optionalCell } from '../arguments.js';
import { explainBlockedWay } from '../blocked-way.js';
import { Patience } from '../journey.js';
import { carriedItems, findBlock, isRefusal, outside } from '../names.js';
import { cellText, done, listed, plural, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Refusal, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

const parameters = z.strictObject({
  ...optionalCell,
  block: nameField('A kind of block, such as "oak_log": digs the nearest ones; in place of x y z.').optional(),
  count: z.int().min(1).max(64).default(1).describe('How many of the kind, 1..64; default 1.'),
});
type Args = z.output<typeof parameters>;

export const dig: Skill<Args> = {
  name: 'dig',
  description: 'Digs the block at a cell, or the nearest blocks of a kind; goes there first, and takes the best tool that you hold.',
  parameters,
  precondition: 'You may dig, the block can be dug, and there is a way to within reach of it.',
  effect: 'The cell is empty, and what the block drops is yours where there is room.',
  refusals: {
    'no-place': 'Neither a whole cell nor a kind of block was given, or both were.',
    'outside-world': 'The cell is outside the world.',
    'nothing-there': 'There is no block to dig.',
    'unknown-block': 'No such block is in this world.',
    'may-not-dig': 'This agent or this scenario has no digging, or the cell is protected.',
    'not-diggable': 'Nothing digs this block, or the scenario does not let it be dug.',
    'out-of-reach': 'There is no place from which it can be reached.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && view.roster[view.slot].can.dig && view.rules.world.diggable !== 'none',
  begin(body, args) {
    const { view } = body;
    const place = givenPlace(args);
    if (place === 'partial' || (place === undefined) === (args.block === undefined))
      return refuse('no-place', 'dig must be given x, y and z, or a kind of block; not both.', {});
    if (!view.roster[view.slot].can.dig || view.rules.world.diggable === 'none')
      return refuse('may-not-dig', `${view.roster[view.slot].id} may not dig in this scenario.`, {});
    if (place === undefined) return begunKind(body, args.block!, args.count);
    const wrong = outside(view, place) ?? undiggable(body, place);
    return wrong ?? new DiggingCell(body, place);
  },
};

/** Why a block cannot be dug, wherever one stands. */
export function undiggable({ view }: SkillBody, cell: Cell): { readonly refusal: Refusal } | undefined {
  const block = view.blockAt(...cell);
  const name = view.palette.names[block];
  const at = [...cell];
  if (view.blocks.targetable[block] === 0)
    return refuse('nothing-there', `There is only ${name} at ${cellText(cell)}; nothing to dig.`, { at, block: name });
  if (!view.mayDigAt(...cell))
    return refuse('may-not-dig', `The scenario protects ${name} at ${cellText(cell)} from digging.`, { at, block: name });
  if (view.blocks.digTicks[block] < 0)
    return refuse('not-diggable', `${name} at ${cellText(cell)} cannot be dug in this scenario, whatever you hold.`, { at, block: name });
  return undefined;
}

class DiggingCell implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #block: number;
  readonly #patience: Patience;
  readonly #since: number;
  readonly #carried: Map<string, number>;

  constructor(body: SkillBody, cell: Cell) {
    this.#body = body;
    this.#cell = cell;
    this.#block = body.view.blockAt(...cell);
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    this.#carried = carriedItems(body.view);
    body.setOut();
  }

  get #name(): string {
    return this.#body.view.palette.names[this.#block];
  }

  get progress(): number {
    const { view } = this.#body;
    const ticks = Math.max(1, this.#body.ground.digTicks(...this.#cell));
    return Math.min(1, view.ownWord('digProgress') / ticks);
  }

  get doing(): string {
    return `digging ${this.#name} at ${cellText(this.#cell)}`;
  }

  step(c: Controls): SkillStep {
    const { view, navigator } = this.#body;
    if (view.blockAt(...this.#cell) !== this.#block) {
      c.displace(0, 0, false);
      const ticks = view.tick - this.#since;
      const gained = gainedSince(view, this.#carried);
      return done(`You dug ${this.#name} at ${cellText(this.#cell)} in ${ticks / 20} s and gained ${listed(gained)}.`, {
        at: [...this.#cell],
        block: this.#name,
        ticks,
        gained: Object.fromEntries(gained),
      });
    }
    holdToolFor(c, this.#block);
    if (digCell(c, navigator, this.#cell) === 'blocked') return refused(outOfReach(this.#body, this.#cell));
    const stuck = this.#patience.check(`Digging ${this.#name} at ${cellText(this.#cell)}`, this.#cell);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}

/** No place from which a cell can be worked at: how far it is, how far hands reach, and what blocks the way there. */
export function outOfReach(body: SkillBody, cell: Cell): { readonly refusal: Refusal } {
  const { view } = body;
  const [x, y, z] = cell;
  const metres = Math.sqrt((x + 0.5 - view.x()) ** 2 + (y + 0.5 - view.y() - EYE_HEIGHT) ** 2 + (z + 0.5 - view.z()) ** 2);
  const way = explainBlockedWay(
    body,
    { box: [x - 1, y - 2, z - 1, x + 1, y + 1, z + 1], mayEdit: false },
    `a place beside ${cellText(cell)}`,
  ).refusal;
  return refuse(
    'out-of-reach',
    `${cellText(cell)} is ${tenths(metres)} m from your eyes; hands reach ${HAND_REACH} m, and there is no way to a place from which it can be seen so near. ${way.sentence}`,
    {
      at: [...cell],
      metres: tenths(metres),
      reachMetres: HAND_REACH,
      because: way.code,
      ...(way.facts.end === undefined ? {} : { end: way.facts.end }),
    },
  );
}

/** What is carried more of than before. */
export function gainedSince(view: SkillBody['view'], before: ReadonlyMap<string, number>): [string, number][] {
  return [...carriedItems(view)].flatMap(([name, count]): [string, number][] => {
    const more = count - (before.get(name) ?? 0);
    return more > 0 ? [[name, more]] : [];
  });
}

function begunKind(body: SkillBody, name: string, count: number): SkillRun | { readonly refusal: Refusal } {
  const { view, index } = body;
  const found = findBlock(view, name);
  if (isRefusal(found)) return found;
  const there = index.count(found.block);
  if (there === 0) return refuse('nothing-there', `There is no ${found.name} in the world now.`, { block: found.name, blocksLeft: 0 });
  if (view.blocks.digTicks[found.block] < 0)
    return refuse('not-diggable', `${found.name} cannot be dug in this scenario, whatever you hold.`, { block: found.name });
  return new DiggingKind(body, found.block, Math.min(count, there));
}

class DiggingKind implements SkillRun {
  readonly #body: SkillBody;
  readonly #block: number;
  readonly #count: number;
  readonly #patience: Patience;
  readonly #since: number;
  readonly #carried: Map<string, number>;
  #target: Cell | undefined;
  #dug = 0;

  constructor(body: SkillBody, block: number, count: number) {
    this.#body = body;
    this.#block = block;
    this.#count = count;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    this.#carried = carriedItems(body.view);
    body.setOut();
    body.quarry.reset();
  }

  get #name(): string {
    return this.#body.view.palette.names[this.#block];
  }

  get progress(): number {
    return this.#dug / this.#count;
  }

  get doing(): string {
    return `digging ${this.#name}, ${this.#dug} of ${this.#count} done`;
  }

  step(c: Controls): SkillStep {
    const { view, quarry } = this.#body;
    if (this.#target !== undefined && view.blockAt(...this.#target) !== this.#block) {
      this.#dug++;
      this.#target = undefined;
    }
    const ticks = view.tick - this.#since;
    const gained = gainedSince(view, this.#carried);
    const facts = { block: this.#name, dug: this.#dug, wanted: this.#count, ticks, gained: Object.fromEntries(gained) };
    if (this.#dug >= this.#count) {
      c.displace(0, 0, false);
      return done(`You dug ${this.#dug} ${this.#name} in ${ticks / 20} s and gained ${listed(gained)}.`, facts);
    }
    const status = quarry.dig(c, [this.#block]);
    this.#target = quarry.target;
    if (status === 'blocked')
      return refused(
        refuse(
          'out-of-reach',
          `There is no way to ${plural(this.#count - this.#dug, 'more block')} of ${this.#name}; ${this.#dug} of ${this.#count} are dug.`,
          facts,
        ),
      );
    const stuck = this.#patience.check(`Digging ${this.#name}, ${this.#dug} of ${this.#count} done`, this.#target);
    return stuck === undefined ? RUNNING : refused({ refusal: { ...stuck.refusal, facts: { ...facts, ...stuck.refusal.facts } } });
  }
}
