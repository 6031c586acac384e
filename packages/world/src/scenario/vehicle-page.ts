/** What the fields of an action mean to each kind of vehicle, for the pages of scenarios. */
import { ACTION_SPEC } from '../spec/action.js';
import type { Scenario } from './schema.js';
import type { Vehicle } from './vehicle-schema.js';

type Stick = Readonly<Partial<Record<(typeof ACTION_SPEC)[number]['name'], string>>>;

/** `turn` and `look` are at their end at the step of the `discrete` profile. */
const FULL = 'full at 15 degrees per tick';
const WHEELED = { sneak: 'Brake.' } as const;
const YAW = `Yaw, positive to the left; ${FULL}.`;

/** By field; a field without an entry does nothing. As `stickOf` and the drives of the rigid tier read them. */
const STICKS: Readonly<Record<'car' | 'rover' | 'level' | 'rate', Stick>> = {
  car: {
    forward: 'Throttle; negative brakes, then reverses.',
    strafe: 'Steering, positive to the right.',
    turn: `Steering, positive to the left; ${FULL}.`,
    ...WHEELED,
  },
  rover: {
    forward: 'Speed of both wheels; negative is backwards.',
    strafe: 'Difference of the wheels, positive turns to the right.',
    turn: `Difference of the wheels, positive turns to the left; ${FULL}.`,
    ...WHEELED,
  },
  level: {
    forward: 'Tilt ahead; negative tilts back.',
    strafe: 'Tilt to the right; negative to the left.',
    jump: 'Climb.',
    sneak: 'Descend.',
    turn: YAW,
    look: `Climb by degrees, negative descends; ${FULL}.`,
  },
  rate: {
    forward: 'Rate of pitch, positive nose down.',
    strafe: 'Rate of roll, positive to the right.',
    jump: 'More thrust than weight.',
    sneak: 'Less thrust than weight.',
    turn: YAW,
    look: `Thrust above or below weight by degrees; ${FULL}.`,
  },
};

/** The body of an agent in a word: `walker`, `car`. */
export function bodyWord(body: Scenario['agents'][number]['body']): string {
  return 'vehicle' in body ? body.vehicle : body.type;
}

/** The fields that a vehicle of the scenario takes, as rows of name and meaning, by a heading for each kind; empty where all walk. */
export function sticksOf(scenario: Scenario): { heading: string; rows: [string, string][] }[] {
  const kinds = new Map<string, Stick>();
  for (const { body } of scenario.agents) {
    if (!('vehicle' in body)) continue;
    const stick = stickOf(body);
    kinds.set(stick === STICKS.rate ? 'quadcopter with `assist: "rate"`' : body.vehicle, stick);
  }
  const message: Stick = scenario.messages.enabled ? { message: 'Send a symbol of the scenario; 0 is silence.' } : {};
  return [...kinds].map(([heading, stick]) => ({
    heading,
    rows: ACTION_SPEC.flatMap(({ name }): [string, string][] => {
      const meaning = { ...stick, ...message }[name];
      return meaning === undefined ? [] : [[name, meaning]];
    }),
  }));
}

function stickOf(body: Vehicle): Stick {
  if (body.vehicle !== 'quadcopter') return STICKS[body.vehicle];
  return STICKS[body.assist];
}
