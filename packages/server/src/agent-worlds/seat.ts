/**
 * A seat: one agent of a world that a client plays by calls. A call is begun, stepped tick by tick under the body's dynamics, and ends with an answer or
 * a refusal; nothing that a client calls throws.
 */
import {
  type ActionLevel,
  type AgentView,
  type Begun,
  Controls,
  checkReply,
  createSkillBody,
  diedRefusal,
  type Facts,
  intendedPlan,
  type MoveLibraries,
  type SearchSpace,
  type Skill,
  type SkillBody,
  type SkillRun,
  type SkillStep,
  verbsOf,
} from '@kinovox/agents';
import { ACTION_FIELDS, type AgentPlan } from '@kinovox/world';

/** What a client asks an agent to do. */
export interface AgentCall {
  /** A verb of the action levels, or `continue`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What came of a call. */
export interface CallResult {
  readonly name: string;
  /** `running`: it goes on when the next call is `continue`. `invalid`: no such verb, or arguments that it does not take. */
  readonly status: 'done' | 'running' | 'refused' | 'invalid';
  /** Of refusals, kebab-case. */
  readonly code?: string;
  readonly sentence: string;
  readonly facts: Facts;
}

export interface SeatHost {
  readonly levels: readonly ActionLevel[];
  /** Verbs of the levels that are not offered. */
  readonly without?: ReadonlySet<string> | undefined;
  /** The only ones of them that are offered; default all. */
  readonly only?: ReadonlySet<string> | undefined;
  readonly space: SearchSpace;
  readonly libraries: MoveLibraries;
  /** Queues a text for this tick; false where nothing will be said. */
  say(slot: number, text: string): boolean;
}

export class Seat {
  readonly view: AgentView;
  readonly agentId: string;
  /** What this agent can be asked to do, in a fixed order. */
  readonly verbs: readonly Skill[];
  /** Native columns of this tick. */
  readonly row = new Float32Array(ACTION_FIELDS);
  readonly #controls: Controls;
  readonly #body: SkillBody;
  /** Under way. */
  #run: { name: string; run: SkillRun } | undefined;
  /** Of a call that was answered at once, until it is told: what is under way meanwhile goes on only while others need time. */
  #answer: CallResult | undefined;
  /** How the last run ended, until it is told, or another is begun. */
  #ended: CallResult | undefined;

  constructor(view: AgentView, host: SeatHost) {
    this.view = view;
    this.agentId = view.roster[view.slot].id;
    const { levels, without, only } = host;
    this.verbs = levels.flatMap((level) =>
      verbsOf(level, view).filter(({ name }) => without?.has(name) !== true && only?.has(name) !== false),
    );
    this.#controls = new Controls(view, this.row);
    const { space, libraries } = host;
    this.#body = createSkillBody(view, { say: (text) => host.say(view.slot, text), space, libraries });
  }

  /** What is to be told: an answer or an end that was not told yet, or what is under way; undefined where there is none of them. */
  get result(): CallResult | undefined {
    const untold = this.#answer ?? this.#ended;
    if (untold !== undefined || this.#run === undefined) return untold;
    const { name, run } = this.#run;
    return { name, status: 'running', sentence: `Still ${run.doing}.`, facts: { progress: Math.round(100 * run.progress) / 100 } };
  }

  /** Whether ticks must pass for its call to end. */
  get needsTime(): boolean {
    return this.#run !== undefined && this.#answer === undefined;
  }

  /** The client knows `result` now. */
  setTold(): void {
    if (this.#answer === undefined) this.#ended = undefined;
    this.#answer = undefined;
  }

  /** What the agent itself means to reach, in its words. */
  get ownGoal(): string | undefined {
    return this.#body.intentions.goal;
  }

  /** What it means to do. */
  plan(): AgentPlan {
    return intendedPlan(this.#body, this.#run?.run.doing ?? 'does nothing');
  }

  /** An episode begins. */
  reset(): void {
    this.#body.reset();
    this.#run = undefined;
    this.#answer = undefined;
    this.#ended = undefined;
    this.row.fill(0);
  }

  /** Begins a call in place of what is under way. What is answered, refused or not understood at once leaves that as it is. */
  begin(call: AgentCall): void {
    const { name } = call;
    const toolCalls = [{ name, arguments: JSON.stringify(call.arguments) }];
    const checked = checkReply({ text: '', toolCalls, finishReason: 'tool-calls', usage: NO_TOKENS }, this.verbs);
    if (checked === 'continue') this.#continue(name);
    else if ('refusal' in checked) this.#answer = { name, status: 'invalid', ...checked.refusal };
    else if (this.view.isAlive()) this.#begin(name, checked.skill.begin(this.#body, checked.args));
    else this.#start(name, new WaitForLife());
  }

  /** Writes what this tick shall do into `row`; a call may end by that, then nothing is done. */
  decide(): void {
    this.row.fill(0);
    if (this.#run !== undefined) {
      const { name } = this.#run;
      if (!this.view.isAlive() && !(this.#run.run instanceof WaitForLife)) {
        this.#body.die();
        this.#run = { name, run: new WaitForLife() };
      }
      const step = this.#run.run.step(this.#controls);
      if (step.status === 'running') return;
      this.#ended = { name, status: step.status, ...(step.status === 'done' ? step.answer : step.refusal) };
      this.#run = undefined;
      this.row.fill(0);
    }
    this.#body.pilot?.stay(this.row);
  }

  #begin(name: string, begun: Begun): void {
    if ('step' in begun) this.#start(name, begun);
    else if ('answer' in begun) this.#answer = { name, status: 'done', ...begun.answer };
    else this.#answer = { name, status: 'refused', ...begun.refusal };
  }

  #start(name: string, run: SkillRun): void {
    this.#run = { name, run };
    this.#answer = undefined;
    this.#ended = undefined;
  }

  /** Goes on with what is under way, or tells its end where nobody was told yet. */
  #continue(name: string): void {
    this.#answer = undefined;
    if (this.#run === undefined && this.#ended === undefined) this.#start(name, new Pause(this.view.tick + PAUSE_TICKS));
  }
}

const NO_TOKENS = { promptTokens: 0, completionTokens: 0 };
/** For which an agent pauses that has nothing to go on with. */
const PAUSE_TICKS = 20;

class Pause implements SkillRun {
  readonly progress = 0;
  readonly doing = 'waiting';
  readonly #until: number;

  constructor(until: number) {
    this.#until = until;
  }

  step({ view }: Controls): SkillStep {
    if (view.tick < this.#until) return { status: 'running' };
    return { status: 'done', answer: { sentence: 'A second passed: there was nothing to go on with.', facts: { ticks: PAUSE_TICKS } } };
  }
}

/** The dead can do nothing but wait to come back. */
class WaitForLife implements SkillRun {
  readonly progress = 0;
  readonly doing = 'waiting to come back to life';

  step({ view }: Controls): SkillStep {
    if (!view.isAlive()) return { status: 'running' };
    return { status: 'refused', refusal: diedRefusal(view.tick) };
  }
}
