/**
 * What survival looks for in a world, kept beside its cells so that no rule searches them: stations, lamps, plants that grow, the roof over each column, piles.
 * Derived from cells and piles alone and never hashed: made at each start of an episode and at each restore, and kept per changed cell.
 * Limits: a list holds MAX_LISTED cells; a world with more is searched cell by cell until its next episode.
 */
import { MAX_PILES, PILE_WORDS } from '@kinovox/world';
import type { VariantData } from '../../program.js';
import { STATION, type SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';

/** Most cells in a list. */
export const MAX_LISTED = 128;
/** Length of a list whose cells did not fit. */
export const TOO_MANY = -1;

/**
 * A cell as one word, x | z << 10 | y << 20: the ninth bits are free, so that one sum compares three coordinates.
 * x and z are below 2^8, y below 2^7.
 */
export function placeOf(x: number, y: number, z: number): number {
  return x | (z << 10) | (y << 20);
}
export function placeX(place: number): number {
  return place & 1023;
}
export function placeY(place: number): number {
  return (place >> 20) & 127;
}
export function placeZ(place: number): number {
  return (place >> 10) & 1023;
}

export function cellOfPlace(c: Pick<TickContext, 'sizeX' | 'sizeZ'>, place: number): number {
  return (placeY(place) * c.sizeZ + placeZ(place)) * c.sizeX + placeX(place);
}

/** Light of a lamp, which its entry carries in bits 27 to 30. */
export function lightOf(entry: number): number {
  return entry >> 27;
}

/** Cells of one kind in each world, in no order. */
export interface CellList {
  /** `[B, MAX_LISTED]` places. */
  places: Int32Array;
  /** `[B]` how many; TOO_MANY when they were more than fit. */
  length: Int32Array;
}

export interface LevelIndex {
  /** `[P]` MARK bits, and the light of a lamp from bit LIGHT_SHIFT on. */
  marks: Uint16Array;
  /** Crafting tables, furnaces, beds. */
  stations: CellList;
  /** Blocks that give light: places with the light, see `lightOf`. */
  lamps: CellList;
  /** `[B]` cells that can grow, `[B, Z, X]` how many of them each column holds, and `[B, columnWords]` a bit per column that holds any. */
  numPlants: Int32Array;
  plantsAt: Uint8Array;
  plantColumns: Uint32Array;
  columnWords: number;
  /** `[B]` ladders and the like. */
  numClimbable: Int32Array;
  /** `[B, Z, X]` y above the highest opaque block: the sky is seen from there on. */
  roof: Uint8Array;
  /** `[B]` rows of piles from this one on are empty. */
  pileEnd: Int32Array;
  /** Scratch: places of the stations near one agent. */
  near: Int32Array;
  /** By level: what a world holds at its start. */
  levels: WeakMap<VariantData, LevelStart>;
}

/** Bits of `LevelIndex.marks`. */
export const MARK = { station: 1, plant: 2, opaque: 4, climbable: 8 } as const;
const LIGHT_SHIFT = 4;

interface LevelStart {
  stations: Int32Array | undefined;
  lamps: Int32Array | undefined;
  numPlants: number;
  numClimbable: number;
  plantsAt: Uint8Array;
  plantColumns: Uint32Array;
  roof: Uint8Array;
}

export function createLevelIndex(s: SurvivalTables, climbable: Uint8Array, numWorlds: number, columns: number): LevelIndex {
  const columnWords = (columns + 31) >> 5;
  const edge = 2 * s.stationReach + 1;
  const list = (): CellList => ({ places: new Int32Array(numWorlds * MAX_LISTED), length: new Int32Array(numWorlds) });
  return {
    marks: Uint16Array.from(
      s.stationOf,
      (station, p) =>
        (station !== STATION.none || s.bed[p] === 1 ? MARK.station : 0) |
        (s.light[p] << LIGHT_SHIFT) |
        (s.growsInto[p] !== p || s.growsTree[p] === 1 ? MARK.plant : 0) |
        (s.opaque[p] === 1 ? MARK.opaque : 0) |
        (climbable[p] === 1 ? MARK.climbable : 0),
    ),
    stations: list(),
    lamps: list(),
    numPlants: new Int32Array(numWorlds),
    plantsAt: new Uint8Array(numWorlds * columns),
    plantColumns: new Uint32Array(numWorlds * columnWords),
    columnWords,
    numClimbable: new Int32Array(numWorlds),
    roof: new Uint8Array(numWorlds * columns),
    pileEnd: new Int32Array(numWorlds),
    near: new Int32Array(edge * edge * edge),
    levels: new WeakMap(),
  };
}

/** Index of world w, which has just taken the cells of `level` and holds no pile. */
export function startIndex(c: TickContext, index: LevelIndex, w: number, level: VariantData): void {
  const columns = c.sizeX * c.sizeZ;
  const start = index.levels.get(level);
  index.pileEnd[w] = 0;
  if (start === undefined) {
    indexCells(c, index, w);
    index.levels.set(level, {
      stations: listed(index.stations, w),
      lamps: listed(index.lamps, w),
      numPlants: index.numPlants[w],
      numClimbable: index.numClimbable[w],
      plantsAt: index.plantsAt.slice(w * columns, (w + 1) * columns),
      plantColumns: index.plantColumns.slice(w * index.columnWords, (w + 1) * index.columnWords),
      roof: index.roof.slice(w * columns, (w + 1) * columns),
    });
    return;
  }
  fillList(index.stations, w, start.stations);
  fillList(index.lamps, w, start.lamps);
  index.numPlants[w] = start.numPlants;
  index.numClimbable[w] = start.numClimbable;
  index.plantsAt.set(start.plantsAt, w * columns);
  index.plantColumns.set(start.plantColumns, w * index.columnWords);
  index.roof.set(start.roof, w * columns);
}

/** Index of world w from its cells and piles, whatever they are. */
export function rebuildIndex(c: TickContext, index: LevelIndex, w: number): void {
  indexCells(c, index, w);
  const { pile } = c.state;
  let end: number = MAX_PILES;
  while (end > 0 && pile[(w * MAX_PILES + end - 1) * PILE_WORDS] === 0) end--;
  index.pileEnd[w] = end;
}

/** A cell of world w went from palette entry `before` to `after`; the cells hold `after` already. */
export function noteCell(c: TickContext, index: LevelIndex, w: number, cell: number, before: number, after: number): void {
  const was = index.marks[before];
  const is = index.marks[after];
  const changed = was ^ is;
  if (changed === 0) return;
  const layer = c.sizeX * c.sizeZ;
  const y = Math.trunc(cell / layer);
  const column = cell - y * layer;
  const z = Math.trunc(column / c.sizeX);
  const place = placeOf(column - z * c.sizeX, y, z);
  if ((changed & MARK.station) !== 0) {
    if ((is & MARK.station) !== 0) add(index.stations, w, place);
    else remove(index.stations, w, place);
  }
  if (changed >> LIGHT_SHIFT !== 0) {
    if (was >> LIGHT_SHIFT !== 0) remove(index.lamps, w, place | ((was >> LIGHT_SHIFT) << 27));
    if (is >> LIGHT_SHIFT !== 0) add(index.lamps, w, place | ((is >> LIGHT_SHIFT) << 27));
  }
  if ((changed & MARK.climbable) !== 0) index.numClimbable[w] += (is & MARK.climbable) !== 0 ? 1 : -1;
  if ((changed & MARK.plant) !== 0) {
    const by = (is & MARK.plant) !== 0 ? 1 : -1;
    index.numPlants[w] += by;
    index.plantsAt[w * layer + column] += by;
    const word = w * index.columnWords + (column >> 5);
    if (index.plantsAt[w * layer + column] > 0) index.plantColumns[word] |= 1 << (column & 31);
    else index.plantColumns[word] &= ~(1 << (column & 31));
  }
  if ((changed & MARK.opaque) !== 0) noteRoof(c, index, w, column, y, (is & MARK.opaque) !== 0);
}

function add(list: CellList, w: number, place: number): void {
  const length = list.length[w];
  if (length === TOO_MANY) return;
  if (length === MAX_LISTED) {
    list.length[w] = TOO_MANY;
    return;
  }
  list.places[w * MAX_LISTED + length] = place;
  list.length[w] = length + 1;
}

function remove(list: CellList, w: number, place: number): void {
  const last = w * MAX_LISTED + list.length[w] - 1;
  for (let at = w * MAX_LISTED; at <= last; at++) {
    if (list.places[at] !== place) continue;
    list.places[at] = list.places[last];
    list.length[w]--;
    return;
  }
}

/** Keeps the roof of a column after the cell at height y became opaque or ceased to be. */
function noteRoof(c: TickContext, index: LevelIndex, w: number, column: number, y: number, isOpaque: boolean): void {
  const { state } = c;
  const at = w * c.sizeX * c.sizeZ + column;
  if (isOpaque) {
    if (y >= index.roof[at]) index.roof[at] = y + 1;
    return;
  }
  if (y + 1 !== index.roof[at]) return;
  let top = y;
  let cell = w * state.cellsPerWorld + (y - 1) * c.sizeX * c.sizeZ + column;
  while (top > 0 && (index.marks[state.voxels[cell]] & MARK.opaque) === 0) {
    top--;
    cell -= c.sizeX * c.sizeZ;
  }
  index.roof[at] = top;
}

function indexCells(c: TickContext, index: LevelIndex, w: number): void {
  const { state, sizeX, sizeY, sizeZ } = c;
  const columns = sizeX * sizeZ;
  index.stations.length[w] = 0;
  index.lamps.length[w] = 0;
  index.numPlants[w] = 0;
  index.numClimbable[w] = 0;
  index.plantsAt.fill(0, w * columns, (w + 1) * columns);
  index.plantColumns.fill(0, w * index.columnWords, (w + 1) * index.columnWords);
  index.roof.fill(0, w * columns, (w + 1) * columns);
  let at = w * state.cellsPerWorld;
  for (let y = 0; y < sizeY; y++) {
    for (let z = 0; z < sizeZ; z++) {
      for (let x = 0; x < sizeX; x++, at++) {
        const mark = index.marks[state.voxels[at]];
        if (mark === 0) continue;
        const column = z * sizeX + x;
        const place = placeOf(x, y, z);
        if ((mark & MARK.station) !== 0) add(index.stations, w, place);
        if (mark >> LIGHT_SHIFT !== 0) add(index.lamps, w, place | ((mark >> LIGHT_SHIFT) << 27));
        if ((mark & MARK.plant) !== 0) {
          index.numPlants[w]++;
          index.plantsAt[w * columns + column]++;
          index.plantColumns[w * index.columnWords + (column >> 5)] |= 1 << (column & 31);
        }
        if ((mark & MARK.climbable) !== 0) index.numClimbable[w]++;
        if ((mark & MARK.opaque) !== 0) index.roof[w * columns + column] = y + 1;
      }
    }
  }
}

/** Copy of the list of world w, or undefined when its cells did not fit. */
function listed(list: CellList, w: number): Int32Array | undefined {
  return list.length[w] === TOO_MANY ? undefined : list.places.slice(w * MAX_LISTED, w * MAX_LISTED + list.length[w]);
}

function fillList(list: CellList, w: number, places: Int32Array | undefined): void {
  list.length[w] = places === undefined ? TOO_MANY : places.length;
  if (places !== undefined) list.places.set(places, w * MAX_LISTED);
}
