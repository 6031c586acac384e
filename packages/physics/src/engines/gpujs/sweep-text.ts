/**
 * Second half of the motion in the text of the kernel: against voxels along y, x, z, then gravity, drag, ladders and liquids.
 * `stages/sweep.ts` and `move-axis.ts`, line by line; names are those of the kernel that it is part of.
 */
import { AGENT_FLAG, MAX_VELOCITY_Q16 } from '@kinovox/world';
import * as walker from '../../bodies/walker.js';
import { bitOfFlag, half } from './exact.js';
import type { LevelText } from './level-text.js';
import { BLOCK } from './pack.js';

const { onGround, collidedHorizontally, collidedVertically, onLadder } = AGENT_FLAG;

/** Reads vx, vy, vz and what the first half knows; leaves x, y, z, velocities, fall, newFlags, onGroundNow and springy. */
export function sweepText(level: LevelText): string {
  const { hasClimbable, hasGround, hasLiquid } = level.shape;
  return `
  const startX = x;
  const startY = y;
  const startZ = z;
  vx = clampTo(vx, ${MAX_VELOCITY_Q16});
  vy = clampTo(vy, ${MAX_VELOCITY_Q16});
  vz = clampTo(vz, ${MAX_VELOCITY_Q16});
  let drag = ${walker.AIR_DRAG_Q14};
  if (grounded === 1) drag = groundDrag;
  let ladder = 0;
${
  hasClimbable
    ? `  if (inLiquid === 0) {
${level.blockAt('climbStart', BLOCK.climbable, 'x', `Math.floor(y * ${half(16)})`, 'z')}
    if (climbStart >= 0) ladder = ${level.block('climbStart', BLOCK.climbable)};
  }
  if (ladder === 1) {
    vx = clampTo(vx, ${walker.LADDER_MAX_Q16});
    vz = clampTo(vz, ${walker.LADDER_MAX_Q16});
    let lowest = ${-walker.LADDER_MAX_Q16};
    if (sneak !== 0) lowest = 0;
    vy = Math.max(vy, lowest);
  }`
    : ''
}
  let wantX = vx;
  let wantZ = vz;
  if (sneak !== 0 && grounded === 1 && (vx !== 0 || vz !== 0)) {
${holdAtEdge(level)}
  }
${moves(level)}
  x = startX + dx;
  y = startY + dy;
  z = startZ + dz;
  let hitX = 0;
  let hitZ = 0;
  if (dx !== wantX) hitX = 1;
  if (dz !== wantZ) hitZ = 1;
  const hitSide = Math.max(hitX, hitZ);
  newFlags = newFlags - ${[onGround, collidedHorizontally, collidedVertically, onLadder].map((flag) => `${bitOfFlag('newFlags', flag)} * ${flag}`).join(' - ')};
  let onGroundNow = 0;
  if (hitSide === 1) newFlags = newFlags + ${collidedHorizontally};
  if (hitY === 1) {
    newFlags = newFlags + ${collidedVertically};
    if (vy < 0) {
      newFlags = newFlags + ${onGround};
      onGroundNow = 1;
    }
  }
  if (inLiquid === 1 || ladder === 1) {
    fall = 0;
  } else if (dy < 0) {
    fall = fall - dy;
  }
  if (hitX === 1) vx = 0;
  if (hitZ === 1) vz = 0;
  let springy = 0;
  if (hitY === 1) {
${
  hasGround
    ? `    if (sneak === 0) {
${level.blockAt('springs', BLOCK.bouncy, 'x', `Math.floor((y - 13107) * ${half(16)})`, 'z')}
      if (springs >= 0) springy = ${level.block('springs', BLOCK.bouncy)};
    }`
    : ''
}
    vy = springy === 1 ? 0 - vy : 0;
  }
${hasLiquid ? liquidMotion(level) : ''}
  if (inLiquid === 0) {
${
  hasClimbable
    ? `${level.blockAt('climbEnd', BLOCK.climbable, 'x', `Math.floor(y * ${half(16)})`, 'z')}
    if (climbEnd >= 0) {
      if (${level.block('climbEnd', BLOCK.climbable)} !== 0) {
        newFlags = newFlags + ${onLadder};
        if (hitSide === 1 || jump !== 0) vy = ${walker.LADDER_CLIMB_Q16};
      }
    }`
    : ''
}
    vy = scale14(clampTo(vy - ${walker.GRAVITY_Q16}, ${MAX_VELOCITY_Q16}), ${walker.AIR_DRAG_Y_Q14});
    vx = scale14(vx, drag);
    vz = scale14(vz, drag);
  }`;
}

/** Drag and sinking in a liquid, and the leap out of it at its edge. */
function liquidMotion(level: LevelText): string {
  return `
  if (inLiquid === 1) {
    let liquidDrag = ${walker.LAVA_DRAG_Q14};
    let sinking = ${walker.LAVA_GRAVITY_Q16};
    if (water === 1) {
      liquidDrag = ${walker.WATER_DRAG_Q14};
      sinking = ${walker.WATER_GRAVITY_Q16};
    }
    vy = scale14(vy, liquidDrag) - sinking;
    vx = scale14(vx, liquidDrag);
    vz = scale14(vz, liquidDrag);
    if (hitSide === 1) {
      const leapX = x + vx;
      const leapY = startY + vy + ${walker.STEP_Q16};
      const leapZ = z + vz;
${level.box('leap', 'leapX', 'leapY', 'leapZ')}
${level.anySolid('leapHit', 'leapX0', 'leapX1', 'leapY0', 'leapY1', 'leapZ0', 'leapZ1')}
${level.anyLiquid('leapWet', '1', 'leapX0', 'leapX1', 'leapY0', 'leapY1', 'leapZ0', 'leapZ1')}
      if (leapHit === 0 && leapWet === 0) vy = ${walker.OUT_OF_LIQUID_Q16};
    }
  }`;
}

/** `holdAtEdge`: one loop for its three, so that the ground is asked for in one place. */
function holdAtEdge(level: LevelText): string {
  const toward = (v: string) =>
    `${v} = Math.abs(${v}) > ${walker.SNEAK_STEP_Q16} ? (${v} < 0 ? ${v} + ${walker.SNEAK_STEP_Q16} : ${v} - ${walker.SNEAK_STEP_Q16}) : 0;`;
  return `
    let phase = 0;
    for (let tried = 0; tried < 300 && phase < 3; tried = tried + 1) {
      let asks = 1;
      if (phase !== 1 && wantX === 0) asks = 0;
      if (phase !== 0 && wantZ === 0) asks = 0;
      let held = 1;
      if (asks === 1) {
        let edgeX = startX;
        let edgeZ = startZ;
        if (phase !== 1) edgeX = startX + wantX;
        if (phase !== 0) edgeZ = startZ + wantZ;
${level.box('brink', 'edgeX', 'startY', 'edgeZ')}
        const brinkLow = brinkY0 - 1;
        const brinkTop = Math.floor((startY + ${walker.HEIGHT_Q16}) * ${half(16)});
${level.anySolid('brinkHit', 'brinkX0', 'brinkX1', 'brinkLow', 'brinkTop', 'brinkZ0', 'brinkZ1')}
        held = brinkHit;
      }
      if (held === 1) {
        phase = phase + 1;
      } else {
        if (phase !== 1) ${toward('wantX')}
        if (phase !== 0) ${toward('wantZ')}
      }
    }`;
}

/**
 * The motion along y, x, z, and `stepUp` where it is tried, as one loop over parts, so that solid cells are asked for in one place:
 * 0 y, 1 x, 2 z; 3 how far the place lets the body rise, 4 how far all of its way does; 5 x and 6 z from the first height, 7 x and 8 z from the second;
 * 9 back down. Axes: 0 x, 1 y, 2 z.
 */
function moves(level: LevelText): string {
  return `
  let dx = 0;
  let dy = 0;
  let dz = 0;
  let hitY = 0;
  let rise = 0;
  let riseAlong = 0;
  let bestHigh = 0;
  let bestLow = 0;
  let keptUp = -1;
  let keptX = 0;
  let keptZ = 0;
  let stepX = 0;
  let parts = 3;
  for (let part = 0; part < parts; part = part + 1) {
    let axis = 0;
    let want = wantX;
    let fromX = startX;
    let fromY = startY + dy;
    let fromZ = startZ;
    // The box also covers the place (aroundX, aroundZ) further.
    let aroundX = 0;
    let aroundZ = 0;
    if (part === 0) {
      axis = 1;
      want = vy;
    } else if (part === 2) {
      axis = 2;
      want = wantZ;
      fromX = startX + dx;
    } else if (part === 3 || part === 4) {
      axis = 1;
      want = ${walker.STEP_Q16};
      fromY = startY;
      if (part === 4) {
        want = rise;
        aroundX = dx;
        aroundZ = dz;
      }
    } else if (part > 4) {
      fromY = startY + (part < 7 ? rise : riseAlong);
      if (part === 6 || part === 8) {
        axis = 2;
        want = wantZ;
        fromX = startX + stepX;
      } else if (part === 9) {
        axis = 1;
        want = 0 - keptUp;
        fromX = startX + keptX;
        fromY = startY + keptUp;
        fromZ = startZ + keptZ;
      }
    }
    let x0 = Math.floor((fromX + Math.min(aroundX, 0) - ${walker.HALF_WIDTH_Q16}) * ${half(16)});
    let x1 = Math.floor((fromX + Math.max(aroundX, 0) + ${walker.HALF_WIDTH_Q16 - 1}) * ${half(16)});
    let y0 = Math.floor(fromY * ${half(16)});
    let y1 = Math.floor((fromY + ${walker.HEIGHT_Q16 - 1}) * ${half(16)});
    let z0 = Math.floor((fromZ + Math.min(aroundZ, 0) - ${walker.HALF_WIDTH_Q16}) * ${half(16)});
    let z1 = Math.floor((fromZ + Math.max(aroundZ, 0) + ${walker.HALF_WIDTH_Q16 - 1}) * ${half(16)});
    // The leading face, and the layers that it newly enters.
    let face = fromX;
    if (axis === 1) face = fromY;
    if (axis === 2) face = fromZ;
    let way = 1;
    let layer = 0;
    let layers = 0;
    if (want < 0) {
      way = -1;
      if (axis !== 1) face = face - ${walker.HALF_WIDTH_Q16};
      layer = Math.floor(face * ${half(16)}) - 1;
      layers = layer - Math.floor((face + want) * ${half(16)}) + 1;
    } else if (want > 0) {
      face = face + (axis === 1 ? ${walker.HEIGHT_Q16} : ${walker.HALF_WIDTH_Q16});
      layer = Math.floor((face - 1) * ${half(16)}) + 1;
      layers = Math.floor((face + want - 1) * ${half(16)}) - layer + 1;
    }
    let gone = want;
    let stopped = 0;
    for (let k = 0; k < layers && stopped === 0; k = k + 1) {
      if (axis === 0) {
        x0 = layer;
        x1 = layer;
      }
      if (axis === 1) {
        y0 = layer;
        y1 = layer;
      }
      if (axis === 2) {
        z0 = layer;
        z1 = layer;
      }
${level.anySolid('blocked', 'x0', 'x1', 'y0', 'y1', 'z0', 'z1')}
      if (blocked === 1) {
        stopped = 1;
        gone = (way < 0 ? layer + 1 : layer) * 65536 - face;
      }
      layer = layer + way;
    }
    if (part === 0) {
      dy = gone;
      if (dy !== vy) hitY = 1;
    } else if (part === 1) {
      dx = gone;
    } else if (part === 2) {
      dz = gone;
      // A body that lands against a wall, or walks off an edge against one, tries again from higher up.
      if (vy < 0 && (dx !== wantX || dz !== wantZ)) {
        if (hitY === 1) {
          if (dy !== 0) parts = 10;
        } else if (grounded === 1) {
          parts = 10;
        }
      }
    } else if (part === 3) {
      rise = gone;
    } else if (part === 4) {
      riseAlong = gone;
      bestHigh = squareHigh(dx, dz);
      bestLow = squareLow(dx, dz);
    } else if (part === 5 || part === 7) {
      stepX = gone;
    } else if (part === 6 || part === 8) {
      const lengthHigh = squareHigh(stepX, gone);
      const lengthLow = squareLow(stepX, gone);
      if (lengthHigh > bestHigh || (lengthHigh === bestHigh && lengthLow > bestLow)) {
        bestHigh = lengthHigh;
        bestLow = lengthLow;
        keptUp = part === 6 ? rise : riseAlong;
        keptX = stepX;
        keptZ = gone;
      }
      if (part === 8 && keptUp < 0) parts = 0;
    } else {
      dx = keptX;
      dy = keptUp + gone;
      dz = keptZ;
      hitY = 1;
    }
  }`;
}
