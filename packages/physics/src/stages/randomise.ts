/**
 * Domain randomisation: what an episode draws by its seed for bodies, ground and delay. Nothing of it is state: a value is a pure function of the episode
 * seed and the slot, drawn again wherever it is needed, so snapshots, forks and every engine agree on it.
 */
import { PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import type { RandomisationTables } from '../program.js';

/** Number of each draw in its stream; never reused. */
export const DRAW = { speed: 0, jump: 1, friction: 2, actionDelay: 3 } as const;

/** An integer in [low, low + span), 1 <= span <= 65536. */
export function drawnWord(seedLow: number, seedHigh: number, slot: number, draw: number, low: number, span: number): number {
  return low + randomBelow(randomU32(seedLow, seedHigh, 0, slot, PURPOSE.randomisation, draw), span);
}

/** What an episode drew. */
export interface Drawn {
  /** `[A]` factors on walking and sprinting speed. */
  speed: number[];
  /** `[A]` factors on the speed of taking off. */
  jump: number[];
  /** Factor on the grip of all ground. */
  friction: number;
  /** `[A]` ticks from an action to the body that carries it out. */
  actionDelayTicks: number[];
}

/** The draws of an episode, in the numbers that the rules use. */
export function drawnOf(t: RandomisationTables, numAgents: number, seedLow: number, seedHigh: number): Drawn {
  const each = (draw: number, low: number, span: number, unit: number) =>
    Array.from({ length: numAgents }, (_, a) => drawnWord(seedLow, seedHigh, a, draw, low, span) / unit);
  return {
    speed: each(DRAW.speed, t.speedLowQ12, t.speedSpan, 4096),
    jump: each(DRAW.jump, t.jumpLowQ12, t.jumpSpan, 4096),
    friction: drawnWord(seedLow, seedHigh, 0, DRAW.friction, t.frictionLowQ12, t.frictionSpan) / 4096,
    actionDelayTicks: each(DRAW.actionDelay, t.delayLow, t.delaySpan, 1),
  };
}
