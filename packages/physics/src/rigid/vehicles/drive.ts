/**
 * What moves a vehicle: a drive reads the stick and what the vehicle was, pushes its chassis in each Rapier step, and writes what it then is.
 * A drive keeps nothing from one tick to the next but in the state field `vehicle`, so that a restored world gets a fresh one and continues exactly.
 */
import type { RigidBody, World } from '@dimforge/rapier3d';
import { ACTION_WORD, ACTION_WORDS } from '@kinovox/world';
import type { Rapier } from '../rapier.js';

/** The stick, each -1..1; the brake 0..1. */
export interface Stick {
  forward: number;
  /** Positive to the right. */
  strafe: number;
  /** Positive to the left, as yaw. */
  turn: number;
  /** Positive up. */
  climb: number;
  brake: number;
  /** Nobody is at the stick: wheels brake, rotors stop. */
  off: boolean;
}

export interface Drive {
  /** Start of a tick, from the vehicle's words at index `at`. */
  begin(stick: Stick, words: Int32Array, at: number): void;
  /** Before a Rapier step of `seconds`. */
  push(seconds: number): void;
  /** End of a tick of `seconds`: writes the words. */
  end(words: Int32Array, at: number, seconds: number): void;
}

/** What a drive is made for. */
export interface DriveHost {
  rapier: Rapier;
  world: World;
  chassis: RigidBody;
}

export const NO_HAND: Stick = { forward: 0, strafe: 0, turn: 0, climb: 0, brake: 1, off: true };

/** The turn of one tick, in Q16 rad, that is a stick at its end: the step of the discrete profile. */
const FULL_TURN_Q16 = Math.floor((Math.PI / 12) * 65536);

/** The stick that agent i's action means. Its words are integers within their ranges, so there is no NaN here. */
export function stickOf(actionWords: Int32Array, i: number): Stick {
  const at = i * ACTION_WORDS;
  const word = (name: keyof typeof ACTION_WORD) => actionWords[at + ACTION_WORD[name]];
  const turn = clampUnit(word('turn') / FULL_TURN_Q16);
  const climb = clampUnit((word('jump') === 0 ? 0 : 1) - (word('sneak') === 0 ? 0 : 1) + word('look') / FULL_TURN_Q16);
  return { forward: word('forward') / 4096, strafe: word('strafe') / 4096, turn, climb, brake: word('sneak') === 0 ? 0 : 1, off: false };
}

export function clampUnit(value: number): number {
  return clamp(value, 1);
}

export function clamp(value: number, most: number): number {
  return value < -most ? -most : value > most ? most : value;
}

/** Nearest integer word, held to i32. */
export function toWord(value: number): number {
  return Math.max(-2147483648, Math.min(2147483647, Math.floor(value + 0.5)));
}
