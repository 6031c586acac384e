/**
 * Moves through the air: a small controller steers the body along +x, and the ground after it is closed exactly (`closure.ts`). Every tick of jumping off and
 * every speed of the ground before it are tried, plain and with the push that a sprinting jump gives along the heading; the shortest flight is taken.
 */
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG } from '@kinovox/world';
import { closeAxis, type KeyTable, MOST_CLOSING_TICKS } from './closure.js';
import { type MovePatch, type Offset, ORIGIN } from './move-patch.js';
import { BLOCK, type ClassSpeeds, DIRECTIONS, headingOf, REST } from './primitives.js';

const MOST_AIR_TICKS = 40;
/** Closings that are rolled out after a flight. */
const MOST_LANDINGS = 4;

/** A body's keys. */
export interface FlightKeys {
  /** Of one axis on the ground. */
  readonly alone: KeyTable;
  /** Speed that a full key adds in the air each tick, 1/65536 block per tick. */
  readonly airPerKey: number;
  readonly speeds: ClassSpeeds;
}

/** What a flight is to do: from rest or running, to rest or running, so many cells far and up. */
export interface FlightTask {
  readonly isRunning: boolean;
  readonly endsRunning: boolean;
  readonly far: number;
  readonly rise: number;
}

/** @param jumpTicks of jumping off; none: it goes over the edge. @returns the shortest; undefined where there is none. */
export function shortestFlight(
  patch: MovePatch,
  keys: FlightKeys,
  task: FlightTask,
  jumpTicks: readonly number[],
): AlongTick[] | undefined {
  const speeds = jumpTicks.length === 0 ? [0.14, 0.18, 0.22, 0.26] : [0.2];
  let best: AlongTick[] | undefined;
  for (const jumpTick of jumpTicks.length === 0 ? [-1] : jumpTicks)
    for (const boost of jumpTicks.length === 0 ? [false] : [false, true])
      for (const speed of speeds) {
        const ticks = fly(patch, keys, task, jumpTick, boost, speed * BLOCK);
        if (ticks !== undefined && (best === undefined || ticks.length < best.length)) best = ticks;
      }
  return best;
}

/** One tick of a move along an axis. */
export interface AlongTick {
  /** Along the way, Q12. */
  readonly key: number;
  readonly jump: boolean;
  /** Faces the way for this tick, for the push of a sprinting jump. */
  readonly boost: boolean;
  /** Faces 0 again. */
  readonly turnBack: boolean;
  readonly sprint: boolean;
}

/** Rows of actions of a move along direction d. */
export function render(ticks: readonly AlongTick[], d: number): Float32Array {
  const [dx, dz] = DIRECTIONS[d];
  const rows = new Float32Array(ticks.length * ACTION_FIELDS);
  const turn = Math.round(headingOf(dx, dz) * 65536) / 65536;
  ticks.forEach(({ key, jump, boost, turnBack, sprint }, k) => {
    const row = rows.subarray(k * ACTION_FIELDS, (k + 1) * ACTION_FIELDS);
    row[ACTION_WORD.turn] = boost ? turn : turnBack ? 0 - turn : 0;
    row[ACTION_WORD.strafe] = boost ? 0 : (dx * key) / 4096;
    row[ACTION_WORD.forward] = boost ? key / 4096 : (0 - dz * key) / 4096;
    row[ACTION_WORD.jump] = jump ? 1 : 0;
    row[ACTION_WORD.sprint] = sprint ? 1 : 0;
  });
  return rows;
}

/** Ticks until a body in the air is at a height again, falling; Q16. */
function airTicks(y: number, vy: number, height: number): number {
  let at = y;
  let speed = vy;
  for (let ticks = 1; ticks < MOST_AIR_TICKS; ticks++) {
    at += speed;
    if (at <= height && speed < 0) return ticks;
    speed = (speed - 5243) * 0.98;
  }
  return MOST_AIR_TICKS;
}

/** Rolls the controller along +x until the body stands on the far cell, and closes from there. */
function fly(
  patch: MovePatch,
  keys: FlightKeys,
  task: FlightTask,
  jumpTick: number,
  boost: boolean,
  speed: number,
): AlongTick[] | undefined {
  const { engine } = patch;
  const { isRunning, far, rise } = task;
  const from = isRunning ? 1 : REST;
  const solids: Offset[] = [
    [0, -1, 0],
    [far, rise - 1, 0],
  ];
  patch.begin(from, solids);
  const ticks: AlongTick[] = [];
  const height = (ORIGIN[1] + rise) * BLOCK;
  const mostGround = keys.alone.accelerations[keys.alone.accelerations.length - 1];
  let turnedBack = true;
  let flew = false;
  for (let tick = 0; tick < MOST_AIR_TICKS; tick++) {
    const left = (ORIGIN[0] + far) * BLOCK + BLOCK / 2 - engine.word('posX');
    const grounded = (engine.word('flags') & AGENT_FLAG.onGround) !== 0;
    if (flew && grounded) {
      if (engine.word('posY') !== height || !turnedBack) return undefined;
      return land(patch, keys, task, ticks, left, engine.word('velX'), solids);
    }
    if (!grounded) flew = true;
    const jump = tick === jumpTick && grounded;
    const wanted =
      jump || (grounded && jumpTick >= 0)
        ? BLOCK
        : grounded
          ? speed
          : left / Math.max(1, airTicks(engine.word('posY'), engine.word('velY'), height));
    const perKey = (grounded ? mostGround : keys.airPerKey) / 4096;
    const key = Math.max(-4096, Math.min(4096, Math.round((wanted - engine.word('velX')) / perKey)));
    const next: AlongTick = { key: jump && boost ? 4096 : key, jump, boost: jump && boost, turnBack: !turnedBack, sprint: grounded };
    turnedBack = !next.boost;
    ticks.push(next);
    engine.step(render([next], 0));
  }
  return undefined;
}

/** Adds the shortest closing on the ground to a flight, if all of it then ends exactly. */
function land(
  patch: MovePatch,
  { alone, speeds }: FlightKeys,
  { isRunning, endsRunning, far, rise }: FlightTask,
  flight: readonly AlongTick[],
  left: number,
  speed: number,
  solids: readonly Offset[],
): AlongTick[] | undefined {
  const to = endsRunning ? 1 : REST;
  let tries = 0;
  for (let ticks = 1; ticks <= MOST_CLOSING_TICKS && tries < MOST_LANDINGS; ticks++) {
    const keys = closeAxis(alone, left, speed, speeds[to][0], ticks);
    if (keys === undefined) continue;
    tries++;
    const whole = [...flight, ...Array.from(keys, (key) => ({ key, jump: false, boost: false, turnBack: false, sprint: true }))];
    if (patch.ends(isRunning ? 1 : REST, to, [far, rise, 0], render(whole, 0), solids)) return whole;
  }
  return undefined;
}
