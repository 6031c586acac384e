/**
 * The levels of a batch's first episodes, built before its engine is made: with turns in between for whatever else the process has to do, such as signals and
 * progress. An engine alone would build them all in one go.
 */
import type { SetupProgress, VariantData, VariantSource } from '@kinovox/physics';
import { drawVariant, splitSeed } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import type { EngineSettings } from './engine-choice.js';

/** Levels are built for so long before others get their turn. */
const TURN_MS = 20;

/** Levels held for an engine that is about to be made, beside those that the split keeps. */
export interface FirstLevels extends VariantSource {
  /** Lets go of them, once the rows hold their own: from then on the split alone is asked. */
  release(): void;
}

/** @throws ScenarioError for a level that cannot be built. */
export async function buildFirstLevels(
  compiled: CompiledScenario,
  { split, numWorlds, seed, from }: Pick<EngineSettings, 'split' | 'numWorlds' | 'seed' | 'from'>,
  onProgress?: SetupProgress,
): Promise<FirstLevels> {
  const levels = compiled.playableLevels(split);
  const wanted = new Set<number>();
  if (from !== undefined) wanted.add(from.variant);
  for (let row = 0; row < numWorlds && from === undefined; row++) {
    const { low, high } = splitSeed(seed + row);
    wanted.add(drawVariant(compiled.program.numVariants, low, high));
  }
  let held: Map<number, VariantData> | undefined = new Map();
  let since = performance.now();
  for (const variant of wanted) {
    held.set(variant, levels.get(variant));
    onProgress?.('levels', held.size, wanted.size);
    if (performance.now() - since < TURN_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  }
  return {
    get: (variant) => held?.get(variant) ?? levels.get(variant),
    release() {
      held = undefined;
    },
  };
}
