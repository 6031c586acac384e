/**
 * A world whose monitors or score fail is cut short, and no other is touched. Those two stages go from world to world and look at no other, so a mark that
 * each leaves behind tells at which one it failed; they go on behind it.
 * What fails in another stage leaves a pass of worlds in the middle of its tick, and is the whole batch's failure.
 */
import { AGENT_FLAG, WORLD_STATUS } from '@kinovox/world';
import type { Crash } from '../engine.js';
import { NODE_STATUS } from '../monitor/program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import type { Stage } from '../tick.js';

/** A stage that judges worlds one after another: what says that it has not come to a world yet. */
interface Mark {
  set(c: TickContext, w: number): void;
  stands(c: TickContext, w: number): boolean;
}

const MARKS: Readonly<Record<string, Mark>> = {
  monitors: {
    set: ({ outputs, program }, w) => {
      outputs.rootStatus[w * program.monitor.roots.length] = -1;
    },
    stands: ({ outputs, program }, w) => outputs.rootStatus[w * program.monitor.roots.length] === -1,
  },
  score: {
    set: ({ ending }, w) => {
      ending[w] = 255;
    },
    stands: ({ ending }, w) => ending[w] === 255,
  },
};

export class Containment {
  readonly #crashes: Crash[] = [];
  /** `[B]` 1 = cut short in this tick. */
  readonly #failed: Uint8Array;

  constructor(numWorlds: number) {
    this.#failed = new Uint8Array(numWorlds);
  }

  /** Has the row's episode cut short in the next tick: something that belongs to this world alone failed. */
  fail(row: number, error: unknown): void {
    if (this.#failed[row] === 1) return;
    this.#failed[row] = 1;
    this.#crashes.push({ row, message: error instanceof Error ? error.message : String(error) });
  }

  /** See `Engine.takeCrashes`. */
  take(): Crash[] {
    return this.#crashes.splice(0);
  }

  /** The stages, those that judge kept to the worlds that they fail in. */
  around(stages: readonly Stage[]): Stage[] {
    return stages.map((stage) => {
      const mark = MARKS[stage.name];
      return mark === undefined ? stage : { name: stage.name, run: (c, w0, w1) => this.#judge(stage, mark, c, w0, w1) };
    });
  }

  /** After the stages: ends what failed among worlds [w0, w1). */
  endFailed(c: TickContext, w0: number, w1: number): void {
    for (let w = w0; w < w1; w++) {
      if (this.#failed[w] === 0) continue;
      this.#failed[w] = 0;
      cutShort(c, w);
    }
  }

  #judge(stage: Stage, mark: Mark, c: TickContext, w0: number, w1: number): void {
    for (let from = w0; from < w1; ) {
      let to = from;
      while (to < w1 && this.#failed[to] === 0) mark.set(c, to++);
      try {
        if (to > from) stage.run(c, from, to);
      } catch (error) {
        let at = from;
        while (at < to && !mark.stands(c, at)) at++;
        if (at === to) throw error;
        this.fail(at, error);
        to = at;
      }
      // What failed is passed over.
      from = to + 1;
    }
  }
}

/** Nothing was decided in this tick and nothing is paid for it: all who act are truncated. */
function cutShort(c: TickContext, w: number): void {
  const { state, outputs, numAgents, program } = c;
  const numTerms = program.rewards.length;
  for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
    outputs.rewards[i] = 0;
    outputs.rewardTerms.fill(0, i * numTerms, (i + 1) * numTerms);
    outputs.terminated[i] = 0;
    outputs.truncated[i] = (c.acted[i] & ALIVE) !== 0 || (state.flags[i] & ALIVE) !== 0 ? 1 : 0;
    state.flags[i] = (state.flags[i] & ~ALIVE) | AGENT_FLAG.done;
    state.respawnTimer[i] = 0;
  }
  outputs.rootStatus.fill(NODE_STATUS.pending, w * program.monitor.roots.length, (w + 1) * program.monitor.roots.length);
  c.quietTerms.fill(0, w * numTerms, (w + 1) * numTerms);
  state.status[w] = WORLD_STATUS.outOfTime;
  c.ending[w] = 1;
}
