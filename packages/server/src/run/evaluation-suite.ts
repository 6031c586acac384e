/** The scenarios of `kinovox eval --suite`, by id, tag, suite or path. */
import { createSuite, LANGUAGE_SUITES, type LanguageSuiteName, type Suite } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { didYouMean, UsageError } from '@kinovox/world';
import { findScenario, shippedScenarios } from '../catalog.js';

/** @throws UsageError for a name that is no tag, id or file. */
export function suiteOf(text: string): Suite {
  const shipped = shippedScenarios();
  const tags = [...new Set(shipped.flatMap(({ scenario }) => scenario.tags))];
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const paths = names.flatMap((name) => {
    if (name === 'all') return shipped.map(({ path }) => path);
    const tagged = shipped.filter(({ scenario }) => scenario.tags.includes(name)).map(({ path }) => path);
    if (tagged.length > 0) return tagged;
    const ids = scenariosOfSuite(name);
    if (ids.length > 0) return ids.map((id) => findScenario(id));
    try {
      return [findScenario(name)];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const known = ['all', ALL_LANGUAGE, ...Object.keys(LANGUAGE_SUITES), ...tags, ...shipped.map(({ id }) => id)];
      throw new UsageError(
        'unknown-suite',
        `--suite must name scenarios by id, tag, suite or path, or be all; got "${name}".${didYouMean(name, known) || ` Tags: ${tags.join(', ')}.`}`,
        { cause: error },
      );
    }
  });
  return createSuite(
    text,
    [...new Set(paths)].map((path) => loadScenario(path)),
  );
}

/** All suites for language agents together. */
const ALL_LANGUAGE = 'language';

/** Of a suite for language agents; empty for another name. */
function scenariosOfSuite(name: string): readonly string[] {
  if (name === ALL_LANGUAGE) return Object.values(LANGUAGE_SUITES).flatMap(({ scenarios }) => scenarios);
  return Object.hasOwn(LANGUAGE_SUITES, name) ? LANGUAGE_SUITES[name as LanguageSuiteName].scenarios : [];
}

/** The scenarios that run on both tiers. @throws UsageError where there is none. */
export function withoutProps(suite: Suite): Suite {
  const scenarios = suite.scenarios.filter(({ program }) => program.numProps === 0);
  if (scenarios.length > 0) return createSuite(suite.id, scenarios);
  throw new UsageError(
    'tiers-props',
    `--idle-props must have a scenario that runs on both tiers; got only such with props of their own in "${suite.id}". Name others, or leave it out.`,
  );
}
