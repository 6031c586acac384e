/**
 * Single motions of a walker, each deciding one tick from where the body is: along the ground, through the air, up steps and ladders, in water.
 * They keep nothing between ticks; following a path strings them together. Metres, metres per tick.
 */
import type { Controls } from '../skills/controls.js';
import { AIR_ACCELERATION, AIR_SPRINT_ACCELERATION, glideDistance, INPUT } from './flight.js';
import type { Ground } from './ground.js';
import { MOVE, type PathStep } from './path-search.js';

/** Displacement per tick at full speed, metres. */
export const WALK_SPEED = 0.2159;
export const SPRINT_SPEED = 0.2806;
const SWIM_SPEED = 0.09;
/** Over an edge a body goes so fast that it comes down in the next cell. */
const DROP_SPEED = 0.16;
/** Sprints when the straight way ahead is at least so long, metres. */
const SPRINT_FROM = 3;
/** Runs through corners when they are at least so far, metres. */
const RUN_FROM = 1;
/** Jumps at a step from within this distance of its middle, metres. */
const STEP_FROM = 1.3;
/** How far a fall without a path may be steered, blocks to the sides and down. */
const LANDING_REACH = 4;
const DEEPEST_LANDING = 4;

/** On the ground towards a point, at most that fast, stopping on it. */
export function towards(c: Controls, x: number, z: number, most: number, turn = true): number {
  const dx = x - c.view.x();
  const dz = z - c.view.z();
  const distance = Math.sqrt(dx * dx + dz * dz);
  if (distance < 1e-3) {
    c.displace(0, 0, false);
    return distance;
  }
  if (most > WALK_SPEED && distance >= SPRINT_FROM) c.sprint();
  const speed = Math.min(distance, (distance >= SPRINT_FROM ? most : Math.min(most, WALK_SPEED)) * c.speedScale);
  c.displace((dx / distance) * speed, (dz / distance) * speed, turn && distance > 0.15);
  return distance;
}

/** On the ground at full speed in the direction of a point. */
export function run(c: Controls, x: number, z: number): void {
  const dx = x - c.view.x();
  const dz = z - c.view.z();
  const distance = Math.max(1e-3, Math.sqrt(dx * dx + dz * dz));
  if (distance >= RUN_FROM) c.sprint();
  const speed = (distance >= RUN_FROM ? SPRINT_SPEED : WALK_SPEED) * c.speedScale;
  c.displace((dx / distance) * speed, (dz / distance) * speed);
}

export function isAirborne(c: Controls): boolean {
  return !c.view.onGround && !c.view.inWater && !c.view.onLadder;
}

/** In the air: steers so that the fall ends over the centre of a cell. */
export function glide(c: Controls, step: PathStep): void {
  const { view } = c;
  const rise = step.y - view.y();
  const solve = (distance: number, v: number) => {
    const idle = glideDistance(v, view.vy(), 0, rise, 0);
    const full = glideDistance(v, view.vy(), 0, rise, AIR_ACCELERATION * INPUT);
    return ((distance - idle) / Math.max(1e-3, full - idle)) * AIR_ACCELERATION * INPUT;
  };
  const ax = solve(step.x + 0.5 - view.x(), view.vx());
  const az = solve(step.z + 0.5 - view.z(), view.vz());
  if (
    ax * ax + az * az > AIR_ACCELERATION * AIR_ACCELERATION * INPUT * INPUT &&
    ax * ax + az * az <= 4 * AIR_SPRINT_ACCELERATION * AIR_SPRINT_ACCELERATION
  )
    c.sprint();
  c.accelerate(ax, az);
}

/** In the air without a path, as after a push or a jump in time: steers to the footing nearest to where the fall would end. */
export function land(c: Controls, ground: Ground): void {
  const { view } = c;
  const [x, y, z] = view.cellOf();
  let best: PathStep | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let dy = 1; dy >= -DEEPEST_LANDING; dy--) {
    const fallX = view.x() + glideDistance(view.vx(), view.vy(), 0, y + dy - view.y(), 0);
    const fallZ = view.z() + glideDistance(view.vz(), view.vy(), 0, y + dy - view.y(), 0);
    for (let dz = -LANDING_REACH; dz <= LANDING_REACH; dz++) {
      for (let dx = -LANDING_REACH; dx <= LANDING_REACH; dx++) {
        if (!ground.isFooting(x + dx, y + dy, z + dz)) continue;
        const distance = (x + dx + 0.5 - fallX) ** 2 + (z + dz + 0.5 - fallZ) ** 2;
        if (distance >= least) continue;
        least = distance;
        best = { x: x + dx, y: y + dy, z: z + dz, move: MOVE.drop };
      }
    }
  }
  if (best !== undefined) glide(c, best);
}

export function stepUp(c: Controls, step: PathStep): void {
  const { view } = c;
  const dx = step.x + 0.5 - view.x();
  const dz = step.z + 0.5 - view.z();
  const near = dx * dx + dz * dz < STEP_FROM * STEP_FROM;
  if (view.y() < step.y - 0.01 && near && (view.onGround || view.inWater || view.onLadder)) c.jump();
  if (isAirborne(c)) glide(c, step);
  else towards(c, step.x + 0.5, step.z + 0.5, WALK_SPEED);
  // A wall in front stops the body: keep pressing against it.
  if (view.isBlocked && view.y() < step.y) c.accelerate(dx, dz);
  c.levelView();
}

export function drop(c: Controls, step: PathStep): void {
  if (isAirborne(c)) glide(c, step);
  else towards(c, step.x + 0.5, step.z + 0.5, DROP_SPEED);
  c.levelView();
}

export function climb(c: Controls, step: PathStep): void {
  const { view } = c;
  const dx = step.x + 0.5 - view.x();
  const dz = step.z + 0.5 - view.z();
  c.displace(Math.max(-0.1, Math.min(0.1, dx)), Math.max(-0.1, Math.min(0.1, dz)), dx * dx + dz * dz > 0.05);
  if (step.y + 0.05 > view.y()) c.jump();
  c.levelView();
}

export function swim(c: Controls, step: PathStep): void {
  const { view } = c;
  if (!view.inWater && view.onGround) {
    towards(c, step.x + 0.5, step.z + 0.5, WALK_SPEED);
    return;
  }
  const dx = step.x + 0.5 - view.x();
  const dz = step.z + 0.5 - view.z();
  const distance = Math.max(1e-3, Math.sqrt(dx * dx + dz * dz));
  const speed = Math.min(distance, SWIM_SPEED);
  c.displace((dx / distance) * speed, (dz / distance) * speed);
  if (view.y() < step.y + 0.35) c.jump();
  c.levelView();
}
