/** What every check of a scenario needs: its names, its size, and the list that problems are added to. Each method adds an issue when its value is wrong. */
import { ITEM_ALIASES, ITEM_BY_NAME } from '../blocks/items.js';
import { BLOCK_BY_NAME } from '../blocks/registry.js';
import { didYouMean, type ScenarioIssue } from '../errors.js';
import { mobsOf } from '../survival/mob-entries.js';
import { createIssue } from './issues.js';
import type { Scenario } from './schema.js';
import type { PathKey } from './schema-walk.js';
import { createAgentIndex, createPropIndex, expandedIds } from './selection.js';
import { type Literal, MAX_NAME_LENGTH } from './values.js';

export type LiteralScenario = Literal<Scenario>;
export type Cell = readonly [number, number, number];
export type Region = readonly [Cell, Cell];
export type Path = PathKey[];

export class CheckContext {
  readonly issues: ScenarioIssue[] = [];
  readonly scenario: LiteralScenario;
  /** File name or other origin, named in every message. */
  readonly where: string;
  readonly size: readonly number[];
  readonly propNames: ReadonlyMap<string, number[]>;
  readonly mechanismIds: readonly string[];
  readonly #agentNames: ReadonlyMap<string, number[]>;

  constructor(scenario: LiteralScenario, where: string) {
    this.scenario = scenario;
    this.where = where;
    this.size = scenario.world.size;
    this.#agentNames = createAgentIndex(scenario.agents);
    this.propNames = createPropIndex(scenario.props);
    this.mechanismIds = scenario.mechanisms.map((mechanism) => mechanism.id);
  }

  add(code: string, path: Path, requirement: string, got: unknown, next = ''): void {
    this.issues.push(createIssue(code, path, requirement, got, this.where, next));
  }

  target(target: string | readonly string[] | Cell, path: Path): void {
    if (typeof target !== 'string' && typeof target[0] === 'number') this.cell(target as Cell, path);
    else
      this.names(
        target as string | readonly string[],
        new Map([...this.#agentNames, ...this.propNames]),
        path,
        'must be an agent, team, role or prop',
      );
  }

  selector(selector: string | readonly string[], path: Path): void {
    this.names(selector, this.#agentNames, path, 'must be an agent, counted entry, team, role or "all"');
  }

  team(team: string, path: Path): void {
    const teams = new Set(this.scenario.agents.map((agent) => agent.team));
    if (!teams.has(team)) this.add('unknown-team', path, 'must name a team of an agent', team, hint(team, teams));
  }

  mob(name: string, path: Path): void {
    const names = mobsOf(this.scenario.survival ?? {}).map((mob) => mob.name);
    if (!names.includes(name)) this.add('unknown-mob', path, 'must name mobs of "survival.mobs"', name, hint(name, names));
  }

  trader(path: Path): void {
    if (mobsOf(this.scenario.survival ?? {}).some(({ trades }) => trades.length > 0)) return;
    this.add('no-trader', path, 'must have a mob that trades in "survival.mobs"', 'traders', 'Add {"kind": "villager"}.');
  }

  mechanism(id: string, path: Path): void {
    if (!this.mechanismIds.includes(id))
      this.add('unknown-mechanism', path, 'must be the id of a mechanism', id, hint(id, this.mechanismIds));
  }

  symbol(symbol: string, path: Path): void {
    const { enabled, symbols } = this.scenario.messages;
    if (!enabled)
      this.add(
        'messages-off',
        path,
        'must not be asked for while messages are off',
        symbol,
        'Set "messages.enabled" to true and declare the symbol.',
      );
    else if (!symbols.includes(symbol))
      this.add('unknown-symbol', path, 'must be one of "messages.symbols"', symbol, hint(symbol, symbols));
  }

  names(names: string | readonly string[], known: ReadonlyMap<string, unknown>, path: Path, requirement: string): void {
    if (typeof names === 'string') this.name(names, known, path, requirement);
    else for (const [i, name] of names.entries()) this.name(name, known, [...path, i], requirement);
  }

  name(name: string, names: ReadonlyMap<string, unknown>, path: Path, requirement: string): void {
    if (!names.has(name)) this.add('unknown-name', path, requirement, name, hint(name, names.keys()));
  }

  block(name: string, path: Path): void {
    if (!BLOCK_BY_NAME.has(name))
      this.add('unknown-block', path, 'must be a block of the registry', name, hint(name, BLOCK_BY_NAME.keys()));
  }

  item(name: string, path: Path): void {
    if (ITEM_BY_NAME.has(name) || Object.hasOwn(ITEM_ALIASES, name)) return;
    this.add(
      'unknown-item',
      path,
      'must be an item of the registry',
      name,
      hint(name, [...ITEM_BY_NAME.keys(), ...Object.keys(ITEM_ALIASES)]),
    );
  }

  cell(cell: Cell, path: Path): void {
    if (cell.some((value, axis) => value < 0 || value >= this.size[axis])) {
      this.add(
        'outside-world',
        path,
        `must lie in the world of size [${this.size}]`,
        cell,
        `Use [0, 0, 0]..[${this.size.map((n) => n - 1).join(', ')}].`,
      );
    }
  }

  region(region: Region, path: Path): void {
    this.cell(region[0], [...path, 0]);
    this.cell(region[1], [...path, 1]);
    if (region[0].some((value, axis) => value > region[1][axis]))
      this.add('region-order', path, 'must have its lower corner first', region);
  }

  spawn(spawn: LiteralScenario['agents'][number]['spawn'], path: Path): void {
    if ('at' in spawn) this.cell(spawn.at, [...path, 'at']);
    else if ('region' in spawn) this.region(spawn.region, [...path, 'region']);
    else if (spawn.atMetres.some((value, axis) => value > this.size[axis])) {
      this.add('outside-world', [...path, 'atMetres'], `must lie in the world of size [${this.size}]`, spawn.atMetres);
    }
  }

  /** A counted entry's longest id must be a name too. */
  idLength(entry: { id: string; count?: number | undefined }, path: Path): void {
    const ids = expandedIds(entry);
    if (ids[ids.length - 1].length > MAX_NAME_LENGTH)
      this.add('limit', [...path, 'id'], `must leave room for its number within ${MAX_NAME_LENGTH} characters`, entry.id, 'Shorten it.');
  }

  unique(names: readonly string[], path: Path, what: string): void {
    const seen = new Set<string>();
    const reported = new Set<string>();
    for (const name of names) {
      if (seen.has(name) && !reported.has(name)) {
        reported.add(name);
        this.add('duplicate-name', path, `must have each ${what} once`, name, 'Rename one of them.');
      }
      seen.add(name);
    }
  }
}

/** The nearest name, or all of them when they are few. */
export function hint(got: string, names: Iterable<string>): string {
  const known = [...names];
  const near = didYouMean(got, known);
  if (near !== '') return near;
  if (known.length === 0) return 'There is none to choose from.';
  return known.length <= 20 ? `Choose one of ${known.map((name) => `"${name}"`).join(', ')}.` : 'docs/blocks.md lists them all.';
}
