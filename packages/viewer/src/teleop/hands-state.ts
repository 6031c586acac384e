/** What a person holds and has pressed, from keys and mouse, as a host takes it. Without a DOM. */
import type { Teleop } from '@kinovox/world';

export type Hands = NonNullable<Teleop['hands']>;

/** What keys hold, by `KeyboardEvent.code`: places on the keyboard, whatever is printed there. */
export const HELD_KEYS = Object.freeze({
  KeyW: 'forward',
  KeyS: 'back',
  KeyA: 'left',
  KeyD: 'right',
  Space: 'jump',
  ShiftLeft: 'sprint',
  ShiftRight: 'sprint',
  KeyC: 'sneak',
  ArrowLeft: 'turnLeft',
  ArrowRight: 'turnRight',
  ArrowUp: 'lookUp',
  ArrowDown: 'lookDown',
  KeyF: 'attack',
} as const);
/** What keys press once. */
export const PRESSED_KEYS = Object.freeze({ KeyE: 'use', KeyQ: 'drop' } as const);
type Held = (typeof HELD_KEYS)[keyof typeof HELD_KEYS];
type Pressed = (typeof PRESSED_KEYS)[keyof typeof PRESSED_KEYS];

/** Of arrow keys, rad/s. */
const TURN_RATE = 2.2;
/** Of a mouse, rad per pixel. */
const MOUSE_RATE = 0.0028;
/** Longest time that arrow keys turn for at once, s: a page that stood still must not spin. */
const MOST_SECONDS = 0.25;

export class HandsState {
  readonly #held = new Set<Held>();
  /** Held keys that were let go before they were told: they count once. */
  readonly #tapped = new Set<Held>();
  readonly #pressed = new Set<Pressed>();
  #turn = 0;
  #look = 0;
  #slot = 0;

  /** @returns whether the key is one of the hands. */
  keyDown(code: string, isRepeat = false): boolean {
    const digit = /^Digit([1-9])$/.exec(code);
    if (digit !== null) this.#slot = Number(digit[1]);
    else if (Object.hasOwn(PRESSED_KEYS, code)) {
      if (!isRepeat) this.#pressed.add(PRESSED_KEYS[code as keyof typeof PRESSED_KEYS]);
    } else if (Object.hasOwn(HELD_KEYS, code)) this.hold(HELD_KEYS[code as keyof typeof HELD_KEYS], true);
    else return false;
    return true;
  }

  keyUp(code: string): void {
    if (Object.hasOwn(HELD_KEYS, code)) this.hold(HELD_KEYS[code as keyof typeof HELD_KEYS], false);
  }

  hold(what: Held, on: boolean): void {
    if (on) {
      this.#held.add(what);
      this.#tapped.add(what);
    } else this.#held.delete(what);
  }

  press(what: Pressed): void {
    this.#pressed.add(what);
  }

  /** A mouse that moved so many pixels. */
  mouse(right: number, down: number): void {
    this.#turn -= right * MOUSE_RATE;
    this.#look -= down * MOUSE_RATE;
  }

  /** Lets go of everything. */
  release(): void {
    this.#held.clear();
    this.#tapped.clear();
    this.#pressed.clear();
    this.#turn = 0;
    this.#look = 0;
    this.#slot = 0;
  }

  /** What is to be told now; presses, taps and angles are told once. @param seconds since the last time. */
  take(seconds: number): Hands {
    const is = (what: Held) => this.#held.has(what) || this.#tapped.has(what);
    const both = (plus: Held, minus: Held) => Number(is(plus)) - Number(is(minus));
    const angle = TURN_RATE * Math.min(seconds, MOST_SECONDS);
    const hands: Hands = {
      forward: both('forward', 'back'),
      strafe: both('right', 'left'),
      jump: is('jump'),
      sprint: is('sprint'),
      sneak: is('sneak'),
      turn: clampAngle(this.#turn + angle * both('turnLeft', 'turnRight')),
      look: clampAngle(this.#look + angle * both('lookUp', 'lookDown')),
      attack: is('attack'),
      use: this.#pressed.has('use'),
      drop: this.#pressed.has('drop'),
      slot: this.#slot,
    };
    this.#tapped.clear();
    this.#pressed.clear();
    this.#turn = 0;
    this.#look = 0;
    this.#slot = 0;
    return hands;
  }
}

function clampAngle(angle: number): number {
  return Math.min(Math.PI, Math.max(-Math.PI, angle));
}
