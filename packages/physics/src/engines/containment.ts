/**
 * A world that fails is cut short, and no other is touched. Every stage goes from world to world and looks at no other, and says which one it enters
 * (`enterWorld`), so a stage that throws has done the worlds before that one and none behind it: it goes on behind it, and the stages that follow pass over it.
 * What throws before a stage enters its first world is no world's failure, but the whole batch's.
 */
import { AGENT_FLAG, WORLD_STATUS } from '@kinovox/world';
import type { Crash } from '../engine.js';
import { NODE_STATUS } from '../monitor/program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import type { Stage } from '../tick.js';
import { CrashList, messageOf } from './crash-list.js';

/** What is known of a world in this tick. */
const FAILURE = {
  none: 0,
  /** Told from outside, between ticks: its bodies move as in any tick, nothing is judged. */
  asked: 1,
  /** The same, found after the tick before and not told yet. */
  late: 2,
  /** It stands in the middle of the tick: no stage touches it any more. */
  broken: 3,
} as const;

/** Stages that judge: what is cut short from outside comes to no verdict. */
const JUDGES: readonly string[] = ['monitors', 'score'];
/** Stages before the one that notes who acts. */
const BEFORE_BEGIN: readonly string[] = ['clear', 'messages'];

export class Containment {
  readonly #crashes = new CrashList();
  /** By row, why it failed after its tick: told in the next one, which cuts the world short. */
  readonly #later = new Map<number, string>();
  /** `[B]` FAILURE. */
  readonly #failed: Uint8Array;
  /** Whether any world of the pass that is under way has failed. */
  #any = false;

  /** @param failed `[B]` zeros; shared where several threads step parts of a batch, each with a containment of its own. */
  constructor(failed: Uint8Array) {
    this.#failed = failed;
  }

  /** Has the row's episode cut short in the next tick: something that belongs to this world alone failed. */
  fail(row: number, error: unknown): void {
    if (this.#failed[row] !== FAILURE.none) return;
    this.#failed[row] = FAILURE.asked;
    this.#crashes.note(row, error);
  }

  /** The same for what fails when the tick is over, as observations do: told when the episode ends. */
  failNext(row: number, error: unknown): void {
    if (this.#failed[row] !== FAILURE.none) return;
    this.#failed[row] = FAILURE.late;
    this.#later.set(row, messageOf(error));
  }

  /** Tells of a failure that costs the world no episode. */
  tell(row: number, error: unknown): void {
    this.#crashes.note(row, error);
  }

  /** Row w begins anew: what failed in it is past. */
  forget(w: number): void {
    this.#failed[w] = FAILURE.none;
  }

  /** See `Engine.takeCrashes`. */
  take(): readonly Crash[] {
    return this.#crashes.take();
  }

  /** The stages, each kept to the worlds that it fails in. */
  around(stages: readonly Stage[]): Stage[] {
    return stages.map((stage) => {
      const spared = JUDGES.includes(stage.name) ? FAILURE.asked : FAILURE.broken;
      return { name: stage.name, run: (c, w0, w1) => this.#run(stage, spared, c, w0, w1) };
    });
  }

  /** Before the stages of a pass over worlds [w0, w1). */
  beginPass(w0: number, w1: number): void {
    this.#any = false;
    for (let w = w0; w < w1; w++) if (this.#failed[w] !== FAILURE.none) this.#any = true;
    if (this.#later.size === 0) return;
    for (let row = w0; row < w1; row++) {
      const message = this.#later.get(row);
      if (message === undefined) continue;
      this.#later.delete(row);
      // Whoever had the row begin anew may be another thread, which sees the marks alone.
      if (this.#failed[row] === FAILURE.late) this.#crashes.add({ row, message });
    }
  }

  /** After the stages: ends what failed among worlds [w0, w1). */
  endFailed(c: TickContext, w0: number, w1: number): void {
    if (!this.#any) return;
    for (let w = w0; w < w1; w++) {
      if (this.#failed[w] === FAILURE.none) continue;
      this.#failed[w] = FAILURE.none;
      cutShort(c, w);
    }
  }

  /** @param spared worlds that have failed at least so far are passed over. */
  #run(stage: Stage, spared: number, c: TickContext, w0: number, w1: number): void {
    for (let from = w0; from < w1; ) {
      let to = w1;
      if (this.#any) {
        while (from < w1 && this.#failed[from] >= spared) from++;
        to = from;
        while (to < w1 && this.#failed[to] < spared) to++;
      }
      if (from === to) return;
      c.cursor[0] = -1;
      try {
        stage.run(c, from, to);
        from = to;
      } catch (error) {
        const at = c.cursor[0];
        if (at < from || at >= to) throw error;
        this.#break(c, at, error, stage.name);
        from = at + 1;
      }
    }
  }

  #break(c: TickContext, w: number, error: unknown, stage: string): void {
    // Who was cut short already has been told.
    if (this.#failed[w] === FAILURE.none) this.#crashes.note(w, error);
    this.#failed[w] = FAILURE.broken;
    this.#any = true;
    if (BEFORE_BEGIN.includes(stage)) c.acted.set(c.state.flags.subarray(w * c.numAgents, (w + 1) * c.numAgents), w * c.numAgents);
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
  if (outputs.wayLeft.length > 0) outputs.wayLeft.fill(0, 2 * w * numAgents, 2 * (w + 1) * numAgents);
  c.quietTerms.fill(0, w * numTerms, (w + 1) * numTerms);
  state.status[w] = WORLD_STATUS.outOfTime;
  c.ending[w] = 1;
}
