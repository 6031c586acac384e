/**
 * A language agent as a policy: it asks its model when a decision is due, and the world waits; between decisions it steps the action that was called for.
 * Deterministic but for the model: with the same replies the same keys come out, whatever the latency and whichever agent is answered first, since an agent
 * keeps all it knows to itself and asks only before a tick. `timeLimited` gives that up, and says so in each entry that a deadline decided.
 */
import type { AgentPlan } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import type { Policy } from '../../policy.js';
import type { LanguageSettings } from './language-settings.js';
import { Mind } from './mind.js';

export class LanguagePolicy implements Policy {
  readonly concurrent = true;
  readonly hear: Policy['hear'];
  readonly #settings: LanguageSettings;
  #mind: Mind | undefined;

  constructor(settings: LanguageSettings) {
    this.#settings = settings;
    // Prompts that are replayed tell what was said when they were recorded, and nothing else.
    if (settings.profile.provider !== 'replay') this.hear = (view, text) => this.#of(view).hear(text);
  }

  reset(view: AgentView): void {
    if (this.#mind?.view !== view) this.#mind = new Mind(view, this.#settings);
    this.#mind.reset();
  }

  async think(view: AgentView): Promise<void> {
    await this.#of(view).think();
  }

  act(view: AgentView, out: Float32Array): void {
    this.#of(view).act(out);
  }

  plan(view: AgentView): AgentPlan {
    return this.#of(view).plan();
  }

  #of(view: AgentView): Mind {
    if (this.#mind?.view !== view) this.reset(view);
    return this.#mind!;
  }
}
