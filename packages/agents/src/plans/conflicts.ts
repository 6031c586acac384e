/**
 * Where agents would meet if all went as they mean to: for people who watch, from what is known now. Bodies are upright boxes; who was planned together is
 * not held against each other, since such plans keep an order and no times. Who has no plan goes straight on for a second.
 * Limits: the next HORIZON ticks, looked at every tick; a vehicle's box is as wide as its longer side, so that it may meet more than the vehicle would.
 */
import { type AgentPlan, PLAN_LIMITS, type PlanConflict } from '@kinovox/world';
import { placeAt, rounded } from './way.js';

/** A body as it is now. */
export interface MovingBody {
  slot: number;
  /** Where its way's points are: feet of walkers, middle of vehicles. Metres. */
  at: readonly [number, number, number];
  /** Metres per tick. */
  velocity: readonly [number, number, number];
  /** Half its width, and how far it reaches below and above `at`, metres. */
  half: number;
  below: number;
  above: number;
  plan: AgentPlan | undefined;
}

/** Ticks that are looked ahead. */
export const HORIZON = 60;
const STRAIGHT_ON = 20;
/** Metres by which boxes must overlap: who stands side by side does not meet. */
const TOUCH = 0.02;

export function findConflicts(bodies: readonly MovingBody[], tick: number): { conflicts: PlanConflict[]; omitted: number } {
  const steps = HORIZON + 1;
  const places = bodies.map((body) => placesOf(body, tick, steps));
  const bounds = places.map(boundsOf);
  const conflicts: PlanConflict[] = [];
  let omitted = 0;
  for (let a = 0; a < bodies.length; a++)
    for (let b = a + 1; b < bodies.length; b++) {
      const [one, other] = [bodies[a], bodies[b]];
      if (one.plan?.squad !== undefined && one.plan.squad === other.plan?.squad) continue;
      // Two who both have no plan are nobody's business here.
      if (!hasWay(one) && !hasWay(other)) continue;
      const reach = one.half + other.half - TOUCH;
      if (apart(bounds[a], bounds[b], reach)) continue;
      const met = firstMeeting(one, other, places[a], places[b], steps);
      if (met < 0) continue;
      if (conflicts.length === PLAN_LIMITS.conflicts) {
        omitted++;
        continue;
      }
      const middle = (axis: number) => rounded((places[a][3 * met + axis] + places[b][3 * met + axis]) / 2);
      conflicts.push({ at: [middle(0), middle(1), middle(2)], slots: [one.slot, other.slot], tick: tick + met });
    }
  return { conflicts, omitted };
}

function hasWay({ plan }: MovingBody): boolean {
  return plan !== undefined && plan.path.length > 1;
}

/** `[steps, 3]` metres. */
function placesOf(body: MovingBody, tick: number, steps: number): Float64Array {
  const out = new Float64Array(3 * steps);
  for (let k = 0; k < steps; k++) {
    if (hasWay(body)) placeAt(body.plan!.path, tick + k, out, 3 * k);
    else for (let axis = 0; axis < 3; axis++) out[3 * k + axis] = body.at[axis] + body.velocity[axis] * Math.min(k, STRAIGHT_ON);
  }
  return out;
}

/** Least and greatest x and z. */
function boundsOf(places: Float64Array): readonly [number, number, number, number] {
  let [x0, x1, z0, z1] = [places[0], places[0], places[2], places[2]];
  for (let k = 0; k < places.length; k += 3) {
    x0 = Math.min(x0, places[k]);
    x1 = Math.max(x1, places[k]);
    z0 = Math.min(z0, places[k + 2]);
    z1 = Math.max(z1, places[k + 2]);
  }
  return [x0, x1, z0, z1];
}

function apart(a: readonly number[], b: readonly number[], reach: number): boolean {
  return a[0] - b[1] >= reach || b[0] - a[1] >= reach || a[2] - b[3] >= reach || b[2] - a[3] >= reach;
}

/** The first step at which the boxes overlap, or -1; those that overlap from the start meet only where they come apart and together again. */
function firstMeeting(one: MovingBody, other: MovingBody, a: Float64Array, b: Float64Array, steps: number): number {
  const reach = one.half + other.half - TOUCH;
  let wasApart = false;
  for (let k = 0; k < steps; k++) {
    const meets =
      Math.abs(a[3 * k] - b[3 * k]) < reach &&
      Math.abs(a[3 * k + 2] - b[3 * k + 2]) < reach &&
      a[3 * k + 1] - one.below < b[3 * k + 1] + other.above - TOUCH &&
      b[3 * k + 1] - other.below < a[3 * k + 1] + one.above - TOUCH;
    if (meets && wasApart) return k;
    wasApart ||= !meets;
  }
  return -1;
}
