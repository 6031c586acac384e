/**
 * Observations of the way to a rival: how far it is to the nearest agent of another team, and where that way goes next, around walls and through doorways.
 * A privilege that bodies have from outside, as a tracker with a map is one: what is learned with it is said to be.
 */
import { BODY_WORD, BODY_WORDS, type RivalTables } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { levelWord, renewRivalFields, standingCell } from '../stages/renew-rival-fields.js';
import { NO_WAY, type RivalFields } from '../stages/rival-fields.js';
import { GUIDANCE_FIELDS } from './observation.js';

const METRE = 1 / 65536;
const TENTH = 1 / 10;

/** The group `rivalGuidance` of worlds [w0, w1): the cell `observation.rivalGuidance` steps along the shortest way from the feet, or the rival itself where it is nearer. */
export function observeRivalGuidance(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, state, acted, sizeX, sizeZ, rivals } = c;
  const { bodies } = program;
  const tables = program.rivals;
  const ahead = program.observation.rivalGuidance ?? 0;
  if (tables === undefined || rivals === undefined) return;
  for (let w = w0; w < w1; w++) {
    renewRivalFields(c, tables, rivals, w);
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const at = i * observations.size + offset;
      for (let k = 0; k < GUIDANCE_FIELDS.length; k++) out[at + k] = 0;
      if (((state.flags[i] | acted[i]) & ALIVE) === 0) continue;
      const team = bodies[a * BODY_WORDS + BODY_WORD.team];
      const first = (w * tables.numTeams + team) * state.cellsPerWorld;
      let cell = standingCell(c, w, i);
      if (cell < 0 || rivals.left[first + cell] === NO_WAY) continue;
      out[at] = 1;
      out[at + 1] = (rivals.left[first + cell] >> 1) * TENTH;
      for (let n = 0; n < ahead && rivals.left[first + cell] > 0; n++) cell = nextCell(c, tables, rivals, w, first, cell);
      const line = (cell / sizeX) | 0;
      const y = (line / sizeZ) | 0;
      // The middle of the cell's floor; where a rival stands in it, that rival.
      let x = ((cell - line * sizeX) << 16) + 32768;
      let feet = y << 16;
      let z = ((line - y * sizeZ) << 16) + 32768;
      if (rivals.left[first + cell] === 0) {
        const j = rivalIn(c, w, team, cell);
        x = state.posX[j];
        feet = state.posY[j];
        z = state.posZ[j];
      }
      out[at + 2] = (x - state.posX[i]) * METRE;
      out[at + 3] = (feet - state.posY[i]) * METRE;
      out[at + 4] = (z - state.posZ[i]) * METRE;
    }
  }
}

/** The cell that a shortest way goes to next: of several, that of the move that comes first. */
function nextCell(c: TickContext, tables: RivalTables, rivals: RivalFields, w: number, first: number, cell: number): number {
  const { offsets, costs, numMoves } = tables;
  const here = rivals.left[first + cell] >> 1;
  for (let n = 0; n < numMoves; n++) {
    const to = cell + offsets[n];
    if (to < 0 || to >= c.state.cellsPerWorld || rivals.left[first + to] === NO_WAY) continue;
    if (((levelWord(c.state.variants[w].arrivals, to) >> n) & 1) === 0) continue;
    if ((rivals.left[first + to] >> 1) + costs[n] === here) return to;
  }
  return cell;
}

/** The first present agent of another team that stands in a cell in which one does. */
function rivalIn(c: TickContext, w: number, team: number, cell: number): number {
  const { numAgents } = c;
  const { bodies } = c.program;
  for (let a = 0; a < numAgents; a++) {
    if (bodies[a * BODY_WORDS + BODY_WORD.team] === team) continue;
    if (standingCell(c, w, w * numAgents + a) === cell) return w * numAgents + a;
  }
  return w * numAgents;
}
