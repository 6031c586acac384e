/** Building from a list of cells or a blueprint of the scenario: lowest first, each placed as `placeBlock` places it; a column that is too high to reach is climbed as it grows. */
import { ITEM_BY_ID } from '@kinovox/world';
import { z } from 'zod';
import { isColumn } from '../../skills/building.js';
import type { Controls } from '../../skills/controls.js';
import type { Cell } from '../../skills/hands.js';
import { countItems, heldBlocks, itemThatPlaces } from '../../skills/inventory.js';
import { cellFields, nameField, optionalCell } from '../arguments.js';
import { describeBlueprints, type WantedCell, wantedCells } from '../blueprint-cells.js';
import { Journey } from '../journey.js';
import { blockName, carriedItems, findBlock, isRefusal, outside } from '../names.js';
import { cellText, done, listed, plural, RUNNING, refuse, refused } from '../outcome.js';
import type { Refusal, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';
import { Placing, unplaceable } from './place-block.js';

/** Cells that a refusal names. */
const MOST_NAMED = 16;
/** From this height on a column is climbed rather than built from below. */
const TALL = 3;

const parameters = z.strictObject({
  cells: z
    .array(z.strictObject({ ...cellFields, block: nameField('Kind of block, such as "stone".') }))
    .min(1)
    .max(128)
    .optional()
    .describe('What is to stand where, 1..128 cells; those that are right already are left.'),
  blueprint: nameField('In place of cells, a blueprint of the scenario.').optional(),
  x: optionalCell.x.describe('Of a blueprint: block cell of its lowest corner, blocks to the east; default: where the scenario has it.'),
  y: optionalCell.y.describe('The same: blocks up.'),
  z: optionalCell.z.describe('The same: blocks to the south.'),
});
type Args = z.output<typeof parameters>;

interface Part {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly block: number;
  readonly item: number;
}

export const build: Skill<Args> = {
  name: 'build',
  description: 'Builds from a list of cells and blocks, or a blueprint by its name, lowest first, with what you hold.',
  describeFor: ({ blueprints }) => describeBlueprints(blueprints),
  parameters,
  precondition: 'You hold all the blocks, the cells are free, and each has a solid block beside it when its turn comes.',
  effect: 'The blocks stand in their cells.',
  refusals: {
    'one-of': 'Neither cells nor a blueprint were given, or both; or two kinds of block for one cell.',
    'unknown-blueprint': 'The scenario has no such blueprint.',
    'no-place': 'The scenario does not say where the blueprint belongs, and its lowest corner was not given.',
    'outside-world': 'A cell is outside the world.',
    'unknown-block': 'No such block is in this world.',
    'not-placeable': 'No item places such a block.',
    'missing-blocks': 'You hold too few blocks of a kind; the facts say how many of each are lacking.',
    occupied: 'Other blocks are in cells that are to be filled; the facts name the first 16.',
    'may-not-place': 'This agent may not place blocks, or the scenario does not let anybody build there.',
    unfinished: 'What is left cannot be placed; the sentence says what keeps the next block from its cell.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && view.roster[view.slot].can.place,
  begin(body, args) {
    const cells = wantedCells(body.view, args);
    if ('refusal' in cells) return cells;
    const parts = partsOf(body, cells);
    if ('refusal' in parts) return parts;
    if (parts.length === 0) return { answer: { sentence: 'All of it stands already.', facts: { placed: 0, wanted: cells.length } } };
    return lacking(body, parts) ?? new Building(body, parts, cells.length);
  },
};

/** What is not right yet, lowest first; of equals by z, then x. */
function partsOf({ view }: SkillBody, cells: readonly WantedCell[]): Part[] | { readonly refusal: Refusal } {
  const parts: Part[] = [];
  const named = new Map<string, string>();
  const blocked: { at: number[]; by: string; wanted: string }[] = [];
  for (const { x, y, z, block: name } of cells) {
    const cell: Cell = [x, y, z];
    const wrong = outside(view, cell);
    if (wrong !== undefined) return wrong;
    const found = findBlock(view, name);
    if (isRefusal(found)) return found;
    const twice = named.get(cellText(cell));
    if (twice === found.name) continue;
    if (twice !== undefined)
      return refuse('one-of', `${cellText(cell)} must hold one block; got ${twice} and ${found.name}.`, {
        at: [...cell],
        blocks: [twice, found.name],
      });
    named.set(cellText(cell), found.name);
    const there = view.blockAt(...cell);
    if (there === found.block) continue;
    const item = itemThatPlaces(view, found.block);
    if (item === 0 || view.blockOfItem(item) !== found.block)
      return refuse('not-placeable', `No item places ${found.name}.`, { block: found.name });
    if (!view.roster[view.slot].can.place || !view.mayPlaceAt(...cell))
      return refuse(
        'may-not-place',
        `${view.roster[view.slot].can.place ? `The scenario lets nobody build at ${cellText(cell)}` : `${view.roster[view.slot].id} may not place blocks`}.`,
        { at: [...cell] },
      );
    if (view.blocks.replaceable[there] === 0) blocked.push({ at: [...cell], by: blockName(view, cell), wanted: found.name });
    else parts.push({ x, y, z, block: found.block, item });
  }
  if (blocked.length > 0) return occupied(blocked, view.roster[view.slot].can.dig);
  return parts.sort((a, b) => a.y - b.y || a.z - b.z || a.x - b.x);
}

/** @param mayDig whether the agent could make room. */
function occupied(blocked: readonly { at: number[]; by: string; wanted: string }[], mayDig: boolean): { readonly refusal: Refusal } {
  const [{ at, by, wanted }] = blocked;
  const isOne = blocked.length === 1;
  const others = isOne ? '' : `, and ${plural(blocked.length - 1, 'other cell is', 'other cells are')} taken too`;
  const advice = mayDig ? `; dig ${isOne ? 'it' : 'them'} first` : '; you cannot dig';
  return refuse('occupied', `${by} is at ${cellText(at)}, where ${wanted} is to stand${others}${advice}.`, {
    at,
    by,
    numBlocked: blocked.length,
    blocked: blocked.slice(0, MOST_NAMED),
  });
}

function lacking({ view }: SkillBody, parts: readonly Part[]): { readonly refusal: Refusal } | undefined {
  const needed = new Map<number, number>();
  for (const { item } of parts) needed.set(item, (needed.get(item) ?? 0) + 1);
  const missing = [...needed].flatMap(([item, count]): [string, number][] => {
    const lacks = count - countItems(view, item);
    return lacks > 0 ? [[ITEM_BY_ID.get(item)!.name, lacks]] : [];
  });
  if (missing.length === 0) return undefined;
  return refuse(
    'missing-blocks',
    `${plural(parts.length, 'cell')} to fill lack ${listed(missing)}; you hold ${listed(carriedItems(view))}.`,
    {
      missing: Object.fromEntries(missing),
      held: Object.fromEntries(carriedItems(view)),
      cellsLeft: parts.length,
    },
  );
}

class Building implements SkillRun {
  readonly #body: SkillBody;
  readonly #parts: readonly Part[];
  readonly #wanted: number;
  readonly #since: number;
  #current: { part: Part; run: Placing } | undefined;
  #climb: Journey | undefined;
  /** Blocks that this agent, and nobody who helps, has placed in cells of it. */
  #placed = 0;
  #mayClimb = true;
  /** Cells that could not be filled since the last one that could, and why the first could not. */
  readonly #aside = new Set<Part>();
  #why: Refusal | undefined;

  constructor(body: SkillBody, parts: readonly Part[], wanted: number) {
    this.#body = body;
    this.#parts = parts;
    this.#wanted = wanted;
    this.#since = body.view.tick;
    body.setOut();
  }

  get #left(): Part[] {
    return this.#parts.filter(({ x, y, z, block }) => this.#body.view.blockAt(x, y, z) !== block);
  }

  get progress(): number {
    return 1 - this.#left.length / this.#parts.length;
  }

  get doing(): string {
    return `building, ${plural(this.#left.length, 'block')} left`;
  }

  step(c: Controls): SkillStep {
    const { view } = this.#body;
    this.#countOwn();
    const left = this.#left;
    if (left.length === 0) {
      c.displace(0, 0, false);
      const ticks = view.tick - this.#since;
      return done(`All ${plural(this.#wanted, 'block')} stand after ${ticks / 20} s; you placed ${this.#placed}.`, {
        placed: this.#placed,
        wanted: this.#wanted,
        ticks,
      });
    }
    if (this.#climb !== undefined || this.#isToClimb(left)) return this.#climbOn(c, left);
    const current = this.#current;
    if (current !== undefined) {
      const step = current.run.step(c);
      if (step.status === 'running') return RUNNING;
      this.#current = undefined;
      if (step.status === 'done') this.#forgive();
      else this.#setAside(current.part, step.refusal);
      return RUNNING;
    }
    for (const part of left) {
      if (this.#aside.has(part)) continue;
      const cell: Cell = [part.x, part.y, part.z];
      const wrong = unplaceable(this.#body, cell, part.item, view.palette.names[part.block], part.block);
      if (wrong === undefined) {
        this.#current = { part, run: new Placing(this.#body, cell, part.item, part.block) };
        return this.#current.run.step(c);
      }
      this.#setAside(part, wrong.refusal);
    }
    const why = this.#why!;
    return refused(
      refuse('unfinished', `${plural(left.length, 'block')} of ${this.#wanted} cannot be placed. ${why.sentence}`, {
        ...why.facts,
        because: why.code,
        cellsLeft: left.length,
        placed: this.#placed,
      }),
    );
  }

  /** A column of building blocks that is too tall to be built from beside it. */
  #isToClimb(left: readonly Part[]): boolean {
    const { view, ground } = this.#body;
    return (
      this.#mayClimb &&
      this.#current === undefined &&
      left.length >= TALL &&
      isColumn(view, ground, left) &&
      left.every(({ block }) => block === left[0].block) &&
      heldBlocks(view) === heldBlocks(view, left[0].block)
    );
  }

  #climbOn(c: Controls, left: readonly Part[]): SkillStep {
    const top = left[left.length - 1];
    this.#climb ??= new Journey(this.#body, `the top of the column at ${cellText([top.x, top.y, top.z])}`);
    const status = this.#climb.step(c, { box: [top.x, top.y + 1, top.z, top.x, top.y + 1, top.z] });
    if (status === 'moving') return RUNNING;
    this.#climb = undefined;
    // What cannot be climbed may still be reached from beside it.
    this.#mayClimb &&= status === 'arrived';
    return RUNNING;
  }

  #countOwn(): void {
    const { view } = this.#body;
    for (const { kind, agent, data0 } of view.events()) {
      if (kind !== 'placed' || agent !== view.slot) continue;
      const [x, y, z] = view.cellAt(data0);
      if (this.#parts.some((part) => part.x === x && part.y === y && part.z === z)) this.#placed++;
    }
  }

  #setAside(part: Part, why: Refusal): void {
    this.#aside.add(part);
    this.#why ??= why;
  }

  #forgive(): void {
    this.#aside.clear();
    this.#why = undefined;
  }
}
