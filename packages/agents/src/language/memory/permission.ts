/**
 * What may be read: by whom, and in which episode. What was learned on train may be read everywhere; what was met on validation and test only in the same
 * episode of the same split, and never on train. Each split has a file of its own, and an episode writes to that of its split alone.
 */
import { SPLITS, type Split } from '@kinovox/world';
import type { Source } from './record.js';

/** Who reads, and in which episode. */
export interface Reader extends Pick<Source, 'scenario' | 'split' | 'seed' | 'agent'> {
  /** Whether the scenario hides goals from somebody: then nobody reads what others knew. */
  readonly hasSecrets: boolean;
}

export function mayRead(reader: Reader, { split, seed, scenario, agent }: Source): boolean {
  // Somebody who knows a hidden goal must not tell it to one who does not, by way of the memory.
  if (reader.hasSecrets && agent !== reader.agent) return false;
  if (split === 'train') return true;
  return split === reader.split && seed === reader.seed && scenario === reader.scenario;
}

/** Splits whose files an episode of a split reads. */
export function readableSplits(split: Split): readonly Split[] {
  return SPLITS.filter((other) => other === 'train' || other === split);
}
