/** What an agent-step costs in a batch of 16384 worlds, by what it costs in one of 256, on `cpu`: in turns of as many agent-steps, over processor time. */
import type { CompiledScenario } from '@kinovox/env';
import { createCpuSubject } from './bench-load.js';
import { compareInTurns } from './turns.js';

export const GROWTH_WORLDS = [256, 16_384] as const;
/** Ticks of the large batch in a turn. The small one has as many agent-steps: what it must fetch again after the other's turn is then little of its own. */
const LARGE_TICKS = 2;
const TURNS_PER_ROUND = 2;

/** @returns the ratio, and agent-steps per second of both. */
export function benchGrowth(
  compiled: CompiledScenario,
  rounds: number,
  onProgress?: (done: number) => void,
): { ratio: number; rates: [number, number] } {
  const subjects = GROWTH_WORLDS.map((worlds) => createCpuSubject(compiled, worlds));
  const [small, large] = GROWTH_WORLDS;
  const result = compareInTurns(
    [{ turn: () => subjects[0].play((LARGE_TICKS * large) / small) }, { turn: () => subjects[1].play(LARGE_TICKS) }],
    { rounds, turnsPerRound: TURNS_PER_ROUND, clock: 'processor', onRound: (done) => onProgress?.(done) },
  );
  for (const { engine } of subjects) engine.dispose();
  return { ratio: result.ratio(0, 1), rates: [result.rate(0), result.rate(1)] };
}
