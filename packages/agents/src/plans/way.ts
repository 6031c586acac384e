/** Ways as people are shown them: bounded, and rounded to what a picture can tell. */
import { type AgentPlan, PLAN_LIMITS } from '@kinovox/world';

type PathPoint = AgentPlan['path'][number];

/** To centimetres. */
export function rounded(metres: number): number {
  return Math.round(metres * 100) / 100;
}

/** At most `most` of the points, the first and the last among them. */
export function thinned<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, k) => points[Math.round((k * (points.length - 1)) / (most - 1))]);
}

/** Most points of one way where so many agents share a message. */
export function pointsEach(numAgents: number): number {
  return Math.max(2, Math.min(PLAN_LIMITS.wayPoints, Math.floor(PLAN_LIMITS.allPoints / Math.max(1, numAgents))));
}

/** Where a way leads at a tick, straight between its points; before the first and after the last it stands. */
export function placeAt(path: readonly PathPoint[], tick: number, out: Float64Array, at: number): void {
  let k = 0;
  while (k < path.length && path[k][3] < tick) k++;
  const to = path[Math.min(k, path.length - 1)];
  const from = path[Math.max(0, k - 1)];
  const span = to[3] - from[3];
  const share = span <= 0 ? 1 : Math.min(1, Math.max(0, (tick - from[3]) / span));
  for (let axis = 0; axis < 3; axis++) out[at + axis] = from[axis] + (to[axis] - from[axis]) * share;
}
