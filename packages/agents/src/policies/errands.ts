/**
 * Errands of one agent: boxes that its task has it fetch and put down, read from `placed` parts that name it and the `built` part that says where.
 * Data flow: formula -> parts about this agent -> what the monitor has counted and what is carried -> fetch or bring.
 * Limit: parts of the task's outermost `all`; a block of which no `built` part tells the place is left alone.
 */
import { blockByName, formulaKind, type ResolvedFormula, selectAgents } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';
import { heldBlocks } from '../skills/inventory.js';
import { numberNodes } from '../task/survival-reader.js';
import { boxOf } from '../task/task-reader.js';

type Cell = readonly [number, number, number];

export interface Errand {
  kind: 'fetch' | 'bring';
  /** Palette index of what is carried. */
  block: number;
  /** Where it is to stand in the end. */
  box: Box;
  /** How many are still to be brought. */
  left: number;
}

interface Duty {
  /** Monitor node and place in its list, by which the count is found. */
  node: number;
  k: number;
  atLeast: number;
  block: number;
  box: Box;
}

interface Placed {
  agents: string | readonly string[];
  quantifier?: 'all' | 'any';
  block: string;
  atLeast: number;
}

interface Built {
  region?: readonly [Cell, Cell];
  block?: string;
}

export class Errands {
  readonly #view: AgentView;
  #formula: ResolvedFormula | undefined;
  #duties: readonly Duty[] = [];

  constructor(view: AgentView) {
    this.#view = view;
  }

  /** What is next; undefined when there is nothing to fetch or bring. */
  read(formula: ResolvedFormula): Errand | undefined {
    if (formula !== this.#formula) {
      this.#formula = formula;
      this.#duties = dutiesOf(this.#view, formula);
    }
    for (const { node, k, atLeast, block, box } of this.#duties) {
      const left = atLeast - this.#view.tally(node, k);
      if (left > 0) return { kind: heldBlocks(this.#view, block) >= 0 ? 'bring' : 'fetch', block, box, left };
    }
    return undefined;
  }
}

function dutiesOf(view: AgentView, formula: ResolvedFormula): Duty[] {
  const { dig, place } = view.roster[view.slot].can;
  if (!dig || !place) return [];
  const numbers = new Map<object, number>();
  numberNodes(formula, numbers);
  const first = view.taskNode - (numbers.size - 1);
  const parts = formulaKind(formula) === 'all' ? (formula as unknown as { all: readonly ResolvedFormula[] }).all : [formula];
  const places = parts.flatMap((part) => ('built' in part ? [part.built as Built] : []));
  return parts.flatMap((part) => {
    if (!('placed' in part)) return [];
    const { agents, quantifier, block, atLeast } = part.placed as Placed;
    const k = selectAgents(view.roster, agents as string | string[]).indexOf(view.slot);
    const region = places.find((place) => place.block === block)?.region;
    if (k < 0 || quantifier === 'any' || region === undefined) return [];
    return [{ node: first + numbers.get(part)!, k, atLeast, block: view.palette.indexOfName(blockByName(block).name), box: boxOf(region) }];
  });
}

/** Cells that an errand can be done at now: where its block lies outside its place, or the free cells of its place. */
export function sitesOf(view: AgentView, { kind, block, box }: Errand): Cell[] {
  const sites: Cell[] = [];
  const [x0, y0, z0, x1, y1, z1] = kind === 'bring' ? box : [0, 0, 0, view.sizeX - 1, view.sizeY - 1, view.sizeZ - 1];
  for (let y = y0; y <= y1; y++)
    for (let z = z0; z <= z1; z++) for (let x = x0; x <= x1; x++) if (isSite(view, { kind, block, box }, [x, y, z])) sites.push([x, y, z]);
  return sites;
}

export function isSite(view: AgentView, { kind, block, box }: Pick<Errand, 'kind' | 'block' | 'box'>, [x, y, z]: Cell): boolean {
  const there = view.blockAt(x, y, z);
  if (kind === 'bring') return view.blocks.replaceable[there] === 1 && there !== block;
  return there === block && !(x >= box[0] && y >= box[1] && z >= box[2] && x <= box[3] && y <= box[4] && z <= box[5]);
}
