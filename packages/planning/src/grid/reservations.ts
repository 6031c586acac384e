/**
 * What agents that are already planned take of a grid's space and time, for the next one: per cell the intervals in which one may stand there, and per
 * move the start times at which it would meet somebody.
 * `steps`: a cell at a whole time; two moves of one step meet when their middles do, which is changing places, and crossing diagonals. `lengths`: balls of
 * `radius` in continuous time, see `unsafe-starts.ts`. An agent that holds its last cell takes it for ever.
 */
import type { CellPath } from '../trajectory.js';
import type { GridSpace } from './space.js';
import { type Segment, unsafeStartsInto } from './unsafe-starts.js';

/** Nothing else is ever there. */
const ALWAYS = Float64Array.of(0, Number.POSITIVE_INFINITY);
const NEVER = new Float64Array(0);

/** Unsafe starts of pairs of moves by their places to each other. */
export type Meetings = Map<number, Float64Array>;

export function createMeetings(): Meetings {
  return new Map();
}

export class Reservations {
  private readonly segments: Segment[] = [];
  /** Numbers of the segments that come near a cell (`lengths`). */
  private readonly near = new Map<number, number[]>();
  /** Taken whole times of a cell, as pairs [from, to) (`steps`). */
  private readonly taken = new Map<number, number[]>();
  /** Start times of moves by twice their middle (`steps`). */
  private readonly middles = new Map<number, number[]>();
  private readonly safeOf = new Map<number, Float64Array>();
  private readonly unsafeOf = new Map<number, Float64Array>();
  private readonly reach: number;
  private readonly pair = new Float64Array(2);

  constructor(
    readonly space: GridSpace,
    readonly timing: 'steps' | 'lengths',
    radius = 0,
    /** What earlier reservations of the same grid and radius have worked out: hand it on where many are made. */
    private readonly meetings = createMeetings(),
  ) {
    this.reach = 2 * radius;
  }

  /** Takes all of a path, its last cell included. */
  add({ cells, times, tail }: CellPath): void {
    this.safeOf.clear();
    this.unsafeOf.clear();
    const last = times.length - 1;
    for (let k = 0; k <= last; k++) {
      const until = k < last ? times[k + 1] : tail === 'hold' ? Number.POSITIVE_INFINITY : times[k];
      if (this.timing === 'steps') this.addStep(cells, k, times[k], until, k === last);
      else this.addLength(cells, k, times[k], until, k === last);
    }
  }

  /** Sorted disjoint intervals, flat as from, to, from, to: `steps` half open and whole, `lengths` closed. An agent may be in the cell at those times. */
  safeIntervals(cell: number): Float64Array {
    const known = this.safeOf.get(cell);
    if (known !== undefined) return known;
    const busy = this.timing === 'steps' ? this.taken.get(cell) : this.busyTimes(cell);
    const safe = busy === undefined || busy.length === 0 ? ALWAYS : complement(merged(busy));
    this.safeOf.set(cell, safe);
    return safe;
  }

  /** Sorted disjoint intervals of start times at which the move from the cell meets somebody: `steps` half open, `lengths` open. */
  unsafeStarts(cell: number, move: number): Float64Array {
    const key = cell * 32 + move;
    const known = this.unsafeOf.get(key);
    if (known !== undefined) return known;
    const { space } = this;
    const { dx, dy, dz } = space.table;
    const [x, y, z] = [space.xOf(cell), space.yOf(cell), space.zOf(cell)];
    let busy: number[] = [];
    if (this.timing === 'steps') {
      const starts = this.middles.get(this.middleKey(2 * x + dx[move], 2 * y + dy[move], 2 * z + dz[move]));
      if (starts !== undefined) busy = starts.flatMap((start) => [start, start + 1]);
    } else busy = this.busyStarts(cell, x, y, z, move);
    const unsafe = busy.length === 0 ? NEVER : Float64Array.from(merged(busy));
    this.unsafeOf.set(key, unsafe);
    return unsafe;
  }

  private addStep(cells: Int32Array, k: number, from: number, until: number, isLast: boolean): void {
    const at = 3 * k;
    const [x, y, z] = [cells[at], cells[at + 1], cells[at + 2]];
    push(this.taken, this.space.cellOf(x, y, z), from, Math.max(until, from + 1));
    if (isLast) return;
    const [nx, ny, nz] = [cells[at + 3], cells[at + 4], cells[at + 5]];
    if (nx !== x || ny !== y || nz !== z) push(this.middles, this.middleKey(x + nx, y + ny, z + nz), until - 1);
  }

  private addLength(cells: Int32Array, k: number, from: number, until: number, isLast: boolean): void {
    const at = 3 * k;
    const [x, y, z] = [cells[at], cells[at + 1], cells[at + 2]];
    if (isLast) {
      if (until > from) this.addSegment({ x, y, z, vx: 0, vy: 0, vz: 0, from, to: until }, x, y, z);
      return;
    }
    const [dx, dy, dz] = [cells[at + 3] - x, cells[at + 4] - y, cells[at + 5] - z];
    const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
    const leave = length === 0 ? until : until - length;
    if (leave > from) this.addSegment({ x, y, z, vx: 0, vy: 0, vz: 0, from, to: leave }, x, y, z);
    if (length > 0)
      this.addSegment({ x, y, z, vx: dx / length, vy: dy / length, vz: dz / length, from: leave, to: until }, x + dx, y + dy, z + dz);
  }

  private addSegment(segment: Segment, endX: number, endY: number, endZ: number): void {
    const id = this.segments.push(segment) - 1;
    const margin = Math.ceil(this.reach);
    const { space } = this;
    for (let y = Math.min(segment.y, endY) - margin; y <= Math.max(segment.y, endY) + margin; y++)
      for (let z = Math.min(segment.z, endZ) - margin; z <= Math.max(segment.z, endZ) + margin; z++)
        for (let x = Math.min(segment.x, endX) - margin; x <= Math.max(segment.x, endX) + margin; x++)
          if (space.contains(x, y, z)) push(this.near, space.cellOf(x, y, z), id);
  }

  /** Times at which a body in the cell is too near to somebody. */
  private busyTimes(cell: number): number[] {
    const { space, pair } = this;
    const busy: number[] = [];
    for (const id of this.near.get(cell) ?? [])
      if (unsafeStartsInto(pair, space.xOf(cell), space.yOf(cell), space.zOf(cell), 0, 0, 0, 0, this.segments[id], this.reach))
        busy.push(pair[0], pair[1]);
    return busy;
  }

  private busyStarts(cell: number, x: number, y: number, z: number, move: number): number[] {
    const { space, pair } = this;
    const { dx, dy, dz, length } = space.table;
    const [ux, uy, uz] = [dx[move] / length[move], dy[move] / length[move], dz[move] / length[move]];
    const busy: number[] = [];
    const asked = new Set<number>();
    for (const [tx, ty, tz] of [[0, 0, 0], ...space.table.touched[move]])
      for (const id of this.near.get(cell + space.cellOf(tx, ty, tz) - space.cellOf(0, 0, 0)) ?? []) {
        if (asked.has(id)) continue;
        asked.add(id);
        const other = this.segments[id];
        if (other.vx === 0 && other.vy === 0 && other.vz === 0) {
          if (unsafeStartsInto(pair, x, y, z, ux, uy, uz, length[move], other, this.reach)) busy.push(pair[0], pair[1]);
          continue;
        }
        const meeting = this.meetingOf(x, y, z, move, other);
        if (meeting.length > 0) busy.push(other.from + meeting[0], other.from + meeting[1]);
      }
    return busy;
  }

  /** Unsafe starts of a move beside another one, since the start of that: they depend on where the two are to each other and on nothing else. */
  private meetingOf(x: number, y: number, z: number, move: number, other: Segment): Float64Array {
    const { table } = this.space;
    const duration = other.to - other.from;
    let key = move;
    for (const offset of [x - other.x, y - other.y, z - other.z]) key = key * 4096 + offset + 2048;
    for (const velocity of [other.vx, other.vy, other.vz]) key = key * 8 + Math.round(velocity * duration) + 4;
    const known = this.meetings.get(key);
    if (known !== undefined) return known;
    const [ux, uy, uz] = [table.dx[move], table.dy[move], table.dz[move]].map((delta) => delta / table.length[move]);
    const { pair } = this;
    const sinceStart = { ...other, from: 0, to: duration };
    const meets = unsafeStartsInto(pair, x, y, z, ux, uy, uz, table.length[move], sinceStart, this.reach);
    const meeting = meets ? Float64Array.of(pair[0], pair[1]) : NEVER;
    this.meetings.set(key, meeting);
    return meeting;
  }

  /** One number for twice the middle of a move: sums of coordinates reach twice as far as the grid. */
  private middleKey(x: number, y: number, z: number): number {
    const [sizeX, , sizeZ] = this.space.size;
    return (y * 2 * sizeZ + z) * 2 * sizeX + x;
  }
}

function push(map: Map<number, number[]>, key: number, ...values: number[]): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, values);
  else list.push(...values);
}

/** Pairs sorted, and joined where they overlap or meet. */
function merged(pairs: readonly number[]): number[] {
  const order = Array.from({ length: pairs.length / 2 }, (_, k) => k).sort((a, b) => pairs[2 * a] - pairs[2 * b]);
  const out: number[] = [];
  for (const k of order) {
    const [from, to] = [pairs[2 * k], pairs[2 * k + 1]];
    // Open intervals that only meet leave the instant between them free, but nobody can be there for it alone.
    if (out.length > 0 && from <= out[out.length - 1]) out[out.length - 1] = Math.max(out[out.length - 1], to);
    else out.push(from, to);
  }
  return out;
}

/** What sorted disjoint intervals leave of [0, infinity). */
function complement(busy: readonly number[]): Float64Array {
  const safe: number[] = [];
  let from = 0;
  for (let k = 0; k < busy.length; k += 2) {
    if (busy[k] > from) safe.push(from, busy[k]);
    from = Math.max(from, busy[k + 1]);
  }
  if (from < Number.POSITIVE_INFINITY) safe.push(from, Number.POSITIVE_INFINITY);
  return Float64Array.from(safe);
}
