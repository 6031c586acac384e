/**
 * The differential rover: a motor at the wheel on either side, castors in front and behind.
 * Stick: forward is the speed of both wheels, turn (left) and strafe (right) their difference; sneak brakes. Without a stick the motors hold the wheels still.
 * Both wheel speeds are cut by the same factor where one would exceed the motor's, so that the circle stays the one asked for.
 */
import type { RoverBody } from '@kinovox/world';
import { clamp, clampUnit, type Drive, type DriveHost, type Stick } from './drive.js';
import { type WheelSetup, Wheels } from './wheels.js';

const RADIAN = Math.PI / 180;
const LEFT = 0;
const RIGHT = 1;
/** Share of a speed error that a motor takes back in one Rapier step, as far as its force reaches: below 1, or it would overshoot. */
export const GAIN = 0.3;
/** How far in front and behind the castors are, as a share of half the length. */
export const CASTORS = 0.85;

export function roverWheels(rover: RoverBody): WheelSetup {
  const x = rover.track / 2;
  const z = (CASTORS * rover.size[2]) / 2;
  const places = [
    { x: -x, z: 0 },
    { x, z: 0 },
    { x: 0, z: -z },
    { x: 0, z },
  ];
  return { ...rover, places, holdsSideways: [true, true, false, false] };
}

export class RoverDrive implements Drive {
  readonly #rover: RoverBody;
  readonly #wheels: Wheels;
  /** Speeds asked of the wheels, m/s. */
  #left = 0;
  #right = 0;

  constructor(host: DriveHost, rover: RoverBody) {
    this.#rover = rover;
    this.#wheels = new Wheels(host, roverWheels(rover));
  }

  begin({ forward, strafe, turn, brake }: Stick): void {
    const { maxSpeed, maxTurnRateDeg, track } = this.#rover;
    const ahead = brake > 0 ? 0 : forward * maxSpeed;
    const aside = brake > 0 ? 0 : (clampUnit(turn - strafe) * maxTurnRateDeg * RADIAN * track) / 2;
    const fastest = Math.abs(ahead) + Math.abs(aside);
    const cut = fastest > maxSpeed ? maxSpeed / fastest : 1;
    this.#left = (ahead - aside) * cut;
    this.#right = (ahead + aside) * cut;
  }

  push(seconds: number): void {
    this.#motor(LEFT, this.#left, seconds);
    this.#motor(RIGHT, this.#right, seconds);
    this.#wheels.push(seconds);
  }

  end(words: Int32Array, at: number, seconds: number): void {
    this.#wheels.end(
      words,
      at,
      [this.#wheels.speedAt(0), this.#wheels.speedAt(1), this.#wheels.speedAt(2), this.#wheels.speedAt(3)],
      seconds,
    );
  }

  #motor(k: number, speed: number, seconds: number): void {
    const { massKg, motorForce } = this.#rover;
    const wanted = (GAIN * massKg * (speed - this.#wheels.speedAt(k))) / (2 * seconds);
    this.#wheels.drive(k, clamp(wanted, motorForce), 0, 1 / 4, seconds);
  }
}
