/**
 * Moods become actions: a wanted direction, a turn towards it, input along the heading, and a jump where a step is in the way.
 * The turn goes by the cross product of heading and wanted direction, so mirrored worlds give mirrored paths; only who has its target exactly
 * behind it, or flees straight into a wall, turns to the side that its slot gives. Mobs do not plan: they look one step ahead, slide along walls and may stay behind one.
 */
import { ACTION_WORD, ACTION_WORDS, AGENT_FLAG, cosQ14, isqrt, MOB_MOOD, radiansQ16ToAngle, sinQ14 } from '@kinovox/world';
import { MOB_COLUMN, type MobTables } from '../../survival/mob-tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { clampTo, roundShift } from '../rounding.js';
import { cellCentreX, cellCentreZ } from './distance.js';
import { AHEAD, lookAhead } from './footing.js';
import { kindRow, populationOf, slotOf } from './population.js';

const FULL_INPUT_Q12 = 4096;
/** Fastest turn: 0.3 rad per tick. */
const TURN_Q16 = 19661;
/** A mob walks when its heading is within 45 degrees of the wanted direction: cosine in Q14. */
const FACING_Q14 = 11585;
/** A chase stops at 0.9 block, level: nearer, bodies only push each other. 1/64 block. */
const CLOSE_Q6 = 58;
/** Ticks that a wanderer stands before what it will not walk into. */
const BARRED_TICKS = 10;

/** Writes the action words of the mobs of world w. */
export function steer(c: TickContext, m: TickContext, t: MobTables, w: number): void {
  const { mobFlags } = c.state;
  const words = m.buffers.actionWords;
  for (let slot = 0, i = w * t.numMobs; slot < t.numMobs; slot++, i++) {
    if ((mobFlags[i] & ALIVE) === 0) continue;
    words[i * ACTION_WORDS + ACTION_WORD.forward] = 0;
    words[i * ACTION_WORDS + ACTION_WORD.turn] = 0;
    words[i * ACTION_WORDS + ACTION_WORD.jump] = inLiquid(mobFlags[i]) ? 1 : 0;
    if (c.state.mobMood[i] !== MOB_MOOD.idle) steerMob(c, m, t, w, slot, i);
  }
}

function inLiquid(flags: number): boolean {
  return (flags & (AGENT_FLAG.inWater | AGENT_FLAG.inLava)) !== 0;
}

function steerMob(c: TickContext, m: TickContext, t: MobTables, w: number, slot: number, i: number): void {
  const { state } = c;
  const row = kindRow(t, slot);
  const mood = state.mobMood[i];
  const flags = state.mobFlags[i];
  const words = m.buffers.actionWords;
  const action = i * ACTION_WORDS;
  const yaw = state.mobYaw[i];
  const sin = sinQ14(yaw);
  const cos = cosQ14(yaw);
  let input = mood === MOB_MOOD.wander ? t.kinds[row + MOB_COLUMN.wanderQ12] : FULL_INPUT_Q12;

  // Wanted direction, Q14: along the drawn heading, or towards or away from something.
  let wantX = 0 - sin;
  let wantZ = 0 - cos;
  if (mood === MOB_MOOD.wander) {
    wantX = 0 - sinQ14(state.mobWanderYaw[i]);
    wantZ = 0 - cosQ14(state.mobWanderYaw[i]);
  } else {
    const target = state.mobTarget[i];
    let dx = 0;
    let dz = 0;
    if (mood === MOB_MOOD.return) {
      dx = cellCentreX(c, state.mobHome[i] - 1) - state.mobPosX[i];
      dz = cellCentreZ(c, state.mobHome[i] - 1) - state.mobPosZ[i];
    } else if (target !== 0) {
      const body = populationOf(c, m, target);
      const j = w * body.numAgents + slotOf(target);
      dx = body.state.posX[j] - state.mobPosX[i];
      dz = body.state.posZ[j] - state.mobPosZ[i];
      if (mood !== MOB_MOOD.chase) {
        dx = 0 - dx;
        dz = 0 - dz;
      }
    }
    // 1/64 block: at most 2^14, so that squares and shifted components stay below 2^30.
    dx = roundShift(dx, 10);
    dz = roundShift(dz, 10);
    const length = isqrt(Math.imul(dx, dx) + Math.imul(dz, dz));
    if (length > 0) {
      wantX = Math.trunc((dx << 14) / length);
      wantZ = Math.trunc((dz << 14) / length);
    }
    if (mood === MOB_MOOD.chase && length <= CLOSE_Q6) input = 0;
  }

  const standing = (flags & AGENT_FLAG.onGround) !== 0 && !inLiquid(flags);
  // What it would rather do than go along an obstacle: decides to which side it turns round there.
  let awayX = 0;
  let awayZ = 0;
  if (standing && mood !== MOB_MOOD.chase && lookAhead(m, w, i, wantX, wantZ) >= AHEAD.wall) {
    if (mood === MOB_MOOD.wander) {
      state.mobMood[i] = MOB_MOOD.idle;
      state.mobMoodTicks[i] = BARRED_TICKS;
      return;
    }
    awayX = wantX;
    awayZ = wantZ;
    // Along one axis, the one that it goes along more if that is free; in a corner, back along the other.
    const alongX = Math.abs(wantX) >= Math.abs(wantZ);
    const mainX = alongX ? axis(wantX, slot) : 0;
    const mainZ = alongX ? 0 : axis(wantZ, slot);
    if (lookAhead(m, w, i, mainX, mainZ) < AHEAD.wall) {
      wantX = mainX;
      wantZ = mainZ;
    } else {
      const sideX = alongX ? 0 : axis(wantX, slot);
      const sideZ = alongX ? axis(wantZ, slot) : 0;
      const barred = lookAhead(m, w, i, sideX, sideZ) >= AHEAD.wall;
      wantX = barred ? 0 - sideX : sideX;
      wantZ = barred ? 0 - sideZ : sideZ;
    }
  }

  // |direction| <= 2^14 on both sides: the sum of two products is at most 2^29.
  const facing = roundShift(0 - Math.imul(wantX, sin) - Math.imul(wantZ, cos), 14);
  const leftward = roundShift(Math.imul(wantZ, sin) - Math.imul(wantX, cos), 14);
  let turn: number;
  if (facing >= 0) turn = clampTo(leftward << 2, TURN_Q16);
  else {
    const side = leftward !== 0 ? leftward : roundShift(Math.imul(awayZ, sin) - Math.imul(awayX, cos), 14);
    turn = side > 0 || (side === 0 && (slot & 1) === 1) ? TURN_Q16 : -TURN_Q16;
  }
  words[action + ACTION_WORD.turn] = turn;
  if (input === 0 || facing < FACING_Q14) return;

  const heading = (yaw + radiansQ16ToAngle(turn)) | 0;
  const goX = 0 - sinQ14(heading);
  const goZ = 0 - cosQ14(heading);
  const ahead = standing ? lookAhead(m, w, i, goX, goZ) : AHEAD.free;
  // A chase slides along walls and swims, but nobody walks into lava or off a cliff.
  if (ahead === AHEAD.danger || (ahead >= AHEAD.wall && mood !== MOB_MOOD.chase)) return;
  words[action + ACTION_WORD.forward] = input;
  if (ahead === AHEAD.step && (flags & AGENT_FLAG.collidedHorizontally) !== 0) words[action + ACTION_WORD.jump] = 1;
}

/** Full length along an axis, to the side that `component` points to; where it is 0, to that of the slot. */
function axis(component: number, slot: number): number {
  return component > 0 || (component === 0 && (slot & 1) === 1) ? 16384 : -16384;
}
