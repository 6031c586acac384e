/**
 * A walker's jump, foreseen: how far a run-up carries. Metres and ticks, along one horizontal axis; the walker's rules without obstacles.
 * Floats with + - * only, so every machine foresees the same.
 * @source constants as in the walker's rules (prismarine-physics, Minecraft 1.20.1): gravity 0.08, vertical drag 0.98, air drag 0.91,
 *   ground drag 0.546, jump 0.42, sprint jump +0.2, acceleration 0.1 (0.13 sprinting) on ground and 0.02 (0.026) in air, input 0.98.
 */

export const GROUND_DRAG = 0.546;
export const AIR_DRAG = 0.91;
export const INPUT = 0.98;
export const GROUND_ACCELERATION = 0.1;
export const SPRINT_FACTOR = 1.3;
export const AIR_ACCELERATION = 0.02;
export const AIR_SPRINT_ACCELERATION = 0.026;
const GRAVITY = 0.08;
const VERTICAL_DRAG = 0.98;
const JUMP = 0.42;
const SPRINT_JUMP = 0.2;
/** Longest flight that is foreseen. */
const MAX_TICKS = 60;

/** Distance from here to the landing when the jump key is pressed now and the way is kept with full input. */
export function jumpDistance(speed: number, sprint: boolean, rise: number, speedScale: number): number {
  const ground = GROUND_ACCELERATION * INPUT * (sprint ? SPRINT_FACTOR : 1) * speedScale;
  const v = speed + (sprint ? SPRINT_JUMP : 0) + ground;
  return (
    v +
    glideDistance(
      v * GROUND_DRAG,
      (JUMP - GRAVITY) * VERTICAL_DRAG,
      JUMP,
      rise,
      sprint ? AIR_SPRINT_ACCELERATION * INPUT * speedScale : AIR_ACCELERATION * INPUT * speedScale,
    )
  );
}

/**
 * Distance until the feet come down to height `rise`, from height `y` with vertical speed `vy` and forward speed `v`.
 * @param input acceleration along the way, each tick.
 */
export function glideDistance(v: number, vy: number, y: number, rise: number, input: number): number {
  let distance = 0;
  for (let tick = 0; tick < MAX_TICKS; tick++) {
    v += input;
    distance += v;
    y += vy;
    if (vy < 0 && y <= rise) break;
    v *= AIR_DRAG;
    vy = (vy - GRAVITY) * VERTICAL_DRAG;
  }
  return distance;
}
