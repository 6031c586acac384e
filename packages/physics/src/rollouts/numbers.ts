/**
 * The numbers of rollouts. Motion is done in integers of magnitude at most 2^24, so that f32 and f64 give the same state on every mode of gpu.js;
 * only the cost is rounded. Positions are Q16 blocks from the middle of the padded world, velocities Q16 blocks per tick below 2^16, angles 2^20 per
 * turn, controls Q10. Every product is bounded beside it in `rollout.ts`.
 */
import { ShapeError, TICKS_PER_SECOND } from '@kinovox/world';
import {
  AIR_ACCELERATION_Q18,
  AIR_DRAG_Q14,
  AIR_DRAG_Y_Q14,
  GRAVITY_Q16,
  GROUND_DRAG_Q14,
  INPUT_Q14,
  JUMP_Q16,
  NEGLIGIBLE_Q16,
  WALK_ACCELERATION_Q18,
} from '../bodies/walker.js';
import type { GridSize } from '../fields/grid.js';
import { assertBody, CONTROLS_OF, type RolloutBody } from './bodies.js';
import type { RolloutWorld } from './rollout-world.js';

/** A body's state, SI, in the world's coordinates. */
export interface RolloutState {
  /** Middle of the base, m. */
  position: readonly [number, number, number];
  /** m/s; of a rover, the first number is its speed along its heading, and the others are 0. */
  velocity?: readonly [number, number, number];
  /** rover: radians; 0 looks to -z, positive counter-clockwise seen from above. */
  yaw?: number;
  /** rover: rad/s. */
  yawRate?: number;
}

/** What a sequence costs: the sum over its ticks, plus the terminal terms. Weights are >= 0 and default to 0. */
export interface RolloutCost {
  /** Where to go: the middle of the base, m. */
  goal: readonly [number, number, number];
  /** Per metre from the goal, straight, and tick. */
  goalWeight?: number;
  /** Per metre of way left by the guide, and tick. */
  guideWeight?: number;
  /** Per tick, times the square of the metres that the distance from the body's middle to the nearest solid cell's centre is below `clearance`. */
  obstacleWeight?: number;
  /** m */
  clearance?: number;
  /** Per tick, times the sum of the squares of the controls. */
  effortWeight?: number;
  /** Per tick in which a solid stopped the body (walker and rover: sideways). */
  collisionWeight?: number;
  /** Per metre from the goal, straight, and of way left, at the end. */
  terminalWeight?: number;
  terminalGuideWeight?: number;
}

export const ANGLES_PER_TURN = 2 ** 20;
export const ONE = 65536;
/** Fastest component, Q16 per tick: less than a block. */
export const FASTEST = 65535;

/** Rows of the parameter array, which kernels and the reference read alike. */
export const PARAM = {
  x: 0,
  y: 1,
  z: 2,
  velocityX: 3,
  velocityY: 4,
  velocityZ: 5,
  yaw: 6,
  yawRate: 7,
  grounded: 8,
  goalX: 9,
  goalY: 10,
  goalZ: 11,
  goalWeight: 12,
  guideWeight: 13,
  obstacleWeight: 14,
  clearance: 15,
  effortWeight: 16,
  collisionWeight: 17,
  terminalWeight: 18,
  terminalGuideWeight: 19,
  halfWidth: 20,
  height: 21,
  maxSpeed: 22,
  maxReverse: 23,
  acceleration: 24,
  maxYawRate: 25,
  yawAcceleration: 26,
  /** Cells that the box can touch along y, and along x or z. */
  cellsHigh: 27,
  cellsWide: 28,
  airAcceleration: 29,
  numTicks: 30,
  /** 1 = distances are read within the layer of the body's middle. */
  level: 31,
} as const;
export const NUM_PARAMS = 32;

/** The walker's constants, from its table. Acceleration is Q17 with the input factor 0.98 in it. */
export const WALK = {
  accelerationQ17: Math.floor((WALK_ACCELERATION_Q18 * INPUT_Q14) / 32768),
  airAccelerationQ17: Math.floor((AIR_ACCELERATION_Q18 * INPUT_Q14) / 32768),
  groundDragQ14: GROUND_DRAG_Q14,
  airDragQ14: AIR_DRAG_Q14,
  airDragYQ14: AIR_DRAG_Y_Q14,
  gravityQ16: GRAVITY_Q16,
  jumpQ16: JUMP_Q16,
  negligibleQ16: NEGLIGIBLE_Q16,
} as const;

/** Cell of the padded world at whose corner positions are 0. */
export function middleOf(padded: GridSize): GridSize {
  return [Math.floor(padded[0] / 2), Math.floor(padded[1] / 2), Math.floor(padded[2] / 2)];
}

/** The parameter array of a run. @throws ShapeError for a body out of range, a negative weight, or a start that is not free. */
export function rolloutParams(
  body: RolloutBody,
  world: RolloutWorld,
  start: RolloutState,
  cost: RolloutCost,
  numTicks: number,
): Float32Array {
  assertBody(body);
  const p = new Float32Array(NUM_PARAMS);
  const middle = middleOf(world.padded);
  const place = (at: readonly number[], axis: number) => Math.round((at[axis] + 1 - middle[axis]) * ONE);
  const perTick = (metresPerSecond: number) => Math.round((metresPerSecond / TICKS_PER_SECOND) * ONE);
  const angle = (radians: number) => Math.round((radians / (2 * Math.PI)) * ANGLES_PER_TURN);
  const velocity = start.velocity ?? [0, 0, 0];
  const turns = angle(start.yaw ?? 0) % ANGLES_PER_TURN;
  p.set([place(start.position, 0), place(start.position, 1), place(start.position, 2)], PARAM.x);
  p.set(
    velocity.map((v) => Math.max(-FASTEST, Math.min(FASTEST, perTick(v)))),
    PARAM.velocityX,
  );
  p[PARAM.yaw] = turns < 0 ? turns + ANGLES_PER_TURN : turns;
  p[PARAM.yawRate] = angle((start.yawRate ?? 0) / TICKS_PER_SECOND);
  p.set([place(cost.goal, 0), place(cost.goal, 1), place(cost.goal, 2)], PARAM.goalX);
  for (const name of WEIGHTS) {
    const weight = cost[name] ?? 0;
    if (!(weight >= 0 && weight < 1e9)) throw new ShapeError('rollout-cost', `cost.${name} must be at least 0; got ${weight}.`);
    p[PARAM[name]] = weight;
  }
  if ((p[PARAM.guideWeight] > 0 || p[PARAM.terminalGuideWeight] > 0) && world.guide === undefined)
    throw new ShapeError(
      'rollout-guide',
      'A cost by the way left needs a world with a guide; give createRolloutWorld a geodesic field as `guide`.',
    );
  p[PARAM.halfWidth] = Math.round((body.width / 2) * ONE);
  p[PARAM.height] = Math.round(body.height * ONE);
  p[PARAM.maxSpeed] = body.kind === 'walker' ? FASTEST : Math.min(FASTEST, perTick(body.maxSpeed));
  p[PARAM.maxReverse] = Math.min(FASTEST, perTick(body.maxReverse));
  p[PARAM.acceleration] = body.kind === 'walker' ? WALK.accelerationQ17 : Math.round((body.maxAcceleration / TICKS_PER_SECOND ** 2) * ONE);
  p[PARAM.airAcceleration] = WALK.airAccelerationQ17;
  p[PARAM.maxYawRate] = angle(body.maxTurnRate / TICKS_PER_SECOND);
  p[PARAM.yawAcceleration] = angle(body.maxTurnAcceleration / TICKS_PER_SECOND ** 2);
  p[PARAM.cellsHigh] = Math.ceil(body.height) + 1;
  p[PARAM.cellsWide] = Math.ceil(body.width) + 1;
  p[PARAM.numTicks] = numTicks;
  p[PARAM.level] = world.level ? 1 : 0;
  assertFree(p, world, start);
  p[PARAM.grounded] = boxIsFree(p, world, -1) ? 0 : 1;
  return p;
}

/**
 * Controls as the kernels take them: clamped to [-1, 1] and rounded to Q10; a walker's input longer than 1 is shortened to 1.
 * @param controls `[N, T, C]`, C from CONTROLS_OF.
 * @throws ShapeError for another length, or a number that is not finite.
 */
export function quantiseControls(body: RolloutBody, controls: Float32Array, numSequences: number, numTicks: number): Float32Array {
  const width = CONTROLS_OF[body.kind];
  if (controls.length !== numSequences * numTicks * width)
    throw new ShapeError(
      'rollout-controls',
      `controls must hold ${numSequences} sequences x ${numTicks} ticks x ${width} numbers of a ${body.kind}; got ${controls.length}.`,
    );
  const out = new Float32Array(controls.length);
  for (let i = 0; i < controls.length; i++) {
    const x = controls[i];
    const clamped = x < -1 ? -1 : x > 1 ? 1 : x;
    out[i] = Math.floor(clamped * 1024 + 0.5);
    if (!Number.isFinite(x)) throw new ShapeError('rollout-controls', `controls[${i}] must be a finite number; got ${x}.`);
  }
  if (body.kind === 'walker')
    for (let i = 0; i < out.length; i += 3) {
      const square = out[i] * out[i] + out[i + 1] * out[i + 1];
      if (square <= 1048576) continue;
      const scale = 1024 / Math.sqrt(square);
      out[i] = Math.trunc(out[i] * scale);
      out[i + 1] = Math.trunc(out[i + 1] * scale);
    }
  return out;
}

const WEIGHTS = [
  'goalWeight',
  'guideWeight',
  'obstacleWeight',
  'clearance',
  'effortWeight',
  'collisionWeight',
  'terminalWeight',
  'terminalGuideWeight',
] as const;

function assertFree(p: Float32Array, world: RolloutWorld, start: RolloutState): void {
  const inside = start.position.every((metres, axis) => metres >= 0 && metres < world.padded[axis] - 2);
  if (inside && boxIsFree(p, world, 0)) return;
  throw new ShapeError(
    'rollout-start',
    `A rollout must start where its body is free of solid cells; got position [${start.position.join(', ')}] in a world of [${world.size.join(', ')}] blocks.`,
  );
}

/** Whether the box at the start, moved up by `dy` (Q16), overlaps no solid cell. */
function boxIsFree(p: Float32Array, world: RolloutWorld, dy: number): boolean {
  const { padded, distance } = world;
  const middle = middleOf(padded);
  const cell = (q16: number, axis: number) => Math.floor(q16 / ONE) + middle[axis];
  const half = p[PARAM.halfWidth];
  for (let y = cell(p[PARAM.y] + dy, 1); y <= cell(p[PARAM.y] + dy + p[PARAM.height] - 1, 1); y++)
    for (let z = cell(p[PARAM.z] - half, 2); z <= cell(p[PARAM.z] + half - 1, 2); z++)
      for (let x = cell(p[PARAM.x] - half, 0); x <= cell(p[PARAM.x] + half - 1, 0); x++)
        if (!(distance[(y * padded[2] + z) * padded[0] + x] > 0)) return false;
  return true;
}
