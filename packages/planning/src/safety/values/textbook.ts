/** Systems with known answers: what the tests, the benchmark and the drawings of value functions are made of. Units are SI. */
import type { AffineSystem } from './affine-system.js';

/** x' = v, v' = u, |u| <= acceleration. `greatest`: an avoiding control; `least`: a reaching one. */
export function doubleIntegrator(acceleration: number, seeks: 'greatest' | 'least'): AffineSystem {
  return {
    name: 'double integrator',
    drift: [(x) => x[1], 0],
    inputs: [{ name: 'acceleration', low: -acceleration, high: acceleration, gain: [0, 1], seeks }],
  };
}

/**
 * Two aircraft at one height, seen from the first: x ahead, y to its left, psi the other's heading. Both fly at `speed` and turn at most at `turnRate`;
 * the first avoids, the second pursues.
 * @source Mitchell, Bayen & Tomlin, TAC 50 (2005), the "game of two identical vehicles"; Merz 1972.
 */
export function air3d(speed: number, turnRate: number): AffineSystem {
  return {
    name: 'air3d',
    drift: [(x) => speed * (Math.cos(x[2]) - 1), (x) => speed * Math.sin(x[2]), 0],
    inputs: [
      { name: 'own turn', low: -turnRate, high: turnRate, gain: [(x) => x[1], (x) => -x[0], -1], seeks: 'greatest' },
      { name: 'turn of the other', low: -turnRate, high: turnRate, gain: [0, 0, 1], seeks: 'least' },
    ],
  };
}

/** Shortest time of x'' = u, |u| <= a, from (x, v) to rest at the origin. */
export function minTimeToOrigin(x: number, v: number, a: number): number {
  return minTimeBetween(x, v, 0, 0, a);
}

/** Shortest time of x'' = u, |u| <= a, from (x0, v0) to (x1, v1): full acceleration one way, then the other. */
export function minTimeBetween(x0: number, v0: number, x1: number, v1: number, a: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const side of [1, -1]) {
    // First `side` up to a peak speed, then the other way; mirrored for -1.
    const way = side * (x1 - x0);
    const from = side * v0;
    const to = side * v1;
    const square = a * way + (from * from + to * to) / 2;
    if (square < 0) continue;
    for (const peak of [Math.sqrt(square), -Math.sqrt(square)])
      if (peak >= Math.max(from, to) - 1e-12) best = Math.min(best, (2 * peak - from - to) / a);
  }
  return best;
}

/** The exact value of braking before a wall: what is left of the way to x = 0 when all speed towards it is braked away. Unsafe below 0. */
export function wallValue(x: number, v: number, braking: number): number {
  return v > 0 ? -x - (v * v) / (2 * braking) : -x;
}
