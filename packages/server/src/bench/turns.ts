/** Contestants that take short turns, so that a slow moment of the machine hits all of them. */
import { median } from './figures.js';

export interface Contestant {
  /** Plays a turn and returns its steps. */
  turn(): number;
}

export interface TurnsOptions {
  /** Rounds that count, turns of each contestant in a round, and rounds before them that warm up. */
  rounds: number;
  turnsPerRound: number;
  warmUpRounds?: number;
  /** `processor` leaves out the time in which other programs run, but counts the threads of a garbage collector; default `wall`. */
  clock?: 'wall' | 'processor';
  onRound?(done: number, total: number): void;
}

export interface TurnsResult {
  /** Steps per second of contestant k, the median over rounds. */
  rate(k: number): number;
  /** Rate of contestant a by that of b: the median over rounds of the ratios within a round. */
  ratio(a: number, b: number): number;
}

export function compareInTurns(contestants: readonly Contestant[], options: TurnsOptions): TurnsResult {
  const { rounds, turnsPerRound, warmUpRounds = 1, clock = 'wall' } = options;
  const now = clock === 'wall' ? () => performance.now() / 1000 : processorSeconds;
  /** `[rounds][contestants]` */
  const rates: number[][] = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const steps = contestants.map(() => 0);
    const seconds = contestants.map(() => 0);
    for (let turn = 0; turn < turnsPerRound; turn++) {
      for (const [k, contestant] of contestants.entries()) {
        const start = now();
        steps[k] += contestant.turn();
        seconds[k] += now() - start;
      }
    }
    if (round >= 0) rates.push(steps.map((count, k) => count / seconds[k]));
    options.onRound?.(round + warmUpRounds + 1, rounds + warmUpRounds);
  }
  return {
    rate: (k) => median(rates.map((round) => round[k])),
    ratio: (a, b) => median(rates.map((round) => round[a] / round[b])),
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
