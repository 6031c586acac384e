/** What is kept of the ways to agents of other teams: a memo of each world, made by `renew-rival-fields.ts` and no part of its state. */
import type { RivalTables, ScenarioProgram } from '../program.js';

/** Fields and what they were made from. B worlds, T teams, A agents. */
export interface RivalFields {
  /** `[B, T, Y, Z, X]` twice the tenths of a metre to the nearest agent of another team, plus 1 while a cell waits in the queue; NO_WAY. */
  left: Int32Array;
  /** `[B, 1 + A]` of what the fields were made: the level's number, inverted so that it is never 0, then the cell of each agent, -1 for none. */
  madeOf: Int32Array;
  /** Scratch: cells that wait, as a ring. A cell waits once, and there are at most this many that can be stood in. */
  queue: Int32Array;
}

export const NO_WAY = -1;

export function createRivalFields(tables: RivalTables, { size, numAgents }: ScenarioProgram, numWorlds: number): RivalFields {
  const [sizeX, sizeY, sizeZ] = size;
  return {
    left: new Int32Array(numWorlds * tables.numTeams * sizeX * sizeY * sizeZ),
    madeOf: new Int32Array(numWorlds * (1 + numAgents)),
    queue: new Int32Array(rivalQueueCells(size)),
  };
}

/** Cells of the queue: one per batch, and on a device one per world, as all worlds search at once. */
export function rivalQueueCells([sizeX, sizeY, sizeZ]: ScenarioProgram['size']): number {
  // A floor, two cells of air and the next floor: every third cell of a column.
  return sizeX * sizeZ * Math.ceil(sizeY / 3);
}

/** Bytes per world of what `createRivalFields` makes, without the queue. */
export function rivalFieldBytes({ rivals, size, numAgents }: Pick<ScenarioProgram, 'rivals' | 'size' | 'numAgents'>): number {
  return rivals === undefined ? 0 : 4 * (rivals.numTeams * size[0] * size[1] * size[2] + 1 + numAgents);
}
