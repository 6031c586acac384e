/**
 * When two balls that move straight and evenly come closer than two radii, asked from the start time of one of them. All positions in cells, times in
 * seconds of one cell's side at speed 1.
 * Over pairs of times (u since my start, w since the other's) the distance is a convex function, so the start times that collide are one open interval:
 * Walker, Sturtevant, Felner, "Generalized and Sub-Optimal Bipartite Constraints for Conflict-Based Search" (AAAI 2020), and Andreychuk et al., "Multi-agent
 * pathfinding with continuous time" (2022), take them as unsafe intervals too.
 */

/** A straight motion, or a rest (all of `vx`, `vy`, `vz` 0), from `from` until `to`; `to` may be infinite for a rest. */
export interface Segment {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly vx: number;
  readonly vy: number;
  readonly vz: number;
  readonly from: number;
  readonly to: number;
}

/** Steps of the bisections: 2^-60 of the range is below the last bit of its times. */
const HALVINGS = 60;
/** Of the squared distance: what touches is not closer. */
const TOUCHING = 1e-9;

/**
 * The start times at which a body that begins at (x, y, z) and moves with velocity (ax, ay, az) for `length` comes closer than `reach` to the segment.
 * A velocity of 0 asks for a body that stays for that long. Writes the open interval into `out[0]`, `out[1]`.
 * @returns false when there is none.
 */
export function unsafeStartsInto(
  out: Float64Array,
  x: number,
  y: number,
  z: number,
  ax: number,
  ay: number,
  az: number,
  length: number,
  other: Segment,
  reach: number,
): boolean {
  const limit = reach * reach - TOUCHING;
  const qx = x - other.x;
  const qy = y - other.y;
  const qz = z - other.z;
  if (other.vx === 0 && other.vy === 0 && other.vz === 0) {
    if (!within(out, qx, qy, qz, ax, ay, az, length, limit)) return false;
    const [u0, u1] = out;
    out[0] = other.from - u1;
    out[1] = other.to - u0;
    return true;
  }
  const duration = other.to - other.from;
  // For a shift s = w - u, the least squared distance over u: convex in s.
  const least = (shift: number) => {
    const low = shift < 0 ? 0 - shift : 0;
    const high = length < duration - shift ? length : duration - shift;
    const px = qx - other.vx * shift;
    const py = qy - other.vy * shift;
    const pz = qz - other.vz * shift;
    const dx = ax - other.vx;
    const dy = ay - other.vy;
    const dz = az - other.vz;
    const square = dx * dx + dy * dy + dz * dz;
    let u = square === 0 ? low : 0 - (px * dx + py * dy + pz * dz) / square;
    u = u < low ? low : u > high ? high : u;
    const rx = px + dx * u;
    const ry = py + dy * u;
    const rz = pz + dz * u;
    return rx * rx + ry * ry + rz * rz;
  };
  let low = 0 - length;
  let high = duration;
  let inside = Number.NaN;
  for (let k = 0; k < 2 * HALVINGS && Number.isNaN(inside); k++) {
    const a = low + (high - low) / 3;
    const b = high - (high - low) / 3;
    const atA = least(a);
    const atB = least(b);
    if (atA < limit) inside = a;
    else if (atB < limit) inside = b;
    else if (atA < atB) high = b;
    else low = a;
  }
  if (Number.isNaN(inside)) return false;
  const edge = (outside: number) => {
    if (least(outside) < limit) return outside;
    let far = outside;
    let near = inside;
    for (let k = 0; k < HALVINGS; k++) {
      const middle = (far + near) / 2;
      if (least(middle) < limit) near = middle;
      else far = middle;
    }
    return far;
  };
  out[0] = other.from + edge(0 - length);
  out[1] = other.from + edge(duration);
  return true;
}

/** The times u in [0, length] at which q + a u is shorter than the root of `limit`. */
function within(
  out: Float64Array,
  qx: number,
  qy: number,
  qz: number,
  ax: number,
  ay: number,
  az: number,
  length: number,
  limit: number,
): boolean {
  const square = ax * ax + ay * ay + az * az;
  const along = qx * ax + qy * ay + qz * az;
  const rest = qx * qx + qy * qy + qz * qz - limit;
  if (square === 0) {
    out[0] = 0;
    out[1] = length;
    return rest < 0;
  }
  const under = along * along - square * rest;
  if (under <= 0) return false;
  const root = Math.sqrt(under);
  out[0] = Math.max(0, (0 - along - root) / square);
  out[1] = Math.min(length, (0 - along + root) / square);
  return out[0] < out[1];
}
