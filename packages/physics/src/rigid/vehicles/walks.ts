/** Which agents walk: those that are there and no vehicles. */
import { ALIVE, type TickContext } from '../../stages/context.js';

/** Agent i of the batch. */
export function walks({ state, program, numAgents }: TickContext, i: number): boolean {
  const { vehicles } = program;
  return (state.flags[i] & ALIVE) !== 0 && (vehicles === undefined || vehicles.ofAgent[i % numAgents] < 0);
}
