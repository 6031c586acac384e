/**
 * A language agent as a policy: it asks its model when a decision is due, and the world waits; between decisions it steps the action that was called for.
 * Data flow per decision: results and observation -> prompt -> provider -> reply -> a checked call -> a skill's run -> keys, tick by tick.
 * Deterministic but for the model: with the same replies the same keys come out, whatever the latency and whichever agent is answered first, since an agent
 * keeps all it knows to itself and asks only before a tick. `timeLimited` gives that up, and says so in each entry that a deadline decided.
 */
import { EngineError, UsageError } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import type { Policy } from '../../policy.js';
import { Controls } from '../../skills/controls.js';
import { type CheckedCall, checkReply, toolsOf, verbsOf } from '../levels/action-level.js';
import type { EpisodeMemory } from '../memory/episode-memory.js';
import { ModelError, type ModelProvider, type ModelReply, type ModelRequest, type ModelTool, requestLength } from '../model.js';
import type { Perception } from '../perception/perception.js';
import type { Profile } from '../profile.js';
import { hashPrompt } from '../prompt-hash.js';
import type { Answer, Refusal, Skill, SkillBody, SkillRun } from '../skill.js';
import { type Attempt, type AttemptEnd, attemptAt, endedStep } from './attempt.js';
import { Conversation } from './conversation.js';
import type { DecisionEntry, LanguageEntry, ResultEntry } from './decision.js';
import { Interruptions } from './interruption.js';
import { Bill, Ledger } from './ledger.js';
import { LoopDetector } from './loop-detector.js';
import { systemPrompt } from './system-prompt.js';

/** What a policy gets from its factory. */
export interface LanguageSettings {
  readonly profile: Profile;
  /** Asked once; awaited before the first call. */
  readonly provider: () => Promise<ModelProvider>;
  readonly createBody: (view: AgentView) => SkillBody;
  readonly createPerception: (view: AgentView, profile: Profile) => Perception;
  /** Undefined for a profile without memory. */
  readonly createMemory: (view: AgentView) => EpisodeMemory | undefined;
  readonly onEntry: (entry: LanguageEntry) => void;
}

/** Ticks for which an agent idles that has nothing to do. */
const IDLE_TICKS = 20;
/** Replies in a row that cannot be used, after which the agent idles. */
const MOST_INVALID = 3;
/** Replies in a row that cannot be used, after which the agent is asked no more in its episode. */
const MOST_USELESS = 15;
/** Answers that take no time, in one tick: questions beyond wait for the next. */
const MOST_ANSWERS = 8;
/** Failed calls in a row that end the run. */
const MOST_FAILURES = 5;
/** Ticks between a decision and one that an event makes due. */
const REST_TICKS = 10;
/** Ticks after which an action that goes on is looked at again. */
const CHECK_TICKS = 600;

export class LanguagePolicy implements Policy {
  readonly concurrent = true;
  readonly #settings: LanguageSettings;
  #mind: Mind | undefined;

  constructor(settings: LanguageSettings) {
    this.#settings = settings;
  }

  reset(view: AgentView): void {
    if (this.#mind?.view !== view) this.#mind = new Mind(view, this.#settings);
    this.#mind.reset();
  }

  async think(view: AgentView): Promise<void> {
    if (this.#mind?.view !== view) this.reset(view);
    await this.#mind!.think();
  }

  act(view: AgentView, out: Float32Array): void {
    if (this.#mind?.view !== view) this.reset(view);
    this.#mind!.act(out);
  }
}

/** What one agent keeps between ticks. */
class Mind {
  readonly view: AgentView;
  readonly #settings: LanguageSettings;
  readonly #verbs: readonly Skill[];
  readonly #tools: readonly ModelTool[];
  readonly #system: string;
  readonly #body: SkillBody;
  readonly #perception: Perception;
  readonly #interruptions = new Interruptions();
  #conversation: Conversation;
  #ledger: Ledger;
  /** The action under way. */
  #run: { skill: Skill; run: SkillRun; attempt: Attempt } | undefined;
  /** A call that takes effect when the time that thinking cost is over. */
  #pending: { call: CheckedCall; fromTick: number; number: number } | undefined;
  /** Nothing is asked before. */
  #restsUntil = 0;
  /** Whether it rests since the model said so. */
  #waits = false;
  /** Why an action is to be looked at before its end. */
  #why: string | undefined;
  #isRetired = false;
  #numDecisions = 0;
  #decidedAt = 0;
  #observedAt = -1;
  #thoughtAt = -1;
  #invalidInARow = 0;
  #uselessInARow = 0;
  #failuresInARow = 0;
  readonly #memory: EpisodeMemory | undefined;
  readonly #loops = new LoopDetector();
  /** Sentences that the next turn tells. */
  #news: string[] = [];

  constructor(view: AgentView, settings: LanguageSettings) {
    const { profile } = settings;
    this.view = view;
    this.#settings = settings;
    this.#verbs = verbsOf(profile.actionLevel, view);
    this.#tools = toolsOf(this.#verbs);
    this.#system = systemPrompt(profile);
    this.#body = settings.createBody(view);
    this.#perception = settings.createPerception(view, profile);
    this.#memory = settings.createMemory(view);
    this.#conversation = new Conversation(this.#system, profile.prompt.maxTokens);
    this.#ledger = new Ledger(profile);
  }

  reset(): void {
    const { profile } = this.#settings;
    this.#body.reset();
    this.#perception.reset();
    this.#interruptions.reset(this.view);
    this.#conversation = new Conversation(this.#system, profile.prompt.maxTokens);
    this.#ledger = new Ledger(profile);
    this.#run = undefined;
    this.#pending = undefined;
    this.#restsUntil = 0;
    this.#waits = false;
    this.#why = undefined;
    this.#isRetired = false;
    this.#numDecisions = 0;
    this.#decidedAt = this.view.tick;
    this.#observedAt = -1;
    this.#thoughtAt = -1;
    this.#invalidInARow = 0;
    this.#uselessInARow = 0;
    this.#failuresInARow = 0;
    this.#loops.reset();
    this.#memory?.reset(this.#seed);
    this.#news = this.#memory?.opening() ?? [];
  }

  async think(): Promise<void> {
    const { tick } = this.view;
    this.#thoughtAt = tick;
    this.#notice();
    let answers = 0;
    if (this.#pending !== undefined && tick >= this.#pending.fromTick) {
      const { call, number } = this.#pending;
      this.#pending = undefined;
      const { refusal } = this.#begin(call, number);
      if (refusal !== undefined && call !== 'continue') this.#noteResult(call.skill.name, 'refused', refusal);
    }
    while (this.#isDue) {
      const spent = this.#ledger.spent;
      if (spent !== undefined) return this.#retire(spent);
      if (answers >= MOST_ANSWERS) {
        this.#restsUntil = tick + 1;
        return;
      }
      const outcome = await this.#decide();
      if (outcome === 'answered' || outcome === 'refused') answers++;
    }
  }

  act(out: Float32Array): void {
    if (this.#thoughtAt !== this.view.tick)
      throw new UsageError(
        'language-think',
        `The language agent "${this.#settings.profile.name}" must be awaited; got act without think at tick ${this.view.tick}. Await PolicyRun.think() in every tick.`,
      );
    if (this.#run === undefined) return;
    const { run, skill, attempt } = this.#run;
    const step = run.step(new Controls(this.view, out));
    if (step.status === 'running') return;
    this.#run = undefined;
    const end = step.status === 'done' ? step.answer : step.refusal;
    this.#conversation.result({ status: step.status, ...end });
    this.#noteResult(skill.name, step.status, end);
    this.#end(attempt, step.status, end);
  }

  get #isDue(): boolean {
    if (this.#isRetired || this.#pending !== undefined || this.view.tick < this.#restsUntil) return false;
    return this.#run === undefined || this.#why !== undefined;
  }

  /** Events since the last tick: they end a rest, and interrupt what may be interrupted. */
  #notice(): void {
    const { view } = this;
    this.#perception.notice();
    this.#memory?.notice();
    const news = this.#interruptions.take(view);
    const since = view.tick - this.#decidedAt;
    if (this.#run === undefined) {
      if (news !== undefined && this.#waits && since >= REST_TICKS) this.#restsUntil = view.tick;
      return;
    }
    if (!this.#run.skill.interruptible) return;
    if (news !== undefined && since >= REST_TICKS) this.#why = news;
    else if (since >= CHECK_TICKS) this.#why = `it has gone on for ${since} ticks`;
  }

  /** One call of the model, and what comes of it. */
  async #decide(): Promise<DecisionEntry['outcome']> {
    const { profile } = this.#settings;
    const { tick } = this.view;
    this.#decidedAt = tick;
    this.#waits = false;
    this.#observe();
    const number = this.#numDecisions++;
    let isOpen = true;
    const request: ModelRequest = {
      messages: this.#conversation.messages,
      tools: this.#tools,
      maxTokens: profile.sampling.maxTokens,
      temperature: profile.sampling.temperature,
      key: `${this.#seed}/${this.#agent}/${number}`,
      mayRepeat: () => isOpen && bill.lose(),
    };
    const bill = new Bill(this.#ledger, () => Math.ceil(requestLength(request) / 4));
    const base = {
      ...this.#place(),
      kind: 'decision' as const,
      number,
      promptHash: hashPrompt(request),
      turn: this.#conversation.takeFresh(),
    };
    const reply = await this.#ask(request);
    isOpen = false;
    if (reply instanceof ModelError) {
      bill.lose();
      return this.#withoutReply(reply, { ...base, ...bill.sums });
    }
    bill.pay(reply.usage);
    this.#failuresInARow = 0;
    this.#conversation.reply(reply);
    const log = (outcome: DecisionEntry['outcome'], refusal?: Refusal) =>
      this.#settings.onEntry({
        ...base,
        ...bill.sums,
        reply: { ...reply, toolCalls: [...reply.toolCalls] },
        outcome,
        code: refusal?.code,
        sentence: refusal?.sentence,
      });
    const checked = checkReply(reply, this.#verbs);
    const thinking =
      profile.thinkingCost === undefined ? 0 : Math.ceil((20 * reply.usage.completionTokens) / profile.thinkingCost.tokensPerSecond);
    if (typeof checked === 'object' && 'refusal' in checked) {
      log('invalid', checked.refusal);
      this.#conversation.result({ status: 'error', ...checked.refusal });
      const [first] = reply.toolCalls;
      // What was called is quoted in the refusal, and cut there.
      const attempt = attemptAt(this.view, number, first?.name.slice(0, 64) ?? 'nothing', first?.arguments.slice(0, 400) ?? {});
      this.#end(attempt, 'invalid', checked.refusal);
      this.#rejectReply(thinking);
      return 'invalid';
    }
    this.#invalidInARow = 0;
    this.#uselessInARow = 0;
    if (thinking > 0) {
      this.#pending = { call: checked, fromTick: tick + thinking, number };
      log('thinking');
      return 'thinking';
    }
    const { outcome, refusal } = this.#begin(checked, number);
    log(outcome, refusal);
    return outcome;
  }

  /** The reply, or the error that stands for it. Late is an error too. */
  async #ask(request: ModelRequest): Promise<ModelReply | ModelError> {
    const controller = new AbortController();
    const { timeLimited } = this.#settings.profile;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const asked = this.#settings.provider().then((provider) => provider.ask(request, controller.signal));
      if (timeLimited === undefined) return await asked;
      const late = new Promise<ModelError>((resolve) => {
        timer = setTimeout(
          () => resolve(new ModelError('late', `No reply came within ${timeLimited.seconds} s.`)),
          1000 * timeLimited.seconds,
        );
      });
      // A call that is given up may still fail.
      asked.catch(() => undefined);
      return await Promise.race([asked, late]);
    } catch (error) {
      if (error instanceof ModelError) return error;
      throw error;
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  }

  /** Goes on with what is being done, or idles: an ordinary action of the log. */
  #withoutReply(error: ModelError, base: Omit<DecisionEntry, 'outcome'>): DecisionEntry['outcome'] {
    const { onEntry, profile } = this.#settings;
    const outcome = error.code === 'late' ? 'late' : error.code === 'malformed-reply' ? 'invalid' : 'failed';
    onEntry({ ...base, outcome, code: error.code, sentence: error.message });
    if (outcome === 'invalid') {
      this.#conversation.tell(JSON.stringify({ status: 'error', code: error.code, sentence: error.message }));
      this.#rejectReply(0);
      return outcome;
    }
    this.#why = undefined;
    this.#restsUntil = this.view.tick + IDLE_TICKS;
    if (outcome === 'failed' && ++this.#failuresInARow >= MOST_FAILURES)
      throw new EngineError(
        'model-failed',
        `The model of the profile "${profile.name}" must answer; got ${MOST_FAILURES} failures in a row, the last: ${error.message}`,
      );
    return outcome;
  }

  /** After a reply that cannot be used: asks again at once, after some in a row rests, and after many asks no more. */
  #rejectReply(thinkingTicks: number): void {
    if (++this.#uselessInARow >= MOST_USELESS) {
      this.#why = undefined;
      this.#retire(`${MOST_USELESS} replies in a row could not be used: nothing is asked any more in this episode.`, 'replies');
      return;
    }
    if (++this.#invalidInARow < MOST_INVALID) {
      this.#restsUntil = this.view.tick + thinkingTicks;
      return;
    }
    this.#invalidInARow = 0;
    this.#why = undefined;
    this.#restsUntil = this.view.tick + Math.max(IDLE_TICKS, thinkingTicks);
  }

  /** Questions and refusals leave what is under way as it is, and a decision still due. */
  #begin(call: CheckedCall, number: number): { outcome: 'begun' | 'continued' | 'answered' | 'refused'; refusal?: Refusal } {
    if (call === 'continue') {
      this.#why = undefined;
      if (this.#run === undefined) {
        this.#waits = true;
        this.#restsUntil = this.view.tick + IDLE_TICKS;
        this.#conversation.result({ status: 'done', sentence: 'You waited for a second, since there was nothing to go on with.' });
      }
      return { outcome: 'continued' };
    }
    const attempt = attemptAt(this.view, number, call.skill.name, call.args);
    const begun = call.skill.begin(this.#body, call.args);
    if ('step' in begun) {
      this.#why = undefined;
      if (this.#run !== undefined) this.#end(this.#run.attempt, 'left', { sentence: 'It was left for something else.', facts: {} });
      this.#run = { skill: call.skill, run: begun, attempt };
      return { outcome: 'begun' };
    }
    if ('answer' in begun) {
      this.#conversation.result({ status: 'done', ...begun.answer });
      this.#end(attempt, 'done', begun.answer);
      return { outcome: 'answered' };
    }
    this.#conversation.result({ status: 'refused', ...begun.refusal });
    this.#end(attempt, 'refused', begun.refusal);
    return { outcome: 'refused', refusal: begun.refusal };
  }

  /** Brings the conversation up to now. */
  #observe(): void {
    const { tick } = this.view;
    if (this.#run !== undefined) {
      const { run } = this.#run;
      this.#conversation.result({ status: 'running', doing: run.doing, progress: Math.round(100 * run.progress) / 100, why: this.#why });
    }
    if (this.#conversation.isTooLong) {
      this.#conversation.begin();
      this.#perception.reset();
      this.#observedAt = -1;
      this.#news.unshift(...(this.#memory?.opening() ?? []));
    }
    for (const sentence of this.#news.splice(0)) this.#conversation.tell(sentence);
    if (tick === this.#observedAt) return;
    this.#observedAt = tick;
    this.#conversation.tell(this.#perception.turn({ ownGoal: this.#body.intentions.goal }));
  }

  /** Nothing is asked any more: what is under way goes on to its end. */
  #retire(sentence: string, name: 'budget' | 'replies' = 'budget'): void {
    this.#isRetired = true;
    this.#noteResult(name, name === 'budget' ? 'spent' : 'useless', { sentence });
  }

  /** What a call came to: a loop that it completes is told in the next turn. */
  #end(attempt: Attempt, status: AttemptEnd, end: Answer | Refusal): void {
    const code = 'code' in end ? end.code : undefined;
    this.#news.push(...(this.#memory?.end(attempt, status, end) ?? []));
    const loop = this.#loops.note(endedStep(this.view, attempt, status, code, end.facts));
    if (loop === undefined) return;
    this.#news.push(loop.sentence);
    const { period, rounds, ticks } = loop;
    this.#settings.onEntry({
      kind: 'result',
      ...this.#place(),
      name: 'loop',
      status: 'stuck',
      loop: { period, rounds, ticks },
      sentence: loop.sentence,
    });
  }

  #noteResult(name: string, status: ResultEntry['status'], end: Answer | Refusal | { sentence: string }): void {
    const code = 'code' in end ? end.code : undefined;
    this.#settings.onEntry({ kind: 'result', ...this.#place(), name, status, code, sentence: end.sentence });
  }

  get #agent(): string {
    return this.view.roster[this.view.slot].id;
  }

  /** Seed words of the episode. */
  get #seed(): string {
    return this.view.seed.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #place() {
    const { row, slot, tick } = this.view;
    return { row, slot, agent: this.#agent, profile: this.#settings.profile.name, seed: this.#seed, tick };
  }
}
