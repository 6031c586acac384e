/** Where the props of an episode start: the place their level gives, or a cell drawn from the episode's seed. */
import { cosQ14, PURPOSE, randomBelow, randomU32, ScenarioError, sinQ14 } from '@kinovox/world';
import { HALF_WIDTH_Q16 } from '../bodies/walker.js';
import type { PropSpawn, ScenarioProgram } from '../program.js';
import type { TickContext } from '../stages/context.js';
import { roomOf } from './vehicles/vehicle-spawns.js';

/** Props draw as slots after the last that an agent can have, so that no prop shares its stream with an agent. */
const FIRST_PROP_SLOT = 256;
/** Attempts at a cell that no agent and no earlier prop took. */
const SPAWN_DRAWS = 16;
/** A quarter turn, i32 angle. */
const QUARTER = 1 << 30;

/**
 * Q16 centres of the props of row w, x y z triples.
 * @throws ScenarioError when a region has no room left, or a level puts the centre of a prop that does not float outside the world.
 */
export function drawPropCentres(c: TickContext, w: number): Int32Array {
  const { program, state } = c;
  const level = state.variants[w];
  const centres = new Int32Array(3 * program.numProps);
  // The chassis of vehicles stand where their agents do.
  const spawns = level.propSpawns.slice(0, program.vehicles?.firstProp);
  const placed = level.propSpawns.map(({ exact }, p) => p < spawns.length && exact !== undefined);
  for (const [p, { exact }] of spawns.entries()) if (exact !== undefined) centres.set(exact, 3 * p);
  for (const [p, spawn] of spawns.entries()) {
    if (spawn.exact === undefined) drawCell(c, w, p, spawn, centres, placed);
    placed[p] = true;
    if (spawn.drift === undefined) assertInside(program, level.variant, p, centres);
  }
  return centres;
}

function drawCell(c: TickContext, w: number, p: number, spawn: PropSpawn, centres: Int32Array, placed: readonly boolean[]): void {
  const { state, program } = c;
  const { cells } = spawn;
  const halfHeight = program.props.halfExtentsQ16[3 * p + 1];
  let first = 0;
  const isFree = (at: number) => {
    centres[3 * p] = (cells[at] << 16) + 32768;
    centres[3 * p + 1] = (cells[at + 1] << 16) + halfHeight;
    centres[3 * p + 2] = (cells[at + 2] << 16) + 32768;
    return !meetsProp(c, w, p, centres, placed) && !meetsAgent(c, w, p, centres);
  };
  for (let draw = 0; draw < SPAWN_DRAWS; draw++) {
    const word = randomU32(state.seedLow[w], state.seedHigh[w], 0, FIRST_PROP_SLOT + p, PURPOSE.spawn, draw);
    first = 3 * randomBelow(word, cells.length / 3);
    if (isFree(first)) return;
  }
  // A crowded region: the next free cell after the last that was drawn.
  for (let step = 3; step < cells.length; step += 3) if (isFree((first + step) % cells.length)) return;
  throw new ScenarioError(
    'crowded-props',
    `A prop must find a cell that no agent and no other prop takes; got none for "${program.props.ids[p]}" at props[${p}].spawn.region in variant ${state.variants[w].variant} of ${program.id}. Enlarge the region or lower the count.`,
  );
}

/** Whether the box of prop p overlaps that of a prop that has its place, turned or unturned. */
function meetsProp(c: TickContext, w: number, p: number, centres: Int32Array, placed: readonly boolean[]): boolean {
  const { props } = c.program;
  const spawns = c.state.variants[w].propSpawns;
  const half = props.halfExtentsQ16;
  for (let q = 0; q < props.ids.length; q++) {
    if (q === p || !placed[q] || Math.abs(centres[3 * p + 1] - centres[3 * q + 1]) >= half[3 * p + 1] + half[3 * q + 1]) continue;
    const dx = centres[3 * p] - centres[3 * q];
    const dz = centres[3 * p + 2] - centres[3 * q + 2];
    if (Math.abs(dx) < half[3 * p] + half[3 * q] && Math.abs(dz) < half[3 * p + 2] + half[3 * q + 2]) return true;
    if (plansMeet(dx, dz, half[3 * p], half[3 * p + 2], spawns[p].yaw, half[3 * q], half[3 * q + 2], spawns[q].yaw)) return true;
  }
  return false;
}

function meetsAgent(c: TickContext, w: number, p: number, centres: Int32Array): boolean {
  const { state, numAgents, program } = c;
  const half = program.props.halfExtentsQ16;
  const { yaw } = state.variants[w].propSpawns[p];
  const { vehicles } = program;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    const room = roomOf(vehicles?.ofAgent, vehicles?.bodies ?? [], a);
    if (centres[3 * p + 1] - half[3 * p + 1] >= state.posY[i] + room.height) continue;
    if (centres[3 * p + 1] + half[3 * p + 1] <= state.posY[i]) continue;
    const dx = centres[3 * p] - state.posX[i];
    const dz = centres[3 * p + 2] - state.posZ[i];
    if (Math.abs(dx) < half[3 * p] + room.half && Math.abs(dz) < half[3 * p + 2] + room.half) return true;
    if (plansMeet(dx, dz, half[3 * p], half[3 * p + 2], yaw, HALF_WIDTH_Q16, HALF_WIDTH_Q16, 0)) return true;
  }
  return false;
}

/** Whether two rectangles overlap, seen from above: half extents and i32 yaws of each, (dx, dz) from the second's centre to the first's. Separating axes. */
function plansMeet(dx: number, dz: number, ax: number, az: number, aYaw: number, bx: number, bz: number, bYaw: number): boolean {
  const between = aYaw - bYaw;
  const cos = Math.abs(cosQ14(between | 0)) / 16384;
  const sin = Math.abs(sinQ14(between | 0)) / 16384;
  return (
    wayAlong(dx, dz, aYaw) < ax + bx * cos + bz * sin &&
    wayAlong(dx, dz, (aYaw + QUARTER) | 0) < az + bx * sin + bz * cos &&
    wayAlong(dx, dz, bYaw) < bx + ax * cos + az * sin &&
    wayAlong(dx, dz, (bYaw + QUARTER) | 0) < bz + ax * sin + az * cos
  );
}

/** How long (dx, dz) is along the x axis of a frame turned by a yaw. */
function wayAlong(dx: number, dz: number, yaw: number): number {
  return Math.abs(dx * cosQ14(yaw) - dz * sinQ14(yaw)) / 16384;
}

function assertInside(program: ScenarioProgram, variant: number, p: number, centres: Int32Array): void {
  const inside = program.size.every((edge, k) => centres[3 * p + k] >= 0 && centres[3 * p + k] <= edge << 16);
  if (inside) return;
  const metres = Array.from(centres.subarray(3 * p, 3 * p + 3), (word) => word / 65536);
  throw new ScenarioError(
    'prop-outside',
    `The centre of prop "${program.props.ids[p]}" must be inside the world of ${program.size.join(' x ')} blocks; got [${metres.join(', ')}] at props[${p}].spawn in variant ${variant} of ${program.id}. Move its spawn.`,
  );
}
