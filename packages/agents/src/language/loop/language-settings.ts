/** What a language policy gets from its factory. */
import type { AgentView } from '../../agent-view.js';
import type { EpisodeMemory } from '../memory/episode-memory.js';
import type { ModelProvider } from '../model.js';
import type { Eyes } from '../perception/eyes.js';
import type { Perception } from '../perception/perception.js';
import type { Profile } from '../profile.js';
import type { SkillBody } from '../skill.js';
import type { LanguageEntry } from './decision.js';

export interface LanguageSettings {
  readonly profile: Profile;
  /** Asked once; awaited before the first call. */
  readonly provider: () => Promise<ModelProvider>;
  readonly createBody: (view: AgentView) => SkillBody;
  readonly createPerception: (view: AgentView, profile: Profile) => Perception;
  readonly createEyes: (view: AgentView, profile: Profile) => Eyes;
  /** Undefined for a profile without memory. */
  readonly createMemory: (view: AgentView) => EpisodeMemory | undefined;
  readonly onEntry: (entry: LanguageEntry) => void;
}
