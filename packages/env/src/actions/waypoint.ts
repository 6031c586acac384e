/**
 * The waypoint profile: a place in world coordinates and the time until the body shall be there; a follower turns it into native columns, tick by tick,
 * within the body's acceleration. It aims at the place itself: ways around obstacles are a planner's business.
 * Stateless: what it does depends on the state and this tick's action alone, so give the place each tick, with the time that is left.
 * Method: the displacement wanted in this tick, less what the velocity will do anyway, is the acceleration to ask for; the body's limit cuts it off.
 * Floats here use + - * / and sqrt only, and the engine's own sine table, so every machine decides alike.
 */
import {
  AIR_ACCELERATION_Q18,
  BODY_WORD,
  BODY_WORDS,
  INPUT_Q14,
  LIQUID_ACCELERATION_Q18,
  SPRINT_ACCELERATION_Q18,
  WALK_ACCELERATION_Q18,
} from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, AGENT_FLAG, cosQ14, radiansQ16ToAngle, sinQ14, UsageError } from '@kinovox/world';
import type { BoxSpace } from '../spaces.js';
import { fieldsOf, messageOf, writeIdle, writeNamed } from './native.js';
import type { ActionCodec, CodecHost } from './profile.js';

interface WaypointColumn {
  name: string;
  unit: string;
  low: number;
  high: number;
}

/** Columns that the native profile has too are passed on as they are. */
export const WAYPOINT_SPEC: readonly WaypointColumn[] = [
  { name: 'go', unit: '0/1', low: 0, high: 1 },
  { name: 'x', unit: 'm', low: 0, high: 256 },
  { name: 'y', unit: 'm', low: 0, high: 256 },
  { name: 'z', unit: 'm', low: 0, high: 256 },
  { name: 'time', unit: 's', low: 0, high: 600 },
  ...['look', 'interact', 'slot', 'message', 'argument'].map((name) => {
    const field = ACTION_SPEC.find((one) => one.name === name)!;
    return { name, unit: field.unit, low: Math.fround(field.min), high: Math.fround(field.max) };
  }),
];
export const WAYPOINT_WIDTH = WAYPOINT_SPEC.length;

const NAMES = WAYPOINT_SPEC.map(({ name }) => name);
const COLUMN = { go: 0, x: 1, y: 2, z: 3, time: 4, look: 5, interact: 6, slot: 7, message: 8, argument: 9 } as const;

/** The follower looks at a place farther off than this, metres: nearer, the direction means little. */
const FACE_BEYOND = 0.5;
/** Widest turn in a tick, rad: 1/16 turn. */
const MAX_TURN = Math.PI / 8;
/** A place this much higher is jumped for, metres, once something is in the way. */
const STEP_UP = 0.2;
/** Nearer than this, metres, a wall is not worth a jump. */
const ARRIVED = 0.02;
const Q16 = 65536;
const Q18 = 262144;
const TICKS_PER_SECOND = 20;
/** Acceleration that a full key gives, block/tick^2. */
const KEY = INPUT_Q14 / 16384;
const WALK = (KEY * WALK_ACCELERATION_Q18) / Q18;
const SPRINT = (KEY * SPRINT_ACCELERATION_Q18) / Q18;
const AIR = (KEY * AIR_ACCELERATION_Q18) / Q18;
const SWIM = (KEY * LIQUID_ACCELERATION_Q18) / Q18;

export function createWaypointCodec(host: CodecHost): ActionCodec {
  const { program, numWorlds } = host;
  const { vehicles } = program;
  if (vehicles !== undefined)
    throw new UsageError(
      'waypoint-vehicle',
      `The action profile "waypoint" must get a scenario whose agents all walk, since it follows by their acceleration; got the ${vehicles.bodies[0].vehicle} "${program.agentIds[vehicles.agents[0]]}" in ${program.id}. Use "native" or "discrete".`,
    );
  const numRows = numWorlds * program.numAgents;
  const native = new Float32Array(numRows * ACTION_FIELDS);
  const space = waypointSpace();
  return {
    profile: 'waypoint',
    width: WAYPOINT_WIDTH,
    space,
    row: space,
    numInvalid: 0,
    expand(actions) {
      for (let i = 0; i < numRows; i++) follow(host, actions, i, native);
      return native;
    },
    writeIdle: (out) => void out.fill(0),
    write(out, index, action, agentId) {
      const { message, ...fields } = fieldsOf(action, 'waypoint', 'a place and a time', '{ x: 12.5, y: 3, z: 4.5, time: 2 }', agentId);
      const at = index * WAYPOINT_WIDTH;
      out.fill(0, at, at + WAYPOINT_WIDTH);
      if (fields.x !== undefined || fields.y !== undefined || fields.z !== undefined) out[at] = 1;
      writeNamed(out, at, NAMES, fields, 'a waypoint', agentId);
      return messageOf(message, agentId);
    },
  };
}

/** Writes agent i's native row. Places that are not finite are passed on as a turn of NaN, which the engine counts and takes as neutral. */
function follow({ program, state }: CodecHost, actions: Float32Array, i: number, native: Float32Array): void {
  const from = i * WAYPOINT_WIDTH;
  const at = i * ACTION_FIELDS;
  writeIdle(native, at);
  for (const name of ['look', 'interact', 'slot', 'message', 'argument'] as const)
    native[at + ACTION_WORD[name]] = actions[from + COLUMN[name]];
  if (actions[from + COLUMN.go] < 0.5) return;
  const dx = actions[from + COLUMN.x] - state.posX[i] / Q16;
  const dy = actions[from + COLUMN.y] - state.posY[i] / Q16;
  const dz = actions[from + COLUMN.z] - state.posZ[i] / Q16;
  if (!Number.isFinite(dx + dy + dz)) {
    native[at + ACTION_WORD.turn] = Number.NaN;
    return;
  }
  const distance = Math.sqrt(dx * dx + dz * dz);
  const turnQ16 = turnTowards(state.yaw[i], dx, dz, distance);
  native[at + ACTION_WORD.turn] = turnQ16 / Q16;
  const flags = state.flags[i];
  const { onGround, onLadder, inWater, inLava, collidedHorizontally } = AGENT_FLAG;
  const swims = (flags & (inWater | inLava)) !== 0;
  const blocked = (flags & collidedHorizontally) !== 0 && distance > ARRIVED;
  const climbs = (flags & onLadder) !== 0 && dy > STEP_UP;
  if (swims ? dy > -STEP_UP : climbs || ((flags & onGround) !== 0 && blocked)) native[at + ACTION_WORD.jump] = 1;

  // What this tick shall move, less what the velocity does by itself.
  const ticks = Math.max(1, actions[from + COLUMN.time] * TICKS_PER_SECOND || 0);
  const share = 1 / ticks;
  const wantX = dx * share - state.velX[i] / Q16;
  const wantZ = dz * share - state.velZ[i] / Q16;
  const want = Math.sqrt(wantX * wantX + wantZ * wantZ);
  const body = (i % program.numAgents) * BODY_WORDS;
  const speed = program.bodies[body + BODY_WORD.speedQ16] / Q16;
  const sprints = want > speed * WALK && (flags & onGround) !== 0;
  const full = speed * (swims ? SWIM : (flags & onGround) === 0 ? AIR : sprints ? SPRINT : WALK);
  if (sprints) native[at + ACTION_WORD.sprint] = 1;
  const scale = 1 / Math.max(full, want);
  const angle = (state.yaw[i] + radiansQ16ToAngle(turnQ16)) | 0;
  const sin = sinQ14(angle) / 16384;
  const cos = cosQ14(angle) / 16384;
  // Yaw 0 looks to -z, positive counter-clockwise: forward is (-sin, -cos) in (x, z), right is (cos, -sin).
  native[at + ACTION_WORD.forward] = (-sin * wantX - cos * wantZ) * scale;
  native[at + ACTION_WORD.strafe] = (cos * wantX - sin * wantZ) * scale;
}

/** Turn of this tick towards a direction, Q16 radians: exact in f32, so the body turns by just this. */
function turnTowards(yaw: number, dx: number, dz: number, distance: number): number {
  if (distance < FACE_BEYOND) return 0;
  const sin = sinQ14(yaw) / 16384;
  const cos = cosQ14(yaw) / 16384;
  const ahead = (-sin * dx - cos * dz) / distance;
  const right = (cos * dx - sin * dz) / distance;
  // Within an eighth of a turn the sine is the angle, nearly; beyond, the widest turn is due anyway.
  const turn = ahead > 0.7 ? -right : right > 0 ? -MAX_TURN : MAX_TURN;
  return Math.round(Math.max(-MAX_TURN, Math.min(MAX_TURN, turn)) * Q16);
}

function waypointSpace(): BoxSpace {
  return {
    kind: 'box',
    dtype: 'float32',
    shape: [WAYPOINT_WIDTH],
    low: WAYPOINT_SPEC.map(({ low }) => low),
    high: WAYPOINT_SPEC.map(({ high }) => high),
    names: [...NAMES],
    units: WAYPOINT_SPEC.map(({ unit }) => unit),
  };
}
