/** What an agent's model is told: the conversation, brought up to now before each call with what is under way, what was found out, and what is perceived. */
import type { AgentView } from '../../agent-view.js';
import type { SkillBody, SkillRun } from '../skill.js';
import type { Chronicle } from './chronicle.js';
import { Conversation } from './conversation.js';
import type { LanguageSettings } from './language-settings.js';
import { systemPrompt } from './system-prompt.js';

export class Briefing {
  readonly #view: AgentView;
  readonly #body: SkillBody;
  readonly #chronicle: Chronicle;
  readonly #newConversation: () => Conversation;
  readonly #perception: ReturnType<LanguageSettings['createPerception']>;
  readonly #eyes: ReturnType<LanguageSettings['createEyes']>;
  #conversation: Conversation;
  #observedAt = -1;

  constructor(view: AgentView, body: SkillBody, chronicle: Chronicle, { profile, createPerception, createEyes }: LanguageSettings) {
    this.#view = view;
    this.#body = body;
    this.#chronicle = chronicle;
    this.#perception = createPerception(view, profile);
    this.#eyes = createEyes(view, profile);
    const system = systemPrompt(profile);
    const { prompt, perception, feedback } = profile;
    this.#newConversation = () => new Conversation(system, prompt.maxTokens, perception.camera?.maxPictures, feedback);
    this.#conversation = this.#newConversation();
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /** An episode begins. */
  reset(): void {
    this.#conversation = this.#newConversation();
    this.#forget();
  }

  /** Takes in what happened in the tick before. */
  notice(): void {
    this.#perception.notice();
  }

  /** Brings the conversation up to now. @param run under way. @param why it is to be looked at before its end. */
  update(run: SkillRun | undefined, why: string | undefined): void {
    const { tick } = this.#view;
    if (run !== undefined)
      this.#conversation.result({ status: 'running', doing: run.doing, progress: Math.round(100 * run.progress) / 100, why });
    if (this.#conversation.isTooLong) {
      this.#conversation.begin();
      this.#forget();
      this.#chronicle.openAgain();
    }
    for (const sentence of this.#chronicle.takeNews()) this.#conversation.tell(sentence);
    if (tick === this.#observedAt) return;
    this.#observedAt = tick;
    const turn = this.#perception.turn({ ownGoal: this.#body.intentions.goal, spoken: this.#chronicle.takeWords() });
    this.#conversation.tell(turn, this.#eyes.look());
  }

  /** The next turn tells everything. */
  #forget(): void {
    this.#perception.reset();
    this.#eyes.reset();
    this.#observedAt = -1;
  }
}
