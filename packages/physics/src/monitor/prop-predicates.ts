/**
 * Predicates about props, asked of their quantised poses at the end of a tick: progress in Q14, PROGRESS_ONE exactly when true.
 * Rigid tier only: kernels of other engines get `evaluateProps` as a constant, as their programs have no props.
 * Products are f64 of integers below 2^53 unless said otherwise, sums and square roots of them are the same on every platform.
 */
import { PROP_WORDS } from '@kinovox/world';
import type { BatchState } from '../batch-state.js';
import { PROP_SHAPE, type PropTables, type ScenarioProgram } from '../program.js';
import { halfReach, POSE, rotationQ28, TOLERANCE_Q16 } from '../rigid/prop-bounds.js';
import { MONITOR_OP, NODE_COLUMN, NODE_COLUMNS, NODE_FLAG, PROGRESS_ONE, START_WORDS } from './program.js';

/** Largest gap or overlap, in height, of two props of which one rests on the other: what a crate of 1 m shows that is tilted by 3 degrees. */
const STACK_GAP_Q16 = 4096;

/** Notes where the props of world w are when its episode begins, for `moved`. After the registers were cleared and the poses written. */
export function notePropStarts(state: BatchState, program: ScenarioProgram, w: number): void {
  const { nodes, numNodes, lists, numRegisters } = program.monitor;
  for (let row = 0; row < numNodes * NODE_COLUMNS; row += NODE_COLUMNS) {
    if (nodes[row] !== MONITOR_OP.moved) continue;
    const memory = w * numRegisters + nodes[row + NODE_COLUMN.memory];
    for (let i = 0; i < nodes[row + NODE_COLUMN.size]; i++) {
      const at = poseOf(program, w, lists[nodes[row + NODE_COLUMN.list] + i]);
      for (let k = 0; k < START_WORDS; k++) state.register[memory + START_WORDS * i + k] = state.prop[at + k];
    }
  }
}

/** Progress of the predicate in row `row`, which is about props: the mean over them, or the best with `any`. */
export function evaluateProps(state: BatchState, program: ScenarioProgram, w: number, row: number, constants: Int32Array): number {
  // A program whose props were taken away, for the batch tier: nothing is true of props that are not there.
  if (program.numProps === 0) return 0;
  const { nodes, lists, numRegisters } = program.monitor;
  const first = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  if (nodes[row] === MONITOR_OP.stacked) return share(restingPairs(state, program, w, row), size - 1);
  const at = nodes[row + NODE_COLUMN.constants];
  const memory = w * numRegisters + nodes[row + NODE_COLUMN.memory];
  let sum = 0;
  let best = 0;
  for (let i = 0; i < size; i++) {
    const p = lists[first + i];
    const progress =
      nodes[row] === MONITOR_OP.insideProp
        ? share(insideProp(state.prop, program, w, p, lists[first + size]) ? 1 : 0, 1)
        : progressOf(state, program, w, nodes[row], p, memory + START_WORDS * i, constants, at);
    sum += progress;
    if (progress > best) best = progress;
  }
  return (nodes[row + NODE_COLUMN.flags] & NODE_FLAG.any) !== 0 ? best : Math.floor(sum / size);
}

function progressOf(
  state: BatchState,
  program: ScenarioProgram,
  w: number,
  op: number,
  p: number,
  start: number,
  constants: Int32Array,
  at: number,
): number {
  const pose = poseOf(program, w, p);
  switch (op) {
    case MONITOR_OP.moved:
      return share(wayQ6(state, pose, start), constants[at]);
    case MONITOR_OP.insideRegion:
      return insideRegion(state.prop, program.props, pose, p, constants, at) ? PROGRESS_ONE : 0;
    case MONITOR_OP.upright:
      return tiltAtMost(state.prop, pose, constants[at], constants[at + 1]) ? PROGRESS_ONE : 0;
    default:
      return speedBelow(state.prop, pose, constants[at]) ? PROGRESS_ONE : 0;
  }
}

/** Index of a prop's first pose word. */
function poseOf(program: ScenarioProgram, w: number, p: number): number {
  return (w * program.numProps + p) * PROP_WORDS;
}

function share(have: number, need: number): number {
  return have >= need ? PROGRESS_ONE : Math.floor((have * PROGRESS_ONE) / need);
}

/** Distance from its start in 1/64 block, rounded down. */
function wayQ6({ prop, register }: BatchState, pose: number, start: number): number {
  const dx = prop[pose + POSE.x] - register[start];
  const dy = prop[pose + POSE.y] - register[start + 1];
  const dz = prop[pose + POSE.z] - register[start + 2];
  return Math.floor(Math.sqrt(dx * dx + dy * dy + dz * dz) / 1024);
}

/** Whether the box around the prop lies in the region, but for what solvers leave bodies overlapping. */
function insideRegion(prop: Int32Array, props: PropTables, pose: number, p: number, constants: Int32Array, at: number): boolean {
  for (let axis = 0; axis < 3; axis++) {
    const centre = prop[pose + axis];
    const half = halfReach(props, prop, pose, p, axis) - TOLERANCE_Q16;
    if (centre - half < constants[at + axis] << 16 || centre + half > (constants[at + 3 + axis] + 1) << 16) return false;
  }
  return true;
}

/** Whether p lies between the walls of a container, above its floor and not above its rim, in the container's own frame; with the tolerance of regions. */
function insideProp(prop: Int32Array, program: ScenarioProgram, w: number, p: number, container: number): boolean {
  const { halfExtentsQ16, wallQ16 } = program.props;
  const item = poseOf(program, w, p);
  const outer = poseOf(program, w, container);
  for (let axis = 0; axis < 3; axis++) {
    const ax = rotationQ28(prop, outer, 0, axis) / 268435456;
    const ay = rotationQ28(prop, outer, 1, axis) / 268435456;
    const az = rotationQ28(prop, outer, 2, axis) / 268435456;
    const dx = prop[item + POSE.x] - prop[outer + POSE.x];
    const dy = prop[item + POSE.y] - prop[outer + POSE.y];
    const dz = prop[item + POSE.z] - prop[outer + POSE.z];
    const centre = ax * dx + ay * dy + az * dz;
    const half = halfAlong(prop, program.props, item, p, ax, ay, az) - TOLERANCE_Q16;
    const edge = halfExtentsQ16[3 * container + axis];
    if (centre - half < wallQ16[container] - edge || centre + half > (axis === 1 ? edge : edge - wallQ16[container])) return false;
  }
  return true;
}

/** Half of p's extent along a unit vector, Q16 block. */
function halfAlong(prop: Int32Array, props: PropTables, pose: number, p: number, x: number, y: number, z: number): number {
  const { shape, halfExtentsQ16 } = props;
  const hx = halfExtentsQ16[3 * p];
  if (shape[p] === PROP_SHAPE.ball) return hx;
  const hy = halfExtentsQ16[3 * p + 1];
  if (shape[p] === PROP_SHAPE.capsule) return hx + along(prop, pose, 1, x, y, z) * (hy - hx);
  return (
    along(prop, pose, 0, x, y, z) * hx + along(prop, pose, 1, x, y, z) * hy + along(prop, pose, 2, x, y, z) * halfExtentsQ16[3 * p + 2]
  );
}

/** |cosine| between a unit vector and an axis of the prop. */
function along(prop: Int32Array, pose: number, axis: number, x: number, y: number, z: number): number {
  const sum = rotationQ28(prop, pose, 0, axis) * x + rotationQ28(prop, pose, 1, axis) * y + rotationQ28(prop, pose, 2, axis) * z;
  return Math.abs(sum) / 268435456;
}

/** The prop's own upright axis against the world's. Sines tell small angles apart, cosines those near a right angle. */
function tiltAtMost(prop: Int32Array, pose: number, sin: number, cos: number): boolean {
  const upQ28 = rotationQ28(prop, pose, 1, 1);
  if (cos < sin) return upQ28 >= cos * 16384;
  const sideX = rotationQ28(prop, pose, 0, 1) / 16384;
  const sideZ = rotationQ28(prop, pose, 2, 1) / 16384;
  return upQ28 > 0 && sideX * sideX + sideZ * sideZ <= sin * sin;
}

/** @param limit Q16 block/tick. */
function speedBelow(prop: Int32Array, pose: number, limit: number): boolean {
  const vx = prop[pose + POSE.vx];
  const vy = prop[pose + POSE.vy];
  const vz = prop[pose + POSE.vz];
  return vx * vx + vy * vy + vz * vz < limit * limit;
}

/** How many props of the list rest on the one before it: in the order of the list, or of their heights with `anyOrder`. */
function restingPairs(state: BatchState, program: ScenarioProgram, w: number, row: number): number {
  const { nodes, lists } = program.monitor;
  const first = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const byHeight = (nodes[row + NODE_COLUMN.flags] & NODE_FLAG.anyOrder) !== 0;
  let pairs = 0;
  let lower = byHeight ? nextAbove(state, program, w, first, size, -1) : 0;
  for (let i = 1; i < size; i++) {
    const upper = byHeight ? nextAbove(state, program, w, first, size, lower) : i;
    if (restsOn(state.prop, program, w, lists[first + upper], lists[first + lower])) pairs++;
    lower = upper;
  }
  return pairs;
}

/** Place in the list of the prop whose centre is next above that of `below`, or the lowest for -1; of equal heights the first comes first. */
function nextAbove(state: BatchState, program: ScenarioProgram, w: number, first: number, size: number, below: number): number {
  const { lists } = program.monitor;
  const heightOf = (i: number) => state.prop[poseOf(program, w, lists[first + i]) + POSE.y];
  let best = -1;
  for (let i = 0; i < size; i++) {
    if (below >= 0 && (heightOf(i) < heightOf(below) || (heightOf(i) === heightOf(below) && i <= below))) continue;
    if (best < 0 || heightOf(i) < heightOf(best)) best = i;
  }
  return best;
}

/** Whether p's lowest point is at q's highest, and its centre above the box around q. */
function restsOn(prop: Int32Array, program: ScenarioProgram, w: number, p: number, q: number): boolean {
  const { props } = program;
  const upper = poseOf(program, w, p);
  const lower = poseOf(program, w, q);
  const gap = prop[upper + POSE.y] - halfReach(props, prop, upper, p, 1) - prop[lower + POSE.y] - halfReach(props, prop, lower, q, 1);
  return (
    gap <= STACK_GAP_Q16 &&
    gap >= -STACK_GAP_Q16 &&
    Math.abs(prop[upper + POSE.x] - prop[lower + POSE.x]) <= halfReach(props, prop, lower, q, 0) &&
    Math.abs(prop[upper + POSE.z] - prop[lower + POSE.z]) <= halfReach(props, prop, lower, q, 2)
  );
}
