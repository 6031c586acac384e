/**
 * First half of the walker's motion: turn, read the medium, add jump and input to the velocities. Positions do not change here.
 * Source: prismarine-physics 1.11.1 (MIT), simulatePlayer and applyHeading, Minecraft 1.20.1.
 * Differs: integers; water is still; yaw and pitch are turned by the action first; keys are continuous.
 */
import { ACTION_WORD, ACTION_WORDS, AGENT_FLAG, cosQ14, isqrt, radiansQ16ToAngle, sinQ14 } from '@kinovox/world';
import {
  FULL_INPUT_Q12,
  HALF_WIDTH_Q16,
  HEIGHT_Q16,
  INPUT_Q14,
  JUMP_COOLDOWN_TICKS,
  JUMP_Q16,
  LAVA_INSET_XZ_Q16,
  LAVA_INSET_Y_Q16,
  LEAST_INPUT_Q12,
  LIQUID_ACCELERATION_Q18,
  NEGLIGIBLE_Q16,
  SNEAK_INPUT_Q14,
  SPRINT_JUMP_Q16,
  SWIM_UP_Q16,
  WATER_INSET_XZ_Q16,
  WATER_INSET_Y_Q16,
} from '../bodies/walker.js';
import { BODY_WORD, BODY_WORDS, type RandomisationTables } from '../program.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { DRAW, drawnWord } from './randomise.js';
import { roundShift } from './rounding.js';
import { blockAtPoint, boxHolds } from './solidity.js';

const { onGround: ON_GROUND, inWater: IN_WATER, inLava: IN_LAVA, sneaking: SNEAKING, sprinting: SPRINTING } = AGENT_FLAG;
/** Steepest view: a quarter turn up or down. */
const QUARTER_TURN = 0x40000000;

/** Turns, reads the medium, and adds jump and input to the velocities of worlds [w0, w1). One long loop: the arrays stay at hand from agent to agent. */
export function accelerateWalkers(c: TickContext, w0: number, w1: number): void {
  const { numAgents, walkQ18, sprintQ18, airQ18, airSprintQ18, hasLiquid, hasGround } = c;
  const { flags, yaw, pitch, velX, velY, velZ, jumpCooldown } = c.state;
  const { bodies } = c.program;
  const words = c.buffers.actionWords;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    enterWorld(c, w);
    for (let a = 0; a < numAgents; a++, i++) {
      if ((flags[i] & ALIVE) === 0) continue;
      const action = i * ACTION_WORDS;
      const angle = (yaw[i] + radiansQ16ToAngle(words[action + ACTION_WORD.turn])) | 0;
      yaw[i] = angle;
      const look = words[action + ACTION_WORD.look];
      if (look !== 0) {
        // Pitch is within a quarter turn and |look| within half a turn, so the sum needs more than i32: compare halves.
        const half = (pitch[i] >> 1) + (radiansQ16ToAngle(look) >> 1);
        pitch[i] = half > QUARTER_TURN >> 1 ? QUARTER_TURN : half < -(QUARTER_TURN >> 1) ? -QUARTER_TURN : half << 1;
      }

      const jump = words[action + ACTION_WORD.jump];
      const sprint = words[action + ACTION_WORD.sprint];
      const sneak = words[action + ACTION_WORD.sneak];
      const old = flags[i];
      const grounded = (old & ON_GROUND) !== 0;
      let flag = (old & ~(IN_WATER | IN_LAVA | SNEAKING | SPRINTING)) | (sneak !== 0 ? SNEAKING : 0) | (sprint !== 0 ? SPRINTING : 0);
      if (hasLiquid) flag |= liquidFlags(c, w, i);
      const inLiquid = (flag & (IN_WATER | IN_LAVA)) !== 0;

      let vx = velX[i];
      let vy = velY[i];
      let vz = velZ[i];
      // All ones where |v| is above the threshold, else 0: |v| as in `rounding.ts`.
      vx &= (NEGLIGIBLE_Q16 - ((vx ^ (vx >> 31)) - (vx >> 31))) >> 31;
      vy &= (NEGLIGIBLE_Q16 - ((vy ^ (vy >> 31)) - (vy >> 31))) >> 31;
      vz &= (NEGLIGIBLE_Q16 - ((vz ^ (vz >> 31)) - (vz >> 31))) >> 31;

      const forward = words[action + ACTION_WORD.forward];
      const strafe = words[action + ACTION_WORD.strafe];
      const moving = forward !== 0 || strafe !== 0;
      let sin = 0;
      let cos = 0;
      if (moving || (jump !== 0 && sprint !== 0)) {
        sin = sinQ14(angle);
        cos = cosQ14(angle);
      }
      if (jump !== 0) {
        if (jumpCooldown[i] > 0) jumpCooldown[i]--;
        if (inLiquid) vy += SWIM_UP_Q16;
        else if (grounded && jumpCooldown[i] === 0 && bodies[a * BODY_WORDS + BODY_WORD.canJump] !== 0) {
          vy = c.program.randomisation === undefined ? JUMP_Q16 : drawnJump(c, c.program.randomisation, w, a);
          if (sprint !== 0) {
            // 13107 * 2^14 < 2^28
            vx -= roundShift(Math.imul(SPRINT_JUMP_Q16, sin), 14);
            vz -= roundShift(Math.imul(SPRINT_JUMP_Q16, cos), 14);
          }
          jumpCooldown[i] = JUMP_COOLDOWN_TICKS;
        }
      } else jumpCooldown[i] = 0;

      if (moving) {
        let acceleration: number;
        if (inLiquid) acceleration = LIQUID_ACCELERATION_Q18;
        else if (grounded) {
          acceleration = sprint !== 0 ? sprintQ18[a] : walkQ18[a];
          if (hasGround) acceleration = scaleGrip(c, w, i, acceleration);
        } else acceleration = sprint !== 0 ? airSprintQ18[a] : airQ18[a];
        if (c.program.randomisation !== undefined && !inLiquid)
          acceleration = drawnDrive(c, c.program.randomisation, w, a, acceleration, grounded);
        // Input of length at most 4096 (one unit, Q12): |n2| <= 2^25.
        let f = forward;
        let s = strafe;
        if (sneak !== 0) {
          f = roundShift(Math.imul(f, SNEAK_INPUT_Q14), 14);
          s = roundShift(Math.imul(s, SNEAK_INPUT_Q14), 14);
        } else {
          const length = s === 0 ? (f < 0 ? 0 - f : f) : f === 0 ? (s < 0 ? 0 - s : s) : isqrt(Math.imul(f, f) + Math.imul(s, s));
          if (length > FULL_INPUT_Q12) {
            f = ((f << 12) / length) | 0;
            s = ((s << 12) / length) | 0;
          } else {
            f = roundShift(Math.imul(f, INPUT_Q14), 14);
            s = roundShift(Math.imul(s, INPUT_Q14), 14);
          }
        }
        if (f > LEAST_INPUT_Q12 || f < -LEAST_INPUT_Q12 || s > LEAST_INPUT_Q12 || s < -LEAST_INPUT_Q12) {
          // Q12 * Q14 = Q26, at most 2^12 * 2^15; to Q14. Then 2^17 * 2^14.1 < 2^31.2 only above twice the sprint speed, which bodies cannot have, draws included (MAX_DRIVE).
          const dirX = roundShift((Math.imul(s, cos) - Math.imul(f, sin)) | 0, 12);
          const dirZ = roundShift((0 - Math.imul(f, cos) - Math.imul(s, sin)) | 0, 12);
          vx += roundShift(Math.imul(acceleration, dirX), 16);
          vz += roundShift(Math.imul(acceleration, dirZ), 16);
        }
      }
      velX[i] = vx;
      velY[i] = vy;
      velZ[i] = vz;
      flags[i] = flag;
    }
  }
}

function scaleGrip(c: TickContext, w: number, i: number, acceleration: number): number {
  const { state } = c;
  const under = blockAtPoint(c, w, c.program.blocks.groundDragQ14, state.posX[i], (state.posY[i] >> 16) - 1, state.posZ[i]);
  if (under < 0) return acceleration;
  // acceleration <= 2^17, grip <= 2^14: below 2^31.
  return roundShift(Math.imul(acceleration, c.program.blocks.groundGripQ14[under]), 14);
}

/** The speed of taking off that agent a drew. JUMP_Q16 * 1.5 in Q12: 27525 * 6144 < 2^28. */
function drawnJump(c: TickContext, t: RandomisationTables, w: number, a: number): number {
  const factor = drawnWord(c.state.seedLow[w], c.state.seedHigh[w], a, DRAW.jump, t.jumpLowQ12, t.jumpSpan);
  return roundShift(Math.imul(JUMP_Q16, factor), 12);
}

/**
 * An acceleration under the speed that agent a drew and, on the ground, the grip that the world drew.
 * acceleration <= 68157 and factors <= 2 in Q12: 68157 * 8192 < 2^30; then below 2^17 * 8192 = 2^30.
 */
function drawnDrive(c: TickContext, t: RandomisationTables, w: number, a: number, acceleration: number, grounded: boolean): number {
  const { seedLow, seedHigh } = c.state;
  const speed = drawnWord(seedLow[w], seedHigh[w], a, DRAW.speed, t.speedLowQ12, t.speedSpan);
  const driven = roundShift(Math.imul(acceleration, speed), 12);
  if (!grounded) return driven;
  return roundShift(Math.imul(driven, drawnWord(seedLow[w], seedHigh[w], 0, DRAW.friction, t.frictionLowQ12, t.frictionSpan)), 12);
}

/** IN_WATER and IN_LAVA of agent i where it is now. */
export function liquidFlags(c: TickContext, w: number, i: number): number {
  const { state } = c;
  const { liquid } = c.program.blocks;
  const x = state.posX[i];
  const y = state.posY[i];
  const z = state.posZ[i];
  const side = HALF_WIDTH_Q16 - WATER_INSET_XZ_Q16;
  const lavaSide = HALF_WIDTH_Q16 - LAVA_INSET_XZ_Q16;
  let flag = 0;
  if (
    boxHolds(
      c,
      w,
      liquid,
      1,
      (x - side) >> 16,
      (x + side - 1) >> 16,
      (y + WATER_INSET_Y_Q16) >> 16,
      (y + HEIGHT_Q16 - WATER_INSET_Y_Q16 - 1) >> 16,
      (z - side) >> 16,
      (z + side - 1) >> 16,
    )
  )
    flag |= IN_WATER;
  if (
    boxHolds(
      c,
      w,
      liquid,
      2,
      (x - lavaSide) >> 16,
      (x + lavaSide - 1) >> 16,
      (y + LAVA_INSET_Y_Q16) >> 16,
      (y + HEIGHT_Q16 - LAVA_INSET_Y_Q16) >> 16,
      (z - lavaSide) >> 16,
      (z + lavaSide - 1) >> 16,
    )
  )
    flag |= IN_LAVA;
  return flag;
}
