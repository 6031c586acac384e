/**
 * What one language agent keeps between ticks, and how it decides.
 * Data flow per decision: results and observation -> prompt -> provider -> reply -> a checked call -> a skill's run -> keys, tick by tick.
 */
import { type AgentPlan, UsageError } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import { Controls } from '../../skills/controls.js';
import { intendedPlan } from '../intended-way.js';
import { type CheckedCall, checkReply, toolsOf, verbsOf } from '../levels/action-level.js';
import { ModelError, type ModelReply, type ModelRequest, type ModelTool, requestLength } from '../model.js';
import { diedRefusal } from '../outcome.js';
import { hashPrompt } from '../prompt-hash.js';
import type { Refusal, Skill, SkillBody, SkillRun } from '../skill.js';
import { askModel } from './ask-model.js';
import { type Attempt, attemptAt } from './attempt.js';
import { Attention } from './attention.js';
import { Briefing } from './briefing.js';
import { Chronicle } from './chronicle.js';
import type { DecisionEntry } from './decision.js';
import type { LanguageSettings } from './language-settings.js';
import { Bill, Ledger } from './ledger.js';
import { IDLE_TICKS, ReplyPatience } from './reply-patience.js';

/** Answers that take no time, in one tick: questions beyond wait for the next. */
const MOST_ANSWERS = 8;

type Outcome = DecisionEntry['outcome'];

export class Mind {
  readonly view: AgentView;
  readonly #settings: LanguageSettings;
  readonly #verbs: readonly Skill[];
  readonly #tools: readonly ModelTool[];
  readonly #body: SkillBody;
  readonly #chronicle: Chronicle;
  readonly #briefing: Briefing;
  readonly #attention: Attention;
  readonly #patience = new ReplyPatience();
  #ledger: Ledger;
  /** The action under way. */
  #run: { skill: Skill; run: SkillRun; attempt: Attempt } | undefined;
  /** A call that takes effect when the time that thinking cost is over. */
  #pending: { call: CheckedCall; fromTick: number; number: number } | undefined;
  #isRetired = false;
  #numDecisions = 0;
  #thoughtAt = -1;
  /** What it meant to do before it began to decide in this tick: others are told that, whoever is answered first. */
  #announced: AgentPlan | undefined;

  constructor(view: AgentView, settings: LanguageSettings) {
    const { profile } = settings;
    this.view = view;
    this.#settings = settings;
    this.#verbs = verbsOf(profile.actionLevel, view);
    this.#tools = toolsOf(this.#verbs);
    this.#body = settings.createBody(view);
    this.#chronicle = new Chronicle(view, profile, settings.createMemory(view), settings.onEntry);
    this.#briefing = new Briefing(view, this.#body, this.#chronicle, settings);
    this.#attention = new Attention(view);
    this.#ledger = new Ledger(profile);
  }

  reset(): void {
    const { profile } = this.#settings;
    this.#body.reset();
    this.#briefing.reset();
    this.#attention.reset();
    this.#patience.reset();
    this.#ledger = new Ledger(profile);
    this.#run = undefined;
    this.#pending = undefined;
    this.#isRetired = false;
    this.#numDecisions = 0;
    this.#thoughtAt = -1;
    this.#announced = undefined;
    this.#chronicle.reset();
  }

  /** What a person who watches says: told by the next turn. */
  hear(text: string): void {
    this.#chronicle.hear(text);
  }

  async think(): Promise<void> {
    const { tick } = this.view;
    this.#thoughtAt = tick;
    if (this.#settings.profile.provider === 'replay') await this.#hearRecorded();
    this.#briefing.notice();
    this.#chronicle.notice();
    if (this.view.events().some(({ kind, agent }) => kind === 'respawned' && agent === this.view.slot)) this.#comeBack();
    this.#attention.notice(this.#run?.skill, this.#chronicle.hasWords);
    this.#announced = this.#isDue || this.#pending !== undefined ? this.plan() : undefined;
    let answers = 0;
    if (this.#pending !== undefined && tick >= this.#pending.fromTick) {
      const { call, number } = this.#pending;
      this.#pending = undefined;
      const { refusal } = this.#begin(call, number);
      if (refusal !== undefined && call !== 'continue') this.#chronicle.result(call.skill.name, 'refused', refusal);
    }
    while (this.#isDue) {
      const spent = this.#ledger.spent;
      if (spent !== undefined) return this.#retire(spent, 'budget');
      if (answers >= MOST_ANSWERS) return this.#attention.rest(1);
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
    this.#announced = undefined;
    if (this.#run === undefined) return;
    const { run, skill, attempt } = this.#run;
    const step = run.step(new Controls(this.view, out));
    if (step.status === 'running') return;
    this.#run = undefined;
    const end = step.status === 'done' ? step.answer : step.refusal;
    if (step.status === 'done') this.#briefing.conversation.result({ status: step.status, ...end });
    else this.#briefing.conversation.refuse(step.status, step.refusal);
    this.#chronicle.result(skill.name, step.status, end);
    this.#chronicle.end(attempt, step.status, end);
  }

  /** What it meant to do when it last acted. */
  plan(): AgentPlan {
    const doing = this.#run?.run.doing;
    return this.#announced ?? intendedPlan(this.#body, doing === undefined ? 'Does nothing.' : `${this.#run!.skill.name}: ${doing}.`);
  }

  get #isDue(): boolean {
    return !this.#isRetired && this.#pending === undefined && this.#attention.isDue(this.#run !== undefined);
  }

  /** A log that is replayed holds what people said, too: its prompts tell it. */
  async #hearRecorded(): Promise<void> {
    const { heard } = await this.#settings.provider();
    const { seed, agent, tick } = this.#chronicle.place;
    for (const text of heard?.(seed, agent, tick) ?? []) this.hear(text);
  }

  /** One call of the model, and what comes of it. */
  async #decide(): Promise<Outcome> {
    const { profile, provider } = this.#settings;
    this.#attention.decide();
    this.#briefing.update(this.#run?.run, this.#attention.why);
    const { conversation } = this.#briefing;
    const number = this.#numDecisions++;
    const { place } = this.#chronicle;
    let isOpen = true;
    const request: ModelRequest = {
      messages: conversation.messages,
      tools: this.#tools,
      maxTokens: profile.sampling.maxTokens,
      temperature: profile.sampling.temperature,
      key: `${place.seed}/${place.agent}/${number}`,
      mayRepeat: () => isOpen && bill.lose(),
    };
    const bill = new Bill(this.#ledger, () => Math.ceil(requestLength(request) / 4));
    const { text: turn, images } = conversation.takeFresh();
    const seen = images.length === 0 ? {} : { images: images.map(({ hash, width, height }) => ({ hash, width, height })) };
    const base = { ...place, kind: 'decision' as const, number, promptHash: hashPrompt(request), turn, ...seen };
    const reply = await askModel(provider, request, profile.timeLimited);
    isOpen = false;
    if (reply instanceof ModelError) {
      bill.lose();
      return this.#withoutReply(reply, { ...base, ...bill.sums });
    }
    bill.pay(reply.usage);
    return this.#withReply(reply, { ...base, ...bill.sums });
  }

  #withReply(reply: ModelReply, base: Omit<DecisionEntry, 'outcome'>): Outcome {
    const { thinkingCost } = this.#settings.profile;
    const { number, tick } = base;
    this.#patience.answered();
    this.#briefing.conversation.reply(reply);
    const log = (outcome: Outcome, refusal?: Refusal) =>
      this.#chronicle.decision({
        ...base,
        reply: { ...reply, toolCalls: [...reply.toolCalls] },
        outcome,
        code: refusal?.code,
        sentence: refusal?.sentence,
      });
    const checked = checkReply(reply, this.#verbs);
    const thinking = thinkingCost === undefined ? 0 : Math.ceil((20 * reply.usage.completionTokens) / thinkingCost.tokensPerSecond);
    if (typeof checked === 'object' && 'refusal' in checked) {
      log('invalid', checked.refusal);
      this.#briefing.conversation.refuse('error', checked.refusal);
      const [first] = reply.toolCalls;
      // What was called is quoted in the refusal, and cut there.
      const attempt = attemptAt(this.view, number, first?.name.slice(0, 64) ?? 'nothing', first?.arguments.slice(0, 400) ?? {});
      this.#chronicle.end(attempt, 'invalid', checked.refusal);
      this.#rejectReply(thinking);
      return 'invalid';
    }
    this.#patience.used();
    if (thinking > 0) {
      this.#pending = { call: checked, fromTick: tick + thinking, number };
      log('thinking');
      return 'thinking';
    }
    const { outcome, refusal } = this.#begin(checked, number);
    log(outcome, refusal);
    return outcome;
  }

  /** Goes on with what is being done, or idles: an ordinary action of the log. */
  #withoutReply(error: ModelError, base: Omit<DecisionEntry, 'outcome'>): Outcome {
    const outcome = error.code === 'late' ? 'late' : error.code === 'malformed-reply' ? 'invalid' : 'failed';
    this.#chronicle.decision({ ...base, outcome, code: error.code, sentence: error.message });
    if (outcome === 'invalid') {
      this.#briefing.conversation.refuse('error', { code: error.code, sentence: error.message });
      this.#rejectReply(0);
      return outcome;
    }
    this.#attention.settle();
    this.#attention.rest(IDLE_TICKS);
    if (outcome === 'failed') this.#patience.failed(this.#settings.profile.name, error.message);
    return outcome;
  }

  /** After a reply that cannot be used. */
  #rejectReply(thinkingTicks: number): void {
    const next = this.#patience.rejected();
    if ('giveUp' in next) {
      this.#attention.settle();
      this.#retire(next.giveUp, 'replies');
      return;
    }
    if (next.restTicks > 0) this.#attention.settle();
    this.#attention.rest(Math.max(next.restTicks, thinkingTicks));
  }

  /** Questions and refusals leave what is under way as it is, and a decision still due. */
  #begin(call: CheckedCall, number: number): { outcome: 'begun' | 'continued' | 'answered' | 'refused'; refusal?: Refusal } {
    if (call === 'continue') {
      this.#attention.settle();
      if (this.#run === undefined) {
        this.#attention.wait(IDLE_TICKS);
        this.#briefing.conversation.result({ status: 'done', sentence: 'You waited for a second, since there was nothing to go on with.' });
      }
      return { outcome: 'continued' };
    }
    const attempt = attemptAt(this.view, number, call.skill.name, call.args);
    const begun = call.skill.begin(this.#body, call.args);
    if ('step' in begun) {
      this.#attention.settle();
      if (this.#run !== undefined)
        this.#chronicle.end(this.#run.attempt, 'left', { sentence: 'It was left for something else.', facts: {} });
      this.#run = { skill: call.skill, run: begun, attempt };
      return { outcome: 'begun' };
    }
    if ('answer' in begun) {
      this.#briefing.conversation.result({ status: 'done', ...begun.answer });
      this.#chronicle.end(attempt, 'done', begun.answer);
      return { outcome: 'answered' };
    }
    this.#briefing.conversation.refuse('refused', begun.refusal);
    this.#chronicle.end(attempt, 'refused', begun.refusal);
    return { outcome: 'refused', refusal: begun.refusal };
  }

  /** After its death: what it did is over, and it is asked anew. */
  #comeBack(): void {
    const died = diedRefusal(this.view.tick);
    this.#body.die();
    if (this.#pending !== undefined) {
      const { call } = this.#pending;
      this.#pending = undefined;
      if (call !== 'continue') this.#chronicle.result(call.skill.name, 'refused', died);
      this.#briefing.conversation.refuse('refused', died);
    }
    if (this.#run !== undefined) {
      const { skill, attempt } = this.#run;
      this.#run = undefined;
      this.#briefing.conversation.refuse('refused', died);
      this.#chronicle.result(skill.name, 'refused', died);
      this.#chronicle.end(attempt, 'refused', died);
    }
    this.#attention.settle();
    this.#attention.rest(0);
  }

  /** Nothing is asked any more: what is under way goes on to its end. */
  #retire(sentence: string, name: 'budget' | 'replies'): void {
    this.#isRetired = true;
    this.#chronicle.result(name, name === 'budget' ? 'spent' : 'useless', { sentence });
  }
}
