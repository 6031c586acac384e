/** What a hand does when a person, or data made for people, presses a button: two buttons stand for all interactions, by what the agent can begin now. */
import { INTERACT } from '@kinovox/world';
import type { CodecHost } from './profile.js';

/** Buttons of the hands. The first that is pressed counts. */
export interface HandButtons {
  attack: boolean;
  use: boolean;
  drop: boolean;
}

/**
 * `attack` throws what is carried or strikes what stands in the aim, if anything can be struck, and digs otherwise. `use` does the first of these that is
 * possible: trade or give, eat, place the block in hand, use the block looked at. `drop` drops, where the scenario has survival.
 */
export function interactionOf(
  host: Pick<CodecHost, 'program' | 'actionMask'>,
  row: number,
  slot: number,
  { attack, use, drop }: HandButtons,
): number {
  const { survival } = host.program;
  if (!attack && !use && !drop) return INTERACT.none;
  const can = host.actionMask(row, slot);
  if (attack) return can[INTERACT.attack] === 1 ? INTERACT.attack : INTERACT.dig;
  if (use) {
    for (const choice of [INTERACT.give, INTERACT.eat]) if (survival !== undefined && can[choice] === 1) return choice;
    return can[INTERACT.place] === 1 ? INTERACT.place : INTERACT.use;
  }
  return survival === undefined ? INTERACT.none : INTERACT.drop;
}
