/**
 * A rover, car or quadcopter of a scenario in a level that does not change, as `Dynamics`: the step is a tick of the rigid tier, in a Rapier world of the level
 * and that vehicle alone, so a plan that was made by stepping is repeated by the world with residual exactly 0. States are Rapier's own f32 numbers.
 * Limits: alone (nobody is met, no props within reach), and its agent alive. A step from the state before goes on; one from any other puts the body there.
 * What Rapier remembers of contacts is kept beside states, for as many as `VehicleAlone.step` says.
 */
import { loadedRapier, type ScenarioProgram, VehicleAlone, vehicleStateNames } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, UsageError, VEHICLE_KINDS, type VehicleKind } from '@kinovox/world';
import { solidRows, type WalkerLevel } from '../voxel/walker-engine.js';
import { angleDifference } from './angles.js';
import type { Dynamics } from './dynamics.js';

const TICKS_PER_SECOND = 20;
/** Highest speed, m/s: the tier ends episodes of what is faster. */
const MAX_SPEED = 4 * TICKS_PER_SECOND * Math.sqrt(3);
const TURN = 3;
const VELOCITY = 7;

export const VEHICLE_DYNAMICS_NAMES: readonly VehicleKind[] = VEHICLE_KINDS;

export function isVehicleDynamics(name: string): name is VehicleKind {
  return (VEHICLE_DYNAMICS_NAMES as readonly string[]).includes(name);
}

/**
 * @param slot of the agent whose vehicle it is.
 * @throws UsageError where that is another kind of body, or Rapier is not loaded.
 */
export function createVehicleDynamics(name: VehicleKind, program: ScenarioProgram, slot: number, level: WalkerLevel): Dynamics {
  const rapier = loadedRapier();
  if (rapier === undefined)
    throw new UsageError(
      'rapier-not-loaded',
      `Dynamics "${name}" must be made after Rapier is loaded; it is not. Await loadRapier() of @kinovox/physics first, or make the environment before.`,
    );
  const got = program.vehicles?.bodies[program.vehicles.ofAgent[slot] ?? -1]?.vehicle ?? 'walker';
  if (got !== name)
    throw new UsageError(
      'unknown-dynamics',
      `Dynamics "${name}" must be given the slot of a ${name}; got slot ${slot} of ${program.id}, a ${got}. Ask for the dynamics "${got}", or take another slot.`,
    );
  const [sizeX, sizeY, sizeZ] = level.size;
  const rowWords = (sizeX + 31) >> 5;
  const rows = solidRows(level.voxels, program.blocks.solid, sizeX, rowWords);
  const vehicle = new VehicleAlone(rapier, program, slot, { rows, base: 0, sizeX, sizeY, sizeZ, rowWords });
  const stateNames = vehicleStateNames(name);
  const unbounded = (value: number) => new Float64Array(stateNames.length).fill(value);
  // Hands and messages move no vehicle.
  const isMotion = ACTION_SPEC.map(({ kind }) => kind !== 'choice');
  const row = new Float32Array(ACTION_FIELDS);
  return {
    name,
    dt: 1 / TICKS_PER_SECOND,
    space: 3,
    stateNames,
    controlNames: ACTION_SPEC.map(({ name: column }) => column),
    angles: [],
    quaternion: TURN,
    stateLow: unbounded(Number.NEGATIVE_INFINITY),
    stateHigh: unbounded(Number.POSITIVE_INFINITY),
    controlLow: Float64Array.from(ACTION_SPEC, ({ min }, k) => (isMotion[k] ? min : 0)),
    controlHigh: Float64Array.from(ACTION_SPEC, ({ max }, k) => (isMotion[k] ? max : 0)),
    neutral: Float64Array.from(ACTION_SPEC, ({ neutral }) => neutral),
    canRest: true,
    maxSpeed: MAX_SPEED,
    parts: [{ shape: 'box', half: vehicle.half }],
    stepInto(out, state, control) {
      for (let k = 0; k < ACTION_FIELDS; k++) row[k] = isMotion[k] ? control[k] : 0;
      vehicle.step(out, state, row);
    },
    distance(a, b) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += (a[k] - b[k]) ** 2 + (0.25 * (a[VELOCITY + k] - b[VELOCITY + k])) ** 2;
      return Math.sqrt(sum) + 0.5 * Math.abs(angleDifference(headingOf(a), headingOf(b)));
    },
    close: () => vehicle.close(),
    placeInto(out, state) {
      for (let k = 0; k < TURN + 4; k++) out[k] = state[k];
    },
  };
}

/** Yaw of the nose, radians. */
function headingOf(state: Float64Array): number {
  const [, , , x, y, z, w] = state;
  return Math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y));
}
