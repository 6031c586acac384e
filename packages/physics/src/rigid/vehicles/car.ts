/**
 * The car: front wheels steer at a bounded rate, all four drive and brake.
 * Stick: forward is the throttle, backward the brake while it rolls ahead and reverse gear from rest; turn (left) and strafe (right) steer; sneak brakes.
 */
import { type CarBody, cosQ14, sinQ14, toAngle, VEHICLE_WORD } from '@kinovox/world';
import { clampUnit, type Drive, type DriveHost, type Stick, toWord } from './drive.js';
import { type WheelSetup, Wheels } from './wheels.js';

const RADIAN = Math.PI / 180;
/** Slower than this, m/s, a car stands, for the gear that is in. */
const STANDS = 0.3;
/** Share of the top speed over which the engine's force fades to none. */
const FADE = 0.1;
/** Share of the top speed that reverse gear has. */
const REVERSE = 0.5;
const WHEELS = 4;
const FRONT = 2;

export function carWheels(car: CarBody): WheelSetup {
  const x = car.track / 2;
  const z = car.wheelbase / 2;
  const places = [
    { x: -x, z: -z },
    { x, z: -z },
    { x: -x, z },
    { x, z },
  ];
  return { ...car, places, holdsSideways: [true, true, true, true] };
}

export class CarDrive implements Drive {
  readonly #car: CarBody;
  readonly #wheels: Wheels;
  #stick: Stick | undefined;
  /** Steering angle, radians. */
  #steer = 0;

  constructor(host: DriveHost, car: CarBody) {
    this.#car = car;
    this.#wheels = new Wheels(host, carWheels(car));
  }

  begin(stick: Stick, words: Int32Array, at: number): void {
    this.#stick = stick;
    this.#steer = words[at + VEHICLE_WORD.steer] / 65536;
  }

  push(seconds: number): void {
    const { maxSteerDeg, steerRateDeg, engineForce, brakeForce, maxSpeed } = this.#car;
    const { forward, strafe, turn, brake } = this.#stick!;
    const goal = clampUnit(turn - strafe) * maxSteerDeg * RADIAN;
    const most = steerRateDeg * RADIAN * seconds;
    this.#steer += Math.max(-most, Math.min(most, goal - this.#steer));
    const speed = this.#speed();
    let force = 0;
    let braking = brake * brakeForce;
    if (brake === 0) {
      const opposes = forward > 0 ? speed < -STANDS : speed > STANDS;
      if (opposes) braking = Math.abs(forward) * brakeForce;
      else {
        const top = forward > 0 ? maxSpeed : REVERSE * maxSpeed;
        const left = (top - Math.abs(speed)) / (FADE * top);
        force = forward * engineForce * Math.max(0, Math.min(1, left));
      }
    }
    for (let k = 0; k < WHEELS; k++) {
      if (k < FRONT) this.#wheels.steer(k, this.#steer);
      this.#wheels.drive(k, force / WHEELS, braking / WHEELS, 1 / WHEELS, seconds);
    }
    this.#wheels.push(seconds);
  }

  end(words: Int32Array, at: number, seconds: number): void {
    words[at + VEHICLE_WORD.steer] = toWord(this.#steer * 65536);
    const angle = toAngle(this.#steer);
    const sin = sinQ14(angle) / 16384;
    const cos = cosQ14(angle) / 16384;
    const speeds = Array.from({ length: WHEELS }, (_, k) => (k < FRONT ? this.#wheels.speedAt(k, sin, cos) : this.#wheels.speedAt(k)));
    this.#wheels.end(words, at, speeds, seconds);
  }

  /** Speed ahead between the rear wheels, m/s. */
  #speed(): number {
    return (this.#wheels.speedAt(2) + this.#wheels.speedAt(3)) / 2;
  }
}
