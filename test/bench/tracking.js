/**
 * How far rovers and quadcopters are off what teams reserve for them: the bodies of the suite, stepped by the rigid tier alone in an open field, follow random
 * motions of their models by the controllers of `planner:pibt`. Prints the error of all ticks; TRACKING_ERROR must hold 99.9 % of them.
 * Usage: node test/bench/tracking.js [ticks per body, default 20000]
 */
import { createBatchEnv } from '@kinovox/env';
import { loadRapier, readVehicleState } from '@kinovox/physics';
import {
  createBodyMotions,
  createDynamics,
  createVehicleModel,
  modelStateInto,
  TRACKING_ERROR,
  trackingError,
  trackingStick,
} from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_WORD, drawU32, randomStream } from '@kinovox/world';

const NUM_TICKS = Number(process.argv[2] ?? 20_000);
const ROUND = 5;
const AHEAD = 6;
const FULL_TURN = Math.PI / 12;

const rapier = await loadRapier();
for (const kind of ['rover', 'quadcopter']) await measure(kind);

async function measure(kind) {
  const env = await createBatchEnv({ scenario: fieldOf(kind), engine: 'rigid', observe: false });
  env.reset({ seed: 1 });
  const { program, state } = env.engine;
  const level = { size: program.size, voxels: state.voxels.slice(0, state.cellsPerWorld) };
  const dynamics = createDynamics(kind, { program, slot: 0, level });
  const body = program.vehicles.bodies[0];
  const real = readVehicleState(rapier, env.engine, 0, 0);
  env.close();
  const model = createVehicleModel(kind, body, 0);
  const motions = createBodyMotions(model);
  const nx = model.stateNames.length;
  const states = [new Float64Array(nx)];
  modelStateInto(states[0], model, kind, seen(real, real));
  const stream = randomStream(7, 0, 0, 0, 0);
  const action = new Float64Array(ACTION_FIELDS);
  const errors = [];
  let before = real.slice();
  let draws = 0;
  for (let tick = 0; tick < NUM_TICKS; tick++) {
    while (states.length < tick + ROUND + AHEAD + 2) extend(states, model, motions, () => drawU32(stream, draws++));
    const now = seen(real, before);
    const at = (ticks) => states[tick + ticks];
    errors.push(trackingError(body, at(0), now));
    const stick = trackingStick(body, at, now);
    action.fill(0);
    action[ACTION_WORD.forward] = stick.forward;
    action[ACTION_WORD.strafe] = stick.strafe;
    action[ACTION_WORD.turn] = stick.turn * FULL_TURN;
    action[ACTION_WORD.look] = stick.climb * FULL_TURN;
    before = real.slice();
    dynamics.stepInto(real, real, action);
  }
  errors.sort((a, b) => a - b);
  const share = (part) => errors[Math.min(errors.length - 1, Math.floor(part * errors.length))].toFixed(3);
  const within = errors.filter((error) => error <= TRACKING_ERROR[kind]).length / errors.length;
  console.log(
    `${kind}: ${errors.length} ticks, error in metres: half ${share(0.5)}, 99 % ${share(0.99)}, 99.9 % ${share(0.999)}, most ${share(1)}; TRACKING_ERROR ${TRACKING_ERROR[kind]} holds ${(100 * within).toFixed(2)} %`,
  );
  if (within < 0.999) process.exitCode = 1;
}

/** A control held for a round, as teams move, or braking where that would lead out of the field. */
function extend(states, model, motions, draw) {
  const from = states[states.length - 1];
  const choices = motions.choices(from, ROUND);
  const held = Array.from({ length: ROUND }, () => choices[draw() % choices.length]);
  for (let k = 1; k < ROUND; k++) held[k] = held[0];
  const reached = roll(from, held, model);
  const end = reached[reached.length - 1];
  const rest = roll(end, motions.brake(end), model);
  const fits = inField(rest[rest.length - 1] ?? end, model) && [...reached, ...rest].every((one) => inBounds(one, model));
  states.push(...(fits && draw() % 12 !== 0 ? reached : braked(from, motions, model)));
}

function braked(from, motions, model) {
  const states = roll(from, motions.brake(from), model);
  return states.length > 0 ? states : [from.slice()];
}

function roll(from, controls, model) {
  const states = [];
  const state = from.slice();
  for (const control of controls) {
    model.stepInto(state, state, control);
    states.push(state.slice());
  }
  return states;
}

function inBounds(state, model) {
  return state.every((value, k) => value >= model.stateLow[k] - 1e-9 && value <= model.stateHigh[k] + 1e-9);
}

function inField(state, { space }) {
  const [x, y, z] = space === 2 ? [state[0], 8, state[1]] : state;
  return x > 8 && x < 56 && z > 8 && z < 56 && y > 6 && y < 14;
}

/** A state of the dynamics as policies see vehicles: heading from the nose, and its rate from one tick to the next. */
function seen(state, before) {
  const yaw = yawOf(state);
  const turn = yaw - yawOf(before);
  return {
    position: [...state.subarray(0, 3)],
    velocity: [...state.subarray(7, 10)],
    yaw,
    yawRate: (turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI))) * 20,
  };
}

function yawOf(state) {
  const [, , , x, y, z, w] = state;
  return Math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y));
}

function fieldOf(kind) {
  return {
    version: 1,
    id: `tracking-${kind}-v1`,
    title: 'An open field',
    world: { size: [64, 24, 64], terrain: { generator: 'flat', ground: 4 } },
    agents: [{ id: 'ada', body: { type: 'rigid', vehicle: kind }, spawn: { atMetres: [32, kind === 'rover' ? 4 : 8, 32] } }],
    task: {
      reach: {
        agents: 'ada',
        region: [
          [0, 4, 0],
          [1, 4, 1],
        ],
      },
    },
    episode: { maxTicks: 100000 },
  };
}
