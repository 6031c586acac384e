/**
 * The chase source: every agent turns to the nearest living agent of another team and runs there, jumping when blocked; where there is no other team,
 * to its nearest open goal. It knows no map. Integers only: heading from the sine table, distances in 1/64 block.
 */
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, cosQ14, SINE_Q14, sinQ14, UsageError } from '@kinovox/world';
import { GOAL_FIELDS, observationGroups } from '../observe/observation.js';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';
import type { ActionSource, SourceHost } from './action-source.js';

/** Stands still within this distance of a goal, 1/64 block: 0.35 m. */
const ARRIVED_Q6 = 22;
/** Sprints beyond this distance, 1/64 block: 3 m. */
const SPRINT_Q6 = 192;
/** Turns at most this far a tick, Q16 radians: 0.5. */
const MAX_TURN_Q16 = 32768;
/** Nobody to chase. */
const FAR = 0x7fffffff;
const GOAL = Object.fromEntries(GOAL_FIELDS.map(({ name }, k) => [name, k]));

export function createChaseSource(): ActionSource {
  return { name: 'chase', check, fill, device };
}

function check(program: ScenarioProgram, observing: boolean): void {
  if (hasTeams(program)) return;
  if (goalsOf(program) === undefined)
    throw new UsageError(
      'chase-nobody',
      `The policy "chase" must have another team or a goal to run to; got neither in ${program.id}. Give observation.goals a number, or use "random".`,
    );
  if (!observing)
    throw new UsageError(
      'chase-blind',
      `The policy "chase" reads goals from observations in ${program.id}, which has one team; got observe: false. Leave observations on.`,
    );
}

function fill({ program, numWorlds, state, observations }: SourceHost, out: Float32Array): void {
  const { numAgents, bodies } = program;
  const byTeam = hasTeams(program);
  const goals = goalsOf(program);
  const { posX, posY, posZ, flags, yaw } = state;
  out.fill(0);
  for (let w = 0; w < numWorlds; w++) {
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      if ((flags[i] & AGENT_FLAG.alive) === 0) continue;
      let best = FAR;
      let dx = 0;
      let dz = 0;
      if (byTeam) {
        const team = bodies[a * BODY_WORDS + BODY_WORD.team];
        for (let b = 0; b < numAgents; b++) {
          const j = w * numAgents + b;
          if (bodies[b * BODY_WORDS + BODY_WORD.team] === team || (flags[j] & AGENT_FLAG.alive) === 0) continue;
          // Worlds are at most 256 blocks wide: differences up to 2^24, in 1/64 block 2^14; three squares stay below 2^30.
          const x = (posX[j] - posX[i]) >> 10;
          const y = (posY[j] - posY[i]) >> 10;
          const z = (posZ[j] - posZ[i]) >> 10;
          const distance = Math.imul(x, x) + Math.imul(y, y) + Math.imul(z, z);
          if (distance >= best) continue;
          best = distance;
          dx = x;
          dz = z;
        }
      } else if (goals !== undefined) {
        for (let k = 0; k < goals.rows; k++) {
          const at = i * observations.size + goals.offset + k * GOAL_FIELDS.length;
          if (observations.vector[at + GOAL.id] === 0 || observations.vector[at + GOAL.done] !== 0) continue;
          // Metres of Q16 integers below 2^24: times 64 and down is exact.
          const x = Math.floor(observations.vector[at + GOAL.dx] * 64);
          const y = Math.floor(observations.vector[at + GOAL.dy] * 64);
          const z = Math.floor(observations.vector[at + GOAL.dz] * 64);
          const distance = Math.imul(x, x) + Math.imul(y, y) + Math.imul(z, z);
          if (distance >= best) continue;
          best = distance;
          dx = x;
          dz = z;
        }
      }
      if (best === FAR) continue;
      const flat = Math.imul(dx, dx) + Math.imul(dz, dz);
      if (!byTeam && flat < ARRIVED_Q6 * ARRIVED_Q6) continue;
      const sin = sinQ14(yaw[i]);
      const cos = cosQ14(yaw[i]);
      // |d| <= 2^14 and |s| <= 2^14: sums below 2^29.1. Ahead is (-sin, -cos), to the left of it (-cos, sin).
      const ahead = 0 - Math.imul(sin, dx) - Math.imul(cos, dz);
      const left = Math.imul(sin, dz) - Math.imul(cos, dx);
      const row = i * ACTION_FIELDS;
      out[row + ACTION_WORD.turn] = turnQ16(ahead, left) / 65536;
      out[row + ACTION_WORD.forward] = ahead > 0 ? 1 : 0;
      out[row + ACTION_WORD.sprint] = ahead > 0 && flat > SPRINT_Q6 * SPRINT_Q6 ? 1 : 0;
      out[row + ACTION_WORD.jump] = (flags[i] & (AGENT_FLAG.collidedHorizontally | AGENT_FLAG.inWater)) !== 0 ? 1 : 0;
    }
  }
}

/** Turn toward a point that lies `ahead` and `left`: their quotient, which is the angle where it is small, within MAX_TURN_Q16. */
function turnQ16(ahead: number, left: number): number {
  const side = left < 0 ? 0 - left : left;
  let turn = MAX_TURN_Q16;
  // side < ahead: the quotient is at most 256.
  if (side < ahead && ahead >> 8 > 0) turn = Math.min(MAX_TURN_Q16, ((((side >> 8) << 8) / (ahead >> 8)) | 0) << 8);
  return left < 0 ? 0 - turn : turn;
}

function device(program: ScenarioProgram) {
  const { numAgents, bodies } = program;
  const byTeam = hasTeams(program);
  const goals = goalsOf(program);
  const SINE = numAgents;
  const teams = Array.from({ length: numAgents }, (_, a) => bodies[a * BODY_WORDS + BODY_WORD.team]);
  return {
    table: Int32Array.from([...teams, ...SINE_Q14]),
    code: /* wgsl */ `
fn sin_q14(angle: i32) -> i32 {
  let negative = angle < 0;
  var magnitude = select(u32(angle), u32(-angle), negative);
  if (magnitude > 0x40000000u) { magnitude = 0x80000000u - magnitude; }
  let index = i32(magnitude >> 20u);
  let low = table[${SINE} + index];
  let value = low + (((table[${SINE + 1} + index] - low) * i32((magnitude >> 8u) & 4095u) + 2048) >> 12u);
  return select(value, -value, negative);
}
fn cos_q14(angle: i32) -> i32 {
  let magnitude = select(u32(angle), u32(-angle), angle < 0);
  return -sin_q14(i32(magnitude - 0x40000000u));
}
fn decide(w: i32, a: i32, i: i32) {
  var best = ${FAR};
  var dx = 0;
  var dz = 0;
  ${byTeam ? CHASE_AGENTS : goals === undefined ? '' : chaseGoals(goals.rows, goals.offset)}
  if (best == ${FAR}) { return; }
  let flat = dx * dx + dz * dz;
  ${byTeam ? '' : `if (flat < ${ARRIVED_Q6 * ARRIVED_Q6}) { return; }`}
  let sin = sin_q14(data[STATE_yaw + i]);
  let cos = cos_q14(data[STATE_yaw + i]);
  let ahead = -(sin * dx) - cos * dz;
  let left = sin * dz - cos * dx;
  let side = abs(left);
  var turn = ${MAX_TURN_Q16};
  if (side < ahead && (ahead >> 8u) > 0) { turn = min(turn, (((side >> 8u) << 8u) / (ahead >> 8u)) << 8u); }
  put(i, ${ACTION_WORD.turn}, f32(select(turn, -turn, left < 0)) * 0.0000152587890625);
  put(i, ${ACTION_WORD.forward}, select(0.0, 1.0, ahead > 0));
  put(i, ${ACTION_WORD.sprint}, select(0.0, 1.0, ahead > 0 && flat > ${SPRINT_Q6 * SPRINT_Q6}));
  put(i, ${ACTION_WORD.jump}, select(0.0, 1.0, (data[STATE_flags + i] & ${AGENT_FLAG.collidedHorizontally | AGENT_FLAG.inWater}) != 0));
}
`,
  };
}

const CHASE_AGENTS = /* wgsl */ `for (var b = 0; b < NUM_AGENTS; b++) {
    let j = w * NUM_AGENTS + b;
    if (table[b] == table[a] || (data[STATE_flags + j] & ${AGENT_FLAG.alive}) == 0) { continue; }
    let x = (data[STATE_posX + j] - data[STATE_posX + i]) >> 10u;
    let y = (data[STATE_posY + j] - data[STATE_posY + i]) >> 10u;
    let z = (data[STATE_posZ + j] - data[STATE_posZ + i]) >> 10u;
    let distance = x * x + y * y + z * z;
    if (distance >= best) { continue; }
    best = distance;
    dx = x;
    dz = z;
  }`;

function chaseGoals(rows: number, offset: number): string {
  const read = (name: string) => `bitcast<f32>(data[at + ${GOAL[name]}])`;
  return /* wgsl */ `for (var k = 0; k < ${rows}; k++) {
    let at = OBSERVATION + i * OBSERVATION_SIZE + ${offset} + k * ${GOAL_FIELDS.length};
    if (${read('id')} == 0.0 || ${read('done')} != 0.0) { continue; }
    let x = i32(floor(${read('dx')} * 64.0));
    let y = i32(floor(${read('dy')} * 64.0));
    let z = i32(floor(${read('dz')} * 64.0));
    let distance = x * x + y * y + z * z;
    if (distance >= best) { continue; }
    best = distance;
    dx = x;
    dz = z;
  }`;
}

function hasTeams({ numAgents, bodies }: ScenarioProgram): boolean {
  for (let a = 1; a < numAgents; a++) if (bodies[a * BODY_WORDS + BODY_WORD.team] !== bodies[BODY_WORD.team]) return true;
  return false;
}

function goalsOf(program: ScenarioProgram) {
  return observationGroups(program.observation).find(({ name }) => name === 'goals');
}
