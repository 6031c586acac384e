/** Where items come from besides being made: what lies about, the blocks and mobs that drop them, and where the nearest of a block stands. */
import { DROP_COLUMN, DROP_COLUMNS, MOB_COLUMN, MOB_COLUMNS, MOB_DROP_COLUMN, MOB_DROP_COLUMNS, type SurvivalTables } from '@kinovox/env';
import { MAX_PILES } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { BlockIndex } from '../skills/block-index.js';
import type { Cell } from '../skills/hands.js';
import type { Job } from './job.js';

const ALWAYS_Q16 = 65536;
/** Piles farther than this are left to lie, blocks. */
const FAR_PILE = 48;

export class Sources {
  readonly #view: AgentView;
  readonly #rules: SurvivalTables;
  readonly #index: BlockIndex;
  readonly #isGrowing: (block: number) => boolean;
  /** Palette entries that drop an item: for sure, and now and then. */
  readonly #droppers = new Map<number, { sure: number[]; drawn: number[] }>();

  /** @param isGrowing whether a block is a plant on its way to something else, which is not dug for what it drops. */
  constructor(view: AgentView, rules: SurvivalTables, index: BlockIndex, isGrowing: (block: number) => boolean) {
    this.#view = view;
    this.#rules = rules;
    this.#index = index;
    this.#isGrowing = isGrowing;
  }

  /** A walk to the nearest pile of the item. */
  pileOf(item: number): Job | undefined {
    const view = this.#view;
    let job: Job | undefined;
    let least = FAR_PILE;
    for (let row = 0; row < MAX_PILES; row++) {
      const pile = view.pile(row);
      if (pile === undefined || pile.item !== item || !pile.ready) continue;
      const { x, y, z } = pile;
      const distance = Math.max(Math.abs(x + 0.5 - view.x()), Math.abs(y - view.y()), Math.abs(z + 0.5 - view.z()));
      if (distance >= least) continue;
      least = distance;
      job = { kind: 'collect', cell: [x, y, z] };
    }
    return job;
  }

  /** Rows of `survival.mobs` whose mobs may leave the item. */
  kindsThatDrop(item: number): number[] {
    const { mobs } = this.#rules;
    return (mobs?.kindNames ?? []).flatMap((_, kind) => {
      const row = kind * MOB_COLUMNS;
      const first = mobs!.kinds[row + MOB_COLUMN.firstDrop];
      for (let k = first; k < first + mobs!.kinds[row + MOB_COLUMN.numDrops]; k++) {
        const at = k * MOB_DROP_COLUMNS;
        if (mobs!.drops[at + MOB_DROP_COLUMN.item] === item && mobs!.drops[at + MOB_DROP_COLUMN.most] > 0) return [kind];
      }
      return [];
    });
  }

  /** Whether a mob of one of these kinds lives. */
  canHunt(kinds: readonly number[]): boolean {
    for (let mob = 0; mob < this.#view.numMobs; mob++)
      if (this.#view.isMobAlive(mob) && kinds.includes(this.#view.mobKind(mob))) return true;
    return false;
  }

  /** The nearest cell with one of these palette entries. */
  nearest(blocks: readonly number[]): Cell | undefined {
    const view = this.#view;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const block of blocks) {
      for (const cell of this.#index.cells(block)) {
        const [x, y, z] = view.cellAt(cell);
        const distance = Math.abs(x - view.x()) + Math.abs(y - view.y()) + Math.abs(z - view.z());
        if (distance < least) [least, best] = [distance, [x, y, z]];
      }
    }
    return best;
  }

  /** Whether such a block is there and can be dug at all. */
  stands(block: number): boolean {
    return this.#index.count(block) > 0 && this.#rules.digTicks[block * this.#rules.numToolRows] >= 0;
  }

  /** Blocks that drop the item, those that are still growing apart. */
  droppersOf(item: number): { sure: number[]; drawn: number[] } {
    let known = this.#droppers.get(item);
    if (known === undefined) {
      const { firstDrop, drops } = this.#rules;
      known = { sure: [], drawn: [] };
      for (const block of this.#view.palette.names.keys()) {
        if (this.#isGrowing(block)) continue;
        let chance = 0;
        for (let row = firstDrop[block]; row < firstDrop[block + 1]; row++) {
          const at = row * DROP_COLUMNS;
          if (drops[at + DROP_COLUMN.item] === item) chance = Math.max(chance, drops[at + DROP_COLUMN.chanceQ16]);
        }
        if (chance > 0) (chance === ALWAYS_Q16 ? known.sure : known.drawn).push(block);
      }
      this.#droppers.set(item, known);
    }
    return known;
  }
}
