/**
 * The vehicles of one Rapier world: a drive each, made anew with every world, and what the agents at their sticks are told of them.
 * Data flow of a tick: actions, vehicle words -> drives push in each Rapier step -> vehicle words -> (poses quantised) -> the agents' own words.
 */
import type { RigidBody, RigidBodyDesc, World } from '@dimforge/rapier3d';
import {
  AGENT_FLAG,
  MAX_VELOCITY_Q16,
  PROP_WORDS,
  VEHICLE_WORD,
  VEHICLE_WORDS,
  type Vehicle,
  WHEEL_WORD,
  WHEEL_WORDS,
} from '@kinovox/world';
import type { ScenarioProgram, VehicleTables } from '../../program.js';
import { ALIVE, type TickContext } from '../../stages/context.js';
import { clampTo } from '../../stages/rounding.js';
import { POSE } from '../prop-bounds.js';
import type { Rapier } from '../rapier.js';
import { pitchOf, toWorld, yawOf } from './attitude.js';
import { CarDrive, carWheels } from './car.js';
import { type Drive, type DriveHost, NO_HAND, stickOf } from './drive.js';
import { hoverShare, QuadcopterDrive } from './quadcopter.js';
import { RoverDrive, roverWheels } from './rover.js';
import { standingHeight } from './wheels.js';

const Q14 = 1 / 16384;
const AHEAD = { x: 0, y: 0, z: -1 };
const TICK_SECONDS = 1 / 20;

/** What drives read and write: of the tick's context. */
export interface FleetContext {
  /** A */
  readonly numAgents: number;
  /** `[B, A]` flags, `[B, V, VEHICLE_WORDS]` words of vehicles. */
  readonly state: { readonly flags: Int32Array; readonly vehicle: Int32Array };
  /** `[B, A, ACTION_WORDS]` */
  readonly buffers: { readonly actionWords: Int32Array };
}

export class Fleet {
  readonly #vehicles: VehicleTables;
  readonly #drives: readonly Drive[];

  constructor(rapier: Rapier, world: World, props: readonly RigidBody[], vehicles: VehicleTables) {
    this.#vehicles = vehicles;
    this.#drives = vehicles.bodies.map((body, v) => createDrive({ rapier, world, chassis: props[vehicles.firstProp + v] }, body));
  }

  /** Start of a tick of world w: takes up the sticks of agents that are there. */
  begin(c: FleetContext, w: number): void {
    const { state, numAgents } = c;
    this.#drives.forEach((drive, v) => {
      const i = w * numAgents + this.#vehicles.agents[v];
      const stick = (state.flags[i] & ALIVE) === 0 ? NO_HAND : stickOf(c.buffers.actionWords, i);
      drive.begin(stick, state.vehicle, this.#wordsOf(w, v));
    });
  }

  /** Before a Rapier step. */
  push(seconds: number): void {
    for (const drive of this.#drives) drive.push(seconds);
  }

  /** End of a tick. */
  end(c: FleetContext, w: number): void {
    this.#drives.forEach((drive, v) => {
      drive.end(c.state.vehicle, this.#wordsOf(w, v), TICK_SECONDS);
    });
  }

  #wordsOf(w: number, v: number): number {
    return (w * this.#drives.length + v) * VEHICLE_WORDS;
  }
}

/** Makes the body of prop p what the chassis of a vehicle needs; leaves other props as they are. */
export function asChassis(body: RigidBodyDesc, { firstProp, bodies }: VehicleTables, p: number): void {
  if (p < firstProp) return;
  const vehicle = bodies[p - firstProp];
  // Forces of its own wake it in every tick.
  body.setCanSleep(false).setAngularDamping(0);
  if (vehicle.vehicle === 'quadcopter') body.setLinearDamping(vehicle.drag);
}

function createDrive(host: DriveHost, body: Vehicle): Drive {
  switch (body.vehicle) {
    case 'car':
      return new CarDrive(host, body);
    case 'rover':
      return new RoverDrive(host, body);
    case 'quadcopter':
      return new QuadcopterDrive(host, body);
  }
}

/** How high the centre of a vehicle's chassis is over the floor on which it starts, metres. */
export function startHeight(body: Vehicle): number {
  if (body.vehicle === 'quadcopter') return body.size[1] / 2 + 1 / 256;
  return Math.max(standingHeight(body.vehicle === 'car' ? carWheels(body) : roverWheels(body)), body.size[1] / 2 + 1 / 256);
}

/** The vehicle words of row w at the start of an episode: suspensions at rest, and rotors that carry the copter, as one that starts in the air needs. */
export function startVehicles({ state, program }: TickContext, vehicles: VehicleTables, w: number): void {
  vehicles.bodies.forEach((body, v) => {
    for (let k = 0; k < 4; k++) {
      const wheel = (w * vehicles.bodies.length + v) * VEHICLE_WORDS + VEHICLE_WORD.wheels + k * WHEEL_WORDS;
      if (body.vehicle === 'quadcopter') state.vehicle[wheel + WHEEL_WORD.level] = Math.floor(hoverShare(body) * 65536 + 0.5);
      else state.vehicle[wheel + WHEEL_WORD.length] = Math.floor((standingHeight(body) - body.wheelRadius) * 65536 + 0.5);
    }
  });
  writeDrivers({ state, program } as TickContext, vehicles, w);
}

/**
 * What the agents of vehicles are told by the words that walkers have: the centre of the chassis, its velocity, where its nose points, and whether
 * a wheel is on the ground. From the quantised pose alone.
 */
export function writeDrivers({ state, program }: Pick<TickContext, 'state' | 'program'>, vehicles: VehicleTables, w: number): void {
  const { prop } = state;
  for (let v = 0; v < vehicles.agents.length; v++) {
    const i = w * program.numAgents + vehicles.agents[v];
    const at = poseAt(program, w, vehicles.firstProp + v);
    state.posX[i] = prop[at + POSE.x];
    state.posY[i] = prop[at + POSE.y];
    state.posZ[i] = prop[at + POSE.z];
    state.velX[i] = clampTo(prop[at + POSE.vx], MAX_VELOCITY_Q16);
    state.velY[i] = clampTo(prop[at + POSE.vy], MAX_VELOCITY_Q16);
    state.velZ[i] = clampTo(prop[at + POSE.vz], MAX_VELOCITY_Q16);
    const ahead = toWorld(
      { x: prop[at + POSE.qx] * Q14, y: prop[at + POSE.qy] * Q14, z: prop[at + POSE.qz] * Q14, w: prop[at + POSE.qw] * Q14 },
      AHEAD,
    );
    state.yaw[i] = yawOf(ahead, state.yaw[i]);
    state.pitch[i] = pitchOf(ahead);
    const contacts = state.vehicle[(w * vehicles.agents.length + v) * VEHICLE_WORDS + VEHICLE_WORD.contacts];
    state.flags[i] = (state.flags[i] & ~AGENT_FLAG.onGround) | (contacts === 0 ? 0 : AGENT_FLAG.onGround);
  }
}

/** First pose word of prop p of world w. */
function poseAt({ numProps }: Pick<ScenarioProgram, 'numProps'>, w: number, p: number): number {
  return (w * numProps + p) * PROP_WORDS;
}
