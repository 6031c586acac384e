/**
 * Batched control rollouts, the plain reference: N sequences of T controls from one start through a static world, and what each costs. State is in
 * integers (`numbers.ts`), so every mode of gpu.js ends in the same state; costs are f64 here and agree within 1e-4.
 * A rollout is a model, not a tick of an engine: no other agents, no edits.
 */
import { SINE_Q14 } from '@kinovox/world';
import { CONTROLS_OF, type RolloutBody, type RolloutBodyKind } from './bodies.js';
import {
  ANGLES_PER_TURN,
  middleOf,
  ONE,
  PARAM,
  quantiseControls,
  type RolloutCost,
  type RolloutState,
  rolloutParams,
  WALK,
} from './numbers.js';
import type { RolloutWorld } from './rollout-world.js';

export interface RolloutRequest {
  world: RolloutWorld;
  start: RolloutState;
  /** `[N, T, C]`, each in [-1, 1]; C from CONTROLS_OF. */
  controls: Float32Array;
  cost: RolloutCost;
  /** Also say where each sequence ends. */
  finals?: boolean;
}

export interface RolloutResult {
  /** `[N]` */
  costs: Float32Array;
  /** `[N, 8]` by FINAL, integers of `numbers.ts`; undefined unless asked for. `finalState` reads one in SI. */
  finals: Float32Array | undefined;
}

/** Columns of `finals`. */
export const FINAL = { x: 0, y: 1, z: 2, yaw: 3, velocityX: 4, velocityY: 5, velocityZ: 6, yawRate: 7 } as const;
export const FINAL_COLUMNS = 8;

/** @throws ShapeError for a body, start, cost or controls out of range. */
export function rollOut(body: RolloutBody, numSequences: number, numTicks: number, request: RolloutRequest): RolloutResult {
  const { world } = request;
  const p = rolloutParams(body, world, request.start, request.cost, numTicks);
  const controls = quantiseControls(body, request.controls, numSequences, numTicks);
  const costs = new Float32Array(numSequences);
  const finals = request.finals ? new Float32Array(numSequences * FINAL_COLUMNS) : undefined;
  const runner = createRunner(body.kind, world, p);
  const width = CONTROLS_OF[body.kind];
  for (let n = 0; n < numSequences; n++) {
    costs[n] = runner.run(controls, n * numTicks * width);
    finals?.set(runner.state(), n * FINAL_COLUMNS);
  }
  return { costs, finals };
}

/** Row n of `finals` in SI, as a start for another rollout. */
export function finalState(world: RolloutWorld, finals: Float32Array, n: number): Required<RolloutState> {
  const row = finals.subarray(n * FINAL_COLUMNS, (n + 1) * FINAL_COLUMNS);
  const middle = middleOf(world.padded);
  const radians = (angle: number) => (angle / ANGLES_PER_TURN) * 2 * Math.PI;
  return {
    position: [row[FINAL.x] / ONE + middle[0] - 1, row[FINAL.y] / ONE + middle[1] - 1, row[FINAL.z] / ONE + middle[2] - 1],
    velocity: [(row[FINAL.velocityX] / ONE) * 20, (row[FINAL.velocityY] / ONE) * 20, (row[FINAL.velocityZ] / ONE) * 20],
    yaw: radians(row[FINAL.yaw]),
    yawRate: radians(row[FINAL.yawRate]) * 20,
  };
}

function createRunner(kind: RolloutBodyKind, { padded, distance, guide, level }: RolloutWorld, p: Float32Array) {
  const [sizeX, , sizeZ] = padded;
  const middle = middleOf(padded);
  const half = p[PARAM.halfWidth];
  const height = p[PARAM.height];
  const numTicks = p[PARAM.numTicks];
  const width = CONTROLS_OF[kind];
  const weighsNearness = p[PARAM.obstacleWeight] > 0;
  const weighsGoal = p[PARAM.goalWeight] > 0;
  const at = new Float64Array(3);
  /** Per tick; of a rover, [0] is its speed. */
  const v = new Float64Array(3);
  let yaw = 0;
  let yawRate = 0;
  let grounded = false;
  let stopped = 0;

  const low = (axis: number) => (axis === 1 ? at[1] : at[axis] - half);
  const high = (axis: number) => (axis === 1 ? at[1] + height - 1 : at[axis] + half - 1);
  const cellOf = (q16: number, axis: number) => Math.floor(q16 / ONE) + middle[axis];

  const strides = [1, sizeX * sizeZ, sizeX];
  /** Moves along one axis by `by`, up to a solid cell. Returns whether it was stopped. */
  function sweep(axis: 0 | 1 | 2, by: number): boolean {
    if (by === 0) return false;
    const face = cellOf((by > 0 ? high(axis) : low(axis)) + by, axis);
    const a = axis === 0 ? 1 : 0;
    const b = axis === 2 ? 1 : 2;
    const lastA = cellOf(high(a), a);
    const firstB = cellOf(low(b), b);
    const lastB = cellOf(high(b), b);
    for (let i = cellOf(low(a), a); i <= lastA; i++)
      for (let k = firstB; k <= lastB; k++) {
        if (distance[face * strides[axis] + i * strides[a] + k * strides[b]] > 0) continue;
        const edge = (face - middle[axis]) * ONE;
        if (by > 0) at[axis] = edge - (axis === 1 ? height : half);
        else at[axis] = edge + ONE + (axis === 1 ? 0 : half);
        return true;
      }
    at[axis] += by;
    return false;
  }

  function fly(controls: Float32Array, c: number): void {
    for (let axis = 0; axis < 3; axis++) {
      // |control| <= 2^10, acceleration <= 2^13: below 2^24 with the half.
      const wanted = v[axis] + roundedOdd(controls[c + axis] * p[PARAM.acceleration], 1024);
      v[axis] = between(wanted, -p[PARAM.maxSpeed], p[PARAM.maxSpeed]);
    }
    stopAt(1);
    stopAt(0);
    stopAt(2);
  }

  /** Moves along one axis by its speed, and stops there on contact. */
  function stopAt(axis: 0 | 1 | 2): void {
    if (!sweep(axis, v[axis])) return;
    v[axis] = 0;
    stopped = 1;
  }

  function drive(controls: Float32Array, c: number): void {
    const speed = v[0] + roundedOdd(controls[c] * p[PARAM.acceleration], 1024);
    v[0] = between(speed, -p[PARAM.maxReverse], p[PARAM.maxSpeed]);
    // Angular acceleration <= 2^14.
    const rate = yawRate + roundedOdd(controls[c + 1] * p[PARAM.yawAcceleration], 1024);
    yawRate = between(rate, -p[PARAM.maxYawRate], p[PARAM.maxYawRate]);
    yaw = (yaw + yawRate + ANGLES_PER_TURN) % ANGLES_PER_TURN;
    const stoppedX = sweep(0, -productQ14(v[0], sine(yaw)));
    const stoppedZ = sweep(2, -productQ14(v[0], sine((yaw + ANGLES_PER_TURN / 4) % ANGLES_PER_TURN)));
    if (!stoppedX && !stoppedZ) return;
    v[0] = 0;
    stopped = 1;
  }

  function walk(controls: Float32Array, c: number): void {
    for (let axis = 0; axis < 3; axis++) if (Math.abs(v[axis]) <= WALK.negligibleQ16) v[axis] = 0;
    if (controls[c + 2] > 512 && grounded) v[1] = WALK.jumpQ16;
    // Acceleration below 2^13.7 in Q17, times 2^10: below 2^24.
    const acceleration = grounded ? p[PARAM.acceleration] : p[PARAM.airAcceleration];
    v[0] = between(v[0] + roundedOdd(controls[c] * acceleration, 2048), -p[PARAM.maxSpeed], p[PARAM.maxSpeed]);
    v[2] = between(v[2] + roundedOdd(controls[c + 1] * acceleration, 2048), -p[PARAM.maxSpeed], p[PARAM.maxSpeed]);
    const drag = grounded ? WALK.groundDragQ14 : WALK.airDragQ14;
    const falling = v[1] <= 0;
    const stoppedY = sweep(1, v[1]);
    grounded = stoppedY && falling;
    if (stoppedY) v[1] = 0;
    stopAt(0);
    stopAt(2);
    v[1] = Math.max(-p[PARAM.maxSpeed], scaledQ14(v[1] - WALK.gravityQ16, WALK.airDragYQ14));
    v[0] = scaledQ14(v[0], drag);
    v[2] = scaledQ14(v[2], drag);
  }

  const goalDistance = () => {
    const x = (at[0] - p[PARAM.goalX]) / ONE;
    const y = (at[1] - p[PARAM.goalY]) / ONE;
    const z = (at[2] - p[PARAM.goalZ]) / ONE;
    return Math.sqrt(x * x + y * y + z * z);
  };
  const wayLeft = () => (guide === undefined ? 0 : guide[(cellOf(at[1], 1) * sizeZ + cellOf(at[2], 2)) * sizeX + cellOf(at[0], 0)]);
  /** Distance to the nearest solid cell's centre from the body's middle, between the eight cell centres around it, or the four in its layer. */
  const nearest = () => {
    const x = at[0] / ONE + middle[0] - 0.5;
    const y = (at[1] + Math.floor(height / 2)) / ONE + middle[1] - (level ? 0 : 0.5);
    const z = at[2] / ONE + middle[2] - 0.5;
    const shareX = x - Math.floor(x);
    const shareZ = z - Math.floor(z);
    const cell = (Math.floor(y) * sizeZ + Math.floor(z)) * sizeX + Math.floor(x);
    const line = (from: number) => distance[from] * (1 - shareX) + distance[from + 1] * shareX;
    const layer = (from: number) => line(from) * (1 - shareZ) + line(from + sizeX) * shareZ;
    const shareY = level ? 0 : y - Math.floor(y);
    return layer(cell) * (1 - shareY) + layer(cell + sizeX * sizeZ) * shareY;
  };

  return {
    run(controls: Float32Array, first: number): number {
      at[0] = p[PARAM.x];
      at[1] = p[PARAM.y];
      at[2] = p[PARAM.z];
      v[0] = p[PARAM.velocityX];
      v[1] = p[PARAM.velocityY];
      v[2] = p[PARAM.velocityZ];
      yaw = p[PARAM.yaw];
      yawRate = p[PARAM.yawRate];
      grounded = p[PARAM.grounded] === 1;
      let cost = 0;
      for (let t = 0, c = first; t < numTicks; t++, c += width) {
        stopped = 0;
        if (kind === 'flyer') fly(controls, c);
        else if (kind === 'rover') drive(controls, c);
        else walk(controls, c);
        const close = weighsNearness ? Math.max(0, p[PARAM.clearance] - nearest()) : 0;
        let effort = 0;
        for (let k = 0; k < width; k++) effort += (controls[c + k] / 1024) * (controls[c + k] / 1024);
        const straight = weighsGoal ? goalDistance() : 0;
        cost += p[PARAM.goalWeight] * straight + p[PARAM.guideWeight] * wayLeft() + p[PARAM.obstacleWeight] * close * close;
        cost += p[PARAM.effortWeight] * effort + p[PARAM.collisionWeight] * stopped;
      }
      return cost + p[PARAM.terminalWeight] * goalDistance() + p[PARAM.terminalGuideWeight] * wayLeft();
    },
    state: () => [at[0], at[1], at[2], yaw, v[0], v[1], v[2], yawRate],
  };
}

function between(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** `p / divisor`, rounded to nearest, odd in p; never a negative zero. */
function roundedOdd(p: number, divisor: number): number {
  const magnitude = Math.floor((Math.abs(p) + divisor / 2) / divisor);
  return p < 0 ? 0 - magnitude : magnitude;
}

/** `v * k / 2^14`, rounded to nearest, odd in v; |v| <= 2^17 and k <= 2^14, in parts below 2^24. */
function scaledQ14(v: number, k: number): number {
  const m = Math.abs(v);
  const upper = Math.floor(m / 256) * k;
  const whole = Math.floor(upper / 64);
  const magnitude = whole + Math.floor(((upper - 64 * whole) * 256 + (m % 256) * k + 8192) / 16384);
  return v < 0 ? 0 - magnitude : magnitude;
}

/** `v * s / 2^14` toward zero within 1, odd in both; |v| <= 2^16 and |s| <= 2^14, in parts below 2^24. */
function productQ14(v: number, s: number): number {
  const m = Math.abs(v);
  const k = Math.abs(s);
  const magnitude = Math.floor((Math.floor(m / 256) * k) / 64) + Math.floor(((m % 256) * k) / 16384);
  return v < 0 !== s < 0 ? 0 - magnitude : magnitude;
}

/** Sine of an angle in [0, ANGLES_PER_TURN), Q14: the engine's table, straight between its entries. */
function sine(angle: number): number {
  const index = Math.floor(angle / 256);
  const from = SINE_Q14[index];
  return from + Math.floor(((SINE_Q14[index + 1] - from) * (angle % 256) + 128) / 256);
}
