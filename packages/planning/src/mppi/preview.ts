/** Where sequences of controls lead a vehicle's model, as points in time: what people are shown of a plan of MPPI. */
import {
  CONTROLS_OF,
  finalState,
  type RolloutBody,
  type RolloutCost,
  type RolloutState,
  type RolloutWorld,
  rollOut,
} from '@kinovox/physics';

/** The middle of the body, metres, `ticks` after the start. */
export interface PreviewPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly ticks: number;
}

/**
 * @param controls `[T, C]`. @param every ticks between points; the start is the first of them, and the end the last.
 * @throws ShapeError as `rollOut`.
 */
export function previewRollout(
  body: RolloutBody,
  world: RolloutWorld,
  start: RolloutState,
  cost: RolloutCost,
  controls: Float32Array,
  every: number,
): PreviewPoint[] {
  const width = CONTROLS_OF[body.kind];
  const numTicks = controls.length / width;
  const points: PreviewPoint[] = [];
  let state = start;
  for (let tick = 0; ; ) {
    const [x, y, z] = state.position;
    points.push({ x, y: y + body.height / 2, z, ticks: tick });
    const ticks = Math.min(every, numTicks - tick);
    if (ticks <= 0) return points;
    const part = controls.subarray(tick * width, (tick + ticks) * width);
    const { finals } = rollOut(body, 1, ticks, { world, start: state, cost, controls: part, finals: true });
    const { position, velocity, yaw, yawRate } = finalState(world, finals!, 0);
    // What a rover's start may state, and what a flyer's: the rest is theirs by construction.
    state = body.kind === 'rover' ? { position, velocity: [velocity[0], 0, 0], yaw, yawRate } : { position, velocity };
    tick += ticks;
  }
}
