/**
 * The controls of a walker: a wanted displacement becomes keys, a point to look at becomes turns. Writes one row of ACTION_SPEC columns.
 * Walking is independent of the heading: forward and strafe are components of the wanted acceleration, so the view may be elsewhere.
 */
import { ACTION_WORD, cosQ14, INTERACT, sinQ14, toAngle } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { pitchTo, wrapAngle, yawTo } from '../geometry/heading.js';
import { AIR_ACCELERATION, AIR_SPRINT_ACCELERATION, GROUND_ACCELERATION, INPUT, SPRINT_FACTOR } from '../navigation/flight.js';

const EYE = 1.62;
const EYE_SNEAKING = 1.27;
/** Sneaking leaves this share of the input. */
const SNEAK = 0.3;
/** How fast the view turns while walking and while aiming, rad/tick. */
const WALKING_TURN = 0.45;
const AIMING_TURN = 0.9;
/** Shortest motion that turns the view, metres per tick. */
const TURNS_FROM = 0.03;
const LIQUID_ACCELERATION = 0.02;

export class Controls {
  readonly view: AgentView;
  readonly #out: Float32Array;
  /** Factor on the body's walking and sprinting speed. */
  readonly speedScale: number;

  constructor(view: AgentView, out: Float32Array) {
    this.view = view;
    this.#out = out;
    const { body } = view.roster[view.slot];
    this.speedScale = body.type === 'walker' ? body.speedScale : 1;
  }

  /** The row that it writes, for bodies and plans with controls of their own. */
  get row(): Float32Array {
    return this.#out;
  }

  jump(): void {
    this.#out[ACTION_WORD.jump] = 1;
  }

  sneak(): void {
    this.#out[ACTION_WORD.sneak] = 1;
  }

  sprint(): void {
    this.#out[ACTION_WORD.sprint] = 1;
  }

  say(symbol: number): void {
    this.#out[ACTION_WORD.message] = symbol + 1;
  }

  /** Moves so that this tick's displacement comes as near to (dx, dz) as acceleration allows, and looks that way when `turn`. */
  displace(dx: number, dz: number, turn = true): void {
    const { view } = this;
    if (turn && dx * dx + dz * dz > TURNS_FROM * TURNS_FROM) this.turnTo(yawTo(dx, dz), WALKING_TURN);
    this.accelerate(dx - view.vx(), dz - view.vz());
  }

  /** Presses forward and strafe for an acceleration (ax, az), metres per tick each tick; cut to what the body can do. */
  accelerate(ax: number, az: number): void {
    const out = this.#out;
    const limit = this.#limit() * this.speedScale;
    const length = Math.sqrt(ax * ax + az * az);
    if (length < 1e-4) return;
    const keys = Math.min(1, length / limit) / length;
    // The heading of this tick: turned before the keys act.
    const angle = toAngle(wrapAngle(this.view.yaw() + out[ACTION_WORD.turn]));
    const sin = sinQ14(angle) / 16384;
    const cos = cosQ14(angle) / 16384;
    out[ACTION_WORD.forward] = clampUnit((-sin * ax - cos * az) * keys);
    out[ACTION_WORD.strafe] = clampUnit((cos * ax - sin * az) * keys);
  }

  /** Turns towards a yaw by at most `most`; returns what is left, radians. */
  turnTo(yaw: number, most: number): number {
    const error = wrapAngle(yaw - this.view.yaw());
    const turn = Math.max(-most, Math.min(most, error));
    this.#out[ACTION_WORD.turn] = turn;
    return error - turn;
  }

  /** Looks at a point; true when the view is on it in this tick. Call after `sneak`, which lowers the eye. */
  lookAt(x: number, y: number, z: number): boolean {
    const { view } = this;
    const dx = x - view.x();
    const dz = z - view.z();
    const level = Math.sqrt(dx * dx + dz * dz);
    const eye = view.y() + (this.#out[ACTION_WORD.sneak] > 0 ? EYE_SNEAKING : EYE);
    const left = level < 0.02 ? 0 : this.turnTo(yawTo(dx, dz), AIMING_TURN);
    const error = pitchTo(level, y - eye) - view.pitch;
    const look = Math.max(-AIMING_TURN, Math.min(AIMING_TURN, error));
    this.#out[ACTION_WORD.look] = look;
    return Math.abs(left) < 0.01 && Math.abs(error - look) < 0.01;
  }

  /** Looks straight down; true when the view is there in this tick. */
  lookDown(): boolean {
    const error = -Math.PI / 2 - this.view.pitch;
    const look = Math.max(-AIMING_TURN, error);
    this.#out[ACTION_WORD.look] = look;
    return error - look > -0.01;
  }

  /** Brings the view to a pitch, quickly. */
  pitchTo(pitch: number): void {
    this.#out[ACTION_WORD.look] = Math.max(-0.3, Math.min(0.3, pitch - this.view.pitch));
  }

  /** Brings the view back to level, slowly. */
  levelView(): void {
    if (this.#out[ACTION_WORD.look] === 0) this.#out[ACTION_WORD.look] = Math.max(-0.2, Math.min(0.2, -this.view.pitch));
  }

  dig(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.dig;
  }

  use(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.use;
  }

  attack(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.attack;
  }

  eat(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.eat;
  }

  /** Lays one of what is held on the ground. */
  drop(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.drop;
  }

  sleep(): void {
    this.#out[ACTION_WORD.interact] = INTERACT.sleep;
  }

  /** Hands one of what is held to whom the view meets; a trader takes it for its offer of that number, from 0. */
  give(offer = -1): void {
    this.#out[ACTION_WORD.interact] = INTERACT.give;
    this.#out[ACTION_WORD.argument] = offer + 1;
  }

  /** Works on a recipe, by its place in the scenario's list, from 0. */
  craft(recipe: number): void {
    this.#out[ACTION_WORD.interact] = INTERACT.craft;
    this.#out[ACTION_WORD.argument] = recipe + 1;
  }

  /** Takes an inventory slot in hand, from this tick on; the last call counts. */
  hold(inventorySlot: number): void {
    this.#out[ACTION_WORD.slot] = this.view.heldSlot === inventorySlot ? 0 : inventorySlot + 1;
  }

  /** Places from an inventory slot; selecting it takes effect in the same tick. */
  place(inventorySlot: number): void {
    this.hold(inventorySlot);
    this.#out[ACTION_WORD.interact] = INTERACT.place;
  }

  /** Most that one tick of full input adds to the velocity, metres per tick. */
  #limit(): number {
    const { view } = this;
    const sprint = this.#out[ACTION_WORD.sprint] > 0;
    if (view.inWater) return LIQUID_ACCELERATION * INPUT;
    const base = view.onGround ? GROUND_ACCELERATION * (sprint ? SPRINT_FACTOR : 1) : sprint ? AIR_SPRINT_ACCELERATION : AIR_ACCELERATION;
    return base * INPUT * (this.#out[ACTION_WORD.sneak] > 0 ? SNEAK : 1);
  }
}

/** The table of sines is a little longer than one here and there. */
function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
