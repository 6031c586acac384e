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
 * Q16 centres of the props of row w, x y z triples. A prop for which its region has no room left starts where it meets the fewest others, and is pushed out.
 * @param crowded told of each such prop.
 * @throws ScenarioError when a level puts the centre of a prop that does not float outside the world.
 */
export function drawPropCentres(c: TickContext, w: number, crowded?: (prop: number) => void): Int32Array {
  const { program, state } = c;
  const level = state.variants[w];
  const centres = new Int32Array(3 * program.numProps);
  // The chassis of vehicles stand where their agents do.
  const spawns = level.propSpawns.slice(0, program.vehicles?.firstProp);
  // What starts at a given place was held against the rest when the level was built, and counts as placed for all others.
  const placed = level.propSpawns.map((spawn, p) => p < spawns.length && isGiven(spawn));
  for (const [p, { exact, cells }] of spawns.entries()) {
    if (exact !== undefined) centres.set(exact, 3 * p);
    else if (placed[p]) standInCell(program, p, cells, 0, centres);
  }
  for (const [p, spawn] of spawns.entries()) {
    if (!placed[p] && !drawCell(c, w, p, spawn, centres, placed)) crowded?.(p);
    placed[p] = true;
    if (spawn.drift === undefined) assertInside(program, level.variant, p, centres);
  }
  return centres;
}

function isGiven({ exact, cells }: PropSpawn): boolean {
  return exact !== undefined || cells.length === 3;
}

/** @returns whether the cell was free. */
function drawCell(c: TickContext, w: number, p: number, spawn: PropSpawn, centres: Int32Array, placed: readonly boolean[]): boolean {
  const { state, program } = c;
  const { cells } = spawn;
  let first = 0;
  const countMet = (at: number) => {
    standInCell(program, p, cells, at, centres);
    return countProps(c, w, p, centres, placed) + countAgents(c, w, p, centres);
  };
  for (let draw = 0; draw < SPAWN_DRAWS; draw++) {
    const word = randomU32(state.seedLow[w], state.seedHigh[w], 0, FIRST_PROP_SLOT + p, PURPOSE.spawn, draw);
    first = 3 * randomBelow(word, cells.length / 3);
    if (countMet(first) === 0) return true;
  }
  // A crowded region: the next free cell after the last that was drawn, or else the first of those with the fewest in the way.
  let best = first;
  let fewest = countMet(first);
  for (let step = 3; step < cells.length; step += 3) {
    const at = (first + step) % cells.length;
    const met = countMet(at);
    if (met === 0) return true;
    if (met >= fewest) continue;
    best = at;
    fewest = met;
  }
  standInCell(program, p, cells, best, centres);
  return false;
}

function standInCell({ props }: ScenarioProgram, p: number, cells: Int32Array, at: number, centres: Int32Array): void {
  centres[3 * p] = (cells[at] << 16) + 32768;
  centres[3 * p + 1] = (cells[at + 1] << 16) + props.halfExtentsQ16[3 * p + 1];
  centres[3 * p + 2] = (cells[at + 2] << 16) + 32768;
}

/** How many props that have their place the box of prop p overlaps, turned or unturned. */
function countProps(c: TickContext, w: number, p: number, centres: Int32Array, placed: readonly boolean[]): number {
  const { props } = c.program;
  const spawns = c.state.variants[w].propSpawns;
  const half = props.halfExtentsQ16;
  let met = 0;
  for (let q = 0; q < props.ids.length; q++) {
    if (q === p || !placed[q] || Math.abs(centres[3 * p + 1] - centres[3 * q + 1]) >= half[3 * p + 1] + half[3 * q + 1]) continue;
    const dx = centres[3 * p] - centres[3 * q];
    const dz = centres[3 * p + 2] - centres[3 * q + 2];
    if (Math.abs(dx) < half[3 * p] + half[3 * q] && Math.abs(dz) < half[3 * p + 2] + half[3 * q + 2]) met++;
    else if (plansMeet(dx, dz, half[3 * p], half[3 * p + 2], spawns[p].yaw, half[3 * q], half[3 * q + 2], spawns[q].yaw)) met++;
  }
  return met;
}

/** How many agents it overlaps: a walker is as wide as when a level is held against it, a vehicle takes its room whichever way it looks. */
function countAgents(c: TickContext, w: number, p: number, centres: Int32Array): number {
  const { state, numAgents, program } = c;
  const half = program.props.halfExtentsQ16;
  const { yaw } = state.variants[w].propSpawns[p];
  const { vehicles } = program;
  let met = 0;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    const room = roomOf(vehicles?.ofAgent, vehicles?.bodies ?? [], a);
    if (centres[3 * p + 1] - half[3 * p + 1] >= state.posY[i] + room.height) continue;
    if (centres[3 * p + 1] + half[3 * p + 1] <= state.posY[i]) continue;
    const wide = (vehicles?.ofAgent[a] ?? -1) < 0 ? HALF_WIDTH_Q16 : room.half;
    const dx = centres[3 * p] - state.posX[i];
    const dz = centres[3 * p + 2] - state.posZ[i];
    if (Math.abs(dx) < half[3 * p] + wide && Math.abs(dz) < half[3 * p + 2] + wide) met++;
    else if (plansMeet(dx, dz, half[3 * p], half[3 * p + 2], yaw, wide, wide, 0)) met++;
  }
  return met;
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
