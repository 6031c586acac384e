/**
 * How far a vehicle still goes towards a wall while it brakes, from Hamilton-Jacobi value functions on grids, solved once per body.
 * The value of a state before a wall is V = gap - way(motion), whatever the gap: along the gap it is a straight line, which four nodes hold exactly, so the
 * grids are small. Order 1 in space, which errs to the safe side: it never says a way that is too short by more than `GRID_SLACK` (tested against closed forms).
 */
import type { AffineSystem } from '../values/affine-system.js';
import { solveValueFunction } from '../values/value-function.js';
import { createValueGrid, sampleGrid, type ValueGrid, valueAt } from '../values/value-grid.js';

/** Metres by which a way may be too short. */
export const GRID_SLACK = 0.01;
/** The axis along which values are a straight line. */
const GAP_AXIS = { low: -2, high: 1, nodes: 4 };
const SPEED_NODES = 201;
const ANGLE_NODES = 96;
const TURNING_SPEED_NODES = 41;

export interface StraightWay {
  /** m/s up to which it is known. */
  readonly maxSpeed: number;
  /** Metres gone on at this speed, m/s; 0 when it goes away. */
  at(speed: number): number;
}

/** A double integrator that brakes with at least `deceleration` - `disturbance`, m/s^2. */
export function solveStraightWay(deceleration: number, disturbance: number, maxSpeed: number): StraightWay {
  const grid = createValueGrid([GAP_AXIS, { low: 0, high: maxSpeed, nodes: SPEED_NODES }]);
  const system: AffineSystem = {
    name: 'braking along an axis',
    drift: [(x) => x[1], 0],
    inputs: [
      { name: 'brake', low: -deceleration, high: deceleration, gain: [0, 1], seeks: 'greatest' },
      { name: 'what the model leaves out', low: -disturbance, high: disturbance, gain: [0, 1], seeks: 'least' },
    ],
  };
  const values = solveWays(grid, system, (1.5 * maxSpeed) / (deceleration - disturbance) + 0.5);
  const point = new Float64Array(2);
  return {
    maxSpeed,
    at(speed) {
      if (speed <= 0) return 0;
      point[1] = speed;
      return -valueAt(grid, values, point);
    },
  };
}

export interface TurningWay {
  readonly maxSpeed: number;
  /** Metres towards a direction that lies `angle` rad from the heading, at `speed` m/s >= 0. */
  at(angle: number, speed: number): number;
}

/**
 * Wheels that brake with `deceleration` (below `creep` m/s in proportion to the speed), while the heading turns as it likes, at most at `turnRate` rad/s:
 * what is left of a turn when the brake begins, and tyres that slide, are in it.
 */
export function solveTurningWay(deceleration: number, creep: number, turnRate: number, maxSpeed: number): TurningWay {
  const grid = createValueGrid([
    GAP_AXIS,
    { low: 0, high: 2 * Math.PI, nodes: ANGLE_NODES, periodic: true },
    { low: 0, high: maxSpeed, nodes: TURNING_SPEED_NODES },
  ]);
  const system: AffineSystem = {
    name: 'braking while turning',
    drift: [(x) => x[2] * Math.cos(x[1]), 0, (x) => -deceleration * Math.min(1, x[2] / creep)],
    inputs: [{ name: 'turn', low: -turnRate, high: turnRate, gain: [0, 1, 0], seeks: 'least' }],
  };
  const values = solveWays(grid, system, maxSpeed / deceleration + (6 * creep) / deceleration);
  const point = new Float64Array(3);
  return {
    maxSpeed,
    at(angle, speed) {
      point[1] = angle;
      point[2] = speed;
      return Math.max(0, -valueAt(grid, values, point));
    },
  };
}

function solveWays(grid: ValueGrid, system: AffineSystem, horizon: number): Float64Array {
  return solveValueFunction({ grid, system, target: sampleGrid(grid, ([x]) => -x), horizon }, { settledBelow: 1e-4 }).values;
}
