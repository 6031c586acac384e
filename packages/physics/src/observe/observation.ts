/**
 * What agents are given: `[B, A, D]` f32 vectors in named groups and `[B, A, n, n, n]` crops of block ids. SI units: metres, metres per second, radians.
 * One spec (`observationFields`) names every component; spaces, docs and kernels derive from it.
 */
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { ObservationTables } from '../program.js';
import type { PictureBuffers } from './pictures.js';

export interface ObservationField {
  name: string;
  unit: string;
  low: number;
  high: number;
}

export interface ObservationGroup {
  name:
    | 'self'
    | 'agents'
    | 'goals'
    | 'inventory'
    | 'messages'
    | 'vitals'
    | 'craftable'
    | 'mobs'
    | 'stations'
    | 'mechanisms'
    | 'props'
    | 'guidance'
    | 'rivalGuidance'
    | 'vehicle';
  /** First component in the vector. */
  offset: number;
  /** Rows of the group: nearest agents, goals, slots, messages; 1 for self, vitals, craftable, vehicle and both guidances; kinds of stations; nearest mobs and props; parts of mechanisms. */
  rows: number;
  fields: ObservationField[];
}

export interface ObservationBuffers {
  groups: ObservationGroup[];
  /** D: components per agent. */
  size: number;
  /** `[B, A, D]` */
  vector: Float32Array;
  /** `[B, A, D]` observation of the ended episode, valid for rows with `ended`. */
  finalVector: Float32Array;
  /** `[B, A, n, n, n]` registry ids, y-major then z then x, centred on the feet cell; empty without a crop. */
  crop: Uint16Array;
  finalCrop: Uint16Array;
  /** Pictures and lidar; all empty where the scenario has none. */
  pictures: PictureBuffers;
  /** The last ones of the ended episode, valid for rows with `ended`; empty without autoreset, where `pictures` still holds them. */
  finalPictures: PictureBuffers;
}

const f = (name: string, unit: string, low: number, high: number): ObservationField => ({ name, unit, low, high });

/** Components of the `self` group. */
export const SELF_FIELDS = [
  f('x', 'm', 0, 256),
  f('y', 'm', -64, 256),
  f('z', 'm', 0, 256),
  f('vx', 'm/s', -80, 80),
  f('vy', 'm/s', -80, 80),
  f('vz', 'm/s', -80, 80),
  f('sinYaw', '1', -1, 1),
  f('cosYaw', '1', -1, 1),
  f('pitch', 'rad', -1.5708, 1.5708),
  f('onGround', '0/1', 0, 1),
  f('inWater', '0/1', 0, 1),
  f('onLadder', '0/1', 0, 1),
  f('collided', '0/1', 0, 1),
  f('sneaking', '0/1', 0, 1),
  f('health', '1', 0, 1),
  f('digProgress', '1', 0, 1),
  f('heldItem', 'item id', 0, 65535),
  f('heldCount', 'items', 0, 64),
  f('timeLeft', '1', 0, 1),
  f('alive', '0/1', 0, 1),
];

/** Components of each of the nearest other agents; positions and velocities are relative to one's own, in world axes. */
export const NEAR_FIELDS = [
  f('present', '0/1', 0, 1),
  f('slot', 'index', 0, 255),
  f('sameTeam', '0/1', 0, 1),
  f('dx', 'm', -256, 256),
  f('dy', 'm', -256, 256),
  f('dz', 'm', -256, 256),
  f('vx', 'm/s', -160, 160),
  f('vy', 'm/s', -160, 160),
  f('vz', 'm/s', -160, 160),
  f('touching', '0/1', 0, 1),
];

/** Components of each goal: id 0 is an empty row. */
export const GOAL_FIELDS = [
  f('id', 'id', 0, 255),
  f('dx', 'm', -256, 256),
  f('dy', 'm', -256, 256),
  f('dz', 'm', -256, 256),
  f('distance', 'm', 0, 512),
  f('priority', 'rank', 0, 255),
  f('deadline', 's', 0, 5000),
  f('progress', '1', 0, 1),
  f('done', '0/1', 0, 1),
];

export const SLOT_FIELDS = [f('item', 'item id', 0, 65535), f('count', 'items', 0, 64)];

/** Components of each of the latest messages, newest first. */
export const MESSAGE_FIELDS = [
  f('present', '0/1', 0, 1),
  f('sender', 'slot', 0, 255),
  f('symbol', 'symbol', 0, 64),
  f('age', 's', 0, 5000),
  f('length', 'characters', 0, 256),
];

/** Components of the `vitals` group, only with survival. The time of day is an angle: sunrise at 0, noon at a quarter turn. */
export const VITAL_FIELDS = [
  f('food', '1', 0, 1),
  f('breath', '1', -1, 1),
  f('light', '1', 0, 1),
  f('sinTime', '1', -1, 1),
  f('cosTime', '1', -1, 1),
  f('attackCooldown', 'ticks', 0, 1024),
  f('craftProgress', '1', 0, 1),
  f('asleep', '0/1', 0, 1),
  f('night', '0/1', 0, 1),
];

/** Components of each of the nearest mobs, relative to the agent, in world axes. `kind` counts the kinds of the scenario from 1. */
export const MOB_FIELDS = [
  f('present', '0/1', 0, 1),
  f('slot', 'index', 0, 63),
  f('kind', 'kind + 1', 0, 64),
  f('dx', 'm', -256, 256),
  f('dy', 'm', -256, 256),
  f('dz', 'm', -256, 256),
  f('vx', 'm/s', -160, 160),
  f('vy', 'm/s', -160, 160),
  f('vz', 'm/s', -160, 160),
  f('health', '1', 0, 1),
  f('afterMe', '0/1', 0, 1),
];

/**
 * Components of each of the nearest props, relative to the agent, in world axes: from its feet to their centres. Half extents are those of the box around a
 * prop as it lies, along the axes of the world. `liftable`: light enough to be carried; `carried`: by anyone; `mine`: by this agent.
 */
export const PROP_FIELDS = [
  f('present', '0/1', 0, 1),
  f('prop', 'index', 0, 255),
  f('shape', '1 box, 2 ball, 3 capsule, 4 ramp, 5 container', 0, 5),
  f('dx', 'm', -257, 257),
  f('dy', 'm', -320, 320),
  f('dz', 'm', -257, 257),
  f('vx', 'm/s', -480, 480),
  f('vy', 'm/s', -480, 480),
  f('vz', 'm/s', -480, 480),
  f('turning', 'rad/s', -655360, 655360),
  f('halfX', 'm', 0, 28),
  f('halfY', 'm', 0, 28),
  f('halfZ', 'm', 0, 28),
  f('massKg', 'kg', 0, 10000),
  f('liftable', '0/1', 0, 1),
  f('carried', '0/1', 0, 1),
  f('mine', '0/1', 0, 1),
];

/** Components per kind of station (crafting table, furnace, bed), for the nearest within reach: from the feet to the middle of its floor. */
export const STATION_FIELDS = [f('present', '0/1', 0, 1), f('dx', 'm', -17, 17), f('dy', 'm', -17, 17), f('dz', 'm', -17, 17)];
/** Rows of the `stations` group. */
export const OBSERVED_STATIONS = ['crafting_table', 'furnace', 'bed'] as const;

/**
 * Components of each part of a mechanism: plates and levers first, in the order of the scenario, then the sets of blocks that are switched.
 * The place is the middle of the part's region, on its floor, from the feet.
 */
export const MECHANISM_FIELDS = [
  f('kind', '1 plates, 2 lever, 3 blocks', 0, 3),
  f('mechanism', 'index', 0, 255),
  f('dx', 'm', -256, 256),
  f('dy', 'm', -256, 256),
  f('dz', 'm', -256, 256),
  f('on', '0/1', 0, 1),
];

/**
 * Components of `guidance`: `known` 0 makes all others 0 (no way leads from here, or the task sends the agent nowhere by `reach`).
 * `left` is the way to the goal; dx, dy, dz lead from the feet to the middle of the floor of the cell some steps along it.
 * Those of `rivalGuidance` are the same, towards the nearest agent of another team; dx, dy, dz end in that agent where it is nearer than those steps.
 */
export const GUIDANCE_FIELDS = [
  f('known', '0/1', 0, 1),
  f('left', 'm', 0, 838861),
  f('dx', 'm', -17, 17),
  f('dy', 'm', -256, 256),
  f('dz', 'm', -17, 17),
];

/**
 * Components of `vehicle`, all 0 for walkers. Directions are the vehicle's own: ahead, to its right, up.
 * `down*` is the direction of gravity, which tells how it leans; `wheel*` are rim speeds, or the thrust of rotors as a share of the largest.
 */
export const VEHICLE_FIELDS = [
  f('isVehicle', '0/1', 0, 1),
  f('downAhead', '1', -1.001, 1.001),
  f('downRight', '1', -1.001, 1.001),
  f('downUp', '1', -1.001, 1.001),
  f('vAhead', 'm/s', -400, 400),
  f('vRight', 'm/s', -400, 400),
  f('vUp', 'm/s', -400, 400),
  f('rollRate', 'rad/s', -400, 400),
  f('pitchRate', 'rad/s', -400, 400),
  f('yawRate', 'rad/s', -400, 400),
  f('steer', 'rad', -0.8, 0.8),
  ...[0, 1, 2, 3].map((k) => f(`contact${k}`, '0/1', 0, 1)),
  ...[0, 1, 2, 3].map((k) => f(`wheel${k}`, 'm/s or share', -800, 800)),
];

/** Groups with one row, whose components are named without its number. */
export function isOneRow(name: ObservationGroup['name']): boolean {
  return (
    name === 'self' || name === 'vitals' || name === 'craftable' || name === 'guidance' || name === 'rivalGuidance' || name === 'vehicle'
  );
}

export function observationGroups(tables: ObservationTables): ObservationGroup[] {
  const groups: ObservationGroup[] = [];
  let offset = 0;
  const add = (name: ObservationGroup['name'], rows: number, fields: ObservationField[]) => {
    if (rows === 0) return;
    groups.push({ name, offset, rows, fields });
    offset += rows * fields.length;
  };
  add('self', 1, SELF_FIELDS);
  add('agents', tables.nearestAgents, NEAR_FIELDS);
  add('goals', tables.goals, GOAL_FIELDS);
  add('inventory', tables.inventory ? INVENTORY_SLOTS : 0, SLOT_FIELDS);
  add('messages', tables.messages, MESSAGE_FIELDS);
  const { recipes } = tables;
  if (recipes !== undefined) {
    add('vitals', 1, VITAL_FIELDS);
    add('stations', OBSERVED_STATIONS.length, STATION_FIELDS);
    add('mobs', tables.nearestMobs ?? 0, MOB_FIELDS);
    // One component per recipe: whether it can be begun now.
    if (recipes.length > 0)
      add(
        'craftable',
        1,
        recipes.map((name) => f(name, '0/1', 0, 1)),
      );
  }
  add('mechanisms', tables.mechanisms ?? 0, MECHANISM_FIELDS);
  add('props', tables.nearestProps ?? 0, PROP_FIELDS);
  add('vehicle', tables.vehicle === true ? 1 : 0, VEHICLE_FIELDS);
  add('guidance', tables.guidance === undefined ? 0 : 1, GUIDANCE_FIELDS);
  add('rivalGuidance', tables.rivalGuidance === undefined ? 0 : 1, GUIDANCE_FIELDS);
  return groups;
}

/** D: components of one agent's vector. */
export function observationSize(groups: readonly ObservationGroup[]): number {
  const last = groups[groups.length - 1];
  return last.offset + last.rows * last.fields.length;
}
