/**
 * The group `vehicle`: how a vehicle leans, moves in its own directions, and what its wheels or rotors do. From the quantised words alone.
 * Here and not among the observers of all engines, since no other engine has vehicles.
 */
import { PROP_WORDS, TICKS_PER_SECOND, VEHICLE_WHEELS, VEHICLE_WORD, VEHICLE_WORDS, WHEEL_WORD, WHEEL_WORDS } from '@kinovox/world';
import { VEHICLE_FIELDS } from '../../observe/observation.js';
import { ALIVE, type TickContext } from '../../stages/context.js';
import { POSE } from '../prop-bounds.js';
import { toBody } from './attitude.js';

const Q14 = 1 / 16384;
const Q16 = 1 / 65536;
const PER_SECOND = TICKS_PER_SECOND / 65536;
const DOWN = { x: 0, y: -1, z: 0 };

export function observeVehicles(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, state, acted } = c;
  const { vehicles, numProps } = program;
  const { size } = observations;
  for (let w = w0; w < w1; w++) {
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const at = i * size + offset;
      const v = vehicles?.ofAgent[a] ?? -1;
      if (vehicles === undefined || v < 0 || ((state.flags[i] | acted[i]) & ALIVE) === 0) {
        for (let k = 0; k < VEHICLE_FIELDS.length; k++) out[at + k] = 0;
        continue;
      }
      const { prop } = state;
      const pose = (w * numProps + vehicles.firstProp + v) * PROP_WORDS;
      const rotation = {
        x: prop[pose + POSE.qx] * Q14,
        y: prop[pose + POSE.qy] * Q14,
        z: prop[pose + POSE.qz] * Q14,
        w: prop[pose + POSE.qw] * Q14,
      };
      const down = toBody(rotation, DOWN);
      const velocity = toBody(rotation, vectorAt(prop, pose + POSE.vx));
      const spin = toBody(rotation, vectorAt(prop, pose + POSE.wx));
      out[at] = 1;
      out[at + 1] = 0 - down.z;
      out[at + 2] = down.x;
      out[at + 3] = down.y;
      out[at + 4] = 0 - velocity.z;
      out[at + 5] = velocity.x;
      out[at + 6] = velocity.y;
      // About the axes ahead, right and up.
      out[at + 7] = 0 - spin.z;
      out[at + 8] = spin.x;
      out[at + 9] = spin.y;
      const words = (w * vehicles.agents.length + v) * VEHICLE_WORDS;
      out[at + 10] = state.vehicle[words + VEHICLE_WORD.steer] * Q16;
      for (let k = 0; k < VEHICLE_WHEELS; k++) {
        out[at + 11 + k] = (state.vehicle[words + VEHICLE_WORD.contacts] >> k) & 1;
        out[at + 15 + k] = state.vehicle[words + VEHICLE_WORD.wheels + k * WHEEL_WORDS + WHEEL_WORD.level] * Q16;
      }
    }
  }
}

/** Three Q16 words per tick, per second. */
function vectorAt(words: Int32Array, at: number): { x: number; y: number; z: number } {
  return { x: words[at] * PER_SECOND, y: words[at + 1] * PER_SECOND, z: words[at + 2] * PER_SECOND };
}
