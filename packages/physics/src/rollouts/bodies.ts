/**
 * Bodies of rollouts: what a sequence of controls moves. Parameters in SI, turned once into the integers of `numbers.ts`.
 * All are boxes that stop on contact with solid cells, axis by axis in the order y, x, z. Speeds stay below one block per tick (20 m/s), so that a
 * box never passes a cell between two ticks.
 */
import { ShapeError } from '@kinovox/world';
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';

/**
 * `flyer`: double integrator; controls are shares of the acceleration along x, y, z; no gravity.
 * `rover`: second-order unicycle on its level; controls are shares of the acceleration forward and of the angular acceleration; contact stops it.
 * `walker`: the point-mass walk of the engine's walker on dry level ground and in the air: controls are the input to east and to south, and jump
 * (above 0.5); constants are those of `bodies/walker.ts`; no sprint, sneak, liquids, ladders or special grounds, and falls end at 20 m/s.
 */
export type RolloutBodyKind = 'flyer' | 'rover' | 'walker';

export interface RolloutBody {
  kind: RolloutBodyKind;
  /** Edge of the square base, m, in (0, 2]. */
  width: number;
  /** m, in (0, 3]. */
  height: number;
  /** flyer: along each axis; rover: forward. m/s, in (0, 20). */
  maxSpeed: number;
  /** rover: backward, m/s. */
  maxReverse: number;
  /** m/s^2, in (0, 50]. */
  maxAcceleration: number;
  /** rover: rad/s, in (0, 20], and rad/s^2, in (0, 39]. */
  maxTurnRate: number;
  maxTurnAcceleration: number;
}

/** Numbers per tick and sequence. */
export const CONTROLS_OF: Readonly<Record<RolloutBodyKind, number>> = { flyer: 3, rover: 2, walker: 3 };

/** A quadrotor of 0.6 m that keeps to 6 m/s. */
export const FLYER_BODY: RolloutBody = {
  kind: 'flyer',
  width: 0.6,
  height: 0.6,
  maxSpeed: 6,
  maxReverse: 0,
  maxAcceleration: 8,
  maxTurnRate: 1,
  maxTurnAcceleration: 1,
};

/** A small wheeled robot. */
export const ROVER_BODY: RolloutBody = {
  kind: 'rover',
  width: 0.7,
  height: 0.8,
  maxSpeed: 4,
  maxReverse: 1,
  maxAcceleration: 3,
  maxTurnRate: 2.5,
  maxTurnAcceleration: 8,
};

/** The engine's walker; its speed and acceleration come from the walker's table and not from here. */
export const WALKER_BODY: RolloutBody = {
  kind: 'walker',
  width: (2 * HALF_WIDTH_Q16) / 65536,
  height: HEIGHT_Q16 / 65536,
  maxSpeed: 4.3,
  maxReverse: 4.3,
  maxAcceleration: 40,
  maxTurnRate: 1,
  maxTurnAcceleration: 1,
};

/** Inclusive upper bounds; the lower one is 0, which only `maxReverse` may be. */
const RANGES: Readonly<Record<Exclude<keyof RolloutBody, 'kind'>, number>> = {
  width: 2,
  height: 3,
  maxSpeed: 19.99,
  maxReverse: 19.99,
  maxAcceleration: 50,
  maxTurnRate: 20,
  maxTurnAcceleration: 39,
};

/** @throws ShapeError for a parameter out of its range. */
export function assertBody(body: RolloutBody): void {
  for (const [name, high] of Object.entries(RANGES) as [keyof typeof RANGES, number][]) {
    const value = body[name];
    if (value >= 0 && value <= high && (value > 0 || name === 'maxReverse')) continue;
    throw new ShapeError('rollout-body', `body.${name} must be above 0 and at most ${high}; got ${value}.`);
  }
}
