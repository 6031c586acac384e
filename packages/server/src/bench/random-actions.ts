/** Actions for benchmarks: drawn once into a ring of ticks, so that no policy runs inside the measured loop. */
import { ACTION_FIELDS, randomU32 } from '@kinovox/world';

/** Ticks an agent keeps its keys: random play that changes every tick goes nowhere. */
const HOLD_TICKS = 16;

/** `ticks` arrays of `[B, A, F]` f32: agents run, turn, jump, dig and place as random players do. */
export function randomActionRing(numAgents: number, ticks: number, seed: number): Float32Array[] {
  const draw = (tick: number, i: number, k: number) => randomU32(seed, 0, tick, i, 6, k) / 4294967296;
  return Array.from({ length: ticks }, (_, tick) => {
    const actions = new Float32Array(numAgents * ACTION_FIELDS);
    for (let i = 0; i < numAgents; i++) {
      const at = i * ACTION_FIELDS;
      const held = Math.floor((tick + (i % HOLD_TICKS)) / HOLD_TICKS);
      const mood = draw(held, i, 0);
      actions[at] = mood < 0.8 ? 1 : -0.5;
      actions[at + 1] = draw(held, i, 1) < 0.25 ? draw(held, i, 2) * 2 - 1 : 0;
      actions[at + 2] = draw(tick, i, 3) < 0.3 ? 1 : 0;
      actions[at + 3] = draw(held, i, 4) < 0.5 ? 1 : 0;
      actions[at + 4] = 0;
      actions[at + 5] = (draw(held, i, 5) - 0.5) * 0.2;
      actions[at + 6] = (draw(held, i, 6) - 0.5) * 0.1;
      const hands = draw(held, i, 7);
      actions[at + 7] = hands < 0.25 ? 1 : hands < 0.5 ? 2 : 0;
    }
    return actions;
  });
}
