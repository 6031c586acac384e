/**
 * Second half of the walker's motion: move against voxels along y, x, z, then gravity, drag, ladders and liquids.
 * Source: prismarine-physics 1.11.1 (MIT), moveEntity and moveEntityWithHeading, Minecraft 1.20.1.
 * Differs: integers; solids are full cubes, so the 0.6-block step matters only for bodies that drop against a wall; ladders have no thickness.
 */
import { ACTION_WORD, ACTION_WORDS, AGENT_FLAG, MAX_VELOCITY_Q16 } from '@kinovox/world';
import {
  AIR_DRAG_Q14,
  AIR_DRAG_Y_Q14,
  GRAVITY_Q16,
  GROUND_DRAG_Q14,
  HALF_WIDTH_Q16,
  HEIGHT_Q16,
  LADDER_CLIMB_Q16,
  LADDER_MAX_Q16,
  LAVA_DRAG_Q14,
  LAVA_GRAVITY_Q16,
  OUT_OF_LIQUID_Q16,
  SNEAK_STEP_Q16,
  STEP_Q16,
  WATER_DRAG_Q14,
  WATER_GRAVITY_Q16,
} from '../bodies/walker.js';
import type { RandomisationTables } from '../program.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { moveX, moveY, moveZ, riseOver } from './move-axis.js';
import { DRAW, drawnWord } from './randomise.js';
import { clampTo, roundShift, scaleQ14 } from './rounding.js';
import { blockAtPoint, boxHolds, boxSolid } from './solidity.js';

const {
  onGround: ON_GROUND,
  collidedHorizontally: COLLIDED_H,
  collidedVertically: COLLIDED_V,
  inWater: IN_WATER,
  inLava: IN_LAVA,
  onLadder: ON_LADDER,
  sneaking: SNEAKING,
} = AGENT_FLAG;

/** Moves the walkers of worlds [w0, w1). One long loop: the arrays stay at hand from agent to agent. */
export function sweepWalkers(c: TickContext, w0: number, w1: number): void {
  const { numAgents, hasGround, index, edge, moveBounds } = c;
  const { flags, posX, posY, posZ, velX, velY, velZ, fallDistance, rows, rowsPerWorld } = c.state;
  const words = c.buffers.actionWords;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    enterWorld(c, w);
    const base = w * rowsPerWorld;
    const hasClimbable = c.hasClimbable && (index === undefined || index.numClimbable[w] > 0);
    for (let a = 0; a < numAgents; a++, i++) {
      if ((flags[i] & ALIVE) === 0) continue;
      const flag = flags[i];
      const inLiquid = (flag & (IN_WATER | IN_LAVA)) !== 0;
      const sneaking = (flag & SNEAKING) !== 0;
      const startX = posX[i];
      const startY = posY[i];
      const startZ = posZ[i];
      let vx = clampTo(velX[i], MAX_VELOCITY_Q16);
      let vy = clampTo(velY[i], MAX_VELOCITY_Q16);
      let vz = clampTo(velZ[i], MAX_VELOCITY_Q16);

      // Drag is that of the ground where the motion starts.
      let drag = AIR_DRAG_Q14;
      if ((flag & ON_GROUND) !== 0) drag = hasGround ? groundDrag(c, w, startX, startY, startZ) : GROUND_DRAG_Q14;
      if ((flag & ON_GROUND) !== 0 && c.program.randomisation !== undefined) drag = drawnDrag(c, c.program.randomisation, w, drag);

      const ladder = hasClimbable && !inLiquid && isClimbable(c, w, startX, startY, startZ);
      if (ladder) {
        vx = clampTo(vx, LADDER_MAX_Q16);
        vz = clampTo(vz, LADDER_MAX_Q16);
        const lowest = sneaking ? 0 : -LADDER_MAX_Q16;
        if (vy < lowest) vy = lowest;
      }

      let wantX = vx;
      let wantZ = vz;
      if (sneaking && (flag & ON_GROUND) !== 0 && (vx !== 0 || vz !== 0)) {
        holdAtEdge(c, rows, base, startX, startY, startZ, vx, vz);
        wantX = edge[0];
        wantZ = edge[1];
      }

      let wantY = vy;
      if (moveBounds !== undefined) {
        // Props end the motion, but a push leaves the velocity as `contacts` set it; what stops a fall is ground.
        wantX = between(wantX, moveBounds[6 * i], moveBounds[6 * i + 1]);
        wantY = between(wantY, moveBounds[6 * i + 2], moveBounds[6 * i + 3]);
        wantZ = between(wantZ, moveBounds[6 * i + 4], moveBounds[6 * i + 5]);
      }

      let dy = moveY(c, rows, base, startX, startY, startZ, wantY);
      let dx = wantX === 0 ? 0 : moveX(c, rows, base, startX, startY + dy, startZ, wantX);
      let dz = wantZ === 0 ? 0 : moveZ(c, rows, base, startX + dx, startY + dy, startZ, wantZ);
      let hitY = dy !== vy;
      // A body that lands against a wall, or walks off an edge against one, tries again from up to 0.6 block higher and keeps that if it goes further:
      // so it walks over gaps. One that stands (dy 0) cannot gain: from higher up it meets the same cubes and more.
      if (vy < 0 && (dx !== wantX || dz !== wantZ) && (hitY ? dy !== 0 : (flag & ON_GROUND) !== 0)) {
        if (stepUp(c, rows, base, startX, startY, startZ, wantX, wantZ, dx, dz)) {
          dx = c.stepped[0];
          dy = c.stepped[1];
          dz = c.stepped[2];
          hitY = true;
        }
      }
      const x = startX + dx;
      const y = startY + dy;
      const z = startZ + dz;
      const hitX = dx !== wantX;
      const hitZ = dz !== wantZ;
      let next = flag & ~(ON_GROUND | COLLIDED_H | COLLIDED_V | ON_LADDER);
      if (hitX || hitZ) next |= COLLIDED_H;
      if (hitY) next |= vy < 0 ? COLLIDED_V | ON_GROUND : COLLIDED_V;

      if (inLiquid || ladder) fallDistance[i] = 0;
      else if (dy < 0) fallDistance[i] -= dy;

      if (hitX) vx = 0;
      if (hitZ) vz = 0;
      if (hitY) vy = hasGround && !sneaking && isBouncy(c, w, x, y, z) ? 0 - vy : 0;

      if (inLiquid) {
        const water = (flag & IN_WATER) !== 0;
        const liquidDrag = water ? WATER_DRAG_Q14 : LAVA_DRAG_Q14;
        vy = scaleQ14(vy, liquidDrag) - (water ? WATER_GRAVITY_Q16 : LAVA_GRAVITY_Q16);
        vx = scaleQ14(vx, liquidDrag);
        vz = scaleQ14(vz, liquidDrag);
        if ((hitX || hitZ) && isFree(c, w, rows, base, x + vx, startY + vy + STEP_Q16, z + vz)) vy = OUT_OF_LIQUID_Q16;
      } else {
        if (hasClimbable && isClimbable(c, w, x, y, z)) {
          next |= ON_LADDER;
          if (hitX || hitZ || words[i * ACTION_WORDS + ACTION_WORD.jump] !== 0) vy = LADDER_CLIMB_Q16;
        }
        vy = scaleQ14(clampTo(vy - GRAVITY_Q16, MAX_VELOCITY_Q16), AIR_DRAG_Y_Q14);
        vx = scaleQ14(vx, drag);
        vz = scaleQ14(vz, drag);
      }
      posX[i] = x;
      posY[i] = y;
      posZ[i] = z;
      velX[i] = vx;
      velY[i] = vy;
      velZ[i] = vz;
      flags[i] = next;
    }
  }
}

function between(v: number, low: number, high: number): number {
  return v < low ? low : v > high ? high : v;
}

/**
 * Tries the motion (wantX, wantZ) from higher up: as high as the place of the body lets it rise, and as high as all of its way (dx, dz) does.
 * @returns whether one went further than (dx, dz); then `c.stepped` holds its motion, back down on what is there.
 */
function stepUp(
  c: TickContext,
  rows: Uint32Array,
  base: number,
  x: number,
  y: number,
  z: number,
  wantX: number,
  wantZ: number,
  dx: number,
  dz: number,
): boolean {
  const rise = moveY(c, rows, base, x, y, z, STEP_Q16);
  const riseAlong = riseOver(c, rows, base, x, y, z, dx, dz, rise);
  let best = lengthSquared(dx, dz);
  let kept = -1;
  for (let up = rise; ; up = riseAlong) {
    const stepX = wantX === 0 ? 0 : moveX(c, rows, base, x, y + up, z, wantX);
    const stepZ = wantZ === 0 ? 0 : moveZ(c, rows, base, x + stepX, y + up, z, wantZ);
    const length = lengthSquared(stepX, stepZ);
    if (length > best) {
      best = length;
      kept = up;
      c.stepped[0] = stepX;
      c.stepped[2] = stepZ;
    }
    if (up === riseAlong) break;
  }
  if (kept < 0) return false;
  c.stepped[1] = kept + moveY(c, rows, base, x + c.stepped[0], y + kept, z + c.stepped[2], 0 - kept);
  return true;
}

/** Shortens (vx, vz) by 0.05 block at a time until ground stays under the body; the result is in `c.edge`. */
function holdAtEdge(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, vx: number, vz: number): void {
  let dx = vx;
  let dz = vz;
  while (dx !== 0 && !isSupported(c, rows, base, x + dx, y, z)) dx = towardZero(dx);
  while (dz !== 0 && !isSupported(c, rows, base, x, y, z + dz)) dz = towardZero(dz);
  while (dx !== 0 && dz !== 0 && !isSupported(c, rows, base, x + dx, y, z + dz)) {
    dx = towardZero(dx);
    dz = towardZero(dz);
  }
  c.edge[0] = dx;
  c.edge[1] = dz;
}

function towardZero(v: number): number {
  return v > SNEAK_STEP_Q16 ? v - SNEAK_STEP_Q16 : v < -SNEAK_STEP_Q16 ? v + SNEAK_STEP_Q16 : 0;
}

/** Whether a solid cell lies in or one below the box of a body at (x, y, z). */
function isSupported(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number): boolean {
  return boxSolid(
    c,
    rows,
    base,
    (x - HALF_WIDTH_Q16) >> 16,
    (x + HALF_WIDTH_Q16 - 1) >> 16,
    (y >> 16) - 1,
    (y + HEIGHT_Q16) >> 16,
    (z - HALF_WIDTH_Q16) >> 16,
    (z + HALF_WIDTH_Q16 - 1) >> 16,
  );
}

/** Whether a body at (x, y, z) would be clear of solids and liquids. */
function isFree(c: TickContext, w: number, rows: Uint32Array, base: number, x: number, y: number, z: number): boolean {
  const x0 = (x - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + HALF_WIDTH_Q16 - 1) >> 16;
  const y0 = y >> 16;
  const y1 = (y + HEIGHT_Q16 - 1) >> 16;
  const z0 = (z - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + HALF_WIDTH_Q16 - 1) >> 16;
  return !boxSolid(c, rows, base, x0, x1, y0, y1, z0, z1) && !boxHolds(c, w, c.program.blocks.liquid, 1, x0, x1, y0, y1, z0, z1);
}

function groundDrag(c: TickContext, w: number, x: number, y: number, z: number): number {
  const under = blockAtPoint(c, w, c.program.blocks.groundDragQ14, x, (y >> 16) - 1, z);
  return under < 0 ? GROUND_DRAG_Q14 : c.program.blocks.groundDragQ14[under];
}

/**
 * What ground of this drag lets a body keep under the grip that the world drew: it takes away so many times as much.
 * Ground takes at most 7438 of 16384 and the factor is at most 2 in Q12: 7438 * 8192 < 2^26, and 1508..16382 is kept.
 */
function drawnDrag(c: TickContext, t: RandomisationTables, w: number, drag: number): number {
  const friction = drawnWord(c.state.seedLow[w], c.state.seedHigh[w], 0, DRAW.friction, t.frictionLowQ12, t.frictionSpan);
  return 16384 - roundShift(Math.imul(16384 - drag, friction), 12);
}

function isClimbable(c: TickContext, w: number, x: number, y: number, z: number): boolean {
  const block = blockAtPoint(c, w, c.program.blocks.climbable, x, y >> 16, z);
  return block >= 0 && c.program.blocks.climbable[block] !== 0;
}

/** The block 0.2 under the feet decides, as in the source. */
export function isBouncy(c: TickContext, w: number, x: number, y: number, z: number): boolean {
  const block = blockAtPoint(c, w, c.program.blocks.bouncy, x, (y - 13107) >> 16, z);
  return block >= 0 && c.program.blocks.bouncy[block] !== 0;
}

/** Squared horizontal length in units of 2^-12 block: components of at most 2^18 become 2^14, so the sum is below 2^30. */
function lengthSquared(x: number, z: number): number {
  const sx = (x < 0 ? -x : x) >> 4;
  const sz = (z < 0 ? -z : z) >> 4;
  return Math.imul(sx, sx) + Math.imul(sz, sz);
}
