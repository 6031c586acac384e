/**
 * Observations of the way: how far it is to the goal, and where it goes next. Read off fields of the level as it is made: edits, doors and other agents
 * do not change them. A privilege that bodies have from outside, as a satellite receiver with a map is one: what is learned with it is said to be.
 */
import { ALIVE, type TickContext } from '../stages/context.js';
import { feetCell, wayOf } from '../stages/ways.js';
import { GUIDANCE_FIELDS } from './observation.js';

const METRE = 1 / 65536;
const TENTH = 1 / 10;

/** The group `guidance` of worlds [w0, w1): the cell `observation.guidance` steps along the shortest way from the feet, or the goal's where it is nearer. */
export function observeGuidance(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, state, acted, sizeX, sizeZ } = c;
  const { guidance } = program;
  const ahead = program.observation.guidance ?? 0;
  if (guidance === undefined) return;
  for (let w = w0; w < w1; w++) {
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const at = i * observations.size + offset;
      for (let k = 0; k < GUIDANCE_FIELDS.length; k++) out[at + k] = 0;
      const field = guidance.wayOfAgent[a];
      if (field < 0 || ((state.flags[i] | acted[i]) & ALIVE) === 0) continue;
      const first = field * state.cellsPerWorld;
      const feet = first + feetCell(c, i);
      let cell = wayOf(state.variants[w].onward, feet);
      if (cell < 0) continue;
      for (let n = 1; n < ahead; n++) cell = wayOf(state.variants[w].onward, first + cell);
      const line = (cell / sizeX) | 0;
      const y = (line / sizeZ) | 0;
      out[at] = 1;
      out[at + 1] = wayOf(state.variants[w].ways, feet) * TENTH;
      out[at + 2] = (((cell - line * sizeX) << 16) + 32768 - state.posX[i]) * METRE;
      out[at + 3] = ((y << 16) - state.posY[i]) * METRE;
      out[at + 4] = (((line - y * sizeZ) << 16) + 32768 - state.posZ[i]) * METRE;
    }
  }
}
