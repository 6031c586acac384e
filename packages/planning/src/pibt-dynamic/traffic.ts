/**
 * What the others' ways say to a guide: against a way that another robot takes, and over places where others begin and end, it costs more. So two that want to
 * change places do not meet head on, each sure of the shortest way.
 * @source Chen, Harabor, Li, Stuckey: Traffic flow optimisation for lifelong multi-agent path finding, AAAI 2024: guide paths that avoid contraflow.
 */
import type { Lattice } from './guide.js';

export interface Traffic {
  /** `[cells, 3]` how much goes in which direction. */
  readonly flow: Float64Array;
  /** `[cells]` how much stands there. */
  readonly standing: Float64Array;
}

export function createTraffic({ size }: Lattice): Traffic {
  const cells = size[0] * size[1] * size[2];
  return { flow: new Float64Array(3 * cells), standing: new Float64Array(cells) };
}

/**
 * Adds a robot's way.
 * @param way positions `[N, 3]`, from start to goal
 * @param reach metres between two middles within which the bodies may touch
 */
export function addWay(traffic: Traffic, lattice: Lattice, way: Float64Array, reach: number): void {
  const count = way.length / 3;
  const seen = new Set<number>();
  for (let k = 0; k < count; k++) {
    const next = Math.min(k + 1, count - 1);
    const before = Math.max(0, next - 1);
    const direction = [0, 1, 2].map((axis) => way[3 * next + axis] - way[3 * before + axis]);
    const length = Math.hypot(...direction);
    const ends = k === 0 || k === count - 1;
    forCellsWithin(lattice, way.subarray(3 * k, 3 * k + 3), reach, (cell) => {
      if (ends) traffic.standing[cell] = Math.max(traffic.standing[cell], STANDING);
      if (seen.has(cell) || length === 0) return;
      seen.add(cell);
      for (let axis = 0; axis < 3; axis++) traffic.flow[3 * cell + axis] += direction[axis] / length;
    });
  }
}

/** How many times as long a step along `direction` (not of length 1) into `cell` is to count. */
export function burden({ flow, standing }: Traffic, cell: number, direction: readonly number[]): number {
  const along = direction[0] * flow[3 * cell] + direction[1] * flow[3 * cell + 1] + direction[2] * flow[3 * cell + 2];
  return 1 + standing[cell] + AGAINST * Math.max(0, -along / Math.hypot(direction[0], direction[1], direction[2]));
}

const STANDING = 1;
const AGAINST = 4;

function forCellsWithin({ min, side, size }: Lattice, point: Float64Array, reach: number, visit: (cell: number) => void): void {
  const low = size.map((_, axis) => Math.max(0, Math.ceil((point[axis] - reach - min[axis]) / side)));
  const high = size.map((count, axis) => Math.min(count - 1, Math.floor((point[axis] + reach - min[axis]) / side)));
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++)
      for (let x = low[0]; x <= high[0]; x++) {
        const away = Math.hypot(min[0] + side * x - point[0], min[1] + side * y - point[1], size[2] > 1 ? min[2] + side * z - point[2] : 0);
        if (away <= reach) visit(x + size[0] * (y + size[1] * z));
      }
}
