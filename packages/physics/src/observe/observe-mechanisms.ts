/** Observations of mechanisms: where plates, levers and switched blocks are, and whether they are on. */
import { MECHANISM_WORDS } from '@kinovox/world';
import {
  MECHANISM_CLOCK,
  MECHANISM_COLUMN,
  MECHANISM_COLUMNS,
  MECHANISM_EFFECT_COLUMNS,
  MECHANISM_INPUT_COLUMNS,
  MECHANISM_LINK,
} from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { inputShows } from '../stages/mechanisms.js';
import { MECHANISM_FIELDS } from './observation.js';

const METRE = 1 / 65536;
const BLOCKS = 3;

/** The group `mechanisms` of worlds [w0, w1): as many parts as there are rows, the same ones for every agent. */
export function observeMechanisms(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, state, acted } = c;
  const { mechanisms, inputs, effects, numMechanisms } = program.mechanisms;
  const { size } = observations;
  const width = MECHANISM_FIELDS.length;
  const rows = program.observation.mechanisms ?? 0;
  for (let w = w0; w < w1; w++) {
    let row = 0;
    for (let m = 0; m < numMechanisms; m++) {
      const first = mechanisms[m * MECHANISM_COLUMNS + MECHANISM_COLUMN.firstInput];
      const end = first + mechanisms[m * MECHANISM_COLUMNS + MECHANISM_COLUMN.numInputs];
      for (let k = first; k < end; k++) {
        const kind = inputs[k * MECHANISM_INPUT_COLUMNS];
        // Links and clocks have no place.
        if (kind === MECHANISM_LINK || kind === MECHANISM_CLOCK || row >= rows) continue;
        const on = inputShows(c, w, k);
        writePart(c, w, out, offset + row * width, kind + 1, m, inputs[k * MECHANISM_INPUT_COLUMNS + 1], on);
        row++;
      }
    }
    for (let m = 0; m < numMechanisms; m++) {
      const first = mechanisms[m * MECHANISM_COLUMNS + MECHANISM_COLUMN.firstEffect];
      const end = first + mechanisms[m * MECHANISM_COLUMNS + MECHANISM_COLUMN.numEffects];
      const on = state.mechanism[(w * numMechanisms + m) * MECHANISM_WORDS];
      for (let k = first; k < end; k++) {
        if (row >= rows) continue;
        writePart(c, w, out, offset + row * width, BLOCKS, m, effects[k * MECHANISM_EFFECT_COLUMNS], on);
        row++;
      }
    }
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const from = ((state.flags[i] | acted[i]) & ALIVE) !== 0 ? row : 0;
      for (let n = from * width; n < rows * width; n++) out[i * size + offset + n] = 0;
    }
  }
}

/** One row of every agent of world w; `index` is the constant that holds the region's corners. */
function writePart(c: TickContext, w: number, out: Float32Array, at: number, kind: number, m: number, index: number, on: number): void {
  const { numAgents, state } = c;
  const { size } = c.observations;
  const k = state.variants[w].constants;
  // Corners are cells, both included: twice the middle, halved once it is Q16.
  const x = (k[index] + k[index + 3] + 1) << 15;
  const y = k[index + 1] << 16;
  const z = (k[index + 2] + k[index + 5] + 1) << 15;
  for (let a = 0; a < numAgents; a++) {
    const i = w * numAgents + a;
    const row = i * size + at;
    out[row] = kind;
    out[row + 1] = m;
    out[row + 2] = (x - state.posX[i]) * METRE;
    out[row + 3] = (y - state.posY[i]) * METRE;
    out[row + 4] = (z - state.posZ[i]) * METRE;
    out[row + 5] = on;
  }
}
