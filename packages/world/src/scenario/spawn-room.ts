/**
 * Whether what starts at a given place has room beside the rest: props as they are turned, agents as boxes. What is drawn from a region is kept apart when it is drawn.
 * Shapes are convex pieces, turned about the upright axis; two are apart when an axis separates them. Metres.
 */
import { cosQ14, sinQ14 } from '../numbers/sine.js';
import { isSolidAt, type VoxelGrid } from '../voxels/grid.js';
import { bracketOf, MAX_BRACKET } from './prop-checks.js';
import { propExtent } from './prop-shape.js';
import { refuseLevel } from './refusal.js';
import type { ResolvedScenario } from './schema.js';
import type { LevelSpawn } from './spawns.js';

type Vector = readonly [number, number, number];
type Prop = ResolvedScenario['props'][number];
type Agent = ResolvedScenario['agents'][number];

/** The hull of points, grown by a radius. */
interface Piece {
  points: Vector[];
  radius: number;
  /** Directions that may separate it: its faces. */
  axes: Vector[];
}

/** How deep two may be in each other: what rounding to 1/65536 and a solver leave. */
const SLACK = 1 / 256;
const UP: Vector = [0, 1, 0];
/** m/s^2, which presses the four springs of a vehicle together. */
const STANDARD_GRAVITY = 9.80665;
/** A walker's box: half its width, and its height. */
const WALKER = [0.3, 1.8] as const;

/** @throws ScenarioError naming the first prop that starts in another, or in an agent, or whose joint is fastened to nothing; and agents that start in each other, one of them a vehicle. */
export function assertPropsApart(resolved: ResolvedScenario, agents: readonly LevelSpawn[], props: readonly LevelSpawn[]): void {
  const placed = resolved.props.map((prop, p) => {
    const centre = centreOf(prop, props[p]);
    return centre === undefined ? undefined : { centre, pieces: piecesOf(prop, centre) };
  });
  for (const [p, own] of placed.entries()) {
    if (own === undefined) continue;
    const prop = resolved.props[p];
    const path = `props[${p}].spawn`;
    for (let q = 0; q < p; q++) {
      const other = placed[q];
      if (other === undefined || areTied(prop, resolved.props[q]) || !meet(own.pieces, other.pieces)) continue;
      refuseLevel(
        'overlap',
        path,
        `must keep "${prop.id}" out of other props`,
        `a part of "${resolved.props[q].id}"`,
        resolved,
        'Move one of them.',
      );
    }
    for (const [a, spawn] of agents.entries()) {
      const feet = feetOf(spawn);
      if (feet === undefined || !meet(own.pieces, [agentAt(resolved.agents[a], feet)])) continue;
      refuseLevel(
        'overlap',
        path,
        `must keep "${prop.id}" out of agents`,
        `the place of "${resolved.agents[a].id}"`,
        resolved,
        'Move one of them.',
      );
    }
    assertFastened(resolved, p, own.centre, placed);
  }
  assertVehiclesApart(resolved, agents);
}

/** Walkers are pushed apart by the rules, so two of them may start in one place. */
function assertVehiclesApart(resolved: ResolvedScenario, spawns: readonly LevelSpawn[]): void {
  const { agents } = resolved;
  if (!agents.some(isVehicle)) return;
  const pieces = agents.map((agent, a) => {
    const feet = feetOf(spawns[a]);
    return feet && agentAt(agent, feet);
  });
  for (const [a, own] of pieces.entries()) {
    for (let b = 0; b < a; b++) {
      const other = pieces[b];
      if (own === undefined || other === undefined || !(isVehicle(agents[a]) || isVehicle(agents[b])) || areApart(own, other)) continue;
      refuseLevel(
        'overlap',
        `agents[${a}].spawn`,
        `must keep "${agents[a].id}" out of other agents`,
        `the place of "${agents[b].id}"`,
        resolved,
        'Move one of them.',
      );
    }
  }
}

function isVehicle({ body }: Agent): boolean {
  return 'vehicle' in body;
}

/** Whether a prop's box, turned as it starts about a centre in metres, is in no solid cell. */
export function turnedBoxFits(grid: VoxelGrid, { shape, spawn }: Prop, centre: Vector): boolean {
  const [x, y, z] = propExtent(shape);
  if ('ball' in shape || 'capsule' in shape) return true;
  const box = boxPiece(centre, [x, y, z], spawn.yawDeg);
  const far = lengthOf(x, 0, z) / 2;
  for (let cy = Math.floor(centre[1] - y / 2 + SLACK); cy < centre[1] + y / 2 - SLACK; cy++) {
    for (let cz = Math.floor(centre[2] - far); cz < centre[2] + far; cz++) {
      for (let cx = Math.floor(centre[0] - far); cx < centre[0] + far; cx++)
        if (isSolidAt(grid, cx, cy, cz) && !areApart(box, boxPiece([cx + 0.5, cy + 0.5, cz + 0.5], [1, 1, 1], 0))) return false;
    }
  }
  return true;
}

/** Spawn cells of agents without those in which a prop stands that starts at a given place. @throws ScenarioError where none is left. */
export function clearOfProps(resolved: ResolvedScenario, agents: readonly LevelSpawn[], props: readonly LevelSpawn[]): LevelSpawn[] {
  const pieces = resolved.props.flatMap((prop, p) => {
    const centre = centreOf(prop, props[p]);
    return centre === undefined ? [] : piecesOf(prop, centre);
  });
  if (pieces.length === 0) return [...agents];
  const cleared = new Map<Int32Array, Map<string, Int32Array>>();
  return agents.map((spawn, a) => {
    const { cells } = spawn;
    // One that starts at a given place was held against the props before.
    if (cells === null || cells.length <= 3) return spawn;
    const agent = resolved.agents[a];
    const room = isVehicle(agent) ? JSON.stringify([agent.body, agent.spawn.yawDeg]) : '';
    const byRoom = cleared.get(cells) ?? new Map<string, Int32Array>();
    cleared.set(cells, byRoom);
    let free = byRoom.get(room);
    if (free === undefined) {
      const kept: number[] = [];
      for (let k = 0; k < cells.length; k += 3)
        if (!meet(pieces, [agentAt(agent, [cells[k] + 0.5, cells[k + 1], cells[k + 2] + 0.5])]))
          kept.push(cells[k], cells[k + 1], cells[k + 2]);
      free = kept.length === cells.length ? cells : Int32Array.from(kept);
      byRoom.set(room, free);
    }
    if (free.length === 0)
      refuseLevel(
        'no-spawn',
        `agents[${a}].spawn.region`,
        `must have a cell for ${resolved.agents[a].id} in which no prop stands`,
        'none',
        resolved,
        'Enlarge the region or move the props.',
      );
    return free === cells ? spawn : { ...spawn, cells: free };
  });
}

/** The other end of a joint must be at the prop that it ties to. */
function assertFastened(resolved: ResolvedScenario, p: number, centre: Vector, placed: readonly ({ centre: Vector } | undefined)[]): void {
  const { joint, spawn, id } = resolved.props[p];
  if (joint === undefined || !('hinge' in joint) || joint.hinge.to === undefined) return;
  const q = resolved.props.findIndex((other) => other.id === joint.hinge.to);
  const other = placed[q];
  if (other === undefined) return;
  const partner = resolved.props[q];
  const way = turned(joint.hinge.anchor, spawn.yawDeg);
  const anchor = [0, 1, 2].map((k) => centre[k] + way[k] - other.centre[k]) as unknown as Vector;
  const far = bracketOf(turned(anchor, -partner.spawn.yawDeg), propExtent(partner.shape));
  if (far > MAX_BRACKET)
    refuseLevel(
      'joint-anchor',
      `props[${p}].joint.hinge.anchor`,
      `must be at most ${MAX_BRACKET} m outside the box of "${partner.id}", to which it ties "${id}"`,
      `${far.toFixed(2)} m`,
      resolved,
      'Move one of them.',
    );
}

function areTied(a: Prop, b: Prop): boolean {
  const partner = ({ joint }: Prop) => joint && ('hinge' in joint ? joint.hinge.to : joint.slider.to);
  return partner(a) === b.id || partner(b) === a.id;
}

function centreOf(prop: Prop, { cells, positionQ16 }: LevelSpawn): Vector | undefined {
  if (positionQ16 !== null) return [positionQ16[0] / 65536, positionQ16[1] / 65536, positionQ16[2] / 65536];
  if (cells === null || 'region' in prop.spawn) return undefined;
  return [cells[0] + 0.5, cells[1] + propExtent(prop.shape)[1] / 2, cells[2] + 0.5];
}

function feetOf({ cells, positionQ16 }: LevelSpawn): Vector | undefined {
  if (positionQ16 !== null) return [positionQ16[0] / 65536, positionQ16[1] / 65536, positionQ16[2] / 65536];
  return cells !== null && cells.length === 3 ? [cells[0] + 0.5, cells[1], cells[2] + 0.5] : undefined;
}

/** A walker, or a vehicle as it is turned, from its floor to its roof. */
function agentAt({ body, spawn }: Agent, [x, y, z]: Vector): Piece {
  if (!('vehicle' in body)) return walkerAt([x, y, z]);
  const [width, height, length] = body.size;
  let top = height;
  if (body.vehicle !== 'quadcopter') {
    const sag = STANDARD_GRAVITY / (4 * body.stiffness);
    top = Math.max(height, body.wheelRadius + Math.max(0, body.suspensionLength - sag) + height / 2);
  }
  return boxPiece([x, y + top / 2, z], [width, top, length], spawn.yawDeg);
}

function walkerAt([x, y, z]: Vector): Piece {
  return boxPiece([x, y + WALKER[1] / 2, z], [2 * WALKER[0], WALKER[1], 2 * WALKER[0]], 0);
}

function piecesOf({ shape, spawn }: Prop, centre: Vector): Piece[] {
  const [x, y, z] = propExtent(shape);
  const { yawDeg } = spawn;
  if ('ball' in shape) return [{ points: [centre], radius: shape.ball, axes: [] }];
  if ('capsule' in shape) {
    const rise = y / 2 - shape.capsule.radius;
    return [{ points: [-rise, rise].map((up) => [centre[0], centre[1] + up, centre[2]] as const), radius: shape.capsule.radius, axes: [] }];
  }
  if ('container' in shape) {
    const { wall } = shape.container;
    const plate = (edges: Vector, from: Vector) => {
      const way = turned(from, yawDeg);
      return boxPiece([centre[0] + way[0], centre[1] + way[1], centre[2] + way[2]], edges, yawDeg);
    };
    return [
      plate([x, wall, z], [0, (wall - y) / 2, 0]),
      ...[-1, 1].flatMap((side) => [
        plate([wall, y, z], [(side * (x - wall)) / 2, 0, 0]),
        plate([x, y, wall], [0, 0, (side * (z - wall)) / 2]),
      ]),
    ];
  }
  const box = boxPiece(centre, [x, y, z], yawDeg);
  if (!('ramp' in shape)) return [box];
  const wedge = [
    [-x, -y, -z],
    [-x, -y, z],
    [x, -y, -z],
    [x, -y, z],
    [x, y, -z],
    [x, y, z],
  ].map((corner) => {
    const way = turned([corner[0] / 2, corner[1] / 2, corner[2] / 2], yawDeg);
    return [centre[0] + way[0], centre[1] + way[1], centre[2] + way[2]] as const;
  });
  const slope = lengthOf(x, y, 0);
  return [{ points: wedge, radius: 0, axes: [...box.axes, turned([-y / slope, x / slope, 0], yawDeg)] }];
}

function boxPiece(centre: Vector, [x, y, z]: Vector, yawDeg: number): Piece {
  const points = [-1, 1].flatMap((i) =>
    [-1, 1].flatMap((j) =>
      [-1, 1].map((k): Vector => {
        const way = turned([(i * x) / 2, (j * y) / 2, (k * z) / 2], yawDeg);
        return [centre[0] + way[0], centre[1] + way[1], centre[2] + way[2]];
      }),
    ),
  );
  return { points, radius: 0, axes: [UP, turned([1, 0, 0], yawDeg), turned([0, 0, 1], yawDeg)] };
}

/** About the upright axis, counter-clockwise seen from above; by the table, so that a level is the same on every platform. Quarter turns are exact. */
function turned([x, y, z]: Vector, yawDeg: number): Vector {
  const turns = yawDeg / 360;
  const angle = Math.round((turns - Math.floor(turns)) * 4294967296) | 0;
  const sin = sinQ14(angle) / 16384;
  const cos = cosQ14(angle) / 16384;
  return [x * cos + z * sin, y, z * cos - x * sin];
}

function lengthOf(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}

function meet(own: readonly Piece[], other: readonly Piece[]): boolean {
  return own.some((a) => other.some((b) => !areApart(a, b)));
}

/** Faces of both, and the ways between their points: those decide where one is round. */
function areApart(a: Piece, b: Piece): boolean {
  if ([...a.axes, ...b.axes, UP].some((axis) => gapAlong(a, b, axis) > -SLACK)) return true;
  if (a.radius === 0 && b.radius === 0) return false;
  return a.points.some((p) => b.points.some((q) => separates(a, b, [q[0] - p[0], q[1] - p[1], q[2] - p[2]])));
}

function separates(a: Piece, b: Piece, [x, y, z]: Vector): boolean {
  // Where a round side meets an edge, the way is along that edge's faces only: each part of the direction is tried by itself too.
  return [
    [x, y, z],
    [x, 0, z],
    [x, y, 0],
    [0, y, z],
  ].some((way) => {
    const length = lengthOf(way[0], way[1], way[2]);
    return length > 0 && gapAlong(a, b, [way[0] / length, way[1] / length, way[2] / length]) > -SLACK;
  });
}

function gapAlong(a: Piece, b: Piece, axis: Vector): number {
  const [lowA, highA] = spanOf(a, axis);
  const [lowB, highB] = spanOf(b, axis);
  return Math.max(lowB - highA, lowA - highB);
}

function spanOf({ points, radius }: Piece, axis: Vector): [number, number] {
  const along = points.map((p) => p[0] * axis[0] + p[1] * axis[1] + p[2] * axis[2]);
  return [Math.min(...along) - radius, Math.max(...along) + radius];
}
