/**
 * Clues: what a level shows of a parameter that an agent is not told. By the published rules a block stands in one of several cells, and which one it is
 * depends on one parameter: whoever has that cell in its view knows the parameter.
 * Data flow: rules of the scenario -> clues; voxels around the agent -> a value; a clue out of view -> where to go to see it.
 * Limits: parameters of whole numbers, cells that depend on one parameter, and blocks that nothing else puts there; a clue that a mechanism shows is
 *   looked for at the fixed plates of that mechanism.
 */
import { isParameterRef, type ParameterRef, valueOfRef } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';

type Cell = readonly [number, number, number];

interface Clue {
  parameter: string;
  /** Palette index of the block that shows it. */
  block: number;
  /** Value of the parameter and the cell in which the block then is. */
  places: readonly { value: number; cell: Cell }[];
  /** Plates that make the clue show; empty where it shows by itself. */
  plates: readonly Cell[];
}

/** Half of the view in which a clue is read where the scenario shows no voxels. */
const NO_CROP = 9;
/** Cells around a clue within which an agent goes to see it. */
const NEAR = 2;

export class Clues {
  readonly #view: AgentView;
  readonly #clues: readonly Clue[];
  readonly #reach: number;

  constructor(view: AgentView) {
    this.#view = view;
    const { observation, world, mechanisms } = view.rules;
    this.#reach = (observation.crop || NO_CROP) >> 1;
    const clues: Clue[] = [];
    const add = (cell: unknown, block: unknown, plates: readonly Cell[]) => {
      if (typeof block !== 'string') return;
      const clue = this.#clueAt(cell, block, plates);
      if (clue !== undefined) clues.push(clue);
    };
    for (const edit of world.edits) if ('set' in edit && 'at' in edit) add(edit.at, edit.set, []);
    for (const { effects, when } of mechanisms) {
      const plates = ('all' in when ? when.all : when.any).flatMap((trigger) =>
        'plate' in trigger && isFixed(trigger.plate) ? [trigger.plate as unknown as Cell] : [],
      );
      // A block that is there at rest goes away, and one that is not is brought by the mechanism.
      for (const { region, on, off } of effects) {
        add(region[0], off, []);
        if (plates.length > 0) add(region[0], on, plates);
      }
    }
    this.#clues = clues;
  }

  /** Calls back with each parameter that a clue in view shows. */
  read(tell: (parameter: string, value: number) => void): void {
    const view = this.#view;
    for (const { parameter, block, places } of this.#clues)
      for (const { value, cell } of places) if (this.#isInView(cell) && view.blockAt(...cell) === block) tell(parameter, value);
  }

  /** Where to go for a clue of a parameter that is not known; undefined where there is none, or it is in view and shows nothing. */
  placeToSee(isKnown: (parameter: string) => boolean): Box | undefined {
    for (const { parameter, places, plates } of this.#clues) {
      if (isKnown(parameter)) continue;
      if (plates.length > 0) return [...plates[0], ...plates[0]];
      const [first, last] = [places[0].cell, places[places.length - 1].cell];
      const low = (axis: number) => Math.min(first[axis], last[axis]) - NEAR;
      const high = (axis: number) => Math.max(first[axis], last[axis]) + NEAR;
      if (!places.some(({ cell }) => this.#isInView(cell))) return [low(0), low(1), low(2), high(0), high(1), high(2)];
    }
    return undefined;
  }

  #clueAt(cell: unknown, blockName: string, plates: readonly Cell[]): Clue | undefined {
    const block = this.#view.palette.indexOfName(blockName);
    if (block === 0 || !Array.isArray(cell)) return undefined;
    const refs = cell.filter(isParameterRef) as ParameterRef[];
    const [ref] = refs;
    if (ref === undefined || refs.some(({ param }) => param !== ref.param)) return undefined;
    const parameter = this.#view.rules.parameters[ref.param];
    if (!('int' in parameter)) return undefined;
    const [low, high] = parameter.int;
    const places = Array.from({ length: high - low + 1 }, (_, i) => ({
      value: low + i,
      cell: cell.map((one) => (isParameterRef(one) ? valueOfRef(one, low + i) : one)) as unknown as Cell,
    })).filter((place) => place.cell.every((value, axis) => value >= 0 && value < this.#view.rules.world.size[axis]));
    if (places.length === 0) return undefined;
    return { parameter: ref.param, block, places, plates };
  }

  #isInView(cell: Cell): boolean {
    const here = this.#view.cellOf();
    return cell.every((value, axis) => Math.abs(value - here[axis]) <= this.#reach);
  }
}

function isFixed(cell: unknown): boolean {
  return Array.isArray(cell) && cell.every((one) => typeof one === 'number');
}
