/** Observations of props: what lies, rolls or is carried near an agent. From the quantised poses alone. */
import { PROP_WORDS, TICKS_PER_SECOND } from '@kinovox/world';
import { HEIGHT_Q16 } from '../bodies/walker.js';
import { PROP_FIELDS } from '../observe/observation.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { halfReach, POSE } from './prop-bounds.js';

const METRE = 1 / 65536;
const METRE_PER_SECOND = TICKS_PER_SECOND / 65536;
/** Radians per tick as Q16 in rad/s. */
const RADIAN_PER_SECOND = TICKS_PER_SECOND / 65536;

/** The group `props` of worlds [w0, w1): the nearest by squared distance of their centres from the middle of the body in 1/64 block, ties to the lower index. */
export function observeProps(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, acted, state } = c;
  const { numProps } = program;
  // Vehicles are agents, and observed as such.
  const numShown = program.vehicles?.firstProp ?? numProps;
  const { size } = c.observations;
  const rows = program.observation.nearestProps ?? 0;
  for (let w = w0; w < w1; w++) {
    for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
      const present = ((state.flags[i] | acted[i]) & ALIVE) !== 0;
      let at = i * size + offset;
      let lastSquare = -1;
      let lastProp = -1;
      for (let k = 0; k < rows; k++, at += PROP_FIELDS.length) {
        // The k-th nearest is the least (distance, index) above the one before, as in `observeAgents`.
        let best = -1;
        let bestSquare = 0;
        for (let p = 0; present && p < numShown; p++) {
          const square = squareTo(c, i, (w * numProps + p) * PROP_WORDS);
          if (square < lastSquare || (square === lastSquare && p <= lastProp)) continue;
          if (best < 0 || square < bestSquare) {
            best = p;
            bestSquare = square;
          }
        }
        if (best < 0) {
          for (const end = i * size + offset + rows * PROP_FIELDS.length; at < end; at++) out[at] = 0;
          break;
        }
        lastSquare = bestSquare;
        lastProp = best;
        writeProp(c, w, i, a, best, out, at);
      }
    }
  }
}

/** Components are below 2^15 in 1/64 block, so the sum of three squares is exact. */
function squareTo({ state }: TickContext, i: number, at: number): number {
  const dx = (state.prop[at + POSE.x] - state.posX[i]) >> 10;
  const dy = (state.prop[at + POSE.y] - state.posY[i] - HEIGHT_Q16 / 2) >> 10;
  const dz = (state.prop[at + POSE.z] - state.posZ[i]) >> 10;
  return dx * dx + dy * dy + dz * dz;
}

/** The components of prop p as agent i, in slot a, sees it. */
function writeProp(c: TickContext, w: number, i: number, a: number, p: number, out: Float32Array, at: number): void {
  const { state, program, numAgents } = c;
  const { props, carrying, numProps } = program;
  const pose = state.prop;
  const from = (w * numProps + p) * PROP_WORDS;
  let carrier = -1;
  for (let b = 0; carrying !== undefined && b < numAgents; b++) if (state.carriedProp[w * numAgents + b] === p + 1) carrier = b;
  out[at] = 1;
  out[at + 1] = p;
  out[at + 2] = props.shape[p] + 1;
  out[at + 3] = (pose[from + POSE.x] - state.posX[i]) * METRE;
  out[at + 4] = (pose[from + POSE.y] - state.posY[i]) * METRE;
  out[at + 5] = (pose[from + POSE.z] - state.posZ[i]) * METRE;
  out[at + 6] = (pose[from + POSE.vx] - state.velX[i]) * METRE_PER_SECOND;
  out[at + 7] = (pose[from + POSE.vy] - state.velY[i]) * METRE_PER_SECOND;
  out[at + 8] = (pose[from + POSE.vz] - state.velZ[i]) * METRE_PER_SECOND;
  out[at + 9] = pose[from + POSE.wy] * RADIAN_PER_SECOND;
  out[at + 10] = halfReach(props, pose, from, p, 0) * METRE;
  out[at + 11] = halfReach(props, pose, from, p, 1) * METRE;
  out[at + 12] = halfReach(props, pose, from, p, 2) * METRE;
  out[at + 13] = props.massKg[p];
  out[at + 14] = carrying !== undefined && props.massKg[p] <= carrying.maxMassKg ? 1 : 0;
  out[at + 15] = carrier >= 0 ? 1 : 0;
  out[at + 16] = carrier === a ? 1 : 0;
}
