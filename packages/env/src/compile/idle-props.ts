/**
 * Props that stand where nobody has business: they put a scenario on the rigid tier and change nothing else in it, so that what plays there can be
 * compared with what plays on the batch tier. Level, seeds and scenario hash are those of the scenario without them.
 * A place is one that walkers cannot reach, such as the top of a wall, or else the one that is farthest from every spawn and every place that the task names.
 */
import type { PropSpawn } from '@kinovox/physics';
import {
  type Cell,
  isSolidAt,
  type Level,
  type ResolvedScenario,
  ScenarioError,
  standingCells,
  toQ16,
  type VoxelGrid,
} from '@kinovox/world';

/** Most idle props of a world. */
export const MAX_IDLE_PROPS = 16;
/** Edge of one, in metres: small enough to overhang no cell. */
const EDGE = 0.5;
/** Least distance between two of them, in blocks. */
const APART = 2;
/** How far up a walker gets in one jump, in blocks. */
const CLIMB = 1;

/** The scenario's props and the idle ones; where those stand is the level's to say. */
export function withIdleProps(resolved: ResolvedScenario, count: number): ResolvedScenario {
  const idle = Array.from({ length: count }, (_, k) => ({
    id: `idle-prop-${k}`,
    shape: { box: [EDGE, EDGE, EDGE] as [number, number, number] },
    massKg: 10,
    friction: 0.6,
    restitution: 0,
    spawn: { at: [0, 0, 0] as [number, number, number], yawDeg: 0 },
  }));
  return { ...resolved, props: [...resolved.props, ...idle] };
}

/** Where they rest in a level. @throws ScenarioError where there is no room for all. */
export function idlePropSpawns({ grid, spawns }: Level, resolved: ResolvedScenario, count: number): PropSpawn[] {
  const starts = spawns.flatMap(({ cells, positionQ16 }) =>
    positionQ16 === null ? triples(cells!) : [Array.from(positionQ16, (word) => word >> 16) as unknown as Cell],
  );
  const busy = [...starts.map((cell): Box => [cell, cell]), ...boxesIn([resolved.task, resolved.rewards, resolved.mechanisms])];
  const reached = reachedFrom(grid, starts);
  const places = triples(standingIn(grid))
    .filter(([x, y, z]) => isSolidAt(grid, x, y - 1, z))
    .map((cell) => ({ cell, isReached: reached.has(grid.cellIndex(...cell)), far: Math.min(...busy.map((box) => squareTo(cell, box))) }))
    .filter(({ far }) => far > 0)
    .sort((a, b) => Number(a.isReached) - Number(b.isReached) || b.far - a.far);
  const taken: Cell[] = [];
  for (const { cell } of places) {
    if (taken.length === count) break;
    if (taken.every((other) => Math.abs(other[0] - cell[0]) >= APART || Math.abs(other[2] - cell[2]) >= APART)) taken.push(cell);
  }
  if (taken.length < count)
    throw new ScenarioError(
      'no-idle-place',
      `A level must have a place out of the way for each of ${count} idle props; got ${taken.length} in variant ${resolved.resolved.variant} of ${resolved.id}. Ask for fewer.`,
    );
  return taken.map(([x, y, z]) => ({ cells: new Int32Array(0), exact: [toQ16(x + 0.5), toQ16(y + EDGE / 2), toQ16(z + 0.5)], yaw: 0 }));
}

type Box = readonly [Cell, Cell];

function standingIn(grid: VoxelGrid): Int32Array {
  return standingCells(grid, [
    [0, 1, 0],
    [grid.sizeX - 1, grid.sizeY - 2, grid.sizeZ - 1],
  ]);
}

/** Cells to which walkers get on foot: steps and jumps in all eight directions, and falls. */
function reachedFrom(grid: VoxelGrid, starts: readonly Cell[]): Set<number> {
  const standing = new Set(triples(standingIn(grid)).map((cell) => grid.cellIndex(...cell)));
  const reached = new Set<number>();
  // Who starts in the air comes down first.
  const queue = starts.flatMap(([x, y, z]) => landing(grid, standing, x, y, z));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [x, y, z] = next;
    const index = grid.cellIndex(x, y, z);
    if (reached.has(index)) continue;
    reached.add(index);
    for (let dx = -1; dx <= 1; dx++)
      for (let dz = -1; dz <= 1; dz++) if (dx !== 0 || dz !== 0) queue.push(...landing(grid, standing, x + dx, y + CLIMB, z + dz));
  }
  return reached;
}

/** The highest standing cell of a column from y down; none where there is no such column or cell. */
function landing(grid: VoxelGrid, standing: ReadonlySet<number>, x: number, y: number, z: number): Cell[] {
  if (x < 0 || z < 0 || x >= grid.sizeX || z >= grid.sizeZ) return [];
  for (let at = Math.min(y, grid.sizeY - 2); at >= 1; at--) if (standing.has(grid.cellIndex(x, at, z))) return [[x, at, z]];
  return [];
}

/** Regions and cells that stand anywhere in a value. */
function boxesIn(value: unknown): Box[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isCell(value)) return [[value, value]];
  if (Array.isArray(value) && value.length === 2 && value.every(isCell)) return [value as unknown as Box];
  return Object.values(value).flatMap(boxesIn);
}

function isCell(value: unknown): value is Cell {
  return Array.isArray(value) && value.length === 3 && value.every((word) => typeof word === 'number');
}

/** Square of the horizontal distance between a cell and a box, in blocks. */
function squareTo([x, , z]: Cell, [low, high]: Box): number {
  const dx = Math.max(low[0] - x, 0, x - high[0]);
  const dz = Math.max(low[2] - z, 0, z - high[2]);
  return dx * dx + dz * dz;
}

function triples(cells: Int32Array): Cell[] {
  return Array.from({ length: cells.length / 3 }, (_, k): Cell => [cells[3 * k], cells[3 * k + 1], cells[3 * k + 2]]);
}
