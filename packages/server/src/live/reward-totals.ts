/** Reward so far in the running episode of every row, by agent and by term: what frames and the table show. */
import type { Engine } from '@kinovox/physics';

/** Totals of one row. */
export interface RowTotals {
  /** `[A]` */
  returns: Float64Array;
  /** `[W]` sums over agents. */
  terms: Float64Array;
}

/** Shapes: B worlds, A agents, W reward terms. */
export class RewardTotals {
  readonly #engine: Engine;
  readonly #numAgents: number;
  readonly #numTerms: number;
  /** `[B, A]` */
  readonly #returns: Float64Array;
  /** `[B, W]` */
  readonly #terms: Float64Array;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#numAgents = engine.program.numAgents;
    this.#numTerms = engine.program.rewards.length;
    this.#returns = new Float64Array(engine.numWorlds * this.#numAgents);
    this.#terms = new Float64Array(engine.numWorlds * this.#numTerms);
  }

  /** Adds the last step. Rows that ended in it begin anew at zero. */
  add(): void {
    const { rewards, rewardTerms, ended } = this.#engine.outputs;
    for (let row = 0; row < this.#engine.numWorlds; row++) {
      if (ended[row] === 1) {
        this.clear(row);
        continue;
      }
      for (let a = 0; a < this.#numAgents; a++) {
        const agent = row * this.#numAgents + a;
        this.#returns[agent] += rewards[agent];
        for (let t = 0; t < this.#numTerms; t++) this.#terms[row * this.#numTerms + t] += rewardTerms[agent * this.#numTerms + t];
      }
    }
  }

  clear(row: number): void {
    this.#returns.fill(0, row * this.#numAgents, (row + 1) * this.#numAgents);
    this.#terms.fill(0, row * this.#numTerms, (row + 1) * this.#numTerms);
  }

  /** Copies of one row's totals. */
  read(row: number): RowTotals {
    return {
      returns: this.#returns.slice(row * this.#numAgents, (row + 1) * this.#numAgents),
      terms: this.#terms.slice(row * this.#numTerms, (row + 1) * this.#numTerms),
    };
  }

  write(row: number, totals: RowTotals): void {
    this.#returns.set(totals.returns, row * this.#numAgents);
    this.#terms.set(totals.terms, row * this.#numTerms);
  }

  /** Mean over the agents of a row. */
  meanReturn(row: number): number {
    let sum = 0;
    for (let a = 0; a < this.#numAgents; a++) sum += this.#returns[row * this.#numAgents + a];
    return sum / this.#numAgents;
  }
}
