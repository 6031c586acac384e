/**
 * The policy `human`: a person decides, in the viewer. Each tick it does what the person holds and has pressed since the tick before; where nobody plays
 * an agent, that idles. Its actions are recorded as those of every policy, so recordings replay exactly; a rerun has no person in it.
 */
import { interactionOf } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_WORD, UsageError } from '@kinovox/world';
import type { PolicyFactory } from '../policy.js';

/** What a person does in a tick. */
export interface Hands {
  /** -1, 0 or 1. */
  forward: number;
  /** -1, 0 or 1; positive is to the right. */
  strafe: number;
  jump: boolean;
  sprint: boolean;
  sneak: boolean;
  /** Change of yaw, rad, positive counter-clockwise. */
  turn: number;
  /** Change of pitch, rad, positive up. */
  look: number;
  /** Throws, strikes, or digs. */
  attack: boolean;
  /** Gives, eats, places, or uses. */
  use: boolean;
  drop: boolean;
  /** Inventory slot + 1; 0 keeps the one selected. */
  slot: number;
}

/** Where hands come from. */
export interface HandsSource {
  /** What the person at an agent does in the coming tick; asked once per tick. Undefined: nobody is there. */
  take(row: number, slot: number): Hands | undefined;
}

export const HUMAN = 'human';

/** @param source of the host that shows the world. Without one the policy has a name, and plays nowhere. */
export function createHumanFactory(source?: HandsSource): PolicyFactory {
  return {
    name: HUMAN,
    isPlayed: true,
    batch: {
      check({ engine }) {
        if (source !== undefined && engine.actionMask !== undefined) return;
        throw new UsageError(
          'human-host',
          'The policy "human" must be played by a person in the viewer; got a run without one. Use "kinovox view --worlds 1" with the same policy.',
        );
      },
      fill(host, slots, out) {
        const { engine } = host;
        const { numAgents } = engine.program;
        const looks = { program: engine.program, actionMask: (row: number, slot: number) => engine.actionMask!(row, slot) };
        for (let row = 0; row < engine.numWorlds; row++)
          for (const slot of slots) {
            const hands = source!.take(row, slot);
            if (hands === undefined) continue;
            const at = (row * numAgents + slot) * ACTION_FIELDS;
            out[at + ACTION_WORD.forward] = hands.forward;
            out[at + ACTION_WORD.strafe] = hands.strafe;
            out[at + ACTION_WORD.jump] = Number(hands.jump);
            out[at + ACTION_WORD.sprint] = Number(hands.sprint);
            out[at + ACTION_WORD.sneak] = Number(hands.sneak);
            out[at + ACTION_WORD.turn] = hands.turn;
            out[at + ACTION_WORD.look] = hands.look;
            out[at + ACTION_WORD.slot] = hands.slot;
            out[at + ACTION_WORD.interact] = interactionOf(looks, row, slot, hands);
          }
      },
    },
  };
}
