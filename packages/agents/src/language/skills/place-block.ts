/** Placing a block into a cell: from where a side to place against is seen, or leaning over the edge of the block beside it. */
import { z } from 'zod';
import { MOVE } from '../../navigation/path-search.js';
import type { Controls } from '../../skills/controls.js';
import { type Cell, placeCell } from '../../skills/hands.js';
import { findSlot, heldBlocks } from '../../skills/inventory.js';
import { cellFields, nameField } from '../arguments.js';
import { Patience, whatIsAt } from '../journey.js';
import { blockName, carriedItems, findItem, isInside, isRefusal, outside } from '../names.js';
import { cellText, done, listed, RUNNING, refuse, refused } from '../outcome.js';
import type { Refusal, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { outOfReach } from './dig.js';

const parameters = z.strictObject({ ...cellFields, item: nameField('Item to place, such as "oak_planks".') });
type Args = z.output<typeof parameters>;

const SIDES: readonly Cell[] = [
  [0, -1, 0],
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
  [0, 1, 0],
];

export const placeBlock: Skill<Args> = {
  name: 'placeBlock',
  description:
    'Places one block that you hold into a cell, against a block beside it; goes there first, and leans over edges to place ahead.',
  parameters,
  precondition: 'You hold the item, the cell is free, a solid block is beside it, and there is a way to within reach of it.',
  effect: 'The block stands in the cell.',
  refusals: {
    'outside-world': 'The cell is outside the world.',
    'unknown-item': 'No item is called so.',
    'not-held': 'You do not hold the item.',
    'not-placeable': 'The item is no block that can stand in this world.',
    'may-not-place': 'This agent may not place blocks, or the scenario does not let anybody build there.',
    occupied: 'A block or a body is in the cell.',
    'no-support': 'No solid block is beside the cell to place against.',
    'wrong-ground': 'The item needs another block under it.',
    'out-of-reach': 'There is no place from which it can be placed.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && view.roster[view.slot].can.place,
  begin(body, { x, y, z, item }) {
    const { view } = body;
    const cell: Cell = [x, y, z];
    const found = findItem(item);
    if (isRefusal(found)) return found;
    const wrong = outside(view, cell);
    if (wrong !== undefined) return wrong;
    const at = [...cell];
    if (!view.roster[view.slot].can.place) return refuse('may-not-place', `${view.roster[view.slot].id} may not place blocks.`, { at });
    const block = view.blockOfItem(found.item);
    if (block === 0) return refuse('not-placeable', `${found.name} is no block that can stand in this world.`, { item: found.name });
    if (view.blockAt(...cell) === block)
      return {
        answer: { sentence: `${found.name} is at ${cellText(cell)} already.`, facts: { at, block: blockName(view, cell), ticks: 0 } },
      };
    return unplaceable(body, cell, found.item, found.name, block) ?? new Placing(body, cell, found.item, block);
  },
};

/** Why an item cannot be placed into a cell now, wherever one stands. */
export function unplaceable(
  body: SkillBody,
  cell: Cell,
  item: number,
  name: string,
  block: number,
): { readonly refusal: Refusal } | undefined {
  const { view } = body;
  const [x, y, z] = cell;
  const at = [...cell];
  if (findSlot(view, (one) => one === item) < 0)
    return refuse('not-held', `You hold no ${name}; you hold ${listed(carriedItems(view))}.`, {
      item: name,
      held: Object.fromEntries(carriedItems(view)),
    });
  if (!view.mayPlaceAt(...cell)) return refuse('may-not-place', `The scenario lets nobody build at ${cellText(cell)}.`, { at });
  if (view.blocks.replaceable[view.blockAt(...cell)] === 0)
    return refuse(
      'occupied',
      `${blockName(view, cell)} is at ${cellText(cell)}; ${view.roster[view.slot].can.dig ? 'dig it first' : 'you cannot dig'}.`,
      { at, by: blockName(view, cell) },
    );
  const other = view.blocks.solid[block] === 1 ? bodyIn(view, cell) : undefined;
  if (other !== undefined) return refuse('occupied', `${other} stands in ${cellText(cell)}.`, { at, by: other });
  if (!SIDES.some(([dx, dy, dz]) => isInside(view, [x + dx, y + dy, z + dz]) && view.solidAt(x + dx, y + dy, z + dz)))
    return refuse(
      'no-support',
      `No solid block is beside ${cellText(cell)} to place against; below it is ${blockName(view, [x, y - 1, z])}.`,
      { at },
    );
  const under = view.survival?.placedOn[item] ?? 0;
  if (under !== 0 && view.blockAt(x, y - 1, z) !== under - 1)
    return refuse(
      'wrong-ground',
      `${name} must stand on ${view.palette.names[under - 1]}; below ${cellText(cell)} is ${blockName(view, [x, y - 1, z])}.`,
      {
        at,
        needs: view.palette.names[under - 1],
        below: blockName(view, [x, y - 1, z]),
      },
    );
  return undefined;
}

/** Another's body that overlaps a cell. */
function bodyIn(view: SkillBody['view'], [x, y, z]: Cell): string | undefined {
  const overlaps = (bx: number, by: number, bz: number) =>
    bx > x - 0.3 && bx < x + 1.3 && bz > z - 0.3 && bz < z + 1.3 && by > y - 1.8 && by < y + 1;
  for (let slot = 0; slot < view.numAgents; slot++)
    if (slot !== view.slot && view.isAlive(slot) && overlaps(view.x(slot), view.y(slot), view.z(slot))) return view.roster[slot].id;
  for (let mob = 0; mob < view.numMobs; mob++)
    if (view.isMobAlive(mob) && overlaps(view.mobX(mob), view.mobY(mob), view.mobZ(mob)))
      return `${view.survival!.mobs!.kindNames[view.mobKind(mob)]} ${mob}`;
  return undefined;
}

export class Placing implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #item: number;
  readonly #block: number;
  readonly #patience: Patience;
  readonly #since: number;
  #leans = false;

  constructor(body: SkillBody, cell: Cell, item: number, block: number) {
    this.#body = body;
    this.#cell = cell;
    this.#item = item;
    this.#block = block;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    body.setOut();
  }

  get #name(): string {
    return this.#body.view.palette.names[this.#block];
  }

  get progress(): number {
    return this.#body.view.blockAt(...this.#cell) === this.#block ? 1 : 0;
  }

  get doing(): string {
    return `placing ${this.#name} at ${cellText(this.#cell)}`;
  }

  step(c: Controls): SkillStep {
    const { view, navigator } = this.#body;
    const there = view.blockAt(...this.#cell);
    if (there === this.#block) {
      c.displace(0, 0, false);
      const ticks = view.tick - this.#since;
      return done(`${this.#name} stands at ${cellText(this.#cell)} after ${ticks / 20} s; you hold ${listed(carriedItems(view))}.`, {
        at: [...this.#cell],
        block: this.#name,
        ticks,
        held: Object.fromEntries(carriedItems(view)),
      });
    }
    const slot = findSlot(view, (one) => one === this.#item);
    if (slot < 0)
      return refused(
        refuse('not-held', `You hold no ${this.#name} any more.`, { item: this.#name, held: Object.fromEntries(carriedItems(view)) }),
      );
    if (view.blocks.replaceable[there] === 0)
      return refused(
        refuse('occupied', `${blockName(view, this.#cell)} is at ${cellText(this.#cell)} now.`, {
          at: [...this.#cell],
          by: blockName(view, this.#cell),
        }),
      );
    if (this.#leans) {
      c.hold(slot);
      navigator.travel(c, this.#over());
    } else if (placeCell(c, navigator, this.#cell, this.#block, false) === 'blocked') {
      navigator.forget();
      if (!this.#canLean()) return refused(outOfReach(this.#body, this.#cell));
      this.#leans = true;
    }
    const stuck = this.#patience.check(`Placing ${this.#name} at ${cellText(this.#cell)}`, this.#cell);
    if (stuck === undefined) return RUNNING;
    return refused({ refusal: { ...stuck.refusal, facts: { ...stuck.refusal.facts, before: whatIsAt(this.#body, this.#cell) } } });
  }

  /** The cell above the one to fill: whoever goes there over a gap fills it. */
  #over() {
    const [x, y, z] = this.#cell;
    return { box: [x, y + 1, z, x, y + 1, z] as const };
  }

  /** Whether the way onto the block needs this one edit and no other, and what would be placed is the block. */
  #canLean(): boolean {
    const { view, navigator } = this.#body;
    const [x, y, z] = this.#cell;
    if (heldBlocks(view, this.#block) < 0 || view.blocks.solid[this.#block] === 0) return false;
    const edits = (navigator.plan(view, this.#over()) ?? []).filter(({ move }) => move >= MOVE.dig);
    return edits.length === 1 && edits[0].move === MOVE.bridge && edits[0].x === x && edits[0].y === y + 1 && edits[0].z === z;
  }
}
