/**
 * What an agent decides each tick: `[B, A, F]` f32, row-major, F = ACTION_SPEC.length. Decoded once into i32 words (`ACTION_WORD`).
 * Values outside a range are clamped; NaN and infinities become the neutral value and are counted.
 */

export interface ActionField {
  name: string;
  /** `axis` is continuous, `button` is pressed at >= 0.5, `choice` is rounded to an integer. */
  kind: 'axis' | 'button' | 'choice';
  min: number;
  max: number;
  neutral: number;
  /** The word is `value * 2^bits`, rounded. */
  bits: number;
  unit: string;
  description: string;
}

const PI = Math.PI;

export const ACTION_SPEC = [
  {
    name: 'forward',
    kind: 'axis',
    min: -1,
    max: 1,
    neutral: 0,
    bits: 12,
    unit: '1',
    description: 'Walk along the heading; negative is backwards.',
  },
  {
    name: 'strafe',
    kind: 'axis',
    min: -1,
    max: 1,
    neutral: 0,
    bits: 12,
    unit: '1',
    description: 'Walk sideways; positive is to the right.',
  },
  {
    name: 'jump',
    kind: 'button',
    min: 0,
    max: 1,
    neutral: 0,
    bits: 0,
    unit: '',
    description: 'Jump from the ground; rise in water; climb a ladder.',
  },
  { name: 'sprint', kind: 'button', min: 0, max: 1, neutral: 0, bits: 0, unit: '', description: 'Move 1.3 times as fast.' },
  {
    name: 'sneak',
    kind: 'button',
    min: 0,
    max: 1,
    neutral: 0,
    bits: 0,
    unit: '',
    description: 'Move at 0.3 of the speed and do not fall off edges.',
  },
  {
    name: 'turn',
    kind: 'axis',
    min: -PI,
    max: PI,
    neutral: 0,
    bits: 16,
    unit: 'rad/tick',
    description: 'Change of yaw in this tick, positive counter-clockwise.',
  },
  {
    name: 'look',
    kind: 'axis',
    min: -PI,
    max: PI,
    neutral: 0,
    bits: 16,
    unit: 'rad/tick',
    description: 'Change of pitch in this tick, positive up.',
  },
  {
    name: 'interact',
    kind: 'choice',
    min: 0,
    max: 9,
    neutral: 0,
    bits: 0,
    unit: 'INTERACT',
    description:
      '0 nothing, 1 dig, 2 place the held block, 3 use the block looked at; with survival also 4 attack, 5 eat, 6 drop, 7 craft, 8 give, 9 sleep; with carrying 3 picks a prop up and puts it down, 4 throws it.',
  },
  {
    name: 'slot',
    kind: 'choice',
    min: 0,
    max: 9,
    neutral: 0,
    bits: 0,
    unit: 'slot + 1',
    description: 'Select an inventory slot; 0 keeps the one selected.',
  },
  {
    name: 'message',
    kind: 'choice',
    min: 0,
    max: 64,
    neutral: 0,
    bits: 0,
    unit: 'symbol + 1',
    description: 'Send a symbol of the scenario; 0 is silence.',
  },
  {
    name: 'argument',
    kind: 'choice',
    min: 0,
    max: 255,
    neutral: 0,
    bits: 0,
    unit: 'recipe + 1',
    description:
      'What craft makes, 0 nothing; or which offer of a trader give takes, from 1, 0 the first that can be paid. Other interactions ignore it.',
  },
] as const satisfies readonly ActionField[];

export const ACTION_FIELDS = ACTION_SPEC.length;

/** Index of each decoded word; the first are ACTION_SPEC's columns in order, the last two describe the free text that was mapped to the symbol. */
export const ACTION_WORD = {
  forward: 0,
  strafe: 1,
  jump: 2,
  sprint: 3,
  sneak: 4,
  turn: 5,
  look: 6,
  interact: 7,
  slot: 8,
  message: 9,
  argument: 10,
  textLength: 11,
  textHash: 12,
} as const;
export const ACTION_WORDS = 13;

/** From `attack` on they act only in scenarios with survival; where props can be carried, `attack` throws. */
export const INTERACT = { none: 0, dig: 1, place: 2, use: 3, attack: 4, eat: 5, drop: 6, craft: 7, give: 8, sleep: 9 } as const;

/** The `discrete` profile: one choice per agent and tick, each a row of native columns (all others neutral). */
export const DISCRETE_ACTIONS = [
  { name: 'idle', columns: {} },
  { name: 'forward', columns: { forward: 1 } },
  { name: 'back', columns: { forward: -1 } },
  { name: 'left', columns: { strafe: -1 } },
  { name: 'right', columns: { strafe: 1 } },
  { name: 'jump', columns: { jump: 1 } },
  { name: 'jump-forward', columns: { forward: 1, jump: 1 } },
  { name: 'sprint', columns: { forward: 1, sprint: 1 } },
  { name: 'sprint-jump', columns: { forward: 1, sprint: 1, jump: 1 } },
  { name: 'sneak-forward', columns: { forward: 1, sneak: 1 } },
  { name: 'turn-left', columns: { turn: PI / 12 } },
  { name: 'turn-right', columns: { turn: -PI / 12 } },
  { name: 'look-up', columns: { look: PI / 12 } },
  { name: 'look-down', columns: { look: -PI / 12 } },
  { name: 'dig', columns: { interact: 1 } },
  { name: 'place', columns: { interact: 2 } },
  { name: 'use', columns: { interact: 3 } },
  { name: 'slot-1', columns: { slot: 1 } },
  { name: 'slot-2', columns: { slot: 2 } },
  { name: 'slot-3', columns: { slot: 3 } },
] as const satisfies readonly { name: string; columns: Partial<Record<(typeof ACTION_SPEC)[number]['name'], number>> }[];
