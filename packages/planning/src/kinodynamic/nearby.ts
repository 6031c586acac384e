/** States within a distance of another, by the metric of the dynamics: a grid of boxes whose sides are that distance, so that only neighbouring boxes are looked at. */
import type { Dynamics } from '../dynamics/dynamics.js';

export interface Nearby {
  add(id: number, state: Float64Array): void;
  /** Calls back with ids, box by box and in the order they were added; positions are compared or not as the grid was made. @returns the first for which it says true, or -1. */
  find(state: Float64Array, accept: (id: number) => boolean): number;
}

/**
 * @param components those of the state that the grid is made over; a few are enough, as the caller compares distances.
 * @param radius of the metric, so that all states within it are found.
 */
export function createNearby(dynamics: Dynamics, components: readonly number[], radius: number): Nearby {
  const sides = components.map((i) => radius / weightOf(dynamics, i));
  // A whole number of boxes to a turn.
  const turns = components.map((i, at) => (dynamics.angles.includes(i) ? Math.max(1, Math.floor((2 * Math.PI) / sides[at])) : 0));
  for (const [at, count] of turns.entries()) if (count > 0) sides[at] = (2 * Math.PI) / count;
  const boxes = new Map<string, number[]>();
  const codes = new Array<number>(components.length);
  const codeOf = (value: number, at: number): number => Math.floor(value / sides[at]);
  const wrapped = (code: number, at: number): number => (turns[at] > 0 ? ((code % turns[at]) + turns[at]) % turns[at] : code);
  return {
    add(id, state) {
      const key = components.map((i, at) => wrapped(codeOf(state[i], at), at)).join();
      const box = boxes.get(key);
      if (box === undefined) boxes.set(key, [id]);
      else box.push(id);
    },
    find(state, accept) {
      const walk = (at: number): number => {
        if (at === components.length) {
          const box = boxes.get(codes.join());
          if (box !== undefined) for (const id of box) if (accept(id)) return id;
          return -1;
        }
        const code = codeOf(state[components[at]], at);
        // Of one or two boxes to a turn, none twice.
        const ways = turns[at] === 1 ? [0] : turns[at] === 2 ? [0, 1] : [-1, 0, 1];
        for (const way of ways) {
          codes[at] = wrapped(code + way, at);
          const found = walk(at + 1);
          if (found >= 0) return found;
        }
        return -1;
      };
      return walk(0);
    },
  };
}

/** What a unit of a component adds to the distance; a small one, as angles wrap. */
function weightOf(dynamics: Dynamics, i: number): number {
  const zero = new Float64Array(dynamics.stateNames.length);
  const one = zero.slice();
  one[i] = 1e-3;
  return Math.max(1e-6, dynamics.distance(zero, one) / 1e-3);
}
