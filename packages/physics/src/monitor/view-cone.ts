/**
 * What an agent sees: a point within range of its eyes, at most 60 degrees off its line of view, with no opaque block between.
 * The cone stands for a first-person view of 120 degrees. In integers: with d the way to the point and l the unit view vector,
 * cos(angle) >= 1/2 is d.l > 0 and 4 (d.l)^2 >= |d|^2. Positions are rounded to 1/64 block: |d| per axis <= 2^15, |d.l| sums below 2^31.
 */
import { AGENT_FLAG, cosQ14, mulQ14, sinQ14 } from '@kinovox/world';
import type { BatchState } from '../batch-state.js';
import { EYE_Q16, EYE_SNEAKING_Q16 } from '../bodies/walker.js';
import type { ScenarioProgram } from '../program.js';
import { hasLineOfSight } from './line-of-sight.js';

/** Height above the feet at which an agent is looked at: half its body, 0.9 block. */
export const TARGET_HEIGHT_Q16 = 58982;

/**
 * @param agent index of the viewer over all worlds, `w * A + slot`.
 * @param x point in Q16 blocks (x, y, z).
 * @param rangeSquared square of the range in 1/64 block.
 */
export function seesPoint(
  state: BatchState,
  program: ScenarioProgram,
  w: number,
  agent: number,
  x: number,
  y: number,
  z: number,
  rangeSquared: number,
): boolean {
  const eye = state.posY[agent] + ((state.flags[agent] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16);
  const ax = toQ6(state.posX[agent]);
  const ay = toQ6(eye);
  const az = toQ6(state.posZ[agent]);
  const bx = toQ6(x);
  const by = toQ6(y);
  const bz = toQ6(z);
  const dx = bx - ax;
  const dy = by - ay;
  const dz = bz - az;
  const squared = dx * dx + dy * dy + dz * dz;
  if (squared > rangeSquared) return false;
  if (squared === 0) return true;
  const yaw = state.yaw[agent];
  const pitch = state.pitch[agent];
  const level = cosQ14(pitch);
  const along = (dx * mulQ14(-sinQ14(yaw), level) + dy * sinQ14(pitch) + dz * mulQ14(-cosQ14(yaw), level)) >> 14;
  // 4 along^2 >= squared, with the 4 on the other side so that nothing leaves i32.
  if (along <= 0 || along * along < (squared + 3) >> 2) return false;
  return hasLineOfSight(program.monitor.opaque, state.voxels, w * state.cellsPerWorld, program.size, ax, ay, az, bx, by, bz);
}

/** Q16 to 1/64 block, to the nearest. */
function toQ6(q16: number): number {
  return (q16 + 512) >> 10;
}
