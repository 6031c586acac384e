/** What every row has come to so far in its running episode: reward by agent and by term, and the achievements reached. Frames and the table show it. */
import type { Engine } from '@kinovox/physics';

/** Totals of one row. */
export interface RowTotals {
  /** `[A]` */
  returns: Float64Array;
  /** `[W]` sums over agents. */
  terms: Float64Array;
  /** `[G]` 1 = reached at some tick of the episode, in the order of `monitor.achievements`. */
  reached: Uint8Array;
}

/** Shapes: B worlds, A agents, W reward terms, G achievements. */
export class RewardTotals {
  readonly #engine: Engine;
  readonly #numAgents: number;
  readonly #numTerms: number;
  /** `[B, A]` */
  readonly #returns: Float64Array;
  /** `[B, W]` */
  readonly #terms: Float64Array;
  readonly #numAchievements: number;
  /** `[B, G]` */
  readonly #reached: Uint8Array;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#numAgents = engine.program.numAgents;
    this.#numTerms = engine.program.rewards.length;
    this.#returns = new Float64Array(engine.numWorlds * this.#numAgents);
    this.#terms = new Float64Array(engine.numWorlds * this.#numTerms);
    this.#numAchievements = engine.program.monitor.achievements.length;
    this.#reached = new Uint8Array(engine.numWorlds * this.#numAchievements);
  }

  /** Adds the last step. Rows that were reset in it begin anew at zero; those that stand at their end keep what they came to. */
  add(): void {
    const { rewards, rewardTerms, ended, achieved } = this.#engine.outputs;
    const { tick } = this.#engine.state;
    for (let row = 0; row < this.#engine.numWorlds; row++) {
      if (ended[row] === 1 && tick[row] === 0) {
        this.clear(row);
        continue;
      }
      for (let a = 0; a < this.#numAgents; a++) {
        const agent = row * this.#numAgents + a;
        this.#returns[agent] += rewards[agent];
        for (let t = 0; t < this.#numTerms; t++) this.#terms[row * this.#numTerms + t] += rewardTerms[agent * this.#numTerms + t];
      }
      for (let at = row * this.#numAchievements; at < (row + 1) * this.#numAchievements; at++) this.#reached[at] |= achieved[at];
    }
  }

  clear(row: number): void {
    this.#returns.fill(0, row * this.#numAgents, (row + 1) * this.#numAgents);
    this.#terms.fill(0, row * this.#numTerms, (row + 1) * this.#numTerms);
    this.#reached.fill(0, row * this.#numAchievements, (row + 1) * this.#numAchievements);
  }

  /** Copies of one row's totals. */
  read(row: number): RowTotals {
    return {
      returns: this.#returns.slice(row * this.#numAgents, (row + 1) * this.#numAgents),
      terms: this.#terms.slice(row * this.#numTerms, (row + 1) * this.#numTerms),
      reached: this.#reached.slice(row * this.#numAchievements, (row + 1) * this.#numAchievements),
    };
  }

  write(row: number, totals: RowTotals): void {
    this.#returns.set(totals.returns, row * this.#numAgents);
    this.#terms.set(totals.terms, row * this.#numTerms);
    this.#reached.set(totals.reached, row * this.#numAchievements);
  }

  /** Mean over the agents of a row. */
  meanReturn(row: number): number {
    let sum = 0;
    for (let a = 0; a < this.#numAgents; a++) sum += this.#returns[row * this.#numAgents + a];
    return sum / this.#numAgents;
  }
}
