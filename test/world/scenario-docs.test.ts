import { readFileSync } from 'node:fs';
import { buildLevel, COMBINATOR_NAMES, levelSeed, loadScenarioText, PREDICATE_NAMES, resolveScenario, SPLITS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1]);

describe('docs/scenarios.md', () => {
  it('holds examples that build in every split', () => {
    expect(examples).toHaveLength(5);
    for (const text of examples) {
      for (const split of SPLITS) {
        for (const variant of [0, 1, 2, 3]) {
          const resolved = resolveScenario(loadScenarioText(text, 'docs/scenarios.md'), split, variant);
          expect(buildLevel(resolved, levelSeed(resolved)).spawns.length).toBe(resolved.agents.length);
        }
      }
    }
  });

  it('names every predicate and combinator', () => {
    for (const name of [...PREDICATE_NAMES, ...COMBINATOR_NAMES]) expect(page).toContain(`\`${name}\``);
  });
});
