/**
 * Driving and flying to a box of cells: straight there where the ground around it is open, else in through the side that is, after lining up before it.
 * It knows voxels and its own vehicle, no ways around obstacles: courses that need a planner are beyond it.
 * Car: pursuit of the aim by steering, with a speed that its brakes can take back. Rover: turn, then go. Quadcopter: wanted velocity to tilt and climb.
 */
import { ACTION_WORD, type QuadcopterBody, type Vehicle } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { wrapAngle, yawTo } from '../geometry/heading.js';
import type { Box } from '../navigation/ground.js';

/** A stick at its end, rad/tick. */
const FULL_TURN = Math.PI / 12;
/** Cells before an opening in which a vehicle lines up, and the fewest that make a side open. */
const MOST_RUN = 7;
const LEAST_RUN = 2;
/** Off the line through an opening by at most so much it goes in, metres. */
const IN_LINE = 0.3;
/** And off its direction, radians: what has a nose must point it there. */
const IN_DIRECTION = 0.25;
/** How far behind an opening it may turn, metres: its own length. */
const CLEAR = 0.9;
const GRAVITY = 9.8;
const SECOND = 20;

export interface Aim {
  x: number;
  y: number;
  z: number;
  /** The last point of the way: where it comes to rest. */
  last: boolean;
}

export class Pilot {
  readonly #view: AgentView;
  readonly #body: Vehicle;
  /** The box that it lines up for, and the direction out of the side by which it goes in, once it does. */
  #key = '';
  #entry: { ux: number; uz: number } | undefined;
  /** Behind the opening that it went through last: it turns only once it is out. */
  #exit: { x: number; z: number; ux: number; uz: number } | undefined;

  constructor(view: AgentView, body: Vehicle) {
    this.#view = view;
    this.#body = body;
  }

  reset(): void {
    this.#key = '';
    this.#entry = undefined;
    this.#exit = undefined;
  }

  /** Keeps still: brakes on; a copter hovers without a hand. */
  stay(out: Float32Array): void {
    if (this.#body.vehicle !== 'quadcopter') out[ACTION_WORD.sneak] = 1;
  }

  go(out: Float32Array, box: Box): void {
    this.steer(out, this.#aim(box));
  }

  /** Straight towards a point, whatever is in between. */
  steer(out: Float32Array, aim: Aim): void {
    if (this.#body.vehicle === 'quadcopter') this.#fly(out, aim, this.#body);
    else if (this.#body.vehicle === 'rover') this.#roll(out, aim);
    else this.#drive(out, aim);
  }

  /** Where to go now: the middle of the box, or the place before its open side. */
  #aim(box: Box): Aim {
    const view = this.#view;
    const key = box.join();
    if (key !== this.#key) {
      this.#key = key;
      this.#entry = undefined;
    }
    const exit = this.#exit;
    if (exit !== undefined) {
      // Its sides stand beside the tail until it has passed them.
      if ((view.x() - exit.x) * exit.ux + (view.z() - exit.z) * exit.uz > 0)
        return { x: exit.x - exit.ux, y: view.y(), z: exit.z - exit.uz, last: false };
      this.#exit = undefined;
    }
    const [x, y, z] = [(box[0] + box[3] + 1) / 2, (box[1] + box[4] + 1) / 2, (box[2] + box[5] + 1) / 2];
    const middle = { x, y, z, last: true };
    if (this.#entry !== undefined) {
      const { ux, uz } = this.#entry;
      // Along the line through the opening, a little ahead on it.
      const ahead = (view.x() - x) * ux + (view.z() - z) * uz - this.#lookAhead();
      return ahead <= 0 ? middle : { x: x + ux * ahead, y, z: z + uz * ahead, last: false };
    }
    const sides = SIDES.map(([ux, uz]) => ({ ux, uz, run: this.#run(box, ux, uz) }));
    if (sides.every(({ run }) => run >= LEAST_RUN)) return middle;
    let best: { aim: Aim; ux: number; uz: number; square: number } | undefined;
    for (const { ux, uz, run } of sides) {
      if (run < LEAST_RUN) continue;
      const out = (ux === 0 ? box[5] - box[2] + 1 : box[3] - box[0] + 1) / 2 + Math.min(run, this.#lineUp()) - 0.5;
      const aim = { x: x + ux * out, y, z: z + uz * out, last: false };
      const square = (aim.x - view.x()) ** 2 + (aim.z - view.z()) ** 2;
      if (best === undefined || square < best.square) best = { aim, ux, uz, square };
    }
    if (best === undefined) return middle;
    const { ux, uz } = best;
    const aside = Math.abs((view.x() - x) * uz - (view.z() - z) * ux);
    const ahead = (view.x() - x) * ux + (view.z() - z) * uz;
    const points =
      this.#body.vehicle === 'quadcopter'
        ? Math.abs(view.y() - y) < IN_LINE
        : Math.abs(wrapAngle(yawTo(-ux, -uz) - view.yaw())) < IN_DIRECTION;
    if (aside < IN_LINE && ahead > 0 && (points || best.square < 0.25)) {
      this.#entry = { ux, uz };
      const half = (ux === 0 ? box[5] - box[2] + 1 : box[3] - box[0] + 1) / 2;
      if (this.#run(box, -ux, -uz) >= LEAST_RUN) this.#exit = { x: x - ux * (half + CLEAR), z: z - uz * (half + CLEAR), ux, uz };
      return middle;
    }
    return best.aim;
  }

  /** How far before an opening it lines up, metres: what has a turning circle needs more. */
  #lineUp(): number {
    return this.#body.vehicle === 'car' ? MOST_RUN : 2.5;
  }

  /** How far ahead on a line it aims, metres. */
  #lookAhead(): number {
    return this.#body.vehicle === 'car' ? 2.5 : 1;
  }

  /** Free cells from the middle of a box's side outwards. */
  #run(box: Box, ux: number, uz: number): number {
    const x = Math.floor((box[0] + box[3] + 1) / 2);
    const y = Math.floor((box[1] + box[4]) / 2);
    const z = Math.floor((box[2] + box[5] + 1) / 2);
    let [cx, cz] = [ux > 0 ? box[3] : ux < 0 ? box[0] : x, uz > 0 ? box[5] : uz < 0 ? box[2] : z];
    for (let run = 0; run < MOST_RUN; run++) {
      cx += ux;
      cz += uz;
      if (this.#view.solidAt(cx, y, cz) || this.#propAt(cx, y, cz)) return run;
    }
    return MOST_RUN;
  }

  /** Whether a prop, as if unturned, reaches into a cell. */
  #propAt(x: number, y: number, z: number): boolean {
    const view = this.#view;
    for (let p = 0; p < view.numProps; p++) {
      const prop = view.prop(p);
      const [hx, hy, hz] = view.propHalf(p);
      if (Math.abs(prop.x - x - 0.5) < hx + 0.5 && Math.abs(prop.y - y - 0.5) < hy + 0.5 && Math.abs(prop.z - z - 0.5) < hz + 0.5)
        return true;
    }
    return false;
  }

  #roll(out: Float32Array, aim: Aim): void {
    const { error, distance } = this.#to(aim);
    out[ACTION_WORD.turn] = clamp(0.6 * error, FULL_TURN);
    if (Math.abs(error) < 0.7) out[ACTION_WORD.forward] = Math.min(1, (aim.last ? 0.9 : 1.2) * distance, 1.3 - Math.abs(error));
    if (aim.last && distance < 0.25) this.stay(out);
  }

  #drive(out: Float32Array, aim: Aim): void {
    const view = this.#view;
    const { error, distance } = this.#to(aim);
    const speed = SECOND * (-Math.sin(view.yaw()) * view.vx() - Math.cos(view.yaw()) * view.vz());
    if (aim.last && distance < 0.35) {
      this.stay(out);
      return;
    }
    // What lies inside the turning circle is left behind first, in reverse.
    const isBehind = Math.abs(error) > 1.2 && distance < 6;
    const steer = clamp(isBehind ? -error : 1.6 * error, 1);
    const most = Math.max(0.8, Math.min(4, Math.sqrt(2 * distance), 4 - 2.2 * Math.abs(error)));
    const wanted = isBehind ? -1.5 : most;
    out[ACTION_WORD.turn] = steer * FULL_TURN;
    out[ACTION_WORD.forward] = clamp(0.5 * (wanted - speed), 1);
  }

  #fly(out: Float32Array, aim: Aim, body: QuadcopterBody): void {
    const view = this.#view;
    const [dx, dy, dz] = [aim.x - view.x(), aim.y - view.y(), aim.z - view.z()];
    const level = Math.sqrt(dx * dx + dz * dz);
    const speed = Math.min(2.5, 1.1 * level);
    const share = level < 1e-6 ? 0 : speed / level;
    const ax = 1.6 * (dx * share - SECOND * view.vx());
    const az = 1.6 * (dz * share - SECOND * view.vz());
    const [sin, cos] = [Math.sin(view.yaw()), Math.cos(view.yaw())];
    const slope = GRAVITY * Math.tan((body.maxTiltDeg * Math.PI) / 180);
    out[ACTION_WORD.forward] = clamp((-sin * ax - cos * az) / slope, 1);
    out[ACTION_WORD.strafe] = clamp((cos * ax - sin * az) / slope, 1);
    out[ACTION_WORD.look] = clamp((1.5 * dy) / body.maxClimb, 1) * FULL_TURN;
  }

  /** Angle from the nose to the aim, positive to the left, and how far it is. */
  #to({ x, z }: Aim): { error: number; distance: number } {
    const view = this.#view;
    const [dx, dz] = [x - view.x(), z - view.z()];
    return { error: wrapAngle(yawTo(dx, dz) - view.yaw()), distance: Math.sqrt(dx * dx + dz * dz) };
  }
}

const SIDES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
