/**
 * Which scenario a name means: a shipped one by its id, or a file by its path.
 * Shipped scenarios stand in `scenarios/<id>.scenario.json` of the project.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as nodePath from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, loadScenarioText, SCENARIO_SUFFIX, type Scenario, UsageError } from '@kinovox/world';

export interface CatalogEntry {
  id: string;
  path: string;
  scenario: Scenario;
}

/** Folder of the shipped scenarios. */
export function scenarioFolder(): string {
  return fileURLToPath(new URL('../../../scenarios/', import.meta.url));
}

/** Ids of the shipped scenarios, sorted. */
export function shippedIds(): string[] {
  const folder = scenarioFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(SCENARIO_SUFFIX))
    .map((name) => name.slice(0, -SCENARIO_SUFFIX.length))
    .sort();
}

/** Every shipped scenario, parsed. @throws ScenarioError for one that is not valid. */
export function shippedScenarios(): CatalogEntry[] {
  return shippedIds().map((id) => {
    const path = shippedPath(id);
    return { id, path, scenario: loadScenarioText(readFileSync(path, 'utf8'), path) };
  });
}

/** The shipped scenarios as the Python client registers them: `python/kinovox/catalog.json`. */
export function renderPythonCatalog(): string {
  const entries = shippedScenarios().map(({ id, scenario: { title, agents } }) => ({
    id,
    title,
    agents: agents.reduce((sum, { count = 1 }) => sum + count, 0),
  }));
  return `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]\n`;
}

/**
 * Path of a scenario by id or path.
 * @param asker what must name it, for the error.
 * @throws UsageError with the nearest id when neither exists.
 */
export function findScenario(name: string, asker = '--scenario'): string {
  const ids = shippedIds();
  if (ids.includes(name)) return shippedPath(name);
  if (existsSync(name) && statSync(name).isFile()) return nodePath.resolve(name);
  if (existsSync(`${name}${SCENARIO_SUFFIX}`)) return nodePath.resolve(`${name}${SCENARIO_SUFFIX}`);
  const hint = didYouMean(name, ids) || ' "kinovox scenarios" lists the shipped ones.';
  throw new UsageError('unknown-scenario', `${asker} must be the id of a shipped scenario or the path of a file; got "${name}".${hint}`);
}

/** Files that arguments mean: files as they are, folders as the scenarios in them. @throws UsageError when there is none. */
export function scenarioFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) {
      if (shippedIds().includes(path)) return [shippedPath(path)];
      throw new UsageError(
        'no-such-file',
        `A scenario must be a file or a folder; got "${path}", which does not exist.${didYouMean(path, shippedIds()) || ' Check the path.'}`,
      );
    }
    if (!statSync(path).isDirectory()) return [path];
    const files = readdirSync(path)
      .filter((name) => name.endsWith(SCENARIO_SUFFIX))
      .sort();
    if (files.length === 0)
      throw new UsageError('empty-folder', `A folder must hold files named *${SCENARIO_SUFFIX}; got none in "${path}". Name the files.`);
    return files.map((name) => nodePath.join(path, name));
  });
}

function shippedPath(id: string): string {
  return nodePath.join(scenarioFolder(), `${id}${SCENARIO_SUFFIX}`);
}
