/**
 * Controls that bring a body on level ground from one place and speed to another to the last bit, in a given number of ticks: what lets the moves of a
 * plan be strung together as if each began at the origin.
 * Along one axis the engine's tick is `w = v + a; x += w; v = w * drag`, rounded as it rounds (`stages/accelerate.ts`, `stages/sweep.ts`), with a heading
 * of 0 so that forward acts on z alone and strafe on x alone. The accelerations of least sum of squares meet both ends; they are taken tick by tick from what
 * the keys can give, and the last two ticks are searched until the whole numbers agree.
 */
import { GROUND_DRAG_Q14, INPUT_Q14, NEGLIGIBLE_Q16 } from '@kinovox/physics';

/** Longest controls of the ground that are looked for. */
export const MOST_CLOSING_TICKS = 24;

/** What one tick of a key can add to the speed, rising, and the key that does it, Q12. */
export interface KeyTable {
  readonly accelerations: Int32Array;
  readonly keys: Int32Array;
}

const LEAST_KEY = 42;
/** Accelerations tried around the wanted one, per tick, from the nearest on. */
const TRIES = 9;
/** Accelerations looked at before the search gives up. */
const MOST_TRIES = 600;
/** The largest of the accelerations of least squares is at most about so many times what is needed when all are as even as can be: beyond, no keys do. */
const UNEVEN = 1.6;
const DRAG = GROUND_DRAG_Q14 / 16384;

/**
 * @param accelerationQ18 of the ground: walking or sprinting, scaled by the body.
 * @param mostKey largest key, Q12: 4096 along an axis alone; less where two axes share it.
 */
export function createKeyTable(accelerationQ18: number, mostKey: number): KeyTable {
  const byAcceleration = new Map<number, number>([[0, 0]]);
  for (let key = 1; key <= mostKey; key++) {
    const input = roundShift(key * INPUT_Q14, 14);
    if (input < LEAST_KEY) continue;
    const acceleration = roundShift(accelerationQ18 * ((input * 16384) >> 12), 16);
    for (const sign of [1, -1]) if (!byAcceleration.has(sign * acceleration)) byAcceleration.set(sign * acceleration, sign * key);
  }
  const accelerations = Int32Array.from(byAcceleration.keys()).sort();
  return { accelerations, keys: Int32Array.from(accelerations, (a) => byAcceleration.get(a) ?? 0) };
}

/**
 * Keys, Q12 per tick, that move by `distance` (Q16) in `ticks` ticks from speed `from` to speed `to`, both as stored between ticks (Q16).
 * @returns undefined where the keys cannot do it.
 */
export function closeAxis(table: KeyTable, distance: number, from: number, to: number, ticks: number): Int32Array | undefined {
  const keys = new Int32Array(ticks);
  const ends = endsOf(to);
  const most = table.accelerations[table.accelerations.length - 1];
  let tries = 0;
  const search = (tick: number, speed: number, left: number): boolean => {
    const v = speed < 0 ? (speed >= -NEGLIGIBLE_Q16 ? 0 : speed) : speed <= NEGLIGIBLE_Q16 ? 0 : speed;
    const remaining = ticks - tick;
    if (remaining === 1) {
      if (!ends.includes(left)) return false;
      const last = indexOf(table, left - v);
      if (last < 0) return false;
      keys[tick] = table.keys[last];
      return true;
    }
    if (remaining === 2) {
      for (const end of ends) {
        // The last tick moves by `end`, so this one by the rest.
        if (++tries > MOST_TRIES) return false;
        const at = indexOf(table, left - end - v);
        if (at < 0) continue;
        keys[tick] = table.keys[at];
        if (search(tick + 1, scaleDrag(left - end), end)) return true;
      }
      return false;
    }
    const wanted = leastSquares(v, left, to, remaining);
    if (wanted > UNEVEN * most || wanted < 0 - UNEVEN * most) return false;
    let low = lowerBound(table.accelerations, wanted);
    let high = low;
    low--;
    for (let k = 0; k < TRIES; k++) {
      const below = low >= 0 ? wanted - table.accelerations[low] : Number.POSITIVE_INFINITY;
      const above = high < table.accelerations.length ? table.accelerations[high] - wanted : Number.POSITIVE_INFINITY;
      if (below === Number.POSITIVE_INFINITY && above === Number.POSITIVE_INFINITY) return false;
      const at = below < above ? low-- : high++;
      if (++tries > MOST_TRIES) return false;
      keys[tick] = table.keys[at];
      const moved = v + table.accelerations[at];
      if (search(tick + 1, scaleDrag(moved), left - moved)) return true;
    }
    return false;
  };
  return search(0, from, distance) ? keys : undefined;
}

/** Motions of the last tick that leave the speed `to`. */
function endsOf(to: number): number[] {
  const ends: number[] = [];
  const middle = Math.round(to / DRAG);
  for (let w = middle - 3; w <= middle + 3; w++) if (scaleDrag(w) === to) ends.push(w);
  return ends;
}

/** First of the accelerations of least sum of squares that move by `left` and end with speed `to` after so many ticks, in real numbers. */
function leastSquares(v: number, left: number, to: number, ticks: number): number {
  const { p, q, pp, pq, qq } = WEIGHTS[Math.min(ticks, MOST_WEIGHTS)];
  const dp = left - v * p;
  const dq = to - v * q;
  return (p * (dp * qq - dq * pq) + q * (dq * pp - dp * pq)) / (pp * qq - pq * pq);
}

/**
 * By ticks that are left: what a unit of acceleration, or of speed, in the first of them adds to the place and to the speed at the end; and sums of
 * products of these over all. No powers: products are the same on every machine. Beyond the last, longer than any move, the first tick is as good as in it.
 */
const MOST_WEIGHTS = 64;
const WEIGHTS = weights();

function weights(): { p: number; q: number; pp: number; pq: number; qq: number }[] {
  const rows = [{ p: 0, q: 1, pp: 0, pq: 0, qq: 0 }];
  for (let ticks = 1; ticks <= MOST_WEIGHTS; ticks++) {
    const before = rows[ticks - 1];
    const p = before.p + before.q;
    const q = before.q * DRAG;
    rows.push({ p, q, pp: before.pp + p * p, pq: before.pq + p * q, qq: before.qq + q * q });
  }
  return rows;
}

function lowerBound(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indexOf(table: KeyTable, acceleration: number): number {
  const at = lowerBound(table.accelerations, acceleration);
  return table.accelerations[at] === acceleration ? at : -1;
}

/** The engine's product: rounded to nearest, odd. */
function scaleDrag(v: number): number {
  const size = Math.floor((Math.abs(v) * GROUND_DRAG_Q14 + 8192) / 16384);
  return v < 0 ? 0 - size : size;
}

function roundShift(value: number, bits: number): number {
  const half = 2 ** (bits - 1);
  const size = Math.floor((Math.abs(value) + half) / 2 ** bits);
  return value < 0 ? 0 - size : size;
}
