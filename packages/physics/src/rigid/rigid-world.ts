/**
 * One Rapier world of one environment: terrain, props, and a stand-in per walker that props cannot enter. Every episode has a fresh or a restored one.
 * Bodies are created in one order and never removed, so body i is prop i, then walker i - numProps, then one for joints to the world, also after a restore. Whoever makes one frees it.
 */
import type { Collider, ColliderSet, RigidBody, World } from '@dimforge/rapier3d';
import { cosQ14, PROP_WORDS, ShapeError, sinQ14 } from '@kinovox/world';
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { PropSpawn, ScenarioProgram } from '../program.js';
import { ANGULAR_DAMPING, HIGHEST_PROP, LOST_MARGIN, MAX_PROP_SPEED, PROP_GRAVITY, SUBSTEPS } from './constants.js';
import { addJoints, numJointBodies } from './joints.js';
import { POSE } from './prop-bounds.js';
import { propCollider } from './prop-shapes.js';
import { type Rapier, restoreWorld } from './rapier.js';
import { cellsOfBits, type SolidRows, shellInto, shellWord } from './terrain-shell.js';
import { asChassis, Fleet } from './vehicles/fleet.js';

/** Why the bodies of a world can no longer be simulated: data1 of the event `unstable`. */
export const UNSTABLE = { no: 0, notFinite: 1, tooFast: 2, outside: 3, crashed: 4 } as const;

const METRE = 1 / 65536;
const TICK_SECONDS = 1 / 20;
const HALF_HEIGHT_Q16 = HEIGHT_Q16 / 2;
/** Collision groups, membership in the high half and partners in the low half: terrain 1, props 2, walkers 4. */
const TERRAIN_GROUPS = (1 << 16) | 2;
const PROP_GROUPS = (2 << 16) | 7;
const WALKER_GROUPS = (4 << 16) | 2;
/** Walls around the world and its floor, metres thick: thicker than anything moves in a step. */
const WALL = 8;
/** A sleeping prop this near to an edited cell wakes, metres beyond its own reach. */
const WAKE_DISTANCE = 1.5;

export class RigidWorld {
  /** The scenario's, then the chassis of vehicles. */
  readonly props: readonly RigidBody[];
  readonly terrain: Collider;
  /** Drives of the vehicles; undefined where all agents walk. */
  readonly fleet: Fleet | undefined;
  /** The reason of the last step, and the prop that gave it. */
  unstable: number = UNSTABLE.no;
  unstableProp = -1;
  readonly #world: World;
  readonly #walkers: readonly RigidBody[];
  /** `[Y, Z, rowWords]` cells that the terrain collider holds; of a restored world made when first needed, from the cells that it began with. */
  #shell: Uint32Array | undefined;
  #began: SolidRows | undefined;
  /** What a body's pose is read into. */
  readonly #place = { x: 0, y: 0, z: 0 };
  readonly #turn = { x: 0, y: 0, z: 0, w: 1 };
  readonly #velocity = { x: 0, y: 0, z: 0 };
  readonly #spin = { x: 0, y: 0, z: 0 };

  private constructor(rapier: Rapier, program: ScenarioProgram, world: World, terrain: Collider) {
    const { numProps, numAgents, vehicles } = program;
    const bodies: RigidBody[] = [];
    world.forEachRigidBody((body) => {
      bodies[indexOfHandle(body.handle)] = body;
    });
    this.#world = world;
    this.terrain = terrain;
    this.props = bodies.slice(0, numProps);
    this.#walkers = bodies.slice(numProps, numProps + numAgents);
    this.fleet = vehicles && new Fleet(rapier, world, this.props, vehicles);
  }

  /** @param centresQ16 x y z triples by prop. @param spawns by prop. */
  static build(
    rapier: Rapier,
    program: ScenarioProgram,
    solid: SolidRows,
    centresQ16: Int32Array,
    spawns: readonly Pick<PropSpawn, 'yaw' | 'drift'>[],
  ): RigidWorld {
    const world = new rapier.World({ x: 0, y: -PROP_GRAVITY, z: 0 });
    world.timestep = TICK_SECONDS / SUBSTEPS;
    const shell = shellOf(solid);
    const { Multiply } = rapier.CoefficientCombineRule;
    const surface = (friction: number, restitution: number, desc: InstanceType<Rapier['ColliderDesc']>) =>
      desc.setFriction(friction).setRestitution(restitution).setFrictionCombineRule(Multiply).setRestitutionCombineRule(Multiply);
    const ground = (desc: InstanceType<Rapier['ColliderDesc']>) =>
      world.createCollider(surface(1, 1, desc).setCollisionGroups(TERRAIN_GROUPS));
    const terrain = ground(rapier.ColliderDesc.voxels(cellsOfBits(shell, solid), { x: 1, y: 1, z: 1 }));
    for (const [x, y, z, hx, hy, hz] of enclosure(solid)) ground(rapier.ColliderDesc.cuboid(hx, hy, hz).setTranslation(x, y, z));
    for (let p = 0; p < program.numProps; p++) {
      const body = rapier.RigidBodyDesc.dynamic()
        .setTranslation(centresQ16[3 * p] * METRE, centresQ16[3 * p + 1] * METRE, centresQ16[3 * p + 2] * METRE)
        .setRotation(turned(spawns[p].yaw))
        .setAngularDamping(ANGULAR_DAMPING)
        .setCcdEnabled(true);
      const { drift } = spawns[p];
      if (drift !== undefined) body.setGravityScale(0).setLinvel(drift[0], drift[1], drift[2]);
      if (program.vehicles !== undefined) asChassis(body, program.vehicles, p);
      world.createCollider(propCollider(rapier, program.props, p).setCollisionGroups(PROP_GROUPS), world.createRigidBody(body));
    }
    const half = HALF_WIDTH_Q16 * METRE;
    for (let a = 0; a < program.numAgents; a++) {
      // Disabled until the first tick gives it a place.
      const body = world.createRigidBody(rapier.RigidBodyDesc.kinematicPositionBased().setEnabled(false));
      world.createCollider(
        surface(0, 0, rapier.ColliderDesc.cuboid(half, HALF_HEIGHT_Q16 * METRE, half)).setCollisionGroups(WALKER_GROUPS),
        body,
      );
    }
    const made = new RigidWorld(rapier, program, world, terrain);
    made.#shell = shell;
    addJoints(rapier, world, program.props.joints, made.props);
    return made;
  }

  /** @param solid the cells at the time of the snapshot. @throws ShapeError when the bytes are not those of a world of this program. */
  static restore(rapier: Rapier, program: ScenarioProgram, solid: SolidRows, bytes: Uint8Array): RigidWorld {
    const world = restoreWorld(rapier, bytes);
    const numBodies = program.numProps + program.numAgents + numJointBodies(program.props.joints);
    if (world === null || world.bodies.len() !== numBodies) {
      const got = world === null ? `${bytes.length} bytes that hold none` : `${world.bodies.len()}`;
      world?.free();
      throw new ShapeError(
        'rigid-snapshot',
        `The rigid part of a snapshot of ${program.id} must hold ${numBodies} bodies; got ${got}. It is from another scenario or version, or damaged.`,
      );
    }
    const made = new RigidWorld(rapier, program, world, world.getCollider(0));
    made.#began = { ...solid, rows: solid.rows.slice(solid.base, solid.base + numRows(solid)), base: 0 };
    return made;
  }

  get colliders(): ColliderSet {
    return this.#world.colliders;
  }

  save(): Uint8Array {
    return this.#world.takeSnapshot();
  }

  free(): void {
    this.#world.free();
  }

  /** Brings the terrain collider up to date with a cell whose solidity may have changed, and wakes props near it. */
  editTerrain(solid: SolidRows, x: number, y: number, z: number, reach: (prop: number) => number): void {
    if (this.#update(solid, Math.max(0, x - 2) >> 5, Math.min(solid.sizeX - 1, x + 2) >> 5, y - 2, y + 2, z - 2, z + 2))
      this.#wakeNear(x + 0.5, y + 0.5, z + 0.5, reach);
  }

  /** The same for all cells, after edits that were not listed. */
  rebuildTerrain(solid: SolidRows): void {
    if (this.#update(solid, 0, solid.rowWords - 1, 0, solid.sizeY - 1, 0, solid.sizeZ - 1)) for (const body of this.props) body.wakeUp();
  }

  /** One tick: walkers move from where they stood to where they stand, and props by Rapier's rules. Positions in Q16, `[A]` from index `first`. */
  step(posX: Int32Array, posY: Int32Array, posZ: Int32Array, alive: (a: number) => boolean, first: number): void {
    const from = this.#walkers.map((body) => body.translation());
    for (let a = 0; a < this.#walkers.length; a++) {
      const body = this.#walkers[a];
      const enabled = body.isEnabled();
      if (alive(a) === enabled) continue;
      body.setEnabled(!enabled);
      if (enabled) continue;
      from[a] = { x: posX[first + a] * METRE, y: (posY[first + a] + HALF_HEIGHT_Q16) * METRE, z: posZ[first + a] * METRE };
      body.setTranslation(from[a], false);
    }
    for (let k = 1; k <= SUBSTEPS; k++) {
      for (let a = 0; a < this.#walkers.length; a++) {
        const body = this.#walkers[a];
        if (!body.isEnabled()) continue;
        const { x, y, z } = from[a];
        const toX = posX[first + a] * METRE;
        const toY = (posY[first + a] + HALF_HEIGHT_Q16) * METRE;
        const toZ = posZ[first + a] * METRE;
        const part = k / SUBSTEPS;
        body.setNextKinematicTranslation({ x: x + (toX - x) * part, y: y + (toY - y) * part, z: z + (toZ - z) * part });
      }
      this.fleet?.push(TICK_SECONDS / SUBSTEPS);
      advance(this.#world);
    }
  }

  /** Calls `visit` for what prop p touches: the index of another prop or else -1, the slot of a walker or else -1. */
  eachTouching(p: number, visit: (prop: number, walker: number) => void): void {
    const own = this.props[p].collider(0);
    this.#world.contactPairsWith(own, (other) => {
      // Terrain and the world's sides have no body; those of a restored world say that they have the first one.
      if (other.collisionGroups() === TERRAIN_GROUPS) return;
      let touches = false;
      this.#world.contactPair(own, other, (manifold) => {
        touches ||= manifold.numContacts() > 0;
      });
      const body = other.parent();
      if (!touches || body === null) return;
      const index = indexOfHandle(body.handle);
      if (index < this.props.length) visit(index, -1);
      else visit(-1, index - this.props.length);
    });
  }

  /**
   * Of what Rapier remembers of the contacts of prop p, to begin the next step with: 0 where nothing touches it, else a u32 in which points, impulses and gaps
   * are mixed, the same in whichever order pairs come.
   */
  contactChecksum(p: number): number {
    const own = this.props[p].collider(0);
    let sum = 0;
    let touches = false;
    const point = { x: 0, y: 0, z: 0 };
    this.#world.contactPairsWith(own, (other) => {
      this.#world.contactPair(own, other, (manifold) => {
        for (let k = 0; k < manifold.numContacts(); k++) {
          touches = true;
          let mixed = mix(mix(0x811c9dc5, manifold.contactFid1(k)), manifold.contactFid2(k));
          for (const value of [
            manifold.contactDist(k),
            manifold.contactImpulse(k),
            manifold.contactTangentImpulseX(k),
            manifold.contactTangentImpulseY(k),
          ])
            mixed = mix(mixed, bitsOf(value));
          for (const at of [manifold.localContactPoint1(k, point), manifold.localContactPoint2(k, point)])
            if (at !== null) mixed = mix(mix(mix(mixed, bitsOf(at.x)), bitsOf(at.y)), bitsOf(at.z));
          sum = (sum + mixed) | 0;
        }
      });
    });
    return touches ? Math.max(1, sum >>> 0) : 0;
  }

  /** Writes the pose words of every prop from index `at`; a pose that is no pose is left as it was and noted in `unstable`. */
  quantiseInto(words: Int32Array, at: number, solid: SolidRows): void {
    this.unstable = UNSTABLE.no;
    this.unstableProp = -1;
    for (let p = 0; p < this.props.length; p++, at += PROP_WORDS) {
      const body = this.props[p];
      const place = body.translation(this.#place);
      const turn = body.rotation(this.#turn);
      const v = body.linvel(this.#velocity);
      const spin = body.angvel(this.#spin);
      const reason = reasonOf(
        solid,
        place,
        v,
        place.x + place.y + place.z + turn.x + turn.y + turn.z + turn.w + v.x + v.y + v.z + spin.x + spin.y + spin.z,
      );
      if (reason !== UNSTABLE.no) {
        if (this.unstable === UNSTABLE.no) {
          this.unstable = reason;
          this.unstableProp = p;
        }
        continue;
      }
      words[at + POSE.x] = toWord(place.x, 65536);
      words[at + POSE.y] = toWord(place.y, 65536);
      words[at + POSE.z] = toWord(place.z, 65536);
      words[at + POSE.qx] = toWord(turn.x, 16384);
      words[at + POSE.qy] = toWord(turn.y, 16384);
      words[at + POSE.qz] = toWord(turn.z, 16384);
      words[at + POSE.qw] = toWord(turn.w, 16384);
      words[at + POSE.vx] = toWord(v.x * TICK_SECONDS, 65536);
      words[at + POSE.vy] = toWord(v.y * TICK_SECONDS, 65536);
      words[at + POSE.vz] = toWord(v.z * TICK_SECONDS, 65536);
      words[at + POSE.wx] = toWord(spin.x * TICK_SECONDS, 65536);
      words[at + POSE.wy] = toWord(spin.y * TICK_SECONDS, 65536);
      words[at + POSE.wz] = toWord(spin.z * TICK_SECONDS, 65536);
      words[at + POSE.sleeping] = body.isSleeping() ? 1 : 0;
    }
  }

  /** @returns whether any cell of the collider changed. */
  #update(solid: SolidRows, word0: number, word1: number, y0: number, y1: number, z0: number, z1: number): boolean {
    let changed = false;
    this.#shell ??= shellOf(this.#began!);
    for (let y = Math.max(0, y0); y <= Math.min(solid.sizeY - 1, y1); y++) {
      for (let z = Math.max(0, z0); z <= Math.min(solid.sizeZ - 1, z1); z++) {
        for (let word = word0; word <= word1; word++) {
          const at = (y * solid.sizeZ + z) * solid.rowWords + word;
          const bits = shellWord(solid, y, z, word);
          for (let rest = bits ^ this.#shell[at]; rest !== 0; rest &= rest - 1) {
            const bit = rest & -rest;
            this.terrain.setVoxel((word << 5) + 31 - Math.clz32(bit), y, z, (bits & bit) !== 0);
            changed = true;
          }
          this.#shell[at] = bits;
        }
      }
    }
    return changed;
  }

  #wakeNear(x: number, y: number, z: number, reach: (prop: number) => number): void {
    for (let p = 0; p < this.props.length; p++) {
      const place = this.props[p].translation();
      const far = reach(p) + WAKE_DISTANCE;
      if (Math.abs(place.x - x) <= far && Math.abs(place.y - y) <= far && Math.abs(place.z - z) <= far) this.props[p].wakeUp();
    }
  }
}

/** `World.step` without the look at all bodies that follows it, for those that soft bodies made or tore: here are none, and the look takes a tenth of the step. */
function advance(world: World): void {
  world.physicsPipeline.step(
    world.gravity,
    world.integrationParameters,
    world.islands,
    world.broadPhase,
    world.narrowPhase,
    world.bodies,
    world.colliders,
    world.softBodies,
    world.impulseJoints,
    world.multibodyJoints,
    world.ccdSolver,
  );
}

const BITS = new DataView(new ArrayBuffer(4));

/** Of a value as an f32. */
function bitsOf(value: number): number {
  BITS.setFloat32(0, value);
  return BITS.getInt32(0);
}

/** FNV-1a, a word at a time. */
function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

function numRows({ sizeY, sizeZ, rowWords }: SolidRows): number {
  return sizeY * sizeZ * rowWords;
}

function shellOf(solid: SolidRows): Uint32Array {
  const shell = new Uint32Array(numRows(solid));
  shellInto(shell, solid);
  return shell;
}

/** Centres and half extents of the walls and the floor around the world; the sky is open. */
function enclosure({ sizeX, sizeZ }: SolidRows): [number, number, number, number, number, number][] {
  const half = WALL / 2;
  const x = sizeX / 2;
  const z = sizeZ / 2;
  const height = HIGHEST_PROP / 2 + WALL;
  const y = height - WALL;
  return [
    [-half, y, z, half, height, z + WALL],
    [sizeX + half, y, z, half, height, z + WALL],
    [x, y, -half, x + WALL, height, half],
    [x, y, sizeZ + half, x + WALL, height, half],
    [x, -half, z, x + WALL, half, z + WALL],
  ];
}

function reasonOf(solid: SolidRows, { x, y, z }: Vector, v: Vector, sum: number): number {
  if (!Number.isFinite(sum)) return UNSTABLE.notFinite;
  if (v.x * v.x + v.y * v.y + v.z * v.z > MAX_PROP_SPEED * MAX_PROP_SPEED) return UNSTABLE.tooFast;
  const low = -LOST_MARGIN;
  if (x < low || y < low || z < low || x > solid.sizeX + LOST_MARGIN || z > solid.sizeZ + LOST_MARGIN || y > HIGHEST_PROP)
    return UNSTABLE.outside;
  return UNSTABLE.no;
}

interface Vector {
  x: number;
  y: number;
  z: number;
}

/** Nearest multiple of 1 / scale; values of bodies that are not unstable fit i32, spins are held to it. */
function toWord(value: number, scale: number): number {
  return Math.max(-2147483648, Math.min(2147483647, Math.floor(value * scale + 0.5)));
}

/** Rotation by a yaw: about the y axis, counter-clockwise seen from above. */
function turned(yaw: number): { x: number; y: number; z: number; w: number } {
  const sin = sinQ14(yaw >> 1);
  const cos = cosQ14(yaw >> 1);
  const length = Math.sqrt(sin * sin + cos * cos);
  return { x: 0, y: sin / length, z: 0, w: cos / length };
}

/** A handle is an index and a generation, 32 bits each, read as one f64. */
function indexOfHandle(handle: number): number {
  return new Uint32Array(Float64Array.of(handle).buffer)[0];
}
