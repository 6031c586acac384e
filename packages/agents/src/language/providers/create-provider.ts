/** Providers by the name in a profile. Clients of networks are loaded when they are first needed. */
import { UsageError } from '@kinovox/world';
import type { ModelProvider } from '../model.js';
import type { Profile } from '../profile.js';
import { createAnthropicProvider } from './anthropic.js';
import { createLlamaProvider } from './llama.js';
import { createOpenAiProvider } from './openai.js';
import { createReplayProvider } from './replay.js';
import { createScriptedProvider } from './scripted.js';
import { type Environment, readSecret } from './secret.js';

/** What providers use of their host. */
export interface ProviderHost {
  /** Where keys are read. */
  readonly environment: Environment;
  /** Reads a text file that a profile names. */
  readText?(path: string): string;
}

/** What can be known before the first call. @throws UsageError for a key that is not set, or a log that cannot be read. */
export function checkProvider(profile: Profile, { environment, readText }: ProviderHost): void {
  readSecret(profile, environment);
  if (profile.provider === 'replay') readLog(profile, readText);
}

/** @throws UsageError as `checkProvider`, and for a library that is not installed. */
export async function createProvider(profile: Profile, host: ProviderHost): Promise<ModelProvider> {
  switch (profile.provider) {
    case 'openai':
      return createOpenAiProvider(profile, host.environment);
    case 'anthropic':
      return createAnthropicProvider(profile, host.environment);
    case 'llama':
      return createLlamaProvider(profile);
    case 'replay':
      return createReplayProvider(readLog(profile, host.readText), profile.model!);
    case 'scripted':
      return createScriptedProvider();
  }
}

function readLog({ model }: Profile, readText: ProviderHost['readText']): string {
  if (readText !== undefined) return readText(model!);
  throw new UsageError(
    'replay-log',
    `A replayed log must be read by the host; got none that reads files for "${model}". Play it by kinovox run.`,
  );
}
