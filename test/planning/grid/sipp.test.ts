/** Safe interval planning among reservations: against a search over cells and times one by one, against closest approaches, and through known conflicts. */
import { type CellPath, GridSpace, Reservations, type Segment, Sipp, unsafeStartsInto } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

function stream(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const path = (cells: readonly (readonly [number, number])[], times: readonly number[]): CellPath => ({
  kind: 'cells',
  robot: 'other',
  cells: Int32Array.from(cells.flatMap(([x, z]) => [x, 0, z])),
  times: Float64Array.from(times),
  tail: 'hold',
});

const plane = (sizeX: number, sizeZ: number, blocked: readonly number[] = []) => {
  const cells = new Uint8Array(sizeX * sizeZ);
  for (const cell of blocked) cells[cell] = 1;
  return { size: [sizeX, 1, sizeZ] as const, blocked: cells };
};

const cellsOf = ({ cells }: CellPath) => Array.from({ length: cells.length / 3 }, (_, k) => [cells[3 * k], cells[3 * k + 2]]);

describe('in steps', () => {
  it('arrives as early as a search over every cell at every time does', () => {
    let waited = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const next = stream(seed * 2654435);
      const size = 6;
      const space = new GridSpace(plane(size, size, [next(36), next(36), next(36), next(36)]), 4);
      const free = Array.from({ length: 36 }, (_, k) => k).filter((k) => space.blocked[space.cellOf(k % 6, 0, Math.floor(k / 6))] === 0);
      const reservations = new Reservations(space, 'steps');
      const at = new Map<string, true>();
      const swaps = new Map<string, true>();
      for (let other = 0; other < 4; other++) {
        // Others walk at random: they need not avoid each other.
        let cell = free[next(free.length)];
        const cells: [number, number][] = [[cell % 6, Math.floor(cell / 6)]];
        for (let t = 1; t <= 9; t++) {
          const [x, z] = cells[t - 1];
          const options = [0, 1, 2, 3, 4].map((k) => [x + [0, 1, -1, 0, 0][k], z + [0, 0, 0, 1, -1][k]] as [number, number]);
          const open = options.filter(([a, b]) => space.contains(a, 0, b) && space.blocked[space.cellOf(a, 0, b)] === 0);
          cells.push(open[next(open.length)]);
        }
        const last = cells.length - 1;
        for (let t = 0; t < 40; t++) {
          const [x, z] = cells[Math.min(t, last)];
          const [nx, nz] = cells[Math.min(t + 1, last)];
          at.set(`${t} ${x} ${z}`, true);
          swaps.set(`${t} ${nx} ${nz} ${x} ${z}`, true);
        }
        // Without the waits, as paths are: entries only.
        const kept = cells.map((_, k) => k).filter((k) => k === 0 || cells[k].join() !== cells[k - 1].join());
        reservations.add(
          path(
            kept.map((k) => cells[k]),
            kept,
          ),
        );
        cell = 0;
      }
      const start = free[next(free.length)];
      const goal = free[next(free.length)];
      let layer = new Set<number>(at.has(`0 ${start % 6} ${Math.floor(start / 6)}`) ? [] : [start]);
      let earliest = -1;
      const goalFree = (t: number) => {
        for (let later = t; later < 40; later++) if (at.has(`${later} ${goal % 6} ${Math.floor(goal / 6)}`)) return false;
        return true;
      };
      for (let t = 0; t < 39 && earliest < 0; t++) {
        if (layer.has(goal) && goalFree(t)) earliest = t;
        const after = new Set<number>();
        for (const cell of layer) {
          const [x, z] = [cell % 6, Math.floor(cell / 6)];
          for (const [a, b] of [
            [x, z],
            [x + 1, z],
            [x - 1, z],
            [x, z + 1],
            [x, z - 1],
          ]) {
            if (!space.contains(a, 0, b) || space.blocked[space.cellOf(a, 0, b)] === 1) continue;
            if (!at.has(`${t + 1} ${a} ${b}`) && !swaps.has(`${t} ${x} ${z} ${a} ${b}`)) after.add(b * 6 + a);
          }
        }
        layer = after;
      }
      const cellOf = (k: number) => space.cellOf(k % 6, 0, Math.floor(k / 6));
      const result = new Sipp(space).run('me', cellOf(start), cellOf(goal), reservations);
      expect([seed, result.status === 'solved' ? result.cost : -1]).toEqual([seed, earliest]);
      if (earliest > Math.abs((start % 6) - (goal % 6)) + Math.abs(Math.floor(start / 6) - Math.floor(goal / 6))) waited++;
    }
    expect(waited).toBeGreaterThan(3);
  });

  it('does not change places in a corridor, and goes round where there is a bay', () => {
    const corridor = new GridSpace(plane(4, 1), 4);
    const busy = new Reservations(corridor, 'steps');
    busy.add(
      path(
        [
          [3, 0],
          [2, 0],
          [1, 0],
          [0, 0],
        ],
        [0, 1, 2, 3],
      ),
    );
    expect(new Sipp(corridor).run('me', corridor.cellOf(0, 0, 0), corridor.cellOf(3, 0, 0), busy).status).toBe('unreachable');
    const bay = new GridSpace(plane(4, 2, [4, 6, 7]), 4);
    const passed = new Reservations(bay, 'steps');
    passed.add(
      path(
        [
          [3, 0],
          [2, 0],
          [1, 0],
          [0, 0],
        ],
        [0, 1, 2, 3],
      ),
    );
    const result = new Sipp(bay).run('me', bay.cellOf(0, 0, 0), bay.cellOf(3, 0, 0), passed);
    if (result.status !== 'solved') throw new Error(result.status);
    expect(cellsOf(result.path)).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(Array.from(result.path.times)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('does not cross the diagonal that another one takes', () => {
    const space = new GridSpace(plane(2, 2), 8);
    const reservations = new Reservations(space, 'steps');
    reservations.add(
      path(
        [
          [0, 0],
          [1, 1],
        ],
        [0, 1],
      ),
    );
    const result = new Sipp(space).run('me', space.cellOf(1, 0, 0), space.cellOf(0, 0, 1), reservations);
    expect(result).toMatchObject({ status: 'solved', cost: 2 });
  });

  it('waits for a goal to be free for ever', () => {
    const space = new GridSpace(plane(5, 2), 4);
    const reservations = new Reservations(space, 'steps');
    reservations.add(
      path(
        [
          [4, 1],
          [3, 1],
          [3, 0],
          [2, 0],
        ],
        [0, 5, 6, 7],
      ),
    );
    const result = new Sipp(space).run('me', space.cellOf(3, 0, 0), space.cellOf(4, 0, 0), reservations);
    expect(result).toMatchObject({ status: 'solved', cost: 1 });
    reservations.add({ ...path([[4, 0]], [9]), tail: 'vanish' });
    const late = new Sipp(space).run('me', space.cellOf(3, 0, 0), space.cellOf(4, 0, 0), reservations);
    expect(late).toMatchObject({ status: 'solved', cost: 10 });
  });
});

describe('in lengths', () => {
  /** Least distance of two straight motions, by samples. */
  const sampled = (mine: Segment, other: Segment) => {
    let least = Number.POSITIVE_INFINITY;
    const from = Math.max(mine.from, other.from);
    const to = Math.min(mine.to, other.to);
    for (let k = 0; k <= 4000 && from <= to; k++) {
      const t = from + ((to - from) * k) / 4000;
      const along = (s: Segment) => [s.x + s.vx * (t - s.from), s.y + s.vy * (t - s.from), s.z + s.vz * (t - s.from)];
      const [a, b] = [along(mine), along(other)];
      least = Math.min(least, Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2));
    }
    return least;
  };

  it('finds the start times at which a move meets another, edge by edge', () => {
    const next = stream(77);
    const out = new Float64Array(2);
    let met = 0;
    for (let k = 0; k < 300; k++) {
      const vector = () => [next(3) - 1, next(3) - 1, next(3) - 1];
      const [a, b] = [vector(), vector()];
      const lengthA = Math.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2);
      const lengthB = Math.sqrt(b[0] ** 2 + b[1] ** 2 + b[2] ** 2);
      if (lengthA === 0) continue;
      const speed = lengthB || 1;
      const other: Segment = {
        x: next(4),
        y: next(2),
        z: next(4),
        vx: b[0] / speed,
        vy: b[1] / speed,
        vz: b[2] / speed,
        from: 5,
        to: 5 + speed,
      };
      const reach = 0.5 + next(5) / 10;
      const [x, y, z] = [next(4), next(2), next(4)];
      const mine = (from: number): Segment => ({
        x,
        y,
        z,
        vx: a[0] / lengthA,
        vy: a[1] / lengthA,
        vz: a[2] / lengthA,
        from,
        to: from + lengthA,
      });
      const { vx, vy, vz } = mine(0);
      if (!unsafeStartsInto(out, x, y, z, vx, vy, vz, lengthA, other, reach)) {
        for (let t = 2; t < 8; t += 0.05) expect(sampled(mine(t), other)).toBeGreaterThan(reach - 2e-3);
        continue;
      }
      met++;
      const [from, to] = out;
      expect(sampled(mine((from + to) / 2), other)).toBeLessThan(reach);
      expect(sampled(mine(from - 1e-3), other)).toBeGreaterThan(reach - 1e-3);
      expect(sampled(mine(to + 1e-3), other)).toBeGreaterThan(reach - 1e-3);
    }
    expect(met).toBeGreaterThan(30);
  });

  it('lets a disc pass behind another as early as the closest approach allows', () => {
    // Both cross the middle of a 3 x 3 square at right angles; r = sqrt(2) / 4, so the gap in time is 2 r * sqrt(2) = 1.
    const space = new GridSpace(plane(3, 3), 4);
    const reservations = new Reservations(space, 'lengths', Math.SQRT2 / 4);
    reservations.add({
      ...path(
        [
          [0, 1],
          [1, 1],
          [2, 1],
        ],
        [0, 1, 2],
      ),
      tail: 'vanish',
    });
    const result = new Sipp(space).run('me', space.cellOf(1, 0, 0), space.cellOf(1, 0, 2), reservations);
    if (result.status !== 'solved') throw new Error(result.status);
    expect(result.cost).toBeCloseTo(3, 6);
  });

  it('never comes closer than two radii to a team that plans one after another', () => {
    const space = new GridSpace(plane(8, 8), 8);
    const radius = Math.SQRT2 / 4;
    const reservations = new Reservations(space, 'lengths', radius);
    const sipp = new Sipp(space);
    const paths: CellPath[] = [];
    const ends = [
      [0, 0, 7, 7],
      [7, 7, 0, 0],
      [0, 7, 7, 0],
      [7, 0, 0, 7],
      [3, 0, 3, 7],
      [4, 7, 4, 0],
    ];
    for (const [sx, sz, gx, gz] of ends) {
      const result = sipp.run('a', space.cellOf(sx, 0, sz), space.cellOf(gx, 0, gz), reservations);
      if (result.status !== 'solved') throw new Error(result.status);
      reservations.add(result.path);
      paths.push(result.path);
    }
    const place = ({ cells, times }: CellPath, t: number) => {
      let k = 0;
      while (k + 1 < times.length && times[k + 1] <= t) k++;
      if (k + 1 === times.length) return [cells[3 * k], cells[3 * k + 2]];
      const [dx, dz] = [cells[3 * k + 3] - cells[3 * k], cells[3 * k + 5] - cells[3 * k + 2]];
      const length = Math.sqrt(dx * dx + dz * dz);
      const share = Math.max(0, t - (times[k + 1] - length)) / length;
      return [cells[3 * k] + dx * share, cells[3 * k + 2] + dz * share];
    };
    let least = Number.POSITIVE_INFINITY;
    for (let t = 0; t < 20; t += 0.01)
      for (let a = 0; a < paths.length; a++)
        for (let b = 0; b < a; b++) {
          const [p, q] = [place(paths[a], t), place(paths[b], t)];
          least = Math.min(least, Math.sqrt((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2));
        }
    expect(least).toBeGreaterThan(2 * radius - 1e-6);
    expect(least).toBeLessThan(2 * radius + 0.02);
  });
});
