/**
 * Joints of props. Made when an episode begins, from where the props then are, so every joint fits; part of Rapier's bytes from then on.
 * What a walker must know of them is computed from pose and program alone: how a prop that is tied to the world yields to a push.
 * Floats are f64 sums, products, quotients and roots, the same on every platform.
 */
import type { RigidBody, UnitImpulseJoint, World } from '@dimforge/rapier3d';
import type { PropJoint } from '../program.js';
import type { Rapier } from './rapier.js';

export interface Vector {
  x: number;
  y: number;
  z: number;
}
export interface Turn extends Vector {
  w: number;
}

/** Strength of the motor that stands for dry friction, up to its largest force: high enough to hold what rests, N m s/rad or N s/m. */
const FRICTION_GRIP = 1e5;

/** Bodies that joints need beside the props: one for the world, if a prop is tied to it. */
export function numJointBodies(joints: readonly PropJoint[]): number {
  return joints.some(({ other }) => other < 0) ? 1 : 0;
}

/** Makes the joints of a world whose props stand at their start. After all other bodies: a body for the world comes last. */
export function addJoints(rapier: Rapier, world: World, joints: readonly PropJoint[], props: readonly RigidBody[]): void {
  if (joints.length === 0) return;
  const ground = numJointBodies(joints) === 0 ? undefined : world.createRigidBody(rapier.RigidBodyDesc.fixed());
  for (const { kind, prop, other, anchor, axis, limits, damping, friction } of joints) {
    const own = props[prop];
    const base = other < 0 ? ground! : props[other];
    const { JointData } = rapier;
    const data = kind === 'hinge' ? JointData.revolute(anchor, anchor, axis) : JointData.prismatic(anchor, anchor, axis);
    const joint = world.createImpulseJoint(data, base, own, true) as UnitImpulseJoint;
    // Frames whose x axes lie along the joint's, equal in the world at the start: angle and way count from there.
    const frame = turnToward(turned(own.rotation(), axis));
    const place = placed(own, anchor);
    const back = conjugate(base.rotation());
    const origin = base.translation();
    joint.setLocalFrame1(turned(back, { x: place.x - origin.x, y: place.y - origin.y, z: place.z - origin.z }), product(back, frame));
    joint.setLocalFrame2(anchor, product(conjugate(own.rotation()), frame));
    joint.setContactsEnabled(false);
    if (limits !== undefined) joint.setLimits(limits[0], limits[1]);
    if (damping === 0 && friction === 0) continue;
    joint.configureMotorModel(rapier.MotorModel.ForceBased);
    joint.configureMotorVelocity(0, friction > 0 ? FRICTION_GRIP : damping);
    if (friction > 0) joint.setMotorMaxForce(friction);
  }
}

/** How far a prop with one freedom gives way at a point: its freedom moves the point by `lever` along the push, against `1 / inverseInertia`. */
export interface Yield {
  lever: number;
  inverseInertia: number;
}

/**
 * Of a prop tied to the world, whose joint leaves it one freedom: a push of 1 N s along the level unit vector (nx, nz) at `point` changes the speed of
 * that point along the push by lever^2 * inverseInertia. A hinge turns about its axis with I = a . I_c a + m |a x r|^2 (parallel axis theorem); a slider
 * moves with its mass.
 */
export function yieldOf({ kind, anchor, axis }: PropJoint, body: RigidBody, point: Vector, nx: number, nz: number): Yield {
  const a = turned(body.rotation(), axis);
  if (kind === 'slider') return { lever: a.x * nx + a.z * nz, inverseInertia: body.invMass() };
  const pivot = placed(body, anchor);
  const r = { x: point.x - pivot.x, y: point.y - pivot.y, z: point.z - pivot.z };
  const arm = cross(r, { x: nx, y: 0, z: nz });
  const centre = body.worldCom();
  const offset = cross(a, { x: centre.x - pivot.x, y: centre.y - pivot.y, z: centre.z - pivot.z });
  const [xx, xy, xz, yy, yz, zz] = body.effectiveAngularInertia().elements;
  const own = xx * a.x * a.x + yy * a.y * a.y + zz * a.z * a.z + 2 * (xy * a.x * a.y + xz * a.x * a.z + yz * a.y * a.z);
  return { lever: dot(a, arm), inverseInertia: 1 / (own + body.mass() * dot(offset, offset)) };
}

/** Where a point of a body's frame is. */
function placed(body: RigidBody, point: Vector): Vector {
  const { x, y, z } = body.translation();
  const way = turned(body.rotation(), point);
  return { x: x + way.x, y: y + way.y, z: z + way.z };
}

/** `v` turned by a unit quaternion: v + 2 w (q x v) + 2 q x (q x v). */
function turned(q: Turn, v: Vector): Vector {
  const t = cross(q, v);
  const u = cross(q, t);
  return { x: v.x + 2 * (q.w * t.x + u.x), y: v.y + 2 * (q.w * t.y + u.y), z: v.z + 2 * (q.w * t.z + u.z) };
}

/** The shortest turn that takes the x axis to a unit vector. */
function turnToward({ x, y, z }: Vector): Turn {
  if (x < -0.999999) return { x: 0, y: 0, z: 1, w: 0 };
  const length = Math.sqrt(2 * (1 + x));
  return { x: 0, y: -z / length, z: y / length, w: length / 2 };
}

function product(p: Turn, q: Turn): Turn {
  return {
    x: p.w * q.x + p.x * q.w + p.y * q.z - p.z * q.y,
    y: p.w * q.y - p.x * q.z + p.y * q.w + p.z * q.x,
    z: p.w * q.z + p.x * q.y - p.y * q.x + p.z * q.w,
    w: p.w * q.w - p.x * q.x - p.y * q.y - p.z * q.z,
  };
}

function conjugate({ x, y, z, w }: Turn): Turn {
  return { x: -x, y: -y, z: -z, w };
}

function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

function dot(a: Vector, b: Vector): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
