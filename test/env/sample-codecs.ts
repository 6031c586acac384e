/** Codecs of action profiles for a scenario without survival, without an engine behind them. */
import { type ActionProfile, createActionCodec } from '@kinovox/env';

export function codecOf(profile: ActionProfile) {
  return createActionCodec(profile, { program: { survival: undefined, numAgents: 1 }, numWorlds: 1 } as never);
}
