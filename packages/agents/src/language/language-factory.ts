/**
 * Language agents as a policy: a profile and a host become a factory. `kinovox run --policy llm:FILE` reads the file; a program gives the profile itself:
 * `runPolicies(env, { ada: createLanguageFactory(profile, host), default: createPolicy('scripted') })`. Await `think` before `act`.
 */
import { UsageError } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { SearchSpace } from '../navigation/search-space.js';
import type { PolicyFactory } from '../policy.js';
import type { LanguageEntry } from './loop/decision.js';
import { LanguagePolicy } from './loop/language-policy.js';
import { EpisodeMemory } from './memory/episode-memory.js';
import { type MemoryFiles, MemoryStore } from './memory/store.js';
import type { ModelProvider } from './model.js';
import { createEyes } from './perception/eyes.js';
import { createPerception } from './perception/perception.js';
import type { Profile } from './profile.js';
import { checkProvider, createProvider, type ProviderHost } from './providers/create-provider.js';
import { limitParallel } from './providers/parallel.js';
import { createSkillBody, type MoveLibraries } from './skill-body.js';

export interface LanguageHost extends ProviderHost {
  /** Told of every decision and of how actions end, in the order in which replies come: sort by row and slot what must not depend on it. */
  onEntry?(entry: LanguageEntry): void;
  /** Where the memory of the profile is kept; it must be given where the profile has one. */
  readonly memory?: MemoryFiles;
  /** In place of the profile's own provider. */
  readonly provider?: ModelProvider;
}

/** @throws UsageError for what can be known to fail: a key that is not set, a log that cannot be read. */
export function createLanguageFactory(profile: Profile, host: LanguageHost): PolicyFactory {
  if (host.provider === undefined) checkProvider(profile, host);
  if (profile.memory !== undefined && host.memory === undefined)
    throw new UsageError(
      'memory-host',
      `The memory of the profile "${profile.name}" must be kept by the host; got none that keeps one. Play it by kinovox run, or give LanguageHost.memory.`,
    );
  const memory = profile.memory === undefined ? undefined : new MemoryStore(host.memory!);
  let made: Promise<ModelProvider> | undefined;
  const create = async () => limitParallel(host.provider ?? (await createProvider(profile, host)), profile.parallel);
  const provider = () => (made ??= create());
  const space = new SearchSpace();
  const libraries: MoveLibraries = new WeakMap();
  return {
    name: `llm:${profile.name}`,
    create: () =>
      new LanguagePolicy({
        profile,
        provider,
        createBody: (view: AgentView) => createSkillBody(view, { say: (text) => view.say(text), space, libraries }),
        createPerception: (view: AgentView, { perception: { coordinates, detail, tokenBudget } }: Profile) =>
          createPerception(view, { coordinates, detail, turnTokens: tokenBudget }),
        createEyes: (view: AgentView, { perception: { camera } }: Profile) => createEyes(view, camera),
        createMemory: (view: AgentView) => (memory === undefined ? undefined : new EpisodeMemory(memory, view, profile.memory!)),
        onEntry: (entry) => host.onEntry?.(entry),
      }),
  };
}
