/**
 * Quadrotor in space: four rotors, each in units of the force at which it carries a quarter of the weight. State: position, unit quaternion x y z w (body to
 * world), velocity in the world, angular velocity in the body. Position, velocity and angular velocity take a step of explicit Euler; the quaternion is
 * brought to length 1 and then turned by the rotation of w dt, exactly.
 * @source dynobench (Ortiz-Haro, Hoenig), model `quad3d` with motor control; quaternion: Sola, arXiv 1711.02508, (101).
 */
import type { Dynamics } from './dynamics.js';

export interface Quad3dParameters {
  readonly dt: number;
  /** m/s per axis, both ways. */
  readonly speed: number;
  /** rad/s per axis, both ways. */
  readonly turnRate: number;
  /** Of a quarter of the weight, per rotor. */
  readonly maxForce: number;
  /** kg */
  readonly mass: number;
  /** Diagonal, kg m2. */
  readonly inertia: readonly [number, number, number];
  /** From the middle to a rotor, metres. */
  readonly arm: number;
  /** Torque about z per thrust, metres. */
  readonly torquePerThrust: number;
  readonly radius: number;
  /** Of position, attitude, velocity and angular velocity. */
  readonly weights: readonly [number, number, number, number];
}

/** m/s2 */
const GRAVITY = 9.81;
export function createQuad3d(name: string, parameters: Quad3dParameters): Dynamics {
  const { dt, speed, turnRate, maxForce, mass, inertia, arm, torquePerThrust, radius, weights } = parameters;
  const unit = (mass * GRAVITY) / 4;
  // Rotors stand at 45 degrees to the axes.
  const lever = Math.SQRT1_2 * arm;
  const [jx, jy, jz] = inertia;
  const stateHigh = new Float64Array(13).fill(Infinity, 0, 7).fill(speed, 7, 10).fill(turnRate, 10);
  return {
    name,
    dt,
    space: 3,
    stateNames: ['x', 'y', 'z', 'qx', 'qy', 'qz', 'qw', 'vx', 'vy', 'vz', 'wx', 'wy', 'wz'],
    controlNames: ['force1', 'force2', 'force3', 'force4'],
    angles: [],
    quaternion: 3,
    stateLow: stateHigh.map((bound) => -bound),
    stateHigh,
    controlLow: new Float64Array(4),
    controlHigh: new Float64Array(4).fill(maxForce),
    neutral: new Float64Array([1, 1, 1, 1]),
    canRest: true,
    maxSpeed: speed * Math.sqrt(3),
    parts: [{ shape: 'ball', radius }],
    stepInto(out, state, control) {
      const [f1, f2, f3, f4] = control;
      const thrust = unit * (f1 + f2 + f3 + f4);
      const tx = unit * lever * (-f1 - f2 + f3 + f4);
      const ty = unit * lever * (-f1 + f2 + f3 - f4);
      const tz = unit * torquePerThrust * (-f1 + f2 - f3 + f4);
      const scale = 1 / Math.hypot(state[3], state[4], state[5], state[6]);
      const qx = state[3] * scale;
      const qy = state[4] * scale;
      const qz = state[5] * scale;
      const qw = state[6] * scale;
      const [vx, vy, vz, wx, wy, wz] = [state[7], state[8], state[9], state[10], state[11], state[12]];
      out[0] = state[0] + vx * dt;
      out[1] = state[1] + vy * dt;
      out[2] = state[2] + vz * dt;
      // Thrust along the body's z, turned into the world.
      const lift = thrust / mass;
      out[7] = vx + lift * 2 * (qx * qz + qw * qy) * dt;
      out[8] = vy + lift * 2 * (qy * qz - qw * qx) * dt;
      out[9] = vz + (lift * (1 - 2 * (qx * qx + qy * qy)) - GRAVITY) * dt;
      // J w' = (J w) x w + torque.
      out[10] = wx + (((jy - jz) * wy * wz + tx) / jx) * dt;
      out[11] = wy + (((jz - jx) * wz * wx + ty) / jy) * dt;
      out[12] = wz + (((jx - jy) * wx * wy + tz) / jz) * dt;
      const turn = Math.hypot(wx, wy, wz) * dt;
      const sine = turn < 1e-6 ? dt * (0.5 - (turn * turn) / 48) : (Math.sin(turn / 2) / turn) * dt;
      const [dx, dy, dz, dw] = [wx * sine, wy * sine, wz * sine, Math.cos(turn / 2)];
      out[3] = qw * dx + qx * dw + qy * dz - qz * dy;
      out[4] = qw * dy - qx * dz + qy * dw + qz * dx;
      out[5] = qw * dz + qx * dy - qy * dx + qz * dw;
      out[6] = qw * dw - qx * dx - qy * dy - qz * dz;
    },
    distance(a, b) {
      const cosine = Math.min(1, Math.abs(a[3] * b[3] + a[4] * b[4] + a[5] * b[5] + a[6] * b[6]));
      return (
        weights[0] * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) +
        weights[1] * Math.acos(cosine) +
        weights[2] * Math.hypot(a[7] - b[7], a[8] - b[8], a[9] - b[9]) +
        weights[3] * Math.hypot(a[10] - b[10], a[11] - b[11], a[12] - b[12])
      );
    },
    placeInto(out, state) {
      for (let i = 0; i < 7; i++) out[i] = state[i];
    },
  };
}
